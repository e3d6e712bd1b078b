package mtls

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// Version is that of cert-manager whose CRDs these resources were checked by.
const Version = "1.21.2"

// Certificate is cert-manager's (cert-manager.io/v1, pkg/apis/certmanager/v1,
// types_certificate.go), as far as it is written here.
type Certificate struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              CertificateSpec `json:"spec"`
}

// CertificateSpec says what to issue, and into which Secret.
type CertificateSpec struct {
	SecretName  string     `json:"secretName"`
	IssuerRef   IssuerRef  `json:"issuerRef"`
	Duration    string     `json:"duration"`
	RenewBefore string     `json:"renewBefore"`
	DNSNames    []string   `json:"dnsNames,omitempty"`
	URIs        []string   `json:"uris"`
	Usages      []string   `json:"usages"`
	PrivateKey  PrivateKey `json:"privateKey"`
}

// IssuerRef names an issuer.
type IssuerRef struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
	Name  string `json:"name"`
}

// PrivateKey says what key to make.
type PrivateKey struct {
	Algorithm      string `json:"algorithm"`
	Size           int    `json:"size"`
	RotationPolicy string `json:"rotationPolicy"`
}

// trustDomain is Istio's where MeshConfig names no other.
const trustDomain = "cluster.local"

// certify issues the certificate of an identity, and says what its workloads have
// to do with it.
func (p *planner) certify(id *identity) {
	var names []string
	services := slices.Sorted(maps.Keys(id.services))
	for _, s := range services {
		full := s + "." + id.Namespace
		names = append(names, s, full, full+".svc", full+".svc.cluster.local")
	}
	secret := id.Name.Name + "-mtls"
	uri := fmt.Sprintf("spiffe://%s/ns/%s/sa/%s", trustDomain, id.Namespace, id.Name.Name)
	p.result.Objects = append(p.result.Objects, p.certificate(route.Name{Namespace: id.Namespace, Name: secret}, uri, names, id.workloads[0].at))
	for _, w := range id.workloads {
		p.duties(w, secret, services)
	}
}

// duties says what a workload has to do, by what its proxy does today.
func (p *planner) duties(w *workload, secret string, services []string) {
	if len(services) == 0 {
		p.note(rule.ServeTLSYourself, w.at, "the proxy beside %s %s shows a certificate to whom it calls today. Afterwards it has to call by TLS itself, show tls.crt of Secret %s, verify servers by ca.crt, and take the new certificate before the old one ends.", w.kind, w.Name, secret)
		return
	}
	p.note(rule.ServeTLSYourself, w.at, "%s %s is reached by mutual TLS of its proxy today. Afterwards it has to serve TLS itself as %s, with tls.crt and tls.key of Secret %s, ask clients for a certificate that ca.crt vouches for, show its own where it calls others, and take the new one before the old one ends.",
		w.kind, w.Name, strings.Join(services, " and "), secret)
}

// certificate is as short-lived as Istio's own (24 h, renewed in time), by which a
// stolen key is worth little.
func (p *planner) certificate(name route.Name, uri string, names []string, from finding.Place) gwapi.Object {
	c := &Certificate{
		TypeMeta:   metav1.TypeMeta{APIVersion: "cert-manager.io/v1", Kind: "Certificate"},
		ObjectMeta: metav1.ObjectMeta{Namespace: name.Namespace, Name: name.Name},
		Spec: CertificateSpec{
			SecretName: name.Name, IssuerRef: IssuerRef{"cert-manager.io", p.Issuer.Kind, p.Issuer.Name},
			Duration: "24h0m0s", RenewBefore: "12h0m0s", DNSNames: names, URIs: []string{uri}, Usages: usages(len(names) > 0),
			PrivateKey: PrivateKey{"ECDSA", 256, "Always"},
		},
	}
	return gwapi.Object{Kind: "Certificate", Value: c, Origin: gwapi.Origin{Pos: from.Pos, What: from.Object}}
}

// usages are those of a key for ECDSA signatures (RFC 5280, 4.2.1.3 and 4.2.1.12).
func usages(serves bool) []string {
	if serves {
		return []string{"digital signature", "server auth", "client auth"}
	}
	return []string{"digital signature", "client auth"}
}

// clientCertificate is what a Gateway shows to Services. It has no ServiceAccount
// that is known: that of its pods is the implementation's.
func (p *planner) clientCertificate(gateway route.Name) gwapi.Object {
	var at finding.Place
	for _, g := range p.model.Gateways {
		if g.Name == gateway {
			at = g.Object.Document.Place()
		}
	}
	uri := fmt.Sprintf("spiffe://%s/ns/%s/gateway/%s", trustDomain, gateway.Namespace, gateway.Name)
	return p.certificate(route.Name{Namespace: gateway.Namespace, Name: p.result.Clients[gateway]}, uri, nil, at)
}
