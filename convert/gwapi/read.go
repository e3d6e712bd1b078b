package gwapi

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// ReadOptions says how to read objects back.
type ReadOptions struct {
	Namespace string                    // of objects that name none; "" is "default"
	Ranking   target.Ranking            // of regular expression paths; the zero value leaves it open
	Services  map[route.Name]route.Pods // Services that are not among the objects, such as those that stay as they are
	Outside   map[string]*route.Outside // hosts that ServiceEntries make known, by Endpoint.String of what callers name
	Effects   Effects                   // reads resources of implementations; nil for none
}

// Read lays out by door and host what objects decide, as their authors' cluster
// would: routes attached to listeners and Services, and their rules in the order
// in which Gateway API prefers them. What does nothing, or can't be judged, is
// a finding. Of two objects of one name the last counts, as with kubectl.
func Read(objects []Object, o ReadOptions) (*route.Routing, []finding.Finding) {
	o.Namespace = cmp.Or(o.Namespace, "default")
	r := &reader{
		opts: o, gateways: map[route.Name]*readGateway{}, sets: map[Key]*listenerGroup{},
		namespaces: map[string]map[string]string{}, doors: map[readDoor]map[string]*readList{}, mesh: map[meshDoor][]*attachment{},
		routing: &route.Routing{Pods: maps.Clone(o.Services)},
	}
	if r.routing.Pods == nil {
		r.routing.Pods = map[route.Name]route.Pods{}
	}
	objects = r.known(objects)
	r.reach(objects)
	if o.Effects != nil {
		r.effects = o.Effects(objects)
	}
	for _, obj := range objects {
		r.context(obj)
	}
	for _, obj := range objects {
		r.listenerSet(obj)
	}
	r.settleListeners()
	for _, obj := range objects {
		if rt := r.route(obj); rt != nil && rt.inForce() {
			r.attach(rt)
		}
	}
	r.meshDoors()
	r.lay()
	return r.routing, finding.Sort(r.findings)
}

// reader is one reading.
type reader struct {
	opts       ReadOptions
	routing    *route.Routing
	findings   []finding.Finding
	gateways   map[route.Name]*readGateway
	sets       map[Key]*listenerGroup       // ListenerSets, those that are refused included
	namespaces map[string]map[string]string // labels, of Namespaces among the objects
	grants     []*gatewayv1.ReferenceGrant
	doors      map[readDoor]map[string]*readList // by door and host
	mesh       map[meshDoor][]*attachment
	reached    map[reachedKey][]route.Endpoint // by resources of implementations
	effects    Effect                          // of resources of implementations; nil for none
}

func (r *reader) note(rl *finding.Rule, at finding.Place, format string, args ...any) {
	r.findings = append(r.findings, finding.New(rl, at, format, args...))
}

// known drops objects that another of the same name replaces, and orders the
// rest, so that nothing depends on the order of the input.
func (r *reader) known(objects []Object) []Object {
	last := map[Key]Object{}
	for _, obj := range objects {
		last[r.key(obj)] = obj
	}
	return slices.SortedFunc(maps.Values(last), func(a, b Object) int {
		ka, kb := r.key(a), r.key(b)
		return cmp.Or(cmp.Compare(ka.Kind, kb.Kind), ka.Name.Compare(kb.Name))
	})
}

func (r *reader) key(o Object) Key {
	k := o.Key()
	k.Namespace = cmp.Or(k.Namespace, r.opts.Namespace)
	return k
}

// context takes in what routes depend on.
func (r *reader) context(o Object) {
	name := r.key(o).Name
	switch v := o.Value.(type) {
	case *corev1.Service:
		r.routing.Pods[name] = servicePods(v, name)
	case *corev1.Namespace:
		r.namespaces[v.Name] = v.Labels
		if v.Labels == nil {
			r.namespaces[v.Name] = map[string]string{}
		}
	case *gatewayv1.ReferenceGrant:
		grant := *v
		grant.Namespace = name.Namespace
		r.grants = append(r.grants, &grant)
	case *gatewayv1.Gateway:
		r.gateway(o, v)
	}
}

