package keep

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// rootNamespace is where Istio looks last, by its default.
const rootNamespace = "istio-system"

// gatewayLabel is on the pods that Istio runs for a Gateway, in its namespace
// (manifests/charts/istio-control/istio-discovery/files/kube-gateway.yaml).
const gatewayLabel = "gateway.networking.k8s.io/gateway-name"

// caller is a pod that makes connections.
type caller struct {
	namespace string
	labels    map[string]string
}

// gateways reports what changes since pods of gateways are others, in other
// namespaces, than today.
func (k *keeper) gateways() {
	for _, g := range k.model.Gateways {
		today := caller{g.PodNamespace, g.Spec.GetSelector()}
		then := caller{g.Namespace, map[string]string{gatewayLabel: g.Name.Name}}
		lost, gained := map[*group][]string{}, map[*group][]string{}
		used := map[*group]bool{}
		for _, service := range k.reached(g.Name) {
			before, after := k.visible(today, service), k.visible(then, service)
			if after != nil {
				used[after] = true
			}
			if before == after {
				continue
			}
			if before != nil {
				lost[before] = append(lost[before], service.String())
			}
			if after != nil {
				gained[after] = append(gained[after], service.String())
			}
		}
		for _, group := range k.groups {
			k.visibility(g, group, lost[group], "today and not afterwards")
			k.visibility(g, group, gained[group], "afterwards and not today")
			if used[group] {
				k.certificates(g, group)
			}
		}
	}
}

func (k *keeper) visibility(g *mesh.Gateway, of *group, services []string, when string) {
	if len(services) == 0 || of.top == nil && !slices.ContainsFunc(of.subsets, func(s *subset) bool { return s.TrafficPolicy != nil }) {
		return
	}
	k.note(rule.GatewaySees, of.rules[0].Object.Place(), "requests through Gateway %s to %s stand under this DestinationRule %s: the gateway's pods run in namespace %s today and in %s afterwards.",
		g.Name, some(services), when, g.PodNamespace, g.Namespace)
}

// some is a list for a sentence.
func some(services []string) string {
	if len(services) == 1 {
		return "Service " + services[0]
	}
	return fmt.Sprintf("Service %s and %d more", services[0], len(services)-1)
}

// reached are the Services of the input that routes of a Gateway send to.
func (k *keeper) reached(gateway route.Name) []route.Name {
	base := map[route.Name]route.Name{}
	for _, t := range k.model.SubsetTargets {
		if !t.Found {
			base[t.Target] = t.Service
		}
	}
	var tables []*route.Table
	for _, t := range k.model.Tables {
		if slices.ContainsFunc(t.Entries, func(e route.Entry) bool { return !e.Mesh && e.Parent == gateway }) {
			tables = append(tables, t)
		}
	}
	all := map[route.Name]bool{}
	for name := range mesh.Targets(tables) {
		if from, made := base[name]; made {
			name = from
		}
		all[name] = true
	}
	delete(all, route.Name{})
	return slices.SortedFunc(maps.Keys(all), route.Name.Compare)
}

// visible is the group that counts for the connections of a caller to a Service;
// nil for none (pilot/pkg/model/push_context.go, destinationRule, and sidecar.go,
// SidecarScope.DestinationRule).
func (k *keeper) visible(c caller, service route.Name) *group {
	host := fqdn(service)
	local := func(g *group) bool {
		return g.shownTo(c.namespace) && (c.namespace != rootNamespace || g.private())
	}
	if found := mostSpecific(k.of(c.namespace, local), host); len(found) > 0 {
		return c.choose(found)
	}
	for _, namespace := range []string{service.Namespace, rootNamespace} {
		exported := mostSpecific(k.of(namespace, func(g *group) bool { return !g.private() }), host)
		exported = slices.DeleteFunc(exported, func(g *group) bool { return !g.shownTo(c.namespace) })
		if len(exported) > 0 {
			return c.choose(exported)
		}
	}
	return nil
}

// choose picks the group for the caller's labels, or the last for all.
func (c caller) choose(groups []*group) *group {
	var general *group
	for _, g := range groups {
		s := g.rules[0].Spec.WorkloadSelector
		if s == nil {
			general = g
			continue
		}
		holds := true
		for key, value := range s.MatchLabels {
			holds = holds && c.labels[key] == value
		}
		if holds && g.namespace() == c.namespace {
			return g
		}
	}
	return general
}

// certificates reports where the pods of a gateway look for certificates that
// they find elsewhere today.
func (k *keeper) certificates(g *mesh.Gateway, of *group) {
	for _, dr := range of.rules {
		for _, tls := range settingsOf(dr.Spec) {
			at := dr.Object.Node(tls)
			secret, file := tls.CredentialName, firstFile(tls)
			switch {
			case strings.Contains(secret, "://"): // names its namespace, or is refused
			case secret != "" && g.Namespace != g.PodNamespace:
				k.add(finding.New(rule.CertificateMoves, at.At("credentialName"), "Gateway %s reads Secret %s in namespace %s for connections to %s, and its pods read it in %s today; requests fail until it is there.",
					g.Name, secret, g.Namespace, dr.Spec.Host, g.PodNamespace).WithHint("Put the Secret into namespace %s before traffic moves.", g.Namespace))
			case secret == "" && file != "":
				k.add(finding.New(rule.CertificateMoves, at.Place(), "the pods of Gateway %s need %s for connections to %s; Istio runs new pods for the Gateway, which have no such file, and requests fail.",
					g.Name, file, dr.Spec.Host).WithHint("Put what stands in the files into a Secret of namespace %s, and name it by credentialName.", g.Namespace))
			}
		}
	}
}

// firstFile is a file that TLS needs, or "".
func firstFile(tls *networking.ClientTLSSettings) string {
	for _, file := range []string{tls.ClientCertificate, tls.PrivateKey, tls.CaCertificates, tls.CaCrl} {
		if file != "" && file != "system" {
			return file
		}
	}
	return ""
}

// settingsOf lists the settings that make connections with certificates of their own.
func settingsOf(spec *networking.DestinationRule) []*networking.ClientTLSSettings {
	policies := []*networking.TrafficPolicy{spec.TrafficPolicy}
	for _, s := range spec.Subsets {
		policies = append(policies, s.GetTrafficPolicy())
	}
	var all []*networking.ClientTLSSettings
	for _, p := range policies {
		all = append(all, p.GetTls())
		for _, port := range p.GetPortLevelSettings() {
			all = append(all, port.GetTls())
		}
	}
	return slices.DeleteFunc(all, func(s *networking.ClientTLSSettings) bool {
		return s.GetMode() != networking.ClientTLSSettings_SIMPLE && s.GetMode() != networking.ClientTLSSettings_MUTUAL
	})
}
