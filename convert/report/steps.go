package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// crd is where the version and channel of the installed CRDs are written.
const crd = `kubectl get crd httproutes.gateway.networking.k8s.io -o jsonpath='{.metadata.annotations.gateway\.networking\.k8s\.io/bundle-version} {.metadata.annotations.gateway\.networking\.k8s\.io/channel}{"\n"}'`

func (p plan) checkCluster() Step {
	return Step{
		Title: "Check the cluster",
		Text: fmt.Sprintf("The output is for Gateway API %s and GatewayClass %s. A cluster with older CRDs prunes fields that it does not know in silence, so compare before anything is applied.",
			p.bundle, p.class),
		Commands: []string{crd, "kubectl get gatewayclass " + route.ShellWord(p.class)},
		Back:     "Nothing has changed.",
	}
}

func (p plan) install() Step {
	file := "standard-install.yaml"
	if p.bundle.Channel == target.Experimental {
		file = "experimental-install.yaml"
	}
	return Step{
		Title: "Install Gateway API beside Istio",
		Text:  "Only where the first step shows that the CRDs are missing or older. They serve nobody until a Gateway is created; Istio goes on as before.",
		Commands: []string{
			fmt.Sprintf("kubectl apply --server-side -f https://github.com/kubernetes-sigs/gateway-api/releases/download/v%s.0/%s", p.bundle.Version, file),
		},
		Back: "Leave the CRDs: deleting one deletes all of its objects, those of other teams as well.",
	}
}

func (p plan) convert() Step {
	s := Step{
		Title: "Convert",
		Text:  "Put the output under version control, and read the findings. Exit code 1 says that there are errors among them; the files are written all the same.",
		Back:  "Delete the folder; nothing is in the cluster yet.",
	}
	if len(p.input) == 0 {
		s.Commands = append(s.Commands, export)
	}
	if !p.mesh {
		s.Commands = append(s.Commands, p.converting("--out-dir=gateway-api"))
		return s
	}
	if p.edge {
		s.Text += " The routes of the mesh go to a folder of their own, since they can't stand beside the VirtualServices that they replace."
		s.Commands = append(s.Commands, p.converting("--mesh=off", "--out-dir=gateway-api"))
	}
	s.Commands = append(s.Commands, p.converting("--out-dir=gateway-api-mesh"))
	return s
}

func (p plan) verify() Step {
	folder := "gateway-api"
	if p.mesh {
		folder = "gateway-api-mesh"
	}
	flags := ""
	for _, f := range p.flags {
		if strings.HasPrefix(f, "--namespace=") || strings.HasPrefix(f, "--gateway-namespace=") || strings.HasPrefix(f, "--target=") {
			flags += " " + f
		}
	}
	verify := "mesh2gw verify " + p.before() + " "
	if len(p.input) > 1 { // verify takes one path for each side
		verify = "find " + p.before() + ` -type f \( -name '*.y*ml' -o -name '*.json' \) -exec sh -c 'cat "$1"; echo; echo ---' sh {} \; | mesh2gw verify - `
	}
	return Step{
		Title:    "Verify",
		Text:     "Says for every host whether all requests are handled as before, or shows one that is not. Do it again after each change by hand.",
		Commands: []string{verify + folder + flags},
		Back:     "Nothing has changed.",
	}
}

func (p plan) controllers() Step {
	return Step{
		Title: "Hand weights to the rollout controller",
		Text: fmt.Sprintf("%s had no routes written: Flagger or Argo Rollouts changes the weights, and static ones would stop a rollout half-way. Let the controller write HTTPRoutes (Flagger: provider gatewayapi:v1; Argo Rollouts: its Gateway API plugin), and remove these objects only when it does.",
			count(len(p.owned), "VirtualService", "VirtualServices")),
		Commands: slices.Concat([]string{"kubectl get canaries.flagger.app,rollouts.argoproj.io -A"}, listing("kubectl get", p.owned)),
		Back:     "Point the controller at Istio again.",
	}
}

