package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// fileOf spells an object as its author would: without what the server adds, but for
// the time of its creation, by which Istio orders.
func fileOf(o *unstructured.Unstructured, resource string) (source.File, error) {
	name := path.Join(cmp.Or(o.GetNamespace(), "_cluster"), resource+groupSuffix(o), o.GetName()+".yaml")
	clean := o.DeepCopy()
	allocatable, _, _ := unstructured.NestedMap(o.Object, "status", "allocatable")
	phase, _, _ := unstructured.NestedString(o.Object, "status", "phase")
	unstructured.RemoveNestedField(clean.Object, "status")
	for _, field := range []string{"managedFields", "resourceVersion", "uid", "generation", "selfLink"} {
		unstructured.RemoveNestedField(clean.Object, "metadata", field)
	}
	unstructured.RemoveNestedField(clean.Object, "metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")
	if len(clean.GetAnnotations()) == 0 {
		unstructured.RemoveNestedField(clean.Object, "metadata", "annotations")
	}
	if clean.GetKind() == "Pod" {
		onlyProxies(clean)
		if phase != "" {
			_ = unstructured.SetNestedField(clean.Object, phase, "status", "phase") // there is no other status
		}
	}
	if clean.GetKind() == "Node" {
		clean.Object = map[string]any{
			"apiVersion": clean.GetAPIVersion(), "kind": "Node", "metadata": map[string]any{"name": clean.GetName()}, "status": map[string]any{"allocatable": allocatable},
		}
	}
	withoutEnvironment(clean.Object)
	data, err := yaml.Marshal(clean.Object)
	if err != nil {
		return source.File{}, fmt.Errorf("write %s: %w", name, err)
	}
	return source.File{Name: name, Data: data}, nil
}

// withoutEnvironment drops what containers get as variables, where people put what is
// secret.
func withoutEnvironment(o map[string]any) {
	spec, ok, _ := unstructured.NestedMap(o, "spec", "template", "spec")
	if !ok {
		return
	}
	for _, list := range []string{"containers", "initContainers"} {
		containers, _, _ := unstructured.NestedSlice(spec, list)
		for _, c := range containers {
			if container, ok := c.(map[string]any); ok {
				delete(container, "env")
			}
		}
		if len(containers) > 0 {
			_ = unstructured.SetNestedSlice(spec, containers, list) // it was one before
		}
	}
	_ = unstructured.SetNestedMap(o, spec, "spec", "template", "spec")
}

// groupSuffix tells Istio's gateways from those of Gateway API.
func groupSuffix(o *unstructured.Unstructured) string {
	group, _, grouped := strings.Cut(o.GetAPIVersion(), "/")
	if !grouped {
		return ""
	}
	return "." + group
}

// onlyProxies keeps of a Pod what tells whether it has a proxy, and what the proxy
// gets: a cluster has thousands.
func onlyProxies(o *unstructured.Unstructured) {
	annotations := o.GetAnnotations()
	maps.DeleteFunc(annotations, func(key, _ string) bool { return !strings.Contains(key, "istio.io/") })
	o.SetAnnotations(annotations)
	spec, _, _ := unstructured.NestedMap(o.Object, "spec")
	keep(spec, "hostNetwork", "containers", "initContainers")
	for _, list := range []string{"containers", "initContainers"} {
		containers, _, _ := unstructured.NestedSlice(spec, list)
		for _, c := range containers {
			if container, ok := c.(map[string]any); ok {
				keep(container, "name", "image", "resources", "restartPolicy")
			}
		}
		if len(containers) > 0 {
			_ = unstructured.SetNestedSlice(spec, containers, list) // it was one before
		}
	}
	o.Object["spec"] = spec
}

func keep(m map[string]any, keys ...string) {
	maps.DeleteFunc(m, func(key string, _ any) bool { return !slices.Contains(keys, key) })
}
