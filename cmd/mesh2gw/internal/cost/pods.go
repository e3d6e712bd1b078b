package cost

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Proxy says how the traffic of a pod meets the mesh.
type Proxy string

// The kinds of proxies.
const (
	NoProxy  Proxy = "none"
	Classic  Proxy = "sidecar"        // a container beside the application's
	Native   Proxy = "native sidecar" // an init container that goes on running (KEP-753)
	Expected Proxy = "injected"       // no proxy is written, and Istio's webhook would inject one
	Ambient  Proxy = "ambient"        // the node's ztunnel
	Gateway  Proxy = "gateway"        // the pod is a proxy, and nothing else
)

// Sidecar tells whether the pod has a proxy of its own, or gets one.
func (p Proxy) Sidecar() bool { return p == Classic || p == Native || p == Expected }

// Workload is a number of pods that are alike.
type Workload struct {
	Kind, Namespace, Name string

	Pods     int
	Assumed  string // what Pods rests on where the number is not written
	Proxy    Proxy
	Reserved Resources // by the proxy of one pod
	Limits   Resources // of the proxy of one pod; 0: none
}

// Counted is what manifests say of pods and their sidecars.
type Counted struct {
	Pods      int       // with a sidecar
	Without   int       // without one
	Reserved  Resources // by the sidecars
	Assumed   []string  // workloads whose replicas are not written, such as DaemonSets and those of an autoscaler
	Gateways  int       // replicas of Istio's gateways
	Templates int       // documents that can't be read
	Machines  Machines
}

// Count sums Workloads up. With 0 nodes, as many are taken as the input holds, and 1
// where it holds none.
func Count(ctx context.Context, files []source.File, nodes int) (Counted, error) {
	docs, _, err := source.Split(ctx, files)
	if err != nil {
		return Counted{}, err
	}
	c := Counted{Machines: MachinesOf(docs)}
	if c.Machines.Nodes > 0 && nodes == 0 {
		nodes = c.Machines.Nodes
	}
	all, unread := Workloads(docs, max(1, nodes))
	c.Templates = len(unread)
	for _, w := range all {
		if w.Assumed != "" {
			c.Assumed = append(c.Assumed, fmt.Sprintf("%s %s/%s: %s", w.Kind, w.Namespace, w.Name, w.Assumed))
		}
		switch {
		case w.Proxy == Gateway:
			c.Gateways += w.Pods
		case w.Proxy.Sidecar():
			c.Pods += w.Pods
			c.Reserved = c.Reserved.Plus(w.Reserved.Times(float64(w.Pods)))
		default:
			c.Without += w.Pods
		}
	}
	return c, nil
}

