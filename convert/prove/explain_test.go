package prove_test

import (
	"context"
	"slices"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

const shop = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: shop}
spec:
  hosts: [shop.example.com]
  http:
  - match: [{uri: {prefix: /foo}}]
    timeout: 1s
  - route: []
  - name: unreached
`

func TestUnexplained(t *testing.T) {
	docs, _, err := source.Split(context.Background(), []source.File{{Name: "shop.yaml", Data: []byte(shop)}})
	if err != nil || len(docs) != 1 {
		t.Fatal(err, len(docs))
	}
	root := docs[0].Root
	http := root.Get("spec").Get("http").Children()
	first, second, third := &http[0], &http[1], &http[2]
	before := &route.List{Host: "shop.example.com", Rules: []*route.Rule{
		on(route.Prefix, "/foo", to("a")), on(route.Any, "", to("b")),
	}}
	before.Rules[0].From, before.Rules[1].From = first, second
	narrowed := &route.List{Host: "shop.example.com", Rules: []*route.Rule{on(route.Element, "/foo", to("a")), on(route.Any, "", to("b"))}}
	widened := &route.List{Host: "shop.example.com", Rules: []*route.Rule{on(route.Prefix, "/fo", to("a")), on(route.Any, "", to("b"))}}
	routes := func(l *route.List) *route.Routing {
		return routing(&route.Door{Protocol: route.HTTP, Entry: route.Entry{Parent: route.Name{Namespace: "shop", Name: "gw"}, Port: 80}, Lists: []*route.List{l}})
	}
	rule := func(s finding.Severity, admits ...finding.Aspect) *finding.Rule {
		return &finding.Rule{ID: "MG000", Severity: s, Admits: admits}
	}
	uri := first.Get("match").Children()[0].Get("uri").Get("prefix").Place()
	elsewhere := finding.Place{Object: "VirtualService shop/other", Field: uri.Field}
	refusing := &route.List{Host: "shop.example.com", Rules: []*route.Rule{on(route.Any, "", &route.Action{Direct: &route.Direct{Status: 403}})}}
	refusing.Rules[0].From = second
	tests := []struct {
		name     string
		before   *route.List
		after    *route.Routing
		findings []finding.Finding
		want     []finding.Aspect
	}{
		{"no finding", before, routes(narrowed), nil, []finding.Aspect{finding.Destinations}},
		{"on the rule before", before, routes(narrowed), []finding.Finding{{Rule: rule(finding.Warning, finding.Destinations), Place: uri}}, nil},
		{"of another aspect", before, routes(narrowed), []finding.Finding{{Rule: rule(finding.Warning, finding.Timeout), Place: uri}}, []finding.Aspect{finding.Destinations}},
		{"that admits nothing", before, routes(narrowed), []finding.Finding{{Rule: rule(finding.Error), Place: uri}}, []finding.Aspect{finding.Destinations}},
		{"on the rule after", before, routes(narrowed), []finding.Finding{{Rule: rule(finding.Warning, finding.Destinations), Place: second.Place()}}, nil},
		{"on another rule", before, routes(narrowed), []finding.Finding{{Rule: rule(finding.Warning, finding.Destinations), Place: third.Place()}}, []finding.Aspect{finding.Destinations}},
		{"on another object", before, routes(narrowed), []finding.Finding{{Rule: rule(finding.Warning, finding.Destinations), Place: elsewhere}}, []finding.Aspect{finding.Destinations}},
		{"on the object", before, routes(narrowed), []finding.Finding{{Rule: rule(finding.Warning, finding.Destinations), Place: root.Place()}}, nil},
		{"related", before, routes(narrowed), []finding.Finding{{Rule: rule(finding.Warning, finding.Destinations), Place: elsewhere, Related: []finding.Related{{Place: uri}}}}, nil},
		{"on the rule that the one after comes from", before, routes(widened), []finding.Finding{{Rule: rule(finding.Warning, finding.Destinations), Place: uri}}, nil},
		{"on the Gateway", before, routes(narrowed), []finding.Finding{{Rule: rule(finding.Warning, finding.Destinations), Place: finding.Place{Object: "Gateway shop/gw", Field: "spec.servers[0]"}}}, nil},
		{"on a Service", before, routes(narrowed), []finding.Finding{{Rule: rule(finding.Warning, finding.Destinations), Place: finding.Place{Object: "Service shop/a"}}}, nil},
		{"on the hosts", before, routing(), []finding.Finding{{Rule: rule(finding.Warning, finding.HostServed), Place: root.Get("spec").Get("hosts").Place()}}, nil},
		{"on the hosts, of another aspect", before, routing(), []finding.Finding{{Rule: rule(finding.Warning, finding.Outcome), Place: root.Get("spec").Get("hosts").Place()}}, []finding.Aspect{finding.HostServed, finding.HostServed}},
		{"opened, with a note", refusing, routes(widened), []finding.Finding{{Rule: rule(finding.Note, finding.Outcome), Place: second.Place()}}, []finding.Aspect{finding.Outcome, finding.Outcome}},
		{"opened, with an error", refusing, routes(widened), []finding.Finding{{Rule: rule(finding.Error, finding.Outcome), Place: second.Place()}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			results := prove.Compare(routes(test.before), test.after, prove.Options{})
			var got []finding.Aspect
			for _, s := range prove.Unexplained(results, test.findings) {
				got = append(got, s.Aspects...)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("left are %q, want %q", got, test.want)
			}
			var x prove.Explainer
			x.Add([]finding.Finding{{Rule: rule(finding.Error), Place: uri}}) // admits nothing
			x.Add(test.findings)
			for _, r := range results {
				left := len(x.Unexplained([]prove.Result{r}))
				for _, d := range r.Differences {
					why := x.Explaining(r, d)
					if len(why) > 0 != (left == 0) || len(why) > 0 && !slices.Equal(why, []int{1}) {
						t.Errorf("%d differences are unexplained, and findings %v explain one", left, why)
					}
				}
			}
		})
	}
}
