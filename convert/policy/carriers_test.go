package policy_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio/istiotest"
	"github.com/mesh2gw/mesh2gw/convert/policy"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

var classes = map[string]string{"envoy-gateway": "eg", "kgateway": "kgateway", "istio": "istio"}

// inputs are samples of every field, and the examples.
func inputs(t *testing.T) []string {
	var all []string
	for _, p := range istiotest.Paths() {
		all = append(all, p.Samples...)
	}
	for _, pattern := range []string{"convert", "rules"} {
		names, err := filepath.Glob("../../testdata/" + pattern + "/*.txtar")
		if err != nil || len(names) < 20 {
			t.Fatalf("%d examples in %s: %v", len(names), pattern, err)
		}
		for _, name := range names {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var text []string
			for _, f := range a.Files {
				if strings.HasSuffix(f.Name, ".yaml") && f.Name != "out.yaml" && f.Name != "after.yaml" {
					text = append(text, string(f.Data))
				}
			}
			all = append(all, strings.Join(text, "\n---\n"))
		}
	}
	return all
}

// notLost are rules whose findings go with a target for another reason than a
// resource that carries something over: the target's own behaviour is known then, or
// another finding speaks of it.
var notLost = []string{
	"MG152", "MG155", "MG171", "MG172", "MG174", "MG176", "MG240", "MG241", "MG247", "MG260", "MG305", "MG360", "MG361", "MG362", "MG505", "MG508",
}

// The way out of a finding names the targets that carry it over: those with which
// it goes away for some input, and no others.
func TestCarriers(t *testing.T) {
	goes := map[string]map[string]bool{}
	for _, text := range inputs(t) {
		for name, class := range classes {
			with := findings(t, text, convert.Options{GatewayClass: class, Target: name})
			for key, f := range findings(t, text, convert.Options{GatewayClass: class}) {
				if _, stays := with[key]; !stays {
					if goes[f.Rule.ID] == nil {
						goes[f.Rule.ID] = map[string]bool{}
					}
					goes[f.Rule.ID][name] = true
				}
			}
		}
	}
	for _, r := range rule.All() {
		want := slices.Sorted(maps.Keys(goes[r.ID]))
		if slices.Contains(notLost, r.ID) {
			want = nil
		}
		if got := slices.Sorted(slices.Values(policy.Carriers(r.ID))); !slices.Equal(got, want) {
			t.Errorf("%s: the table names %v; with %v its findings go away", r.ID, got, want)
		}
	}
}

// findings are those of a conversion, by what they are about.
func findings(t *testing.T, text string, o convert.Options) map[string]finding.Finding {
	o.Unproven = true
	res, err := convert.Convert(context.Background(), []source.File{{Name: "in.yaml", Data: []byte(text)}}, o)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]finding.Finding{}
	for _, f := range res.Findings {
		all[fmt.Sprintf("%s %v", f.Rule.ID, f.Place)] = f
	}
	return all
}

// What implementations have of their own is said of rules that exist, and of none
// that resources are written for.
func TestElsewhere(t *testing.T) {
	ids := map[string]bool{}
	for _, r := range rule.All() {
		ids[r.ID] = true
	}
	for _, known := range target.Targets() {
		seen := map[string]bool{}
		for _, e := range known.Elsewhere() {
			for _, id := range e.Rules {
				switch {
				case !ids[id]:
					t.Errorf("%s: there is no rule %s", known.Title, id)
				case seen[id]:
					t.Errorf("%s: two resources for %s", known.Title, id)
				case slices.Contains(policy.Carriers(id), known.Name):
					t.Errorf("%s: %s is carried over by what is written", known.Title, id)
				}
				seen[id] = true
			}
			if e.Says == "" || e.Source == "" || e.Date == "" {
				t.Errorf("%s: %v has no source or date", known.Title, e)
			}
		}
	}
}
