package istiod

import (
	"maps"
	"regexp/syntax"
	"slices"
	"strings"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
)

// most requests for one host of one door; what is beyond is counted and said.
const mostRequests = 20000

// condition is one thing that a request may fulfil or miss.
type condition struct {
	kind, name string // header, query, method or authority
	good, bad  []value
}

type value struct {
	text   string
	absent bool
}

// probe is how a route is met and narrowly missed.
type probe struct {
	paths      []string // the first fits
	conditions []condition
}

// derive makes requests from the routes of both sides: each route met, each of
// its conditions missed alone, and all pairs of routes met together as far as
// they go, since that is where order decides.
func (q *question) derive(routes []*routev3.Route) {
	seen := map[string]bool{}
	add := func(r request) {
		switch key := r.String(); {
		case seen[key]:
		case len(q.requests) >= mostRequests:
			q.dropped++
		default:
			seen[key] = true
			q.requests = append(q.requests, r)
		}
	}
	plain := request{Host: q.host, Method: "GET", Path: "/"}
	add(plain)
	var probes []probe
	for _, r := range routes {
		p := probeOf(r.GetMatch())
		probes = append(probes, p)
		near := p.near(plain)
		for _, r := range near {
			add(r)
		}
		if !slices.ContainsFunc(near, func(n request) bool { return meets(r.GetMatch(), n) }) {
			q.unmet++
		}
	}
	for i, p := range probes {
		for j, other := range probes {
			if i == j {
				continue
			}
			for _, path := range p.paths {
				bare, both := plain, plain
				bare.Path, both.Path = path, path
				add(other.meet(bare))
				add(other.meet(p.meet(both)))
			}
		}
	}
}

// meets tells whether a route takes a request over one of the schemes. What
// can't be evaluated is told by decide.
func meets(m *routev3.RouteMatch, r request) bool {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(unsupported); !ok {
				panic(p)
			}
		}
	}()
	secure := r
	r.scheme, secure.scheme = "http", "https"
	return matches(m, r) || matches(m, secure)
}

func probeOf(m *routev3.RouteMatch) probe {
	p := probe{paths: pathsOf(m)}
	for _, h := range m.GetHeaders() {
		p.conditions = append(p.conditions, headerCondition(h))
	}
	for _, q := range m.GetQueryParameters() {
		good, bad := valuesOf(q.GetStringMatch())
		p.conditions = append(p.conditions, condition{kind: "query", name: q.GetName(), good: good, bad: append(bad, value{absent: true})})
	}
	return p
}

// near are the requests that meet a route, and those that miss it by one thing.
func (p probe) near(r request) []request {
	var out []request
	r.Path = p.paths[0]
	met := p.meet(r)
	for _, path := range p.paths {
		r.Path = path
		out = append(out, r, p.meet(r))
	}
	for _, method := range []string{"POST", "DELETE", "OPTIONS"} {
		r := met
		r.Method = method
		out = append(out, r)
	}
	for _, c := range p.conditions {
		for _, v := range slices.Concat(c.good, c.bad) {
			out = append(out, c.apply(met, v))
		}
	}
	return out
}

// meet fulfils all conditions.
func (p probe) meet(r request) request {
	for _, c := range p.conditions {
		if len(c.good) > 0 {
			r = c.apply(r, c.good[0])
		}
	}
	return r
}

func (c condition) apply(r request, v value) request {
	set := func(m map[string]string) map[string]string {
		m = maps.Clone(m)
		if m == nil {
			m = map[string]string{}
		}
		m[c.name] = v.text
		if v.absent {
			delete(m, c.name)
		}
		return m
	}
	switch {
	case c.kind == "query":
		r.Query = set(r.Query)
	case c.name == ":method":
		r.Method = v.text
	case c.name == ":authority":
		r.Host = v.text
	case !strings.HasPrefix(c.name, ":"):
		r.Headers = set(r.Headers)
	}
	return r
}

// pathsOf gives a path that fits, longer and shorter ones, and the parent.
func pathsOf(m *routev3.RouteMatch) []string {
	var fit []string
	switch p := m.GetPathSpecifier().(type) {
	case *routev3.RouteMatch_Prefix:
		fit = []string{p.Prefix}
	case *routev3.RouteMatch_PathSeparatedPrefix:
		fit = []string{p.PathSeparatedPrefix}
	case *routev3.RouteMatch_Path:
		fit = []string{p.Path}
	case *routev3.RouteMatch_SafeRegex:
		fit = membersOf(p.SafeRegex.GetRegex())
	}
	var out []string
	for _, path := range append(fit, "/") {
		parent := path[:strings.LastIndexByte(path, '/')+1]
		out = append(out, path, path+"x", path+"/", path+"/x", path+"/x/y", parent, strings.TrimSuffix(path, "/"), strings.TrimSuffix(parent, "/"))
		out = append(out, strings.ToUpper(path), strings.TrimSuffix(path, "/")+"x", strings.TrimSuffix(path, "/")+"//x")
	}
	out = slices.DeleteFunc(out, func(s string) bool { return !strings.HasPrefix(s, "/") })
	seen := map[string]bool{}
	return slices.DeleteFunc(out, func(s string) bool { was := seen[s]; seen[s] = true; return was })
}

