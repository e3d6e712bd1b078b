package prove_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// backend is a Service of namespace shop.
func backend(name string, weight uint32) route.Backend {
	return route.Backend{Service: route.Name{Namespace: "shop", Name: name}, Port: 80, Weight: weight}
}

// with is to("a") with a change.
func with(change func(*route.Action)) *route.Action {
	a := to("a")
	change(a)
	return a
}

func headers(request, response route.HeaderOps) *route.Headers {
	return route.NewHeaders(request, response)
}

func set(pairs ...string) route.HeaderOps {
	var o route.HeaderOps
	for i := 0; i < len(pairs); i += 2 {
		o.Set = append(o.Set, route.Header{Name: pairs[i], Value: pairs[i+1]})
	}
	return o
}

// pods has Services a, a2 of the same Pods and b of others; c has no selector.
var pods = map[route.Name]route.Pods{
	{Namespace: "shop", Name: "a"}:  {Namespace: "shop", Selector: "app=a", Ports: map[uint32]string{80: "8080", 81: "8081", 82: "8080"}},
	{Namespace: "shop", Name: "a2"}: {Namespace: "shop", Selector: "app=a", Ports: map[uint32]string{80: "8080"}},
	{Namespace: "shop", Name: "b"}:  {Namespace: "shop", Selector: "app=b", Ports: map[uint32]string{80: "8080"}},
	{Namespace: "shop", Name: "c"}:  {Namespace: "shop"},
}

