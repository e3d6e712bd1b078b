package show

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

func measured() *result.Run {
	var all []result.Sample
	for i := range 2000 {
		s := result.Sample{Planned: int64(i) * int64(time.Millisecond), Service: int64(i+1) * int64(time.Microsecond), Outcome: result.Answered}
		if i%100 == 99 {
			s.Outcome = result.NoAnswer
		}
		all = append(all, s)
	}
	q := result.Quantile{Quantile: 0.5, Before: 1e6, After: result.Number(math.Inf(1)), Ratio: 2, Decision: "changed"}
	return &result.Run{
		Tool: "mesh2gw", Started: time.Unix(100, 0), Summary: result.Summary{Same: 3, Changed: 1},
		Latency: &result.Latency{
			Sides: []result.Sent{{Name: "before"}, {Name: "after"}}, Samples: []result.Samples{result.SamplesOf(all), result.SamplesOf(all[:500])},
			Routes: []result.Route{{Name: "a \"b\"\n", Counts: []result.Count{{Requests: 10}, {Requests: 10, Failed: 6}}, Quantiles: []result.Quantile{q}}},
		},
	}
}

// What is written is read by the library: all answers are there, those of a second
// together, and no failure is a short time.
func TestHDR(t *testing.T) {
	var b bytes.Buffer
	if err := HDR(&b, measured()); err != nil {
		t.Fatal(err)
	}
	reader := hdrhistogram.NewHistogramLogReader(&b)
	count := map[string]int64{}
	intervals := 0
	for {
		h, err := reader.NextIntervalHistogram()
		if err != nil || h == nil {
			break
		}
		intervals++
		count[h.Tag()] += h.TotalCount()
		if h.Tag() == "before" && h.Min() > 1001 || h.Max() > 2001 {
			t.Errorf("%s: %d to %d µs", h.Tag(), h.Min(), h.Max())
		}
	}
	if intervals != 3 || count["before"] != 1980 || count["after"] != 495 {
		t.Errorf("%d intervals, %v", intervals, count)
	}
	if err := HDR(&b, &result.Run{}); err == nil {
		t.Error("a run without load is written")
	}
}

func TestOpenMetrics(t *testing.T) {
	var b bytes.Buffer
	if err := OpenMetrics(&b, measured()); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		`mesh2gw_probe_requests{verdict="changed"} 1.0`,
		`mesh2gw_probe_response_seconds{side="before",request="a \"b\"\n",quantile="0.5"} 0.001`,
		`mesh2gw_probe_response_seconds{side="after",request="a \"b\"\n",quantile="0.5"} +Inf`,
		`mesh2gw_probe_sent_total{side="before",request="a \"b\"\n"} 10.0`,
		`mesh2gw_probe_failures_total{side="after",request="a \"b\"\n"} 6.0`,
		`mesh2gw_probe_response_ratio{request="a \"b\"\n",quantile="0.5",decision="changed"} 2.0`,
		"# EOF\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	// Prometheus' text format has no suffix of its own for counters.
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(strings.ReplaceAll(text, "TYPE mesh2gw_probe_sent c", "TYPE mesh2gw_probe_sent_total c")))
	if err != nil || len(families["mesh2gw_probe_sent_total"].GetMetric()) != 2 || len(families["mesh2gw_probe_requests"].GetMetric()) != 6 {
		t.Error(err, families)
	}
}
