package istiod

import (
	"strings"
	"testing"
)

const seen = `apiVersion: v1
kind: Service
metadata: {name: a, namespace: shop}
spec: {selector: {app: a}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: b, namespace: shop}
spec: {selector: {app: b}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 80, protocol: HTTP, hostname: "*.example.com"}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  hostnames: [shop.example.com]
  rules:
  - matches: [{path: {type: Exact, value: /exact}, headers: [{name: x-a, value: "1"}], queryParams: [{name: v, value: "2"}], method: GET}]
    backendRefs: [{name: a, port: 80, weight: 90}, {name: b, port: 80, weight: 10}]
    timeouts: {request: 2s}
  - matches: [{path: {type: PathPrefix, value: /rewrite}}]
    filters:
    - {type: URLRewrite, urlRewrite: {hostname: inner.example.com, path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}}}
    - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-b, value: "3"}]}}
    - {type: ResponseHeaderModifier, responseHeaderModifier: {remove: [server]}}
    - {type: RequestMirror, requestMirror: {backendRef: {name: b, port: 80}, percent: 20}}
    - {type: CORS, cors: {allowOrigins: ["https://one.example.com"], maxAge: 60}}
    backendRefs: [{name: a, port: 80}]
    retry: {attempts: 3, codes: [503]}
  - matches: [{path: {type: PathPrefix, value: /move}}]
    filters: [{type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 307, path: {type: ReplaceFullPath, replaceFullPath: /moved}}}]
`

// The judge has to see each of these changes, as a difference in that aspect,
// and none where nothing changed.
func TestJudgeSees(t *testing.T) {
	changes := []struct{ name, from, to, aspect string }{
		{"nothing", "shop", "shop", ""},
		{"default written out", "backendRefs: [{name: a, port: 80}]", "backendRefs: [{group: '', kind: Service, name: a, port: 80, weight: 1}]", ""},
		{"weights of the same shares", "weight: 90}, {name: b, port: 80, weight: 10", "weight: 9}, {name: b, port: 80, weight: 1", ""},
		{"path type", "type: Exact, value: /exact", "type: PathPrefix, value: /exact", "outcome"},
		{"path", "value: /rewrite", "value: /rewritten", "outcome"},
		{"header", `value: "1"`, `value: "2"`, "outcome"},
		{"parameter", `name: v, value: "2"`, `name: w, value: "2"`, "outcome"},
		{"method", "method: GET", "method: POST", "outcome"},
		{"host", "hostnames: [shop.", "hostnames: [sale.", "outcome"},
		{"weight", "weight: 90", "weight: 80", "backends"},
		{"Pods", "selector: {app: b}", "selector: {app: c}", "backends"},
		{
			"target port", "name: b, namespace: shop}\nspec: {selector: {app: b}, ports: [{name: http, port: 80, targetPort: 8080",
			"name: b, namespace: shop}\nspec: {selector: {app: b}, ports: [{name: http, port: 80, targetPort: 8081", "backends",
		},
		{"missing Service", "{name: a, port: 80, weight: 90}", "{name: gone, port: 80, weight: 90}", "backends"},
		{"timeout", "request: 2s", "request: 3s", "timeout"},
		{"rewrite", "replacePrefixMatch: /new", "replacePrefixMatch: /newer", "path"},
		{"host rewrite", "inner.example.com", "other.example.com", "authority"},
		{"request header", `name: x-b, value: "3"`, `name: x-b, value: "4"`, "requestHeaders"},
		{"response header", "remove: [server]", "remove: [via]", "responseHeaders"},
		{"mirror", "percent: 20", "percent: 21", "mirror"},
		{"CORS origin", "https://one.", "https://two.", "cors"},
		{"attempts", "attempts: 3", "attempts: 4", "retry"},
		{"retried code", "codes: [503]", "codes: [502]", "retryOn"},
		{"redirect code", "statusCode: 307", "statusCode: 308", "redirect"},
		{"redirect path", "replaceFullPath: /moved", "replaceFullPath: /gone", "redirect"},
		{"redirect scheme", "scheme: https, statusCode", "statusCode", "redirect"},
	}
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(seen, c.from) {
				t.Fatalf("%q is not in the example", c.from)
			}
			both := compare(t, sideOf(t, seen), sideOf(t, strings.Replace(seen, c.from, c.to, 1)))
			found := both.differences(t)
			if c.aspect == "" && len(found) > 0 || c.aspect != "" && !found[c.aspect] {
				t.Errorf("differences in %q, want %q", sorted(found), c.aspect)
			}
		})
	}
}

func sideOf(t *testing.T, text string) *side {
	t.Helper()
	objects, err := documents([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s := newSide(objects, "default")
	if len(s.refused) > 0 {
		t.Fatal(s.refused)
	}
	return s
}

// differences are the aspects in which any request is decided differently.
func (c *comparison) differences(t *testing.T) map[string]bool {
	t.Helper()
	found, asked := map[string]bool{}, 0
	for _, q := range c.questions() {
		for _, r := range q.requests {
			asked++
			differing, err := c.differ(q.door, r)
			if err != nil {
				t.Fatalf("%s: %v", r, err)
			}
			for aspect := range differing {
				found[aspect] = true
			}
		}
	}
	if asked == 0 {
		t.Fatal("no request was made")
	}
	return found
}
