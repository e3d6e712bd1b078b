package mtls

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Input is what the manifests say of identities, copied out of the documents.
type Input struct {
	workloads []*workload
	peers     []peer
}

// workload makes pods.
type workload struct {
	route.Name
	kind    string
	account string            // serviceAccountName; "default" where none is written, as in Kubernetes
	labels  map[string]string // of its pods
	ports   map[string]string // numbers of container ports, by name
	outside bool              // has no proxy, so that there is nothing to replace
	at      finding.Place
}

// peer is a PeerAuthentication.
type peer struct {
	route.Name
	selector map[string]string
	mode     string            // "" is UNSET
	ports    map[string]string // mode by port of the pod
	at       finding.Place
}

// templates says where the pods of a kind are described.
var templates = map[string][]string{
	"Pod": {}, "Deployment": {"spec", "template"}, "StatefulSet": {"spec", "template"}, "DaemonSet": {"spec", "template"},
	"ReplicaSet": {"spec", "template"}, "ReplicationController": {"spec", "template"}, "Job": {"spec", "template"},
	"CronJob": {"spec", "jobTemplate", "spec", "template"}, "Rollout": {"spec", "template"},
}

// Read takes workloads and PeerAuthentications from docs.
func Read(docs []*source.Document, namespace string) *Input {
	in := &Input{}
	for _, d := range docs {
		name := route.Name{Namespace: strings.Clone(cmp.Or(d.Namespace, namespace)), Name: strings.Clone(d.Name)}
		path, ok := templates[d.Kind]
		group, _, _ := strings.Cut(d.APIVersion, "/")
		switch {
		case ok:
			in.workload(d, name, path)
		case d.Kind == "PeerAuthentication" && group == "security.istio.io":
			in.peer(d, name)
		}
	}
	slices.SortFunc(in.workloads, func(a, b *workload) int { return cmp.Or(a.Name.Compare(b.Name), strings.Compare(a.kind, b.kind)) })
	slices.SortFunc(in.peers, func(a, b peer) int { return a.Name.Compare(b.Name) })
	return in
}

func (in *Input) workload(d *source.Document, name route.Name, path []string) {
	pod := d.Root
	for _, key := range path {
		pod = pod.Get(key)
	}
	spec := pod.Get("spec")
	in.workloads = append(in.workloads, &workload{
		Name: name, kind: strings.Clone(d.Kind), labels: texts(pod.Get("metadata").Get("labels")), at: d.Place(),
		account: strings.Clone(cmp.Or(spec.Text("serviceAccountName"), spec.Text("serviceAccount"), "default")),
		ports:   portNames(spec), outside: withoutProxy(pod),
	})
}

// portNames are the container ports that a Service may name as targetPort.
func portNames(spec *source.Node) map[string]string {
	all := map[string]string{}
	for _, c := range items(spec.Get("containers")) {
		for _, port := range items(c.Get("ports")) {
			if name := port.Text("name"); name != "" {
				all[strings.Clone(name)] = strings.Clone(port.Text("containerPort"))
			}
		}
	}
	return all
}

// withoutProxy tells whether Istio injects no proxy into a pod, whatever its
// namespace says: the label outranks the annotation, and pods on the network of
// their node get none (pkg/kube/inject/inject.go, injectRequired).
func withoutProxy(pod *source.Node) bool {
	const inject = "sidecar.istio.io/inject"
	meta := pod.Get("metadata")
	word := cmp.Or(meta.Get("labels").Text(inject), meta.Get("annotations").Text(inject))
	return word == "false" || pod.Get("spec").Text("hostNetwork") == "true"
}

func items(n *source.Node) []*source.Node {
	if n == nil {
		return nil
	}
	var all []*source.Node
	for i := range n.Children() {
		all = append(all, &n.Children()[i])
	}
	return all
}

func (in *Input) peer(d *source.Document, name route.Name) {
	spec := d.Root.Get("spec")
	p := peer{
		Name: name, selector: texts(spec.Get("selector").Get("matchLabels")), mode: unset(spec.Get("mtls").Text("mode")),
		ports: map[string]string{}, at: d.Place(),
	}
	for _, port := range items(spec.Get("portLevelMtls")) {
		p.ports[strings.Clone(port.Key())] = unset(port.Text("mode"))
	}
	in.peers = append(in.peers, p)
}

func unset(mode string) string {
	if mode == "UNSET" {
		return ""
	}
	return strings.Clone(mode)
}

func texts(n *source.Node) map[string]string {
	all := map[string]string{}
	for _, c := range items(n) {
		all[strings.Clone(c.Key())] = strings.Clone(c.Value())
	}
	return all
}

// selected are the workloads whose pods svc selects.
func (in *Input) selected(svc *mesh.Service) []*workload {
	if len(svc.Selector) == 0 {
		return nil
	}
	var all []*workload
	for _, w := range in.workloads {
		if w.Namespace == svc.Namespace && within(svc.Selector, w.labels) {
			all = append(all, w)
		}
	}
	return all
}

func within(part, whole map[string]string) bool {
	for k, v := range part {
		if got, ok := whole[k]; !ok || got != v {
			return false
		}
	}
	return true
}

// mode is what peers have to use at a port of w's pods, as a Service names it:
// that of the workload's PeerAuthentication, of the namespace's, of the mesh's, or
// PERMISSIVE (pilot/pkg/security/authn/policy_applier.go,
// ComposePeerAuthentication).
func (in *Input) mode(w *workload, port, root string) string {
	port = cmp.Or(w.ports[port], port)
	var levels [3]*peer
	for i := range in.peers {
		p := &in.peers[i]
		if level, ok := p.level(w, root); ok && levels[level] == nil {
			levels[level] = p
		}
	}
	if levels[0] != nil && levels[0].ports[port] != "" {
		return levels[0].ports[port]
	}
	for _, p := range levels {
		if p != nil && p.mode != "" {
			return p.mode
		}
	}
	return "PERMISSIVE"
}

// level is 0 for a policy that selects w, 1 for that of its namespace, 2 for that
// of the mesh; false where p is not for w.
func (p *peer) level(w *workload, root string) (int, bool) {
	switch {
	case len(p.selector) > 0:
		return 0, p.Namespace == w.Namespace && within(p.selector, w.labels)
	case p.Namespace == w.Namespace:
		return 1, true
	}
	return 2, p.Namespace == root
}

// identities are the ServiceAccounts of workloads that have a proxy.
func (in *Input) identities() map[route.Name]*identity {
	all := map[route.Name]*identity{}
	for _, w := range in.workloads {
		if w.outside {
			continue
		}
		name := route.Name{Namespace: w.Namespace, Name: w.account}
		if all[name] == nil {
			all[name] = &identity{Name: name, services: map[string]bool{}}
		}
		all[name].workloads = append(all[name].workloads, w)
	}
	return all
}

// demanded counts the workloads of PeerAuthentications that have an identity;
// pods without a proxy can't be reached where it is demanded anyway.
func (in *Input) demanded(root string) map[finding.Place]int {
	all := map[finding.Place]int{}
	for i := range in.peers {
		p := &in.peers[i]
		for _, w := range in.workloads {
			if _, ok := p.level(w, root); ok && !w.outside {
				all[p.at]++
			}
		}
	}
	return all
}