func TestActionsCompare(t *testing.T) {
	second := time.Second
	yes, no := true, false
	retry := func(change func(*route.Retry)) *route.Action {
		return with(func(a *route.Action) {
			a.Retry = &route.Retry{Attempts: 3, On: []string{"connect-failure"}}
			change(a.Retry)
		})
	}
	cors := func(change func(*route.CORS)) *route.Action {
		return with(func(a *route.Action) {
			a.CORS = &route.CORS{Origins: []route.StringMatch{{Kind: route.Exact, Value: "https://a.com"}}, Methods: []string{"GET", "PUT"}, IgnorePreflights: true}
			change(a.CORS)
		})
	}
	mirror := func(percent float64, name string) *route.Action {
		return with(func(a *route.Action) { a.Mirrors = []route.Mirror{{Percent: percent, Backend: backend(name, 1)}} })
	}
	same := func(r *route.Retry) {}
	sameCORS := func(c *route.CORS) {}
	split := func(a, b uint32) *route.Action {
		return &route.Action{Backends: []route.Backend{backend("a", a), backend("b", b)}}
	}
	direct := func(status uint32, body string) *route.Action {
		return &route.Action{Direct: &route.Direct{Status: status, Body: body}}
	}
	abort := func(percent float64) *route.Action {
		return with(func(a *route.Action) { a.Fault = &route.Fault{AbortPercent: percent, Abort: "503"} })
	}
	tests := []struct {
		name          string
		before, after *route.Action
		want          []finding.Aspect
	}{
		{"the same", to("a"), to("a"), nil},
		{"two Services of one selector", to("a"), to("a2"), nil},
		{"two ports of one target", to("a"), &route.Action{Backends: []route.Backend{{Service: route.Name{Namespace: "shop", Name: "a"}, Port: 82, Weight: 1}}}, nil},
		{"another port", to("a"), &route.Action{Backends: []route.Backend{{Service: route.Name{Namespace: "shop", Name: "a"}, Port: 81, Weight: 1}}}, []finding.Aspect{finding.Destinations}},
		{"other pods", to("a"), to("b"), []finding.Aspect{finding.Destinations}},
		{"no selector, another name", to("c"), to("d"), []finding.Aspect{finding.Destinations}},
		{"unknown Service", to("d"), to("d"), nil},
		{"external host", &route.Action{Backends: []route.Backend{{Host: "x.com", Weight: 1, Broken: true}}}, &route.Action{Backends: []route.Backend{{Host: "y.com", Weight: 1}}}, []finding.Aspect{finding.Destinations}},

		{"weights of one share", split(1, 3), split(25, 75), nil},
		{"weights", split(1, 3), split(1, 2), []finding.Aspect{finding.Weights}},
		{"weight 0 carries nothing", split(1, 0), to("a"), nil},
		{"a share is gone", split(9, 1), to("a"), []finding.Aspect{finding.Destinations}},
		{"shares of the same pods add up", &route.Action{Backends: []route.Backend{backend("a", 1), backend("b", 2), backend("a2", 1)}}, split(1, 1), nil},
		{"order of backends", split(1, 2), &route.Action{Backends: []route.Backend{backend("b", 2), backend("a", 1)}}, nil},
		{"a share is refused", split(1, 1), &route.Action{Backends: []route.Backend{backend("a", 1), {Weight: 1, Refused: 500}}}, []finding.Aspect{finding.Destinations}},
		{"no backends are 500", &route.Action{}, direct(500, ""), nil},
		{"no weight is 500", split(0, 0), direct(500, ""), nil},
		{"all refused", &route.Action{Backends: []route.Backend{{Weight: 1, Refused: 500}}}, direct(500, ""), nil},

		{"forward and redirect", to("a"), &route.Action{Redirect: &route.Redirect{Code: 301}}, []finding.Aspect{finding.Outcome}},
		{"forward and refuse", to("a"), direct(403, ""), []finding.Aspect{finding.Outcome}},
		{"answer and refuse", direct(200, ""), direct(500, ""), []finding.Aspect{finding.Outcome}},
		{"refuse otherwise", direct(403, ""), direct(500, ""), []finding.Aspect{finding.DirectResponse}},
		{"another body", direct(200, "x"), direct(200, "y"), []finding.Aspect{finding.DirectResponse}},
		{"abort of all and 503", abort(100), direct(503, ""), []finding.Aspect{finding.DirectResponse}},
		{"abort of all", abort(100), abort(100), nil},
		{"abort of some", abort(10), to("a"), []finding.Aspect{finding.Fault}},
		{"abort of none", abort(0), to("a"), nil},
		{"delay", with(func(a *route.Action) { a.Fault = &route.Fault{DelayPercent: 10, Delay: second} }), with(func(a *route.Action) { a.Fault = &route.Fault{DelayPercent: 10, Delay: 2 * second} }), []finding.Aspect{finding.Fault}},

		{"timeout of none", with(func(a *route.Action) { a.Timeout = &route.Timeout{} }), to("a"), nil},
		{"timeout", with(func(a *route.Action) { a.Timeout = &route.Timeout{Request: second} }), to("a"), []finding.Aspect{finding.Timeout}},
		{"retries", retry(same), to("a"), []finding.Aspect{finding.Retry}},
		{"the same retries", retry(same), retry(same), nil},
		{"attempts", retry(same), retry(func(r *route.Retry) { r.Attempts = 2 }), []finding.Aspect{finding.Retry}},
		{"no attempts", retry(func(r *route.Retry) { r.Attempts = 0 }), retry(func(r *route.Retry) { r.Attempts, r.On, r.PerTry = 0, nil, second }), nil},
		{"per try", retry(same), retry(func(r *route.Retry) { r.PerTry = second }), []finding.Aspect{finding.Retry}},
		{"backoff of the default", retry(same), retry(func(r *route.Retry) { r.Backoff = 25 * time.Millisecond }), nil},
		{"backoff", retry(same), retry(func(r *route.Retry) { r.Backoff = second }), []finding.Aspect{finding.Retry}},
		{"order of conditions", retry(func(r *route.Retry) { r.On = []string{"reset", "connect-failure"} }), retry(func(r *route.Retry) { r.On = []string{"connect-failure", "reset"} }), nil},
		{"conditions by default", retry(func(r *route.Retry) { r.On = nil }), retry(func(r *route.Retry) { r.On = []string{"connect-failure", "refused-stream", "unavailable", "cancelled"} }), nil},
		{"codes by another name", retry(func(r *route.Retry) { r.On = []string{"gateway-error"} }), retry(func(r *route.Retry) { r.On, r.Codes = nil, []uint32{504, 502, 503} }), nil},
		{"codes", retry(same), retry(func(r *route.Retry) { r.Codes = []uint32{503} }), []finding.Aspect{finding.Retry}},

		{"mirror", mirror(100, "b"), to("a"), []finding.Aspect{finding.Mirror}},
		{"mirror elsewhere", mirror(100, "b"), mirror(100, "c"), []finding.Aspect{finding.Mirror}},
		{"mirror to the same pods", mirror(100, "a"), mirror(100, "a2"), nil},
		{"mirror of another share", mirror(10, "b"), mirror(11, "b"), []finding.Aspect{finding.Mirror}},
		{"mirror of no request", mirror(0.00001, "b"), to("a"), nil},

		{"cross-origin", cors(sameCORS), to("a"), []finding.Aspect{finding.CORS}},
		{"cross-origin in another order", cors(sameCORS), cors(func(c *route.CORS) { c.Methods, c.Credentials = []string{"PUT", "GET"}, &no }), nil},
		{
			"origins by expression", cors(func(c *route.CORS) { c.Origins = []route.StringMatch{{Kind: route.Regex, Value: `https://(a|b)\.com`}} }),
			cors(func(c *route.CORS) {
				c.Origins = append(c.Origins, route.StringMatch{Kind: route.Exact, Value: "https://b.com"})
			}), nil,
		},
		{
			"other origins", cors(func(c *route.CORS) { c.Origins = []route.StringMatch{{Kind: route.Regex, Value: `https://(a|b).com`}} }),
			cors(func(c *route.CORS) {
				c.Origins = append(c.Origins, route.StringMatch{Kind: route.Exact, Value: "https://b.com"})
			}),
			[]finding.Aspect{finding.CORS},
		},
		{"methods", cors(sameCORS), cors(func(c *route.CORS) { c.Methods = []string{"GET"} }), []finding.Aspect{finding.CORS}},
		{"credentials", cors(sameCORS), cors(func(c *route.CORS) { c.Credentials = &yes }), []finding.Aspect{finding.CORS}},
		{"age", cors(sameCORS), cors(func(c *route.CORS) { c.MaxAge = &second }), []finding.Aspect{finding.CORS}},
		{"preflights", cors(sameCORS), cors(func(c *route.CORS) { c.IgnorePreflights = false }), []finding.Aspect{finding.CORS}},
		{"no origin", cors(func(c *route.CORS) { c.Origins = nil }), to("a"), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { compareActions(t, test.before, test.after, test.want) })
	}
}

