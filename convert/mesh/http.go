package mesh

import (
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// element is one http[] element and the VirtualService that it stands in.
type element struct {
	vs   *virtualService
	msg  *networking.HTTPRoute
	node *source.Node
}

// httpRule is an http[] element, merged with the root's when it is a delegate's.
type httpRule struct {
	element
	root    *element // nil unless delegated to
	name    string
	matches []match // none: matches all
	actions map[uint32]*route.Action
}

// part picks the element whose field counts: the delegate's own, or the root's
// where the delegate has none (pilot/pkg/model/virtualservice.go mergeHTTPRoute).
func (r *httpRule) part(has func(*networking.HTTPRoute) bool) element {
	if r.root != nil && !has(r.msg) {
		return *r.root
	}
	return r.element
}

// match is a match block with the conditions that choose entries.
type match struct {
	route.Match
	port     uint32
	gateways []string // resolved; empty for all

	ignoreCase bool // as written, also where it has no effect
}

// httpRules reads the rules of vs with its delegates merged in.
func (l *linker) httpRules(vs *virtualService, used map[route.Name]bool) []*httpRule {
	var rules []*httpRule
	for _, msg := range vs.spec.Http {
		e := element{vs, msg, vs.Node(msg)}
		if msg.Delegate == nil {
			rules = append(rules, &httpRule{element: e, name: msg.Name, matches: e.matches()})
			continue
		}
		rules = append(rules, l.delegated(e, used)...)
	}
	return rules
}

// delegated merges the rules of a delegate with the root's element e
// (pilot/pkg/model/virtualservice.go MergeHTTPRoutes). One level only: Istio
// does not follow a delegate's delegates.
func (l *linker) delegated(e element, used map[route.Name]bool) []*httpRule {
	name := route.Name{Namespace: e.msg.Delegate.Namespace, Name: e.msg.Delegate.Name}
	if name.Namespace == "" {
		name.Namespace = e.vs.Namespace
	}
	d := l.delegates[name]
	if d == nil {
		l.note(rule.DelegateMissing, e.node.At("delegate"), "the rules of delegate %s are not known: requests that match here get what the rest of the list decides, or 404.", name)
		return nil
	}
	used[name] = true
	rootMatches := e.matches()
	var rules []*httpRule
	for _, msg := range d.spec.Http {
		own := element{d, msg, d.Node(msg)}
		merged, conflict := mergeMatches(rootMatches, own.matches())
		if conflict {
			l.note(rule.DelegateConflict, own.node.At("match"), "this rule is not within the match of the root at line %d: Istio drops it, and so does the output.", e.node.Place().Pos.Line)
			continue
		}
		rules = append(rules, &httpRule{element: own, root: &e, name: strings.Trim(e.msg.Name+"-"+msg.Name, "-"), matches: merged})
	}
	return rules
}

// matches reads the match blocks of an element.
func (e element) matches() []match {
	var out []match
	for _, m := range e.msg.Match {
		out = append(out, e.match(m))
	}
	return out
}

func (e element) match(m *networking.HTTPMatchRequest) match {
	out := match{port: m.Port, ignoreCase: m.IgnoreUriCase}
	for _, g := range m.Gateways {
		if g != meshGateway {
			g = gatewayName(g, e.vs.Namespace).String()
		}
		out.gateways = append(out.gateways, g)
	}
	out.Match = route.Match{
		From:            e.vs.Node(m),
		Path:            e.path(m),
		Method:          e.optional(m.Method),
		Scheme:          e.optional(m.Scheme),
		Authority:       e.optional(m.Authority),
		Headers:         e.keyed(m.Headers),
		Without:         e.keyed(m.WithoutHeaders),
		Query:           e.keyed(m.QueryParams),
		SourceNamespace: m.SourceNamespace,
		SourceLabels:    m.SourceLabels,
	}
	return out
}

// path reads uri. An empty uri is the prefix "/" (route.go TranslateRouteMatch);
// ignoreUriCase has no effect on a regular expression.
func (e element) path(m *networking.HTTPMatchRequest) route.StringMatch {
	p := e.stringMatch(m.Uri)
	switch p.Kind {
	case route.Present:
		return route.StringMatch{}
	case route.Exact, route.Prefix:
		p.IgnoreCase = m.IgnoreUriCase
	}
	return p
}

// optional reads a condition on what every request has: any value is no condition.
func (e element) optional(m *networking.StringMatch) route.StringMatch {
	if m == nil {
		return route.StringMatch{}
	}
	s := e.stringMatch(m)
	if s.Kind == route.Present {
		return route.StringMatch{}
	}
	return s
}

func (e element) keyed(m map[string]*networking.StringMatch) []route.KeyMatch {
	var out []route.KeyMatch
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, route.KeyMatch{Name: name, StringMatch: e.stringMatch(m[name])})
	}
	return out
}

