package linkerd

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// compiler makes the tables of one input.
type compiler struct {
	model    *mesh.Model
	opts     Options
	input    *Input
	findings []finding.Finding
	profiles []*profile // all of them, ordered by name
	tables   []*route.Table
}

func (c *compiler) note(r *finding.Rule, at *source.Node, format string, args ...any) {
	c.add(finding.New(r, at.Place(), format, args...))
}

func (c *compiler) add(f finding.Finding) { c.findings = append(c.findings, f) }

// made is a profile on its way into tables.
type made struct {
	*profile
	live    []override
	retries []retries // of each route
}

// bare tells whether a route does nothing but forward.
func (m *made) bare(i int) bool {
	return m.routes[i].timeout == 0 && len(m.retries[i].codes) == 0
}

// profile makes the tables of p, one for each port where its destinations take
// that of the request.
func (c *compiler) profile(p *profile) {
	m := &made{profile: p, live: c.destinations(p)}
	if p.budget != nil && p.budget.ignored != "" {
		c.note(rule.LinkerdIdle, p.budget.node, "the proxy refuses this budget, since %s, and so retries nothing, today and after.", p.budget.ignored)
	}
	plain := true
	for i := range p.routes {
		m.retries = append(m.retries, c.retries(p, &p.routes[i]))
		plain = plain && m.bare(i)
	}
	if plain && len(m.live) == 0 {
		if len(p.routes) > 0 {
			c.note(rule.RoutesForMetrics, get(get(p.root, "spec"), "routes"), "these routes (%d) only name requests in metrics; requests go to Service %s without them as they do today, so no route is written.", len(p.routes), p.service)
		}
		return
	}
	if !c.free(p) || !c.named(p, m.live) {
		return
	}
	list, dropped, ok := c.list(m)
	places := c.places(p, m.live)
	if !ok || len(places) == 0 {
		return
	}
	c.noteMade(m, dropped)
	list = m.gathered(list)
	for _, at := range places {
		c.tables = append(c.tables, c.table(m, list, at))
	}
}

// list lays out the routes of p as a decision list without negations, and without
// the routes that are dropped since they change nothing.
func (c *compiler) list(p *made) (list []decided, dropped map[int]bool, ok bool) {
	f := &formulas{expressions: &route.Expressions{}}
	var entries []entry
	for i := range p.routes {
		r := &p.routes[i]
		all, ok := f.terms(&r.condition, false)
		if !ok {
			continue // the proxy has no such route
		}
		for _, t := range all {
			entries = append(entries, entry{t, i, r.node})
		}
	}
	list = f.order(entries)
	c.findings = append(c.findings, f.findings...)
	if f.failed != "" {
		c.note(rule.ConditionUnsaid, cmp.Or(f.failedAt, p.root), "%s; no route is written for Service %s, whose requests go there without timeouts, retries and other destinations.", f.failed, p.service)
		return nil, nil, false
	}
	list, dropped = f.trim(list, p.bare)
	return list, dropped, true
}

// table writes the list for a place.
func (c *compiler) table(m *made, list []decided, at place) *route.Table {
	backends := c.backends(m.profile, m.live, at.port)
	actions := make([]*route.Action, len(m.routes))
	for i := range m.routes {
		r := &m.routes[i]
		actions[i] = &route.Action{From: r.node, Backends: backends, Retry: c.retry(r.node, m.retries[i]), Annotations: annotations(m.retries[i].ranges)}
		if r.timeout > 0 {
			actions[i].Timeout = &route.Timeout{From: r.node, Request: r.timeout}
		}
	}
	others := cmp.Or(m.over, get(m.root, "spec"))
	left := &route.Action{From: others, Backends: backends, Retry: c.retry(others, retries{})}
	t := &route.Table{
		Protocol: route.HTTP, From: m.root, Name: route.Name{Namespace: m.Namespace, Name: m.called()}, Suffix: at.suffix, Entries: at.at,
		Rules: make([]route.Rule, 0, len(list)),
	}
	for _, d := range list {
		r := route.Rule{Match: d.match, Action: left, From: others}
		if d.route != rest {
			r.Name, r.Action, r.From = m.routes[d.route].name, actions[d.route], m.routes[d.route].node
		}
		r.Match.From = r.From
		t.Rules = append(t.Rules, r)
	}
	return t
}

// free tells whether no VirtualService, and no other profile that the same
// callers see, decides for the Service.
func (c *compiler) free(p *profile) bool {
	for _, t := range slices.Concat(c.model.Tables, c.tables) {
		if t.Protocol != route.HTTP || t.Name.Namespace != p.Namespace && linkerds(t) {
			continue
		}
		if slices.ContainsFunc(t.Entries, func(e route.Entry) bool { return e.Mesh && e.Parent == p.service }) {
			c.add(finding.New(rule.ProfileConflict, p.root.Place(), "%s decides for Service %s as well, and which of the two a request meets depends on the proxy of its caller; this one is not converted.", t.From.Document().Object(), p.service))
			return false
		}
	}
	return true
}

// linkerds tells whether t comes from an object of Linkerd's.
func linkerds(t *route.Table) bool {
	_, ours := Kind(t.From.Document())
	return ours
}

// noteMade reports what holds for all that is made of p.
func (c *compiler) noteMade(p *made, dropped map[int]bool) {
	c.note(rule.ProfileOutranks, p.root, "Linkerd does not look at the new HTTPRoute as long as %s exists.", p.root.Document().Object())
	c.noteCallers(p)
	for _, at := range c.input.attached[p.service] {
		c.add(finding.New(rule.RouteUncovered, at, "%s does not decide for Service %s as long as %s exists, and does afterwards, together with the route that is made of it.", at.Object, p.service, p.root.Document().Object()))
	}
	if !c.toLinkerd() {
		c.note(rule.LinkerdDefaults, p.root, "Linkerd bounds no request in time and retries none where nothing is written; the implementation of the route may.")
		if len(p.live) > 1 {
			c.note(rule.SplitUnavailable, p.over, "while a destination has no pod that is ready, the others take its share today; afterwards the share is answered with an error.")
		}
	}
	for i := range p.routes {
		r := &p.routes[i]
		if dropped[i] {
			c.note(rule.RoutesForMetrics, r.node, "route %q only names requests in metrics; they are treated alike without it, so it is not written.", r.name)
		}
		if r.timeout > 0 {
			c.note(rule.TimeoutOfHeaders, get(r.node, "timeout"), "an answer has to begin within %s today, with all retries; afterwards it has to be complete by then.", r.timeout)
		}
		if len(p.retries[i].codes) > 0 {
			c.noteBudget(p.profile, r)
			c.noteAnswers(r)
		}
	}
}

// noteCallers says of a profile outside of the namespace of its Service for whom
// it is, with those that it takes them from.
func (c *compiler) noteCallers(p *made) {
	if p.Namespace == p.service.Namespace {
		return
	}
	f := finding.New(rule.ProfileOfCallers, p.root.Place(), "this profile applies to callers in namespace %s alone, in the place of one in namespace %s; so does the route.", p.Namespace, p.service.Namespace)
	for _, o := range c.profiles {
		if o.service == p.service && o != p.profile {
			f.Related = append(f.Related, finding.Related{Place: o.root.Place(), Message: "What other callers meet."})
		}
	}
	c.add(f)
}

// toLinkerd tells whether Linkerd serves the output as well.
func (c *compiler) toLinkerd() bool {
	name, _, _ := strings.Cut(c.opts.Target, "@")
	return name == "linkerd"
}
