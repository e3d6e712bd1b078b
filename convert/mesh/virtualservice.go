package mesh

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// meshGateway is Istio's word for all sidecars.
const meshGateway = "mesh"

// linkVirtualServices compiles the tables, oldest VirtualService first, and then
// reports delegates that nobody used.
func (l *linker) linkVirtualServices() {
	l.virtualServices = dropRepeated(l.virtualServices)
	l.claimHosts()
	used := map[route.Name]bool{}
	for some := range slices.Chunk(l.virtualServices, batch) {
		l.readVirtualServices(some)
		for _, vs := range some {
			if !vs.Broken {
				l.linkVirtualService(vs, used)
			}
		}
	}
	for _, name := range slices.SortedFunc(maps.Keys(l.delegates), route.Name.Compare) {
		if !used[name] {
			vs := l.delegates[name]
			l.note(rule.DelegateUnused, vs.Place(), "%s has no hosts and is not delegated to: it serves nothing.", vs.Document.Object())
		}
	}
	l.limitNamespaces()
	l.implySections()
}

// linkVirtualService compiles one that is typed, and lets go of its messages
// unless others may delegate to it.
func (l *linker) linkVirtualService(vs *virtualService, used map[route.Name]bool) {
	l.reportRefused(vs)
	if len(vs.spec.Hosts) == 0 {
		return
	}
	if l.owned[vs.Name] || ownedByCanary(vs.Root) {
		l.note(rule.OwnedByController, vs.Place(), "%s is not converted: a rollout controller writes its weights.", vs.Document.Object())
	} else {
		l.virtualService(vs, used)
	}
	vs.spec = nil // its tables hold all that is needed
	vs.Release()
}

// virtualService makes the tables of vs.
func (l *linker) virtualService(vs *virtualService, used map[route.Name]bool) {
	l.worst = 0
	entries := l.entries(vs)
	reported := l.worst >= finding.Warning // some entry is not served
	first := len(l.tables)
	if rules := l.httpRules(vs, used); len(rules) > 0 {
		l.httpTables(vs, rules, entries, reported)
	}
	l.tlsTables(vs, entries)
	l.tcpTables(vs, entries)
	nameTables(l.tables[first:])
}

// entry is a place where a VirtualService may serve, with what its conditions
// are judged by.
type entry struct {
	route.Entry
	gateway   string    // as match.gateways names it: ns/name or "mesh"
	listener  *Listener // nil in the mesh and for an unknown gateway
	service   *Service  // in the mesh, when it is in the input
	hosts     []string  // of the VirtualService that meet the listener; "*" for all
	namespace string    // where the route has to live
}

// entries finds all places where vs serves.
func (l *linker) entries(vs *virtualService) []entry {
	refs := vs.spec.Gateways
	at := vs.Root.Get("spec").Get("gateways")
	if len(refs) == 0 {
		refs = []string{meshGateway}
	}
	var out []entry
	for i, ref := range refs {
		node := vs.Root.Get("spec")
		if at != nil && i < len(at.Children()) {
			node = &at.Children()[i]
		}
		if ref == meshGateway {
			out = append(out, l.meshEntries(vs, node)...)
			continue
		}
		out = append(out, l.gatewayEntries(vs, gatewayName(ref, vs.Namespace), node)...)
	}
	l.reportUnserved(vs, out)
	return out
}

// gatewayEntries gives an entry for each listener that meets a host of vs and
// admits its namespace (pilot/pkg/networking/core/gateway.go buildGatewayHTTPRouteConfig).
func (l *linker) gatewayEntries(vs *virtualService, name route.Name, at *source.Node) []entry {
	hosts := l.gatewayHosts(vs)
	if !isLabel(name.Namespace) || !isSubdomain(name.Name) {
		l.note(rule.NoSuchGateway, at.Place(), "no Gateway can have the name %s: nothing is served there, today or after.", name)
		return nil
	}
	g := l.gateways[name]
	if g == nil {
		l.note(rule.GatewayUnknown, at.Place(), "Gateway %s is not in the input: the route attaches to all listeners of the new Gateway %s that fit its hosts.", name, name)
		return []entry{{
			Entry:   route.Entry{Parent: name, Unknown: true},
			gateway: name.String(), hosts: hosts, namespace: vs.Namespace,
		}}
	}
	if !visible(vs, g.PodNamespace) {
		l.note(rule.NotVisible, vs.Root.Get("spec").At("exportTo"), "Istio does not show this VirtualService to the pods of Gateway %s in namespace %s; it is not attached there.", name, g.PodNamespace)
		return nil
	}
	return l.listenerEntries(vs, g, hosts)
}

// listenerEntries gives an entry for each listener of g that meets some of hosts
// and admits vs.
func (l *linker) listenerEntries(vs *virtualService, g *Gateway, hosts []string) []entry {
	var out []entry
	for _, n := range g.Listeners {
		e := entry{
			Entry:   route.Entry{Parent: g.Name, Section: n.Name, Port: n.Port},
			gateway: g.Name.String(), listener: n, namespace: vs.Namespace,
		}
		for _, host := range hosts {
			if (n.Hostname == "" || hostsMeet(host, n.Hostname)) && n.admits(vs.Namespace) {
				if host = l.hostAt(vs, g, n, host); !slices.Contains(e.hosts, host) {
					e.hosts = append(e.hosts, host)
				}
			}
		}
		if len(e.hosts) > 0 {
			out = append(out, e)
		}
	}
	return out
}

// serves tells whether e serves host, perhaps as its listener spells it.
func (e entry) serves(host string) bool {
	return slices.Contains(e.hosts, host) || e.listener.Hostname != "" && route.HostTakes(host, e.listener.Hostname) && slices.Contains(e.hosts, e.listener.Hostname)
}

