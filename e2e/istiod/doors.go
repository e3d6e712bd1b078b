package istiod

import (
	"net"
	"slices"
	"strconv"
	"strings"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	networking "istio.io/api/networking/v1alpha3"
)

// comparison is istiod with the objects before, and with those after.
type comparison struct {
	old, new           *side
	oldWorld, newWorld *world
}

// question is what is asked of both worlds: the requests for one host that come
// in at one door.
type question struct {
	door     door
	host     string
	requests []request
	dropped  int // requests beyond the limit
	unmet    int // routes that no request was found for
}

// questions are about all doors and hosts that either side serves.
func (c *comparison) questions() []question {
	var out []question
	for _, d := range c.doors() {
		for _, host := range c.hosts(d) {
			var routes []*routev3.Route
			for _, w := range []*world{c.oldWorld, c.newWorld} {
				if v := w.viewOf(d); v != nil {
					routes = append(routes, virtualHost(v.routesAt(d, host), host).GetRoutes()...)
				}
			}
			q := question{door: d, host: host}
			q.derive(routes)
			out = append(out, q)
		}
	}
	return out
}

func (c *comparison) doors() []door {
	found := map[string]door{}
	add := func(d door) { found[d.String()] = d }
	for _, g := range istioGateways(c.old) {
		for _, s := range g.spec.Servers {
			if isHTTP(s) {
				add(door{gateway: g.String(), port: s.GetPort().GetNumber()})
			}
		}
	}
	for _, g := range c.new.gateways {
		for _, l := range g.Spec.Listeners {
			if l.Protocol == gatewayv1.HTTPProtocolType || l.Protocol == gatewayv1.HTTPSProtocolType {
				add(door{gateway: nameOf(g), port: uint32(l.Port)})
			}
		}
	}
	for _, caller := range c.clients() {
		for _, w := range []*world{c.oldWorld, c.newWorld} {
			for name := range w.sidecar(caller).routes {
				port, err := strconv.Atoi(name[strings.LastIndexByte(name, ':')+1:])
				if err == nil {
					add(door{client: caller, port: uint32(port)})
				}
			}
		}
	}
	var out []door
	for _, key := range sorted(found) {
		out = append(out, found[key])
	}
	return out
}

// isHTTP tells whether requests are what a server sees.
func isHTTP(s *networking.Server) bool {
	switch strings.ToUpper(s.GetPort().GetProtocol()) {
	case "HTTP", "HTTP2", "GRPC", "GRPC-WEB":
		return true
	case "HTTPS":
		mode := s.GetTls().GetMode()
		return mode != networking.ServerTLSSettings_PASSTHROUGH && mode != networking.ServerTLSSettings_AUTO_PASSTHROUGH
	}
	return false
}

// clients are the callers in the mesh that can make a difference: in the
// namespace of each VirtualService and in another, and those that matches name.
func (c *comparison) clients() []client {
	found := map[string]client{}
	add := func(c client) { found[c.String()] = c }
	for _, v := range virtualServices(c.old) {
		if !inMesh(v) {
			continue
		}
		add(client{Namespace: v.namespace})
		add(client{Namespace: elsewhere})
		for _, r := range v.spec.Http {
			for _, m := range r.Match {
				if m.SourceNamespace != "" {
					add(client{Namespace: m.SourceNamespace, Labels: m.SourceLabels})
				}
				if len(m.SourceLabels) > 0 && m.SourceNamespace == "" {
					add(client{Namespace: v.namespace, Labels: m.SourceLabels})
				}
			}
		}
	}
	var out []client
	for _, key := range sorted(found) {
		out = append(out, found[key])
	}
	return out
}

