package target

import (
	"fmt"
	"slices"
	"strings"
)

// Fact is a statement about an implementation that no conformance test makes.
type Fact struct {
	Says     string `json:"says"`   // "" is not known
	Source   string `json:"source"` // where it was read, or how it was seen
	Date     string `json:"date"`
	Inferred bool   `json:"inferred,omitempty"` // concluded from the source, which does not say so itself
}

// String is what a table shows.
func (f Fact) String() string {
	switch {
	case f.Says == "":
		return "not known"
	case f.Inferred:
		return f.Says + " (inferred)"
	}
	return f.Says
}

// Known tells whether f says anything.
func (f Fact) Known() bool { return f.Says != "" }

// Anchoring is how much of a value a regular expression has to match.
type Anchoring uint8

// The ways to anchor.
const (
	AnchoringUnknown Anchoring = iota
	// Whole: all of the value, as in Istio.
	Whole
	// Start: the value has to begin with a match.
	Start
	// Nowhere: a match anywhere in the value will do.
	Nowhere
)

// String is what an expression is compared with.
func (a Anchoring) String() string {
	switch a {
	case AnchoringUnknown:
		return "not known"
	case Whole:
		return "the whole path"
	case Start:
		return "the beginning of the path"
	case Nowhere:
		return "any part of the path"
	}
	panic(fmt.Sprintf("unhandled anchoring %d", uint8(a)))
}

// Implementation is something that serves Gateway API.
type Implementation struct {
	Name  string // as --target takes it
	Title string // for sentences
	About string // what has to be known about its reports; may be ""

	Gateways  Support // serves Gateways
	Mesh      Support // serves routes on Services (GAMMA)
	Timeout   Fact    // after which time a request ends whose route sets no timeout; none: never
	Retries   Fact    // of a request whose route sets none; none: never
	Paths     Fact    // regular expressions on paths: the dialect
	Anchoring Anchoring
	NoCaret   bool // an expression on paths has to begin with /, so that ^ is refused
	Rank      Fact // of expressions among other paths
	Sessions  Fact // session persistence in routes
	Auth      Fact // the filter ExternalAuth

	PathRegex Support // regular expressions on paths

	// MeshAlike: what serves a feature at a Gateway serves it in the mesh, since the
	// same code translates both.
	MeshAlike bool
	// Also are features that its reports don't speak of, and that a source says are
	// served; MeshAlso are those in the mesh alone.
	Also, MeshAlso map[string]Fact
	// Seen is what happens to requests where an unsupported feature is written.
	Seen map[string]Fact
	// Breaks are those of Seen by which requests of the rule are not served at all.
	Breaks []string
}

// Weight is what becomes of a rule that needs n, where i does not serve that.
func (i *Implementation) Weight(n Need) Weight {
	if slices.Contains(i.Breaks, n.Feature) {
		return Service
	}
	return n.Weight
}

// NamedFact is a row of an implementation's page.
type NamedFact struct {
	Name string
	Fact
}

// Facts are what is kept by hand, in the order of tables.
func (i *Implementation) Facts() []NamedFact {
	return []NamedFact{
		{"request timeout when none is set", i.Timeout},
		{"retries when none are set", i.Retries},
		{"dialect of path expressions", i.Paths},
		{"rank of path expressions", i.Rank},
		{"session persistence in routes", i.Sessions},
		{"external authorization filter", i.Auth},
	}
}

// Ranking is where i puts expressions among paths.
func (i *Implementation) Ranking() Ranking { return rankings[i.Name] }

// Reports are those about i, the newest first.
func (i *Implementation) Reports() []*Report {
	return slices.DeleteFunc(slices.Clone(reports()), func(r *Report) bool { return r.Implementation != i.Name })
}

// Labels are the versions of i that --target takes, the newest first.
func (i *Implementation) Labels() []string {
	var all []string
	for _, r := range i.Reports() {
		all = append(all, r.Label)
	}
	return all
}

// Target is an implementation in one version.
type Target struct {
	*Implementation
	Report *Report
}

// String is how --target names t.
func (t Target) String() string { return t.Name + "@" + t.Report.Label }

// Spoken is the name of t for a finding: its version is of interest where it is
// not the newest, and findings should not change when that does.
func (t Target) Spoken() string {
	if t.Report.Label == t.Newest().Report.Label {
		return t.Title
	}
	return t.Full()
}

// Full is the name for a sentence: "Envoy Gateway 1.9".
func (t Target) Full() string { return t.Title + " " + t.Report.Label }

// Targets are all implementations in their newest version, in the order of tables.
func Targets() []Target {
	all := make([]Target, len(implementations))
	for i := range implementations {
		all[i] = implementations[i].Newest()
	}
	return all
}

// Newest is i in the version with the newest report.
func (i *Implementation) Newest() Target { return Target{i, i.Reports()[0]} }

// Parse reads NAME or NAME@VERSION. A version is a minor one, or a patch release
// of it; the report nearest to it is taken.
func Parse(s string) (Target, error) {
	name, version, versioned := strings.Cut(s, "@")
	at := slices.IndexFunc(implementations, func(i Implementation) bool { return i.Name == name })
	if at < 0 {
		return Target{}, fmt.Errorf("unknown implementation %q: want %s", name, choices(Names()))
	}
	i := &implementations[at]
	if !versioned {
		return i.Newest(), nil
	}
	version = strings.TrimPrefix(version, "v")
	for _, r := range i.Reports() {
		rest, ok := strings.CutPrefix(version, r.Label)
		if ok && (rest == "" || rest[0] == '.') || version == r.Version {
			return Target{i, r}, nil
		}
	}
	return Target{}, fmt.Errorf("no report of %s %q: want %s", i.Title, version, choices(i.Labels()))
}

// NameOf is the name in NAME@VERSION.
func NameOf(s string) string {
	name, _, _ := strings.Cut(s, "@")
	return name
}

// choices is "a, b or c".
func choices[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, w := range all {
		words[i] = string(w)
	}
	last := len(words) - 1
	if last <= 0 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
