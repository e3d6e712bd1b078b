package traffic

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/prometheus/common/model"
)

// Saved is what a server answered, whole. As a file it is an answer of
// /api/v1/query_range (https://prometheus.io/docs/prometheus/latest/querying/api)
// with the period beside it.
type Saved struct {
	From, To time.Time
	Step     time.Duration
	Matrix   model.Matrix
}

// ends are the ends of the steps, the oldest first.
func (s *Saved) ends() []time.Time {
	var all []time.Time
	for at := s.To; at.After(s.From); at = at.Add(-s.Step) {
		all = append(all, at)
	}
	slices.Reverse(all)
	return all
}

// Counted sums it up.
func (s *Saved) Counted() (*Counted, error) { return count(s.Matrix, s.From, s.To, s.Step) }

// answer is the shape of the file.
type answer struct {
	Status string  `json:"status"`
	Error  string  `json:"error,omitempty"`
	Period *period `json:"period,omitempty"` // ours
	Data   data    `json:"data"`
}

type period struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Step float64   `json:"stepSeconds"`
}

type data struct {
	Type   string          `json:"resultType"`
	Result json.RawMessage `json:"result"`
}

// Write writes the file, in the order of series.
func (s *Saved) Write(w io.Writer) error {
	slices.SortFunc(s.Matrix, func(a, b *model.SampleStream) int {
		if a.Metric.Before(b.Metric) {
			return -1
		}
		return 1
	})
	result, err := json.Marshal(s.Matrix)
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(answer{Status: "success", Period: &period{s.From.UTC(), s.To.UTC(), s.Step.Seconds()}, Data: data{model.ValMatrix.String(), result}})
}

// Read reads one or more answers, one after the other: of Write, or those of
// /api/v1/query_range and /api/v1/query to the Queries, or to a metric itself.
// A vector counts for window before its time.
func Read(r io.Reader, window time.Duration) (*Saved, error) {
	d, out := json.NewDecoder(r), &Saved{}
	for n := 0; ; n++ {
		var a answer
		err := d.Decode(&a)
		switch {
		case errors.Is(err, io.EOF) && n > 0:
			if out.From.IsZero() {
				return nil, fmt.Errorf("the answers hold no series")
			}
			return out, nil
		case errors.Is(err, io.EOF):
			return nil, fmt.Errorf("it is empty")
		case err != nil:
			return nil, fmt.Errorf("no answer of Prometheus: %w", err)
		case a.Status != "success":
			return nil, fmt.Errorf("no answer of Prometheus that succeeded: status %q %s", a.Status, a.Error)
		}
		if err := out.add(a, window); err != nil {
			return nil, err
		}
	}
}

const day = 24 * time.Hour

func (s *Saved) add(a answer, window time.Duration) error {
	var m model.Matrix
	switch a.Data.Type {
	case model.ValMatrix.String():
		if err := json.Unmarshal(a.Data.Result, &m); err != nil {
			return fmt.Errorf("no matrix: %w", err)
		}
	case model.ValVector.String():
		var v model.Vector
		if err := json.Unmarshal(a.Data.Result, &v); err != nil {
			return fmt.Errorf("no vector: %w", err)
		}
		j := joined{}
		j.add(v)
		m = j.matrix()
	default:
		return fmt.Errorf("an answer is a %q; want a matrix (query_range) or a vector (query)", a.Data.Type)
	}
	s.Matrix = append(s.Matrix, m...)
	if a.Period != nil {
		s.cover(a.Period.From, a.Period.To)
		s.Step = time.Duration(a.Period.Step * float64(time.Second))
		return nil
	}
	step := min(day, window)
	if a.Data.Type == model.ValVector.String() {
		step = window
	}
	for _, stream := range m {
		for _, sample := range stream.Values {
			s.cover(sample.Timestamp.Time().Add(-step), sample.Timestamp.Time())
		}
	}
	if s.Step == 0 {
		s.Step = step
	}
	return nil
}

// cover widens the period.
func (s *Saved) cover(from, to time.Time) {
	if s.From.IsZero() || from.Before(s.From) {
		s.From = from
	}
	if to.After(s.To) {
		s.To = to
	}
}
