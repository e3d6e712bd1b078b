package hint

import (
	"cmp"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// calleeOf is the Service that a host in an object of namespace stands for, or a
// host outside of the cluster, which has no namespace; false for what is neither:
// an address, a lone asterisk.
func calleeOf(host, namespace string) (route.Name, bool) {
	resolved := mesh.ResolveHost(host, namespace)
	if name, ok := mesh.ResolveService(resolved); ok {
		return name, true
	}
	if _, err := netip.ParseAddr(resolved); err == nil || !outsideHost.MatchString(resolved) {
		return route.Name{}, false
	}
	return route.Name{Name: strings.Clone(resolved)}, true
}

// outsideHost is a name of DNS with a dot, or all names below one.
var outsideHost = regexp.MustCompile(`^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)+$`)

// partial tells whether a host that seems to be outside is another name of a
// Service: Istio takes it for neither.
func partial(m *mesh.Model, name route.Name) bool {
	if name.Namespace != "" {
		return false
	}
	if strings.HasSuffix(name.Name, ".svc") {
		return true
	}
	for _, suffix := range []string{".svc.cluster.local", ".cluster.local"} {
		if service, ok := mesh.ResolveService(name.Name + suffix); ok && m.Services[service] != nil {
			return true
		}
	}
	return false
}

// protocols are those that the ports of a host outside speak.
type protocols struct{ grpc, http bool }

// serviceOf is a Service of the input; for a host outside, what its ServiceEntry
// says of its ports. nil where nothing is known.
func (c *collector) serviceOf(name route.Name) *mesh.Service {
	spoken, ok := c.speaks[name.Name]
	if name.Namespace != "" || !ok {
		return c.model.Services[name]
	}
	s := &mesh.Service{Name: name}
	if spoken.grpc {
		s.Ports = append(s.Ports, mesh.ServicePort{L7: "GRPC"})
	}
	if spoken.http {
		s.Ports = append(s.Ports, mesh.ServicePort{L7: "HTTP"})
	}
	return s
}

// outside takes down the rules for calls to hosts outside of the cluster. Gateway
// API has no route for these, so that the model has no tables; here they are
// linked as if a gateway inside of the cluster served them.
func (c *collector) outside(docs []*source.Document, o Options) {
	var objects []*istio.Object
	for _, d := range docs {
		if d.Kind != "VirtualService" {
			continue
		}
		hosts := d.Root.Get("spec").Get("hosts")
		if hosts != nil && len(outsideHosts(d, o.Namespace)) == 0 {
			continue // without hosts it is a delegate
		}
		if object, _ := istio.Bind(d); object != nil {
			objects = append(objects, object)
		}
	}
	if len(objects) == 0 {
		return
	}
	inside := route.Name{Namespace: o.Namespace, Name: "hosts-outside"}
	model, _ := mesh.Link(objects, mesh.Options{Namespace: o.Namespace, GatewayNamespace: o.GatewayNamespace, Mesh: mesh.OnGateway, MeshGateway: inside})
	for _, t := range model.Tables {
		if t.Protocol != route.HTTP || !slices.ContainsFunc(t.Entries, func(e route.Entry) bool { return e.Parent == inside }) {
			continue
		}
		for _, host := range t.Hosts {
			if name, ok := calleeOf(host, ""); ok && name.Namespace == "" {
				c.calls[name] = append(c.calls[name], call{table: t})
			}
		}
	}
}

// outsideHosts are the hosts outside of the cluster for calls to which d has HTTP
// rules in the mesh.
func outsideHosts(d *source.Document, namespace string) []route.Name {
	return slices.DeleteFunc(meshHosts(d, namespace), func(n route.Name) bool { return n.Namespace != "" })
}

// meshHosts are whom d has HTTP rules for in the mesh.
func meshHosts(d *source.Document, namespace string) []route.Name {
	spec := d.Root.Get("spec")
	gateways := nodes(spec.Get("gateways"))
	inMesh := len(gateways) == 0 || slices.ContainsFunc(gateways, func(n *source.Node) bool { return n.Value() == "mesh" })
	if !inMesh || len(nodes(spec.Get("http"))) == 0 {
		return nil
	}
	var all []route.Name
	for _, n := range nodes(spec.Get("hosts")) {
		if name, ok := calleeOf(n.Value(), cmp.Or(d.Namespace, namespace)); ok {
			all = append(all, name)
		}
	}
	return all
}

// subsets makes hints for the Services that are made for subsets, where a subset
// has settings of its own: they are for who calls such a Service by its name. The
// rules that count are those that send to it.
func (c *collector) subsets(name route.Name, ports map[uint32][]*route.Table) []Hint {
	var all []Hint
	for _, made := range c.made[name] {
		if !slices.ContainsFunc(c.pools[name], func(p Pool) bool { return p.Subset == made.Subset }) {
			continue
		}
		var tables []*route.Table
		for _, port := range slices.Sorted(maps.Keys(ports)) {
			for _, t := range ports[port] {
				if !slices.Contains(tables, t) {
					tables = append(tables, t)
				}
			}
		}
		own := made.Name
		all = append(all, Hint{
			Service: own, Of: name.Name, Subset: made.Subset, GRPC: speaks(made.Base, isGRPC), HTTP: speaks(made.Base, isHTTP),
			Policies: policies(tables, Client{}, &own), Pools: c.pools[name],
		})
	}
	return all
}