// Workloads reads Deployments, StatefulSets, DaemonSets, ReplicaSets without owner
// and Pods, ordered by namespace, kind and name. Where Pods of a namespace that have
// an owner are in the input, it was read from a cluster: then these Pods are counted,
// and nothing else there. A DaemonSet has as many pods as there are nodes. Unread are
// documents that can't be read.
func Workloads(docs []*source.Document, nodes int) (all []Workload, unread []*source.Document) {
	namespaces, live := map[string]map[string]string{}, map[string]bool{}
	var found []*workload
	for _, d := range docs {
		switch d.Kind {
		case "Namespace":
			labels := map[string]string{}
			for _, key := range []string{"istio-injection", "istio.io/rev", "istio.io/dataplane-mode"} {
				labels[key] = d.Root.Get("metadata").Get("labels").Text(key)
			}
			namespaces[d.Name] = labels
		case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod":
			w := read(d)
			if w == nil {
				unread = append(unread, d)
				continue
			}
			found = append(found, w)
			live[d.Namespace] = live[d.Namespace] || d.Kind == "Pod" && len(w.meta.OwnerReferences) > 0
		}
	}
	for _, w := range found {
		owned := len(w.owners) > 0
		if w.over || w.kind != "Pod" && (owned || live[w.namespace]) {
			continue
		}
		all = append(all, w.judge(namespaces[w.namespace], nodes))
	}
	slices.SortStableFunc(all, func(a, b Workload) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return all, unread
}

// workload is what is needed of Deployments and their kin, and of Pods.
type workload struct {
	kind, name, namespace string
	replicas              *int32
	over                  bool                    // a Pod that has ended
	owners                []metav1.OwnerReference // of the object
	meta                  metav1.ObjectMeta       // of the pods
	spec                  corev1.PodSpec
}

// read types a workload; nil for one that can't be read.
func read(d *source.Document) *workload {
	data, err := d.Root.JSON()
	if err != nil {
		return nil
	}
	w := &workload{kind: d.Kind, name: d.Name, namespace: d.Namespace}
	if d.Kind == "Pod" {
		var p corev1.Pod
		if json.Unmarshal(data, &p) != nil {
			return nil
		}
		w.owners, w.meta, w.spec, w.replicas = p.OwnerReferences, p.ObjectMeta, p.Spec, new(int32(1))
		w.over = p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
		return w
	}
	var o appsv1.Deployment // the others have the same fields
	if json.Unmarshal(data, &o) != nil {
		return nil
	}
	w.owners, w.meta, w.spec, w.replicas = o.OwnerReferences, o.Spec.Template.ObjectMeta, o.Spec.Template.Spec, o.Spec.Replicas
	return w
}

func (w *workload) judge(namespace map[string]string, nodes int) Workload {
	out := Workload{Kind: w.kind, Namespace: w.namespace, Name: w.name, Pods: 1}
	switch {
	case w.kind == "DaemonSet":
		out.Pods, out.Assumed = nodes, "one pod a node"
	case w.replicas != nil:
		out.Pods = int(*w.replicas)
	default:
		out.Assumed = "replicas are not written (an autoscaler?), taken as 1"
	}
	container := corev1.Container{}
	if out.Proxy, container = w.proxy(namespace); out.Proxy.Sidecar() {
		out.Reserved, out.Limits = w.reserves(container), w.limits(container)
	}
	return out
}

// proxy tells what a pod has, or what Istio's webhook would give it.
func (w *workload) proxy(namespace map[string]string) (Proxy, corev1.Container) {
	named := func(c corev1.Container) bool { return c.Name == "istio-proxy" }
	if w.meta.Labels["app"] == "ztunnel" {
		return NoProxy, corev1.Container{} // the node's, which is no pod's
	}
	if w.meta.Annotations["inject.istio.io/templates"] == "gateway" {
		return Gateway, corev1.Container{}
	}
	if i := slices.IndexFunc(w.spec.Containers, named); i >= 0 {
		if len(w.spec.Containers) == 1 && len(w.spec.InitContainers) == 0 {
			return Gateway, w.spec.Containers[i]
		}
		return Classic, w.spec.Containers[i]
	}
	if i := slices.IndexFunc(w.spec.InitContainers, named); i >= 0 {
		return Native, w.spec.InitContainers[i]
	}
	switch {
	case w.meta.Annotations["ambient.istio.io/redirection"] == "enabled":
		return Ambient, corev1.Container{}
	case len(w.owners) > 0: // a living pod: the webhook has had its turn
		return NoProxy, corev1.Container{}
	case w.injects(namespace):
		return Expected, corev1.Container{}
	case cmp.Or(w.meta.Labels["istio.io/dataplane-mode"], namespace["istio.io/dataplane-mode"]) == "ambient":
		return Ambient, corev1.Container{}
	}
	return NoProxy, corev1.Container{}
}

// injects tells what Istio's webhook would do (pkg/kube/inject/inject.go): the pod's
// label decides, then its annotation, then the namespace.
func (w *workload) injects(namespace map[string]string) bool {
	if w.spec.HostNetwork {
		return false
	}
	for _, of := range []map[string]string{w.meta.Labels, w.meta.Annotations} {
		switch strings.ToLower(of["sidecar.istio.io/inject"]) {
		case "true", "y", "yes", "on":
			return true
		case "false", "n", "no", "off":
			return false
		}
	}
	return namespace["istio-injection"] == "enabled" || namespace["istio-injection"] == "" && namespace["istio.io/rev"] != ""
}

// reserves is what the proxy requests: by annotations, by its container, or by the
// default of the chart. One with a limit and no request requests its limit.
func (w *workload) reserves(proxy corev1.Container) Resources {
	out := sidecarReserves.Resources
	given := w.meta.Annotations
	pick(&out.CPU, given["sidecar.istio.io/proxyCPU"], quantity(proxy.Resources.Requests, corev1.ResourceCPU), given["sidecar.istio.io/proxyCPULimit"], quantity(proxy.Resources.Limits, corev1.ResourceCPU))
	pick(&out.Memory, given["sidecar.istio.io/proxyMemory"], quantity(proxy.Resources.Requests, corev1.ResourceMemory), given["sidecar.istio.io/proxyMemoryLimit"], quantity(proxy.Resources.Limits, corev1.ResourceMemory))
	return out
}

// limits are those of the container, else of the annotations; injection without any
// gives the chart's.
func (w *workload) limits(proxy corev1.Container) Resources {
	out := Resources{}
	if proxy.Name == "" {
		out = sidecarLimits
	}
	pick(&out.CPU, quantity(proxy.Resources.Limits, corev1.ResourceCPU), w.meta.Annotations["sidecar.istio.io/proxyCPULimit"])
	pick(&out.Memory, quantity(proxy.Resources.Limits, corev1.ResourceMemory), w.meta.Annotations["sidecar.istio.io/proxyMemoryLimit"])
	return out
}

// pick reads the first text that is a quantity.
func pick(to *float64, texts ...string) {
	for _, text := range texts {
		if q, err := resource.ParseQuantity(text); err == nil && text != "" {
			*to = q.AsApproximateFloat64()
			return
		}
	}
}

func quantity(list corev1.ResourceList, name corev1.ResourceName) string {
	if q, ok := list[name]; ok {
		return q.String()
	}
	return ""
}
