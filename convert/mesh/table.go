package mesh

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// list is the decision list that one entry and host see.
type list struct {
	signature string // equal for equal lists
	rules     []kept
}

// kept is a rule with those of its matches that apply.
type kept struct {
	rule    *httpRule
	matches []route.Match // empty when the rule has no match blocks
}

// httpTables groups the entries and hosts of vs by the list that they see:
// conditions on port, gateways, scheme and authority choose entries and hosts,
// and are no conditions any more once the table is made.
func (l *linker) httpTables(vs *virtualService, rules []*httpRule, entries []entry, reported bool) {
	entries = slices.DeleteFunc(slices.Clone(entries), func(e entry) bool {
		return e.listener != nil && !e.listener.carries(route.HTTP) || e.port() != nil && !e.port().carriesHTTP()
	})
	entries = expandPorts(rules, entries)
	alive := map[*httpRule]bool{}
	one := !l.dependsOnEntry(rules)
	var seen list
	var groups []*group
	for i, e := range entries {
		for j, host := range withAuthorities(rules, e) {
			if !one || i+j == 0 {
				seen = l.list(rules, e, host)
				for _, k := range seen.rules {
					alive[k.rule] = true
				}
			}
			groups = see(groups, seen, e, host)
		}
	}
	for _, g := range groups {
		for _, part := range g.split() {
			l.tables = append(l.tables, l.table(vs, part))
		}
	}
	l.reportDead(rules, alive, len(entries) > 0 && !reported)
}

// dependsOnEntry tells whether entries and hosts may see different lists.
func (l *linker) dependsOnEntry(rules []*httpRule) bool {
	return slices.ContainsFunc(rules, func(r *httpRule) bool {
		return l.portMatters(r) || slices.ContainsFunc(r.matches, func(m match) bool {
			return m.port != 0 || len(m.gateways) > 0 || m.Scheme.Kind != route.Any || m.Authority.Kind != route.Any ||
				len(m.SourceLabels) > 0 || m.SourceNamespace != ""
		})
	})
}

// see adds what e and host see to the group of its list.
func see(groups []*group, seen list, e entry, host string) []*group {
	if len(seen.rules) == 0 {
		return groups
	}
	i := slices.IndexFunc(groups, func(g *group) bool {
		return g.signature == seen.signature && g.namespace == e.namespace && g.mesh == e.Mesh
	})
	if i < 0 {
		groups = append(groups, &group{list: seen, namespace: e.namespace, mesh: e.Mesh})
		i = len(groups) - 1
	}
	groups[i].add(e, host)
	return groups
}

// port is the Service port of a mesh entry, where it is known.
func (e entry) port() *ServicePort {
	if e.service == nil || !e.Mesh {
		return nil
	}
	return e.service.port(e.Port)
}

// expandPorts gives an entry whose ports are not known one entry for each port
// that a match names.
func expandPorts(rules []*httpRule, entries []entry) []entry {
	var ports []uint32
	for _, r := range rules {
		for _, m := range r.matches {
			if m.port != 0 && !slices.Contains(ports, m.port) {
				ports = append(ports, m.port)
			}
		}
	}
	if len(ports) == 0 {
		return entries
	}
	slices.Sort(ports)
	var out []entry
	for _, e := range entries {
		if e.Port != 0 {
			out = append(out, e)
			continue
		}
		for _, p := range ports {
			e.Port = p
			out = append(out, e)
		}
	}
	return out
}

// withAuthorities adds to the hosts of e the names that a rule singles out by
// authority within a wildcard, since these see a list of their own.
func withAuthorities(rules []*httpRule, e entry) []string {
	hosts := slices.Clone(e.hosts)
	if e.Mesh {
		return hosts
	}
	for _, r := range rules {
		for _, m := range r.matches {
			name := strings.ToLower(m.Authority.Value)
			if m.Authority.Kind != route.Exact || slices.Contains(hosts, name) || strings.Contains(name, ":") || !expressibleHost(name) || name == "*" {
				continue
			}
			if slices.ContainsFunc(hosts, func(h string) bool { return strings.HasPrefix(h, "*") && route.HostTakes(h, name) }) {
				hosts = append(hosts, name)
			}
		}
	}
	return hosts
}

