package prove

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// effect is what becomes of the path of a request that a rule decides: of the
// backend's request, or of the Location. The zero value keeps it.
type effect struct {
	kind effectKind
	text string // what is put in front, or the whole path, or the pattern
	more string // substitution of a pattern
	cut  int    // bytes that are dropped from the front
}

type effectKind uint8

const (
	keeps    effectKind = iota
	swaps               // text, then the path without its first cut bytes
	strips              // the path without its first cut bytes, and / where nothing is left
	replaces            // text
	rewrites            // RE2: each match of text becomes more
)

// effectOf reads what an action does to the path of what its rule takes.
func effectOf(r *route.Rule) effect {
	a := r.Action
	switch {
	case a == nil || a.Direct != nil && a.Redirect == nil:
	case a.Redirect != nil && a.Redirect.Prefix != "":
		return change(r.Match.Path, a.Redirect.Change, a.Redirect.Prefix)
	case a.Redirect != nil && a.Redirect.Path != "":
		return effect{kind: replaces, text: a.Redirect.Path}
	case a.Redirect != nil || a.Rewrite == nil:
	case a.Rewrite.Regex != "":
		return effect{kind: rewrites, text: a.Rewrite.Regex, more: a.Rewrite.Subst}
	case a.Rewrite.Path != "":
		return change(r.Match.Path, a.Rewrite.Change, a.Rewrite.Path)
	}
	return effect{}
}

// change is the effect of replacing by value what how says.
//
// Envoy's prefix_rewrite swaps the matched string: for an exact path or an
// expression that is the whole path, and a rule without a condition on the path
// matches the prefix / (core/route/route.go). ReplacePrefixMatch replaces
// elements; slashes at the end of prefix and value do not count
// (httproute_types.go, HTTPPathModifier).
func change(m route.StringMatch, how route.PathChange, value string) effect {
	prefix := m.Value
	switch m.Kind {
	case route.Any, route.Present:
		prefix = "/"
	case route.Exact, route.Regex:
		how = route.WholePath
	}
	switch how {
	case route.WholePath:
		return effect{kind: replaces, text: value}
	case route.ByMatch:
		return effect{kind: swaps, text: value, cut: len(prefix)}.plain(m)
	case route.ByElements:
		prefix, value = strings.TrimSuffix(prefix, "/"), strings.TrimSuffix(value, "/")
		if value != "" {
			return effect{kind: swaps, text: value, cut: len(prefix)}.plain(m)
		}
		if prefix == "" {
			return effect{}
		}
		return effect{kind: strips, cut: len(prefix)}
	}
	panic(fmt.Sprintf("unhandled path change %d", how))
}

// plain is e, or that nothing changes where a prefix is swapped for itself.
func (e effect) plain(m route.StringMatch) effect {
	prefix := m.Value
	if m.Kind == route.Any || m.Kind == route.Present {
		prefix = "/"
	}
	if e.cut <= len(prefix) && prefix[:e.cut] == e.text && !m.IgnoreCase {
		return effect{}
	}
	return e
}

// of is the path that e makes of path.
func (e effect) of(path string) string {
	switch e.kind {
	case keeps:
		return path
	case swaps:
		return e.text + path[min(e.cut, len(path)):]
	case strips:
		if rest := path[min(e.cut, len(path)):]; rest != "" {
			return rest
		}
		return "/"
	case replaces:
		return e.text
	case rewrites:
		pattern, err := regexp.Compile(e.text)
		if err != nil {
			return "what " + e.text + " makes of " + path // equal to nothing else
		}
		return pattern.ReplaceAllString(path, goTemplate(e.more))
	}
	panic(fmt.Sprintf("unhandled effect %d", e.kind))
}

