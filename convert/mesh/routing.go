package mesh

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Routing lays the tables of m out by door and host, as the prover compares
// them: what Istio decides today. It shares the rules of the tables.
func (m *Model) Routing() *route.Routing {
	b := &routingBuilder{model: m, doors: map[doorKey]*route.Door{}, lists: map[listKey]*route.List{}, sources: map[*route.List][]*route.Table{}}
	for _, g := range m.Gateways {
		for _, n := range g.Listeners {
			b.listener(g, n)
		}
	}
	for _, t := range m.Tables {
		for _, e := range t.Entries {
			b.attach(t, e)
		}
	}
	for _, d := range b.doors {
		for _, list := range d.Lists {
			list.Rules = append(list.Rules, merged(b.sources[list])...)
		}
	}
	r := &route.Routing{Doors: slices.SortedFunc(maps.Values(b.doors), route.CompareDoors), Pods: m.pods(), Outside: m.outside()}
	for _, d := range r.Doors {
		slices.SortFunc(d.Lists, func(x, y *route.List) int { return strings.Compare(x.Host, y.Host) })
	}
	return r
}

// doorKey is what tells doors apart.
type doorKey struct {
	entry    route.Entry
	protocol route.Protocol
	secure   bool
}

// listKey is a host at a door.
type listKey struct {
	door *route.Door
	host string
}

type routingBuilder struct {
	model   *Model
	doors   map[doorKey]*route.Door
	lists   map[listKey]*route.List
	sources map[*route.List][]*route.Table // the tables that a list is made of
}

func (b *routingBuilder) door(k doorKey) *route.Door {
	d := b.doors[k]
	if d == nil {
		d = &route.Door{Entry: k.entry, Protocol: k.protocol, Secure: k.secure}
		b.doors[k] = d
	}
	return d
}

func (b *routingBuilder) list(k doorKey, host string) *route.List {
	d := b.door(k)
	list := b.lists[listKey{d, host}]
	if list == nil {
		list = &route.List{Host: host}
		b.lists[listKey{d, host}] = list
		d.Lists = append(d.Lists, list)
	}
	return list
}

// listenerDoor is the door of a listener: all listeners of a port and protocol.
func listenerDoor(g *Gateway, n *Listener) doorKey {
	k := doorKey{entry: route.Entry{Parent: g.Name, Port: n.Port}, protocol: n.routeProtocol(), secure: n.Protocol == ListenHTTPS}
	if n.Protocol == ListenTLS && !n.carries(route.TLS) {
		k.protocol, k.secure = route.TCP, true // TLS ends at the gateway, and connections are forwarded
	}
	return k
}

// listener opens the host of n: what no rule takes there is answered with 404.
func (b *routingBuilder) listener(g *Gateway, n *Listener) {
	if n.Withheld {
		return // its own finding says so
	}
	list := b.list(listenerDoor(g, n), n.Hostname)
	if n.HTTPSRedirect && !n.Closed {
		list.Rules = append(list.Rules, &route.Rule{
			From:   n.From,
			Action: &route.Action{From: n.From, Redirect: &route.Redirect{From: n.From, Scheme: "https", Code: 301}},
		})
	}
}

// attach adds t to the lists of its hosts at e.
func (b *routingBuilder) attach(t *route.Table, e route.Entry) {
	k := doorKey{entry: e, protocol: t.Protocol}
	k.entry.Implied = false
	within := ""
	if g, n := b.find(e); n != nil {
		k, within = listenerDoor(g, n), n.Hostname
	}
	hosts := t.Hosts
	if len(hosts) == 0 {
		hosts = []string{""}
	}
	for _, host := range hosts {
		if host == "*" || e.Mesh && t.Protocol == route.HTTP {
			host = ""
		}
		if both, ok := route.NarrowerHost(host, within); ok {
			list := b.list(k, both)
			if !slices.Contains(b.sources[list], t) {
				b.sources[list] = append(b.sources[list], t)
			}
		}
	}
}

// find returns the Gateway and listener of e, if they are in the input.
func (b *routingBuilder) find(e route.Entry) (*Gateway, *Listener) {
	if e.Mesh || e.Unknown {
		return nil, nil
	}
	i, ok := slices.BinarySearchFunc(b.model.Gateways, e.Parent, func(g *Gateway, n route.Name) int { return g.Name.Compare(n) })
	if !ok {
		return nil, nil
	}
	g := b.model.Gateways[i]
	j := slices.IndexFunc(g.Listeners, func(n *Listener) bool { return n.Name == e.Section })
	if j < 0 {
		return g, nil
	}
	return g, g.Listeners[j]
}

// merged lines up the rules of several objects for one host: the oldest object
// first (pilot/pkg/model/config.go sortConfigByCreationTime), and the rules that
// take everything behind all others (core/route SortVHostRoutes).
func merged(tables []*route.Table) []*route.Rule {
	if len(tables) > 1 {
		slices.SortStableFunc(tables, func(a, b *route.Table) int {
			return cmp.Or(strings.Compare(createdOf(a), createdOf(b)), strings.Compare(a.Name.Name, b.Name.Name), strings.Compare(a.Name.Namespace, b.Name.Namespace))
		})
	}
	var rules, last []*route.Rule
	for _, t := range tables {
		for i := range t.Rules {
			if r := &t.Rules[i]; len(tables) > 1 && takesAll(r.Match) {
				last = append(last, r)
			} else {
				rules = append(rules, r)
			}
		}
	}
	return append(rules, last...)
}

func createdOf(t *route.Table) string { return t.From.Get("metadata").Text("creationTimestamp") }

// pods says what the Services of m select, and those that subsets are made of.
func (m *Model) pods() map[route.Name]route.Pods {
	all := make(map[route.Name]route.Pods, len(m.Services)+len(m.Subsets))
	for name, s := range m.Services {
		all[name] = podsOf(s, s.Selector)
	}
	for _, s := range m.Subsets {
		all[s.Name] = podsOf(s.Base, s.Selector())
	}
	return all
}

func podsOf(s *Service, selector map[string]string) route.Pods {
	p := route.Pods{Namespace: s.Namespace, Selector: route.CanonicalSelector(selector), Ports: make(map[uint32]string, len(s.Ports))}
	for _, port := range s.Ports {
		p.Ports[port.Port] = cmp.Or(port.TargetPort, strconv.FormatUint(uint64(port.Port), 10))
	}
	return p
}
