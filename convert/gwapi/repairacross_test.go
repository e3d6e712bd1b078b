package gwapi

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// convertObjects builds the routes of several objects for one host, and lists
// their matches in the order of the routes' names.
func convertObjects(t *testing.T, lists [][]route.Rule) ([]written, []finding.Finding) {
	t.Helper()
	model := &mesh.Model{}
	for i, rules := range lists { // the last name is the oldest object
		created := fmt.Sprintf("apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, creationTimestamp: %q}\nspec: {hosts: [a.example.com]}\n", fmt.Sprintf("20%02d-01-01T00:00:00Z", 10+i))
		docs, _, err := source.Split(context.Background(), []source.File{{Name: fmt.Sprintf("%d.yaml", i), Data: []byte(created)}})
		if err != nil || len(docs) != 1 {
			t.Fatal(err, len(docs))
		}
		model.Tables = append(model.Tables, &route.Table{
			Protocol: route.HTTP, From: docs[0].Root, Name: route.Name{Namespace: "shop", Name: fmt.Sprintf("web-%d", (i*7+3)%len(lists))},
			Hosts: []string{"a.example.com"}, Rules: rules,
			Entries: []route.Entry{{Parent: route.Name{Namespace: "shop", Name: "edge"}, Port: 80, Unknown: true}},
		})
	}
	objects, findings := Build(model, Options{GatewayClass: "other", Bundle: target.Bundle{Version: target.V17, Channel: target.Standard}})
	var all []written
	for _, obj := range objects {
		r, ok := obj.Value.(*gatewayv1.HTTPRoute)
		if !ok {
			continue
		}
		for _, r := range r.Spec.Rules {
			goes := "500"
			if len(r.BackendRefs) > 0 {
				goes = answer(string(r.BackendRefs[0].Name))
			}
			for _, m := range r.Matches {
				all = append(all, written{m, goes})
			}
		}
	}
	return all, findings
}

// lined is what Istio makes of several objects for one host: the oldest first,
// catch-alls behind all others.
// It looks at the matches as they are, not as they are written.
func lined(lists [][]route.Rule) []route.Rule {
	var rules, last []route.Rule
	for _, list := range lists {
		for _, r := range list {
			if m := r.Match; (m.Path.Kind == route.Any || m.Path.Kind != route.Exact && m.Path.Value == "/") && m.Method.Kind == route.Any && len(m.Headers)+len(m.Without)+len(m.Query) == 0 {
				last = append(last, r)
				break // what follows is dropped (BuildHTTPRoutesForVirtualService)
			}
			rules = append(rules, r)
		}
	}
	return append(rules, last...)
}

// Several objects for one host decide as today, but for what has a finding:
// equal matches whose routes have names in the wrong order.
func TestObjectsTogetherKeepTheirDecisions(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	alike, differ := 0, 0
	for range 400 {
		var lists [][]route.Rule
		for i := range 2 + r.IntN(2) {
			var rules []route.Rule
			for j := range 1 + r.IntN(3) {
				rules = append(rules, backendRule(fmt.Sprintf("s%d-%d", i, j), elementMatch(r)))
			}
			lists = append(lists, rules)
		}
		today := lined(lists)
		all, findings := convertObjects(t, lists)
		for _, q := range elementRequests() {
			before, after := decideToday(today, q), decideWritten(all, rankings[0], q)
			switch {
			case before == after:
				alike++
			case said(findings, rule.RuleOrder):
				differ++
			default:
				t.Fatalf("%s %s %v %v goes %s today, %s after:\n%swritten\n%s%v", q.method, q.path, q.headers, q.query, before, after, describe(today), describeWritten(all), findings)
			}
		}
	}
	if differ*50 > alike {
		t.Errorf("%d requests go where they go today, %d don't", alike, differ)
	}
}

// Whatever the rules of several objects are, what differs has a finding.
func TestWildObjectsAdmitDifferences(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	matches := smallMatches()
	for range 800 {
		var lists [][]route.Rule
		for i := range 2 {
			var rules []route.Rule
			for j := range 1 + r.IntN(3) {
				rules = append(rules, backendRule(fmt.Sprintf("s%d-%d", i, j), oneOf(r, matches...)))
			}
			lists = append(lists, rules)
		}
		today := lined(lists)
		all, findings := convertObjects(t, lists)
		for _, q := range smallRequests() {
			before := decideToday(today, q)
			for _, by := range rankings {
				if after := decideWritten(all, by, q); before != after && !said(findings, wildRules...) {
					t.Fatalf("ranking %s: %s %v goes %s today, %s after:\n%swritten\n%s%v", by.name, q.path, q.headers, before, after, describe(today), describeWritten(all), findings)
				}
			}
		}
	}
}