// goTemplate is an RE2 substitution, whose groups are \0 to \9, in Go's words.
func goTemplate(substitution string) string {
	var b strings.Builder
	for i := 0; i < len(substitution); i++ {
		c := substitution[i]
		switch {
		case c == '$':
			b.WriteString("$$")
		case c == '\\' && i+1 < len(substitution):
			i++
			if digit := substitution[i]; '0' <= digit && digit <= '9' {
				b.WriteString("${" + string(digit) + "}")
			} else {
				b.WriteByte(substitution[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// contrast is how two rules differ within a group.
type contrast struct {
	aspects []finding.Aspect
	path    string // that shows it
	reason  string // why it is not known whether there is more
}

// contrast compares what two rules do with the requests of a group.
func (p *prover) contrast(g *group, b, a *rule) contrast {
	before, after := &p.deeds[p.deedOf(b)], &p.deeds[p.deedOf(a)]
	c := contrast{path: p.pathOf(g)}
	if before.opaque || after.opaque {
		c.reason = opaqueReason(b, a)
		return c
	}
	if before.outcome != after.outcome {
		c.aspects = []finding.Aspect{finding.Outcome}
		return c
	}
	c.aspects = p.partsThatDiffer(before, after, b, a)
	if b == nil || a == nil || b.effect == a.effect {
		return c
	}
	aspect := finding.PathRewrite
	switch before.outcome {
	case redirects:
		aspect = finding.Redirect
	case responds, refuses:
		return c
	}
	path, differs, unknown := p.pathsDiffer(g, b, a)
	switch {
	case differs:
		c.aspects, c.path = union(c.aspects, []finding.Aspect{aspect}), path
	case unknown:
		c.reason = fmt.Sprintf("what becomes of the path is not compared for %s and %s", ruleText(b), ruleText(a))
	}
	return c
}

func (p *prover) partsThatDiffer(before, after *deed, b, a *rule) []finding.Aspect {
	var all []finding.Aspect
	for i := range parts {
		if before.parts[i] == after.parts[i] {
			continue
		}
		switch {
		case i == weights && before.parts[destinations] != after.parts[destinations]:
			continue // other pods have other shares
		case i == origins && before.parts[i] != "" && after.parts[i] != "" && p.sameOrigins(b.Action.CORS.Origins, a.Action.CORS.Origins):
			continue
		case len(all) > 0 && all[len(all)-1] == aspectOf[i]:
			continue
		}
		all = append(all, aspectOf[i])
	}
	return union(all, nil)
}

func opaqueReason(rules ...*rule) string {
	for _, r := range rules {
		if r != nil && r.Action != nil && len(r.Action.Opaque) > 0 {
			return fmt.Sprintf("what %s does is not known (%s)", ruleText(r), strings.Join(r.Action.Opaque, ", "))
		}
	}
	panic("no rule is opaque")
}

// anyPath are paths where no rule asks for one.
var anyPath = []string{"/", "/x", "//", "/x/"}

func (p *prover) members(g *group, i int) []string {
	if len(g.classes) == 0 {
		return anyPath
	}
	return p.space.path.classes.Members(int(g.classes[i]))
}

// pathOf is the shortest path of a group; "" where requests have none.
func (p *prover) pathOf(g *group) string {
	if p.protocol != route.HTTP {
		return ""
	}
	return shortestOf(p.members(g, 0))
}

// pathsDiffer compares two effects on all paths of a group.
func (p *prover) pathsDiffer(g *group, b, a *rule) (path string, differs, unknown bool) {
	for i := range max(1, len(g.classes)) {
		members := p.members(g, i)
		if len(members) == 0 {
			unknown = true
		}
		for _, m := range members {
			if b.effect.of(m) != a.effect.of(m) && (!differs || len(m) < len(path)) {
				path, differs = m, true
			}
		}
		if differs {
			return path, true, unknown
		}
		unknown = unknown || !comparable(b, a)
	}
	return path, differs, unknown
}

// comparable tells whether two effects that are the same for the members of a
// class are so for all of its paths. The members are the paths that replacing a
// prefix can tell apart, if the rules ask for plain paths.
func comparable(b, a *rule) bool {
	exact := func(r *rule) bool { return r.Match.Path.Kind == route.Exact && !r.Match.Path.IgnoreCase }
	if exact(b) || exact(a) {
		return true // one path
	}
	if b.effect.kind == replaces && a.effect.kind == replaces {
		return b.effect.text == a.effect.text
	}
	plain := func(r *rule) bool {
		return r.Match.Path.Kind != route.Regex && !r.Match.Path.IgnoreCase && r.effect.kind != rewrites
	}
	return plain(b) && plain(a)
}
