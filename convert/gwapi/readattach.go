package gwapi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// attach puts rt on all listeners and Services that its parentRefs lead to.
func (r *reader) attach(rt *readRoute) {
	if len(rt.parents) == 0 {
		r.note(rule.RouteDetached, rt.place(), "%s names no parent, so it serves no request.", rt.title())
		return
	}
	attached := false
	for i, ref := range rt.parents {
		attached = r.attachTo(rt, i, ref) || attached
	}
	if !attached {
		return // said for each parent
	}
	for i, host := range rt.hosts {
		if !rt.served[host] {
			r.note(rule.RouteHostUnserved, rt.place("spec", "hostnames", i), "no listener that %s is attached to takes requests for %s.", rt.title(), hostText(host))
		}
	}
	for _, x := range rt.isolated {
		if l := r.doors[x.by.door][x.host]; l == nil || !slices.Contains(l.routes, rt) {
			r.note(rule.RouteHostUnserved, rt.place("spec", "hostnames", x.index), "requests for %s on port %d are for %s alone, to which %s is not attached.", x.host, x.by.Port, x.by.title(), rt.title())
		}
	}
}

// isolatedHost is a host of a route that a more precise listener takes.
type isolatedHost struct {
	host  string
	index int // among the hosts of the route
	by    *readListener
}

func hostText(host string) string { return cmp.Or(host, "all hosts") }

// attachTo follows one parentRef; false where it leads nowhere, which is said.
func (r *reader) attachTo(rt *readRoute, i int, ref gatewayv1.ParentReference) bool {
	at := rt.place("spec", "parentRefs", i)
	group, kind := target.Group, "Gateway"
	if ref.Group != nil {
		group = string(*ref.Group)
	}
	if ref.Kind != nil {
		kind = string(*ref.Kind)
	}
	name := route.Name{Namespace: cmp.Or(string(deref(ref.Namespace)), rt.name.Namespace), Name: string(ref.Name)}
	switch {
	case isService(ref):
		return r.attachMesh(rt, name, uint32(deref(ref.Port)))
	case kind == "Gateway" && group == target.Group:
		if g := r.gateways[name]; g != nil && g.groups[0].Value != nil {
			return r.attachListeners(rt, ref, g.groups[0], at)
		}
		return r.attachUnknown(rt, ref, name, at)
	case kind == "ListenerSet" && group == target.Group, kind == "XListenerSet" && group == target.GroupX:
		set := r.sets[Key{kind, name}]
		if set == nil {
			r.note(rule.RouteDetached, at, "%s %s is not among the files, so %s is attached to none of its listeners.", kind, name, rt.title())
			return false
		}
		return r.attachListeners(rt, ref, set, at)
	}
	r.note(rule.GatewayAPIKind, at, "%s is attached to a %s of %s, whose requests are not compared.", rt.title(), kind, cmp.Or(group, "Kubernetes"))
	for _, host := range rt.hosts {
		rt.served[host] = true // as far as is known
	}
	return true
}

// attachUnknown opens a door for a Gateway that is not in the input. One whose
// listeners are not known is told from another by what the route says of it.
func (r *reader) attachUnknown(rt *readRoute, ref gatewayv1.ParentReference, name route.Name, at finding.Place) bool {
	r.note(rule.ParentUnknown, at, "Gateway %s is not among the files; %s is taken to be attached to it.", name, rt.title())
	d := readDoor{protocol: rt.protocol, entry: route.Entry{
		Parent: name, Section: string(deref(ref.SectionName)), Port: uint32(deref(ref.Port)), Unknown: true,
	}}
	for _, host := range rt.hosts {
		rt.served[host] = true
		r.list(d, host).add(rt)
	}
	return true
}

// attachListeners attaches rt to those listeners of a Gateway or ListenerSet that
// ref names and that admit it.
func (r *reader) attachListeners(rt *readRoute, ref gatewayv1.ParentReference, group *listenerGroup, at finding.Place) bool {
	if group.gateway == nil {
		r.note(rule.RouteDetached, at, "the listeners of %s are not opened, so %s serves nothing there.", group.title(), rt.title())
		return false
	}
	var why []string
	found, attached := false, false
	for _, l := range group.listeners {
		if ref.SectionName != nil && *ref.SectionName != l.Name || ref.Port != nil && *ref.Port != l.Port {
			continue
		}
		found = true
		if reason := r.refusal(rt, l, at); reason != "" {
			why = append(why, reason)
			continue
		}
		attached = true
		r.attachHosts(rt, l)
	}
	switch {
	case !found:
		r.note(rule.RouteDetached, at, "%s has no listener%s, so %s serves nothing there.", group.title(), wanted(ref), rt.title())
	case !attached:
		slices.Sort(why)
		r.note(rule.RouteDetached, at, "%s serves nothing on %s: %s.", rt.title(), group.title(), strings.Join(slices.Compact(why), "; "))
	}
	return attached
}

// wanted says which listener ref asks for.
func wanted(ref gatewayv1.ParentReference) string {
	var words string
	if ref.SectionName != nil {
		words += " called " + string(*ref.SectionName)
	}
	if ref.Port != nil {
		words += fmt.Sprintf(" on port %d", *ref.Port)
	}
	return words
}

// refusal says why l does not take rt; "" when it does.
func (r *reader) refusal(rt *readRoute, l *readListener, at finding.Place) string {
	switch {
	case !l.open:
		return fmt.Sprintf("listener %s is not open", l.Name)
	case !l.takesKind(rt.Kind):
		return fmt.Sprintf("listener %s takes no %s", l.Name, rt.Kind)
	case !slices.ContainsFunc(rt.hosts, func(h string) bool { _, ok := route.NarrowerHost(h, l.host); return ok }):
		return fmt.Sprintf("listener %s is for %s", l.Name, l.host)
	}
	switch r.takesNamespace(l, rt.name.Namespace) {
	case route.No:
		return fmt.Sprintf("listener %s takes no routes of namespace %s", l.Name, rt.name.Namespace)
	case route.Unknown:
		r.note(rule.NamespaceLabelsUnknown, at, "%s admits routes by the labels of their namespace, and those of %s are not known.", l.title(), rt.name.Namespace)
	}
	return ""
}

// attachHosts puts rt on the lists of l for its hosts, cut down to what l takes. A
// host that another listener of the port names more precisely is left to that
// one (listener isolation, gateway_types.go; so does Istio, in
// routeParentReference.hostnameAllowedByIsolation).
func (r *reader) attachHosts(rt *readRoute, l *readListener) {
	for i, host := range rt.hosts {
		both, ok := route.NarrowerHost(host, l.host)
		if !ok {
			continue
		}
		rt.served[host] = true
		if by := l.morePrecise(both); by != nil {
			rt.isolated = append(rt.isolated, isolatedHost{both, i, by})
			continue
		}
		r.list(l.door, both).add(rt)
	}
}

// morePrecise is the listener of the door that takes all of host, and names it
// more precisely than l; nil for none.
func (l *readListener) morePrecise(host string) *readListener {
	at := l.group.gateway.open[l.door]
	for name := host; name != l.host && name != ""; name = wider(name) {
		if o := at[name]; o != nil {
			return o
		}
	}
	return nil
}

// wider is the next host that takes all of a host: *.b.c for a.b.c and for
// *.a.b.c, and in the end "".
func wider(host string) string {
	_, rest, more := strings.Cut(strings.TrimPrefix(host, "*."), ".")
	if !more {
		return ""
	}
	return "*." + rest
}
