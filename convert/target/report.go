package target

import (
	_ "embed" // reports.json
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// ReportsModule holds the conformance reports that the features come from; a
// Report's Source is a file in it.
const ReportsModule = "sigs.k8s.io/gateway-api/conformance@v1.7.0"

// Report is what one version of an implementation reported about itself, after
// the conformance tests of Gateway API.
type Report struct {
	Implementation string            `json:"implementation"` // its name, see Names
	Label          string            `json:"label"`          // what stands behind the @ of --target
	Version        string            `json:"version"`
	Source         string            `json:"source"` // file in ReportsModule
	Date           string            `json:"date"`   // "" where the report has none
	GatewayAPI     string            `json:"gatewayAPI"`
	Channel        string            `json:"channel,omitempty"`
	Profiles       map[string]string `json:"profiles"`  // how the core tests ended, and which were skipped
	Supported      string            `json:"supported"` // features, separated by blanks, like those below
	Provisional    string            `json:"provisional,omitempty"`
	Unsupported    string            `json:"unsupported"`
}

//go:embed reports.json
var reportsJSON []byte

// reports are read when they are first needed: most commands never do.
var reports = sync.OnceValue(func() []*Report {
	var all []*Report
	if err := json.Unmarshal(reportsJSON, &all); err != nil {
		panic(fmt.Sprintf("reports.json: %v", err))
	}
	return all
})

// Support says whether an implementation has a feature.
type Support uint8

// The answers.
const (
	// Unknown: its report does not name the feature, and nothing else says.
	Unknown Support = iota
	// No: it says that it lacks the feature.
	No
	// Yes: it passed the tests, or a source says that it has the feature.
	Yes
)

// String is the answer as a word of a table.
func (s Support) String() string {
	switch s {
	case Unknown:
		return "not known"
	case No:
		return "no"
	case Yes:
		return "yes"
	}
	panic(fmt.Sprintf("unhandled support %d", uint8(s)))
}

// feature says what r tells of a feature of that name.
func (r *Report) feature(name string) Support {
	switch {
	case slices.Contains(strings.Fields(r.Supported), name), slices.Contains(strings.Fields(r.Provisional), name):
		return Yes
	case slices.Contains(strings.Fields(r.Unsupported), name):
		return No
	}
	return Unknown
}

// profile says whether r passed the core tests of a profile. Skipped tests leave
// it at yes: Skipped names them.
func (r *Report) profile(name string) Support {
	if r.Profiles[name] == "" {
		return Unknown
	}
	return Yes
}

// Skipped are the core tests of a profile that r left out.
func (r *Report) Skipped(profile string) []string {
	words := strings.Fields(r.Profiles[profile])
	if len(words) == 0 {
		return nil
	}
	return words[1:]
}

// Profiles are the conformance profiles that the features speak of.
func Profiles() []string {
	var all []string
	for _, n := range needs {
		if n.Core() {
			all = append(all, n.profile)
		}
	}
	return all
}
