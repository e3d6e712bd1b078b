package istiod

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/gvk"
)

// elsewhere is the namespace of a caller that owns nothing.
const elsewhere = "judge-elsewhere"

// implied are the Services that Istio's objects name and nobody defines, with
// the label app=NAME and the ports that are named.
func implied(s *side) map[string]*corev1.Service {
	ports := map[string]map[uint32]bool{}
	name := func(host, namespace string, port *networking.PortSelector) {
		service := serviceName(full(host, namespace))
		if service == "" || s.services[service] != nil {
			return
		}
		if ports[service] == nil {
			ports[service] = map[uint32]bool{}
		}
		if port.GetNumber() != 0 {
			ports[service][port.GetNumber()] = true
		}
	}
	for _, v := range virtualServices(s) {
		if inMesh(v) {
			for _, h := range v.spec.Hosts {
				name(h, v.namespace, nil)
			}
		}
		for _, d := range destinations(v) {
			name(d.GetHost(), v.namespace, d.GetPort())
		}
	}
	for _, d := range destinationRules(s) {
		name(d.spec.Host, d.namespace, nil)
	}
	out := map[string]*corev1.Service{}
	for service, numbers := range ports {
		if len(numbers) == 0 {
			numbers[80] = true
		}
		namespace, name, _ := strings.Cut(service, "/")
		made := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
		made.Spec.Selector = map[string]string{"app": name}
		for n := range numbers {
			made.Spec.Ports = append(made.Spec.Ports, corev1.ServicePort{Name: fmt.Sprintf("http-%d", n), Port: int32(n)})
		}
		slices.SortFunc(made.Spec.Ports, func(a, b corev1.ServicePort) int { return int(a.Port - b.Port) })
		out[service] = made
	}
	return out
}

// destinations are all places that a VirtualService sends to, mirrors included.
func destinations(v virtualService) []*networking.Destination {
	var out []*networking.Destination
	for _, r := range v.spec.Http {
		for _, d := range r.Route {
			out = append(out, d.Destination)
		}
		if r.Mirror != nil {
			out = append(out, r.Mirror)
		}
		for _, m := range r.Mirrors {
			out = append(out, m.Destination)
		}
	}
	for _, r := range v.spec.Tcp {
		for _, d := range r.Route {
			out = append(out, d.Destination)
		}
	}
	for _, r := range v.spec.Tls {
		for _, d := range r.Route {
			out = append(out, d.Destination)
		}
	}
	return out
}

// missingGateways makes up, on both sides, the Gateways that VirtualServices
// bind to without showing them: port 80, all hosts, all namespaces.
func missingGateways(before, after *side) {
	have := map[string]bool{}
	for _, g := range istioGateways(before) {
		have[g.String()] = true
	}
	for _, v := range virtualServices(before) {
		for _, full := range gatewaysOf(v) {
			if have[full] {
				continue
			}
			have[full] = true
			namespace, name, _ := strings.Cut(full, "/")
			before.istio = append(before.istio, config.Config{
				Meta: config.Meta{GroupVersionKind: gvk.Gateway, Namespace: namespace, Name: name, Domain: "cluster.local"},
				Spec: &networking.Gateway{
					Selector: map[string]string{"made-up": namespace + "." + name},
					Servers:  []*networking.Server{{Port: &networking.Port{Number: 80, Name: "http", Protocol: "HTTP"}, Hosts: []string{"*/*"}}},
				},
			})
			if !slices.ContainsFunc(after.gateways, func(g *gatewayv1.Gateway) bool { return nameOf(g) == full }) {
				after.addMadeUp(namespace, name)
			}
		}
	}
}

func (s *side) addMadeUp(namespace, name string) {
	all := gatewayv1.NamespacesFromAll
	g := &gatewayv1.Gateway{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: gatewayv1.GatewaySpec{GatewayClassName: gatewayClass, Listeners: []gatewayv1.Listener{{
			Name: "http", Port: 80, Protocol: gatewayv1.HTTPProtocolType,
			AllowedRoutes: &gatewayv1.AllowedRoutes{Namespaces: &gatewayv1.RouteNamespaces{From: &all}},
		}}},
	}
	s.gateways = append(s.gateways, g)
	s.api = append(s.api, g)
}

