package report_test

import (
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/report"
)

func TestCounts(t *testing.T) {
	inMesh := "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, namespace: shop}\nspec:\n  hosts: [web]\n  http:\n" + toWeb
	type counts = report.Counts
	tests := []struct {
		name, text string
		options    convert.Options
		want       counts
	}{
		{name: "no rule", text: edge},
		{name: "one rule", text: edge + routed("a", "a.example.com", toWeb), want: counts{Exact: 1}},
		{name: "two hosts, one rule", text: edge + routed("a", "a.example.com, b.example.com", toWeb), want: counts{Exact: 1}},
		{name: "match blocks", text: edge + routed("a", "a.example.com", "  - match: [{uri: {exact: /a}}, {uri: {prefix: /b}}]\n    route: [{destination: {host: web, port: {number: 80}}}]\n"), want: counts{Exact: 1, Differs: 1}},
		{name: "behind a rule that takes all", text: edge + routed("a", "a.example.com", toWeb+exactPath), want: counts{Exact: 2}},
		{name: "behind a match that takes all", text: edge + routed("a", "a.example.com", "  - match: [{uri: {prefix: /}}, {uri: {exact: /b}}]\n    route: [{destination: {host: web, port: {number: 80}}}]\n"), want: counts{Exact: 2}},
		{name: "a condition that nobody can read", text: edge + routed("a", "a.example.com", "  - match: [{uri: {exact: /a}, method: {regex: '[A-'}}]\n    route: [{destination: {host: web, port: {number: 80}}}]\n"+toWeb), want: counts{Exact: 1, Lost: 1}},
		{name: "a destination outside", text: edge + routed("a", "a.example.com", outside), want: counts{Lost: 1}},
		{name: "a fault", text: edge + routed("a", "a.example.com", delayed), want: counts{Differs: 1}},
		{name: "a prefix in front of all", text: edge + routed("a", "a.example.com", prefixed+toWeb), want: counts{Exact: 2}},
		{name: "a host that no route can say", text: edge + routed("a", `"*shop.com"`, toWeb), want: counts{Lost: 1}},
		{name: "one of two hosts that no route can say", text: edge + routed("a", `a.example.com, "*shop.com"`, toWeb), want: counts{Lost: 1}},
		{name: "the mesh", text: edge + inMesh, want: counts{Exact: 1}},
		{name: "the mesh, reported only", text: edge + inMesh, options: convert.Options{Mesh: mesh.Off}, want: counts{Lost: 1}},
		{name: "no rule at all", text: "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec: {hosts: [a.example.com], http: }\n"},
		{name: "what Istio can't read", text: edge + routed("a", "a.example.com", "  - route: [{destination: {host: web, port: {number: x}}}]\n"), want: counts{Lost: 1}},
		{name: "a list of the wrong kind", text: edge + routed("a", "a.example.com", "    match: 1\n")},
		{name: "rules of a delegate", text: edge + routed("a", "a.example.com", "  - match: [{uri: {exact: /a}}, {uri: {exact: /b}}]\n    delegate: {name: d}\n") +
			"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: d, namespace: shop}\nspec:\n  http:\n" + toWeb, want: counts{Exact: 1}},
		{name: "http rules on a port for TCP", text: edge + strings.ReplaceAll(inMesh, "[web]", "[db]") + "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec:\n  selector: {app: db}\n  ports: [{name: tcp-db, port: 5432}]\n", want: counts{Exact: 1}},
		{name: "what is not proven", text: edge + routed("a", "a.example.com", "  - match: [{uri: {regex: '/(a|b)*a(a|b){19}'}}, {uri: {regex: '/(b|c)*b(b|c){19}'}}]\n    route: [{destination: {host: web, port: {number: 80}}}]\n    timeout: 1s\n"+prefixed+toWeb), want: counts{Unproven: 4}},
		{name: "an object that another replaces", text: edge + routed("a", "a.example.com", prefixed) + routed("a", "a.example.com", toWeb), want: counts{Exact: 2}},
		{name: "a delegate that is not used", text: edge + "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: d, namespace: shop}\nspec:\n  http:\n" + toWeb, want: counts{Exact: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := of(t, test.text, report.Options{Convert: test.options})
			valid(t, "report.json", encoded(t, r))
			if got := r.Summary.Rules; got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
				for _, f := range r.Findings {
					t.Log(f.ID, f.Severity, f.Field, f.Message)
				}
			}
			sum := report.Counts{}
			for _, n := range r.Namespaces {
				sum.Exact, sum.Differs, sum.Lost, sum.Unproven = sum.Exact+n.Rules.Exact, sum.Differs+n.Rules.Differs, sum.Lost+n.Rules.Lost, sum.Unproven+n.Rules.Unproven
			}
			if sum != r.Summary.Rules {
				t.Errorf("the namespaces add up to %+v, not to %+v", sum, r.Summary.Rules)
			}
		})
	}
}
