package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// mostPlaces are named for each thing that the sidecar did.
const mostPlaces = 10

// sidecar says what Istio's proxies do for workloads without being asked, and how
// the input is concerned. All of it stays as long as the sidecars do; the report
// says what is missing where they go.
func (b *builder) sidecar() []Unasked {
	f := b.survey()
	return []Unasked{
		b.mutualTLS(f), b.retriesUnasked(f), b.noTimeout(f), b.connectTimeout(f),
		b.balancing(f), b.telemetry(f), b.enforcement(f), b.egress(f),
	}
}

// survey is what the input holds of what the section speaks of.
type survey struct {
	services, destinationRules int
	byKind                     map[string][]*source.Document
	forwarding                 []*source.Node // http[] elements with a destination
	connect                    []*source.Node // connectTimeout of DestinationRules
	http2                      []*source.Node // ports of Services that speak HTTP/2 or gRPC
}

func (b *builder) survey() survey {
	f := survey{byKind: map[string][]*source.Document{}}
	for _, d := range b.docs {
		spec := d.Root.Get("spec")
		switch {
		case d.Kind == "Service" && d.APIVersion == "v1":
			f.services++
			f.http2 = append(f.http2, pick(spec.Get("ports"), multiplexed)...)
		case isNetworking(d, "VirtualService"):
			f.forwarding = append(f.forwarding, pick(spec.Get("http"), func(n *source.Node) bool { return n.Has("route") })...)
		case isNetworking(d, "DestinationRule"):
			f.destinationRules++
			for _, p := range policies(spec) {
				if n := p.Get("connectionPool").Get("tcp").Get("connectTimeout"); n != nil {
					f.connect = append(f.connect, n)
				}
			}
		}
		if isIstio(d) {
			f.byKind[d.Kind] = append(f.byKind[d.Kind], d)
		}
	}
	return f
}

// pick is those children of n that are wanted.
func pick(n *source.Node, wanted func(*source.Node) bool) []*source.Node {
	return slices.DeleteFunc(items(n), func(c *source.Node) bool { return !wanted(c) })
}

// items are the children of n, none where n is not there.
func items(n *source.Node) []*source.Node {
	if n == nil {
		return nil
	}
	children := n.Children()
	all := make([]*source.Node, len(children))
	for i := range children {
		all[i] = &children[i]
	}
	return all
}

// multiplexed tells whether a port of a Service is for HTTP/2 or gRPC: by its
// appProtocol, else by the first word of its name (Istio
// pkg/config/kube/conversion.go ConvertProtocol).
func multiplexed(port *source.Node) bool {
	word := strings.ToLower(port.Text("appProtocol"))
	if word == "" {
		word, _, _ = strings.Cut(strings.ToLower(port.Text("name")), "-")
		if strings.HasPrefix(strings.ToLower(port.Text("name")), "grpc-web") {
			word = "grpc-web"
		}
	}
	return slices.Contains([]string{"grpc", "grpc-web", "http2", "kubernetes.io/h2c"}, word)
}

func (b *builder) mutualTLS(f survey) Unasked {
	all := f.byKind["PeerAuthentication"]
	strict := 0
	for _, d := range all {
		if strings.Contains(modes(d.Root.Get("spec")), "STRICT") {
			strict++
		}
	}
	where := fmt.Sprintf("The input has no PeerAuthentication: traffic between the %s is encrypted wherever both sides have a proxy.", services(f.services))
	if len(all) > 0 {
		where = fmt.Sprintf("The input has %s, of which %d %s mutual TLS.", count(len(all), "PeerAuthentication", "PeerAuthentications"), strict, verb(strict, "demands", "demand"))
	}
	return Unasked{
		Title: "mutual TLS between workloads", Where: where, Places: b.documents(all),
		Text:   "Sidecars encrypt every connection between two of them, and prove to each other by certificate who they are. Without them pods speak what the application speaks: plain text, as a rule, and an address is all that is known of a caller.",
		Advice: "Decide per namespace: keep the mesh (ambient mode does the same without sidecars), encrypt between nodes (WireGuard of the network plugin), or TLS in the applications; bound who may connect by NetworkPolicy.",
	}
}