func compareActions(t *testing.T, before, after *route.Action, want []finding.Aspect) {
	t.Helper()
	for _, turned := range []bool{false, true} {
		if turned {
			before, after = after, before
		}
		got := prove.Lists(list(before), list(after), prove.Options{Before: prove.Side{Pods: pods}})
		var aspects []finding.Aspect
		for _, d := range got.Differences {
			aspects = append(aspects, d.Aspects...)
			if d.BeforeDoes == "" || d.AfterDoes == "" || d.BeforeDoes == d.AfterDoes && !slices.Equal(d.Aspects, []finding.Aspect{finding.Destinations}) {
				t.Errorf("the difference is described as %q and %q", d.BeforeDoes, d.AfterDoes)
			}
		}
		if !slices.Equal(aspects, want) || got.Reason != "" {
			t.Errorf("differ in %q, want %q (%v)", aspects, want, got.Reason)
		}
	}
}

// list has one rule for all requests.
func list(a *route.Action) *route.List {
	return &route.List{Host: "shop.example.com", Rules: []*route.Rule{{Action: a}}}
}

func TestHeadersCompare(t *testing.T) {
	request := func(rule route.HeaderOps, backends ...route.HeaderOps) *route.Action {
		a := &route.Action{Headers: headers(rule, route.HeaderOps{})}
		for i, o := range backends {
			b := backend([]string{"a", "b"}[i], 1)
			b.Headers = headers(o, route.HeaderOps{})
			a.Backends = append(a.Backends, b)
		}
		return a
	}
	none := route.HeaderOps{}
	tests := []struct {
		name          string
		before, after *route.Action
		want          []finding.Aspect
	}{
		{"case and order", request(set("X-A", "1", "x-b", "2"), none), request(set("X-B", "2", "x-a", "1"), none), nil},
		{"another value", request(set("x", "1"), none), request(set("x", "2"), none), []finding.Aspect{finding.RequestHeaders}},
		{"added, not set", request(set("x", "1"), none), request(route.HeaderOps{Add: []route.Header{{Name: "x", Value: "1"}}}, none), []finding.Aspect{finding.RequestHeaders}},
		{"removed and set again", request(route.HeaderOps{Remove: []string{"x"}, Set: []route.Header{{Name: "x", Value: "1"}}}, none), request(set("x", "1"), none), nil},
		{"removed", request(route.HeaderOps{Remove: []string{"x"}}, none), request(none, none), []finding.Aspect{finding.RequestHeaders}},
		{"of the sole backend", request(none, set("x", "1")), request(set("x", "1"), none), nil},
		{"of one of two backends", request(none, set("x", "1"), none), request(set("x", "1"), none, none), []finding.Aspect{finding.RequestHeaders}},
		{"of both backends", request(none, set("x", "1"), set("x", "1")), request(set("x", "1"), none, none), nil},
		{"rule after backend", request(set("x", "2"), set("x", "1"), none), request(set("x", "2"), none, none), nil},
		{"empty value", request(set("x", ""), none), request(none, none), nil},
		{"Host is a rewrite", request(set("Host", "a.com"), none), with(func(a *route.Action) { a.Rewrite = &route.Rewrite{Authority: "A.com"} }), nil},
		{"another Host", request(set("Host", "a.com"), none), request(none, none), []finding.Aspect{finding.HostRewrite}},
		{"rewrite before header", with(func(a *route.Action) {
			a.Rewrite, a.Headers = &route.Rewrite{Authority: "a.com"}, headers(set("host", "b.com"), none)
		}), with(func(a *route.Action) { a.Rewrite = &route.Rewrite{Authority: "a.com"} }), nil},
		{"response", with(func(a *route.Action) { a.Headers = headers(none, set("x", "1")) }), to("a"), []finding.Aspect{finding.ResponseHeaders}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { compareActions(t, test.before, test.after, test.want) })
	}
}

func TestOpaqueIsNotProven(t *testing.T) {
	before := with(func(a *route.Action) { a.Opaque = []string{"ExtensionRef x"} })
	after := with(func(a *route.Action) { a.Opaque = []string{"ExtensionRef x"} })
	got := prove.Lists(list(before), list(after), prove.Options{})
	if got.Verdict != prove.NotProven || !strings.Contains(got.Reason, "ExtensionRef x") {
		t.Errorf("%v, %q", got.Verdict, got.Reason)
	}
	unreached := &route.List{Rules: []*route.Rule{{Action: to("a")}, {Action: after}}}
	if got := prove.Lists(unreached, list(to("a")), prove.Options{}); got.Verdict != prove.Equal {
		t.Errorf("a rule that decides nothing: %v, %q", got.Verdict, got.Reason)
	}
}