// routes tells whether vs has rules of the kind that n decides on. A server that
// redirects to https or is withheld is accounted for by itself.
func (vs *virtualService) routes(n *Listener) bool {
	return n.Withheld || n.Closed || n.HTTPSRedirect ||
		len(vs.spec.Http) > 0 && n.carries(route.HTTP) || len(vs.spec.Tls) > 0 && n.carries(route.TLS) || len(vs.spec.Tcp) > 0 && n.carries(route.TCP)
}

// visible tells whether exportTo shows vs to a namespace.
func visible(vs *virtualService, namespace string) bool {
	for _, to := range vs.spec.ExportTo {
		if to == "*" || to == namespace || to == "." && vs.Namespace == namespace {
			return true
		}
	}
	return len(vs.spec.ExportTo) == 0
}

// reportUnserved names the hosts that no server of any of its Gateways serves.
func (l *linker) reportUnserved(vs *virtualService, entries []entry) {
	var known []string
	for _, ref := range vs.spec.Gateways {
		switch name := gatewayName(ref, vs.Namespace); {
		case ref == meshGateway:
		case l.gateways[name] == nil || !visible(vs, l.gateways[name].PodNamespace):
			return // which has a finding of its own
		default:
			known = append(known, name.String())
		}
	}
	for i, host := range vs.spec.Hosts {
		resolved := fqdn(host, vs.Namespace)
		if _, isService := serviceName(resolved); isService && slices.Contains(vs.spec.Gateways, meshGateway) {
			continue // meant for the mesh
		}
		if len(known) == 0 || !expressibleHost(resolved) {
			continue
		}
		met := slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return e.listener == nil || !e.serves(resolved) })
		at := child(vs.Root.Get("spec"), "hosts", i).Place()
		switch {
		case len(met) == 0:
			l.note(rule.HostNotOnGateway, at, "Gateway %s has no server for host %s that admits namespace %s: nothing serves it there, today or after.", strings.Join(known, " or "), host, vs.Namespace)
		case !slices.ContainsFunc(met, func(e entry) bool { return vs.routes(e.listener) }):
			l.note(rule.HostNotOnGateway, at, "the server of Gateway %s for host %s has a protocol to which none of these rules applies: they serve nothing there, today or after.", met[0].Parent, host)
		}
	}
}

// gatewayHosts are the hosts of vs that Gateway API can say.
func (l *linker) gatewayHosts(vs *virtualService) []string {
	var hosts []string
	for i, h := range vs.spec.Hosts {
		host := fqdn(h, vs.Namespace)
		if !expressibleHost(host) {
			l.note(rule.ListenerHost, child(vs.Root.Get("spec"), "hosts", i).Place(), "requests for host %q are not routed after the migration.", h)
			continue
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// nameTables gives the tables of one object different suffixes that do not
// depend on other objects.
func nameTables(tables []*route.Table) {
	onGateway := slices.ContainsFunc(tables, func(t *route.Table) bool { return t.Protocol == route.HTTP && !t.Entries[0].Mesh })
	for i, t := range tables {
		words := []string{""}
		switch e := t.Entries[0]; {
		case t.Protocol != route.HTTP:
			words = append(words, fmt.Sprintf("%s-%d", strings.ToLower(string(t.Protocol)), i+1))
		case e.Mesh && onGateway:
			words = []string{"mesh", fmt.Sprintf("mesh-port-%d", e.Port), fmt.Sprintf("mesh-%s-%d", e.Parent.Name, e.Port)}
		case e.Mesh:
			words = append(words, fmt.Sprintf("port-%d", e.Port), fmt.Sprintf("%s-%d", e.Parent.Name, e.Port))
		default:
			words = append(words, cmp.Or(e.Section, fmt.Sprintf("port-%d", e.Port)))
		}
		if len(t.Hosts) > 0 {
			words = append(words, hostLabel(t.Hosts[0]))
		}
		t.Suffix = firstFree(words, t, tables[:i])
	}
}

// firstFree is the first word that no earlier table of the kind has.
func firstFree(words []string, t *route.Table, earlier []*route.Table) string {
	taken := func(w string) bool {
		return slices.ContainsFunc(earlier, func(o *route.Table) bool { return o.Protocol == t.Protocol && o.Suffix == w && o.Name == t.Name })
	}
	for _, w := range words {
		if !taken(w) {
			return w
		}
	}
	return fmt.Sprintf("%s-%d", words[len(words)-1], len(earlier)+1)
}

// implySections marks entries whose listener a route finds without naming it:
// where the table has all listeners of the Gateway to which its hosts and kind
// would attach it anyway.
func (l *linker) implySections() {
	for _, t := range l.tables {
		named := map[route.Name]map[string]bool{}
		for _, e := range t.Entries {
			if named[e.Parent] == nil {
				named[e.Parent] = map[string]bool{}
			}
			named[e.Parent][e.Section] = true
		}
		implied := map[route.Name]bool{}
		for name, sections := range named {
			if g := l.gateways[name]; g != nil {
				implied[name] = !slices.ContainsFunc(g.Listeners, func(n *Listener) bool { return attaches(t, n) && !sections[n.Name] })
			}
		}
		for i := range t.Entries {
			t.Entries[i].Implied = !t.Entries[i].Mesh && implied[t.Entries[i].Parent]
		}
	}
}

// attaches tells whether a route of t without sectionName would attach to n.
func attaches(t *route.Table, n *Listener) bool {
	if n.Withheld || n.Closed || n.routeProtocol() != t.Protocol || !n.admits(t.Name.Namespace) {
		return false
	}
	return n.Hostname == "" || len(t.Hosts) == 0 || slices.ContainsFunc(t.Hosts, func(h string) bool { return hostsMeet(h, n.Hostname) })
}
