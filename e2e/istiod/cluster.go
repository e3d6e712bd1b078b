package istiod

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"istio.io/istio/pilot/pkg/features"
	"istio.io/istio/pkg/config"
)

const gatewayClass = "istio"

// pod stands for all Pods with the same labels.
type pod struct {
	namespace, name, ip string
	labels              map[string]string
}

func (p *pod) String() string { return p.namespace + "[" + labelText(p.labels) + "]" }

func labelText(labels map[string]string) string {
	var out []string
	for _, k := range sorted(labels) {
		out = append(out, k+"="+labels[k])
	}
	return strings.Join(out, ",")
}

// cluster is a side completed to what istiod can work with.
type cluster struct {
	istio    []config.Config
	kube     []runtime.Object
	gateways map[string]*pod // by namespace/name of an Istio or Gateway API Gateway: its proxy
	byIP     map[string]*pod
}

// complete makes up what the YAML takes as given, the same for both sides:
// Services that before names, Pods, the Pods of gateways, certificates.
func complete(before, after *side) (*cluster, *cluster, error) {
	for name, s := range implied(before) {
		for _, side := range []*side{before, after} {
			if side.services[name] == nil {
				side.services[name] = s.DeepCopy()
			}
		}
	}
	missingGateways(before, after)
	pods := podsOf(before, after)
	old, err := build(before, pods)
	if err != nil {
		return nil, nil, err
	}
	result, err := build(after, pods)
	return old, result, err
}

// podsOf gives a Pod to each selector of a Service, and to each subset of it.
func podsOf(sides ...*side) []*pod {
	found := map[string]*pod{}
	add := func(namespace string, labels map[string]string) {
		p := &pod{namespace: namespace, labels: labels}
		if len(labels) > 0 && found[p.String()] == nil {
			found[p.String()] = p
		}
	}
	for _, s := range sides {
		for _, service := range s.services {
			add(service.Namespace, service.Spec.Selector)
		}
		for _, d := range destinationRules(s) {
			service := s.services[serviceName(full(d.spec.Host, d.namespace))]
			if service == nil || len(service.Spec.Selector) == 0 {
				continue
			}
			for _, subset := range d.spec.Subsets {
				labels := maps.Clone(service.Spec.Selector)
				maps.Copy(labels, subset.Labels)
				add(service.Namespace, labels)
			}
		}
	}
	var out []*pod
	for i, key := range sorted(found) {
		p := found[key]
		p.name, p.ip = fmt.Sprintf("pod-%d", i), fmt.Sprintf("10.1.%d.%d", i/250, i%250+1)
		out = append(out, p)
	}
	return out
}

// build lists the objects that istiod finds in the cluster.
func build(s *side, pods []*pod) (*cluster, error) {
	c := &cluster{istio: s.istio, gateways: map[string]*pod{}, byIP: map[string]*pod{}}
	pods = slices.Concat(pods, c.gatewayPods(s))
	namespaces := map[string]bool{"default": true, "istio-system": true, elsewhere: true}
	for _, o := range s.api {
		namespaces[o.(metav1.Object).GetNamespace()] = true
		c.kube = append(c.kube, o)
	}
	for _, p := range pods {
		namespaces[p.namespace] = true
		c.byIP[p.ip] = p
		c.kube = append(c.kube, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: p.name, Labels: p.labels},
			Status:     corev1.PodStatus{Phase: corev1.PodRunning, PodIP: p.ip, PodIPs: []corev1.PodIP{{IP: p.ip}}},
		})
	}
	for i, name := range sorted(s.services) {
		namespaces[s.services[name].Namespace] = true
		c.kube = append(c.kube, c.serviceAndEndpoints(s.services[name], i, pods)...)
	}
	for _, v := range s.istio {
		namespaces[v.Namespace] = true
	}
	for _, name := range sorted(namespaces) {
		n := cmp.Or(s.namespaces[name], &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
		n.Labels = maps.Clone(n.Labels)
		if n.Labels == nil {
			n.Labels = map[string]string{}
		}
		n.Labels[corev1.LabelMetadataName] = name // as the API server does
		c.kube = append(c.kube, n)
	}
	c.kube = append(c.kube, &gatewayv1.GatewayClass{
		ObjectMeta: metav1.ObjectMeta{Name: gatewayClass},
		Spec:       gatewayv1.GatewayClassSpec{ControllerName: gatewayv1.GatewayController(features.ManagedGatewayController)},
	})
	certificates, err := certificatesFor(s)
	c.kube = append(c.kube, certificates...)
	return c, err
}

// serviceAndEndpoints gives a Service an address, and the endpoints that the
// Pods of its selector make; one stands for what a Service without selector has.
func (c *cluster) serviceAndEndpoints(service *corev1.Service, number int, pods []*pod) []runtime.Object {
	service = service.DeepCopy()
	if service.Spec.Type == corev1.ServiceTypeExternalName {
		return []runtime.Object{service}
	}
	address := fmt.Sprintf("172.20.%d.%d", number/250, number%250+1)
	service.Spec.ClusterIP = cmp.Or(service.Spec.ClusterIP, address)
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: service.Namespace, Name: service.Name, Labels: map[string]string{discoveryv1.LabelServiceName: service.Name},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
	}
	for i := range service.Spec.Ports {
		p := &service.Spec.Ports[i]
		p.Protocol = cmp.Or(p.Protocol, corev1.ProtocolTCP)
		if p.TargetPort.IntVal == 0 { // a named one stands for the port's own number, on both sides
			p.TargetPort = intstr.FromInt32(p.Port)
		}
		slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &p.Name, Port: &p.TargetPort.IntVal, Protocol: &p.Protocol})
	}
	ready := discoveryv1.EndpointConditions{Ready: new(bool)}
	*ready.Ready = true
	if len(service.Spec.Selector) == 0 {
		ip := strings.Replace(address, "172.20.", "10.2.", 1)
		c.byIP[ip] = &pod{namespace: service.Namespace, labels: map[string]string{"service": service.Name}}
		slice.Endpoints = []discoveryv1.Endpoint{{Addresses: []string{ip}, Conditions: ready}}
		return []runtime.Object{service, slice}
	}
	for _, p := range pods {
		if p.namespace == service.Namespace && selects(service.Spec.Selector, p.labels) {
			slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
				Addresses: []string{p.ip}, Conditions: ready, TargetRef: &corev1.ObjectReference{Kind: "Pod", Namespace: p.namespace, Name: p.name},
			})
		}
	}
	return []runtime.Object{service, slice}
}

func selects(selector, labels map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return true
}

// readable names the Pods of endpoints with their port.
func (c *cluster) readable(a *endpointv3.ClusterLoadAssignment) string {
	found := map[string]bool{}
	for _, group := range a.GetEndpoints() {
		for _, e := range group.LbEndpoints {
			socket := e.GetEndpoint().GetAddress().GetSocketAddress()
			where := socket.GetAddress()
			if p := c.byIP[where]; p != nil {
				where = p.String()
			}
			found[fmt.Sprintf("%s:%d", where, socket.GetPortValue())] = true
		}
	}
	return strings.Join(sorted(found), " ")
}