// gatewayPods makes a proxy for each set of labels that Istio Gateways select,
// and for each Gateway of Gateway API the proxy and Service that Istio deploys.
func (c *cluster) gatewayPods(s *side) []*pod {
	proxies := map[string]*pod{}
	proxy := func(namespace string, labels map[string]string) *pod {
		key := namespace + labelText(labels)
		if proxies[key] == nil {
			n := len(proxies) + 1
			proxies[key] = &pod{namespace: namespace, name: fmt.Sprintf("gateway-%d", n), ip: fmt.Sprintf("10.3.%d.%d", n/250, n%250+1), labels: labels}
		}
		return proxies[key]
	}
	for _, g := range istioGateways(s) {
		c.gateways[g.String()] = proxy("istio-system", g.spec.Selector)
	}
	for _, g := range s.gateways {
		labels := map[string]string{"gateway.networking.k8s.io/gateway-name": g.Name}
		c.gateways[nameOf(g)] = proxy(g.Namespace, labels)
		service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: g.Namespace, Name: g.Name + "-" + gatewayClass}}
		service.Spec.Selector = labels
		for _, n := range portsOf(s, g) {
			service.Spec.Ports = append(service.Spec.Ports, corev1.ServicePort{Name: fmt.Sprintf("tcp-%d", n), Port: n})
		}
		s.services[nameOf(service)] = service
	}
	var out []*pod
	for _, key := range sorted(proxies) {
		out = append(out, proxies[key])
	}
	return out
}

// portsOf are the ports of a Gateway's listeners, those of its sets included.
func portsOf(s *side, g *gatewayv1.Gateway) []int32 {
	var out []int32
	for _, l := range g.Spec.Listeners {
		out = append(out, int32(l.Port))
	}
	for _, o := range s.api {
		set, ok := o.(*gatewayv1.ListenerSet)
		if ok && string(set.Spec.ParentRef.Name) == g.Name {
			for _, l := range set.Spec.Listeners {
				out = append(out, int32(l.Port))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// certificatesFor makes the Secrets that Gateways name: istiod
// does not open a listener whose certificate it can't read.
func certificatesFor(s *side) ([]runtime.Object, error) {
	certificate, err := selfSigned()
	if err != nil {
		return nil, err
	}
	made := map[string]runtime.Object{}
	for _, o := range s.api {
		var refs []gatewayv1.SecretObjectReference
		namespace := o.(metav1.Object).GetNamespace()
		switch o := o.(type) {
		case *gatewayv1.Gateway:
			for _, l := range o.Spec.Listeners {
				refs = append(refs, certificateRefs(l.TLS)...)
			}
		case *gatewayv1.ListenerSet:
			for _, l := range o.Spec.Listeners {
				refs = append(refs, certificateRefs(l.TLS)...)
			}
		}
		for _, r := range refs {
			meta := metav1.ObjectMeta{Namespace: namespace, Name: string(r.Name)}
			if r.Namespace != nil {
				meta.Namespace = string(*r.Namespace)
			}
			made[nameOf(&meta)] = &corev1.Secret{
				ObjectMeta: meta, Type: corev1.SecretTypeTLS, Data: certificate,
			}
		}
	}
	var out []runtime.Object
	for _, name := range sorted(made) {
		out = append(out, made[name])
	}
	return out, nil
}

func certificateRefs(tls *gatewayv1.ListenerTLSConfig) []gatewayv1.SecretObjectReference {
	if tls == nil {
		return nil
	}
	return tls.CertificateRefs
}

// selfSigned is the content of a TLS Secret, made once.
var selfSigned = sync.OnceValues(func() (map[string][]byte, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, err
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})
	return map[string][]byte{"tls.crt": certificate, "tls.key": key, "ca.crt": certificate}, err
})
