package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// Annotations that other controllers read.
var (
	// ExternalDNSSource tells that external-dns has to look elsewhere.
	ExternalDNSSource = &finding.Rule{
		ID: "MG980", Severity: finding.Note, Since: "0.1",
		Title: "external-dns has to read Gateway API routes",
		Text:  "external-dns makes DNS records from the kinds that its --source flags name. istio-gateway and istio-virtualservice do not see the new objects.",
		Hint:  "Start external-dns with --source=gateway-httproute (gateway-grpcroute, gateway-tlsroute) when DNS is to move.",
		Links: []string{"https://kubernetes-sigs.github.io/external-dns/latest/docs/sources/gateway-api/"},
	}
	// ExternalDNSMoved names the object that carries the annotation now.
	ExternalDNSMoved = &finding.Rule{
		ID: "MG981", Severity: finding.Note, Since: "0.1",
		Title: "external-dns annotation moves to another object",
		Text:  "For Gateway API, external-dns reads the annotation target on the Gateway and all others on the routes, so the annotation is written to the object where it is read.",
		Hint:  "",
		Links: []string{"https://kubernetes-sigs.github.io/external-dns/latest/docs/sources/gateway-api/"},
	}
	// ExternalDNSLost is an annotation without a place.
	ExternalDNSLost = &finding.Rule{
		ID: "MG982", Severity: finding.Warning, Since: "0.1",
		Title: "external-dns annotation has no place",
		Text:  "For Gateway API, external-dns reads target on the Gateway, for all its routes alike, and knows no ingress annotation. The records point to the Gateway's address instead.",
		Hint:  "Give the routes a Gateway of their own, or write the records by a DNSEndpoint.",
		Links: []string{"https://kubernetes-sigs.github.io/external-dns/latest/docs/sources/gateway-api/"},
	}
	// CertManagerGateway tells that cert-manager starts to act on the Gateway.
	CertManagerGateway = &finding.Rule{
		ID: "MG983", Severity: finding.Note, Since: "0.1",
		Title: "cert-manager reads this annotation on the Gateway",
		Text:  "cert-manager does not look at Istio Gateways; on a Gateway of the Gateway API the annotation makes it issue a certificate for each listener whose Secret lies in the Gateway's namespace.",
		Hint:  "Enable Gateway API in cert-manager, or remove the annotation if a Certificate already makes the Secret.",
		Links: []string{"https://cert-manager.io/docs/usage/gateway/"},
	}
	// CertManagerIdle is an annotation that nobody reads.
	CertManagerIdle = &finding.Rule{
		ID: "MG984", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "cert-manager does not read this annotation here",
		Text:  "cert-manager reads annotations of Gateways and Ingresses. On a VirtualService it has no effect, and on a route it would have none; it is left out.",
		Hint:  "Put it on the Gateway if a certificate is to be issued.",
		Links: []string{"https://cert-manager.io/docs/usage/gateway/"},
	}
	// LoadBalancerMoved is a cloud annotation on its way to the new Service.
	LoadBalancerMoved = &finding.Rule{
		ID: "MG985", Severity: finding.Note, Since: "0.1",
		Title: "load balancer annotation moves to the Gateway",
		Text:  "The Service in front of a Gateway is made by the implementation, which puts spec.infrastructure.annotations on it.",
		Hint:  "Check that the implementation copies infrastructure annotations to the Service.",
		Links: []string{gepPage + "1867/", guidePage + "infrastructure/"},
	}
	// LoadBalancerIdentity is an annotation that two Services can't share.
	LoadBalancerIdentity = &finding.Rule{
		ID: "MG986", Severity: finding.Warning, Since: "0.1",
		Title: "load balancer or address is still in use",
		Text:  "The annotation names one load balancer, name or address, which today's Service holds. On a second Service it would fail or take traffic away, so it is left out.",
		Hint:  "Add it to spec.infrastructure.annotations of the Gateway when the old Service is gone.",
		Links: []string{gepPage + "1867/", guidePage + "infrastructure/"},
	}
	// LoadBalancerOverflow is a list past the limit of the CRD.
	LoadBalancerOverflow = &finding.Rule{
		ID: "MG987", Severity: finding.Warning, Since: "0.1",
		Title: "load balancer annotation does not fit",
		Text:  "A Gateway takes a limited number of infrastructure annotations, and values of at most 4096 characters. The new load balancer is made without this one.",
		Hint:  "Set it by the implementation's own parameters (spec.infrastructure.parametersRef).",
		Links: []string{gepPage + "1867/", guidePage + "infrastructure/"},
	}
)

// MG98x: labels and annotations.
var metadataRules = []*finding.Rule{
	ExternalDNSSource, ExternalDNSMoved, ExternalDNSLost, CertManagerGateway, CertManagerIdle,
	LoadBalancerMoved, LoadBalancerIdentity, LoadBalancerOverflow,
}
