package linkerd

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// opaquePorts are the ports of a Service on which the proxy looks at no request.
type opaquePorts []portRange

type portRange struct{ first, last uint32 }

// usuallyOpaque are Linkerd's defaults (charts/linkerd-control-plane/values.yaml,
// proxy.opaquePorts).
var usuallyOpaque = opaquePorts{{25, 25}, {587, 587}, {3306, 3306}, {4444, 4444}, {5432, 5432}, {6379, 6379}, {9300, 9300}, {11211, 11211}}

const opaqueAnnotation = "config.linkerd.io/opaque-ports"

// readOpaque reads the annotation of a Service: numbers and ranges.
func readOpaque(d *source.Document) (opaquePorts, bool) {
	n := get(get(get(d.Root, "metadata"), "annotations"), opaqueAnnotation)
	if n == nil {
		return nil, false
	}
	all := opaquePorts{}
	for part := range strings.SplitSeq(n.Value(), ",") {
		first, last, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			last = first
		}
		from, err := strconv.ParseUint(first, 10, 16)
		to, also := strconv.ParseUint(last, 10, 16)
		if err == nil && also == nil {
			all = append(all, portRange{uint32(from), uint32(to)})
		}
	}
	return all, true
}

func (o opaquePorts) has(port uint32) bool {
	return slices.ContainsFunc(o, func(r portRange) bool { return r.first <= port && port <= r.last })
}

// httpPorts are the ports of a Service on which the proxy looks at requests.
func (c *compiler) httpPorts(s *mesh.Service) []uint32 {
	opaque, written := c.input.opaque[s.Name]
	if !written {
		opaque = usuallyOpaque
	}
	var ports []uint32
	for _, p := range s.Ports {
		if p.Protocol == "TCP" && p.AppProtocol != "linkerd.io/opaque" && !opaque.has(p.Port) {
			ports = append(ports, p.Port)
		}
	}
	return ports
}

// place is where a table attaches, and the port that destinations take.
type place struct {
	at     []route.Entry
	port   uint32 // 0: none takes the port of the request
	suffix string
}

// places are those where p applies: one for all ports, or one for each
// where a destination takes the port of the request. Without the Service its
// ports would be a guess.
func (c *compiler) places(p *profile, live []override) []place {
	all := route.Entry{Mesh: true, Parent: p.service}
	follows := len(live) == 0 || slices.ContainsFunc(live, func(o override) bool { return o.port == 0 })
	s := c.model.Services[p.service]
	if s == nil {
		if follows {
			c.note(rule.ProfileService, p.root, "Service %s is not in the input, and without its ports no backend can be named: no route is written, and its requests go there without timeouts, retries and other destinations.", p.service)
			return nil
		}
		all.Unknown = true
		return []place{{at: []route.Entry{all}}}
	}
	ports := c.httpPorts(s)
	switch {
	case len(ports) == 0:
		c.note(rule.ProfileService, p.root, "Service %s has no port on which Linkerd looks at requests, so that nothing of this applies, today or after.", p.service)
		return nil
	case len(s.Ports) == 1:
		return []place{{at: []route.Entry{all}, port: ports[0]}}
	case !follows && len(ports) == len(s.Ports):
		return []place{{at: []route.Entry{all}}}
	}
	var each []place
	for _, port := range ports {
		at := all
		at.Port = port
		if !follows && len(each) > 0 {
			each[0].at = append(each[0].at, at)
			continue
		}
		each = append(each, place{at: []route.Entry{at}, port: port})
	}
	for i := range each {
		if i > 0 {
			each[i].suffix = fmt.Sprintf("port-%d", each[i].port)
		}
	}
	return each
}

// destinations are those of p that get requests: the proxy drops those without
// weight, and where none is left requests go to the Service.
func (c *compiler) destinations(p *profile) []override {
	var live []override
	for _, o := range p.overrides {
		if o.weight > 0 && o.host != "" {
			live = append(live, o)
		}
	}
	if len(p.overrides) > 0 && len(live) == 0 {
		c.note(rule.LinkerdIdle, p.over, "no destination has a weight above 0, so all requests go to Service %s, today and after.", p.service)
	}
	return live
}

// backends are the destinations of requests to a port.
func (c *compiler) backends(p *profile, live []override, port uint32) []route.Backend {
	if len(live) == 0 {
		return []route.Backend{{From: p.root, Host: p.service.Name, Service: p.service, Port: port, Weight: 1}}
	}
	shares := make([]*big.Int, len(live))
	common := big.NewInt(0)
	for i, o := range live {
		shares[i] = big.NewInt(int64(o.weight))
		common.GCD(nil, nil, common, shares[i])
	}
	var all []route.Backend
	for i, o := range live {
		b := route.Backend{From: o.node, Host: o.host, Service: o.service, Port: o.port, Weight: uint32(shares[i].Div(shares[i], common).Uint64())}
		if b.Port == 0 {
			b.Port = port
		}
		c.checkBackend(b, o)
		all = append(all, b)
	}
	return all
}

// named reports destinations that a route can't name.
func (c *compiler) named(p *profile, live []override) bool {
	all := true
	for _, o := range live {
		if !o.known {
			all = false
			c.note(rule.LeafNotService, o.node, "%q is no name of a Service (SERVICE.NAMESPACE.svc.cluster.local), and Linkerd knows no pods for it; no route is written, and requests go to Service %s.", o.host, p.service)
		}
	}
	return all
}

// checkBackend reports a destination that is not there. For a port that a Service
// does not have Linkerd takes the port of that number of its pods
// (controller/api/destination/watcher/endpoints_watcher.go, getTargetPort).
func (c *compiler) checkBackend(b route.Backend, o override) {
	s := c.model.Services[o.service]
	switch {
	case s == nil:
		if slices.ContainsFunc(serviceNames(c.model), func(n route.Name) bool { return n.Namespace == o.service.Namespace }) {
			c.note(rule.LeafMissing, o.node, "Service %s is not in the input, though others of its namespace are: if it does not exist, its share is answered with an error afterwards.", o.service)
		}
	case !slices.ContainsFunc(s.Ports, func(p mesh.ServicePort) bool { return p.Port == b.Port }):
		c.note(rule.LeafPort, o.node, "Service %s has no port %d: Linkerd takes port %d of its pods today; afterwards its share is answered with 500.", o.service, b.Port, b.Port)
	}
}

func serviceNames(m *mesh.Model) []route.Name {
	names := make([]route.Name, 0, len(m.Services))
	for name := range m.Services {
		names = append(names, name)
	}
	return names
}