// servicePods says which Pods a Service stands for.
func servicePods(s *corev1.Service, name route.Name) route.Pods {
	p := route.Pods{Namespace: name.Namespace, Selector: route.CanonicalSelector(s.Spec.Selector), Ports: make(map[uint32]string, len(s.Spec.Ports))}
	for _, port := range s.Spec.Ports {
		p.Ports[uint32(port.Port)] = strconv.Itoa(int(port.Port))
		if target := port.TargetPort.String(); target != "0" && target != "" {
			p.Ports[uint32(port.Port)] = target
		}
	}
	return p
}

// readRoute is a route of any kind.
type readRoute struct {
	Object
	name     route.Name
	created  time.Time
	protocol route.Protocol
	parents  []gatewayv1.ParentReference
	hosts    []string // "" alone for all
	rules    func(mesh bool) []*rankedRule
	cached   [2][]*rankedRule
	served   map[string]bool // hosts that some listener takes
	isolated []isolatedHost
	refused  bool // by Kubernetes, as reading its rules has shown
}

// title names rt in a sentence.
func (rt *readRoute) title() string { return rt.Kind + " " + rt.name.String() }

// place is where a field of rt stands, or where rt comes from.
func (rt *readRoute) place(path ...any) finding.Place {
	n := descend(rt.Root, path...)
	if n == nil {
		return finding.Place{Pos: rt.Origin.Pos, Object: rt.title()}
	}
	return n.Place()
}

// ranked are the rules of rt as a Service sees them, or a Gateway: in the mesh
// no backend needs a ReferenceGrant (GEP-1294, and Istio's enforceRefGrant).
func (rt *readRoute) ranked(mesh bool) []*rankedRule {
	i := 0
	if mesh {
		i = 1
	}
	if rt.cached[i] == nil {
		rt.cached[i] = rt.rules(mesh)
	}
	return rt.cached[i]
}

// inForce tells whether Kubernetes takes rt.
func (rt *readRoute) inForce() bool {
	rt.ranked(!slices.ContainsFunc(rt.parents, func(p gatewayv1.ParentReference) bool { return !isService(p) }))
	return !rt.refused
}

func isService(p gatewayv1.ParentReference) bool {
	return p.Kind != nil && *p.Kind == "Service" && p.Group != nil && *p.Group == ""
}

// descend follows keys and indexes from n as far as they lead; nil for no node.
func descend(n *source.Node, path ...any) *source.Node {
	for _, step := range path {
		var next *source.Node
		switch step := step.(type) {
		case string:
			next = n.Get(step)
		case int:
			if n != nil && step < len(n.Children()) {
				next = &n.Children()[step]
			}
		default:
			panic(fmt.Sprintf("unhandled step %T", step))
		}
		if next == nil {
			break
		}
		n = next
	}
	return n
}

// route reads o when it is a route; nil for all else.
func (r *reader) route(o Object) *readRoute {
	rt := &readRoute{Object: o, name: r.key(o).Name, created: o.Value.GetCreationTimestamp().Time, served: map[string]bool{}}
	switch v := o.Value.(type) {
	case *gatewayv1.HTTPRoute:
		rt.protocol, rt.parents, rt.hosts = route.HTTP, v.Spec.ParentRefs, routeHosts(v.Spec.Hostnames)
		rt.rules = func(mesh bool) []*rankedRule { return r.readHTTP(rt, v, mesh) }
	case *gatewayv1.GRPCRoute:
		rt.protocol, rt.parents, rt.hosts = route.HTTP, v.Spec.ParentRefs, routeHosts(v.Spec.Hostnames)
		rt.rules = func(mesh bool) []*rankedRule { return r.readGRPC(rt, v, mesh) }
	case *gatewayv1.TLSRoute:
		rt.protocol, rt.parents, rt.hosts = route.TLS, v.Spec.ParentRefs, routeHosts(v.Spec.Hostnames)
		rt.rules = func(mesh bool) []*rankedRule { return r.readTLS(rt, v, mesh) }
	case *gatewayv1.TCPRoute:
		rt.protocol, rt.parents, rt.hosts = route.TCP, v.Spec.ParentRefs, routeHosts(nil)
		rt.rules = func(mesh bool) []*rankedRule { return r.readTCP(rt, v, mesh) }
	default:
		return nil
	}
	return rt
}

func routeHosts(names []gatewayv1.Hostname) []string {
	if len(names) == 0 {
		return []string{""}
	}
	hosts := make([]string, len(names))
	for i, n := range names {
		hosts[i] = string(n)
	}
	return hosts
}