// hosts are samples of those that either side serves at a door. Of a proxy that
// serves several Gateways only the hosts of this one count: its address is what
// they lead to.
func (c *comparison) hosts(d door) []string {
	var out []string
	for _, w := range []*world{c.oldWorld, c.newWorld} {
		for _, config := range w.viewOf(d).configsAt(d) {
			out = append(out, hostsOf(config)...)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if d.gateway != "" {
		return slices.DeleteFunc(out, func(host string) bool { return !c.leadsTo(d, host) })
	}
	return slices.DeleteFunc(wholeNames(out), func(host string) bool {
		name := serviceName(host) // a Service that the conversion made is called by nobody
		return name != "" && c.old.services[name] == nil && c.new.services[name] != nil
	})
}

// wholeNames drops the short forms and addresses of Services: which Service
// they mean depends on the caller.
func wholeNames(hosts []string) []string {
	short := map[string]bool{}
	for _, h := range hosts {
		if serviceName(h) != "" {
			for i, c := range h {
				if c == '.' {
					short[h[:i]] = true
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(hosts), func(h string) bool { return net.ParseIP(h) != nil || short[h] || strings.HasSuffix(h, ".") })
}

func (c *comparison) leadsTo(d door, host string) bool {
	for _, g := range istioGateways(c.old) {
		for _, s := range g.spec.Servers {
			if g.String() != d.gateway || s.GetPort().GetNumber() != d.port {
				continue
			}
			for _, h := range s.Hosts {
				if domainFit(h[strings.IndexByte(h, '/')+1:], host) > 0 {
					return true
				}
			}
		}
	}
	return !slices.ContainsFunc(istioGateways(c.old), func(g istioGateway) bool { return g.String() == d.gateway })
}

// configsAt are all route configurations of a door.
func (v *view) configsAt(d door) []*routev3.RouteConfiguration {
	if v == nil {
		return nil
	}
	var out []*routev3.RouteConfiguration
	port := strconv.Itoa(int(d.port))
	if d.gateway == "" {
		for _, name := range sorted(v.routes) {
			if name == port || strings.HasSuffix(name, ":"+port) {
				out = append(out, v.routes[name])
			}
		}
		return out
	}
	for _, l := range v.listeners {
		if l.GetAddress().GetSocketAddress().GetPortValue() == d.port {
			for _, chain := range l.GetFilterChains() {
				out = append(out, v.chainRoutes(chain))
			}
		}
	}
	return out
}

// concern is what has a say in a question: objects before, as findings name
// them, and the prefixes that they write.
type concern struct {
	objects  map[string]bool
	prefixes []string
}

func (c *comparison) concerned(d door, host string) concern {
	out := concern{objects: map[string]bool{"Gateway " + d.gateway: d.gateway != ""}}
	var services []virtualService
	for _, v := range serving(virtualServices(c.old), d, host) {
		services = append(services, c.withDelegates(v)...)
	}
	for _, v := range services {
		out.objects["VirtualService "+v.String()] = true
		for _, r := range v.spec.Http {
			for _, m := range r.Match {
				if m.GetUri().GetPrefix() != "" {
					out.prefixes = append(out.prefixes, m.GetUri().GetPrefix())
				}
			}
		}
		for _, to := range destinations(v) {
			for _, r := range destinationRules(c.old) {
				if full(r.spec.Host, r.namespace) == full(to.GetHost(), v.namespace) {
					out.objects["DestinationRule "+r.String()] = true
				}
			}
		}
	}
	return out
}

// serving are those VirtualServices that bind to a door for a host.
func serving(all []virtualService, d door, host string) []virtualService {
	return slices.DeleteFunc(slices.Clone(all), func(v virtualService) bool {
		binds := d.gateway == "" && inMesh(v) || d.gateway != "" && slices.Contains(gatewaysOf(v), d.gateway)
		return !binds || !slices.ContainsFunc(v.spec.Hosts, func(h string) bool { return domainFit(full(h, v.namespace), host) > 0 })
	})
}

// hasBefore tells whether Istio takes all that was meant to serve a host.
func (c *comparison) hasBefore(d door, host string) bool {
	return !c.old.voidGate[d.gateway] && len(serving(c.old.void, d, host)) == 0
}

func (c *comparison) withDelegates(v virtualService) []virtualService {
	out := []virtualService{v}
	for _, r := range v.spec.Http {
		for _, other := range virtualServices(c.old) {
			namespace := r.GetDelegate().GetNamespace()
			if namespace == "" {
				namespace = v.namespace
			}
			if r.Delegate != nil && other.name == r.Delegate.Name && other.namespace == namespace {
				out = append(out, other)
			}
		}
	}
	return out
}
