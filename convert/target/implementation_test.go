package target

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/gateway-api/pkg/features"
)

var day = regexp.MustCompile(`^202[5-9]-[01][0-9]-[0-3][0-9]$`)

// Every implementation has a report, and each fact says where it was read or is
// not known.
func TestImplementations(t *testing.T) {
	var names []string
	for _, target := range Targets() {
		names = append(names, target.Name)
		if target.Title == "" || target.Gateways == Unknown || target.Mesh == Unknown {
			t.Errorf("%s: title, Gateways and mesh are not all said", target.Name)
		}
		if _, ok := RankingOf(target.Name); !ok {
			t.Errorf("%s has no ranking", target.Name)
		}
		for _, f := range target.Facts() {
			checkFact(t, target.Name+", "+f.Name, f.Fact)
			if f.Says == "" && f.String() != "not known" {
				t.Errorf("%s, %s: %q", target.Name, f.Name, f)
			}
		}
		for _, known := range []map[string]Fact{target.Also, target.MeshAlso, target.Seen} {
			for feature, f := range known {
				checkFact(t, target.Name+", "+feature, f)
				NeedOf(feature)
			}
		}
		for _, feature := range target.Breaks {
			if !target.Seen[feature].Known() || target.Weight(NeedOf(feature)) != Service {
				t.Errorf("%s: what becomes of requests with %s is not said", target.Name, feature)
			}
		}
		if (target.Paths.Known() || target.Rank.Known()) != (target.PathRegex == Yes) || (target.Anchoring != AnchoringUnknown) != (target.PathRegex == Yes) {
			t.Errorf("%s: what is said of its expressions does not fit together", target.Name)
		}
	}
	if !slices.Equal(slices.Sorted(slices.Values(names)), Names()) {
		t.Errorf("implementations %v, names %v", names, Names())
	}
}

func checkFact(t *testing.T, what string, f Fact) {
	t.Helper()
	if f.Known() != (f.Source != "") || f.Known() != day.MatchString(f.Date) {
		t.Errorf("%s: says %q, source %q, date %q: want all or none", what, f.Says, f.Source, f.Date)
	}
}

// A known ranking is that of the words beside it.
func TestRankWords(t *testing.T) {
	words := map[Ranking]string{
		RankPrefixFirst: "after every prefix", RankRegexFirst: "before every prefix", RankRegexFirstUnordered: "not by length",
		RankRegexFirstByLength: "before every prefix, the longer first", RankByLength: "by length",
	}
	for _, target := range Targets() {
		if r := target.Ranking(); r.Known() && !strings.Contains(target.Rank.Says, words[r]) {
			t.Errorf("%s: ranking %d, %q", target.Name, r, target.Rank.Says)
		}
	}
}

// Features are called as in reports, and no report tells of a feature by both
// answers.
func TestReports(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range reports() {
		if _, ok := RankingOf(r.Implementation); !ok || seen[r.Implementation+"@"+r.Label] {
			t.Errorf("report %s is of an unknown implementation, or the second of its version", r.Source)
		}
		seen[r.Implementation+"@"+r.Label] = true
		if r.Date != "" && !day.MatchString(r.Date) || r.Version == "" || !strings.HasPrefix(r.GatewayAPI, "1.") || len(r.Profiles) == 0 {
			t.Errorf("report %s lacks something: %+v", r.Source, r)
		}
		for _, f := range strings.Fields(r.Unsupported) {
			if r.feature(f) != No {
				t.Errorf("%s: %s is supported and not", r.Source, f)
			}
		}
	}
}

func TestFeaturesAreNamedAsInTests(t *testing.T) {
	var known []string
	for _, f := range features.AllFeatures.UnsortedList() {
		known = append(known, string(f.Name))
	}
	for _, r := range reports() { // some names were in use before or after that module
		known = append(known, strings.Fields(r.Supported)...)
	}
	for _, n := range needs {
		if slices.Contains(own, n.Feature) == slices.Contains(known, n.Feature) {
			t.Errorf("%s is a name of ours, or of Gateway API's, and has to be one of them", n.Feature)
		}
		if n.mesh != "" && !slices.Contains(known, n.mesh) {
			t.Errorf("%s is no feature of Gateway API's", n.mesh)
		}
		if n.Says == "" || n.Without == "" || strings.HasSuffix(n.Without, ".") {
			t.Errorf("%s: %q, %q", n.Feature, n.Says, n.Without)
		}
	}
}

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"istio": "istio@1.31", "istio@1.30": "istio@1.30", "istio@v1.30.2": "istio@1.30", "kong": "kong@2.3", "kong@2.3.2": "kong@2.3",
		"kong@2.3-expressions": "kong@2.3-expressions", "haproxy": "haproxy@0.17", "gke@1.36.2-gke.2154000": "gke@1.36", "envoy-gateway@1.9.4": "envoy-gateway@1.9",
	} {
		got, err := Parse(in)
		if err != nil || got.String() != want {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		"":              `unknown implementation ""`,
		"nginx":         "want agentgateway, cilium,",
		"istio@":        "want 1.31, 1.30",
		"istio@1":       "want 1.31",
		"istio@1.3":     "want 1.31",
		"istio@1.311":   "want 1.31",
		"istio@1.31@2":  "want 1.31",
		"haproxy@2":     "want 0.17",
		"Istio":         "unknown implementation",
		"istio@\n::1.3": "want",
	} {
		if _, err := Parse(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// The answers, one for each way to come by one. Each was looked up in the report.
func TestHas(t *testing.T) {
	for _, c := range []struct {
		target, feature string
		mesh            bool
		want            Support
	}{
		{"istio", "HTTPRouteRequestMirror", false, Yes},
		{"istio", "HTTPRouteRequestMirror", true, Yes}, // one translation for both
		{"istio", BackendURLRewrite, false, No},
		{"istio", "MeshGRPCRoute", true, Yes},
		{"traefik", "HTTPRouteRequestMirror", false, No},
		{"traefik", "ListenerSet", false, No},
		{"traefik", "HTTPRoute", false, Yes}, // in part
		{"traefik", "MeshHTTPRoute", true, No},
		{"traefik", HeaderRegex, false, Yes},
		{"contour", "HTTPRouteRetry", false, Unknown}, // newer than the report
		{"kong", "HTTPRouteMethodMatching", false, No},
		{"kong@2.3-expressions", "HTTPRouteMethodMatching", false, Yes},
		{"envoy-gateway", "TCPRoute", false, Yes}, // by provisional tests
		{"gke", "GRPCRoute", false, Unknown},
		{"cilium", "HTTPRouteRetry", true, Unknown},
		{"cilium", "HTTPRouteQueryParamMatching", true, Yes},
		{"linkerd", "HTTPRoute", false, No},
		{"linkerd", "HTTPRouteRequestTimeout", true, Yes},
		{"linkerd", "HTTPRoutePathRewrite", true, No},
		{"linkerd", "MeshHTTPRoute", true, Yes},
	} {
		target, err := Parse(c.target)
		if err != nil {
			t.Fatal(err)
		}
		if got := target.Has(NeedOf(c.feature), c.mesh); got != c.want {
			t.Errorf("%s %s, mesh %v: %s, want %s", c.target, c.feature, c.mesh, got, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		Others(DefaultTimeout): "Envoy Gateway and kgateway: 15 s",
		Others(DefaultRetries): "Envoy Gateway, kgateway and Linkerd: none",
		Anchorings(): "the whole path: Istio, Envoy Gateway, kgateway, agentgateway, Cilium, Contour and Linkerd; the beginning of the path: NGINX Gateway Fabric and Kong; " +
			"any part of the path: Traefik",
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
