package result

import (
	"encoding/json"
	"fmt"
	"math"
)

// Latency is what a load said of response times.
type Latency struct {
	Rate        float64   `json:"rate"` // pairs of requests a second
	Seconds     Seconds   `json:"seconds"`
	Warmup      Seconds   `json:"warmupSeconds"`
	Seed        uint64    `json:"seed"`
	Interleaved bool      `json:"interleaved"` // both sides at once; else drift and change can't be told apart
	Margin      float64   `json:"margin"`      // a share: smaller changes are none
	Floor       int64     `json:"floor"`       // ns: neither are those by less
	Sides       []Sent    `json:"sides"`
	Routes      []Route   `json:"routes"`            // all requests together first, if there are several
	Samples     []Samples `json:"samples,omitempty"` // of each side
	Names       []string  `json:"names"`             // of the requests that samples refer to
}

// Sent says how a load went at a side.
type Sent struct {
	Name        string `json:"name"`
	Requests    int    `json:"requests"`
	Failed      int    `json:"failed"`
	Connections int    `json:"connections"`
	Queued      int    `json:"queued"` // had to wait for a connection
	LagP50      int64  `json:"lagP50"` // ns: handed over later than planned, by the probe's own fault
	LagP99      int64  `json:"lagP99"`
}

// Route is what was measured of one request of the plan, or of all.
type Route struct {
	Name      string     `json:"name"` // "" for all together
	Counts    []Count    `json:"counts"`
	Errors    *Errors    `json:"errors,omitempty"` // null with one side
	Quantiles []Quantile `json:"quantiles"`
}

// Count is how many answers a side gave.
type Count struct {
	Requests int     `json:"requests"`
	Failed   int     `json:"failed"`
	AtMost   float64 `json:"failedAtMost"` // share, with 95 % confidence
}

// Errors compares the shares of failures.
type Errors struct {
	P       float64 `json:"p"` // of both sides failing alike
	Changed bool    `json:"changed"`
}

// Quantile is one of response times.
type Quantile struct {
	Quantile float64    `json:"quantile"`
	Before   Number     `json:"before"` // ns
	After    Number     `json:"after"`
	Range    [][]Number `json:"range"` // of each side, 95 % if requests were independent
	Ratio    Number     `json:"ratio"` // after/before, over blocks
	Low      Number     `json:"ratioLow"`
	High     Number     `json:"ratioHigh"`
	Pooled   []Number   `json:"pooled,omitempty"` // of the ratio over all requests, by bootstrap
	P        Number     `json:"p"`
	Smallest Number     `json:"smallest"` // ratio that the run would have called changed four times out of five
	Blocks   int        `json:"blocks"`
	Wanted   int        `json:"wanted,omitempty"` // blocks that would decide
	Decision string     `json:"decision"`         // changed, equivalent, inconclusive; "" with one side
	Why      string     `json:"why,omitempty"`
}

// Number is one that may be unknown (NaN, null in JSON), or without end since so
// many requests failed (+Inf, "failed").
type Number float64

const failedWord = "failed"

// MarshalJSON spells n.
func (n Number) MarshalJSON() ([]byte, error) {
	switch f := float64(n); {
	case math.IsNaN(f):
		return []byte("null"), nil
	case math.IsInf(f, 1):
		return json.Marshal(failedWord)
	default:
		return json.Marshal(f)
	}
}

// UnmarshalJSON reads what MarshalJSON spells.
func (n *Number) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "null":
		*n = Number(math.NaN())
		return nil
	case `"` + failedWord + `"`:
		*n = Number(math.Inf(1))
		return nil
	}
	return json.Unmarshal(data, (*float64)(n))
}

// Samples are those of a side, as columns.
type Samples struct {
	Planned  []int64 `json:"planned"`  // ns since the end of the warm-up
	Response []int64 `json:"response"` // ns; -1 for what failed
	Request  []int32 `json:"request"`  // by index in Names
}

// SamplesOf are all as columns.
func SamplesOf(all []Sample) Samples {
	s := Samples{Planned: []int64{}, Response: []int64{}, Request: []int32{}}
	for i := range all {
		response := int64(-1)
		if all[i].Outcome == Answered {
			response = all[i].Wait + all[i].Service
		}
		s.Planned, s.Response, s.Request = append(s.Planned, all[i].Planned), append(s.Response, response), append(s.Request, all[i].Request)
	}
	return s
}

// check says what is wrong with samples that were read.
func (s Samples) check(names int) error {
	if len(s.Planned) != len(s.Response) || len(s.Planned) != len(s.Request) {
		return fmt.Errorf("samples have %d, %d and %d values", len(s.Planned), len(s.Response), len(s.Request))
	}
	for i, r := range s.Request {
		if r < 0 || int(r) >= names || s.Planned[i] < 0 || s.Response[i] < -1 {
			return fmt.Errorf("sample %d is out of range", i)
		}
	}
	return nil
}
