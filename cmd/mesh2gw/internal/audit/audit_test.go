package audit

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/audit/traffic"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/schematest"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

var update = flag.Bool("update", false, "write the schema anew")

const manifests = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: shop}
spec:
  hosts: [a]
  http:
  - timeout: 2s
    retries: {attempts: 3}
    fault: {abort: {httpStatus: 503}, delay: {fixedDelay: 1s}}
    mirror: {host: shadow}
    route:
    - {destination: {host: a, subset: v1}, weight: 90}
    - {destination: {host: a, subset: v2}, weight: 10}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a, namespace: shop}
spec:
  host: "*.shop.svc.cluster.local"
  trafficPolicy:
    connectionPool: {http: {http2MaxRequests: 1}}
    outlierDetection: {consecutive5xxErrors: 5}
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
`

// run audits manifests with what was counted.
func run(t *testing.T, series ...traffic.Series) *Result {
	t.Helper()
	to := time.Unix(1795000000, 0)
	r, err := Run(context.Background(), []source.File{{Name: "mesh.yaml", Data: []byte(manifests)}}, Options{
		Namespace: "default", Counted: &traffic.Counted{From: to.Add(-30 * 24 * time.Hour), To: to, Steps: 30, WithData: 30, Series: series},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *Result) of(kind Kind) Setting {
	return r.Settings[slices.IndexFunc(r.Settings, func(s Setting) bool { return s.Kind == kind })]
}

func requests(n float64, labels ...string) traffic.Series {
	s := traffic.Series{Metric: traffic.Requests, Count: n, Labels: map[string]string{}}
	for i := 0; i < len(labels); i += 2 {
		s.Labels[labels[i]] = labels[i+1]
	}
	return s
}

// TestNever: whatever else is counted, and however labels are spelled, a request
// with the flag of a setting keeps it from being called never triggered, or unused.
func TestNever(t *testing.T) {
	flags := map[Kind]string{Timeout: "UT", Retries: "URX", Abort: "FI", Delay: "DI", CircuitBreaker: "UO"}
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	for range 2000 {
		var all []traffic.Series
		for range r.IntN(8) {
			labels := []string{"reporter", pick("source", "destination", "waypoint"), "destination_service", pick("a.shop.svc.cluster.local", "b.shop.svc.cluster.local", "unknown", "")}
			if r.IntN(2) == 0 {
				labels = append(labels, "response_flags", pick("-", "NR", "UH", "DC"))
			}
			if r.IntN(2) == 0 {
				labels = append(labels, "source_workload", pick("web", "unknown"))
			}
			all = append(all, requests(float64(r.IntN(1000)), labels...))
		}
		for kind, flag := range flags {
			host := pick("a.shop.svc.cluster.local", "a.shop.svc.example.org", "a:80", "a.shop:80", "A.shop.svc.cluster.local.")
			hit := requests(pickNumber(r), "reporter", pick("source", "waypoint"), "destination_service", host, "response_flags", pick(flag, flag+",UF", "UF,"+flag), "destination_version", pick("v1", "unknown"))
			got := run(t, slices.Insert(slices.Clone(all), r.IntN(len(all)+1), hit)...).of(kind)
			if got.Verdict != Triggered {
				t.Fatalf("%s is %s (%s) with %v among %v", kind, got.Verdict, got.Evidence, hit, all)
			}
			if nowhere := run(t, append(all, requests(3, "reporter", "source", "response_flags", flag, "destination_service", pick("", "unknown")))...).of(kind); nowhere.Verdict == Never {
				t.Fatalf("%s is %s (%s), and requests that name no service have %s: %v", kind, nowhere.Verdict, nowhere.Evidence, flag, all)
			}
		}
	}
}

func pickNumber(r *rand.Rand) float64 {
	return []float64{0.01, 1, 12345}[r.IntN(3)] // increase() gives fractions
}

// TestUntold: what can't be known is not said.
func TestUntold(t *testing.T) {
	calls := func(n float64, more ...string) traffic.Series {
		return requests(n, append([]string{"reporter", "source", "destination_service", "a.shop.svc.cluster.local", "response_flags", "-", "destination_version", "v1"}, more...)...)
	}
	arrived := requests(500, "reporter", "destination", "destination_service", "a.shop.svc.cluster.local", "source_workload", "web")
	for name, test := range map[string]struct {
		series []traffic.Series
		kind   Kind
		want   Verdict
	}{
		"nothing of Istio's":              {nil, Timeout, Untold},
		"no service":                      {[]traffic.Series{requests(9, "reporter", "source", "destination_service", "unknown")}, Timeout, Idle},
		"no label for services":           {[]traffic.Series{requests(9, "reporter", "source")}, Timeout, Untold},
		"another service":                 {[]traffic.Series{requests(9, "reporter", "source", "destination_service", "a.other.svc.cluster.local")}, Timeout, Idle},
		"quiet":                           {[]traffic.Series{calls(500)}, Timeout, Never},
		"no flags":                        {[]traffic.Series{requests(9, "reporter", "source", "destination_service", "a.shop.svc.cluster.local")}, Timeout, Untold},
		"only the service counts":         {[]traffic.Series{arrived}, Timeout, Untold},
		"few callers count":               {[]traffic.Series{calls(3), arrived}, Timeout, Untold},
		"attempts":                        {[]traffic.Series{calls(490), arrived}, Retries, Triggered},
		"as many attempts":                {[]traffic.Series{calls(499.5), arrived}, Retries, NoSign},
		"one side of attempts":            {[]traffic.Series{calls(499)}, Retries, Untold},
		"flags of some callers":           {[]traffic.Series{calls(10), requests(9000, "reporter", "source", "destination_service", "a.shop.svc.cluster.local")}, Timeout, Untold},
		"out of retries":                  {[]traffic.Series{calls(500), calls(4, "response_flags", "URX"), {Metric: traffic.Retries, Labels: map[string]string{"cluster_name": "outbound|80|v1|a.shop.svc.cluster.local"}}}, Retries, Triggered},
		"mirrored to what counts nothing": {[]traffic.Series{calls(500)}, Mirror, Untold},
		"connections alone":               {[]traffic.Series{{Metric: traffic.Connections, Count: 7, Labels: map[string]string{"reporter": "source", "destination_service": "b.shop.svc.cluster.local"}}}, Timeout, Untold},
		"a wildcard's breaker":            {[]traffic.Series{calls(500)}, CircuitBreaker, Never},
		"ejections":                       {[]traffic.Series{calls(500)}, Outlier, Untold},
		"no versions":                     {[]traffic.Series{requests(9, "reporter", "source", "destination_service", "a.shop.svc.cluster.local", "response_flags", "-", "destination_version", "unknown")}, Split, Untold},
		"one version":                     {[]traffic.Series{calls(500)}, Split, Never},
		"one version is not known":        {[]traffic.Series{calls(500), requests(9, "reporter", "source", "destination_service", "a.shop.svc.cluster.local", "response_flags", "-", "destination_version", "unknown")}, Split, Untold},
		"versions as they arrive":         {[]traffic.Series{requests(9, "reporter", "destination", "destination_service", "a.shop.svc.cluster.local", "destination_version", "v1"), requests(1, "reporter", "destination", "destination_service", "a.shop.svc.cluster.local", "destination_version", "v2")}, Split, Triggered},
		"mirrored":                        {[]traffic.Series{requests(9, "reporter", "destination", "destination_service", "shadow.shop.svc.cluster.local")}, Mirror, Triggered},
		"mirrored where nothing counts":   {[]traffic.Series{requests(9, "reporter", "source", "destination_service", "shadow.shop.svc.cluster.local")}, Mirror, Untold},
		"the only route":                  {[]traffic.Series{calls(500)}, Route, Triggered},
		"Envoy's counter of a subset":     {[]traffic.Series{calls(500), {Metric: traffic.Retries, Count: 2, Labels: map[string]string{"cluster_name": "outbound|80|v1|a.shop.svc.cluster.local"}}}, Retries, Triggered},
		"Envoy's counter of another":      {[]traffic.Series{calls(500), {Metric: traffic.Retries, Count: 2, Labels: map[string]string{"cluster_name": "outbound|80|v3|a.shop.svc.cluster.local"}}}, Retries, Untold},
		"Envoy's counter of what enters":  {[]traffic.Series{calls(500), {Metric: traffic.Ejections, Count: 2, Labels: map[string]string{"cluster_name": "inbound|80||"}}}, Outlier, Untold},
	} {
		if got := run(t, test.series...).of(test.kind); got.Verdict != test.want {
			t.Errorf("%s: %s is %s (%s), want %s", name, test.kind, got.Verdict, got.Evidence, test.want)
		}
	}
}

// TestSchema holds docs/schema/audit.json to the types, and results to it.
func TestSchema(t *testing.T) {
	schema := schematest.Hold(t, schematest.Spec{
		Title: "An audit of mesh2gw", Of: reflect.TypeFor[Result](),
		Choices: map[string]any{"Result.version": []string{Version}, "Setting.kind": kindsOfSettings, "Setting.verdict": append([]Verdict{""}, Verdicts...)},
	}, "../../../../docs/schema/audit.json", *update)
	for name, r := range map[string]*Result{"empty": {Version: Version}, "full": run(t, requests(1, "reporter", "source"))} {
		var b bytes.Buffer
		if err := JSON(&b, r); err != nil {
			t.Fatal(err)
		}
		if err := schematest.Validate(t, schema, b.String()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if back, err := Read(b.Bytes()); err != nil || !reflect.DeepEqual(back, r) {
			t.Errorf("%s reads back as %+v, %v", name, back, err)
		}
		for _, bad := range []string{strings.Replace(b.String(), `"kinds"`, `"kind"`, 1), strings.Replace(b.String(), "audit/v1", "audit/v2", 1)} {
			if schematest.Validate(t, schema, bad) == nil {
				t.Errorf("%s: the schema takes %s", name, bad)
			}
		}
	}
	for _, bad := range []string{"", "[]", `{"version": "mesh2gw.io/report/v1"}`} {
		if _, err := Read([]byte(bad)); err == nil {
			t.Errorf("Read takes %q", bad)
		}
	}
}

// TestPods: measured use is of sidecars alone, and of those pods that are counted.
func TestPods(t *testing.T) {
	metrics := func(pod, containers string) string {
		return fmt.Sprintf("---\napiVersion: metrics.k8s.io/v1beta1\nkind: PodMetrics\nmetadata: {name: %s, namespace: shop}\ntimestamp: \"2026-11-23T10:00:00Z\"\ncontainers: %s\n", pod, containers)
	}
	text := `apiVersion: v1
