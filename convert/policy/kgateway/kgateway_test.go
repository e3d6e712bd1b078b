package kgateway_test

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/policy"
	"github.com/mesh2gw/mesh2gw/convert/policy/kgateway"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

const edge = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]
`

// service is a VirtualService with the rules.
func service(name, rules string) string {
	return edge + "---\n" + `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ` + name + `, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [edge]
  http:
` + rules
}

const toWeb = "    route: [{destination: {host: web, port: {number: 80}}}]\n"

// What is written is read back as what it was made from: the answers, the
// timeouts and retries, those that nobody wrote included, faults and rewrites.
func TestReadBack(t *testing.T) {
	for name, rules := range map[string]string{
		"answer":       "  - directResponse: {status: 503, body: {string: \"{\\\"a\\\": 1}\\n\"}}\n",
		"no body":      "  - directResponse: {status: 204}\n",
		"nothing":      "  - name: a\n" + toWeb,
		"timeout":      "  - timeout: 1500ms\n" + toWeb,
		"none":         "  - retries: {attempts: 0}\n" + toWeb,
		"as unwritten": "  - retries: {attempts: 2}\n" + toWeb,
		"word":         "  - retries: {attempts: 2, retryOn: \"connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes\"}\n" + toWeb,
		"one try":      "  - retries: {attempts: 7, perTryTimeout: 2s, retryOn: \"gateway-error,429\", backoff: 1s}\n" + toWeb,
		"short try":    "  - timeout: 3s\n    retries: {attempts: 7, perTryTimeout: 2s}\n" + toWeb,
		"long try":     "  - timeout: 3s\n    retries: {attempts: 7, perTryTimeout: 20s}\n" + toWeb,
		"delay":        "  - fault: {delay: {fixedDelay: 1ms, percentage: {value: 100}}}\n" + toWeb,
		"abort":        "  - fault: {abort: {httpStatus: 555, percentage: {value: 99}}}\n" + toWeb,
		"all aborted":  "  - fault: {abort: {grpcStatus: NOT_FOUND, percentage: {value: 100}}}\n" + toWeb,
		"rewrite":      "  - match: [{uri: {exact: /a/b}}]\n    rewrite: {uriRegexRewrite: {match: \"^/a/(.*)$\", rewrite: '/\\1'}, authority: web.example.com}\n" + toWeb,
	} {
		t.Run(name, func(t *testing.T) {
			in := service("shop", rules)
			before := []source.File{{Name: "in.yaml", Data: []byte(in)}}
			var docs []string
			for doc := range strings.Lines(encoded(t, converted(t, in))) {
				docs = append(docs, doc)
			}
			after := []source.File{{Name: "out.yaml", Data: []byte(strings.Join(docs, "---\n"))}}
			got, err := convert.Verify(context.Background(), before, after, convert.VerifyOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Results) == 0 {
				t.Fatal("nothing was compared")
			}
			for _, r := range got.Results {
				if r.Verdict != prove.Equal {
					t.Errorf("%s: %+v\n%s", r.Verdict, r, after[0].Data)
				}
			}
		})
	}
}

// subdomain is what Kubernetes takes for the name of an object.
var subdomain = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

// Names stay names whatever the object is called, and every reference from a
// route hits a resource.
func TestNames(t *testing.T) {
	for _, name := range []string{"a", "a.b-c", strings.Repeat("a", 253), strings.Repeat("a", 243) + "." + strings.Repeat("b", 9)} {
		res := converted(t, service(name, "  - directResponse: {status: 200}\n    match: [{uri: {exact: /a}}]\n  -"+toWeb[3:]))
		made := map[string]bool{}
		text := encoded(t, res)
		for _, o := range res.Objects {
			if n := o.Value.GetName(); o.Kind == "TrafficPolicy" || o.Kind == "DirectResponse" {
				made[n] = true
				if len(n) > 253 || !subdomain.MatchString(n) && subdomain.MatchString(name) {
					t.Errorf("%s is called %q", o.Kind, n)
				}
				if !strings.Contains(text, fmt.Sprintf(`"extensionRef":{"group":"gateway.kgateway.dev","kind":%q,"name":%q}`, o.Kind, n)) {
					t.Errorf("no rule refers to %s %s", o.Kind, n)
				}
			}
		}
		if len(made) != 2 {
			t.Errorf("%s: %d resources", name, len(made))
		}
	}
}

// A body that the CRD does not take is not cut.
func TestLongBody(t *testing.T) {
	for length, want := range map[int]bool{4096: true, 4097: false} {
		res := converted(t, service("shop", "  - directResponse: {status: 200, body: {string: "+strings.Repeat("x", length)+"}}\n"))
		if got := strings.Contains(encoded(t, res), `"kind":"DirectResponse"`); got != want {
			t.Errorf("%d bytes: DirectResponse is written: %t", length, got)
		}
	}
}

// What someone else wrote and is not known here keeps the route from being judged.
func TestUnknownFields(t *testing.T) {
	const rt = `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: shop}, spec: {parentRefs: [{name: edge}], rules: [{name: one, filters: %s, backendRefs: [{name: web, port: 80}]}]}}`
	const gateway = `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: shop}, spec: {gatewayClassName: kgateway, listeners: [{name: http, port: 80, protocol: HTTP}]}}`
	const ref = `[{type: ExtensionRef, extensionRef: {group: gateway.kgateway.dev, kind: TrafficPolicy, name: p}}]`
	for name, c := range map[string]struct{ filters, policy, want string }{
		"known":      {ref, `spec: {timeouts: {request: 1s}}`, "timeout 1s"},
		"missing":    {ref, ``, "opaque"},
		"unknown":    {ref, `spec: {jwtAuth: {}, timeouts: {request: 1s}}`, "opaque"},
		"wrong":      {ref, `spec: {timeouts: {request: [1]}}`, "opaque"},
		"aimed":      {`[]`, `spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}], timeouts: {request: 1s}}`, "timeout 1s"},
		"section":    {`[]`, `spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r, sectionName: two}], timeouts: {request: 1s}}`, ""},
		"gateway":    {`[]`, `spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: edge}], rbac: {}}`, "opaque"},
		"elsewhere":  {`[]`, `spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: other}], rbac: {}}`, ""},
		"bad status": {strings.ReplaceAll(ref, "TrafficPolicy", "DirectResponse"), `spec: {status: 99}`, "opaque"},
	} {
		t.Run(name, func(t *testing.T) {
			docs := gateway + "\n---\n" + fmt.Sprintf(rt, c.filters)
			if c.policy != "" {
				kind := "TrafficPolicy"
				if strings.Contains(c.filters, "DirectResponse") {
					kind = "DirectResponse"
				}
				docs += "\n---\n{apiVersion: gateway.kgateway.dev/v1alpha1, kind: " + kind + ", metadata: {name: p, namespace: shop}, " + c.policy + "}\n"
			}
			side, err := convert.ReadSide(context.Background(), []source.File{{Name: "a.yaml", Data: []byte(docs)}}, nil, convert.VerifyOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, act := range actionsOf(side.Routing) {
				switch {
				case len(act.Opaque) > 0:
					got = "opaque"
				case act.Timeout != nil:
					got = "timeout " + act.Timeout.Request.String()
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Arbitrary documents are bound or not, and nothing panics.
func FuzzBind(f *testing.F) {
	files, err := filepath.Glob("../../../testdata/convert/kgateway-*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range archive.Files {
			if part.Name == "out.yaml" {
				f.Add(part.Data)
			}
		}
	}
	f.Add([]byte("{apiVersion: gateway.kgateway.dev/v1alpha1, kind: TrafficPolicy, spec: {retry: {attempts: 1e99, statusCodes: [-1]}, faultInjection: {abort: {grpcStatus: -3}}}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, _, err := source.Split(context.Background(), []source.File{{Name: "a.yaml", Data: data}})
		if err != nil {
			t.Skip()
		}
		for _, d := range docs {
			if _, _, ok := kgateway.Bind(d); ok {
				policy.Bind(d)
			}
		}
		side, err := convert.ReadSide(context.Background(), []source.File{{Name: "a.yaml", Data: data}}, nil, convert.VerifyOptions{})
		if err == nil {
			actionsOf(side.Routing)
		}
	})
}

// actionsOf are what the rules of a side do.
func actionsOf(r *route.Routing) []*route.Action {
	var all []*route.Action
	for _, d := range r.Doors {
		for _, l := range d.Lists {
			for _, rule := range l.Rules {
				all = append(all, rule.Action)
			}
		}
	}
	return all
}
