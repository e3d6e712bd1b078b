package mesh

import (
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// l4Match is a match of a tls[] or tcp[] element in the terms of both.
type l4Match struct {
	from      *source.Node
	port      uint32
	gateways  []string
	sni       []string
	subnets   []string
	labels    map[string]string
	namespace string
}

// l4Rule is a tls[] or tcp[] element.
type l4Rule struct {
	protocol route.Protocol
	node     *source.Node
	matches  []l4Match
	routes   []*networking.RouteDestination
}

// tlsTables makes a table for each tls[] element, since a TLSRoute has one rule.
func (l *linker) tlsTables(vs *virtualService, entries []entry) {
	var rules []l4Rule
	for _, t := range vs.spec.Tls {
		r := l4Rule{protocol: route.TLS, node: vs.Node(t), routes: t.Route}
		for _, m := range t.Match {
			r.matches = append(r.matches, l4Match{
				vs.Node(m), m.Port, gatewayNames(m.Gateways, vs.Namespace), m.SniHosts,
				m.DestinationSubnets, m.SourceLabels, m.SourceNamespace,
			})
		}
		rules = append(rules, r)
	}
	l.l4Tables(vs, rules, entries)
}

// tcpTables makes a table for each tcp[] element. Nothing in Istio reads
// sourceSubnet.
func (l *linker) tcpTables(vs *virtualService, entries []entry) {
	var rules []l4Rule
	for _, t := range vs.spec.Tcp {
		r := l4Rule{protocol: route.TCP, node: vs.Node(t), routes: t.Route}
		for _, m := range t.Match {
			r.matches = append(r.matches, l4Match{
				vs.Node(m), m.Port, gatewayNames(m.Gateways, vs.Namespace), nil,
				m.DestinationSubnets, m.SourceLabels, m.SourceNamespace,
			})
		}
		if len(t.Match) == 0 {
			r.matches = []l4Match{{from: r.node}}
		}
		rules = append(rules, r)
	}
	l.l4Tables(vs, rules, entries)
}

func gatewayNames(refs []string, namespace string) []string {
	var out []string
	for _, g := range refs {
		if g != meshGateway {
			g = gatewayName(g, namespace).String()
		}
		out = append(out, g)
	}
	return out
}

// place is an entry, and for TLS an SNI name on it, that a rule decides.
type place struct {
	entry route.Entry
	sni   string
}

// l4Tables compiles rules in order: where an earlier one decides a place
// without further conditions, a later one never does.
func (l *linker) l4Tables(vs *virtualService, rules []l4Rule, entries []entry) {
	decided := map[place]bool{}
	for _, r := range rules {
		made := false
		for _, m := range r.matches {
			for _, part := range alike(entries) {
				t := l.l4Table(vs, r, l.onGateway(m, part[0]), part, decided)
				if len(t.Entries) == 0 {
					continue
				}
				made = true
				l.tables = append(l.tables, t)
			}
		}
		if !made && len(entries) > 0 {
			l.note(rule.DeadRule, r.node.Place(), "this rule decides no connection: no listener fits it, or earlier rules take all of them. It is left out.")
		}
	}
}

// alike divides entries into those that one route can serve: on gateways, and in
// the mesh by the namespace in which the route has to live.
func alike(entries []entry) [][]entry {
	var parts [][]entry
	for _, e := range entries {
		i := slices.IndexFunc(parts, func(p []entry) bool { return p[0].Mesh == e.Mesh && p[0].namespace == e.namespace })
		if i < 0 {
			i = len(parts)
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], e)
	}
	return parts
}

// onGateway is m as it counts at e: a gateway looks at the port and the
// gateways' names only (pilot/pkg/networking/core/gateway.go l4SingleMatch).
func (l *linker) onGateway(m l4Match, e entry) l4Match {
	if e.Mesh || len(m.subnets)+len(m.labels) == 0 && m.namespace == "" {
		return m
	}
	for _, key := range []string{"destinationSubnets", "sourceLabels", "sourceNamespace"} {
		if m.from.Has(key) {
			l.note(rule.L4ConditionIgnored, m.from.At(key), "a gateway does not look at %s of tcp and tls rules: this rule takes all connections today, and afterwards.", key)
		}
	}
	m.subnets, m.labels, m.namespace = nil, nil, ""
	return m
}

// l4Table compiles one match of a rule.
func (l *linker) l4Table(vs *virtualService, r l4Rule, m l4Match, entries []entry, decided map[place]bool) *route.Table {
	t := &route.Table{Protocol: r.protocol, From: vs.Root, Name: route.Name{Namespace: vs.Namespace, Name: vs.Name.Name}}
	for _, e := range entries {
		if !m.at(r.protocol, e) {
			continue
		}
		if e.Port == 0 {
			e.Port = m.port
		}
		if hosts, ok := m.decides(e, decided); ok {
			t.Entries = append(t.Entries, e.Entry)
			t.Name.Namespace = e.namespace
			for _, h := range hosts {
				if !slices.Contains(t.Hosts, h) {
					t.Hosts = append(t.Hosts, h)
				}
			}
		}
	}
	if len(t.Entries) > 0 {
		match := route.Match{From: m.from, Subnets: m.subnets, SourceLabels: m.labels, SourceNamespace: m.namespace}
		if len(m.gateways) > 0 {
			match.SourceLabels, match.SourceNamespace = nil, ""
		}
		t.Rules = []route.Rule{{Match: match, From: m.from, Action: l.l4Action(vs, r, t.Entries[0])}}
	}
	return t
}

// at tells whether e is a place for m.
func (m l4Match) at(p route.Protocol, e entry) bool {
	switch {
	case m.port != 0 && e.Port != 0 && m.port != e.Port:
		return false
	case len(m.gateways) > 0 && !slices.Contains(m.gateways, e.gateway):
		return false
	case e.listener != nil:
		return e.listener.carries(p)
	case e.port() != nil:
		return e.port().carriesTCP()
	}
	return true
}

// decides marks what m takes on e; ok is false when nothing is left to take.
// For TLS the SNI names have to meet the listener's host.
func (m l4Match) decides(e entry, decided map[place]bool) (hosts []string, ok bool) {
	names := m.sni
	if len(names) == 0 {
		names = []string{""}
	}
	further := len(m.subnets) > 0 || len(m.labels) > 0 || m.namespace != ""
	for _, name := range names {
		name = lower(name)
		at := place{e.Entry, name}
		if decided[at] || name != "" && e.listener != nil && e.listener.Hostname != "" && !hostsMeet(name, e.listener.Hostname) {
			continue
		}
		decided[at] = !further
		ok = true
		if name != "" {
			hosts = append(hosts, name)
		}
	}
	return hosts, ok
}

func (l *linker) l4Action(vs *virtualService, r l4Rule, e route.Entry) *route.Action {
	a := &route.Action{From: r.node}
	for _, d := range r.routes {
		b := l.backend(vs, d.Destination, entry{Entry: e}, vs.Node(d))
		b.From, b.Weight = vs.Node(d), uint32(max(d.Weight, 0))
		a.Backends = append(a.Backends, b)
	}
	if len(a.Backends) == 1 {
		l.soleWeight(&a.Backends[0])
	}
	return a
}
