package cost

import (
	"context"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Counted is what manifests say of pods and their sidecars.
type Counted struct {
	Pods      int       // with a sidecar
	Without   int       // without one
	Reserved  Resources // by the sidecars
	Assumed   []string  // workloads whose replicas are not written, such as DaemonSets and those of an autoscaler
	Gateways  int       // replicas of Istio's gateways
	Templates int       // documents that can't be read
}

// workload is what is needed of Deployments and their kin, and of Pods.
type workload struct {
	kind, name, namespace string
	replicas              *int32
	labels, annotations   map[string]string // of the pods
	spec                  corev1.PodSpec
}

// Count reads Deployments, StatefulSets, DaemonSets, ReplicaSets without owner and
// Pods without owner. A workload has a sidecar where its pods hold a container
// istio-proxy (an init container where it is a native sidecar), or where Istio would
// inject one: by label or annotation of the pods, or by the label of the namespace.
func Count(ctx context.Context, files []source.File, nodes int) (Counted, error) {
	docs, _, err := source.Split(ctx, files)
	if err != nil {
		return Counted{}, err
	}
	injected := map[string]bool{}
	var all []workload
	c := Counted{}
	for _, d := range docs {
		switch d.Kind {
		case "Namespace":
			labels := d.Root.Get("metadata").Get("labels")
			injected[d.Name] = labels.Text("istio-injection") == "enabled" || labels.Text("istio.io/rev") != ""
		case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod":
			w, ok := read(d)
			if !ok {
				c.Templates++
				continue
			}
			if w != nil {
				all = append(all, *w)
			}
		}
	}
	for _, w := range all {
		c.add(w, injected[w.namespace], nodes)
	}
	slices.Sort(c.Assumed)
	return c, nil
}

// read types a workload; nil for one that another owns, false for one that can't be
// read.
func read(d *source.Document) (*workload, bool) {
	data, err := d.Root.JSON()
	if err != nil {
		return nil, false
	}
	w := &workload{kind: d.Kind, name: d.Name, namespace: d.Namespace}
	if d.Kind == "Pod" {
		var p corev1.Pod
		if json.Unmarshal(data, &p) != nil {
			return nil, false
		}
		w.labels, w.annotations, w.spec, w.replicas = p.Labels, p.Annotations, p.Spec, new(int32(1))
		if len(p.OwnerReferences) > 0 {
			return nil, true
		}
		return w, true
	}
	var o appsv1.Deployment // the others have the same fields
	if json.Unmarshal(data, &o) != nil {
		return nil, false
	}
	if len(o.OwnerReferences) > 0 {
		return nil, true
	}
	w.labels, w.annotations, w.spec, w.replicas = o.Spec.Template.Labels, o.Spec.Template.Annotations, o.Spec.Template.Spec, o.Spec.Replicas
	return w, true
}

func (c *Counted) add(w workload, namespaceInjects bool, nodes int) {
	pods := 1
	switch {
	case w.kind == "DaemonSet":
		pods = nodes
		c.Assumed = append(c.Assumed, fmt.Sprintf("DaemonSet %s/%s: one pod a node", w.namespace, w.name))
	case w.replicas != nil:
		pods = int(*w.replicas)
	default:
		c.Assumed = append(c.Assumed, fmt.Sprintf("%s %s/%s: replicas are not written (an autoscaler?), taken as 1", w.kind, w.namespace, w.name))
	}
	proxy, there := w.container()
	switch {
	case there && proxy.Name == "istio-proxy" && len(w.spec.Containers) == 1 && len(w.spec.InitContainers) == 0, w.annotations["inject.istio.io/templates"] == "gateway":
		c.Gateways += pods
	case there || w.injects(namespaceInjects):
		c.Pods += pods
		c.Reserved = c.Reserved.Plus(w.reserves(proxy).Times(float64(pods)))
	default:
		c.Without += pods
	}
}

// container is the proxy that is written in the manifest.
func (w workload) container() (corev1.Container, bool) {
	for _, list := range [][]corev1.Container{w.spec.Containers, w.spec.InitContainers} {
		for _, one := range list {
			if one.Name == "istio-proxy" {
				return one, true
			}
		}
	}
	return corev1.Container{}, false
}

// injects tells what Istio's webhook would do (pkg/kube/inject/inject.go): the pod's
// label decides, then its annotation, then the namespace.
func (w workload) injects(namespace bool) bool {
	for _, of := range []map[string]string{w.labels, w.annotations} {
		switch strings.ToLower(of["sidecar.istio.io/inject"]) {
		case "true", "y", "yes", "on":
			return true
		case "false", "n", "no", "off":
			return false
		}
	}
	return namespace && !w.spec.HostNetwork
}

// reserves is what the proxy requests: by its container, by annotations, or by the
// default of the chart. One with a limit and no request requests its limit.
func (w workload) reserves(proxy corev1.Container) Resources {
	out := sidecarReserves.Resources
	pick := func(to *float64, name corev1.ResourceName, request, limit string) {
		for _, text := range []string{w.annotations[request], quantity(proxy.Resources.Requests, name), w.annotations[limit], quantity(proxy.Resources.Limits, name)} {
			if q, err := resource.ParseQuantity(text); err == nil && text != "" {
				*to = q.AsApproximateFloat64()
				return
			}
		}
	}
	pick(&out.CPU, corev1.ResourceCPU, "sidecar.istio.io/proxyCPU", "sidecar.istio.io/proxyCPULimit")
	pick(&out.Memory, corev1.ResourceMemory, "sidecar.istio.io/proxyMemory", "sidecar.istio.io/proxyMemoryLimit")
	return out
}

func quantity(list corev1.ResourceList, name corev1.ResourceName) string {
	if q, ok := list[name]; ok {
		return q.String()
	}
	return ""
}
