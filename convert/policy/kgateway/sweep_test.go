package kgateway_test

import (
	"context"
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

// converted is what --target kgateway makes of text.
func converted(t testing.TB, text string) convert.Result {
	t.Helper()
	files := []source.File{{Name: "in.yaml", Data: []byte(text)}}
	res, err := convert.Convert(context.Background(), files, convert.Options{Target: "kgateway", GatewayClass: "kgateway"})
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return res
}

func encoded(t testing.TB, res convert.Result) string {
	t.Helper()
	var b strings.Builder
	for _, o := range res.Objects {
		text, err := json.Marshal(o.Value)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(text, '\n'))
	}
	return b.String()
}

// likeDefault are samples that say what is written out where nothing is said.
var likeDefault = []string{"simple: LEAST_REQUEST", "simple: LEAST_CONN", "simple: 1\n", "simple: 5\n", "simple: UNSPECIFIED", "simple: 0\n"}

// Every field that core loses is either said by a resource, which the output
// shows, or keeps a finding.
func TestSweep(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range istiotest.Paths() {
		if p.Kind != "DestinationRule" && p.Kind != "VirtualService" || p.Row.Verdict == istio.Moot {
			continue
		}
		before := converted(t, p.Baseline)
		for _, sample := range p.Samples {
			after := converted(t, sample)
			spoken := slices.ContainsFunc(after.Findings, func(f finding.Finding) bool {
				return f.Rule != rule.CarriedByPolicy && f.Rule != rule.KgatewayOutlier && strings.HasPrefix(f.Place.Field, p.Key) && slices.Contains(p.Row.Rules, f.Rule)
			})
			carried := slices.ContainsFunc(after.Findings, func(f finding.Finding) bool {
				return f.Rule == rule.CarriedByPolicy && !slices.ContainsFunc(before.Findings, func(b finding.Finding) bool { return b.Rule == f.Rule && b.Message == f.Message })
			})
			differs := encoded(t, before) != encoded(t, after)
			if carried {
				seen[p.Row.Path] = true
			}
			if p.Row.Verdict == istio.Lost && !spoken && carried && !differs && !slices.ContainsFunc(likeDefault, func(d string) bool { return strings.Contains(sample, d) }) {
				t.Errorf("%s %s: the finding is taken back, and nothing in the output differs:\n%s", p.Kind, p.Path, sample)
			}
		}
	}
	for _, path := range []string{
		"TrafficPolicy.outlier_detection", "LoadBalancerSettings.simple", "LoadBalancerSettings.consistent_hash", "LoadBalancerSettings.warmup",
		"ConnectionPoolSettings.TCPSettings.max_connections", "ConnectionPoolSettings.HTTPSettings.max_retries", "TrafficPolicy.proxy_protocol", "HTTPFaultInjection.delay",
	} {
		if !seen[path] {
			t.Errorf("no sample of %s is carried", path)
		}
	}
}

// Whatever is written in one field, no finding goes without a resource that says
// so: with the target there are as many places as without.
func TestNothingTakenInSilence(t *testing.T) {
	for _, p := range istiotest.Paths() {
		if p.Kind != "DestinationRule" || p.Row.Verdict != istio.Lost {
			continue
		}
		for _, sample := range p.Samples {
			core, err := convert.Convert(context.Background(), []source.File{{Name: "in.yaml", Data: []byte(sample)}}, convert.Options{GatewayClass: "kgateway", Target: "contour"})
			if err != nil {
				t.Fatal(err)
			}
			after := converted(t, sample)
			for _, f := range core.Findings {
				kept := slices.ContainsFunc(after.Findings, func(a finding.Finding) bool { return a.Rule == f.Rule && a.Place == f.Place })
				named := slices.ContainsFunc(after.Findings, func(a finding.Finding) bool {
					return a.Rule == rule.CarriedByPolicy && strings.Contains(a.Message, f.Place.Field[strings.LastIndex(f.Place.Field, ".")+1:])
				})
				if slices.Contains(p.Row.Rules, f.Rule) && !kept && !named {
					t.Errorf("%s: %s is gone, and no policy is said to do it", p.Path, f)
				}
			}
		}
	}
}