// list evaluates the rules for e and host up to the first that takes everything
// (route.go BuildHTTPRoutesForVirtualService).
func (l *linker) list(rules []*httpRule, e entry, host string) list {
	var out list
	var signature strings.Builder
	for i, r := range rules {
		k := kept{rule: r}
		final := len(r.matches) == 0
		for j, m := range r.matches {
			left, failed := l.at(m, e, host)
			if failed != "" {
				l.failed[m.From] = failed
				continue
			}
			l.held[m.From] = true
			k.matches = append(k.matches, left)
			fmt.Fprintf(&signature, "%d.%d%s ", i, j, leftover(left))
			if takesAll(left) {
				final = true
				break
			}
		}
		if len(r.matches) > 0 && len(k.matches) == 0 {
			continue
		}
		if l.portMatters(r) {
			fmt.Fprintf(&signature, ":%d", e.Port)
		}
		fmt.Fprintf(&signature, "%d;", i)
		out.rules = append(out.rules, k)
		if final {
			break
		}
	}
	out.signature = signature.String()
	return out
}

// leftover tells variants of one match apart.
func leftover(m route.Match) string {
	return fmt.Sprintf("%d%d%d%q", m.Scheme.Kind, m.Authority.Kind, len(m.SourceLabels), m.SourceNamespace)
}

// takesAll tells whether Envoy's list ends here (route.go IsCatchAllRoute).
func takesAll(m route.Match) bool {
	root := m.Path.Kind == route.Any || m.Path.Kind == route.Prefix && m.Path.Value == "/" || m.Path.Kind == route.Regex && m.Path.Value == ".*"
	return root && m.Method.Kind == route.Any && m.Scheme.Kind == route.Any && m.Authority.Kind == route.Any &&
		len(m.Headers)+len(m.Without)+len(m.Query)+len(m.SourceLabels) == 0 && m.SourceNamespace == ""
}

// at judges the conditions of m that an entry and a host decide. What is left
// are conditions on the request; failed is the one that never holds there.
func (l *linker) at(m match, e entry, host string) (left route.Match, failed string) {
	left = m.Match
	if m.port != 0 && m.port != e.Port {
		return left, "port"
	}
	if len(m.gateways) > 0 {
		if !slices.Contains(m.gateways, e.gateway) {
			return left, "gateways"
		}
		left.SourceLabels, left.SourceNamespace = nil, "" // route.go sourceMatchHTTP
	}
	if g := l.gateways[e.Parent]; !e.Mesh && g != nil && left.SourceNamespace != "" {
		if left.SourceNamespace != g.PodNamespace {
			return left, "sourceNamespace"
		}
		left.SourceNamespace = ""
	}
	if e.listener != nil && left.Scheme.Kind != route.Any {
		if !holds(left.Scheme, map[bool]string{true: "https", false: "http"}[e.listener.Protocol == ListenHTTPS]) {
			return left, "scheme"
		}
		l.note(rule.SchemeByListener, left.Scheme.From.Place(), "scheme is judged by the listener's protocol; a request over http whose x-forwarded-proto says https is taken for http.")
		left.Scheme = route.StringMatch{}
	}
	return l.atHost(left, e, host)
}

// atHost judges the authority. A host of the list that is an exact name decides
// it; a wildcard host lost the names that rules single out to lists of their own.
func (l *linker) atHost(left route.Match, e entry, host string) (route.Match, string) {
	a := left.Authority
	if e.Mesh || a.Kind == route.Any {
		return left, ""
	}
	if a.Kind == route.Exact && !strings.Contains(a.Value, ":") && expressibleHost(a.Value) {
		if !strings.EqualFold(a.Value, host) {
			return left, "authority"
		}
		l.note(rule.AuthorityByHost, a.From.At("exact"), "a request whose Host header carries a port does not match %s today, and does after the migration.", a.Value)
		left.Authority = route.StringMatch{}
	}
	return left, ""
}

// holds evaluates a condition on a known value.
func holds(m route.StringMatch, value string) bool {
	switch m.Kind {
	case route.Any, route.Present:
		return true
	case route.Exact:
		return m.Value == value
	case route.Prefix:
		return strings.HasPrefix(value, m.Value)
	case route.Regex:
		re, err := regexp.Compile(`\A(?:` + m.Value + `)\z`)
		return err == nil && re.MatchString(value)
	}
	panic(fmt.Sprintf("unhandled kind %d", m.Kind))
}

// reportDead names rules that no list kept. Where every entry is served that is
// the rule's own doing; else another finding says why it has no place.
func (l *linker) reportDead(rules []*httpRule, alive map[*httpRule]bool, allServed bool) {
	var ends *httpRule // the rule that ends some list
	for _, r := range rules {
		switch {
		case alive[r]:
			if len(r.matches) == 0 || slices.ContainsFunc(r.matches, func(m match) bool { return takesAll(m.Match) }) {
				ends = r
			}
		case ends != nil:
			l.note(rule.DeadRule, r.node.Place(), "this rule never decides: the rule at line %d takes every request before it. It is left out, so that it does not begin to.", ends.node.Place().Pos.Line)
		}
		if allServed && ends == nil || alive[r] {
			l.reportIdle(r, alive[r])
		}
	}
}

