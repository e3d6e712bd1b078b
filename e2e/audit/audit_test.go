package audit

import (
	"encoding/pem"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const mesh = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: shop}
spec:
  hosts: [reviews]
  http:
  - timeout: 2s
    retries: {attempts: 3, retryOn: "5xx"}
    fault: {delay: {percentage: {value: 1}, fixedDelay: 1s}}
    route:
    - {destination: {host: reviews, subset: v1}, weight: 75}
    - {destination: {host: reviews, subset: v2}, weight: 25}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: shop}
spec:
  host: reviews
  trafficPolicy:
    connectionPool: {http: {http2MaxRequests: 100}}
    outlierDetection: {consecutive5xxErrors: 5}
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: gone, namespace: shop}
spec:
  hosts: [gone]
  http:
  - timeout: 1s
    route: [{destination: {host: gone}}]
`

func inFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// series is a counter with the labels of Istio's.
func series(reporter, host, version, flags string) string {
	policy := map[string]string{"source": "unknown", "destination": "mutual_tls"}[reporter]
	return fmt.Sprintf(`istio_requests_total{reporter=%q,source_workload="web",destination_service="%s.shop.svc.cluster.local",destination_version=%q,response_flags=%q,connection_security_policy=%q,pod="web-1"}`,
		reporter, host, version, flags, policy)
}

// counter is a series with its value so many hours after the beginning; below 0 it
// is not there yet.
type counter struct {
	series string
	value  func(hour int) float64
}

const days = 40

// aMonth makes blocks of samples, one an hour, that end now.
func aMonth(t *testing.T, counters []counter) (data string) {
	t.Helper()
	begin := time.Now().Add(-days * 24 * time.Hour)
	var text strings.Builder
	for i, c := range counters {
		if name, _, _ := strings.Cut(c.series, "{"); i == 0 || !strings.HasPrefix(counters[i-1].series, name+"{") {
			fmt.Fprintf(&text, "# TYPE %s counter\n", strings.TrimSuffix(name, "_total"))
		}
		for hour := range days*24 + 1 {
			if v := c.value(hour); v >= 0 {
				fmt.Fprintf(&text, "%s %g %d\n", c.series, v, begin.Add(time.Duration(hour)*time.Hour).Unix())
			}
		}
	}
	text.WriteString("# EOF\n")
	data = t.TempDir()
	out, err := exec.Command("promtool", "tsdb", "create-blocks-from", "openmetrics", inFile(t, "metrics.om", text.String()), data).CombinedOutput()
	if err != nil {
		t.Fatalf("promtool: %v\n%s", err, out)
	}
	return data
}

func steady(perDay float64) func(int) float64 {
	return func(hour int) float64 { return perDay * float64(hour) / 24 }
}

// TestMonth: what happened in 30 days is told apart from what happened before, and
// what happened once is found.
func TestMonth(t *testing.T) {
	data := aMonth(t, []counter{
		{series("source", "reviews", "v1", "-"), steady(7500)},
		{series("source", "reviews", "v2", "-"), steady(2500)},
		{series("destination", "reviews", "v1", "-"), steady(7500)},
		{series("destination", "reviews", "v2", "-"), steady(2500)},
		{series("source", "reviews", "v1", "DI"), func(int) float64 { return 50 }}, // long ago
		{series("source", "reviews", "v1", "UO"), func(hour int) float64 { // once, ten days ago
			if hour < (days-10)*24 {
				return -1
			}
			return 1
		}},
		{series("source", "gone", "v1", "-"), func(hour int) float64 { // until two days before the window
			if hour > 8*24 {
				return -1
			}
			return float64(hour)
		}},
	})
	server, files := prometheus(t, data, ""), inFile(t, "mesh.yaml", mesh)
	saved := filepath.Join(t.TempDir(), "metrics.json")
	out, errOut := mesh2gw(t, 0, "audit", files, "--prometheus", server, "--save-metrics", saved, "--format", "json")
	if !strings.Contains(errOut, "asking for istio_requests_total, 30 times") || strings.Contains(errOut, "istio_tcp") {
		t.Errorf("it says %q", errOut)
	}
	r := parse(t, out)
	if math.Abs(r.Traffic.Requests/300000-1) > 0.01 || r.Traffic.MutualTLS != r.Traffic.Requests || r.Traffic.Steps != 30 || r.Traffic.StepsWithData != 30 || r.Traffic.Services != 1 {
		t.Errorf("%+v, want 300000 requests with mutual TLS in 30 days", r.Traffic)
	}
	want := map[string]string{
		"timeout VirtualService shop/reviews":            "never triggered: none of ",
		"fault delay VirtualService shop/reviews":        "never triggered: none of ",
		"circuit breaker DestinationRule shop/reviews":   "triggered: 1 of 30",
		"retries VirtualService shop/reviews":            "no sign: ",
		"outlier detection DestinationRule shop/reviews": "not to be told: ",
		"split VirtualService shop/reviews":              "triggered: requests went to reviews.shop v1 75 % (weight 75 %), reviews.shop v2 25 % (weight 25 %)",
		"timeout VirtualService shop/gone":               "no requests seen: ",
	}
	r.wants(t, want)

	again, _ := mesh2gw(t, 0, "audit", files, "--metrics", saved, "--format", "json")
	if again != out {
		t.Error("what was saved gives another audit than what was asked")
	}
	queries, _ := mesh2gw(t, 0, "audit", "--queries")
	hand := exec.Command("sh", "-e", inFile(t, "queries.sh", queries))
	hand.Dir, hand.Env = t.TempDir(), append(os.Environ(), "URL="+server)
	if text, err := hand.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	byHand, _ := mesh2gw(t, 0, "audit", files, "--metrics", filepath.Join(hand.Dir, "metrics.json"), "--format", "json")
	parse(t, byHand).wants(t, want)

	few, _ := mesh2gw(t, 0, "audit", files, "--prometheus", server, "--window", "45d", "--format", "json")
	if r := parse(t, few); !strings.Contains(strings.Join(r.Notes, "\n"), "of 45 days have data") || r.Traffic.Steps != 45 {
		t.Errorf("a window beyond the data: %+v, %q", r.Traffic, r.Notes)
	}
	parse(t, few).wants(t, map[string]string{"fault delay VirtualService shop/reviews": "triggered: 50 of "})
}

// TestExporter: counts that an exporter has from its first scrape are whole, and
// Envoy's own counters are preferred.
func TestExporter(t *testing.T) {
	scrapes := make(chan bool, 1000)
	exporter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "# TYPE istio_requests_total counter\n%s 997\n%s 3\n%s 1000\n", series("source", "reviews", "v1", "-"), series("source", "reviews", "v1", "UT,URX"), series("destination", "reviews", "v1", "-"))
		fmt.Fprintf(w, "istio_requests_total{reporter=\"source\",destination_service=\"unknown\",response_flags=\"NR\"} 7\n")
		fmt.Fprintf(w, "# TYPE envoy_cluster_upstream_rq_retry counter\nenvoy_cluster_upstream_rq_retry{cluster_name=\"outbound|80|v1|reviews.shop.svc.cluster.local\"} 5\n")
		fmt.Fprintf(w, "# TYPE envoy_cluster_outlier_detection_ejections_enforced_total counter\nenvoy_cluster_outlier_detection_ejections_enforced_total{cluster_name=\"outbound|80|v1|reviews.shop.svc.cluster.local\"} 0\n")
		scrapes <- true
	}))
	defer exporter.Close()
	server, files := prometheus(t, t.TempDir(), strings.TrimPrefix(exporter.URL, "http://")), inFile(t, "mesh.yaml", mesh)
	for range 3 {
		<-scrapes
	}
	out, _ := mesh2gw(t, 0, "audit", files, "--prometheus", server, "--format", "json")
	r := parse(t, out)
	if r.Traffic.Requests != 1000 || r.Traffic.NoRoute != 7 || r.Traffic.StepsWithData != 1 {
		t.Errorf("%+v, want 1000 requests of one day, and 7 without a route", r.Traffic)
	}
	r.wants(t, map[string]string{
		"timeout VirtualService shop/reviews":            "triggered: 3 of 1000 requests",
		"retries VirtualService shop/reviews":            "triggered: Envoy counted 5 retries",
		"outlier detection DestinationRule shop/reviews": "no sign: Envoy ejected no endpoint",
		"circuit breaker DestinationRule shop/reviews":   "never triggered: none of 1000 requests",
		"split VirtualService shop/reviews":              "never triggered: all requests went to one side: reviews.shop v1 100 %",
	})
}

// TestGuarded: tokens and headers reach a server that wants them, and a server that
// refuses, breaks off or is no Prometheus ends the run with its word and no output.
func TestGuarded(t *testing.T) {
	backend, err := url.Parse(prometheus(t, t.TempDir(), ""))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(backend)
	guard := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer s3cret" || r.Header.Get("X-Scope-OrgID") != "shop" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	defer guard.Close()
	files, token := inFile(t, "mesh.yaml", mesh), inFile(t, "token", "s3cret\n")
	out, errOut := mesh2gw(t, 3, "audit", files, "--prometheus", guard.URL)
	if out != "" || !strings.Contains(errOut, "who are you?") {
		t.Errorf("refused, it says %q and writes %q", errOut, out)
	}
	out, errOut = mesh2gw(t, 0, "audit", files, "--prometheus", guard.URL, "--bearer-file", token, "--prometheus-header", "X-Scope-OrgID: shop")
	if !strings.Contains(out, "the metrics hold neither istio_requests_total nor") || strings.Contains(out+errOut, "s3cret") {
		t.Errorf("an empty Prometheus gives %s%s", out, errOut)
	}
	private := httptest.NewTLSServer(guard.Config.Handler)
	defer private.Close()
	ca := inFile(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: private.Certificate().Raw})))
	who := []string{"audit", files, "--prometheus", private.URL, "--bearer-file", token, "--prometheus-header", "X-Scope-OrgID: shop"}
	if _, errOut := mesh2gw(t, 3, who...); !strings.Contains(errOut, "certificate") {
		t.Errorf("with a certificate of nobody's it says %q", errOut)
	}
	mesh2gw(t, 0, append(who, "--cacert", ca)...)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>hello") }))
	defer other.Close()
	saved := filepath.Join(t.TempDir(), "metrics.json")
	if out, _ := mesh2gw(t, 3, "audit", files, "--prometheus", other.URL, "--save-metrics", saved); out != "" {
		t.Errorf("what is no Prometheus gives %q", out)
	}
	if _, err := os.Stat(saved); err == nil {
		t.Error("a run that failed has written --save-metrics")
	}
}
