package keep

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

const (
	kind       = "DestinationRule"
	apiVersion = "networking.istio.io/v1"
	nameLength = 253 // of names in Kubernetes
)

// DestinationRule is Istio's. Its parts are as their author wrote them: the type
// of istio.io/client-go has a status, and writes 64-bit numbers as text, which the
// CRD refuses.
type DestinationRule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              Spec `json:"spec"`
}

// Spec is what a DestinationRule says.
type Spec struct {
	Host             string         `json:"host"`
	TrafficPolicy    *TrafficPolicy `json:"trafficPolicy,omitempty"`
	ExportTo         []string       `json:"exportTo,omitempty"`
	WorkloadSelector any            `json:"workloadSelector,omitempty"`
}

// TrafficPolicy is what it says of connections.
type TrafficPolicy struct {
	Settings
	Tunnel            any            `json:"tunnel,omitempty"`
	ProxyProtocol     any            `json:"proxyProtocol,omitempty"`
	RetryBudget       any            `json:"retryBudget,omitempty"`
	PortLevelSettings []PortSettings `json:"portLevelSettings,omitempty"`
}

// Settings are those that a port can have of its own.
type Settings struct {
	LoadBalancer     any `json:"loadBalancer,omitempty"`
	ConnectionPool   any `json:"connectionPool,omitempty"`
	OutlierDetection any `json:"outlierDetection,omitempty"`
	TLS              any `json:"tls,omitempty"`
}

// PortSettings are those of a port.
type PortSettings struct {
	Port PortNumber `json:"port"`
	Settings
}

// PortNumber picks a port of the Service.
type PortNumber struct {
	Number uint32 `json:"number"`
}

// value is the DestinationRule of a plan.
func (k *keeper) value(p *plan) *DestinationRule {
	v := &DestinationRule{
		TypeMeta:   metav1.TypeMeta{APIVersion: apiVersion, Kind: kind},
		ObjectMeta: metav1.ObjectMeta{Namespace: p.group.namespace(), Name: k.name(p)},
		Spec:       Spec{Host: p.host, ExportTo: p.from.Spec.ExportTo},
	}
	v.Labels, v.Annotations = gwapi.KeptMeta(p.from.Object.Root)
	if s := p.from.Spec.WorkloadSelector; s != nil {
		v.Spec.WorkloadSelector = p.written(s)
	}
	for i := range p.ports {
		port := &p.ports[i]
		if v.Spec.TrafficPolicy == nil {
			v.Spec.TrafficPolicy = &TrafficPolicy{}
		}
		if port.Port == 0 {
			v.Spec.TrafficPolicy.Settings = p.settings(port)
			v.Spec.TrafficPolicy.Tunnel, v.Spec.TrafficPolicy.ProxyProtocol, v.Spec.TrafficPolicy.RetryBudget = p.written(port.Tunnel), p.written(port.ProxyProtocol), p.written(port.RetryBudget)
			continue
		}
		v.Spec.TrafficPolicy.PortLevelSettings = append(v.Spec.TrafficPolicy.PortLevelSettings, PortSettings{PortNumber{port.Port}, p.settings(port)})
		k.beyondPort(p, port)
	}
	return v
}

// beyondPort reports what a port has today and an element for it has no field for:
// in a subset with such an element in the general policy alone, Istio takes them
// from the subset.
func (k *keeper) beyondPort(p *plan, port *mesh.PortPolicy) {
	for _, m := range []proto.Message{port.Tunnel, port.ProxyProtocol, port.RetryBudget} {
		if n := p.node(m); n != nil {
			k.note(rule.PortBeyond, n.Place(), "connections to port %d of Service %s stand under %s today and not afterwards, since a DestinationRule can't say it for one port.", port.Port, p.fqdn, source.Camel(n.Key()))
		}
	}
}

func (p *plan) settings(port *mesh.PortPolicy) Settings {
	return Settings{p.written(port.LoadBalancer), p.written(port.ConnectionPool), p.written(port.OutlierDetection), p.written(port.TLS)}
}

// node is where a part of the policy stands in the input.
func (p *plan) node(m proto.Message) *source.Node {
	if n := p.from.Object.Node(m); n != nil || p.group.top == nil {
		return n
	}
	return p.group.top.Object.Node(m)
}

// written is a part of the policy as it was written; nil where it was not.
func (p *plan) written(m proto.Message) any {
	if n := p.node(m); n != nil {
		return plain(n)
	}
	return nil
}

// plain is a node in the types of encoding/json. Nulls are left out: they are
// nothing to Istio, and no value of the fields to the API server.
func plain(n *source.Node) any {
	switch n.Kind {
	case source.Null:
		return nil
	case source.Bool:
		return n.Value() == "true"
	case source.Int, source.Float:
		return json.Number(n.Value())
	case source.String:
		return n.Value()
	case source.List:
		list := make([]any, 0, len(n.Children()))
		for i := range n.Children() {
			list = append(list, plain(&n.Children()[i]))
		}
		return list
	case source.Map:
		fields := map[string]any{}
		for i := range n.Children() {
			if c := &n.Children()[i]; c.Kind != source.Null {
				fields[c.Key()] = plain(c)
			}
		}
		return fields
	}
	panic("unhandled " + n.Kind.String())
}

// name gives a plan its name. It is no name of the input, so that the old
// DestinationRules can stay and go on their own; only one of the same host
// without subsets, which says the same, may be taken over.
func (k *keeper) name(p *plan) string {
	for i := 1; ; i++ {
		name := route.Name{Namespace: p.group.namespace(), Name: p.name}
		if i > 1 {
			ending := fmt.Sprintf("-%d", i)
			name.Name = p.name[:min(len(p.name), nameLength-len(ending))] + ending
		}
		by, taken := k.names[name]
		if taken && (by != p.group || p.subset != nil || len(by.rule(name.Name).Spec.Subsets) > 0) {
			continue
		}
		k.names[name] = nil
		return name.Name
	}
}

// rule is that of a name.
func (g *group) rule(name string) *mesh.DestinationRule {
	return g.rules[slices.IndexFunc(g.rules, func(dr *mesh.DestinationRule) bool { return dr.Name.Name == name })]
}

const clusterDomain = "svc.cluster.local" // which package mesh resolves names with

func fqdn(n route.Name) string { return n.Name + "." + n.Namespace + "." + clusterDomain }

// sameForm names a Service as host names that of which it is a subset: short, or
// in full.
func sameForm(host string, service route.Name) string {
	switch first, rest, dots := strings.Cut(host, "."); {
	case strings.Contains(first, "*"):
		return fqdn(service)
	case dots:
		return service.Name + "." + rest
	}
	return service.Name
}

// kept are the findings about DestinationRules that one that is kept answers.
var kept = []*finding.Rule{
	rule.PendingRequests, rule.ActiveRequests, rule.MaxConnections, rule.ActiveRetries, rule.RequestsPerConnection, rule.ConnectTimeout,
	rule.ConnectionAge, rule.Keepalive, rule.HTTP2Upgrade, rule.ClientProtocol, rule.ConcurrentStreams, rule.LoadBalancing, rule.Passthrough,
	rule.ConsistentHash, rule.LocalityShares, rule.LocalityFailover, rule.Warmup, rule.OutlierDetection, rule.RetryBudget, rule.AutoTLS,
	rule.PlainText, rule.ClientCertificate, rule.SkipVerify, rule.BackendRevocation, rule.ProxyProtocol, rule.Tunnel, rule.PolicyScope,
}
