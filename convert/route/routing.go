package route

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Routing is all that one side does with requests: Istio's objects before, or
// Gateway API's after. It is what the prover compares.
type Routing struct {
	Doors []*Door       // ordered by entry, then protocol
	Pods  map[Name]Pods // by Service, for those that are known
	// Outside are the hosts that ServiceEntries make known, by Endpoint.String of
	// what callers name.
	Outside map[string]*Outside
}

// Door is a place where requests come in, with a decision list for each host.
// All listeners of a gateway on one port that speak the same protocol make one
// door: which of them answers is a matter of the host.
type Door struct {
	Entry    Entry    // gateway and port, or Service and port (0: all of them)
	Protocol Protocol // HTTP, TLS or TCP
	Secure   bool     // the gateway terminates TLS: the requests are https
	Lists    []*List  // by host; the most specific host decides alone. Empty Lists: nothing answers
}

// List is a decision list for one host.
type List struct {
	Host string // exact name, *.suffix, or "" for all; for a mesh door always ""
	// Rules in the order in which they are preferred: the first whose match
	// holds decides. When none holds the answer is 404.
	Rules []*Rule
	// Sure tells of two rules, by index and i < j, whether i is surely preferred
	// to j. nil says that it always is. Gateway API leaves the rank of regular
	// expressions to the implementation, so that the answer has to hold for each
	// rule that may be preferred.
	Sure func(i, j int) bool
}

// Pods says which Pods a Service selects, which is what tells backends apart:
// two Services of one selector are the same backend.
type Pods struct {
	Namespace string
	Selector  string            // canonical: "app=reviews,version=v1"; "" when the Service has none, and its name counts
	Ports     map[uint32]string // targetPort by port, as written; the port itself where it is absent
}

// Request is one request, with what a match can ask of it. It is what a
// difference is shown by.
type Request struct {
	Method    string
	Path      string            // begins with /, without the query
	Headers   map[string]string // by lower-case name
	Query     map[string]string
	Scheme    string
	Authority string

	SourceLabels    map[string]string // of the calling workload
	SourceNamespace string
}

// PathChange says which part of the path a rewrite or redirect replaces.
type PathChange uint8

// The path changes.
const (
	ByMatch    PathChange = iota // Envoy's: the matched string prefix, or the whole path for exact and regex matches
	ByElements                   // Gateway API's ReplacePrefixMatch: the matched elements, joined by one slash
	WholePath                    // Gateway API's ReplaceFullPath
)

// CompareDoors orders doors by entry, gateways before Services, then protocol.
func CompareDoors(a, b *Door) int {
	flag := func(v bool) int {
		if v {
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(flag(a.Entry.Mesh), flag(b.Entry.Mesh)), a.Entry.Parent.Compare(b.Entry.Parent),
		cmp.Compare(a.Entry.Port, b.Entry.Port), cmp.Compare(a.Entry.Section, b.Entry.Section),
		cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(flag(a.Secure), flag(b.Secure)))
}

// CanonicalSelector spells a selector so that equal ones read the same.
func CanonicalSelector(labels map[string]string) string {
	pairs := make([]string, 0, len(labels))
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, k+"="+labels[k])
	}
	return strings.Join(pairs, ",")
}
