package envoygateway

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// clients makes the policies for listeners that agree on TLS in a way of their
// own: one for the Gateway where all of them agree in the same way, which is then
// for its ListenerSets too, or else one for each listener.
func clients(g *mesh.Gateway) gwapi.Made {
	var made gwapi.Made
	var all []*client
	for _, n := range g.Listeners {
		if terminates(n) {
			all = append(all, &client{gateway: g, listener: n, tls: tlsOf(n)})
		}
	}
	same := !slices.ContainsFunc(all, func(c *client) bool { return encoded(c.tls) != encoded(all[0].tls) })
	for i, c := range all {
		if c.tls == nil || !same && len(g.Listeners) > gatewayListeners {
			continue
		}
		section := c.listener.Name
		if same {
			section = ""
		}
		o := c.object(section)
		if !same || i == 0 {
			made.Objects = append(made.Objects, o)
		}
		made.Carried = append(made.Carried, c.carried(fmt.Sprintf("%s %s", clientPolicy, o.Key().Name))...)
	}
	return made
}

// gatewayListeners is how many listeners a Gateway has (gateway_types.go). Further
// ones stand in ListenerSets, where their names are not looked up.
const gatewayListeners = 64

// client is a listener that ends TLS.
type client struct {
	gateway  *mesh.Gateway
	listener *mesh.Listener
	tls      *ClientTLS // nil where nothing is asked for that differs from the default
}

func terminates(n *mesh.Listener) bool {
	return !n.Withheld && (n.Protocol == mesh.ListenHTTPS || n.Protocol == mesh.ListenTLS) &&
		n.Server.GetTls().GetMode() != networking.ServerTLSSettings_PASSTHROUGH
}

// tlsOf is nil where nothing is written that Envoy Gateway can say.
func tlsOf(n *mesh.Listener) *ClientTLS {
	tls := n.Server.GetTls()
	least, most := versionOf(tls.GetMinProtocolVersion()), versionOf(tls.GetMaxProtocolVersion())
	out := &ClientTLS{}
	if rank(least, "1.2") <= rank(most, "1.3") { // the CRD's rule, with the defaults of both sides
		out.MinVersion, out.MaxVersion = least, most
	}
	suites := tls.GetCipherSuites()
	if len(suites) > 0 && out.MinVersion != "1.3" && !slices.ContainsFunc(suites, func(s string) bool { return !slices.Contains(cipherSuites, s) }) {
		out.Ciphers = suites
	}
	if out.MinVersion == "" && out.MaxVersion == "" && len(out.Ciphers) == 0 {
		return nil
	}
	return out
}

// versionOf is "" for the default, TLS_AUTO, which is from 1.2 to 1.3 on both sides
// (pilot/pkg/networking/core/gateway.go, buildGatewayListenerTLSContext).
func versionOf(v networking.ServerTLSSettings_TLSProtocol) string {
	switch v {
	case networking.ServerTLSSettings_TLSV1_0:
		return "1.0"
	case networking.ServerTLSSettings_TLSV1_1:
		return "1.1"
	case networking.ServerTLSSettings_TLSV1_2:
		return "1.2"
	case networking.ServerTLSSettings_TLSV1_3:
		return "1.3"
	}
	return ""
}

func rank(version, unset string) string {
	if version == "" {
		return unset
	}
	return version
}

// cipherSuites are the names that Envoy Gateway takes, of those that Istio knows
// (envoygateway: api/tls_types.go; Istio: pkg/config/security/security.go).
var cipherSuites = []string{
	"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
	"ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "AES128-GCM-SHA256",
	"AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA", "AES256-GCM-SHA384", "AES256-SHA",
}

// object is the policy for a listener; for the Gateway with section "".
func (c *client) object(section string) gwapi.Object {
	name := c.gateway.Written
	v := &ClientTrafficPolicy{
		TypeMeta:   typeMeta(clientPolicy),
		ObjectMeta: metav1.ObjectMeta{Namespace: c.gateway.Namespace, Name: name},
		Spec: ClientTrafficPolicySpec{
			TargetRefs: []TargetRef{{Group: gatewayGroup, Kind: "Gateway", Name: name, SectionName: section}},
			TLS:        c.tls,
		},
	}
	if section != "" {
		v.Name = fit(name, section)
	}
	at := c.gateway.Object.Place()
	return gwapi.Object{Kind: clientPolicy, Value: v, Origin: gwapi.Origin{Pos: at.Pos, What: at.Object}}
}

// carried are the findings of the listener's server that the policy takes back.
func (c *client) carried(by string) []gwapi.Carried {
	n := c.listener.From.Get("tls")
	var all []gwapi.Carried
	does := func(said bool, field string, rules ...*finding.Rule) {
		if f := n.Get(field); said && f != nil {
			for _, r := range rules {
				all = append(all, gwapi.Carried{Rule: r, At: f.Place(), By: by})
			}
		}
	}
	does(c.tls.MinVersion != "", "minProtocolVersion", rule.TLSMinimum, rule.TLSDefault)
	does(c.tls.MaxVersion != "", "maxProtocolVersion", rule.TLSMaximum, rule.TLSDefault)
	does(len(c.tls.Ciphers) > 0, "cipherSuites", rule.CipherSuites)
	return all
}
