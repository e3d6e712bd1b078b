package envoygateway_test

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/istio/istiotest"
	"github.com/mesh2gw/mesh2gw/convert/policy"
	"github.com/mesh2gw/mesh2gw/convert/policy/envoygateway"
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
		"answer":       "  - directResponse: {status: 503, body: {string: \"{\\\"a\\\": \\\"100%% %REQ(x)%\\\"}\\n\"}}\n",
		"no body":      "  - directResponse: {status: 204}\n",
		"faulty":       "  - directResponse: {status: 204}\n    fault: {abort: {httpStatus: 500, percentage: {value: 10}}}\n",
		"nothing":      "  - name: a\n" + toWeb,
		"timeout":      "  - timeout: 1500ms\n" + toWeb,
		"no timeout":   "  - timeout: 0s\n" + toWeb,
		"none":         "  - retries: {attempts: 0}\n" + toWeb,
		"as unwritten": "  - retries: {attempts: 2}\n" + toWeb,
		"word":         "  - retries: {attempts: 2, retryOn: \"connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes\"}\n" + toWeb,
		"codes":        "  - retries: {attempts: 2, retryOn: \"503,429\"}\n" + toWeb,
		"one try":      "  - retries: {attempts: 7, perTryTimeout: 2s, retryOn: \"gateway-error,429\", backoff: 1s}\n" + toWeb,
		"short try":    "  - timeout: 3s\n    retries: {attempts: 7, perTryTimeout: 2s}\n" + toWeb,
		"long try":     "  - timeout: 3s\n    retries: {attempts: 7, perTryTimeout: 20s}\n" + toWeb,
		"delay":        "  - fault: {delay: {fixedDelay: 1ms, percentage: {value: 100}}}\n" + toWeb,
		"abort":        "  - fault: {abort: {httpStatus: 555, percentage: {value: 0.0001}}}\n" + toWeb,
		"all aborted":  "  - fault: {abort: {grpcStatus: NOT_FOUND, percentage: {value: 100}}}\n" + toWeb,
		"rewrite":      "  - match: [{uri: {exact: /a/b}}]\n    rewrite: {uriRegexRewrite: {match: \"^/a/(.*)$\", rewrite: '/\\1'}, authority: web.example.com}\n" + toWeb,
		"to nothing":   "  - match: [{uri: {exact: /a/b}}]\n    rewrite: {uriRegexRewrite: {match: \"/b$\", rewrite: ''}}\n" + toWeb,
		"many":         "  - match: [{uri: {exact: /a}}]\n    redirect: {uri: /b}\n  - match: [{uri: {exact: /c}}]\n    fault: {delay: {fixedDelay: 1s, percentage: {value: 5}}}\n" + toWeb + "  - retries: {attempts: 5}\n" + toWeb,
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

// Names stay names whatever the objects are called, no two resources of a kind
// have the same, and every target is a rule that exists.
func TestNames(t *testing.T) {
	answer := "  - directResponse: {status: 200}\n    match: [{uri: {exact: /a}}]\n"
	mixed := answer + "  - name: two\n    match: [{uri: {exact: /b}}]\n    retries: {attempts: 7}\n" + toWeb + "  - name: two\n" + toWeb
	inputs := []string{service("a", mixed) + "---\n" + strings.Replace(service("a-two", "  -"+toWeb[3:]), "[shop.example.com]\n  gateways", "[b.example.com]\n  gateways", 1)}
	for _, name := range []string{"a", "a.b-c", strings.Repeat("a", 253), strings.Repeat("a", 243) + "." + strings.Repeat("b", 9)} {
		inputs = append(inputs, service(name, mixed), service(name, answer), service(name, strings.Replace(mixed, "two", strings.Repeat("c", 260), 1)))
	}
	for _, in := range inputs {
		res := converted(t, in)
		rules := map[string]bool{}
		seen := map[string]bool{}
		for _, o := range res.Objects {
			if v, ok := o.Value.(*gatewayv1.HTTPRoute); ok {
				rules[v.Name+" "] = true
				for _, r := range v.Spec.Rules {
					if r.Name != nil {
						rules[v.Name+" "+string(*r.Name)] = true
					}
				}
			}
		}
		text := encoded(t, res)
		for _, o := range res.Objects {
			n := o.Value.GetName()
			if len(n) > 253 || !subdomain.MatchString(n) || seen[o.Kind+n] {
				t.Errorf("%s is called %q (already: %t)", o.Kind, n, seen[o.Kind+n])
			}
			seen[o.Kind+n] = true
			switch v := o.Value.(type) {
			case *envoygateway.BackendTrafficPolicy:
				for _, ref := range v.Spec.TargetRefs {
					if !rules[ref.Name+" "+ref.SectionName] {
						t.Errorf("%s is for rule %q of %s, which is not there", n, ref.SectionName, ref.Name)
					}
				}
			case *envoygateway.HTTPRouteFilter:
				if !strings.Contains(text, fmt.Sprintf(`"extensionRef":{"group":"gateway.envoyproxy.io","kind":"HTTPRouteFilter","name":%q}`, n)) {
					t.Errorf("no rule refers to %s", n)
				}
			}
		}
	}
}

