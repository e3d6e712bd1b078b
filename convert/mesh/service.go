package mesh

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// readService takes from a Service what the conversion needs; what is not
// written stays empty.
func readService(o *istio.Object, namespace string) *Service {
	spec := o.Root.Get("spec")
	s := &Service{
		Name:         route.Name{Namespace: namespace, Name: o.Document.Name},
		Object:       o,
		Selector:     texts(spec.Get("selector")),
		ExternalName: spec.Text("externalName"),
		Headless:     spec.Text("clusterIP") == "None",
	}
	if ports := spec.Get("ports"); ports != nil {
		for i := range ports.Children() {
			s.Ports = append(s.Ports, readPort(&ports.Children()[i]))
		}
	}
	return s
}

// refusedBy says why Kubernetes would not take s, as far as the conversion writes
// it on; "" when it would.
func (s *Service) refusedBy() string {
	for _, p := range s.Ports {
		switch number, err := strconv.ParseUint(p.TargetPort, 10, 32); {
		case p.Port == 0:
			return "a port is no number from 1 to 65535"
		case !slices.Contains([]string{"TCP", "UDP", "SCTP"}, p.Protocol):
			return fmt.Sprintf("protocol %q is none that it knows", p.Protocol)
		case p.Name != "" && !isLabel(p.Name):
			return fmt.Sprintf("port name %q is not valid", p.Name)
		case p.AppProtocol != "" && len(validation.IsQualifiedName(p.AppProtocol)) > 0:
			return fmt.Sprintf("appProtocol %q is not valid", p.AppProtocol)
		case p.TargetPort != "" && (err == nil && (number == 0 || number > 65535) || err != nil && len(validation.IsValidPortName(source.Filled(p.TargetPort))) > 0):
			return fmt.Sprintf("targetPort %q is neither a port nor the name of one", p.TargetPort)
		}
	}
	return refusedLabel(s.Selector)
}

// refusedLabel says which label is not valid, if one is.
func refusedLabel(labels map[string]string) string {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if len(validation.IsQualifiedName(source.Filled(key))) > 0 || len(validation.IsValidLabelValue(source.Filled(labels[key]))) > 0 {
			return fmt.Sprintf("label %s: %q is not valid", key, labels[key])
		}
	}
	return ""
}

func readPort(n *source.Node) ServicePort {
	number, _ := strconv.ParseUint(n.Text("port"), 10, 16)
	p := ServicePort{
		Name:        n.Text("name"),
		Port:        uint32(number),
		TargetPort:  n.Text("targetPort"),
		Protocol:    n.Text("protocol"),
		AppProtocol: n.Text("appProtocol"),
	}
	if p.Protocol == "" {
		p.Protocol = "TCP"
	}
	p.L7 = portProtocol(p)
	return p
}

// texts reads a mapping of strings.
func texts(n *source.Node) map[string]string {
	if n == nil || n.Kind != source.Map || len(n.Children()) == 0 {
		return nil
	}
	m := make(map[string]string, len(n.Children()))
	for i := range n.Children() {
		m[n.Children()[i].Key()] = n.Children()[i].Value()
	}
	return m
}

// portProtocol reads a port's protocol from appProtocol, else from the name up
// to its first hyphen (pkg/config/kube/conversion.go ConvertProtocol). "" means
// that Istio looks at the first bytes.
func portProtocol(p ServicePort) string {
	if p.Protocol == "UDP" {
		return "UDP"
	}
	name := p.Name
	if p.AppProtocol != "" {
		name = p.AppProtocol
		switch name {
		case "kubernetes.io/h2c":
			return "HTTP2"
		case "kubernetes.io/ws":
			return "HTTP"
		case "kubernetes.io/wss":
			return "HTTPS"
		}
	}
	if strings.HasPrefix(strings.ToLower(name), "grpc-web") {
		return "GRPC-WEB"
	}
	word, _, _ := strings.Cut(name, "-")
	if l7 := knownProtocol(word); l7 != "" {
		return l7
	}
	if slices.Contains([]uint32{25, 53, 3306, 27017}, p.Port) {
		return "TCP" // never sniffed
	}
	return ""
}

// knownProtocol is the upper-case name of a protocol that Istio knows, or ""
// (pkg/config/protocol/instance.go Parse).
func knownProtocol(word string) string {
	upper := strings.ToUpper(word)
	switch upper {
	case "TCP", "UDP", "GRPC", "GRPC-WEB", "HTTP", "HTTP_PROXY", "HTTP2", "HTTPS", "TLS", "MONGO", "REDIS", "MYSQL":
		return upper
	}
	return ""
}

// carriesHTTP tells whether Istio's HTTP routes apply to a port.
func (p ServicePort) carriesHTTP() bool {
	switch p.L7 {
	case "", "HTTP", "HTTP_PROXY", "HTTP2", "GRPC", "GRPC-WEB":
		return true
	}
	return false
}

// carriesTCP tells whether Istio's tcp and tls routes apply to a port.
func (p ServicePort) carriesTCP() bool { return p.L7 == "" || !p.carriesHTTP() && p.L7 != "UDP" }

// port returns the port with that number.
func (s *Service) port(number uint32) *ServicePort {
	for i := range s.Ports {
		if s.Ports[i].Port == number {
			return &s.Ports[i]
		}
	}
	return nil
}
