package target

import (
	"fmt"
	"slices"
	"strings"
)

// Default is what an implementation does where a route says nothing.
type Default uint8

// The defaults that differ.
const (
	DefaultTimeout Default = iota
	DefaultRetries
)

func (i *Implementation) byDefault(d Default) Fact {
	switch d {
	case DefaultTimeout:
		return i.Timeout
	case DefaultRetries:
		return i.Retries
	}
	panic(fmt.Sprintf("unhandled default %d", uint8(d)))
}

// LikeIstio tells whether t is known to do by default as Istio does.
func (t Target) LikeIstio(d Default) bool {
	own := t.byDefault(d)
	return own.Known() && own.Says == implementations[0].byDefault(d).Says
}

// Default says what t does by default, for a sentence that has said what Istio
// does: "the default of Envoy Gateway 1.9 is 15 s".
func (t Target) Default(d Default) string {
	own := t.byDefault(d)
	if !own.Known() {
		return "what " + t.Spoken() + " does is not known"
	}
	return fmt.Sprintf("the default of %s is: %s", t.Spoken(), own)
}

// Others lists the defaults that differ from Istio's, as far as a source says so:
// "Envoy Gateway and kgateway: 15 s".
func Others(d Default) string {
	istio := implementations[0].byDefault(d).Says
	return grouped(func(i *Implementation) string {
		own := i.byDefault(d)
		if own.Inferred || own.Says == istio {
			return ""
		}
		return own.Says
	})
}

// Anchorings lists how much of a path an expression has to match: "the whole path:
// Istio, Envoy Gateway and Cilium; any part of the path: Traefik".
func Anchorings() string {
	var parts []string
	for _, a := range []Anchoring{Whole, Start, Nowhere} {
		var names []string
		for i := range implementations {
			if implementations[i].Anchoring == a {
				names = append(names, implementations[i].Title)
			}
		}
		parts = append(parts, a.String()+": "+list(names))
	}
	return strings.Join(parts, "; ")
}

// Expression says what t compares a path expression with, for a sentence that has
// said what Istio does.
func (t Target) Expression() string {
	if t.PathRegex != Yes {
		return "whether " + t.Spoken() + " has expressions is not known"
	}
	rank := "its rank among other paths is not known"
	if t.Rank.Known() {
		rank = "it ranks " + t.Rank.Says
	}
	return fmt.Sprintf("%s compares it with %s (%s), and %s", t.Spoken(), t.Anchoring, t.Paths, rank)
}

// grouped names implementations by what f says of them, "" leaving one out.
func grouped(f func(*Implementation) string) string {
	var said []string
	names := map[string][]string{}
	for i := range implementations {
		what := f(&implementations[i])
		if what == "" {
			continue
		}
		if !slices.Contains(said, what) {
			said = append(said, what)
		}
		names[what] = append(names[what], implementations[i].Title)
	}
	for i, what := range said {
		said[i] = list(names[what]) + ": " + what
	}
	return strings.Join(said, "; ")
}

// list is "a, b and c".
func list(names []string) string {
	last := len(names) - 1
	if last <= 0 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
