package mesh

import (
	"cmp"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// indexOwner notes which VirtualServices a rollout controller writes: those
// that an Argo Rollout's trafficRouting names, and the one that a Flagger Canary
// makes for its Service.
func (l *linker) indexOwner(o *istio.Object, namespace string) {
	spec := o.Root.Get("spec")
	switch {
	case o.Kind == "Rollout" && strings.HasPrefix(o.APIVersion, "argoproj.io/"):
		routing := spec.Get("strategy").Get("canary").Get("trafficRouting").Get("istio")
		l.own(namespace, routing.Get("virtualService").Text("name"))
		if list := routing.Get("virtualServices"); list != nil {
			for i := range list.Children() {
				l.own(namespace, list.Children()[i].Text("name"))
			}
		}
	case o.Kind == "Canary" && strings.HasPrefix(o.APIVersion, "flagger.app/"):
		l.own(namespace, cmp.Or(spec.Get("service").Text("name"), spec.Get("targetRef").Text("name")))
	}
}

// own takes name or name.namespace.
func (l *linker) own(namespace, name string) {
	if name == "" {
		return
	}
	if n, ns, ok := strings.Cut(name, "."); ok {
		name, namespace = n, ns
	}
	l.owned[route.Name{Namespace: namespace, Name: name}] = true
}

// ownedByCanary tells whether Flagger made the object.
func ownedByCanary(root *source.Node) bool {
	refs := root.Get("metadata").Get("ownerReferences")
	if refs == nil {
		return false
	}
	for i := range refs.Children() {
		if refs.Children()[i].Text("kind") == "Canary" {
			return true
		}
	}
	return false
}