// modes are the TLS modes that a PeerAuthentication names.
func modes(spec *source.Node) string {
	text := spec.Get("mtls").Text("mode")
	for _, port := range items(spec.Get("portLevelMtls")) {
		text += " " + port.Text("mode")
	}
	return text
}

func (b *builder) retriesUnasked(f survey) Unasked {
	unset := without(f.forwarding, "retries")
	return Unasked{
		Title: "two retries of every request", Places: b.nodes(unset),
		Where:  fmt.Sprintf("%d of %s %s no retries; these and all Services without a VirtualService are retried twice today.", len(unset), count(len(f.forwarding), "route", "routes"), verb(len(unset), "sets", "set")),
		Text:   "Where nothing is written Istio repeats a request up to two times, at another pod, when it could not connect, the stream was refused, or gRPC says unavailable or cancelled. That hides restarts of pods. Gateway API has no such default: a pod that goes away is an error that the caller sees.",
		Advice: "Let clients retry what may be repeated, at most twice, on failed connections; give pods a preStop pause and a readiness probe, so that fewer connections fail.",
	}
}

func (b *builder) noTimeout(f survey) Unasked {
	unset := without(f.forwarding, "timeout")
	return Unasked{
		Title: "no timeout of requests", Places: b.nodes(unset),
		Where:  fmt.Sprintf("%d of %s %s no timeout.", len(unset), count(len(f.forwarding), "route", "routes"), verb(len(unset), "sets", "set")),
		Text:   "Where nothing is written Istio waits for a response without end. Gateway API leaves that to the implementation, and some cut a request off after 15 seconds: long downloads, streams and slow reports break.",
		Advice: "Look up the default of your implementation; write timeouts.request: 0s for what may take long, and a bound of your own for the rest.",
	}
}

func (b *builder) connectTimeout(f survey) Unasked {
	where := fmt.Sprintf("No DestinationRule of %d sets connectTimeout: 10 seconds hold for the %s.", f.destinationRules, services(f.services))
	if len(f.connect) > 0 {
		where = fmt.Sprintf("connectTimeout is set in %s of %s; everywhere else 10 seconds hold.", count(len(f.connect), "place", "places"), count(f.destinationRules, "DestinationRule", "DestinationRules"))
	}
	return Unasked{
		Title: "connections given up after 10 seconds", Where: where, Places: b.nodes(f.connect),
		Text:   "A sidecar gives up on a connection that is not there after 10 seconds, and tries another pod. Without it that is the operating system's business, which tries for two minutes and more.",
		Advice: "Set a connect timeout in every client; most libraries have none, or a long one.",
	}
}

func (b *builder) balancing(f survey) Unasked {
	where := "No port of the Services in the input says that it speaks HTTP/2 or gRPC."
	if len(f.http2) > 0 {
		where = fmt.Sprintf("%s of Services %s to HTTP/2 or gRPC.", count(len(f.http2), "port", "ports"), verb(len(f.http2), "is given", "are given"))
	}
	return Unasked{
		Title: "every request of HTTP/2 and gRPC balanced", Where: where, Places: b.nodes(f.http2),
		Text:   "A sidecar picks a pod for each request, and takes the one with the fewest under way. A Service of Kubernetes picks one for each connection: a gRPC or HTTP/2 client keeps its one connection, and so stays on one pod, also when new ones come.",
		Advice: "Give such Services a headless twin and let clients balance (gRPC: dns:/// with round_robin), or bound the age of connections on the server (gRPC: MaxConnectionAge).",
	}
}

