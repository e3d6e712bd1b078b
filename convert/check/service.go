package check

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/json"
)

// checkService checks a core Service. Kubernetes' own checks are in a package that
// can't be imported, so these are ours, after the API reference of Service v1: the
// fields that make a Service of a subset (name, ports, selector, type, appProtocol).
// What a cluster allots or knows (node ports, IP families, address ranges) is not
// looked at.
func checkService(jsonObject []byte, obj map[string]any) ([]Problem, error) {
	problems := checkMeta(obj, false, apivalidation.NameIsDNS1035Label)
	var service corev1.Service
	strict, err := json.UnmarshalStrict(jsonObject, &service)
	if err != nil {
		return append(problems, Problem{Message: strings.TrimPrefix(err.Error(), "json: ")}), nil
	}
	for _, e := range strict {
		path, message := "", e.Error()
		if at, ok := e.(json.FieldError); ok {
			path = at.FieldPath()
		}
		if strings.HasPrefix(path, "metadata.") {
			continue // checkMeta has seen it
		}
		problems = append(problems, Problem{Field: path, Message: message, Absent: true})
	}
	return append(problems, fromErrors(serviceSpec(&service.Spec, field.NewPath("spec")))...), nil
}

func serviceSpec(spec *corev1.ServiceSpec, at *field.Path) field.ErrorList {
	errs := metavalidation.ValidateLabels(spec.Selector, at.Child("selector"))
	headless := spec.ClusterIP == corev1.ClusterIPNone
	switch cmp.Or(spec.Type, corev1.ServiceTypeClusterIP) {
	case corev1.ServiceTypeExternalName:
		for _, message := range validation.IsDNS1123Subdomain(strings.TrimSuffix(spec.ExternalName, ".")) {
			errs = append(errs, field.Invalid(at.Child("externalName"), spec.ExternalName, message))
		}
		headless = true // as for one, ports may be left out
	case corev1.ServiceTypeClusterIP, corev1.ServiceTypeNodePort, corev1.ServiceTypeLoadBalancer:
	default:
		errs = append(errs, field.NotSupported(at.Child("type"), spec.Type, []corev1.ServiceType{
			corev1.ServiceTypeClusterIP, corev1.ServiceTypeNodePort, corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeExternalName,
		}))
	}
	if spec.ClusterIP != "" && spec.ClusterIP != corev1.ClusterIPNone {
		if _, err := netip.ParseAddr(spec.ClusterIP); err != nil {
			errs = append(errs, field.Invalid(at.Child("clusterIP"), spec.ClusterIP, "must be empty, None or an IP address"))
		}
	}
	if len(spec.Ports) == 0 && !headless {
		errs = append(errs, field.Required(at.Child("ports"), ""))
	}
	return append(errs, servicePorts(spec.Ports, at.Child("ports"))...)
}

func servicePorts(ports []corev1.ServicePort, at *field.Path) field.ErrorList {
	var errs field.ErrorList
	names, numbers := map[string]bool{}, map[string]bool{}
	for i, p := range ports {
		at := at.Index(i)
		if p.Name == "" && len(ports) > 1 {
			errs = append(errs, field.Required(at.Child("name"), "several ports need names"))
		}
		if p.Name != "" && names[p.Name] {
			errs = append(errs, field.Duplicate(at.Child("name"), p.Name))
		}
		number := fmt.Sprintf("%s/%d", cmp.Or(p.Protocol, corev1.ProtocolTCP), p.Port)
		if numbers[number] {
			errs = append(errs, field.Duplicate(at, number))
		}
		names[p.Name], numbers[number] = true, true
		errs = append(errs, servicePort(p, at)...)
	}
	return errs
}

func servicePort(p corev1.ServicePort, at *field.Path) field.ErrorList {
	var errs field.ErrorList
	invalid := func(name, value string, messages []string) {
		for _, message := range messages {
			errs = append(errs, field.Invalid(at.Child(name), value, message))
		}
	}
	if p.Name != "" {
		invalid("name", p.Name, validation.IsDNS1123Label(p.Name))
	}
	invalid("port", strconv.Itoa(int(p.Port)), validation.IsValidPortNum(int(p.Port)))
	switch {
	case p.TargetPort == intstr.IntOrString{}: // left to default to the port
	case p.TargetPort.Type == intstr.Int:
		invalid("targetPort", p.TargetPort.String(), validation.IsValidPortNum(p.TargetPort.IntValue()))
	default:
		invalid("targetPort", p.TargetPort.String(), validation.IsValidPortName(p.TargetPort.StrVal))
	}
	if p.AppProtocol != nil {
		invalid("appProtocol", *p.AppProtocol, validation.IsQualifiedName(*p.AppProtocol))
	}
	switch p.Protocol {
	case "", corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP:
	default:
		errs = append(errs, field.NotSupported(at.Child("protocol"), p.Protocol, []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}))
	}
	return errs
}
