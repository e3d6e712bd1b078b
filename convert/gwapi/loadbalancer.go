package gwapi

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// loadBalancer says what an annotation means to the maker of a load balancer.
type loadBalancer uint8

const (
	notLoadBalancer loadBalancer = iota
	setting                      // may stand on two Services at once
	identity                     // names one load balancer or address, which two Services can't share
)

// loadBalancerPrefixes are the annotations that cloud controllers and
// load balancer operators read on Services.
var loadBalancerPrefixes = []string{
	"service.beta.kubernetes.io/",
	"service.kubernetes.io/ibm-load-balancer-", "service.kubernetes.io/qcloud-", "service.kubernetes.io/tke-",
	"service.cloud.tencent.com/",
	"cloud.google.com/", "networking.gke.io/",
	"load-balancer.hetzner.cloud/", "loadbalancer.openstack.org/",
	"oci.oraclecloud.com/", "oci-network-load-balancer.oraclecloud.com/",
	"kubernetes.digitalocean.com/", "kubernetes.civo.com/",
	"metallb.universe.tf/", "metallb.io/", "kube-vip.io/",
	"io.cilium/lb-", "lbipam.cilium.io/", "purelb.io/",
}

// loadBalancerIdentities are ends of those keys whose value names one thing.
var loadBalancerIdentities = []string{
	"-eip-allocations", "-private-ipv4-addresses", "-ipv6-addresses", "aws-load-balancer-name",
	"azure-load-balancer-ipv4", "azure-load-balancer-ipv6", "azure-pip-name", "azure-pip-name-ipv6", "azure-dns-label-name",
	"/load-balancer-ip-addresses", "/load-balancer-id", "loadbalancer-id", "/loadBalancerIPs", "/loadbalancerIPs",
	"load-balancer.hetzner.cloud/name", "load-balancer.hetzner.cloud/hostname", "alibaba-cloud-loadbalancer-id",
	"existed-lbid", "/load-balancer-floating-ip", "lb-ipam-ips", "lbipam.cilium.io/ips", "/neg-status", "/addresses",
	"do-loadbalancer-name", "do-loadbalancer-hostname",
}

// loadBalancerOf judges an annotation's key.
func loadBalancerOf(key string) loadBalancer {
	has := func(prefix string) bool { return strings.HasPrefix(key, prefix) }
	if !slices.ContainsFunc(loadBalancerPrefixes, has) {
		return notLoadBalancer
	}
	if slices.ContainsFunc(loadBalancerIdentities, func(end string) bool { return strings.HasSuffix(key, end) }) {
		return identity
	}
	return setting
}

// fronts are the Services with something to say to a load balancer, and those
// without one, in order.
func (p *pass) fronts() []*mesh.Service {
	var fronts []*mesh.Service
	for _, name := range slices.SortedFunc(maps.Keys(p.model.Services), route.Name.Compare) {
		if s := p.model.Services[name]; s.Object != nil && len(s.Selector) > 0 {
			fronts = append(fronts, s)
		}
	}
	return fronts
}

// front returns the Service before the pods that serve g today, or nil.
func front(g *mesh.Gateway, services []*mesh.Service) *mesh.Service {
	if g.PodsAssumed || len(g.Spec.GetSelector()) == 0 {
		return nil
	}
	for _, s := range services {
		if s.Namespace == g.PodNamespace && holds(s.Selector, g.Spec.Selector) {
			return s
		}
	}
	return nil
}

// holds tells whether labels have all of want.
func holds(labels, want map[string]string) bool {
	for k, v := range want {
		if got, ok := labels[k]; !ok || got != v {
			return false
		}
	}
	return true
}

// infrastructureFor carries load balancer annotations of the Istio Gateway and
// of the Service before its pods to the Service that the implementation makes.
func (p *pass) infrastructureFor(g *mesh.Gateway, service *mesh.Service) *gatewayv1.GatewayInfrastructure {
	nodes := annotationNodes(g.Object.Root)
	if service != nil {
		nodes = append(annotationNodes(service.Object.Root), nodes...)
	}
	nodes = slices.DeleteFunc(nodes, func(a *source.Node) bool { return loadBalancerOf(a.Key()) == notLoadBalancer })
	slices.SortStableFunc(nodes, func(a, b *source.Node) int { return cmp.Compare(a.Key(), b.Key()) })
	carried := map[gatewayv1.AnnotationKey]gatewayv1.AnnotationValue{}
	for _, a := range nodes {
		key := gatewayv1.AnnotationKey(a.Key())
		_, again := carried[key]
		switch full := len(carried) >= p.opts.Bundle.Limits().Annotations; {
		case loadBalancerOf(a.Key()) == identity:
			p.note(rule.LoadBalancerIdentity, a.Place(), "%s names what today's load balancer holds; the one of Gateway %s is made without it.", a.Key(), g.Name)
		case !p.opts.Bundle.Has(target.Infrastructure), full && !again, len(a.Value()) > 4096:
			p.note(rule.LoadBalancerOverflow, a.Place(), "%s does not fit into spec.infrastructure.annotations of Gateway %s.", a.Key(), g.Name)
		default:
			p.note(rule.LoadBalancerMoved, a.Place(), "%s goes to spec.infrastructure.annotations of Gateway %s, from where the implementation puts it on the Service that it makes.", a.Key(), g.Name)
			carried[key] = gatewayv1.AnnotationValue(a.Value())
		}
	}
	if len(carried) == 0 {
		return nil
	}
	return &gatewayv1.GatewayInfrastructure{Annotations: carried}
}

// serviceType reports a Service without a load balancer, for an implementation
// makes one unless it is told otherwise; for Istio's it is told here
// (istio.io/api/annotation, networking.istio.io/service-type).
func (p *pass) serviceType(g *mesh.Gateway, service *mesh.Service, class string, annotations map[string]string) map[string]string {
	const key = "networking.istio.io/service-type"
	if service == nil || annotations[key] != "" {
		return annotations
	}
	spec := service.Object.Root.Get("spec")
	kind := cmp.Or(spec.Text("type"), "ClusterIP")
	if kind != "ClusterIP" && kind != "NodePort" {
		return annotations
	}
	const message = "Service %s before today's gateway pods is of type %s; the one for Gateway %s would get a load balancer"
	if class != "istio" {
		p.note(rule.GatewayNotPublic, spec.At("type"), message+".", service.Name, kind, g.Name)
		return annotations
	}
	p.add(finding.New(rule.GatewayNotPublic, spec.At("type"), message+", which annotation %s prevents.", service.Name, kind, g.Name, key).
		WithHint("Check the annotation on the Gateway."))
	out := maps.Clone(annotations)
	if out == nil {
		out = map[string]string{}
	}
	out[key] = kind
	return out
}