// Each rule that forwards stands under one policy that leaves nothing to Envoy
// Gateway where Istio has another default.
func TestDefaultsWrittenOut(t *testing.T) {
	rules := 0
	for _, p := range istiotest.Paths() {
		if p.Kind == "ServiceEntry" {
			continue
		}
		for _, sample := range p.Samples {
			res := converted(t, sample)
			policies := map[string]*envoygateway.BackendTrafficPolicy{}
			for _, o := range res.Objects {
				if v, ok := o.Value.(*envoygateway.BackendTrafficPolicy); ok {
					for _, ref := range v.Spec.TargetRefs {
						key := ref.Name + " " + ref.SectionName
						if policies[key] != nil {
							t.Errorf("%s: two policies for %s", p.Path, key)
						}
						policies[key] = v
					}
				}
			}
			for _, o := range res.Objects {
				v, ok := o.Value.(*gatewayv1.HTTPRoute)
				if !ok || len(v.Spec.ParentRefs) == 0 || string(*v.Spec.ParentRefs[0].Kind) != "Gateway" {
					continue
				}
				for _, r := range v.Spec.Rules {
					if len(r.BackendRefs) == 0 {
						continue
					}
					rules++
					of := policies[v.Name+" "]
					if of == nil && r.Name != nil {
						of = policies[v.Name+" "+string(*r.Name)]
					}
					if of == nil {
						t.Errorf("%s: no policy for a rule of %s:\n%s", p.Path, v.Name, sample)
						continue
					}
					for _, missing := range leftOpen(of.Spec.Traffic) {
						t.Errorf("%s: the policy leaves %s open:\n%s", p.Path, missing, sample)
					}
				}
			}
		}
	}
	if rules < 500 {
		t.Errorf("%d rules were seen", rules)
	}
}

// leftOpen are defaults of Envoy Gateway that differ from Istio's.
func leftOpen(t envoygateway.Traffic) []string {
	var all []string
	need := func(ok bool, what string) {
		if !ok {
			all = append(all, what)
		}
	}
	need(t.Timeout != nil && t.Timeout.HTTP != nil && t.Timeout.HTTP.RequestTimeout != "", "requestTimeout")
	need(t.Retry != nil && t.Retry.NumRetries != nil && (*t.Retry.NumRetries == 0 || t.Retry.RetryOn != nil && len(t.Retry.RetryOn.Triggers) > 0), "retries")
	b := t.CircuitBreaker
	need(b != nil && b.MaxConnections != nil && b.MaxPendingRequests != nil && b.MaxParallelRequests != nil && b.MaxParallelRetries != nil, "circuitBreaker")
	if h := t.HealthCheck; h != nil {
		need(h.PanicThreshold != nil, "panicThreshold")
		need(h.Passive.Interval != "" && h.Passive.BaseEjectionTime != "" && h.Passive.Consecutive5xxErrors != nil && h.Passive.MaxEjectionPercent != nil, "outlier detection")
	}
	if f := t.FaultInjection; f != nil {
		need((f.Delay == nil || f.Delay.Percentage != nil) && (f.Abort == nil || f.Abort.Percentage != nil), "percentage of faults")
	}
	return all
}

// A body that Envoy Gateway does not let Envoy serve is not cut.
func TestLongBody(t *testing.T) {
	for length, want := range map[int]bool{1 << 20: true, 1<<20 + 1: false} {
		res := converted(t, service("shop", "  - directResponse: {status: 200, body: {string: "+strings.Repeat("x", length)+"}}\n"))
		if got := strings.Contains(encoded(t, res), `"kind":"HTTPRouteFilter"`); got != want {
			t.Errorf("%d bytes: HTTPRouteFilter is written: %t", length, got)
		}
	}
}

// Envoy Gateway counts in float32, Istio in float64: a share is written where both
// make the same millionths of it, and keeps its finding otherwise.
func TestShares(t *testing.T) {
	for exact := 0.0001; exact <= 100; exact *= 1.37 {
		percent := math.Round(exact*10000) / 10000
		res := converted(t, service("shop", fmt.Sprintf("  - fault: {delay: {fixedDelay: 1s, percentage: {value: %v}}}\n%s", percent, toWeb)))
		text := encoded(t, res)
		written := strings.Contains(text, `"faultInjection"`)
		kept := false
		for _, f := range res.Findings {
			kept = kept || f.Rule.ID == "MG100"
		}
		if written == kept {
			t.Errorf("%v %%: written %t, finding %t", percent, written, kept)
		}
		if written && uint32(float32(percent)*10000) != uint32(percent*10000) {
			t.Errorf("%v %% is another share in Envoy Gateway", percent)
		}
	}
}

