package behave

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
)

// answer is one with a body and pairs of headers.
func answer(status int, body string, headers ...string) *client.Answer {
	a := &client.Answer{Status: status, Proto: "HTTP/1.1", Body: []byte(body), Size: int64(len(body)), Header: http.Header{}}
	for i := 0; i+1 < len(headers); i += 2 {
		a.Header.Add(headers[i], headers[i+1])
	}
	return a
}

func TestCompare(t *testing.T) {
	const json = "application/json; charset=utf-8"
	tests := map[string]struct {
		before, after *client.Answer
		want          []Difference
	}{
		"same":                      {answer(200, "x", "content-type", "a", "date", "1"), answer(200, "x", "Content-Type", "a", "Date", "2"), nil},
		"status":                    {answer(200, ""), answer(404, ""), []Difference{{"status", "200", "404"}}},
		"redirect":                  {answer(301, "", "location", "https://a/"), answer(301, "", "location", "https://b/"), []Difference{{"redirect", "https://a/", "https://b/"}}},
		"header":                    {answer(200, "", "vary", "origin"), answer(200, ""), []Difference{{"header Vary", "origin", ""}}},
		"empty header is no header": {answer(200, "", "vary", ""), answer(200, ""), []Difference{{"header Vary", "", ""}}},
		"two values":                {answer(200, "", "vary", "a", "vary", "b"), answer(200, "", "vary", "a, b"), nil},
		"cookie":                    {answer(200, "", "set-cookie", "s=1; Path=/; HttpOnly"), answer(200, "", "set-cookie", "s=2; Path=/"), []Difference{{"cookie s", "path=/ domain= secure=false httpOnly=true sameSite=0", "path=/ domain= secure=false httpOnly=false sameSite=0"}}},
		"body":                      {answer(200, "a"), answer(200, "b"), []Difference{{"body", "1 bytes, sha256 ca978112ca1b", "1 bytes, sha256 3e23e8160039"}}},
		"json":                      {answer(200, `{"a": 1, "b": [1, {"c": null}]}`, "content-type", json), answer(200, `{"b":[1,{"c":2}],"a":1}`, "content-type", json), []Difference{{"body $.b[1].c", "null", "2"}}},
		"large number":              {answer(200, `12345678901234567890`, "content-type", json), answer(200, `12345678901234567891`, "content-type", json), []Difference{{"body $", "12345678901234567890", "12345678901234567891"}}},
		"broken json":               {answer(200, `{`, "content-type", json), answer(200, `{`, "content-type", json), nil},
		"backend":                   {answer(200, "", "x-pod", "v1"), answer(200, "", "x-pod", "v2"), []Difference{{"backend", "v1", "v2"}}},
		"no answer":                 {answer(200, ""), &client.Answer{Failure: client.Timeout}, []Difference{{"body", "0 bytes, sha256 e3b0c44298fc", ""}, {"failure", "", "timeout"}, {"protocol", "HTTP/1.1", ""}, {"status", "200", ""}}},
	}
	backend, err := ParseBackend("header:x-pod")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := Options{Backend: backend}
			if diff := cmp.Diff(test.want, Compare(Observe(test.before, o), Observe(test.after, o))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestVolatile(t *testing.T) {
	const json = "application/json"
	first := Observe(answer(200, `{"id":1,"list":[{"t":1},{"t":2}],"name":"a"}`, "content-type", json), Options{})
	second := Observe(answer(200, `{"id":2,"list":[{"t":3}],"name":"a"}`, "content-type", json), Options{})
	volatile, unsteady := Volatile([]Observation{first, second})
	if diff := cmp.Diff([]string{"body $.id", "body $.list[0].t", "body $.list[1].t"}, volatile); diff != "" || unsteady != nil {
		t.Errorf("volatile (-want +got):\n%s%v", diff, unsteady)
	}
	after := Observe(answer(200, `{"id":9,"list":[{"t":5},{"t":5},{"t":5}],"name":"b"}`, "content-type", json), Options{})
	if diff := cmp.Diff([]Difference{{"body $.name", `"a"`, `"b"`}}, Without(Compare(first, after), volatile)); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	_, unsteady = Volatile([]Observation{Observe(answer(200, ""), Options{}), Observe(answer(503, ""), Options{}), Observe(answer(503, ""), Options{})})
	if diff := cmp.Diff([]Difference{{"status", "200", "503"}}, unsteady); diff != "" {
		t.Errorf("unsteady (-want +got):\n%s", diff)
	}
}

func TestCheck(t *testing.T) {
	backend, err := ParseBackend(`body:served by (\S+)`)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		expect plan.Expect
		answer *client.Answer
		want   []Difference
	}{
		"nothing asked":    {plan.Expect{}, &client.Answer{Failure: client.Reset}, nil},
		"no answer":        {plan.Expect{Status: 200}, &client.Answer{Failure: client.Reset}, []Difference{{"failure", "an answer", "reset"}}},
		"all as expected":  {plan.Expect{Status: 200, Headers: map[string]string{"x": "y"}, Backend: "v1", BodyContains: "by v"}, answer(200, "served by v1 today", "X", "y"), nil},
		"nothing expected": {plan.Expect{Status: 301, Redirect: "https://a/", Headers: map[string]string{"x": "y"}, Backend: "v1", BodyContains: "no"}, answer(200, "served by v2", "x", "z"), []Difference{{"status", "301", "200"}, {"redirect", "https://a/", ""}, {"backend", "v1", "v2"}, {"header X", "y", "z"}, {"body", `contains "no"`, `"served by v2"`}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Check(&test.expect, test.answer, Options{Backend: backend})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for _, wrong := range []string{"", "header:", "body:", "body:(", "query:x"} {
		if _, err := ParseBackend(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
