package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// workload is what makes pods, or a machine that counts as one.
type workload struct {
	route.Name
	labels map[string]string // of its pods
	ports  map[uint32]bool   // containerPorts of its pods
	loose  bool              // nothing is known of the labels of its pods
	filled bool              // some of the labels have placeholders, which stand for any value
	// bare says that its pods get no sidecar, by label or annotation.
	bare bool
}

// templates says where the pods of a kind are described, by API group and kind.
var templates = map[[2]string][]string{
	{"", "Pod"}:                               {},
	{"", "ReplicationController"}:             {"spec", "template"},
	{"apps", "Deployment"}:                    {"spec", "template"},
	{"apps", "StatefulSet"}:                   {"spec", "template"},
	{"apps", "DaemonSet"}:                     {"spec", "template"},
	{"apps", "ReplicaSet"}:                    {"spec", "template"},
	{"extensions", "Deployment"}:              {"spec", "template"},
	{"extensions", "DaemonSet"}:               {"spec", "template"},
	{"extensions", "ReplicaSet"}:              {"spec", "template"},
	{"batch", "Job"}:                          {"spec", "template"},
	{"batch", "CronJob"}:                      {"spec", "jobTemplate", "spec", "template"},
	{"argoproj.io", "Rollout"}:                {"spec", "template"},
	{"apps.openshift.io", "DeploymentConfig"}: {"spec", "template"},
	{"networking.istio.io", "WorkloadGroup"}:  {"spec"},
	{"apps.kruise.io", "CloneSet"}:            {"spec", "template"},
	{"apps.kruise.io", "StatefulSet"}:         {"spec", "template"},
	{"networking.istio.io", "WorkloadEntry"}:  nil,
}

// addWorkload notes d if it makes pods.
func (in *input) addWorkload(d document) {
	path, known := templates[[2]string{group(d.Document), d.Document.Kind}]
	if !known || path == nil && d.Document.Kind != "WorkloadEntry" {
		return
	}
	w := workload{Name: d.Name, ports: map[uint32]bool{}}
	if d.Document.Kind == "WorkloadEntry" {
		w.labels, w.filled = texts(d.spec().Get("labels"))
		in.crew(d.Name.Namespace).add(w)
		return
	}
	template := d.Root
	for _, key := range path {
		template = template.Get(key)
	}
	meta := template.Get("metadata")
	w.labels, w.filled = texts(meta.Get("labels"))
	w.loose = template == nil || d.spec().Has("workloadRef")
	w.bare = meta.Get("annotations").Text("sidecar.istio.io/inject") == "false" || w.labels["sidecar.istio.io/inject"] == "false"
	for _, c := range elements(template.Get("spec"), "containers") {
		for _, p := range elements(c, "ports") {
			w.ports[number(p.Text("containerPort"))] = true
		}
	}
	in.crew(d.Name.Namespace).add(w)
}

// crew is the workloads of a namespace, and where each label is among them.
type crew struct {
	all   []workload
	by    map[[2]string][]int // of those whose labels are all known
	loose []int               // the others
}

func (in *input) crew(namespace string) *crew {
	c := in.workloads[namespace]
	if c == nil {
		c = &crew{by: map[[2]string][]int{}}
		in.workloads[namespace] = c
	}
	return c
}

func (c *crew) add(w workload) {
	i := len(c.all)
	c.all = append(c.all, w)
	if w.loose || w.filled {
		c.loose = append(c.loose, i)
		return
	}
	for k, v := range w.labels {
		c.by[[2]string{k, v}] = append(c.by[[2]string{k, v}], i)
	}
}

// texts reads a mapping of strings; filled tells whether some have placeholders.
func texts(n *source.Node) (all map[string]string, filled bool) {
	if n == nil || n.Kind != source.Map {
		return nil, false
	}
	all = make(map[string]string, len(n.Children()))
	for i := range n.Children() {
		c := &n.Children()[i]
		if c.Kind == source.Map || c.Kind == source.List {
			continue
		}
		all[c.Key()] = c.Value()
		filled = filled || source.Placeholder(c.Key()+c.Value()) != ""
	}
	return all, filled
}

// atRuntime are beginnings of labels that pods get while they run: from their
// controllers, from the node that they run on, from Istio's injector.
var atRuntime = []string{
	"pod-template-hash", "rollouts-pod-template-hash", "controller-revision-hash", "pod-template-generation", "job-name", "controller-uid",
	"statefulset.kubernetes.io/", "apps.kubernetes.io/", "batch.kubernetes.io/",
	"topology.kubernetes.io/", "failure-domain.beta.kubernetes.io/", "kubernetes.io/hostname",
	"topology.istio.io/", "security.istio.io/", "service.istio.io/", "istio.io/rev", "istio-locality",
	"serving.knative.dev/", "gateway.networking.k8s.io/", "gateway.istio.io/", "networking.istio.io/",
}

// settled tells whether a selector asks only for labels that the input decides.
func settled(selector map[string]string) bool {
	for k, v := range selector {
		if source.Placeholder(k+v) != "" || slices.ContainsFunc(atRuntime, func(head string) bool { return strings.HasPrefix(k, head) }) {
			return false
		}
	}
	return true
}

// selects tells whether the pods of w may have all labels of selector.
func (w *workload) selects(selector map[string]string) bool {
	if w.loose {
		return true
	}
	for k, v := range selector {
		if got, ok := w.labels[k]; !ok || got != v && source.Placeholder(got) == "" {
			return false
		}
	}
	return true
}

// selected are the workloads of namespace that a selector picks.
func (in *input) selected(namespace string, selector map[string]string) []workload {
	c := in.workloads[namespace]
	if c == nil {
		return nil
	}
	if len(selector) == 0 {
		return c.all
	}
	var rarest []int
	for k, v := range selector {
		if at := c.by[[2]string{k, v}]; rarest == nil || len(at) < len(rarest) {
			rarest = at
		}
		if len(rarest) == 0 {
			break
		}
	}
	var all []workload
	for _, i := range slices.Sorted(slices.Values(slices.Concat(rarest, c.loose))) {
		if c.all[i].selects(selector) {
			all = append(all, c.all[i])
		}
	}
	return all
}

// canonical spells labels for people.
func canonical(labels map[string]string) string {
	pairs := make([]string, 0, len(labels))
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, k+"="+labels[k])
	}
	return strings.Join(pairs, ", ")
}

// joined is both, of which over counts where they differ.
func joined(base, over map[string]string) map[string]string {
	all := maps.Clone(base)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, over)
	return all
}
