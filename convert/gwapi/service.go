package gwapi

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/mesh2gw/mesh2gw/convert/mesh"
)

// subsetService builds the Service for a subset that a route sends to. Its name
// is the linker's, since backends refer to it.
func subsetService(s *mesh.SubsetService) Object {
	v := &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metav1.ObjectMeta{Name: s.Name.Name, Namespace: s.Namespace},
		Spec:       corev1.ServiceSpec{Selector: s.Selector()},
	}
	if s.Base.Headless {
		v.Spec.ClusterIP = corev1.ClusterIPNone
	}
	for _, port := range s.Base.Ports {
		v.Spec.Ports = append(v.Spec.Ports, servicePort(port))
	}
	return Object{Kind: v.Kind, Value: v, Origin: Origin{Pos: s.At.Pos, What: s.At.Object + ", subset " + s.Subset}}
}

// servicePort copies what the base Service says of a port, with the API's
// defaults written out. Node ports stay with the base: no two Services can hold one.
func servicePort(p mesh.ServicePort) corev1.ServicePort {
	port := corev1.ServicePort{
		Name: p.Name, Protocol: corev1.Protocol(p.Protocol), Port: int32(p.Port),
		TargetPort: intstr.FromInt32(int32(p.Port)), // the default
	}
	if p.AppProtocol != "" {
		port.AppProtocol = new(p.AppProtocol)
	}
	if number, err := strconv.ParseInt(p.TargetPort, 10, 32); err == nil {
		port.TargetPort = intstr.FromInt32(int32(number))
	} else if p.TargetPort != "" {
		port.TargetPort = intstr.FromString(p.TargetPort)
	}
	return port
}
