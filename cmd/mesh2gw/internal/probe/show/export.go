package show

import (
	"errors"
	"io"
	"math"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

// ErrNoLoad says that there are no times to write.
var ErrNoLoad = errors.New("no load was sent: there are no response times to write (--rate)")

// HDR writes a log of HdrHistogram: an interval of a second each, tagged by side, in
// µs with three digits. Failures have no time, and are not in it.
func HDR(w io.Writer, r *result.Run) error {
	if r.Latency == nil || len(r.Latency.Samples) == 0 {
		return ErrNoLoad
	}
	log := hdrhistogram.NewHistogramLogWriter(w)
	start := r.Started.UnixMilli()
	if err := errors.Join(log.OutputComment("[Logged with "+r.Tool+"; times in µs]"), log.OutputLogFormatVersion(), log.OutputStartTime(start), log.OutputLegend()); err != nil {
		return err
	}
	log.SetBaseTime(start)
	for i, s := range r.Latency.Samples {
		seconds := intervals(s)
		for second, h := range seconds {
			h.SetTag(r.Latency.Sides[i].Name)
			h.SetStartTimeMs(start + int64(second)*1000)
			h.SetEndTimeMs(start + int64(second)*1000 + 1000)
			if err := log.OutputIntervalHistogram(h); err != nil {
				return err
			}
		}
	}
	return nil
}

// intervals are the histograms of the seconds of a load.
func intervals(s result.Samples) []*hdrhistogram.Histogram {
	var all []*hdrhistogram.Histogram
	longest := time.Hour.Microseconds()
	for i, planned := range s.Planned {
		for second := int(planned / int64(time.Second)); len(all) <= second; {
			all = append(all, hdrhistogram.New(1, longest, 3))
		}
		if ns := s.Response[i]; ns >= 0 {
			_ = all[planned/int64(time.Second)].RecordValue(min(longest, max(1, ns/1000))) // within its range
		}
	}
	return all
}

// OpenMetrics writes what was measured as a scrape of Prometheus shows it: response
// times as summaries, requests and failures as counters, ratios and decisions as
// gauges.
func OpenMetrics(w io.Writer, r *result.Run) error {
	for _, family := range append(behaviourMetrics(r), latencyMetrics(r.Latency)...) {
		if len(family.Metric) == 0 {
			continue
		}
		if _, err := expfmt.MetricFamilyToOpenMetrics(w, family); err != nil {
			return err
		}
	}
	_, err := expfmt.FinalizeOpenMetrics(w)
	return err
}

func family(name, help string, kind dto.MetricType) *dto.MetricFamily {
	return &dto.MetricFamily{Name: &name, Help: &help, Type: &kind}
}

func labels(pairs ...string) []*dto.LabelPair {
	var all []*dto.LabelPair
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, &dto.LabelPair{Name: &pairs[i], Value: new(strings.ToValidUTF8(pairs[i+1], "?"))})
	}
	return all
}

func behaviourMetrics(r *result.Run) []*dto.MetricFamily {
	verdicts := family("mesh2gw_probe_requests", "Requests of the plan by what was said of them.", dto.MetricType_GAUGE)
	s := r.Summary
	for _, v := range []struct {
		verdict result.Verdict
		n       int
	}{{result.Same, s.Same}, {result.Changed, s.Changed}, {result.Known, s.Known}, {result.Unclear, s.Unclear}, {result.Failed, s.Failed}, {"skipped", s.Skipped}} {
		verdicts.Metric = append(verdicts.Metric, &dto.Metric{Label: labels("verdict", string(v.verdict)), Gauge: &dto.Gauge{Value: new(float64(v.n))}})
	}
	return []*dto.MetricFamily{verdicts}
}

func latencyMetrics(l *result.Latency) []*dto.MetricFamily {
	if l == nil {
		return nil
	}
	sent := family("mesh2gw_probe_sent_total", "Requests of the load.", dto.MetricType_COUNTER)
	failed := family("mesh2gw_probe_failures_total", "Requests of the load that failed.", dto.MetricType_COUNTER)
	times := family("mesh2gw_probe_response_seconds", "Response times by quantile; +Inf where so many requests failed.", dto.MetricType_GAUGE)
	ratios := family("mesh2gw_probe_response_ratio", "Response time after by before.", dto.MetricType_GAUGE)
	for _, r := range l.Routes {
		for i, c := range r.Counts {
			side := l.Sides[i].Name
			of := labels("side", side, "request", r.Name)
			sent.Metric = append(sent.Metric, &dto.Metric{Label: of, Counter: &dto.Counter{Value: new(float64(c.Requests))}})
			failed.Metric = append(failed.Metric, &dto.Metric{Label: of, Counter: &dto.Counter{Value: new(float64(c.Failed))}})
			for _, q := range r.Quantiles {
				value := []result.Number{q.Before, q.After}[i]
				times.Metric = append(times.Metric, &dto.Metric{
					Label: labels("side", side, "request", r.Name, "quantile", number(q.Quantile)), Gauge: &dto.Gauge{Value: new(float64(value) / 1e9)},
				})
			}
		}
		for _, q := range r.Quantiles {
			if !math.IsNaN(float64(q.Ratio)) {
				ratios.Metric = append(ratios.Metric, &dto.Metric{
					Label: labels("request", r.Name, "quantile", number(q.Quantile), "decision", q.Decision), Gauge: &dto.Gauge{Value: new(float64(q.Ratio))},
				})
			}
		}
	}
	return []*dto.MetricFamily{sent, failed, times, ratios}
}