// What someone else wrote and is not known here keeps the route from being
// judged, and the closest policy is the one that counts.
func TestForeignPolicies(t *testing.T) {
	const rt = `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: shop}, spec: {parentRefs: [{name: edge}], rules: [{name: one, filters: %s, backendRefs: [{name: web, port: 80}]}]}}`
	const gateway = `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: shop}, spec: {gatewayClassName: eg, listeners: [{name: http, port: 80, protocol: HTTP}]}}`
	const ref = `[{type: ExtensionRef, extensionRef: {group: gateway.envoyproxy.io, kind: HTTPRouteFilter, name: p}}]`
	policy := func(name, target, spec string) string {
		return fmt.Sprintf("{apiVersion: gateway.envoyproxy.io/v1alpha1, kind: BackendTrafficPolicy, metadata: {name: %s, namespace: shop}, spec: {targetRefs: [{group: gateway.networking.k8s.io, %s}], %s}}", name, target, spec)
	}
	filter := func(spec string) string {
		return "{apiVersion: gateway.envoyproxy.io/v1alpha1, kind: HTTPRouteFilter, metadata: {name: p, namespace: shop}, spec: {" + spec + "}}"
	}
	bound := func(d string) string { return "timeout: {http: {requestTimeout: " + d + "}}" }
	const onRule, onRoute, onGateway = "kind: HTTPRoute, name: r, sectionName: one", "kind: HTTPRoute, name: r", "kind: Gateway, name: edge"
	for name, c := range map[string]struct {
		filters string
		docs    []string
		want    string
	}{
		"filter":           {ref, []string{filter("directResponse: {statusCode: 204}")}, "answer 204"},
		"default status":   {ref, []string{filter("directResponse: {}")}, "answer 200"},
		"missing":          {ref, nil, "opaque"},
		"unknown":          {ref, []string{filter("credentialInjection: {}")}, "opaque"},
		"operator":         {ref, []string{filter(`directResponse: {body: {type: Inline, inline: "%REQ(x)%"}}`)}, "opaque"},
		"bad status":       {ref, []string{filter("directResponse: {statusCode: 99}")}, "opaque"},
		"route":            {"[]", []string{policy("p", onRoute, bound("1s"))}, "timeout 1s"},
		"rule before":      {"[]", []string{policy("p", onRoute, bound("1s")), policy("q", onRule, bound("2s")), policy("s", onGateway, bound("3s"))}, "timeout 2s"},
		"gateway":          {"[]", []string{policy("p", onGateway, bound("3s"))}, "timeout 3s"},
		"route hides all":  {"[]", []string{policy("p", onRoute, "retry: {numRetries: 1}"), policy("s", onGateway, bound("3s"))}, ""},
		"merged":           {"[]", []string{policy("p", onRoute, "mergeType: StrategicMerge, retry: {numRetries: 1}"), policy("s", onGateway, bound("3s"))}, "opaque"},
		"two":              {"[]", []string{policy("p", onRoute, bound("1s")), policy("q", onRoute, bound("2s"))}, "opaque"},
		"one door":         {"[]", []string{policy("p", onGateway+", sectionName: http", bound("1s"))}, "opaque"},
		"elsewhere":        {"[]", []string{policy("p", "kind: HTTPRoute, name: other", "rateLimit: {}"), policy("q", "kind: HTTPRoute, name: r, sectionName: two", bound("2s"))}, ""},
		"unknown field":    {"[]", []string{policy("p", onRoute, "rateLimit: {}")}, "opaque"},
		"wrong type":       {"[]", []string{policy("p", onRoute, bound("[1]"))}, ""},
		"old form":         {"[]", []string{strings.Replace(policy("p", onRoute, bound("1s")), "targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}]", "targetRef: {group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}", 1)}, "timeout 1s"},
		"selected":         {"[]", []string{strings.Replace(policy("p", onRoute, bound("1s")), "targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}]", "targetSelectors: [{kind: HTTPRoute, matchLabels: {a: b}}]", 1)}, "opaque"},
		"clusters do none": {"[]", []string{policy("p", onRoute, "circuitBreaker: {maxConnections: 1}, loadBalancer: {type: Random}")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			docs := append([]string{gateway, fmt.Sprintf(rt, c.filters)}, c.docs...)
			side, err := convert.ReadSide(context.Background(), []source.File{{Name: "a.yaml", Data: []byte(strings.Join(docs, "\n---\n"))}}, nil, convert.VerifyOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, act := range actionsOf(side.Routing) {
				switch {
				case len(act.Opaque) > 0:
					got = "opaque"
				case act.Direct != nil:
					got = fmt.Sprintf("answer %d", act.Direct.Status)
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
	files, err := filepath.Glob("../../../testdata/convert/envoy-gateway-*.txtar")
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
	f.Add([]byte("{apiVersion: gateway.envoyproxy.io/v1alpha1, kind: BackendTrafficPolicy, spec: {targetSelectors: [1], retry: {numRetries: 1e99}, faultInjection: {abort: {grpcStatus: -3}}}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, _, err := source.Split(context.Background(), []source.File{{Name: "a.yaml", Data: data}})
		if err != nil {
			t.Skip()
		}
		for _, d := range docs {
			if _, _, ok := envoygateway.Bind(d); ok {
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
