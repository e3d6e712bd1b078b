package gwapi

import (
	"cmp"
	"slices"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// parentRefs attaches a route to the entries of t. It is empty when nothing is
// left to attach to, since the listeners are not written or admit nobody.
func (p *pass) parentRefs(t *route.Table) []gatewayv1.ParentReference {
	var refs []gatewayv1.ParentReference
	for _, e := range t.Entries {
		if e.Mesh {
			refs = append(refs, serviceParent(e, t.Name.Namespace))
		} else {
			refs = append(refs, p.gatewayParents(e, t.Name.Namespace)...)
		}
	}
	slices.SortStableFunc(refs, compareParents)
	return slices.CompactFunc(refs, func(a, b gatewayv1.ParentReference) bool { return compareParents(a, b) == 0 })
}

func serviceParent(e route.Entry, namespace string) gatewayv1.ParentReference {
	ref := parentRef("", "Service", e.Parent, namespace)
	if e.Port != 0 {
		ref.Port = new(gatewayv1.PortNumber(e.Port))
	}
	return ref
}

// gatewayParents refers to a listener wherever it stands.
func (p *pass) gatewayParents(e route.Entry, namespace string) []gatewayv1.ParentReference {
	l := p.layout(e.Parent)
	switch {
	case l == nil:
		return []gatewayv1.ParentReference{unknownParent(e, namespace)}
	case e.Section == "":
		var refs []gatewayv1.ParentReference
		for i := range l.groups {
			refs = append(refs, p.groupParent(l, i, namespace))
		}
		return refs
	}
	n := l.listener(e.Section)
	if n == nil || l.closed(n) {
		return nil
	}
	if e.Implied {
		return []gatewayv1.ParentReference{p.groupParent(l, l.home[e.Section], namespace)}
	}
	return []gatewayv1.ParentReference{p.listenerParent(l, e.Section, namespace)}
}

// unknownParent refers to a Gateway that is not in the input: by port where the
// rules are for one port only, since its listeners' names are not known. A
// listener of the input is never referred to by port, as two refs that differ by
// port alone are for the experimental channel.
func unknownParent(e route.Entry, namespace string) gatewayv1.ParentReference {
	ref := parentRef(gatewayv1.GroupName, "Gateway", e.Parent, namespace)
	switch {
	case e.Section != "":
		ref.SectionName = new(gatewayv1.SectionName(e.Section))
	case e.Port != 0:
		ref.Port = new(gatewayv1.PortNumber(e.Port))
	}
	return ref
}

// listenerParent refers to one listener of a Gateway.
func (p *pass) listenerParent(l *layout, section, namespace string) gatewayv1.ParentReference {
	ref := p.groupParent(l, l.home[section], namespace)
	ref.SectionName = new(gatewayv1.SectionName(section))
	return ref
}

// groupParent refers to the Gateway (group 0) or to one of its ListenerSets.
func (p *pass) groupParent(l *layout, group int, namespace string) gatewayv1.ParentReference {
	name := route.Name{Namespace: l.gateway.Namespace, Name: l.name}
	if group == 0 {
		return parentRef(gatewayv1.GroupName, "Gateway", name, namespace)
	}
	kind, _ := listenerSetKind(p.opts)
	name.Name = l.sets[group-1]
	return parentRef(p.group(kind), kind, name, namespace)
}

// parentRef names a parent as seen from a namespace.
func parentRef(group, kind string, name route.Name, namespace string) gatewayv1.ParentReference {
	ref := gatewayv1.ParentReference{
		Group: new(gatewayv1.Group(group)),
		Kind:  new(gatewayv1.Kind(kind)),
		Name:  gatewayv1.ObjectName(name.Name),
	}
	if name.Namespace != namespace {
		ref.Namespace = new(gatewayv1.Namespace(name.Namespace))
	}
	return ref
}

func compareParents(a, b gatewayv1.ParentReference) int {
	return cmp.Or(
		cmp.Compare(deref(a.Group), deref(b.Group)), cmp.Compare(deref(a.Kind), deref(b.Kind)),
		cmp.Compare(deref(a.Namespace), deref(b.Namespace)), cmp.Compare(a.Name, b.Name),
		cmp.Compare(deref(a.SectionName), deref(b.SectionName)), cmp.Compare(deref(a.Port), deref(b.Port)))
}

// deref is what ptr points to, or the zero value.
func deref[T any](ptr *T) T {
	if ptr == nil {
		var zero T
		return zero
	}
	return *ptr
}
