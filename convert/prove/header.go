package prove

import (
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// headerEdit is what a sequence of operations does to one header.
type headerEdit struct {
	name    string // in lower case
	replace bool   // the value of the message goes
	values  []string
}

// headerText writes what the operations of a rule and of its backend do to the
// headers, one line for each header. Istio joins those of a sole destination to
// the rule's; otherwise Envoy runs those of the destination first, and those of
// the rule after them (core/route/route.go, applyHTTPRouteDestination; Envoy's
// HeaderParser runs removals before the rest).
func headerText(rule, backend route.HeaderOps, sole bool) string {
	if rule.Empty() && backend.Empty() {
		return ""
	}
	var edits []headerEdit
	if sole {
		edits = applyHeaders(edits, rule, backend)
	} else {
		edits = applyHeaders(applyHeaders(edits, backend), rule)
	}
	slices.SortFunc(edits, func(a, b headerEdit) int { return strings.Compare(a.name, b.name) })
	var b strings.Builder
	for _, e := range edits {
		if !e.replace && len(e.values) == 0 {
			continue
		}
		b.WriteString(e.name)
		if e.replace {
			b.WriteByte('=')
		} else {
			b.WriteByte('+')
		}
		for _, v := range e.values {
			b.WriteString(v)
			b.WriteByte('\x00')
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// applyHeaders adds operations that are run in one go. What Istio leaves alone,
// pseudo-headers and Host, is no edit here (isInternalHeader).
func applyHeaders(edits []headerEdit, level ...route.HeaderOps) []headerEdit {
	edit := func(name string) *headerEdit {
		name = strings.ToLower(name)
		i := slices.IndexFunc(edits, func(e headerEdit) bool { return e.name == name })
		if i < 0 {
			i = len(edits)
			edits = append(edits, headerEdit{name: name})
		}
		return &edits[i]
	}
	internal := func(name string) bool { return strings.HasPrefix(name, ":") || strings.EqualFold(name, "host") }
	for _, ops := range level {
		for _, name := range ops.Remove {
			if !internal(name) {
				e := edit(name)
				e.replace, e.values = true, nil
			}
		}
	}
	for _, ops := range level {
		for _, h := range ops.Set {
			if !internal(h.Name) && h.Value != "" { // Envoy drops an empty value
				e := edit(h.Name)
				e.replace, e.values = true, []string{h.Value}
			}
		}
		for _, h := range ops.Add {
			if !internal(h.Name) && h.Value != "" {
				e := edit(h.Name)
				e.values = append(e.values, h.Value)
			}
		}
	}
	return edits
}

// hostRewriteText is the Host that a backend sees, or "" for the caller's:
// rewrite.authority comes before a Host among the headers of the rule, and that
// before one of the backend (core/route/route.go, applyHTTPRouteDestination).
func hostRewriteText(a *route.Action, b *route.Backend) string {
	if a.Rewrite != nil && a.Rewrite.Authority != "" {
		return strings.ToLower(a.Rewrite.Authority)
	}
	for _, ops := range []route.HeaderOps{a.Request(), b.Request()} {
		if host := authorityOf(ops); host != "" {
			return strings.ToLower(host)
		}
	}
	return ""
}

// authorityOf is the Host that operations write: what is set comes before what
// is added, and the last of several counts.
func authorityOf(ops route.HeaderOps) string {
	for _, list := range [][]route.Header{ops.Set, ops.Add} {
		for _, h := range slices.Backward(list) {
			if h.Value != "" && (strings.EqualFold(h.Name, "host") || strings.EqualFold(h.Name, ":authority")) {
				return h.Value
			}
		}
	}
	return ""
}
