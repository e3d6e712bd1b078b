package istio

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// otherKinds are the kinds of Istio that are not carried over. In a message
// {who} stands for the workloads that the object is for.
var otherKinds = map[string]struct {
	rule    *finding.Rule
	message string
}{
	"AuthorizationPolicy":   {rule.AuthorizationPolicy, "Requests are allowed and refused by this policy today on {who}; the new gateway's pods do not stand under it."},
	"RequestAuthentication": {rule.RequestAuthentication, "Tokens are checked today on {who}; the new gateway's pods do not check them."},
	"PeerAuthentication":    {rule.PeerAuthentication, "Mutual TLS between workloads is set today for {who}; Gateway API has nothing that enforces it."},
	"EnvoyFilter":           {rule.EnvoyFilter, "Envoy is patched today on {who}; the new gateway is not."},
	"WasmPlugin":            {rule.WasmPlugin, "An extension runs today on {who}; it does not run on the new gateway."},
	"TrafficExtension":      {rule.WasmPlugin, "An extension runs today on {who}; it does not run on the new gateway."},
	"Sidecar":               {rule.Sidecar, "The reach of {who} through the mesh is limited today; Gateway API limits nobody's reach."},
	"WorkloadEntry":         {rule.WorkloadEntry, "A machine outside of Kubernetes gets requests today; a route's backend is a Service, which does not know it."},
	"WorkloadGroup":         {rule.WorkloadEntry, "Machines outside of Kubernetes join the mesh by this group today; a route's backend is a Service, which does not know them."},
	"Telemetry":             {rule.Telemetry, "Metrics, logs or traces of {who} are configured here; the new gateway's are not."},
	"ProxyConfig":           {rule.ProxyConfig, "The proxies of {who} are configured here; the new gateway's are not."},
	"IstioOperator":         {rule.MeshInstallation, "The mesh is installed by this object; its mesh-wide settings are not looked at."},
	"Istio":                 {rule.MeshInstallation, "The mesh is installed by this object; its mesh-wide settings are not looked at."},
}

// deadGroups are groups that Istio reads no longer: Mixer's and the first
// authentication and authorization APIs, gone with releases 1.5 and 1.6.
var deadGroups = []string{"config.istio.io", "authentication.istio.io", "rbac.istio.io"}

// installers are groups whose objects install Istio; but for the two in
// otherKinds they hold nothing that acts on requests.
var installers = []string{"install.istio.io", "sailoperator.io"}

// otherKind reports an object of Istio that is not bound; nil for all others.
func otherKind(d *source.Document, group, version string) []finding.Finding {
	if !strings.HasSuffix("."+group, ".istio.io") && group != "sailoperator.io" {
		return nil
	}
	one := func(r *finding.Rule, format string, args ...any) []finding.Finding {
		return []finding.Finding{finding.New(r, d.Place(), format, args...)}
	}
	known, ok := otherKinds[d.Kind]
	switch {
	case slices.Contains(deadGroups, group):
		return one(rule.DeadKind, "Istio reads no %s of %s any more; the object has no effect.", d.Kind, d.APIVersion)
	case slices.Contains(installers, group) && !ok:
		return nil // IstioCNI, ZTunnel, IstioRevision, ...
	case d.Kind == "PeerAuthentication" && !demandsTLS(d.Root.Get("spec")):
		return one(rule.PeerAuthenticationOpen, "This policy lets plain text in for %s today, and Gateway API does not ask for more.", workloads(d))
	case ok:
		return one(known.rule, "%s", strings.ReplaceAll(known.message, "{who}", workloads(d)))
	case roots[d.Kind] != nil && group == networkingGroup:
		return one(rule.UnknownVersion, "Istio serves no %s as %s (v1, v1beta1 and v1alpha3 it does); the object has no effect, and is not converted.", d.Kind, d.APIVersion)
	case roots[d.Kind] != nil:
		return one(rule.UnknownVersion, "%s is a kind of networking.istio.io, not of %s; the object has no effect, and is not converted.", d.Kind, group)
	}
	return one(rule.UnknownKind, "What a %s of %s does to traffic is not known; it is not carried over.", d.Kind, d.APIVersion)
}

// demandsTLS tells whether a PeerAuthentication refuses plain text on some port.
// UNSET takes over what a policy above it says, which is reported there.
func demandsTLS(spec *source.Node) bool {
	strict := func(n *source.Node) bool { return n.Text("mode") == "STRICT" }
	ports := spec.Get("portLevelMtls")
	if ports == nil {
		return strict(spec.Get("mtls"))
	}
	children := ports.Children()
	for i := range children {
		if strict(&children[i]) {
			return true
		}
	}
	return strict(spec.Get("mtls"))
}

// workloads says for which pods an object is, by its selector or targets.
func workloads(d *source.Document) string {
	spec := d.Root.Get("spec")
	if targets := targetRefs(spec); targets != "" {
		return targets
	}
	for _, selector := range []*source.Node{
		spec.Get("selector").Get("matchLabels"), spec.Get("selector"), spec.Get("workloadSelector").Get("labels"), spec.Get("workloadSelector").Get("matchLabels"),
	} {
		if labels := labels(selector); labels != "" {
			return "the pods labelled " + labels
		}
	}
	if d.Namespace != "" {
		return fmt.Sprintf("all pods of namespace %s (of the whole mesh, if that is its root namespace)", d.Namespace)
	}
	return "all pods of its namespace"
}

func labels(n *source.Node) string {
	if n == nil || n.Kind != source.Map {
		return ""
	}
	values := map[string]string{}
	for _, c := range n.Children() {
		if c.Kind != source.Map && c.Kind != source.List {
			values[c.Key()] = c.Value()
		}
	}
	pairs := make([]string, 0, len(values))
	for _, k := range slices.Sorted(maps.Keys(values)) {
		pairs = append(pairs, k+"="+values[k])
	}
	return strings.Join(pairs, ", ")
}

func targetRefs(spec *source.Node) string {
	refs := spec.Get("targetRefs")
	if one := spec.Get("targetRef"); one != nil {
		return one.Text("kind") + " " + one.Text("name")
	}
	if refs == nil {
		return ""
	}
	var names []string
	for i := range refs.Children() {
		c := &refs.Children()[i]
		names = append(names, c.Text("kind")+" "+c.Text("name"))
	}
	return strings.Join(names, ", ")
}
