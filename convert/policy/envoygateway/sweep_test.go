package envoygateway_test

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

// converted is what --target envoy-gateway makes of text.
func converted(t testing.TB, text string) convert.Result {
	t.Helper()
	files := []source.File{{Name: "in.yaml", Data: []byte(text)}}
	res, err := convert.Convert(context.Background(), files, convert.Options{Target: "envoy-gateway", GatewayClass: "eg"})
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

// Every field that core loses is either said by a resource, which the output
// shows, or keeps a finding.
func TestSweep(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range istiotest.Paths() {
		if p.Kind == "ServiceEntry" || p.Row.Verdict == istio.Moot {
			continue
		}
		before := converted(t, p.Baseline)
		for _, sample := range p.Samples {
			after := converted(t, sample)
			spoken := slices.ContainsFunc(after.Findings, func(f finding.Finding) bool {
				return strings.HasPrefix(f.Place.Field, p.Key) && slices.Contains(p.Row.Rules, f.Rule)
			})
			carried := slices.ContainsFunc(after.Findings, func(f finding.Finding) bool {
				return f.Rule == rule.CarriedByPolicy && !slices.ContainsFunc(before.Findings, func(b finding.Finding) bool { return b.Rule == f.Rule && b.Message == f.Message })
			})
			if carried {
				seen[p.Row.Path] = true
			}
			if p.Row.Verdict == istio.Lost && !spoken && carried && encoded(t, before) == encoded(t, after) {
				t.Errorf("%s %s: the finding is taken back, and nothing in the output differs:\n%s", p.Kind, p.Path, sample)
			}
		}
	}
	for _, path := range []string{
		"TrafficPolicy.outlier_detection", "TrafficPolicy.PortTrafficPolicy.outlier_detection", "TrafficPolicy.proxy_protocol", "TrafficPolicy.retry_budget",
		"LoadBalancerSettings.simple", "LoadBalancerSettings.consistent_hash", "LoadBalancerSettings.warmup", "LoadBalancerSettings.warmup_duration_secs",
		"ConnectionPoolSettings.TCPSettings.max_connections", "ConnectionPoolSettings.TCPSettings.connect_timeout", "ConnectionPoolSettings.TCPSettings.tcp_keepalive",
		"ConnectionPoolSettings.TCPSettings.max_connection_duration", "ConnectionPoolSettings.TCPSettings.idle_timeout",
		"ConnectionPoolSettings.HTTPSettings.http1_max_pending_requests", "ConnectionPoolSettings.HTTPSettings.http2_max_requests",
		"ConnectionPoolSettings.HTTPSettings.max_retries", "ConnectionPoolSettings.HTTPSettings.max_requests_per_connection",
		"ConnectionPoolSettings.HTTPSettings.idle_timeout", "ConnectionPoolSettings.HTTPSettings.use_client_protocol",
		"HTTPFaultInjection.delay", "HTTPFaultInjection.abort", "ServerTLSSettings.min_protocol_version", "ServerTLSSettings.max_protocol_version",
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
		if p.Kind != "DestinationRule" && p.Kind != "Gateway" || p.Row.Verdict != istio.Lost {
			continue
		}
		for _, sample := range p.Samples {
			core, err := convert.Convert(context.Background(), []source.File{{Name: "in.yaml", Data: []byte(sample)}}, convert.Options{GatewayClass: "eg", Target: "contour"})
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
