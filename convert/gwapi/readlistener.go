package gwapi

import (
	"cmp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// readGateway is a Gateway with all listeners on it.
type readGateway struct {
	name   route.Name
	allows *gatewayv1.AllowedListeners
	groups []*listenerGroup                      // its own listeners, then those of ListenerSets
	open   map[readDoor]map[string]*readListener // those that answer, by host
}

// listenerGroup is what a route refers to: a Gateway, or a ListenerSet.
type listenerGroup struct {
	Object
	name      route.Name
	gateway   *readGateway // nil where the listeners are not opened
	listeners []*readListener
}

func (g *listenerGroup) title() string { return g.Kind + " " + g.name.String() }

func (g *listenerGroup) place(path ...any) finding.Place {
	if n := descend(g.Root, path...); n != nil {
		return n.Place()
	}
	return finding.Place{Pos: g.Origin.Pos, Object: g.title()}
}

// readListener is one listener.
type readListener struct {
	gatewayv1.Listener
	group *listenerGroup
	index int
	host  string // "" for all
	door  readDoor
	open  bool // it answers
}

func (l *readListener) place(field string) finding.Place {
	return l.group.place("spec", "listeners", l.index, field)
}

func (l *readListener) title() string { return "listener " + string(l.Name) + " of " + l.group.title() }

// readDoor is what tells doors apart.
type readDoor struct {
	entry    route.Entry
	protocol route.Protocol
	secure   bool
}

func (r *reader) gateway(o Object, v *gatewayv1.Gateway) {
	g := &readGateway{name: r.key(o).Name, allows: v.Spec.AllowedListeners}
	r.gateways[g.name] = g
	group := &listenerGroup{Object: o, name: g.name, gateway: g}
	group.fill(v.Spec.Listeners)
	g.groups = []*listenerGroup{group}
}

func (g *listenerGroup) fill(listeners []gatewayv1.Listener) {
	for i, l := range listeners {
		g.listeners = append(g.listeners, &readListener{Listener: l, group: g, index: i, host: string(deref(l.Hostname))})
	}
}

// listenerSet adds the listeners of a ListenerSet to those of its Gateway, if
// that admits it (GEP-1713).
func (r *reader) listenerSet(o Object) {
	v, ok := o.Value.(*gatewayv1.ListenerSet)
	if !ok {
		return
	}
	group := &listenerGroup{Object: o, name: r.key(o).Name}
	listeners := make([]gatewayv1.Listener, len(v.Spec.Listeners))
	for i, l := range v.Spec.Listeners {
		listeners[i] = gatewayv1.Listener(l)
	}
	group.fill(listeners)
	r.sets[r.key(o)] = group
	ref := v.Spec.ParentRef
	name := route.Name{Namespace: cmp.Or(string(deref(ref.Namespace)), group.name.Namespace), Name: string(ref.Name)}
	g := r.gateways[name]
	if ref.Kind != nil && *ref.Kind != "Gateway" || ref.Group != nil && *ref.Group != target.Group {
		r.note(rule.GatewayAPIKind, group.place("spec", "parentRef"), "the listeners of %s stand on a %s, which is not looked at.", group.title(), deref(ref.Kind))
		return
	}
	if g == nil {
		r.note(rule.ParentUnknown, group.place("spec", "parentRef"), "Gateway %s is not among the files: whether it admits %s is not known, and its listeners are taken to be open.", name, group.title())
		g = &readGateway{name: name, groups: []*listenerGroup{{name: name}}}
		r.gateways[name] = g
	} else if g.groups[0].Value != nil && !r.admitsSet(g, group) {
		return
	}
	group.gateway = g
	g.groups = append(g.groups, group)
}

func (r *reader) admitsSet(g *readGateway, set *listenerGroup) bool {
	from, selector := gatewayv1.NamespacesFromNone, (*metav1.LabelSelector)(nil)
	if g.allows != nil && g.allows.Namespaces != nil {
		from, selector = cmp.Or(deref(g.allows.Namespaces.From), gatewayv1.NamespacesFromNone), g.allows.Namespaces.Selector
	}
	switch r.namespaceAllowed(from, selector, g.name.Namespace, set.name.Namespace) {
	case route.Yes:
		return true
	case route.Unknown:
		r.note(rule.NamespaceLabelsUnknown, set.place(), "Gateway %s admits ListenerSets by the labels of their namespace, and those of %s are not known.", g.name, set.name.Namespace)
		return true
	case route.No:
		r.note(rule.ListenerSetRefused, set.place("spec", "parentRef"), "Gateway %s takes no ListenerSet of namespace %s, so the listeners of %s are not opened.", g.name, set.name.Namespace, set.title())
		return false
	}
	panic("unhandled answer")
}

// settleListeners decides which listeners answer, and opens the host of each:
// what no route takes there is answered with 404.
func (r *reader) settleListeners() {
	for _, g := range r.gateways {
		own := g.groups[0]
		sets := g.groups[1:]
		slices.SortFunc(sets, func(a, b *listenerGroup) int { // GEP-1713: the oldest first, then by name
			return cmp.Or(a.Value.GetCreationTimestamp().Compare(b.Value.GetCreationTimestamp().Time), a.name.Compare(b.name))
		})
		g.open = map[readDoor]map[string]*readListener{}
		first := map[gatewayv1.PortNumber]*readListener{}
		for _, group := range append([]*listenerGroup{own}, sets...) {
			for _, l := range group.listeners {
				if r.assignDoor(l) {
					r.openListener(g, l, first)
				}
			}
		}
	}
}

// openListener lets l answer, unless one before it is in the way: of the same
// host, or of a protocol that can't share the port, where HTTPS and TLS can,
// since both go by SNI (gateway_types.go, Listeners). first are the first
// listeners of each port.
func (r *reader) openListener(g *readGateway, l *readListener, first map[gatewayv1.PortNumber]*readListener) {
	at := g.open[l.door]
	if at == nil {
		at = map[string]*readListener{}
		g.open[l.door] = at
	}
	other := at[l.host]
	if o := first[l.Port]; o == nil {
		first[l.Port] = l
	} else if o.Protocol != l.Protocol && (!o.bySNI() || !l.bySNI()) {
		other = o
	}
	if other != nil {
		r.note(rule.ListenerConflict, l.place("name"), "%s and %s can't both answer on port %d; this one is taken to stay closed.", l.title(), other.title(), l.Port)
		return
	}
	l.open, at[l.host] = true, l
	r.list(l.door, l.host)
}

func (l *readListener) bySNI() bool {
	return l.Protocol == gatewayv1.HTTPSProtocolType || l.Protocol == gatewayv1.TLSProtocolType
}

// assignDoor says where requests for l come in; false for a protocol that is not
// compared.
func (r *reader) assignDoor(l *readListener) bool {
	l.door = readDoor{entry: route.Entry{Parent: l.group.gateway.name, Port: uint32(l.Port)}}
	switch l.Protocol {
	case gatewayv1.HTTPProtocolType:
		l.door.protocol = route.HTTP
	case gatewayv1.HTTPSProtocolType:
		l.door.protocol, l.door.secure = route.HTTP, true
	case gatewayv1.TCPProtocolType:
		l.door.protocol, l.host = route.TCP, ""
	case gatewayv1.TLSProtocolType:
		l.door.protocol = route.TLS
		if l.terminates() {
			l.door.protocol, l.door.secure = route.TCP, true // connections are forwarded without their TLS
		}
	default:
		r.note(rule.GatewayAPIKind, l.place("protocol"), "%s speaks %s; its connections are not compared.", l.title(), l.Protocol)
		return false
	}
	return true
}

func (l *readListener) terminates() bool {
	return l.TLS == nil || l.TLS.Mode == nil || *l.TLS.Mode != gatewayv1.TLSModePassthrough
}

// takesKind tells whether l admits routes of a kind.
func (l *readListener) takesKind(kind string) bool {
	var supported []string
	switch l.Protocol {
	case gatewayv1.HTTPProtocolType, gatewayv1.HTTPSProtocolType:
		supported = []string{"HTTPRoute", "GRPCRoute"}
	case gatewayv1.TCPProtocolType:
		supported = []string{"TCPRoute"}
	case gatewayv1.TLSProtocolType:
		supported = []string{"TLSRoute"}
		if l.terminates() {
			supported = append(supported, "TCPRoute")
		}
	}
	if !slices.Contains(supported, kind) {
		return false
	}
	if l.AllowedRoutes == nil || len(l.AllowedRoutes.Kinds) == 0 {
		return true
	}
	return slices.ContainsFunc(l.AllowedRoutes.Kinds, func(k gatewayv1.RouteGroupKind) bool {
		return string(k.Kind) == kind && (k.Group == nil || *k.Group == target.Group)
	})
}

// takesNamespace tells whether l admits routes of a namespace.
func (r *reader) takesNamespace(l *readListener, namespace string) route.Truth {
	from, selector := gatewayv1.NamespacesFromSame, (*metav1.LabelSelector)(nil)
	if l.AllowedRoutes != nil && l.AllowedRoutes.Namespaces != nil {
		from, selector = cmp.Or(deref(l.AllowedRoutes.Namespaces.From), gatewayv1.NamespacesFromSame), l.AllowedRoutes.Namespaces.Selector
	}
	return r.namespaceAllowed(from, selector, l.group.name.Namespace, namespace)
}

func (r *reader) namespaceAllowed(from gatewayv1.FromNamespaces, selector *metav1.LabelSelector, own, namespace string) route.Truth {
	switch from {
	case gatewayv1.NamespacesFromAll:
		return route.Yes
	case gatewayv1.NamespacesFromSame:
		if own == namespace {
			return route.Yes
		}
		return route.No
	case gatewayv1.NamespacesFromSelector:
		return r.selects(selector, namespace)
	}
	return route.No // None, or a word that the CRD refuses
}

// selects evaluates a selector on the labels of a namespace as far as they are known.
func (r *reader) selects(selector *metav1.LabelSelector, namespace string) route.Truth {
	if selector == nil {
		return route.No
	}
	labels, known := r.namespaces[namespace]
	answer := route.Yes
	for _, q := range requirements(selector) {
		value, present := labels[q.Key]
		if q.Key == namespaceLabel {
			value, present = namespace, true
		} else if !known {
			answer = route.Unknown
			continue
		}
		if !requirementHolds(q, value, present) {
			return route.No
		}
	}
	return answer
}

// requirements are the conditions of a selector, those of matchLabels included.
func requirements(s *metav1.LabelSelector) []metav1.LabelSelectorRequirement {
	all := slices.Clone(s.MatchExpressions)
	for _, key := range sortedKeys(s.MatchLabels) {
		all = append(all, metav1.LabelSelectorRequirement{Key: key, Operator: metav1.LabelSelectorOpIn, Values: []string{s.MatchLabels[key]}})
	}
	return all
}

func requirementHolds(q metav1.LabelSelectorRequirement, value string, present bool) bool {
	switch q.Operator {
	case metav1.LabelSelectorOpIn:
		return present && slices.Contains(q.Values, value)
	case metav1.LabelSelectorOpNotIn:
		return !present || !slices.Contains(q.Values, value)
	case metav1.LabelSelectorOpExists:
		return present
	case metav1.LabelSelectorOpDoesNotExist:
		return !present
	}
	return false // a selector that Kubernetes can't read admits nobody
}
