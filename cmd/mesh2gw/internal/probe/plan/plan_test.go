package plan

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	const head = "version: 1\nrequests:\n"
	tests := map[string]struct{ in, want string }{
		"empty":           {"", "it is empty"},
		"no YAML":         {"a: [", "line 1: did not find expected node content"},
		"unknown key":     {head + "- name: a\n  host: a\n  path: /\n  metod: GET\n", "line 6: field metod not found in type Request"},
		"two documents":   {head + "- {name: a, host: a, path: /}\n---\n{}\n", "it holds more than one document"},
		"version":         {"version: 2\n", "version is 2, and this mesh2gw reads version 1"},
		"no requests":     {"version: 1\n", "it has no requests"},
		"no name":         {head + "- {host: a, path: /}\n", "requests[0] has no name"},
		"same name":       {head + "- {name: a, host: a, path: /}\n- {name: a, host: a, path: /}\n", `there are two requests named "a"`},
		"no host":         {head + "- {name: a, path: /}\n", `request "a": host "" is no host`},
		"host with path":  {head + "- {name: a, host: a/b, path: /}\n", `request "a": host "a/b" is no host`},
		"path":            {head + "- {name: a, host: a, path: 'a b'}\n", `request "a": path "a b" can't be sent: it begins with / and has neither spaces nor #`},
		"space in path":   {head + "- {name: a, host: a, path: '/a b'}\n", `request "a": path "/a b" can't be sent: it begins with / and has neither spaces nor #`},
		"method":          {head + "- {name: a, host: a, path: /, method: 'GE T'}\n", `request "a": method "GE T" is no method`},
		"scheme":          {head + "- {name: a, host: a, path: /, scheme: ftp}\n", `request "a": scheme is "ftp": want http or https`},
		"protocol":        {head + "- {name: a, host: a, path: /, protocol: h3}\n", `request "a": protocol is "h3": want http/1.1, h2, h2c, grpc`},
		"h2 in the clear": {head + "- {name: a, host: a, path: /, protocol: h2}\n", `request "a": protocol h2 does not go with scheme http`},
		"weight":          {head + "- {name: a, host: a, path: /, weight: -2}\n", `request "a": weight is -2: want -1 or more`},
		"header":          {head + "- {name: a, host: a, path: /, headers: {x: \"a\\r\\nb: c\"}}\n", `request "a": header "x": "a\r\nb: c" can't be sent`},
		"status":          {head + "- {name: a, host: a, path: /, expect: {status: 99}}\n", `request "a": expect.status is 99: want 200 to 599`},
		"share":           {head + "- {name: a, host: a, path: /, expect: {shares: {x: 90, y: 10}}}\n", `: want 0 to 1`},
		"sum of shares":   {head + "- {name: a, host: a, path: /, expect: {shares: {x: 0.9, y: 0.2}}}\n", `request "a": expect.shares sum up to 1.1: want 1`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]byte(test.in))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	p := &Plan{Version: Version, Requests: []Request{
		{Name: "GET a/", Host: "a", Path: "/"},
		{
			Name: "all", Why: "because: of it", Method: "POST", Scheme: "https", Host: "a.example.com:8443", Path: "/a?b=%20c", Headers: map[string]string{"x": "", "y": "yes"},
			Body: "{\"a\": 1}\n", Protocol: "h2", Caller: "from namespace a", Weight: -1, Differs: "a today, b afterwards",
			Expect: Expect{Status: 201, Headers: map[string]string{"z": "1"}, Redirect: "https://b/", Backend: "b.a:80", Shares: map[string]float64{"b.a:80": 0.25, "c.a:80": 0.75}, BodyContains: "no"},
		},
	}}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := Read(b.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if diff := cmp.Diff(p, got); diff != "" {
		t.Errorf("read (-written +read):\n%s", diff)
	}
}

func TestUnsafe(t *testing.T) {
	for method, want := range map[string]bool{"": false, "GET": false, "HEAD": false, "OPTIONS": false, "POST": true, "DELETE": true, "PATCH": true, "PUT": true, "CONNECT": true, "get": true, "PURGE": true} {
		if got := (&Request{Method: method}).Unsafe(); got != want {
			t.Errorf("%q: unsafe %v, want %v", method, got, want)
		}
	}
}

// FuzzRead takes any bytes; what it takes is written and read again the same.
func FuzzRead(f *testing.F) {
	f.Add([]byte("version: 1\nrequests:\n- {name: a, host: a, path: /, expect: {shares: {x: 0.5, y: 0.5}}}\n"))
	f.Add([]byte("version: 1\nrequests:\n- name: |\n    a\n  host: a:80\n  path: /?x=1\n  headers: {a: b}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Read(data)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := p.Write(&b); err != nil {
			t.Fatal(err)
		}
		again, err := Read(b.Bytes())
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		var second bytes.Buffer
		if err := again.Write(&second); err != nil || !bytes.Equal(b.Bytes(), second.Bytes()) {
			t.Errorf("written once:\n%s\nand again (%v):\n%s", b.String(), err, second.String())
		}
	})
}
