package mesh

import (
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// meshEntries gives the entries of vs for calls inside of the mesh: one for each
// port of each host's Service that Istio applies routes to.
func (l *linker) meshEntries(vs *virtualService, at *source.Node) []entry {
	if l.opts.Mesh == Off {
		l.note(rule.MeshOff, at.Place(), "calls inside of the mesh to the hosts of %s no longer meet its rules.", vs.Document.Object())
		return nil
	}
	var out []entry
	for i, host := range vs.spec.Hosts {
		node := child(vs.Root.Get("spec"), "hosts", i)
		resolved := fqdn(host, vs.Namespace)
		name, isService := serviceName(resolved)
		if !isService && l.opts.Mesh == GAMMA {
			l.reportMeshHost(node, host)
			continue
		}
		if l.meshTaken(vs, resolved, node) {
			continue
		}
		if l.opts.Mesh == OnGateway {
			out = append(out, l.internalEntry(vs, resolved, name, isService, node)...)
			continue
		}
		out = append(out, l.serviceEntries(vs, name, node)...)
	}
	switch {
	case len(out) == 0:
	case l.opts.Mesh == OnGateway:
		l.note(rule.MeshThroughGateway, at.Place(), "calls inside of the mesh meet these rules only where they are sent to Gateway %s.", l.opts.MeshGateway)
	default:
		l.note(rule.MeshRoutes, at.Place(), "these rules apply to calls inside of the mesh: the route's parent is a Service.")
	}
	return out
}

func (l *linker) reportMeshHost(node *source.Node, host string) {
	f := "calls inside of the mesh to %s no longer meet these rules."
	if name, ok := l.partial(host); ok {
		l.note(rule.MeshHostNotService, node.Place(), f+" Istio does not take it for Service %s either: write %s.%s.svc.%s.", host, name, name.Name, name.Namespace, clusterDomain)
		return
	}
	l.note(rule.MeshHostNotService, node.Place(), f, host)
}

// partial reads name.namespace and name.namespace.svc, which Kubernetes' DNS
// resolves and Istio does not, as the Service of the input that was meant.
func (l *linker) partial(host string) (route.Name, bool) {
	for _, suffix := range []string{".svc." + clusterDomain, "." + clusterDomain} {
		if name, ok := serviceName(host + suffix); ok && l.services[name] != nil {
			return name, true
		}
	}
	return route.Name{}, false
}

// meshTaken tells whether an older VirtualService serves the host in the mesh
// already (core/httproute.go drops the later one as a duplicate domain).
func (l *linker) meshTaken(vs *virtualService, host string, node *source.Node) bool {
	first, taken := l.meshHosts[host]
	if !taken {
		l.meshHosts[host] = vs
		return false
	}
	if first == vs {
		return true // written twice
	}
	l.note(rule.MeshDuplicate, node.Place(), "%s serves %s in the mesh already; Istio ignores this one there, and it is withheld.", first.Document.Object(), host)
	return true
}

// serviceEntries gives the entries on a Service. A route in the Service's
// namespace serves all callers; exportTo "." from another namespace is exactly
// a consumer route (GEP-1294).
func (l *linker) serviceEntries(vs *virtualService, name route.Name, node *source.Node) []entry {
	svc := l.services[name]
	namespace := name.Namespace
	private := !slices.Contains(vs.spec.ExportTo, "*") && len(vs.spec.ExportTo) > 0
	switch {
	case private && vs.Namespace != name.Namespace && len(vs.spec.ExportTo) == 1 && visible(vs, vs.Namespace):
		namespace = vs.Namespace
	case private:
		l.note(rule.NotVisible, vs.Root.Get("spec").At("exportTo"), "callers in namespaces that exportTo leaves out are not served by these rules today, and are after the migration.")
	case vs.Namespace != name.Namespace:
		l.note(rule.MeshMoved, node.Place(), "the route is written to namespace %s, where Service %s lives, since only there it serves all callers.", name.Namespace, name.Name)
	}
	base := entry{
		Entry:   route.Entry{Mesh: true, Parent: name, Unknown: svc == nil},
		gateway: meshGateway, service: svc, hosts: []string{"*"}, namespace: namespace,
	}
	if svc == nil || len(svc.Ports) == 0 {
		l.missingService(name, node)
		return []entry{base}
	}
	var out []entry
	for _, p := range svc.Ports {
		e := base
		e.Port = p.Port
		out = append(out, e)
	}
	return out
}

// internalEntry serves mesh rules on a Gateway inside of the cluster, under all
// names that callers may use for the Service.
func (l *linker) internalEntry(vs *virtualService, host string, name route.Name, isService bool, node *source.Node) []entry {
	if !expressibleHost(host) {
		l.note(rule.ListenerHost, node.Place(), "calls to host %q are not routed after the migration.", host)
		return nil
	}
	hosts := []string{host}
	if isService {
		hosts = []string{name.Name, name.Name + "." + name.Namespace, name.Name + "." + name.Namespace + ".svc", host}
	}
	g := l.gateways[l.opts.MeshGateway]
	if g == nil {
		return []entry{{
			Entry:   route.Entry{Parent: l.opts.MeshGateway, Unknown: true},
			gateway: meshGateway, service: l.services[name], hosts: hosts, namespace: vs.Namespace,
		}}
	}
	out := l.listenerEntries(vs, g, hosts)
	for i := range out {
		out[i].gateway, out[i].service = meshGateway, l.services[name]
	}
	for _, h := range hosts {
		if !slices.ContainsFunc(out, func(e entry) bool { return slices.Contains(e.hosts, h) }) {
			l.note(rule.HostNotOnGateway, node.Place(), "Gateway %s has no server for host %s that admits namespace %s: nothing serves it there.", g.Name, h, vs.Namespace)
		}
	}
	return out
}

// missingService says once that there are no Services, or of each one that is
// not there although its neighbours are.
func (l *linker) missingService(name route.Name, node *source.Node) {
	switch {
	case len(l.services) == 0 && !l.noServicesSaid:
		l.noServicesSaid = true
		l.note(rule.ServicesMissing, node.Place(), "no Service is in the input: destinations are taken as existing and ports as written.")
	case l.namespaces[name.Namespace] && !hasPlaceholder(name.Name):
		l.note(rule.DestinationUnknown, node.Place(), "Service %s is not in the input, though others of its namespace are: if it does not exist, requests get 500.", name)
	}
}
