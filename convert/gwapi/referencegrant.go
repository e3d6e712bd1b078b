package gwapi

import (
	"cmp"
	"slices"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// grant is a reference across namespaces that a ReferenceGrant has to allow.
type grant struct {
	fromKind, fromNamespace string
	fromName                string // of a Gateway; "" for routes, which share a grant
	toGroup                 string // "" for the core's
	toKind                  string // Service, Secret, ConfigMap
	to                      route.Name
	origin                  Origin
}

// group is what becomes one ReferenceGrant, within the limits of its lists.
func (g grant) group(h grant) int {
	return cmp.Or(cmp.Compare(g.to.Namespace, h.to.Namespace), cmp.Compare(g.fromName, h.fromName), cmp.Compare(g.fromNamespace, h.fromNamespace))
}

// target orders within a group.
func (g grant) target(h grant) int {
	return cmp.Or(cmp.Compare(g.toGroup, h.toGroup), cmp.Compare(g.toKind, h.toKind), cmp.Compare(g.to.Name, h.to.Name),
		cmp.Compare(g.fromKind, h.fromKind), g.origin.Pos.Compare(h.origin.Pos))
}

// referenceGrants makes one ReferenceGrant for each Gateway and namespace of its
// certificates, and one for all routes of a namespace and the namespace of their
// backends.
func referenceGrants(grants []grant, o Options, n *names) []Object {
	grants = slices.Clone(grants)
	slices.SortStableFunc(grants, func(a, b grant) int { return cmp.Or(a.group(b), a.target(b)) })
	var objects []Object
	for len(grants) > 0 {
		end := slices.IndexFunc(grants, func(g grant) bool { return g.group(grants[0]) != 0 })
		if end < 0 {
			end = len(grants)
		}
		objects = append(objects, grantObjects(grants[:end], o, n)...)
		grants = grants[end:]
	}
	return objects
}

// grantObjects makes the ReferenceGrants of one group.
func grantObjects(group []grant, o Options, n *names) []Object {
	var from []gatewayv1.ReferenceGrantFrom
	var to []gatewayv1.ReferenceGrantTo
	first := group[0]
	for _, g := range group {
		if !slices.ContainsFunc(from, func(f gatewayv1.ReferenceGrantFrom) bool { return string(f.Kind) == g.fromKind }) {
			from = append(from, gatewayv1.ReferenceGrantFrom{
				Group: gatewayv1.GroupName, Kind: gatewayv1.Kind(g.fromKind), Namespace: gatewayv1.Namespace(g.fromNamespace),
			})
		}
		if len(to) == 0 || string(to[len(to)-1].Group) != g.toGroup || string(to[len(to)-1].Kind) != g.toKind || string(*to[len(to)-1].Name) != g.to.Name {
			to = append(to, gatewayv1.ReferenceGrantTo{Group: gatewayv1.Group(g.toGroup), Kind: gatewayv1.Kind(g.toKind), Name: new(gatewayv1.ObjectName(g.to.Name))})
		}
		if g.origin.Pos.Compare(first.origin.Pos) < 0 {
			first.origin = g.origin
		}
	}
	slices.SortFunc(from, func(a, b gatewayv1.ReferenceGrantFrom) int { return cmp.Compare(a.Kind, b.Kind) })
	var objects []Object
	for i, part := range slices.Collect(slices.Chunk(to, o.Bundle.Limits().GrantTo)) {
		v := &gatewayv1.ReferenceGrant{
			ObjectMeta: metav1.ObjectMeta{Namespace: first.to.Namespace},
			Spec:       gatewayv1.ReferenceGrantSpec{From: from, To: part},
		}
		v.Kind = "ReferenceGrant"
		v.APIVersion, _ = o.Bundle.APIVersion(v.Kind)
		v.Name = n.name(v.Kind, v.Namespace, grantName(first, i), "grant to "+first.fromNamespace+"/"+first.fromName+" "+strconv.Itoa(i))
		objects = append(objects, Object{Kind: v.Kind, Value: v, Origin: first.origin})
	}
	return objects
}

// grantName says who is let in; part counts from 0.
func grantName(g grant, part int) string {
	name := "routes-from-" + g.fromNamespace
	if g.fromName != "" {
		name = g.fromName + "-certificates"
	}
	if part > 0 {
		name += "-" + strconv.Itoa(part+1)
	}
	return name
}
