package gwapi

import (
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// line is a rule of a table on its way into a route.
type line struct {
	*route.Rule
	index   int                        // in the table
	matches []gatewayv1.HTTPRouteMatch // any of them holds; none: the rule is not written
}

// written tells whether l becomes part of a route.
func (l *line) written() bool { return len(l.matches) > 0 }

// httpRoutes builds the HTTPRoutes for t, or one GRPCRoute where that loses nothing.
func (p *pass) httpRoutes(t *route.Table) []Object {
	if p.plainGRPC(t) {
		return p.grpcRoutes(t)
	}
	lines := p.lines(t)
	p.checkOrder(t, lines)
	var rules []gatewayv1.HTTPRouteRule
	for _, group := range groups(lines) {
		rules = append(rules, p.httpRules(t, group)...)
	}
	if len(rules) == 0 {
		if len(t.Rules) > 0 {
			p.note(rule.NoRuleLeft, t.From.Place(), "none of the rules can be written, so there is no route for %s: its requests go to whatever else is attached%s.",
				hostList(t), meshOpen(t))
		}
		return nil
	}
	p.noteUnset(t, lines)
	return p.httpParts(t, rules)
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
func (p *pass) httpRules(t *route.Table, group []*line) []gatewayv1.HTTPRouteRule {
	filled := p.action(t, group)
	var rules []gatewayv1.HTTPRouteRule
	var last pathChange // of the last rule
	for _, l := range group {
		for _, m := range l.matches {
			change := p.pathChange(l, m)
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

// httpParts wraps rules in as many routes as the limits ask for.
func (p *pass) httpParts(t *route.Table, rules []gatewayv1.HTTPRouteRule) []Object {
	limits := p.opts.Bundle.Limits()
	ruleParts := splitRules(rules, limits)
	var objects []Object
	for _, parents := range parts(p.parentRefs(t), limits.ParentRefs) {
		for _, hosts := range parts(hostnames(t), limits.Hostnames) {
			for _, rs := range ruleParts {
				r := &gatewayv1.HTTPRoute{ObjectMeta: p.routeMeta(t.From, t.Name.Namespace)}
				r.APIVersion, r.Kind = gatewayv1.GroupVersion.String(), "HTTPRoute"
				r.Spec.ParentRefs, r.Spec.Hostnames, r.Spec.Rules = parents, hosts, uniqueNames(rs)
				objects = append(objects, Object{Kind: "HTTPRoute", Value: r, Origin: routeOrigin(t)})
			}
		}
	}
	if len(objects) > 1 {
		p.note(rule.RouteSplit, t.From.Place(), "the rules, hosts and parents fill %d routes; their names sort in the order of the rules.", len(objects))
	}
	return objects
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