func (b *builder) telemetry(f survey) Unasked {
	all := f.byKind["Telemetry"]
	where := fmt.Sprintf("The input has no Telemetry object; the defaults hold for the %s.", services(f.services))
	if len(all) > 0 {
		where = fmt.Sprintf("%s in the input %s it.", count(len(all), "Telemetry object", "Telemetry objects"), verb(len(all), "shapes", "shape"))
	}
	return Unasked{
		Title: "metrics, access logs and spans of every call", Where: where, Places: b.documents(all),
		Text:   "Sidecars count requests, errors and latencies by caller and callee (istio_requests_total and its kin), write access logs, and add two spans to each call of a trace. Dashboards, alerts and service levels that read these go blank.",
		Advice: "List the dashboards and alerts that name istio_ metrics, and move them to metrics of the applications and of the new gateway before you switch.",
	}
}

func (b *builder) enforcement(f survey) Unasked {
	all := slices.Concat(f.byKind["AuthorizationPolicy"], f.byKind["RequestAuthentication"])
	where := "The input has no AuthorizationPolicy and no RequestAuthentication; look for them in the cluster."
	if len(all) > 0 {
		where = fmt.Sprintf("The input has %s and %s.", count(len(f.byKind["AuthorizationPolicy"]), "AuthorizationPolicy", "AuthorizationPolicies"),
			count(len(f.byKind["RequestAuthentication"]), "RequestAuthentication", "RequestAuthentications"))
	}
	return Unasked{
		Title: "the place where policies are enforced", Where: where, Places: b.documents(all),
		Text:   "AuthorizationPolicy and RequestAuthentication are enforced by the proxies that they select. The pods of the new gateway are others than those that istio: ingressgateway selects, and without sidecars nothing enforces anything at the workloads: a policy that stays in the cluster then protects nobody.",
		Advice: "Write policies for the new gateway (targetRefs to the Gateway, with Istio) and test that they refuse, before any traffic goes there; replace those between workloads by NetworkPolicy or checks in the applications.",
	}
}

func (b *builder) egress(f survey) Unasked {
	sidecars, entries := f.byKind["Sidecar"], f.byKind["ServiceEntry"]
	only := 0
	for _, d := range sidecars {
		if d.Root.Get("spec").Get("outboundTrafficPolicy").Text("mode") == "REGISTRY_ONLY" {
			only++
		}
	}
	where := "The input has no Sidecar and no ServiceEntry; whether the mesh itself is set to REGISTRY_ONLY it does not say."
	if len(sidecars)+len(entries) > 0 {
		where = fmt.Sprintf("The input has %s and %s; %s with REGISTRY_ONLY.", count(len(sidecars), "Sidecar", "Sidecars"),
			count(len(entries), "ServiceEntry", "ServiceEntries"), count(only, "Sidecar refuses unknown hosts", "Sidecars refuse unknown hosts"))
	}
	return Unasked{
		Title: "control of what leaves the mesh", Where: where, Places: b.documents(slices.Concat(sidecars, entries)),
		Text:   "Calls to hosts outside pass the sidecar: it knows them by ServiceEntry, refuses others with REGISTRY_ONLY, and limits with Sidecar objects whom a workload may reach. Without it every pod reaches whatever the network lets it.",
		Advice: "Write NetworkPolicies for egress (by name where your network plugin can), and keep an egress gateway for what must be logged.",
	}
}

// without is those of nodes whose authors did not write key.
func without(nodes []*source.Node, key string) []*source.Node {
	var all []*source.Node
	for _, n := range nodes {
		if !n.Has(key) {
			all = append(all, n)
		}
	}
	return all
}

func (b *builder) nodes(all []*source.Node) []Place {
	places := []Place{}
	for _, n := range all[:min(len(all), mostPlaces)] {
		if p := b.place(n.Place()); p != nil {
			places = append(places, *p)
		}
	}
	return places
}

func (b *builder) documents(all []*source.Document) []Place {
	places := []Place{}
	for _, d := range all[:min(len(all), mostPlaces)] {
		if p := b.place(d.Place()); p != nil {
			places = append(places, *p)
		}
	}
	return places
}

func services(n int) string { return count(n, "Service", "Services") }

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