// stringMatch reads a StringMatch. Nothing, and the regular expression "*",
// stand for presence (route.go canBeConvertedToPresentMatch).
func (e element) stringMatch(m *networking.StringMatch) route.StringMatch {
	out := route.StringMatch{Kind: route.Present, From: e.vs.Node(m)}
	switch t := m.GetMatchType().(type) {
	case *networking.StringMatch_Exact:
		out.Kind, out.Value = route.Exact, t.Exact
	case *networking.StringMatch_Prefix:
		out.Kind, out.Value = route.Prefix, t.Prefix
	case *networking.StringMatch_Regex:
		if t.Regex != "*" {
			out.Kind, out.Value = route.Regex, t.Regex
		}
	}
	return out
}

// mergeMatches joins each match of a delegate with each of the root that it is
// within; a delegate's match that is within none is a conflict
// (pilot/pkg/model/virtualservice.go mergeHTTPMatchRequests).
func mergeMatches(root, delegate []match) (merged []match, conflict bool) {
	if len(root) == 0 {
		return delegate, false
	}
	if len(delegate) == 0 {
		return root, false
	}
	for _, d := range delegate {
		found := false
		for _, r := range root {
			if !conflicts(r, d) {
				merged = append(merged, join(r, d))
				found = true
			}
		}
		if !found {
			return nil, true
		}
	}
	return merged, false
}

func join(r, d match) match {
	out := d
	out.Path = orElse(d.Path, r.Path)
	out.Method = orElse(d.Method, r.Method)
	out.Scheme = orElse(d.Scheme, r.Scheme)
	out.Authority = orElse(d.Authority, r.Authority)
	out.Headers = joinKeyed(r.Headers, d.Headers)
	out.Without = joinKeyed(r.Without, d.Without)
	out.Query = joinKeyed(r.Query, d.Query)
	if d.port == 0 {
		out.port = r.port
	}
	if len(d.gateways) == 0 {
		out.gateways = r.gateways
	}
	if d.SourceNamespace == "" {
		out.SourceNamespace = r.SourceNamespace
	}
	if len(r.SourceLabels) > 0 {
		out.SourceLabels = maps.Clone(r.SourceLabels)
		maps.Copy(out.SourceLabels, d.SourceLabels)
	}
	return out
}

func orElse(own, other route.StringMatch) route.StringMatch {
	if own.Kind == route.Any {
		return other
	}
	return own
}

func joinKeyed(root, own []route.KeyMatch) []route.KeyMatch {
	byName := map[string]route.KeyMatch{}
	for _, k := range slices.Concat(root, own) {
		byName[k.Name] = k
	}
	var out []route.KeyMatch
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, byName[name])
	}
	return out
}

// conflicts tells whether d is not within r (virtualservice.go hasConflict).
func conflicts(r, d match) bool {
	pairs := [][2]route.StringMatch{{r.Path, d.Path}, {r.Scheme, d.Scheme}, {r.Method, d.Method}, {r.Authority, d.Authority}}
	for _, lists := range [][2][]route.KeyMatch{{r.Headers, d.Headers}, {r.Without, d.Without}, {r.Query, d.Query}} {
		for _, k := range lists[1] {
			for _, o := range lists[0] {
				if o.Name == k.Name {
					pairs = append(pairs, [2]route.StringMatch{o.StringMatch, k.StringMatch})
				}
			}
		}
	}
	if slices.ContainsFunc(pairs, func(p [2]route.StringMatch) bool { return stringsConflict(p[0], p[1]) }) {
		return true
	}
	if r.ignoreCase != d.ignoreCase || r.port > 0 && d.port > 0 && r.port != d.port || r.SourceNamespace != "" && d.SourceNamespace != r.SourceNamespace {
		return true
	}
	for k, v := range d.SourceLabels {
		if o, ok := r.SourceLabels[k]; ok && o != v {
			return true
		}
	}
	if len(r.gateways) == 0 || len(d.gateways) == 0 {
		return false
	}
	return slices.ContainsFunc(d.gateways, func(g string) bool { return !slices.Contains(r.gateways, g) })
}

// stringsConflict follows virtualservice.go stringMatchConflict: a regular
// expression goes with nothing, an exact value only with itself, a prefix with
// what it begins.
func stringsConflict(root, leaf route.StringMatch) bool {
	switch {
	case root.Kind == route.Any || leaf.Kind == route.Any:
		return false
	case root.Kind == route.Exact:
		return leaf.Kind != route.Exact || leaf.Value != root.Value
	case root.Kind == route.Prefix && (leaf.Kind == route.Prefix || leaf.Kind == route.Exact):
		return !strings.HasPrefix(leaf.Value, root.Value)
	}
	return true
}