func (p plan) apply() Step {
	text := "The new Gateways get a data plane and an address of their own; the old one goes on serving. Look at what the server says first: a dry run applies the CRDs' validation and all admission webhooks."
	if p.mesh {
		text += " The routes of the mesh wait."
	}
	return Step{
		Title: "Apply", Text: text,
		Commands: []string{"mesh2gw apply gateway-api --dry-run=server", "mesh2gw apply gateway-api"},
		Back:     "mesh2gw rollback removes what was applied, and nothing else.",
	}
}

// wait names the Gateways. Routes are accepted by each parent on its own, which
// kubectl wait can't ask for; a listing shows those that are not.
func (p plan) wait() Step {
	s := Step{
		Title: "Wait until the Gateways serve",
		Text:  "Programmed means that a Gateway was accepted and its data plane has the configuration; Accepted on each route, that a listener took it. A listener whose certificate can't be read is not opened at all.",
		Back:  "kubectl delete -k gateway-api",
	}
	for _, g := range p.gateways {
		s.Commands = append(s.Commands, "kubectl wait --for=condition=Programmed --timeout=5m "+g.cluster())
	}
	s.Commands = append(s.Commands,
		`kubectl get httproutes -A -o custom-columns='NAMESPACE:.metadata.namespace,NAME:.metadata.name,ACCEPTED:.status.parents[*].conditions[?(@.type=="Accepted")].status,REFS:.status.parents[*].conditions[?(@.type=="ResolvedRefs")].status'`)
	return s
}

// mostProbes are listed of what can be probed.
const mostProbes = 20

// probe sends the requests that differ, and one for each other host, to the new
// address before any name points there.
func (p plan) probe(b *builder) Step {
	s := Step{
		Title: "Probe the new address",
		Text:  "Each request goes to the new Gateway whatever DNS says. Requests that the report knows to differ come first.",
		Back:  "Nothing has changed: clients still reach the old gateway.",
	}
	probes := 0
	for _, g := range p.gateways {
		lines, all := b.probes(g, mostProbes-min(probes, mostProbes))
		probes += all
		if len(lines) > 0 {
			s.Commands = append(s.Commands, fmt.Sprintf("ADDRESS=$(kubectl get %s -o jsonpath='{.status.addresses[0].value}')", g.cluster()))
			s.Commands = append(s.Commands, lines...)
		}
	}
	if probes > mostProbes {
		s.Text += fmt.Sprintf(" These are %d of %d; the others are in the list of hosts.", mostProbes, probes)
	}
	return s
}

// probes are up to most commands for the hosts of a Gateway, of all.
func (b *builder) probes(g object, most int) (lines []string, all int) {
	var differ, equal []string
	for _, r := range b.result.Proof {
		d := r.After
		if d == nil || len(d.Lists) == 0 || d.Entry.Mesh || d.Protocol != route.HTTP || d.Entry.Parent.Name != g.name || d.Entry.Parent.Namespace != cmp.Or(g.namespace, b.Convert.Namespace) {
			continue
		}
		for i := range r.Differences {
			differ = append(differ, probe(d, r.Differences[i].Witness))
			if i == 1 {
				break // two of a host are enough to see
			}
		}
		if list := prove.ListFor(d, sampleName(r.Host)); r.Verdict == prove.Equal && list != nil && len(list.Rules) > 0 {
			equal = append(equal, probe(d, route.Request{Path: "/", Authority: sampleName(r.Host)}))
		}
	}
	lines = slices.Concat(differ, equal)
	return lines[:min(len(lines), most)], len(lines)
}

// probe sends w to $ADDRESS. --connect-to does what --resolve does, and takes
// names as well, which the load balancers of some clouds have for an address.
func probe(d *route.Door, w route.Request) string {
	name, port := d.Host(w)
	if port == 0 {
		port = map[bool]uint32{false: 80, true: 443}[d.Secure]
	}
	from := fmt.Sprintf("%s:%d:", name, port)
	return d.Curl(w, "--connect-to", route.ShellWord(from)+`"$ADDRESS"`+fmt.Sprintf(":%d", port))
}

// sampleName is a name of a host.
func sampleName(host string) string {
	if suffix, wild := strings.CutPrefix(host, "*"); wild {
		return "www" + suffix
	}
	if host == "" {
		return "example.com"
	}
	return host
}

