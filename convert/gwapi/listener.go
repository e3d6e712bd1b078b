package gwapi

import (
	"fmt"
	"path"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// namespaceLabel is on every namespace, and holds its name.
const namespaceLabel = "kubernetes.io/metadata.name"

// listener builds one listener of a Gateway.
func (p *pass) listener(l *layout, n *mesh.Listener) gatewayv1.Listener {
	v := gatewayv1.Listener{
		Name:          gatewayv1.SectionName(n.Name),
		Port:          gatewayv1.PortNumber(n.Port),
		Protocol:      gatewayv1.ProtocolType(n.Protocol),
		TLS:           p.listenerTLS(l, n),
		AllowedRoutes: &gatewayv1.AllowedRoutes{Namespaces: allowed(l, n)},
	}
	if n.Hostname != "" && n.Protocol != mesh.ListenTCP { // CEL: no hostname on TCP
		v.Hostname = new(gatewayv1.Hostname(n.Hostname))
	}
	return v
}

// allowed says which namespaces may attach routes.
func allowed(l *layout, n *mesh.Listener) *gatewayv1.RouteNamespaces {
	from := func(from gatewayv1.FromNamespaces, selector *metav1.LabelSelector) *gatewayv1.RouteNamespaces {
		return &gatewayv1.RouteNamespaces{From: new(from), Selector: selector}
	}
	switch own := l.gateway.Namespace; {
	case l.closed(n):
		// There is no "none": a selector that no namespace meets. The listener stands
		// all the same, so that no wider one answers for its hosts.
		return from(gatewayv1.NamespacesFromSelector, &metav1.LabelSelector{
			MatchExpressions: []metav1.LabelSelectorRequirement{{Key: namespaceLabel, Operator: metav1.LabelSelectorOpDoesNotExist}},
		})
	case n.HTTPSRedirect: // only the redirect route attaches
		return from(gatewayv1.NamespacesFromSame, nil)
	case n.AllNamespaces:
		return from(gatewayv1.NamespacesFromAll, nil)
	case len(n.Namespaces) == 0, len(n.Namespaces) == 1 && n.Namespaces[0] == own:
		return from(gatewayv1.NamespacesFromSame, nil)
	case len(n.Namespaces) == 1:
		return from(gatewayv1.NamespacesFromSelector, &metav1.LabelSelector{MatchLabels: map[string]string{namespaceLabel: n.Namespaces[0]}})
	}
	return from(gatewayv1.NamespacesFromSelector, &metav1.LabelSelector{
		MatchExpressions: []metav1.LabelSelectorRequirement{{Key: namespaceLabel, Operator: metav1.LabelSelectorOpIn, Values: n.Namespaces}},
	})
}

// listenerTLS says where TLS ends and by which certificates.
func (p *pass) listenerTLS(l *layout, n *mesh.Listener) *gatewayv1.ListenerTLSConfig {
	switch n.Protocol {
	case mesh.ListenHTTP, mesh.ListenTCP:
		return nil
	case mesh.ListenTLS:
		if n.Server.GetTls().GetMode() == networking.ServerTLSSettings_PASSTHROUGH {
			return &gatewayv1.ListenerTLSConfig{Mode: new(gatewayv1.TLSModePassthrough)}
		}
	case mesh.ListenHTTPS:
	default:
		panic(fmt.Sprintf("unhandled listener protocol %q", n.Protocol))
	}
	return &gatewayv1.ListenerTLSConfig{Mode: new(gatewayv1.TLSModeTerminate), CertificateRefs: p.certificates(l, n)}
}

// certificates refers to the Secrets of a listener; CEL wants at least one.
func (p *pass) certificates(l *layout, n *mesh.Listener) []gatewayv1.SecretObjectReference {
	tls := n.Server.GetTls()
	written := credentialNames(tls)
	if len(written) == 0 {
		return []gatewayv1.SecretObjectReference{p.missingCertificate(l, n, certificateFile(tls))}
	}
	key := "credentialNames"
	if len(tls.GetCredentialNames()) == 0 {
		key = "credentialName"
	}
	at := n.From.Get("tls").At(key)
	if len(written) > 1 {
		p.note(rule.SeveralCertificates, at, "%s has %d certificates, of which an implementation may serve only the first.", host(n), len(written))
	}
	var refs []gatewayv1.SecretObjectReference
	for _, name := range written {
		c := parseCredential(name, l.gateway.PodNamespace)
		if c.kind != "Secret" {
			refs = append(refs, p.missingCertificate(l, n, name))
			continue
		}
		p.noteCredential(l.gateway, c, at)
		refs = append(refs, secretRef(c, l.gateway.Namespace))
		if c.name.Namespace != l.gateway.Namespace {
			p.grants = append(p.grants, grant{
				fromKind: "Gateway", fromNamespace: l.gateway.Namespace, fromName: l.name, toKind: c.kind, to: c.name,
				origin: Origin{Pos: at.Pos, What: l.gateway.Object.Document.Object() + ", " + key},
			})
		}
	}
	return refs
}

func secretRef(c credential, namespace string) gatewayv1.SecretObjectReference {
	ref := gatewayv1.SecretObjectReference{
		Group: new(gatewayv1.Group("")), Kind: new(gatewayv1.Kind("Secret")), Name: gatewayv1.ObjectName(c.name.Name),
	}
	if c.name.Namespace != namespace {
		ref.Namespace = new(gatewayv1.Namespace(c.name.Namespace))
	}
	return ref
}

// noteCredential explains where a Secret is read.
func (p *pass) noteCredential(g *mesh.Gateway, c credential, at finding.Place) {
	if c.foreign {
		p.note(rule.CredentialRefused, at, "Istio refuses Secret %s, since it is not in the namespace of the gateway's pods (%s); Gateway %s reads it.", c.name, g.PodNamespace, g.Name)
		return
	}
	if c.name.Namespace == g.Namespace {
		return
	}
	where, hint := g.PodNamespace, ""
	if g.PodsAssumed {
		where, hint = "taken to be "+where, "Name another with --gateway-namespace."
	}
	message := "Istio reads Secret %s in the namespace of the gateway's pods, %s; a ReferenceGrant there lets Gateway %s read it."
	if c.name.Namespace != g.PodNamespace {
		where, hint, message = c.name.Namespace, "", "Secret %s is in namespace %s; a ReferenceGrant there lets Gateway %s read it."
	}
	p.add(finding.New(rule.CredentialNamespace, at, message, c.name.Name, where, g.Name).WithHint("%s", hint))
}

// missingCertificate refers to a Secret that the user has to make. Listeners of
// one server and servers with the same files share it.
func (p *pass) missingCertificate(l *layout, n *mesh.Listener, what string) gatewayv1.SecretObjectReference {
	first := n
	for _, o := range slices.Concat(l.groups...) {
		if o.Server == n.Server || what != "" && o.Server.GetTls() != nil && certificateFile(o.Server.Tls) == what {
			first = o
			break
		}
	}
	c := credential{kind: "Secret", name: l.gateway.Name}
	c.name.Name = fit(l.name+"-"+first.Name, "", subdomainLimit)
	at := n.From.Get("tls").At("serverCertificate")
	switch {
	case what == "":
		p.add(finding.New(rule.CertificateFile, at, "port %d has no certificate: Gateway %s reads it from Secret %s, and serves nothing there until that exists.", n.Port, l.gateway.Name, c.name.Name).
			WithHint("Create it: kubectl create secret tls %s -n %s --cert=tls.crt --key=tls.key.", c.name.Name, l.gateway.Namespace))
	case !strings.HasPrefix(what, "/"):
		p.add(finding.New(rule.CertificateFile, n.From.Get("tls").Place(), "%s is not a Secret: Gateway %s reads its certificate from Secret %s, and serves nothing on port %d until that exists.", what, l.gateway.Name, c.name.Name, n.Port).
			WithHint("Create it: kubectl create secret tls %s -n %s --cert=tls.crt --key=tls.key.", c.name.Name, l.gateway.Namespace))
	default:
		p.add(finding.New(rule.CertificateFile, at, "the certificate is file %s in the gateway's pods: Gateway %s reads it from Secret %s, and serves nothing on port %d until that exists.", what, l.gateway.Name, c.name.Name, n.Port).
			WithHint("Create it: kubectl create secret tls %s -n %s --cert=%s --key=%s.", c.name.Name, l.gateway.Namespace, path.Base(what), keyFile(n.Server.Tls)))
	}
	return secretRef(c, l.gateway.Namespace)
}

// keyFile is the base name of the file with the private key.
func keyFile(tls *networking.ServerTLSSettings) string {
	name := tls.GetPrivateKey()
	if len(tls.GetTlsCertificates()) > 0 {
		name = tls.TlsCertificates[0].PrivateKey
	}
	if name == "" {
		return "tls.key"
	}
	return path.Base(name)
}