kind: Pod
metadata: {name: with, namespace: shop}
spec: {containers: [{name: a}, {name: istio-proxy}]}
---
apiVersion: v1
kind: Pod
metadata: {name: without, namespace: shop}
spec: {containers: [{name: a}, {name: b}]}
` + metrics("with", `[{name: a, usage: {cpu: "5", memory: 5Gi}}, {name: istio-proxy, usage: {cpu: 250m, memory: 1Gi}}]`) +
		metrics("without", `[{name: b}, {name: istio-proxy, usage: {cpu: "7", memory: 7Gi}}]`) +
		metrics("gateway", `[{name: istio-proxy, usage: {cpu: "9", memory: 9Gi}}]`) +
		metrics("unreadable", `[{name: a}, {name: istio-proxy, usage: {cpu: much, memory: 9Gi}}]`) + metrics("nothing", "null")
	r, err := Run(context.Background(), []source.File{{Name: "pods.yaml", Data: []byte(text)}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Sum(); n.Sidecars != 1 || n.Pods != 2 || n.Measured != 1 || n.Used.CPU != 0.25 || n.Used.Memory != 1<<30 {
		t.Errorf("%+v", n)
	}
	if !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "PodMetrics shop/unreadable holds no usage") }) {
		t.Errorf("nothing is said of what can't be read: %q", r.Notes)
	}
}
