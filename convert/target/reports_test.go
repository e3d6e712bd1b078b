package target

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// fromReports names the folder of the module sigs.k8s.io/gateway-api/conformance:
//
//	go test ./convert/target -run TestWriteReports -reports DIR
//
// writes reports.json anew.
var fromReports = flag.String("reports", "", "folder of module sigs.k8s.io/gateway-api/conformance, from which reports.json is written")

// reporters are the folders of reports below each version of Gateway API, and the
// implementation that each is about. Reports from before 1.3 say too little.
var reporters = map[string]string{
	"istio-istio": "istio", "envoy-gateway": "envoy-gateway", "kgateway": "kgateway", "agentgateway-agentgateway": "agentgateway",
	"cilium": "cilium", "nginx-nginx-gateway-fabric": "nginx-gateway-fabric", "traefik-traefik": "traefik",
	"projectcontour-contour": "contour", "kong-operator": "kong", "haproxy-ingress": "haproxy", "n42-gateway": "haproxy",
	"gke-gateway": "gke", "linkerd-linkerd": "linkerd",
}

// provisional are tests of what was experimental when the report was made, with
// the feature that each shows.
var provisional = map[string]string{"TCPRouteWeightedRouting": "TCPRoute", "GRPCRouteNamedRule": "GRPCRouteNamedRouteRule"}

// conformanceReport is the part of a report that is kept.
type conformanceReport struct {
	Date              string `json:"date"`
	GatewayAPIVersion string `json:"gatewayAPIVersion"`
	GatewayAPIChannel string `json:"gatewayAPIChannel"`
	Mode              string `json:"mode"`
	Implementation    struct {
		Version string `json:"version"`
	} `json:"implementation"`
	Profiles []struct {
		Name string `json:"name"`
		Core struct {
			Result       string   `json:"result"`
			SkippedTests []string `json:"skippedTests"`
		} `json:"core"`
		Extended struct {
			Supported   []string `json:"supportedFeatures"`
			Unsupported []string `json:"unsupportedFeatures"`
		} `json:"extended"`
	} `json:"profiles"`
	Provisional []string `json:"succeededProvisionalTests"`
}

func TestWriteReports(t *testing.T) {
	if *fromReports == "" {
		t.Skip("reports.json is written with -reports DIR")
	}
	var all []Report
	for _, api := range []string{"v1.3.0", "v1.4.0", "v1.4.1", "v1.5", "v1.6"} {
		for _, folder := range slices.Sorted(maps.Keys(reporters)) {
			dir := filepath.Join("reports", api, folder)
			names, err := fs.Glob(os.DirFS(*fromReports), filepath.ToSlash(dir)+"/*.yaml")
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				if r, ok := readReport(t, reporters[folder], name); ok {
					all = append(all, r)
				}
			}
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", " ")
	if err := e.Encode(newest(all)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("reports.json", b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// readReport leaves out variants of installation that serve the same routes, and
// reports about no release.
func readReport(t *testing.T, implementation, name string) (Report, bool) {
	data, err := os.ReadFile(filepath.Join(*fromReports, name))
	if err != nil {
		t.Fatal(err)
	}
	var in conformanceReport
	if err := yaml.Unmarshal(data, &in); err != nil {
		t.Fatal(name, err)
	}
	version := strings.TrimPrefix(in.Implementation.Version, "v")
	if strings.Contains(name, "namespace-mode") || strings.Contains(name, "hybrid") || strings.Contains(name, "/standard-v1.20.0") || unreleased(implementation, version) {
		return Report{}, false
	}
	r := Report{
		Implementation: implementation, Version: version, Source: name, Date: dayOf(in.Date),
		GatewayAPI: strings.TrimPrefix(in.GatewayAPIVersion, "v"), Channel: in.GatewayAPIChannel, Profiles: map[string]string{},
	}
	r.Label = labelOf(version)
	if implementation == "kong" && strings.Contains(name, "expressions") {
		r.Label += "-expressions" // the router decides on the features
	}
	yes, no := map[string]bool{}, map[string]bool{}
	for _, p := range in.Profiles {
		r.Profiles[p.Name] = strings.Join(append([]string{p.Core.Result}, p.Core.SkippedTests...), " ")
		for _, f := range p.Extended.Supported {
			yes[f] = true
		}
		for _, f := range p.Extended.Unsupported {
			no[f] = true
		}
	}
	for f := range no {
		if yes[f] {
			t.Errorf("%s: %s is supported and not", name, f)
		}
	}
	for _, test := range in.Provisional {
		if f := provisional[test]; f != "" && !yes[f] && !no[f] {
			r.Provisional = f + " " + r.Provisional
		}
	}
	r.Provisional = strings.TrimSpace(r.Provisional)
	r.Supported = strings.Join(slices.Sorted(maps.Keys(yes)), " ")
	r.Unsupported = strings.Join(slices.Sorted(maps.Keys(no)), " ")
	return r, true
}

// unreleased tells whether nobody runs a version; of HAProxy Ingress there is no
// report but of one.
func unreleased(implementation, version string) bool {
	return strings.Trim(version[:1], "0123456789") != "" || implementation != "haproxy" && (strings.Contains(version, "-dev") || strings.Contains(version, "-alpha"))
}

// dayOf is empty where a report has no date.
func dayOf(date string) string {
	if len(date) < 10 {
		return ""
	}
	return date[:10]
}

// labelOf is the minor version.
func labelOf(version string) string {
	parts := strings.SplitN(version, ".", 3)
	minor, _, _ := strings.Cut(parts[1], "-")
	return parts[0] + "." + minor
}

// newest keeps one report for each label, ordered by implementation, Gateway API
// and date, the newest first.
func newest(all []Report) []Report {
	slices.SortStableFunc(all, func(a, b Report) int {
		return cmp.Or(cmp.Compare(a.Implementation, b.Implementation), cmp.Compare(b.GatewayAPI[:3], a.GatewayAPI[:3]), cmp.Compare(b.Date, a.Date), cmp.Compare(b.Version, a.Version), cmp.Compare(a.Label, b.Label))
	})
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(r Report) bool {
		key := fmt.Sprint(r.Implementation, "@", r.Label)
		defer func() { seen[key] = true }()
		return seen[key]
	})
}
