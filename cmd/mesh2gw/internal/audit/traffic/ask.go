package traffic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

// Server is a Prometheus, or what answers like one (Thanos, Mimir, VictoriaMetrics).
type Server struct {
	URL     string
	Headers http.Header
	Client  *http.Client                  // nil: the usual one
	Say     func(format string, a ...any) // warnings of the server, and progress; may be nil
}

// queryLimit is for one query. The server has a limit of its own, two minutes by
// default (--query.timeout).
const queryLimit = 5 * time.Minute

// Ask counts from To-window to To, step by step: a query over 30 days would ask more
// of a server than most let pass.
func (s *Server) Ask(ctx context.Context, to time.Time, window, step time.Duration) (*Saved, error) {
	client := s.Client
	if client == nil {
		client = &http.Client{}
	}
	config := api.Config{Address: s.URL, Client: &http.Client{Transport: withHeaders{s.Headers, transportOf(client)}}}
	c, err := api.NewClient(config)
	if err != nil {
		return nil, err
	}
	server, step := v1.NewAPI(c), min(step, window)
	out := &Saved{From: to.Add(-window), To: to, Step: step}
	for _, q := range Queries(step) {
		there, err := s.exists(ctx, server, q.Metric, out)
		if err != nil {
			return nil, err
		}
		if !there {
			continue
		}
		s.say("asking for %s, %d times", q.Metric, len(out.ends()))
		all := joined{}
		for _, at := range out.ends() {
			vector, err := s.query(ctx, server, q.Text, at)
			if err != nil {
				return nil, fmt.Errorf("ask %s for %s: %w", s.name(), q.Metric, err)
			}
			all.add(vector)
		}
		out.Matrix = append(out.Matrix, all.matrix()...)
	}
	return out, nil
}

func (s *Server) say(format string, a ...any) {
	if s.Say != nil {
		s.Say(format, a...)
	}
}

// name is the URL without a password.
func (s *Server) name() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return "Prometheus"
	}
	return u.Redacted()
}

// exists tells whether the server has a metric in the period.
func (s *Server) exists(ctx context.Context, server v1.API, metric string, of *Saved) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, queryLimit)
	defer cancel()
	names, _, err := server.LabelValues(ctx, nameLabel, []string{metric}, of.From, of.To)
	if err != nil {
		return false, fmt.Errorf("ask %s whether it has %s: %w", s.name(), metric, told(err))
	}
	return len(names) > 0, nil
}

func (s *Server) query(ctx context.Context, server v1.API, text string, at time.Time) (model.Vector, error) {
	ctx, cancel := context.WithTimeout(ctx, queryLimit)
	defer cancel()
	value, warnings, err := server.Query(ctx, text, at)
	if err != nil {
		return nil, told(err)
	}
	for _, w := range warnings {
		s.say("%s says: %s", s.name(), w)
	}
	vector, ok := value.(model.Vector)
	if !ok {
		return nil, fmt.Errorf("it answers with a %s, not with a vector", value.Type())
	}
	return vector, nil
}

// told is err with what the server wrote, which the client keeps apart.
func told(err error) error {
	var e *v1.Error
	if errors.As(err, &e) && e.Detail != "" {
		return fmt.Errorf("%w: %.300s", err, e.Detail)
	}
	return err
}

func transportOf(c *http.Client) http.RoundTripper {
	if c.Transport != nil {
		return c.Transport
	}
	return http.DefaultTransport
}

// withHeaders sends headers with each request.
type withHeaders struct {
	headers http.Header
	next    http.RoundTripper
}

func (w withHeaders) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, values := range w.headers {
		r.Header[name] = values
	}
	return w.next.RoundTrip(r)
}

// joined gathers vectors to a matrix, in the order in which series came.
type joined struct {
	index map[model.Fingerprint]*model.SampleStream
	all   model.Matrix
}

func (j *joined) add(v model.Vector) {
	if j.index == nil {
		j.index = map[model.Fingerprint]*model.SampleStream{}
	}
	for _, sample := range v {
		key := sample.Metric.Fingerprint()
		stream := j.index[key]
		if stream == nil {
			stream = &model.SampleStream{Metric: sample.Metric}
			j.index[key], j.all = stream, append(j.all, stream)
		}
		stream.Values = append(stream.Values, model.SamplePair{Timestamp: sample.Timestamp, Value: sample.Value})
	}
}

func (j *joined) matrix() model.Matrix { return j.all }
