package istiod

import (
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// scope says which aspects of a decision the rules of a range of ids speak of,
// and for which paths. Ids that no scope holds speak of which rule decides, and
// so of all aspects.
type scope struct {
	from, to int
	aspects  string
	paths    func(path string, prefixes []string) bool // nil: all
}

const (
	everything = "*"
	nothing    = ""
)

// scopes keep a finding on one thing from excusing another.
var scopes = []scope{
	{41, 41, nothing, nil}, // keys that Istio does not know either
	{46, 48, nothing, nil},
	{52, 54, nothing, nil},
	{100, 102, "fault outcome", nil}, // an abort of all requests becomes an outcome
	{103, 103, "retry", nil},
	{131, 131, nothing, nil}, // what is missing from the input is made up here
	{135, 135, nothing, nil},
	{140, 140, everything, beyondElement},
	{142, 142, everything, bare},
	{143, 144, nothing, nil}, // other dialects than Istio's
	{149, 149, nothing, nil},
	{158, 161, "requestHeaders responseHeaders authority", nil},
	{162, 162, "authority", nil},
	{164, 164, "path outcome", nil}, // refused where it can't be said
	{165, 166, "path", nil},
	{167, 170, "redirect outcome path", nil},
	{171, 178, "timeout perTryTimeout retry retryOn backoff", nil},
	{181, 181, "mirror", nil},
	{182, 188, "cors corsPreflights", nil},
	{200, 220, nothing, nil}, // connections
	{222, 222, "hash", nil},
	{223, 246, nothing, nil}, // balancing, health, TLS
	{300, 307, nothing, nil}, // TLS of clients
	{326, 342, nothing, nil},
	{351, 351, "redirect", nil},
	{400, 404, nothing, nil},   // policies
	{514, 514, "outcome", nil}, // 500 in the place of 404
	{580, 584, nothing, nil},   // DestinationRules that are kept
}

// notes are the findings of lowest severity that admit a difference all the
// same: it takes a request that hardly anybody sends.
var notes = map[string]string{
	"MG148": "backends outcome", // a method that nobody has heard of
	"MG176": "retryOn",
}

// beyondElement tells whether a path goes on within the last element of a prefix.
func beyondElement(path string, prefixes []string) bool {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(path, p); ok && rest != "" && rest[0] != '/' && !strings.HasSuffix(p, "/") {
			return true
		}
	}
	return false
}

// bare tells whether a path is a prefix without the slash at its end.
func bare(path string, prefixes []string) bool {
	for _, p := range prefixes {
		if path+"/" == p {
			return true
		}
	}
	return false
}

// admissions are the scopes of findings, with the prefixes that they speak of.
type admissions struct {
	scopes   []scope
	prefixes []string
}

// admitted are what the findings on some objects admit.
func admitted(findings []finding.Finding, about concern) admissions {
	out := admissions{prefixes: about.prefixes}
	for _, f := range findings {
		object, _, _ := strings.Cut(f.Place.Object, ",") // the subset of a DestinationRule
		if about.objects[object] {
			out.scopes = append(out.scopes, scopeOf(f.Rule))
		}
	}
	return out
}

func scopeOf(r *finding.Rule) scope {
	if r.Severity < finding.Warning {
		return scope{aspects: notes[r.ID]}
	}
	id, err := strconv.Atoi(strings.TrimPrefix(r.ID, "MG"))
	if err != nil {
		panic("rule id " + r.ID)
	}
	for _, s := range scopes {
		if s.from <= id && id <= s.to {
			return s
		}
	}
	return scope{aspects: everything}
}

// explain tells whether each aspect that differs on a path is admitted to.
func (a admissions) explain(path string, differing map[string]difference) bool {
	known := map[string]bool{}
	for _, s := range a.scopes {
		if s.paths == nil || s.paths(path, a.prefixes) {
			for _, aspect := range strings.Fields(s.aspects) {
				known[aspect] = true
			}
		}
	}
	for aspect := range differing {
		if !known[aspect] && !known[everything] {
			return false
		}
	}
	return true
}
