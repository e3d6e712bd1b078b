package route

import "strings"

// HostTakes tells whether all names of the host inner are names of outer. A host
// is an exact name, or *.a.b for the names below a.b at any depth (Istio
// pkg/config/host/name.go SubsetOf; Gateway API shared_types.go Hostname); "" and
// "*" are all names.
func HostTakes(outer, inner string) bool {
	if outer == "" || outer == inner {
		return true
	}
	suffix, wild := strings.CutPrefix(outer, "*")
	return wild && len(inner) > len(suffix) && strings.HasSuffix(inner, suffix)
}

// NarrowerHost is what two hosts have in common: the one that the other takes.
func NarrowerHost(a, b string) (string, bool) {
	switch {
	case HostTakes(a, b):
		return b, true
	case HostTakes(b, a):
		return a, true
	}
	return "", false
}
