package gwapi

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// Reacher is a resource that a backendRef may name in the place of a Service.
type Reacher interface {
	metav1.Object
	// Reaches gives the group of the resource and where it sends to; nothing where
	// that is not known.
	Reaches() (group string, to []route.Endpoint)
}

// reachedKey names a resource of an implementation.
type reachedKey struct {
	group, kind string
	route.Name
}

// reach notes where resources send to.
func (r *reader) reach(objects []Object) {
	r.reached = map[reachedKey][]route.Endpoint{}
	for _, o := range objects {
		if v, ok := o.Value.(Reacher); ok {
			group, to := v.Reaches()
			r.reached[reachedKey{group, o.Kind, r.key(o).Name}] = to
		}
	}
}

// outsideRef refers to a host outside of the cluster from a route of a kind for t,
// where the implementation has a resource for it. Routes of TCP and TLS pass on what
// clients have encrypted, and stay with the mesh.
func (p *pass) outsideRef(b route.Backend, t *route.Table, kind string) (ref gatewayv1.BackendObjectReference, ok bool) {
	if b.Outside == nil || p.opts.Extend == nil || !p.shared().reaches(t, kind) {
		return ref, false
	}
	to, ok := p.opts.Extend.Outside(b.Outside)
	if !ok {
		return ref, false
	}
	ref = to.Ref
	if ref.Namespace == nil || string(*ref.Namespace) == t.Name.Namespace {
		ref.Namespace = nil
		return ref, true
	}
	if onGateway(t) {
		p.grants = append(p.grants, grant{
			fromKind: kind, fromNamespace: t.Name.Namespace, toGroup: string(*ref.Group), toKind: string(*ref.Kind),
			to:     route.Name{Namespace: string(*ref.Namespace), Name: string(ref.Name)},
			origin: Origin{Pos: b.From.Place().Pos, What: t.From.Document().Object() + ", destination"},
		})
	}
	return ref, true
}

// reaches tells whether routes of a kind for t may refer to hosts outside.
func (s *shared) reaches(t *route.Table, kind string) bool {
	return (kind == "HTTPRoute" || kind == "GRPCRoute") && !slices.ContainsFunc(t.Entries, s.foreign)
}

// outsides makes the resources for the hosts outside to which tables send, and
// takes back what was found at destinations that all tables reach by them.
func (b *builder) outsides() (objects []Object) {
	if b.opts.Extend == nil {
		return nil
	}
	b.common.outside = map[*route.Outside]Outside{}
	done, open := map[finding.Place]string{}, map[finding.Place]bool{}
	for _, t := range b.model.Tables {
		for d := range t.Destinations() {
			if d.Outside == nil {
				continue
			}
			at := hostOf(d)
			to, ok := b.opts.Extend.Outside(d.Outside)
			if !ok || t.Protocol != route.HTTP || !b.common.reaches(t, "HTTPRoute") {
				open[at] = true
				continue
			}
			done[at] = to.By
			if _, made := b.common.outside[d.Outside]; !made {
				b.common.outside[d.Outside] = to
				b.tell(to.Findings)
				if to.Object == nil { // the ServiceEntry itself stays in force
					b.made(Made{Carried: []Carried{{Rule: rule.ServiceEntry, At: d.Outside.From.At("hosts"), By: to.By}}})
				}
				objects = append(objects, outsideObject(d.Outside, to)...)
			}
		}
	}
	for at, by := range done {
		if !open[at] {
			b.made(Made{Carried: []Carried{{Rule: rule.DestinationNotService, At: at, By: by}}})
		}
	}
	return others(objects)
}

// hostOf is where the host of a destination stands: in the destination of an element
// of route[], or in the mirror.
func hostOf(d *route.Backend) finding.Place {
	if to := d.From.Get("destination"); to != nil {
		return to.At("host")
	}
	return d.From.At("host")
}

func outsideObject(o *route.Outside, to Outside) []Object {
	if to.Object == nil {
		return nil
	}
	at := o.From.At("hosts")
	return []Object{{Kind: string(*to.Ref.Kind), Value: to.Object, Origin: Origin{Pos: at.Pos, What: o.From.Document().Object()}}}
}
