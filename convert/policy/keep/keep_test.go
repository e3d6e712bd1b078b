package keep_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/istio/istiotest"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

func converted(t *testing.T, text, target string) convert.Result {
	t.Helper()
	res, err := convert.Convert(t.Context(), []source.File{{Name: "in.yaml", Data: []byte(text)}}, convert.Options{Target: target, GatewayClass: "istio"})
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return res
}

// rules are the DestinationRules among what is written.
func rules(t *testing.T, res convert.Result) string {
	t.Helper()
	var b strings.Builder
	for _, o := range res.Objects {
		if o.Kind == "DestinationRule" {
			text, err := json.Marshal(o.Value)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(append(text, '\n'))
		}
	}
	return b.String()
}

// Every field of a DestinationRule that core loses either makes a difference in
// one that is kept, or keeps its finding; no finding goes that no DestinationRule
// is named for.
func TestNothingTakenInSilence(t *testing.T) {
	seen := 0
	for _, p := range istiotest.Paths() {
		if p.Kind != "DestinationRule" || p.Row.Verdict != istio.Lost {
			continue
		}
		baseline := rules(t, converted(t, p.Baseline, "istio"))
		for _, sample := range p.Samples {
			core, kept := converted(t, sample, ""), converted(t, sample, "istio")
			for _, f := range core.Findings {
				if !slices.Contains(p.Row.Rules, f.Rule) || slices.ContainsFunc(kept.Findings, func(k finding.Finding) bool { return k.Rule == f.Rule && k.Place == f.Place }) {
					continue
				}
				seen++
				name := f.Place.Field[strings.LastIndex(f.Place.Field, ".")+1:]
				named := slices.ContainsFunc(kept.Findings, func(k finding.Finding) bool {
					return k.Rule == rule.CarriedByPolicy && strings.Contains(k.Message, name)
				})
				if !named || rules(t, kept) == baseline {
					t.Errorf("%s: %s is gone; a DestinationRule is named: %t, and differs: %t\n%s", p.Path, f, named, rules(t, kept) != baseline, sample)
				}
			}
		}
	}
	if seen < 50 {
		t.Errorf("%d findings were taken back", seen)
	}
}

// What is written is what Istio reads: kept once more, it stays as it is.
func TestStable(t *testing.T) {
	const in = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec:
  host: web
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 10, connectTimeout: 1.5s}}
    outlierDetection: {consecutive5xxErrors: 0, interval: 5s}
`
	first := rules(t, converted(t, in, "istio"))
	second := rules(t, converted(t, strings.ReplaceAll(first, "web-policy", "web"), "istio"))
	if first == "" || first != second {
		t.Errorf("%s\nbecomes\n%s", first, second)
	}
}
