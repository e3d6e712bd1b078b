package istiod

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/gvk"
	kubelib "istio.io/istio/pkg/kube"
)

// side is one half of a comparison: the objects that a user applies.
type side struct {
	istio      []config.Config
	api        []runtime.Object // of Gateway API, in the versions that istiod reads
	gateways   []*gatewayv1.Gateway
	services   map[string]*corev1.Service // by namespace/name
	namespaces map[string]*corev1.Namespace
	refused    []string         // what Istio's validation or the API's types don't take, and why
	void       []virtualService // of those the VirtualServices, as far as they can be read: what they ask for has no before
	voidGate   map[string]bool  // and the Gateways, by namespace/name
}

// served are the versions of Gateway API in which istiod reads each kind.
var served = map[string]config.GroupVersionKind{
	"Gateway": gvk.KubernetesGateway, "HTTPRoute": gvk.HTTPRoute, "GRPCRoute": gvk.GRPCRoute, "TLSRoute": gvk.TLSRoute,
	"TCPRoute": gvk.TCPRoute, "ReferenceGrant": gvk.ReferenceGrant, "BackendTLSPolicy": gvk.BackendTLSPolicy,
	"ListenerSet": gvk.ListenerSet,
}

// documents splits YAML into objects; lists are taken apart.
func documents(text []byte) ([]*unstructured.Unstructured, error) {
	var out []*unstructured.Unstructured
	for decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096); ; {
		var content map[string]any
		err := decoder.Decode(&content)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		o := &unstructured.Unstructured{Object: content}
		if o.IsList() {
			err := o.EachListItem(func(item runtime.Object) error {
				out = append(out, item.(*unstructured.Unstructured))
				return nil
			})
			if err != nil {
				return out, err
			}
		} else if len(content) > 0 {
			out = append(out, o)
		}
	}
}

// converted tells whether o is of a kind that a conversion takes away.
func converted(o *unstructured.Unstructured) bool {
	switch o.GetKind() {
	case "VirtualService", "DestinationRule", "Gateway":
		return o.GroupVersionKind().Group == gvk.VirtualService.Group
	}
	return false
}

// newSide sorts objects by what istiod needs them for; those without a namespace
// go into the one given.
func newSide(objects []*unstructured.Unstructured, namespace string) *side {
	s := &side{services: map[string]*corev1.Service{}, namespaces: map[string]*corev1.Namespace{}, voidGate: map[string]bool{}}
	for _, o := range objects {
		if o.GetNamespace() == "" && o.GetKind() != "Namespace" {
			o = o.DeepCopy()
			o.SetNamespace(namespace)
		}
		if err := s.add(o); err != nil {
			s.refused = append(s.refused, fmt.Sprintf("%s %s: %v", o.GetKind(), nameOf(o), err))
		}
	}
	return s
}

func (s *side) add(o *unstructured.Unstructured) error {
	switch group := o.GroupVersionKind().Group; {
	case group == gvk.KubernetesGateway.Group:
		return s.addAPI(o)
	case strings.HasSuffix(group, ".istio.io"):
		return s.addIstio(o)
	case group == "" && o.GetKind() == "Service":
		service := new(corev1.Service)
		s.services[nameOf(o)] = service
		return decode(o, service)
	case group == "" && o.GetKind() == "Namespace":
		namespace := new(corev1.Namespace)
		s.namespaces[o.GetName()] = namespace
		return decode(o, namespace)
	}
	return nil // no matter for routing
}

// addIstio applies the validation of Istio's webhook: what it refuses never
// reaches a cluster.
func (s *side) addIstio(o *unstructured.Unstructured) error {
	text, err := json.Marshal(o.Object)
	if err != nil {
		return err
	}
	configs, _, err := crd.ParseInputs(string(text))
	for _, c := range configs {
		c.Domain = "cluster.local"
		s.istio = slices.DeleteFunc(s.istio, func(old config.Config) bool { return old.Key() == c.Key() }) // the last applied counts
		s.istio = append(s.istio, c)
	}
	if err != nil {
		s.voidIstio(o)
	}
	return err
}

