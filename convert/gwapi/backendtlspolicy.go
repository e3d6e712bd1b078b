package gwapi

import (
	"cmp"
	"regexp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// preciseHostname is what the CRD takes for validation.hostname.
var preciseHostname = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

// backendTLSPolicies builds a policy for each Service to which a DestinationRule
// originates TLS, unless that is done, and for each that loses its proxy.
func (p *pass) backendTLSPolicies(done bool) []Object {
	names := newNames(p.opts.Reserved)
	var objects []Object
	for _, b := range p.model.BackendTLS {
		if done && !b.Mesh {
			continue
		}
		target, ok := p.policyTarget(b)
		if !ok {
			continue
		}
		hostname := p.backendName(b)
		v := &gatewayv1.BackendTLSPolicy{
			ObjectMeta: metav1.ObjectMeta{Namespace: b.Namespace},
			Spec: gatewayv1.BackendTLSPolicySpec{
				TargetRefs: []gatewayv1.LocalPolicyTargetReferenceWithSectionName{target},
				Validation: p.validation(b, hostname),
			},
		}
		v.Kind = "BackendTLSPolicy"
		v.APIVersion, _ = p.opts.Bundle.APIVersion(v.Kind)
		v.Name = names.name(v.Kind, b.Namespace, cmp.Or(b.Name.Name, string(target.Name)), "TLS to "+string(target.Kind)+" "+string(target.Name)+" "+b.SectionName)
		from := Origin{Pos: b.From.Place().Pos, What: b.From.Document().Object()}
		if !b.Mesh {
			from.What += ", " + b.From.Field()
		}
		objects = append(objects, Object{Kind: v.Kind, Value: v, Origin: from})
	}
	return objects
}

// backendName is the name that the policy sends as SNI and verifies. Where the
// author names none, Istio takes the Host of each request, which no policy can
// say; the Service's own name keeps the connection encrypted, and fails where
// the certificate does not show it.
func (p *pass) backendName(b *mesh.BackendTLS) string {
	hostname := strings.ToLower(b.Hostname)
	if preciseHostname.MatchString(source.Filled(hostname)) {
		return hostname
	}
	own := b.Service.Name.Name + "." + b.Namespace + ".svc.cluster.local"
	if b.Outside != nil {
		own = b.Outside.Host
	}
	p.note(rule.BackendHostname, b.From.At("sni"), "connections to %s have to show a certificate for %s after the migration, since sni %q is no name that a policy can say; those with another name fail.", receiver(b), own, b.Hostname)
	return own
}

// receiver names what a policy is for, in a sentence.
func receiver(b *mesh.BackendTLS) string {
	if b.Outside != nil {
		return b.Outside.Host
	}
	return "Service " + b.Namespace + "/" + b.Target
}

// policyTarget is what a policy is for; false where it is not written.
func (p *pass) policyTarget(b *mesh.BackendTLS) (gatewayv1.LocalPolicyTargetReferenceWithSectionName, bool) {
	if b.Outside != nil {
		to, ok := p.shared().outside[b.Outside]
		if !ok || to.Object == nil {
			return gatewayv1.LocalPolicyTargetReferenceWithSectionName{}, false
		}
		return gatewayv1.LocalPolicyTargetReferenceWithSectionName{
			LocalPolicyTargetReference: gatewayv1.LocalPolicyTargetReference{Group: *to.Ref.Group, Kind: *to.Ref.Kind, Name: to.Ref.Name},
		}, true
	}
	ref := gatewayv1.LocalPolicyTargetReferenceWithSectionName{
		LocalPolicyTargetReference: gatewayv1.LocalPolicyTargetReference{Kind: "Service", Name: gatewayv1.ObjectName(b.Target)},
	}
	if b.SectionName != "" {
		ref.SectionName = new(gatewayv1.SectionName(b.SectionName))
	}
	return ref, true
}

// validation says how the backend's certificate is judged.
func (p *pass) validation(b *mesh.BackendTLS, hostname string) gatewayv1.BackendTLSPolicyValidation {
	v := gatewayv1.BackendTLSPolicyValidation{Hostname: gatewayv1.PreciseHostname(hostname)}
	if b.System || b.CACert == "" {
		v.WellKnownCACertificates = new(gatewayv1.WellKnownCACertificatesSystem)
	} else {
		name := fit(b.CACert, "", subdomainLimit)
		v.CACertificateRefs = []gatewayv1.LocalObjectReference{{Kind: "ConfigMap", Name: gatewayv1.ObjectName(name)}}
		p.add(finding.New(rule.BackendCA, b.From.Place(), "the certificate of %s is checked against ca.crt of ConfigMap %s; requests fail until that exists.", receiver(b), name).
			WithHint("Create it: kubectl create configmap %s -n %s --from-file=ca.crt.", name, b.Namespace))
	}
	most := p.opts.Bundle.Limits().SubjectAltNames
	for i, san := range b.SANs {
		if i == most {
			p.note(rule.BackendSANs, b.From.Get("subjectAltNames").Place(), "%s may show any of %d names today, and one of the first %d afterwards.", receiver(b), len(b.SANs), most)
			break
		}
		v.SubjectAltNames = append(v.SubjectAltNames, subjectAltName(san))
	}
	return v
}

// subjectAltName tells a URI (spiffe://...) from a DNS name.
func subjectAltName(san string) gatewayv1.SubjectAltName {
	if strings.Contains(san, "://") {
		return gatewayv1.SubjectAltName{Type: gatewayv1.URISubjectAltNameType, URI: gatewayv1.AbsoluteURI(san)}
	}
	return gatewayv1.SubjectAltName{Type: gatewayv1.HostnameSubjectAltNameType, Hostname: gatewayv1.Hostname(strings.ToLower(san))}
}