func (p plan) shift() Step {
	s := Step{
		Title: "Shift the traffic",
		Text:  "Lower the time to live of the names a day before. Move one host of little weight first, then by weighted DNS records or the load balancer in front, and wait in between for as long as clients keep names.",
		Commands: []string{
			"kubectl get services --namespace=" + route.ShellWord(p.oldPods) + " -o wide",
		},
		Back: "Point the names at the old address, which the first command shows; it serves until the Istio objects are removed.",
	}
	for _, g := range p.gateways {
		s.Commands = append(s.Commands, "kubectl get "+g.cluster()+" -o jsonpath='{.status.addresses[*].value}{\"\\n\"}'")
	}
	return s
}

// watch finds the pods by the label that GEP-1762 asks implementations to set.
func (p plan) watch() Step {
	s := Step{
		Title: "Watch",
		Text:  "Compare rates of 404, 500 and 503, and latencies, with those of the old gateway over a whole day's load; 404 is a host or path without a route, 500 a backend that a route can't reach.",
		Back:  "Point the names at the old address.",
	}
	for _, g := range p.gateways {
		namespace := ""
		if g.namespace != "" {
			namespace = " --namespace=" + route.ShellWord(g.namespace)
		}
		s.Commands = append(s.Commands, "kubectl logs"+namespace+" --selector="+route.ShellWord("gateway.networking.k8s.io/gateway-name="+g.name)+" --since=15m --tail=200")
	}
	return s
}

func (p plan) switchMesh() Step {
	return Step{
		Title: "Switch the mesh",
		Text:  "What a proxy does with a VirtualService and an HTTPRoute for one host at once is not defined: go Service by Service, in a quiet hour, and remove the VirtualService of a host right after its route is applied. Save the objects first.",
		Commands: []string{
			"kubectl get virtualservices.networking.istio.io -A -o yaml > virtualservices-before.yaml",
			"mesh2gw apply gateway-api-mesh --set mesh --dry-run=server", "mesh2gw apply gateway-api-mesh --set mesh",
		},
		Back: "kubectl apply -f virtualservices-before.yaml, then mesh2gw rollback --set mesh.",
	}
}

func (p plan) remove() Step {
	s := Step{
		Title: "Remove the Istio objects",
		Text:  "When nothing asks for them any more. DestinationRules, policies and ServiceEntries stay as long as proxies of Istio run, which obey them; what they do for callers is listed in the hints.",
		Commands: slices.Concat([]string{"kubectl get virtualservices.networking.istio.io,gateways.networking.istio.io -A -o yaml > istio-before.yaml"},
			listing("kubectl delete", p.old)),
		Back: "kubectl apply -f istio-before.yaml",
	}
	if len(p.kept) > 0 {
		s.Text += fmt.Sprintf(" %s not among them, since rules of %s are lost: %s.", count(len(p.kept), "VirtualService is", "VirtualServices are"),
			verb(len(p.kept), "it", "them"), names(p.kept))
	}
	return s
}

// names are some of the objects in a sentence.
func names(all []object) string {
	const few = 10
	var texts []string
	for _, o := range all[:min(few, len(all))] {
		texts = append(texts, strings.TrimPrefix(o.namespace+"/"+o.name, "/"))
	}
	if more := len(all) - few; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, ", ")
}

// listing names objects in as few commands as their namespaces and the length of
// a line allow.
func listing(command string, objects []object) []string {
	const perLine = 20
	sorted := slices.SortedFunc(slices.Values(objects), func(a, b object) int {
		return strings.Compare(a.namespace+"\n"+a.kind+"\n"+a.name, b.namespace+"\n"+b.kind+"\n"+b.name)
	})
	var all []string
	n := 0
	for i, o := range sorted {
		if i == 0 || o.namespace != sorted[i-1].namespace || n == perLine {
			line := command
			if o.namespace != "" {
				line += " --namespace=" + route.ShellWord(o.namespace)
			}
			all, n = append(all, line), 0
		}
		all[len(all)-1] += " " + route.ShellWord(o.kind+"/"+o.name)
		n++
	}
	return all
}
