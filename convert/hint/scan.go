package hint

import (
	"cmp"
	"maps"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Input is what documents say of hints, as far as can be seen without typing
// them: enough for a command that only mentions them.
type Input struct {
	callees  map[route.Name]bool  // of DestinationRules
	routed   map[route.Name]bool  // of VirtualServices, ServiceProfiles and TrafficSplits
	outside  map[string]protocols // of ServiceEntries, by host
	gateways []retrier            // HTTPRoutes that retry
}

// Scan reads documents; namespace is that of objects that name none.
func Scan(docs []*source.Document, namespace string) *Input {
	in := &Input{callees: map[route.Name]bool{}, routed: map[route.Name]bool{}, outside: map[string]protocols{}}
	for _, d := range docs {
		group, _, _ := strings.Cut(d.APIVersion, "/")
		switch {
		case group == "gateway.networking.k8s.io":
			in.gateways = append(in.gateways, httpRetriers(d, namespace)...)
		case group == "linkerd.io" && d.Kind == "ServiceProfile":
			in.linkerd(d.Name, d, namespace) // named by the Service's host
		case group == "split.smi-spec.io" && d.Kind == "TrafficSplit":
			in.linkerd(d.Root.Get("spec").Text("service"), d, namespace)
		case group != "networking.istio.io":
		case d.Kind == "VirtualService":
			for _, name := range meshHosts(d, namespace) {
				in.routed[name] = true
			}
		case d.Kind == "DestinationRule":
			in.destinationRule(d, namespace)
		case d.Kind == "ServiceEntry":
			in.serviceEntry(d)
		}
	}
	return in
}

func (in *Input) linkerd(host string, d *source.Document, namespace string) {
	if name, ok := calleeOf(host, cmp.Or(d.Namespace, namespace)); ok && name.Namespace != "" {
		in.routed[name] = true
	}
}

func (in *Input) destinationRule(d *source.Document, namespace string) {
	spec := d.Root.Get("spec")
	host := spec.Text("host")
	if name, ok := calleeOf(host, cmp.Or(d.Namespace, namespace)); ok && len(ruleAsks(spec, name)) > 0 {
		in.callees[name] = true
	}
}

// serviceEntry reads what the ports of hosts speak.
func (in *Input) serviceEntry(d *source.Document) {
	spec := d.Root.Get("spec")
	for _, host := range nodes(spec.Get("hosts")) {
		spoken := in.outside[strings.ToLower(host.Value())]
		for _, port := range nodes(spec.Get("ports")) {
			own := mesh.ServicePort{L7: mesh.KnownProtocol(port.Text("protocol"))}
			spoken.grpc, spoken.http = spoken.grpc || isGRPC(own), spoken.http || isHTTP(own) || own.L7 == "TLS"
		}
		in.outside[strings.ToLower(host.Value())] = spoken
	}
}

// Callees counts the Services, and hosts outside of the cluster, that Collect has
// hints for; m is the input linked in a mode. Objects that can't be read are
// counted as if they could, except for the VirtualServices of mesh.GAMMA.
func (in *Input) Callees(m *mesh.Model, mode mesh.Mode) int {
	all := maps.Clone(in.callees)
	for name := range in.routed {
		if name.Namespace == "" || mode != mesh.GAMMA {
			all[name] = true
		}
	}
	for name, s := range m.Services {
		if speaks(s, isGRPC) {
			all[name] = true
		}
	}
	for _, t := range m.Tables {
		for _, e := range t.Entries {
			if e.Mesh && t.Protocol == route.HTTP {
				all[e.Parent] = true // of Linkerd's objects, too
			}
		}
	}
	maps.DeleteFunc(all, func(name route.Name, _ bool) bool { return partial(m, name) })
	return len(all)
}
