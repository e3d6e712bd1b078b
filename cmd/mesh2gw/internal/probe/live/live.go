// Package live shows a load to Prometheus while it runs.
package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

// Server serves /metrics from Listen until Close.
type Server struct {
	http    http.Server
	address string
	served  chan error

	requests  *prometheus.CounterVec
	failures  *prometheus.CounterVec
	responses *prometheus.HistogramVec
	lag       *prometheus.HistogramVec
	compared  prometheus.Gauge
}

// grace is how long a scrape may go on when the run has ended.
const grace = time.Second

// Listen serves at an address, HOST:PORT. The error says why it can't.
func Listen(ctx context.Context, address string) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	// Classic buckets for who wants them, and native ones for Prometheus 3.
	times := prometheus.HistogramOpts{
		Name: "mesh2gw_probe_response_seconds", Help: "Response times since the request was due, of what was answered; the warm-up included.",
		Buckets: prometheus.ExponentialBucketsRange(0.0005, 30, 20), NativeHistogramBucketFactor: 1.05,
	}
	lag := prometheus.HistogramOpts{
		Name: "mesh2gw_probe_lag_seconds", Help: "How late requests were handed over, by the probe's own fault.",
		Buckets: prometheus.ExponentialBucketsRange(0.00002, 0.1, 12), NativeHistogramBucketFactor: 1.05,
	}
	s := &Server{
		address: listener.Addr().String(), served: make(chan error, 1),
		requests:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "mesh2gw_probe_sent_total", Help: "Requests of the load, the warm-up included."}, []string{"side", "request"}),
		failures:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "mesh2gw_probe_failures_total", Help: "Requests of the load that failed."}, []string{"side", "request"}),
		responses: prometheus.NewHistogramVec(times, []string{"side", "request"}),
		lag:       prometheus.NewHistogramVec(lag, []string{"side"}),
		compared:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "mesh2gw_probe_compared_requests", Help: "Requests of the plan whose answers were compared so far."}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(s.requests, s.failures, s.responses, s.lag, s.compared)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	s.http = http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { s.served <- s.http.Serve(listener) }()
	return s, nil
}

// Address is where it listens, with the port that was chosen.
func (s *Server) Address() string { return s.address }

// Compared notes how far the comparison of answers is.
func (s *Server) Compared(done, _ int) { s.compared.Set(float64(done)) }

// Watch is called once for a request of a side; what it returns takes the samples,
// on many goroutines at once, and how late they were handed over.
func (s *Server) Watch(side, request string) func(*result.Sample, time.Duration) {
	sent, failed := s.requests.WithLabelValues(side, request), s.failures.WithLabelValues(side, request)
	took, lag := s.responses.WithLabelValues(side, request), s.lag.WithLabelValues(side)
	return func(x *result.Sample, late time.Duration) {
		if x.Outcome == result.NotSent {
			return
		}
		sent.Inc()
		lag.Observe(max(0, late).Seconds())
		if x.Outcome != result.Answered {
			failed.Inc()
			return
		}
		took.Observe(time.Duration(x.Wait + x.Service).Seconds())
	}
}

// Close ends it, and gives a scrape that is under way a moment. A nil Server has
// nothing to end.
func (s *Server) Close() error {
	if s == nil {
		return nil
	}
	ctx, stop := context.WithTimeout(context.Background(), grace)
	defer stop()
	err := s.http.Shutdown(ctx)
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		return fmt.Errorf("serve metrics: %w", served)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return s.http.Close()
	}
	return err
}