// voidIstio keeps what a refused object would have had a say in.
func (s *side) voidIstio(o *unstructured.Unstructured) {
	switch o.GetKind() {
	case "VirtualService":
		text, err := json.Marshal(o.Object["spec"])
		spec := new(networking.VirtualService)
		if err == nil && config.ApplyJSON(spec, string(text)) == nil {
			s.void = append(s.void, virtualService{o.GetNamespace(), o.GetName(), spec})
		}
	case "Gateway":
		s.voidGate[nameOf(o)] = true
	}
}

func (s *side) addAPI(o *unstructured.Unstructured) error {
	version, ok := served[o.GetKind()]
	if !ok {
		return fmt.Errorf("istiod doesn't read kind %s", o.GetKind())
	}
	o = o.DeepCopy()
	o.SetAPIVersion(version.Group + "/" + version.Version)
	setDefaults(o.Object)
	typed, err := kubelib.IstioScheme.New(version.Kubernetes())
	if err != nil {
		return err
	}
	if err := decode(o, typed); err != nil {
		return err
	}
	typed.GetObjectKind().SetGroupVersionKind(version.Kubernetes())
	if g, ok := typed.(*gatewayv1.Gateway); ok {
		g.Spec.GatewayClassName = gatewayClass
		s.gateways = append(s.gateways, g)
	}
	s.api = append(s.api, typed)
	return nil
}

// setDefaults writes the defaults of the CRDs that istiod takes for granted:
// its own differ (redirects are 301 to it).
func setDefaults(node any) {
	switch node := node.(type) {
	case []any:
		for _, n := range node {
			setDefaults(n)
		}
	case map[string]any:
		for filter, field := range map[string]string{"requestRedirect": "statusCode", "cors": "maxAge", "fraction": "denominator"} {
			if m, ok := node[filter].(map[string]any); ok && m[field] == nil {
				m[field] = map[string]int64{"statusCode": 302, "maxAge": 5, "denominator": 100}[field]
			}
		}
		for _, n := range node {
			setDefaults(n)
		}
	}
}

// decode is strict: a field that istiod's types lack would be lost unseen.
func decode(o *unstructured.Unstructured, into any) error {
	text, err := json.Marshal(o.Object)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func nameOf(o interface {
	GetNamespace() string
	GetName() string
},
) string {
	return o.GetNamespace() + "/" + o.GetName()
}

// specs returns the objects of one Istio type with their names.
func specs[T any](s *side) []named[T] {
	var out []named[T]
	for _, c := range s.istio {
		if spec, ok := c.Spec.(T); ok {
			out = append(out, named[T]{c.Namespace, c.Name, spec})
		}
	}
	return out
}

type named[T any] struct {
	namespace, name string
	spec            T
}

func (n named[T]) String() string { return n.namespace + "/" + n.name }

type (
	virtualService  = named[*networking.VirtualService]
	destinationRule = named[*networking.DestinationRule]
	istioGateway    = named[*networking.Gateway]
)

func virtualServices(s *side) []virtualService   { return specs[*networking.VirtualService](s) }
func destinationRules(s *side) []destinationRule { return specs[*networking.DestinationRule](s) }
func istioGateways(s *side) []istioGateway       { return specs[*networking.Gateway](s) }

// full resolves the short name of a host, as Istio does within a namespace.
func full(host, namespace string) string {
	if strings.Contains(host, ".") || strings.Contains(host, "*") {
		return host
	}
	return host + "." + namespace + ".svc.cluster.local"
}

// serviceName is namespace/name of the Service that a full host names, or "".
func serviceName(host string) string {
	rest, ok := strings.CutSuffix(host, ".svc.cluster.local")
	name, namespace, dot := strings.Cut(rest, ".")
	if !ok || !dot || strings.Contains(rest, "*") || strings.Contains(namespace, ".") {
		return ""
	}
	return namespace + "/" + name
}

// inMesh tells whether a VirtualService applies to sidecars.
func inMesh(v virtualService) bool {
	return len(v.spec.Gateways) == 0 || slices.Contains(v.spec.Gateways, "mesh")
}

// gatewaysOf are the Gateways that a VirtualService binds to, in full.
func gatewaysOf(v virtualService) []string {
	var out []string
	for _, g := range v.spec.Gateways {
		switch {
		case g == "mesh":
		case strings.Contains(g, "/"):
			out = append(out, strings.Replace(g, "./", v.namespace+"/", 1))
		default:
			out = append(out, v.namespace+"/"+g)
		}
	}
	return out
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
