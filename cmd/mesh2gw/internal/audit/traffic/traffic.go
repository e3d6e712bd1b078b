// Package traffic reads what the proxies of a mesh counted: from Prometheus, or from
// answers of Prometheus that were saved.
package traffic

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// The metrics: Istio's (https://istio.io/latest/docs/reference/config/metrics), and
// those of Envoy's clusters, which Istio's proxies give only where proxyStatsMatcher
// includes them (Envoy docs, configuration/upstream/cluster_manager/cluster_stats).
const (
	Requests     = "istio_requests_total"
	Connections  = "istio_tcp_connections_opened_total"
	Retries      = "envoy_cluster_upstream_rq_retry"
	Ejections    = "envoy_cluster_outlier_detection_ejections_enforced_total"
	PendingFull  = "envoy_cluster_upstream_rq_pending_overflow"
	PoolFull     = "envoy_cluster_upstream_cx_overflow"
	RetriesFull  = "envoy_cluster_upstream_rq_retry_overflow"
	metricLabel  = "metric" // tells in answers which metric a series is of: functions drop its name
	nameLabel    = string(model.MetricNameLabel)
	unknownLabel = "unknown" // what Istio writes where it does not know
)

// metrics are what is asked for, with the labels that are needed.
var metrics = []struct {
	name   string
	labels []string
}{
	{Requests, []string{"reporter", "source_workload", "destination_service", "destination_version", "response_flags", "connection_security_policy"}},
	{Connections, []string{"reporter", "source_workload", "destination_service", "destination_version", "response_flags", "connection_security_policy"}},
	{Retries, []string{"cluster_name"}},
	{Ejections, []string{"cluster_name"}},
	{PendingFull, []string{"cluster_name"}},
	{PoolFull, []string{"cluster_name"}},
	{RetriesFull, []string{"cluster_name"}},
}

// Query is one to be asked at the end of every step of the period.
type Query struct{ Metric, Text string }

// Queries count per step. A counter that has no sample in the step before counts as
// a whole: increase() takes the first value of a series as its zero, and what happens
// rarely (a circuit breaker that opens once) is all in that first value.
func Queries(step time.Duration) []Query {
	var all []Query
	for _, m := range metrics {
		all = append(all, Query{m.name, strings.NewReplacer("M", m.name, "S", model.Duration(step).String(), "L", strings.Join(m.labels, ", ")).Replace(
			`label_replace(sum by (L) ((max_over_time(M[S]) unless max_over_time(M[S] offset S)) or increase(M[S])), "` + metricLabel + `", "M", "", "")`,
		)})
	}
	return all
}

// Series is what was counted in the period under one set of labels.
type Series struct {
	Metric string
	Labels map[string]string
	Count  float64
}

// Counted is all of a period.
type Counted struct {
	From, To time.Time
	Steps    int           // that the period has
	Step     time.Duration // 0 where it is one sum
	WithData int           // steps with any sample of Istio's metrics
	Series   []Series
}

// Has tells whether a metric is there at all.
func (c *Counted) Has(metric string) bool {
	return slices.ContainsFunc(c.Series, func(s Series) bool { return s.Metric == metric })
}

// count makes Counted of a matrix whose samples are counts per step.
func count(m model.Matrix, from, to time.Time, step time.Duration) (*Counted, error) {
	c := &Counted{From: from, To: to, Step: step, Steps: 1}
	if step > 0 {
		c.Steps = int((to.Sub(from) + step - 1) / step)
	}
	withData := map[model.Time]bool{}
	for _, stream := range m {
		s := Series{Labels: map[string]string{}}
		for name, value := range stream.Metric {
			s.Labels[string(name)] = string(value)
		}
		if s.Metric = s.Labels[metricLabel]; s.Metric == "" {
			s.Metric = s.Labels[nameLabel]
		}
		if !known(s.Metric) {
			return nil, fmt.Errorf("a series is of no metric that is looked at: %s; mesh2gw audit --queries prints what to ask", stream.Metric)
		}
		for _, sample := range stream.Values {
			if v := float64(sample.Value); v > 0 && !math.IsInf(v, 0) { // NaN is not
				s.Count += v
			}
			if s.Metric == Requests || s.Metric == Connections {
				withData[sample.Timestamp] = true
			}
		}
		c.Series = append(c.Series, s)
	}
	c.WithData = min(len(withData), c.Steps)
	return c, nil
}

func known(metric string) bool {
	for _, m := range metrics {
		if m.name == metric {
			return true
		}
	}
	return false
}
