package gwapi

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// layout says where the listeners of an Istio Gateway stand in the output. It is
// settled before anything is built, since Gateways and routes must agree on it.
type layout struct {
	gateway *mesh.Gateway
	name    string             // of the Gateway in the output
	groups  [][]*mesh.Listener // of the Gateway, then of each ListenerSet; empty when no Gateway is written
	sets    []string           // names of the ListenerSets: sets[i] has groups[i+1]
	home    map[string]int     // listener name -> index in groups
	unfit   []*mesh.Listener   // without a port that can be listened on
	spill   []*mesh.Listener   // past the limit of a bundle without ListenerSets
	checks  map[*mesh.Listener]clientCheck
}

// layOut settles the layouts of all Gateways. Names are given in the order of
// the model, which does not depend on the order of the input.
func layOut(m *mesh.Model, o Options) map[route.Name]*layout {
	names := newNames(o.Reserved)
	layouts := make(map[route.Name]*layout, len(m.Gateways))
	for _, g := range m.Gateways {
		layouts[g.Name] = &layout{
			gateway: g,
			name:    names.name("Gateway", g.Namespace, g.Name.Name, "Gateway "+g.Name.String()),
			home:    map[string]int{},
			checks:  clientChecks(g, o.Bundle),
		}
		g.Written = layouts[g.Name].name
	}
	for _, g := range m.Gateways {
		layouts[g.Name].place(o, names)
	}
	return layouts
}

// place puts the listeners into the Gateway and, past its limit, into ListenerSets.
func (l *layout) place(o Options, names *names) {
	var rest []*mesh.Listener
	for _, n := range l.gateway.Listeners {
		switch {
		case n.Withheld:
		case n.Port < 1 || n.Port > 65535:
			l.unfit = append(l.unfit, n)
		default:
			rest = append(rest, n)
		}
	}
	most := o.Bundle.Limits().Listeners
	kind, ok := listenerSetKind(o)
	if !ok && len(rest) > most {
		rest, l.spill = rest[:most], rest[most:]
	}
	l.groups = slices.Collect(slices.Chunk(rest, most))
	for i, group := range l.groups {
		for _, n := range group {
			l.home[n.Name] = i
		}
		if i > 0 {
			want := fmt.Sprintf("%s-listeners-%d", l.name, i+1)
			l.sets = append(l.sets, names.name(kind, l.gateway.Namespace, want, fmt.Sprintf("listeners %d of %s", i+1, l.gateway.Name)))
		}
	}
}

// closed tells that nothing may attach to a listener.
func (l *layout) closed(n *mesh.Listener) bool { return n.Closed || l.checks[n].refusal != "" }

// listener returns the listener of that name, or nil.
func (l *layout) listener(section string) *mesh.Listener {
	i, ok := l.home[section]
	if !ok {
		return nil
	}
	at := slices.IndexFunc(l.groups[i], func(n *mesh.Listener) bool { return n.Name == section })
	return l.groups[i][at]
}

// listenerSetKind is the kind that holds listeners outside of a Gateway:
// XListenerSet in the experimental channel of 1.4, of the same shape.
func listenerSetKind(o Options) (kind string, ok bool) {
	for _, kind := range []string{"ListenerSet", "XListenerSet"} {
		if _, ok := o.Bundle.APIVersion(kind); ok {
			return kind, true
		}
	}
	return "ListenerSet", false
}

// layout returns the layout of a Gateway, or nil when it is not in the input.
func (p *pass) layout(g route.Name) *layout { return p.shared().layouts[g] }

// shared is what all passes read and none changes.
type shared struct {
	layouts     map[route.Name]*layout
	dns         dnsMoves
	expressions expressions           // grows while passes run, which is safe
	company     map[*route.Table]bool // tables that share an entry and a host with that of another object
	drafts      map[*route.Table]*draft
	outside     map[*route.Outside]Outside // that some route may refer to
	serves      *target.Target             // what Options.Target names; nil for none
}

// newShared settles what more than one pass has to agree on.
func newShared(m *mesh.Model, o Options) *shared {
	x := newExpressions()
	x.target = target.NameOf(cmp.Or(o.Target, o.GatewayClass, "istio"))
	x.istio = x.target == "istio"
	x.ranking, _ = target.RankingOf(x.target)
	var serves *target.Target
	if t, err := target.Parse(o.Target); err == nil {
		serves = &t
	}
	return &shared{serves: serves, layouts: layOut(m, o), dns: moveDNS(m), expressions: x, company: company(m)}
}

// shared returns what Build has settled for all passes; a pass that runs alone
// settles it for itself.
func (p *pass) shared() *shared {
	if p.common == nil {
		p.common = newShared(p.model, p.opts)
	}
	return p.common
}
