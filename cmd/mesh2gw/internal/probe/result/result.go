// Package result holds what a probe measured and decided.
package result

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
)

// Version is that of the results that are written and read.
const Version = 1

// Run is one run of the probe. docs/schema/probe-result.json is its JSON schema.
type Run struct {
	Version  int       `json:"version"`
	Tool     string    `json:"tool"` // "mesh2gw 0.1.0"
	Started  time.Time `json:"started"`
	Took     Seconds   `json:"tookSeconds"`
	Sides    []Side    `json:"sides"` // before, after; or the one that was asked
	Requests []Request `json:"requests"`
	Compared string    `json:"compared,omitempty"` // which parts of answers count
	Skipped  []Skipped `json:"skipped,omitempty"`
	Summary  Summary   `json:"summary"`
	Latency  *Latency  `json:"latency,omitempty"` // null where no load was sent
	Invalid  []string  `json:"invalid,omitempty"` // why the run decides nothing
}

// Seconds is a time in seconds, as JSON has it.
type Seconds float64

// Side is where one half of the answers came from.
type Side struct {
	Name string            `json:"name"`
	URLs map[string]string `json:"urls"` // by scheme
}

// Request is what became of one request of the plan.
type Request struct {
	Name    string  `json:"name"`
	Why     string  `json:"why,omitempty"`
	Differs string  `json:"differs,omitempty"` // what was known to change
	Command string  `json:"command,omitempty"` // that sends it by hand
	Verdict Verdict `json:"verdict"`
	// Before and After are the parts of an answer of each side.
	Before behave.Observation `json:"before,omitempty"`
	After  behave.Observation `json:"after,omitempty"`
	// Differences are those between the sides, without what is volatile.
	Differences []behave.Difference `json:"differences,omitempty"`
	// Unexpected are those between the expectation and a side, by name of the side.
	Unexpected map[string][]behave.Difference `json:"unexpected,omitempty"`
	Volatile   []string                       `json:"volatile,omitempty"` // parts that change by themselves
	Unsteady   []behave.Difference            `json:"unsteady,omitempty"` // answers of one side that contradict each other
	Shares     *Shares                        `json:"shares,omitempty"`
}

// Shares are those of backends in many answers.
type Shares struct {
	Want   map[string]float64 `json:"want"`
	Before map[string]int     `json:"before,omitempty"` // answers by backend
	After  map[string]int     `json:"after,omitempty"`
	// P is how likely counts so far from Want are by chance, for each side.
	P map[string]float64 `json:"p,omitempty"`
	// Needed is how many answers would show a share that is off by 5 points.
	Needed int `json:"needed,omitempty"`
}

// Verdict is what is said of a request.
type Verdict string

// The verdicts of requests.
const (
	Same    Verdict = "same"    // both sides answer alike, and as expected
	Changed Verdict = "changed" // the sides differ, or one side is not as expected
	Known   Verdict = "known"   // they differ where the plan says so
	Unclear Verdict = "unclear" // a side contradicts itself
	Failed  Verdict = "failed"  // no answer from either side: nothing is known
)

// Skipped is a request that was not sent.
type Skipped struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// Summary counts requests by verdict.
type Summary struct {
	Same    int `json:"same"`
	Changed int `json:"changed"`
	Known   int `json:"known"`
	Unclear int `json:"unclear"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
}

// Count fills in the summary.
func (r *Run) Count() {
	s := Summary{Skipped: len(r.Skipped)}
	for _, q := range r.Requests {
		switch q.Verdict {
		case Same:
			s.Same++
		case Changed:
			s.Changed++
		case Known:
			s.Known++
		case Unclear:
			s.Unclear++
		case Failed:
			s.Failed++
		default:
			panic(fmt.Sprintf("unhandled verdict %q", q.Verdict))
		}
	}
	r.Summary = s
}

// Write spells r as JSON.
func (r *Run) Write(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}

// Read reads what Write wrote.
func Read(data []byte) (*Run, error) {
	r := &Run{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, err
	}
	if r.Version != Version {
		return nil, fmt.Errorf("version is %d, and this mesh2gw reads version %d", r.Version, Version)
	}
	if len(r.Sides) == 0 {
		return nil, errors.New("it has no sides")
	}
	if l := r.Latency; l != nil {
		for i := range l.Samples {
			if err := l.Samples[i].check(len(l.Names)); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}