// reportIdle names the matches of r that hold nowhere where the VirtualService
// serves, by the condition that fails.
func (l *linker) reportIdle(r *httpRule, alive bool) {
	what := map[bool]string{true: "match", false: "rule"}[alive || len(r.matches) > 1]
	for _, m := range r.matches {
		failed := l.failed[m.From]
		if failed == "" || l.held[m.From] {
			continue
		}
		l.note(rule.DeadRule, m.From.At(failed), "this %s never decides: its %s holds for no request that this VirtualService serves. It is left out.", what, failed)
	}
}

// group collects the entries and hosts that see one list.
type group struct {
	list
	namespace string
	mesh      bool
	entries   []entry
	hosts     [][]string // by entry
}

func (g *group) add(e entry, host string) {
	n := len(g.entries)
	if n == 0 || g.entries[n-1].Entry != e.Entry {
		g.entries = append(g.entries, e)
		g.hosts = append(g.hosts, nil)
		n++
	}
	g.hosts[n-1] = append(g.hosts[n-1], host)
}

// split makes parts in which every entry serves every host. A host that a
// listener does not meet does no harm there: Gateway API intersects them.
func (g *group) split() []*group {
	var all []string
	for _, hosts := range g.hosts {
		for _, h := range hosts {
			if !slices.Contains(all, h) {
				all = append(all, h)
			}
		}
	}
	whole := true
	for i, e := range g.entries {
		for _, h := range all {
			whole = whole && (slices.Contains(g.hosts[i], h) || !slices.Contains(e.hosts, h) && e.listener != nil && e.listener.Hostname != "" && !hostsMeet(h, e.listener.Hostname))
		}
	}
	if whole {
		g.hosts = [][]string{all}
		return []*group{g}
	}
	var parts []*group
	for i, e := range g.entries {
		j := slices.IndexFunc(parts, func(p *group) bool { return slices.Equal(p.hosts[0], g.hosts[i]) })
		if j < 0 {
			parts = append(parts, &group{list: g.list, namespace: g.namespace, mesh: g.mesh, hosts: [][]string{g.hosts[i]}})
			j = len(parts) - 1
		}
		parts[j].entries = append(parts[j].entries, e)
	}
	return parts
}

// table compiles a part of a group.
func (l *linker) table(vs *virtualService, g *group) *route.Table {
	t := &route.Table{
		Protocol: route.HTTP,
		From:     vs.Root,
		Name:     route.Name{Namespace: g.namespace, Name: vs.Name.Name},
	}
	for _, e := range joinPorts(g.entries) {
		t.Entries = append(t.Entries, e.Entry)
	}
	if !slices.Contains(g.hosts[0], "*") {
		t.Hosts = g.hosts[0]
	}
	count := 0
	for _, k := range g.rules {
		count += max(1, len(k.matches))
	}
	t.Rules = make([]route.Rule, 0, count)
	for _, k := range g.rules {
		t.Rules = l.appendRules(t.Rules, k, g.entries[0])
	}
	return t
}

// appendRules adds a rule for each match, sharing one action.
func (l *linker) appendRules(rules []route.Rule, k kept, e entry) []route.Rule {
	action := l.action(k.rule, e)
	if len(k.matches) == 0 {
		return append(rules, route.Rule{Name: k.rule.name, Match: route.Match{From: k.rule.node}, Action: action, From: k.rule.node})
	}
	for _, m := range k.matches {
		rules = append(rules, route.Rule{Name: k.rule.name, Match: m, Action: action, From: m.From})
	}
	return rules
}

// joinPorts replaces the entries of a Service by one for all ports when all of
// its ports are there.
func joinPorts(entries []entry) []entry {
	count := map[route.Name]int{}
	for _, e := range entries {
		if e.Mesh {
			count[e.Parent]++
		}
	}
	var out []entry
	for _, e := range entries {
		if e.Mesh && e.service != nil && count[e.Parent] == len(e.service.Ports) {
			e.Port = 0
			if slices.ContainsFunc(out, func(o entry) bool { return o.Entry == e.Entry }) {
				continue
			}
		}
		out = append(out, e)
	}
	return out
}