func headerCondition(h *routev3.HeaderMatcher) condition {
	c := condition{kind: "header", name: strings.ToLower(h.GetName())}
	absent := []value{{absent: true}}
	if strings.HasPrefix(c.name, ":") {
		absent = nil // pseudo-headers are always there
	}
	switch m := h.GetHeaderMatchSpecifier().(type) {
	case *routev3.HeaderMatcher_StringMatch:
		c.good, c.bad = valuesOf(m.StringMatch)
		if c.name == ":authority" { // clients write it in lower case
			upper := func(v value) bool { return v.text != strings.ToLower(v.text) }
			c.good, c.bad = slices.DeleteFunc(c.good, upper), slices.DeleteFunc(c.bad, upper)
		}
	case *routev3.HeaderMatcher_PresentMatch:
		c.good = []value{{text: "any"}}
		if !m.PresentMatch {
			c.good, absent = absent, []value{{text: "any"}}
		}
	}
	if c.good == nil {
		c.good = []value{{text: "any"}}
	}
	c.bad = append(c.bad, absent...)
	if h.GetInvertMatch() {
		slices.Reverse(c.bad) // absence first
		c.good, c.bad = c.bad, c.good
	}
	return c
}

// valuesOf are values that match and near ones that don't.
func valuesOf(m *matcherv3.StringMatcher) (good, bad []value) {
	var fit []string
	switch p := m.GetMatchPattern().(type) {
	case *matcherv3.StringMatcher_Exact:
		fit = []string{p.Exact}
	case *matcherv3.StringMatcher_Prefix:
		fit = []string{p.Prefix, p.Prefix + "x"}
	case *matcherv3.StringMatcher_Suffix:
		fit = []string{p.Suffix, "x" + p.Suffix}
	case *matcherv3.StringMatcher_Contains:
		fit = []string{p.Contains}
	case *matcherv3.StringMatcher_SafeRegex:
		fit = membersOf(p.SafeRegex.GetRegex())
	default:
		return []value{{text: "any"}}, nil
	}
	for _, s := range fit {
		for _, candidate := range []string{s, s + "x", "x" + s, strings.ToUpper(s)} {
			v := value{text: candidate}
			switch {
			case stringHolds(m, candidate) && !slices.Contains(good, v):
				good = append(good, v)
			case !stringHolds(m, candidate) && !slices.Contains(bad, v):
				bad = append(bad, v)
			}
		}
	}
	return good, append(bad, value{text: "other"})
}

// membersOf are a few strings that a regular expression takes.
func membersOf(expression string) []string {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil // decide says so
	}
	out := members(tree.Simplify())
	out = slices.DeleteFunc(out, func(s string) bool { return !fullMatch(expression, s) })
	return out[:min(len(out), 8)]
}

// members walks an expression: each alternative once, each repetition none,
// one and two times.
func members(re *syntax.Regexp) []string {
	sub := func() []string { return members(re.Sub[0]) }
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCharClass:
		if len(re.Rune) == 0 {
			return nil
		}
		return []string{string(readable(re.Rune))}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []string{"a"}
	case syntax.OpCapture, syntax.OpPlus:
		return sub()
	case syntax.OpStar:
		return append([]string{""}, sub()...)
	case syntax.OpQuest:
		return append(sub(), "")
	case syntax.OpRepeat:
		return []string{strings.Repeat(slices.Concat(sub(), []string{""})[0], max(re.Min, 1))}
	case syntax.OpAlternate:
		var out []string
		for _, s := range re.Sub {
			out = append(out, members(s)...)
		}
		return out
	case syntax.OpConcat:
		out := []string{""}
		for _, s := range re.Sub {
			var longer []string
			for _, tail := range members(s) {
				for _, head := range out {
					longer = append(longer, head+tail)
				}
			}
			out = longer[:min(len(longer), 64)]
		}
		return out
	}
	return []string{""} // anchors and the empty match
}

// readable picks a letter or digit of a class where it has one.
func readable(ranges []rune) rune {
	for _, want := range "a1Az/-_" {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= want && want <= ranges[i+1] {
				return want
			}
		}
	}
	return ranges[0]
}
