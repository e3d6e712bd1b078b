package gwapi

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// droppedMeta is a label or annotation that must not be copied to a new object.
type droppedMeta struct {
	key   string // whole, or a prefix when it ends in / or -
	value string // "" for any
	why   string
}

// trackingMeta lists what says who applied an object and how. A copy of it makes
// that tool take the new object for its own, and delete or fight it, and what
// says which findings about the old object are accepted. Everything
// else (teams, costs, sync waves, revisions) is kept. ObjectMeta's own fields
// (uid, ownerReferences, finalizers, managedFields ...) are never copied.
var trackingMeta = []droppedMeta{
	{key: "kubectl.kubernetes.io/last-applied-configuration", why: "the text of the object that kubectl applied"},
	{key: "argocd.argoproj.io/instance", why: "Argo CD prunes objects with it that are not in its source"},
	{key: "argocd.argoproj.io/tracking-id", why: "Argo CD prunes objects with it that are not in its source"},
	{key: "argocd.argoproj.io/installation-id", why: "which Argo CD tracks the object"},
	{key: "kustomize.toolkit.fluxcd.io/", why: "Flux prunes by name, namespace and checksum"},
	{key: "helm.toolkit.fluxcd.io/", why: "Flux finds the objects of a HelmRelease by it"},
	{key: "meta.helm.sh/", why: "Helm refuses to adopt, or adopts, by release name"},
	{key: "app.kubernetes.io/managed-by", value: "Helm", why: "Helm takes the object for its own"},
	{key: "helm.sh/chart", why: "version of the chart that rendered the object"},
	{key: "checksum/", why: "makes pods restart, and belongs to the old text"},
	{key: "kustomize.config.k8s.io/", why: "notes of kustomize to itself"},
	{key: "config.kubernetes.io/", why: "file and position in a kustomize or kpt package"},
	{key: "internal.config.kubernetes.io/", why: "file and position in a kustomize or kpt package"},
	{key: "config.k8s.io/owning-inventory", why: "cli-utils prunes by it"},
	{key: "internal.kpt.dev/", why: "origin in a kpt package"},
	{key: "objectset.rio.cattle.io/", why: "Rancher and Fleet prune by it"},
	{key: "kapp.k14s.io/", why: "kapp prunes by it"},
	{key: "install.operator.istio.io/", why: "the Istio installer prunes by it"},
	{key: "operator.istio.io/", why: "the Istio installer prunes by it"},
	{key: "skaffold.dev/", why: "Skaffold deletes by run"},
	{key: "mesh2gw.io/ignore", why: "accepts findings about the old object"},
	{key: "mesh2gw.io/ignore-reason", why: "accepts findings about the old object"},
	{key: "galley.istio.io/analyze-suppress", why: "istioctl analyze reads it, on Istio's objects"},
}

// tracks tells whether a label or annotation must stay behind.
func tracks(key, value string) bool {
	for _, d := range trackingMeta {
		whole := key == d.key
		if last := d.key[len(d.key)-1]; last == '/' || last == '-' {
			whole = strings.HasPrefix(key, d.key)
		}
		if whole && (d.value == "" || d.value == value) {
			return true
		}
	}
	return false
}

// routeMeta is the metadata of a route made from the object whose root is given:
// the namespace, and what of its labels and annotations belongs on a route.
func (p *pass) routeMeta(root *source.Node, namespace string) metav1.ObjectMeta {
	meta := metav1.ObjectMeta{Namespace: namespace, Labels: labels(root)}
	annotations := annotationNodes(root)
	moved := p.shared().dns.toRoutes[root]
	if len(annotations)+len(moved) == 0 {
		return meta
	}
	carried := map[string]string{}
	for _, a := range moved {
		carried[a.Key()] = a.Value()
	}
	for _, a := range annotations {
		if p.onRoute(a) {
			carried[a.Key()] = a.Value()
		}
	}
	if len(carried) > 0 {
		meta.Annotations = carried
	}
	return meta
}

// labels returns the labels that an object made from the given one keeps.
func labels(root *source.Node) map[string]string {
	written := root.Get("metadata").Get("labels")
	if written == nil || written.Kind != source.Map {
		return nil
	}
	var kept map[string]string
	for i := range written.Children() {
		if l := &written.Children()[i]; !tracks(l.Key(), l.Value()) {
			if kept == nil {
				kept = map[string]string{}
			}
			kept[l.Key()] = l.Value()
		}
	}
	return kept
}

// annotationNodes returns the annotations of an object that are not tracking.
func annotationNodes(root *source.Node) []*source.Node {
	written := root.Get("metadata").Get("annotations")
	if written == nil || written.Kind != source.Map {
		return nil
	}
	var kept []*source.Node
	for i := range written.Children() {
		if a := &written.Children()[i]; !tracks(a.Key(), a.Value()) {
			kept = append(kept, a)
		}
	}
	return kept
}

// KeptMeta are the labels and annotations that an object keeps which says the same
// as the one whose root is given.
func KeptMeta(root *source.Node) (kept, annotations map[string]string) {
	for _, a := range annotationNodes(root) {
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[a.Key()] = a.Value()
	}
	return labels(root), annotations
}
