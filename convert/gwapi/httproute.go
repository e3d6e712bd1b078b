package gwapi

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// line is a rule of a table on its way into a route.
type line struct {
	*route.Rule
	index    int                        // in the table
	company  bool                       // other objects have rules for the same requests
	dead     bool                       // one of them takes all that this rule would take
	matches  []gatewayv1.HTTPRouteMatch // any of them holds; none: the rule is not written
	*matcher                            // nil where an earlier rule takes all that this one would
}

// written tells whether l becomes part of a route.
func (l *line) written() bool { return len(l.matches) > 0 }

// httpRoutes builds the HTTPRoutes for t, or GRPCRoutes where these lose nothing.
func (p *pass) httpRoutes(t *route.Table) []Object {
	if len(p.parentRefs(t)) == 0 {
		return nil // no listener is left to attach to, which has its own finding
	}
	if p.plainGRPC(t) {
		return p.grpcRoutes(t)
	}
	draft := p.draftOf(t)
	p.drawn = draft.finish()
	for _, l := range draft.lines {
		p.settle(t, p.drawn, l)
	}
	rules := p.rules(t, inOrder(arrange(p.drawn)))
	switch {
	case len(rules) > 0:
	case !slices.ContainsFunc(draft.lines, func(l *line) bool { return !l.dead }):
		return nil // an older object has all of it
	default:
		p.note(rule.NoRuleLeft, t.From.Place(), "none of the rules can be written, so there is no route for %s: its requests go to whatever else is attached%s.",
			hostList(t), meshOpen(t))
		return nil
	}
	return p.httpParts(t, rules)
}

// drawn is a rule of a route with where it comes from.
type drawn struct {
	gatewayv1.HTTPRouteRule
	from   *source.Node
	action *route.Action
	named  bool // it needs a name, since a resource of the implementation points at it
}

// annotations are those of the route that r stands in.
func (r drawn) annotations() map[string]string {
	if r.action == nil {
		return nil
	}
	return r.action.Annotations
}

// rules makes the rules for the lines that are written.
func (p *pass) rules(t *route.Table, lines []*line) []drawn {
	var all []drawn
	var forwarding []*route.Action
	for _, group := range groups(lines) {
		x := p.extension(t, group[0].Action)
		rules := p.httpRules(t, group, x)
		if slices.ContainsFunc(rules, func(r gatewayv1.HTTPRouteRule) bool { return len(r.BackendRefs) > 0 }) {
			forwarding = append(forwarding, withDone(group[0].Action, x.Does))
		}
		for _, r := range rules {
			all = append(all, drawn{r, group[0].From, group[0].Action, x.Named})
		}
	}
	p.noteUnset(forwarding)
	return all
}

// groups joins neighbours that share their action, which is how one http[]
// element with several match blocks becomes one rule with several matches.
func groups(lines []*line) [][]*line {
	var all [][]*line
	for _, l := range lines {
		if !l.written() {
			continue
		}
		if n := len(all); n > 0 && all[n-1][0].Action == l.Action {
			all[n-1] = append(all[n-1], l)
			continue
		}
		all = append(all, []*line{l})
	}
	return all
}

// httpRules makes the rules for lines that share an action. There are several
// where the action replaces the matched prefix, which wants one match each.
func (p *pass) httpRules(t *route.Table, group []*line, x Extension) []gatewayv1.HTTPRouteRule {
	filled := gatewayv1.HTTPRouteRule{}
	if group[0].Action != unanswered {
		filled = p.action(t, group, x)
	}
	var rules []gatewayv1.HTTPRouteRule
	var last pathChange // of the last rule
	for _, l := range group {
		for _, m := range l.matches {
			change := p.pathChange(l, m)
			m.Path = trimmed(m.Path)
			if n := len(rules); n > 0 && change == last && change.kind != gatewayv1.PrefixMatchHTTPPathModifier {
				rules[n-1].Matches = append(rules[n-1].Matches, m)
				continue
			}
			r := withPath(filled, change)
			r.Matches = []gatewayv1.HTTPRouteMatch{m}
			rules, last = append(rules, r), change
		}
	}
	return rules
}

// trimmed is a path without the slash at the end of a prefix, which says
// nothing (httproute_types.go, PathMatchPathPrefix).
func trimmed(path *gatewayv1.HTTPPathMatch) *gatewayv1.HTTPPathMatch {
	if v := *path.Value; *path.Type == gatewayv1.PathMatchPathPrefix && len(v) > 1 && strings.HasSuffix(v, "/") {
		return &prefixPath(strings.TrimSuffix(v, "/"))[0]
	}
	return path
}

// httpParts wraps rules in as many routes as the limits ask for.
func (p *pass) httpParts(t *route.Table, rules []drawn) []Object {
	limits := p.opts.Bundle.Limits()
	ruleParts := splitRules(rules, limits)
	refs := p.attached(t)
	if len(refs) == 0 {
		return nil
	}
	var objects []Object
	for _, parents := range parts(refs, limits.ParentRefs) {
		for _, hosts := range parts(hostnames(t), limits.Hostnames) {
			for _, rs := range ruleParts {
				r := &gatewayv1.HTTPRoute{ObjectMeta: p.routeMeta(t.From, t.Name.Namespace)}
				for _, key := range sortedKeys(rs[0].annotations()) {
					metav1.SetMetaDataAnnotation(&r.ObjectMeta, key, rs[0].annotations()[key])
				}
				r.APIVersion, r.Kind = gatewayv1.GroupVersion.String(), "HTTPRoute"
				r.Spec.ParentRefs, r.Spec.Hostnames, r.Spec.Rules = parents, hosts, uniqueNames(rs)
				objects = append(objects, Object{Kind: "HTTPRoute", Value: r, Origin: routeOrigin(t), Sources: sources(rs), actions: actions(rs)})
			}
		}
	}
	p.noteParts(t, objects)
	return objects
}

// sources are the places that rules come from.
func sources(rules []drawn) []*source.Node {
	all := make([]*source.Node, len(rules))
	for i, r := range rules {
		all[i] = r.from
	}
	return all
}

// attached is parentRefs, with a finding where there is nothing to attach to.
func (p *pass) attached(t *route.Table) []gatewayv1.ParentReference {
	refs := p.parentRefs(t)
	if len(refs) == 0 {
		p.add(finding.New(rule.NoRuleLeft, t.From.Place(), "no listener is written that a route for %s could attach to, so there is none.", hostList(t)).
			WithHint("See the findings of its Gateway."))
	}
	return refs
}

// hostnames returns the hosts of t as a route takes them.
func hostnames(t *route.Table) []gatewayv1.Hostname {
	var names []gatewayv1.Hostname
	for _, h := range t.Hosts {
		names = append(names, gatewayv1.Hostname(h))
	}
	return names
}

// routeOrigin says which object t was compiled from.
func routeOrigin(t *route.Table) Origin {
	at := t.From.Place()
	return Origin{Pos: at.Pos, What: at.Object}
}
