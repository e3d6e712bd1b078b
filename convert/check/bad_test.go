package check

import (
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/target"
)

func bundle(v target.Version, c target.Channel) target.Bundle {
	return target.Bundle{Version: v, Channel: c}
}

var std17 = bundle(target.V17, target.Standard)

const routeHead = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec:
`

const gatewayHead = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g, namespace: shop}
spec:
  gatewayClassName: istio
  listeners:
`

const serviceHead = `apiVersion: v1
kind: Service
metadata: {name: s, namespace: shop}
spec:
`

var badObjects = []struct {
	name   string
	bundle target.Bundle
	object string
	field  string // of the first problem
	text   string // part of its message
	absent bool
}{
	{"two matches with ReplacePrefixMatch", std17, routeHead + `
  rules:
  - matches: [{path: {type: PathPrefix, value: /a}}, {path: {type: PathPrefix, value: /b}}]
    filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]
`, "spec.rules[0]", "exactly one PathPrefix match must be specified", false},
	{"Exact match with ReplacePrefixMatch", std17, routeHead + `
  rules:
  - matches: [{path: {type: Exact, value: /a}}]
    filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]
`, "spec.rules[0]", "exactly one PathPrefix match must be specified", false},
	{"redirect with backends", std17, routeHead + `
  rules: [{filters: [{type: RequestRedirect, requestRedirect: {statusCode: 301}}], backendRefs: [{name: s, port: 80}]}]
`, "spec.rules[0]", "RequestRedirect filter must not be used together with backendRefs", false},
	{"redirect and rewrite", std17, routeHead + `
  rules: [{filters: [{type: RequestRedirect, requestRedirect: {statusCode: 301}}, {type: URLRewrite, urlRewrite: {hostname: a.b}}]}]
`, "spec.rules[0].filters", "May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both", false},
	{"filter without its body", std17, routeHead + `
  rules: [{filters: [{type: CORS}]}]
`, "spec.rules[0].filters[0]", "filter.cors must be specified for CORS filter.type", false},
	{"percent and fraction", std17, routeHead + `
  rules: [{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: s, port: 80}, percent: 1, fraction: {numerator: 1}}}]}]
`, "spec.rules[0].filters[0].requestMirror", "Only one of percent or fraction", false},
	{"Service backend without a port", std17, routeHead + `
  rules: [{backendRefs: [{name: s}]}]
`, "spec.rules[0].backendRefs[0]", "Must have port for Service reference", false},
	{
		"17 rules", std17, routeHead + "  rules:\n" + strings.Repeat("  - backendRefs: [{name: s, port: 80}]\n", 17),
		"spec.rules", "must have at most 16 items", false,
	},
	{
		"65 matches", std17, routeHead + "  rules:\n  - matches:\n" + strings.Repeat("    - path: {value: /a}\n", 65),
		"spec.rules[0].matches", "must have at most 64 items", false,
	},
	{
		"129 matches in all", std17, routeHead + "  rules:\n" + strings.Repeat("  - matches:\n"+strings.Repeat("    - path: {value: /a}\n", 43), 3),
		"spec.rules", "total number of matches across all rules in a route must be less than 128", false,
	},
	{
		"17 hostnames", std17, routeHead + "  hostnames:\n" + strings.Repeat("  - a.example.com\n", 17) + "  rules: [{}]\n",
		"spec.hostnames", "must have at most 16 items", false,
	},
	{"negative weight", std17, routeHead + `
  rules: [{backendRefs: [{name: s, port: 80, weight: -1}]}]
`, "spec.rules[0].backendRefs[0].weight", "should be greater than or equal to 0", false},
	{"duration with a fraction", std17, routeHead + `
  rules: [{timeouts: {request: 1.5s}}]
`, "spec.rules[0].timeouts.request", "should match", false},
	{"try longer than the request", std17, routeHead + `
  rules: [{timeouts: {request: 1s, backendRequest: 2s}}]
`, "spec.rules[0].timeouts", "backendRequest timeout cannot be longer than request timeout", false},
	{"empty header value", std17, routeHead + `
  rules: [{matches: [{headers: [{name: a, value: ""}]}]}]
`, "spec.rules[0].matches[0].headers[0].value", "should be at least 1 chars long", false},
	{"header named twice", std17, routeHead + `
  rules: [{matches: [{headers: [{name: a, value: x}, {name: a, value: y}]}]}]
`, "spec.rules[0].matches[0].headers[1]", "Duplicate value", false},
	{"method in lower case", std17, routeHead + `
  rules: [{matches: [{method: get}]}]
`, "spec.rules[0].matches[0].method", "supported values", false},
	{"path with two slashes", std17, routeHead + `
  rules: [{matches: [{path: {type: PathPrefix, value: /a//b}}]}]
`, "spec.rules[0].matches[0].path", "must not contain '//'", false},
	{"hostname *", std17, routeHead + `
  hostnames: ["*"]
`, "spec.hostnames[0]", "should match", false},
	{"duplicate rule names", std17, routeHead + `
  rules: [{name: a}, {name: a}]
`, "spec.rules", "Rule name must be unique within the route", false},
	{"parents that differ by port alone", std17, routeHead + `
  parentRefs: [{name: g, port: 80}, {name: g, port: 81}]
`, "spec.parentRefs", "sectionName", false},
	{"retry before it was standard", bundle(target.V16, target.Standard), routeHead + `
  rules: [{retry: {attempts: 2}}]
`, "spec.rules[0].retry", "no such field", true},
	{"no retries in 1.6", bundle(target.V16, target.Experimental), routeHead + `
  rules: [{retry: {attempts: 0}}]
`, "spec.rules[0].retry.attempts", "should be greater than or equal to 1", false},
	{"status code 308 in 1.4", bundle(target.V14, target.Standard), routeHead + `
  rules: [{filters: [{type: RequestRedirect, requestRedirect: {statusCode: 308}}]}]
`, "spec.rules[0].filters[0].requestRedirect.statusCode", `supported values: "301", "302"`, false},
	{"unknown field", std17, routeHead + `
  rules: [{fault: {}}]
`, "spec.rules[0].fault", "no such field", true},
	{"string for a number", std17, routeHead + `
  rules: [{backendRefs: [{name: s, port: "80"}]}]
`, "spec.rules[0].backendRefs[0].port", "must be of type integer", false},
	{"TCPRoute before it was standard", bundle(target.V15, target.Standard), `
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: {name: r}
spec: {rules: [{backendRefs: [{name: s, port: 80}]}]}
`, "kind", "has no kind \"TCPRoute\"", true},
	{"old version of TCPRoute", bundle(target.V16, target.Standard), `
apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TCPRoute
metadata: {name: r}
spec: {rules: [{backendRefs: [{name: s, port: 80}]}]}
`, "apiVersion", "does not serve TCPRoute \"v1alpha2\", but v1", true},
	{"kind of another API", std17, `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: r}
`, "kind", "has no kind \"VirtualService\" in API group \"networking.istio.io\"", true},
	{"TLSRoute without hostnames", std17, `
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {name: r}
spec: {rules: [{backendRefs: [{name: s, port: 80}]}]}
`, "spec.hostnames", "Required value", false},
	{"GRPCRoute match without service and method", std17, `
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: r}
spec: {rules: [{matches: [{method: {type: Exact}}]}]}
`, "spec.rules[0].matches[0].method", "One or both of 'service' or 'method' must be specified", false},
	{"BackendTLSPolicy without CAs", std17, `
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: p}
spec: {targetRefs: [{group: "", kind: Service, name: s}], validation: {hostname: a.example.com}}
`, "spec.validation", "must specify either CACertificateRefs or WellKnownCACertificates", false},
	{"Terminate without certificates", std17, gatewayHead + `
  - {name: https, port: 443, protocol: HTTPS, tls: {mode: Terminate}}
`, "spec.listeners[0].tls", "certificateRefs or options must be specified when mode is Terminate", false},
	{"tls on HTTP", std17, gatewayHead + `
  - {name: http, port: 80, protocol: HTTP, tls: {certificateRefs: [{name: c}]}}
`, "spec.listeners", "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']", false},
	{"listeners alike", std17, gatewayHead + `
  - {name: a, port: 80, protocol: HTTP}
  - {name: b, port: 80, protocol: HTTP}
`, "spec.listeners", "Combination of port, protocol and hostname must be unique", false},
	{"port 0", std17, gatewayHead + `
  - {name: a, port: 0, protocol: HTTP}
`, "spec.listeners[0].port", "should be greater than or equal to 1", false},
	{"frontend TLS in 1.4", bundle(target.V14, target.Standard), strings.Replace(gatewayHead, "  listeners:", "  tls: {frontend: {default: {}}}\n  listeners:", 1) + `
  - {name: a, port: 80, protocol: HTTP}
`, "spec.tls", "no such field", true},
	{
		"name in upper case", std17, strings.Replace(routeHead, "name: r", "name: R", 1) + "  rules: [{}]\n",
		"metadata.name", "RFC 1123 subdomain", false,
	},
	{
		"no name", std17, strings.Replace(routeHead, "name: r, ", "", 1) + "  rules: [{}]\n",
		"metadata.name", "Required value", false,
	},
	{
		"label with a space", std17, strings.Replace(routeHead, "name: r,", `name: r, labels: {a: "x y"},`, 1) + "  rules: [{}]\n",
		"metadata.labels", "a valid label", false,
	},
	{
		"unknown metadata", std17, strings.Replace(routeHead, "name: r,", `name: r, lables: {a: x},`, 1) + "  rules: [{}]\n",
		"metadata.lables", "no such field", true,
	},

	{
		"Service name with a dot", std17, strings.Replace(serviceHead, "name: s", "name: s.v1", 1) + "  ports: [{port: 80}]\n",
		"metadata.name", "DNS-1035", false,
	},
	{"Service port out of range", std17, serviceHead + "  ports: [{port: 65536}]\n", "spec.ports[0].port", "between 1 and 65535", false},
	{"Service without ports", std17, serviceHead + "  selector: {app: a}\n", "spec.ports", "Required value", false},
	{"Service ports without names", std17, serviceHead + "  ports: [{port: 80}, {port: 81}]\n", "spec.ports[0].name", "several ports need names", false},
	{"Service ports alike", std17, serviceHead + "  ports: [{name: a, port: 80}, {name: b, port: 80, protocol: TCP}]\n", "spec.ports[1]", "Duplicate value", false},
	{"Service port name too long", std17, serviceHead + "  ports: [{port: 80, targetPort: a-name-of-17-chars}]\n", "spec.ports[0].targetPort", "no more than 15", false},
	{"Service selector with a bad value", std17, serviceHead + "  ports: [{port: 80}]\n  selector: {version: \"v 1\"}\n", "spec.selector", "a valid label", false},
	{"Service with an unknown field", std17, serviceHead + "  ports: [{port: 80}]\n  subset: v1\n", "spec.subset", "unknown field", true},
	{"Service with a string port", std17, serviceHead + "  ports: [{port: \"80\"}]\n", "", "cannot unmarshal", false},
}

func TestBad(t *testing.T) {
	checkers := map[target.Bundle]*Checker{}
	for _, b := range target.Bundles() {
		checkers[b] = New(b)
	}
	for _, test := range badObjects {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			problems, err := checkers[test.bundle].Check(toJSON(t, test.object))
			if err != nil {
				t.Fatal(err)
			}
			if len(problems) == 0 {
				t.Fatal("taken")
			}
			p := problems[0]
			if p.Field != test.field || !strings.Contains(p.Message, test.text) || p.Absent != test.absent {
				t.Errorf("got %+v\nwant %s: ...%s... (absent %t)", problems, test.field, test.text, test.absent)
			}
		})
	}
}

// What is not an object is a bug of the caller, which comes back as an error.
func TestNotAnObject(t *testing.T) {
	for _, input := range []string{"", "null", "[]", `{"a":`, "1"} {
		if problems, err := New(std17).Check([]byte(input)); err == nil {
			t.Errorf("%q: no error, %v", input, problems)
		}
	}
	problems, err := New(std17).Check([]byte(`{"kind": 7, "metadata": []}`))
	if err != nil || len(problems) != 1 || problems[0].Field != "kind" {
		t.Errorf("an object without a kind: %v %v", problems, err)
	}
}
