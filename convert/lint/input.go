package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// input is what is given, by kind; of objects with one name the last counts, as
// with kubectl apply. Lists are ordered by name.
type input struct {
	opts            Options
	virtualServices []object[*networking.VirtualService]
	rules           []destinationRule
	gatewayObjects  []object[*networking.Gateway]
	entries         []object[*networking.ServiceEntry]
	services        []document // Kubernetes Services
	policies        []document // of security.istio.io, and Istio's kinds with a selector
	docs            []document // all of them, the last of each name
	workloads       map[string]*crew
	secrets         map[string]map[string]*source.Document // by namespace and name; nil for what a controller will make
	openSecrets     map[string]bool                        // namespaces in which something unknown makes Secrets
	uninjected      map[string]bool                        // namespaces in which pods get no sidecar
}

// object is a typed object with its namespace resolved.
type object[T any] struct {
	route.Name
	*istio.Object
	spec T
}

// document is an object of Kubernetes with its namespace resolved.
type document struct {
	route.Name
	*source.Document
}

// spec is the node of that name.
func (d document) spec() *source.Node { return d.Root.Get("spec") }

func newInput(docs []*source.Document, objects []*istio.Object, o Options) *input {
	in := &input{opts: o, workloads: map[string]*crew{}, secrets: map[string]map[string]*source.Document{}, openSecrets: map[string]bool{}, uninjected: map[string]bool{}}
	for _, d := range docs {
		in.docs = append(in.docs, document{in.name(d), d})
	}
	for _, d := range in.docs {
		in.addWorkload(d) // of several with one name any may be meant
	}
	in.docs = lastOfEach(in.docs, func(d document) objectKey {
		return objectKey{group(d.Document), d.Document.Kind, d.Name}
	})
	for _, d := range in.docs {
		in.addDocument(d)
	}
	for _, o := range objects {
		name := in.name(o.Document)
		switch spec := o.Spec.(type) {
		case *networking.VirtualService:
			in.virtualServices = append(in.virtualServices, object[*networking.VirtualService]{name, o, spec})
		case *networking.DestinationRule:
			in.rules = append(in.rules, object[*networking.DestinationRule]{name, o, spec})
		case *networking.Gateway:
			in.gatewayObjects = append(in.gatewayObjects, object[*networking.Gateway]{name, o, spec})
		case *networking.ServiceEntry:
			in.entries = append(in.entries, object[*networking.ServiceEntry]{name, o, spec})
		}
	}
	in.virtualServices, in.rules = byName(in.virtualServices), byName(in.rules)
	in.gatewayObjects, in.entries = byName(in.gatewayObjects), byName(in.entries)
	return in
}

func (in *input) name(d *source.Document) route.Name {
	return route.Name{Namespace: cmp.Or(d.Namespace, in.opts.Namespace), Name: d.Name}
}

// addDocument sorts d into the lists by kind.
func (in *input) addDocument(d document) {
	switch g := group(d.Document); {
	case g == "" && d.Document.Kind == "Service":
		in.services = append(in.services, d)
	case g == "" && d.Document.Kind == "Namespace":
		in.uninjected[d.Name.Name] = d.Root.Get("metadata").Get("labels").Text("istio-injection") == "disabled"
	case g == "security.istio.io", g == "telemetry.istio.io", g == "networking.istio.io" && (d.Document.Kind == "Sidecar" || d.Document.Kind == "EnvoyFilter"):
		in.policies = append(in.policies, d)
	}
	in.addSecret(d)
}

// objectKey is what tells objects apart in a cluster.
type objectKey struct {
	group, kind string
	name        route.Name
}

// byName keeps the last object of each name, ordered by name.
func byName[T any](list []object[T]) []object[T] {
	list = lastOfEach(list, func(o object[T]) objectKey { return objectKey{name: o.Name} })
	slices.SortStableFunc(list, func(a, b object[T]) int { return a.Name.Compare(b.Name) })
	return list
}

func lastOfEach[T any](list []T, key func(T) objectKey) []T {
	last := map[objectKey]int{}
	for i, o := range list {
		last[key(o)] = i
	}
	kept := list[:0]
	for i, o := range list {
		if last[key(o)] == i {
			kept = append(kept, o)
		}
	}
	return kept
}

// group is the API group of d; "" for the core group.
func group(d *source.Document) string {
	g, _, ok := strings.Cut(d.APIVersion, "/")
	if !ok {
		return ""
	}
	return g
}

// service is the Service that a host of an object in namespace stands for; nil
// where it is none of the input.
func (p *pass) service(host, namespace string) (route.Name, *mesh.Service) {
	name, ok := mesh.ResolveService(mesh.ResolveHost(host, namespace))
	if !ok {
		return route.Name{}, nil
	}
	return name, p.model.Services[name]
}

// child is the i-th element of the list under key.
func child(n *source.Node, key string, i int) *source.Node {
	c := n.Get(key)
	if c == nil || c.Kind != source.List || i >= len(c.Children()) {
		return n
	}
	return &c.Children()[i]
}

// elements are those of the list under key.
func elements(n *source.Node, key string) []*source.Node {
	c := n.Get(key)
	if c == nil || c.Kind != source.List {
		return nil
	}
	all := make([]*source.Node, len(c.Children()))
	for i := range all {
		all[i] = &c.Children()[i]
	}
	return all
}

// spot says where at is: by its line where that is in the file of from.
func spot(at, from finding.Place) string {
	if at.Pos.File == from.Pos.File {
		return fmt.Sprintf("line %d", at.Pos.Line)
	}
	return fmt.Sprintf("%s:%d", at.Pos.File, at.Pos.Line)
}
