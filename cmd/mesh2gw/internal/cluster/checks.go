package cluster

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Check is what was found before anything is written.
type Check struct {
	Stops bool // nothing is applied
	Text  string
}

// Checks looks at what an apply needs: CRDs, rights, GatewayClasses with their
// features, and Istio's objects that serve the same hosts.
func (c *Client) Checks(ctx context.Context, items []*Item, o Options) (all []Check, err error) {
	ctx, stop := context.WithTimeout(ctx, o.Timeout)
	defer stop()
	if err := c.resolve(ctx, items); err != nil {
		return nil, err
	}
	for _, look := range []func(context.Context, []*Item, Options) ([]Check, error){c.bundle, c.namespaces, c.rights, c.classes, c.active, c.prunes} {
		found, err := look(ctx, items, o)
		if err != nil {
			return all, err
		}
		all = append(all, found...)
	}
	return all, nil
}

var crds = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

// bundle says which release of Gateway API's CRDs is installed.
func (c *Client) bundle(ctx context.Context, items []*Item, _ Options) ([]Check, error) {
	if !slices.ContainsFunc(items, func(i *Item) bool { return i.GroupVersionKind().Group == gatewayAPI }) {
		return nil, nil
	}
	crd, err := c.Dynamic.Resource(crds).Get(ctx, "gateways."+gatewayAPI, metav1.GetOptions{})
	if err != nil {
		return []Check{{Text: fmt.Sprintf("which release of Gateway API's CRDs is installed is not known (%v); a field that they do not have is refused by the server", err)}}, nil
	}
	version, channel := crd.GetAnnotations()[gatewayAPI+"/bundle-version"], crd.GetAnnotations()[gatewayAPI+"/channel"]
	return []Check{{Text: fmt.Sprintf("Gateway API %s, %s channel", cmp.Or(version, "of no known release"), cmp.Or(channel, "no known"))}}, nil
}

var namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}

// namespaces names those that are not there: mesh2gw makes none.
func (c *Client) namespaces(ctx context.Context, items []*Item, _ Options) ([]Check, error) {
	var missing []string
	seen := map[string]bool{"": true}
	for _, i := range items {
		if seen[i.GetNamespace()] {
			continue
		}
		seen[i.GetNamespace()] = true
		_, err := c.Dynamic.Resource(namespaces).Get(ctx, i.GetNamespace(), metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
			missing = append(missing, i.GetNamespace())
		case err != nil && !apierrors.IsForbidden(err):
			return nil, fmt.Errorf("get namespace %s: %w", i.GetNamespace(), err)
		}
	}
	if len(missing) == 0 {
		return nil, nil
	}
	return []Check{{Stops: true, Text: "there is no namespace " + strings.Join(missing, ", nor ") + ": create it first (kubectl create namespace)"}}, nil
}

// rights asks the server what the account may do, before half of it is done.
func (c *Client) rights(ctx context.Context, items []*Item, _ Options) ([]Check, error) {
	var denied []string
	asked := map[string]bool{}
	for _, i := range items {
		for _, verb := range []string{"get", "create", "patch"} {
			what := fmt.Sprintf("%s %s in namespace %s", verb, i.gvr.GroupResource(), i.GetNamespace())
			if asked[what] {
				continue
			}
			asked[what] = true
			may, err := c.may(ctx, i, verb)
			if err != nil {
				return nil, fmt.Errorf("ask whether the account may %s: %w", what, err)
			}
			if !may {
				denied = append(denied, what)
			}
		}
	}
	if len(denied) == 0 {
		return nil, nil
	}
	return []Check{{Stops: true, Text: "the account may not " + strings.Join(denied, "; nor ")}}, nil
}

var reviews = schema.GroupVersionResource{Group: "authorization.k8s.io", Version: "v1", Resource: "selfsubjectaccessreviews"}

func (c *Client) may(ctx context.Context, i *Item, verb string) (bool, error) {
	review := &authorizationv1.SelfSubjectAccessReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "authorization.k8s.io/v1", Kind: "SelfSubjectAccessReview"},
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: i.GetNamespace(), Verb: verb, Group: i.gvr.Group, Version: i.gvr.Version, Resource: i.gvr.Resource,
		}},
	}
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(review)
	if err != nil {
		return false, err
	}
	var answer *unstructured.Unstructured
	err = c.again(ctx, func() (err error) {
		answer, err = c.Dynamic.Resource(reviews).Create(ctx, &unstructured.Unstructured{Object: object}, metav1.CreateOptions{})
		return err
	})
	if err != nil {
		return false, err
	}
	allowed, _, _ := unstructured.NestedBool(answer.Object, "status", "allowed")
	return allowed, nil
}

// hostsOf are the hosts that a route serves: its hostnames, or the Services that it
// hangs on inside of a mesh.
func hostsOf(i *Item) []string {
	hosts, _, _ := unstructured.NestedStringSlice(i.Object, "spec", "hostnames")
	for _, ref := range mapsIn(i.Object, "spec", "parentRefs") {
		if text(ref, "kind", "Gateway") == "Service" {
			hosts = append(hosts, mesh.ResolveHost(text(ref, "name", ""), text(ref, "namespace", i.GetNamespace())))
		}
	}
	return hosts
}

// meets tells whether a host takes one of hosts, or the other way round: either may
// be a wildcard.
func meets(host string, hosts []string) bool {
	return slices.ContainsFunc(hosts, func(h string) bool {
		return host == h || route.HostTakes(host, h) || route.HostTakes(h, host)
	})
}

// active names Istio's objects that serve the hosts of the routes: both worlds are
// there until the cut-over, which is as it should be, and has to be known.
func (c *Client) active(ctx context.Context, items []*Item, _ Options) ([]Check, error) {
	var hosts []string
	for _, i := range items {
		if i.stage == stageRoutes {
			hosts = append(hosts, hostsOf(i)...)
		}
	}
	mapping, err := c.mapping(ctx, schema.GroupKind{Group: "networking.istio.io", Kind: "VirtualService"})
	switch {
	case meta.IsNoMatchError(err), len(hosts) == 0:
		return nil, nil // there is no Istio
	case err != nil:
		return nil, fmt.Errorf("ask %s for VirtualServices: %w", c.Name(), err)
	}
	services, err := c.list(ctx, mapping.Resource, metav1.NamespaceAll, "")
	if apierrors.IsForbidden(err) {
		return []Check{{Text: "whether VirtualServices serve the same hosts is not known: the account may not list them"}}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list VirtualServices: %w", err)
	}
	var all []Check
	for i := range services {
		names, _, _ := unstructured.NestedStringSlice(services[i].Object, "spec", "hosts")
		both := slices.DeleteFunc(names, func(n string) bool { return !meets(mesh.ResolveHost(n, services[i].GetNamespace()), hosts) })
		if len(both) > 0 {
			all = append(all, Check{Text: fmt.Sprintf("%s serves %s too, until its traffic is moved: mesh2gw cutover has the steps", title(&services[i]), strings.Join(both, ", "))})
		}
	}
	return all, nil
}

// prunes rehearses what is removed after the apply.
func (c *Client) prunes(ctx context.Context, items []*Item, o Options) ([]Check, error) {
	if !o.Prune {
		return nil, nil
	}
	extra, err := c.beside(ctx, items, o)
	if err != nil {
		return nil, err
	}
	if err := c.rehearseRemoval(ctx, extra); err != nil {
		return []Check{{Stops: true, Text: "--prune would fail: " + err.Error()}}, nil
	}
	return nil, nil
}
