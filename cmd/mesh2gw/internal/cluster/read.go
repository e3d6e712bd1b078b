package cluster

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Scope says what of a cluster is read.
type Scope struct {
	Namespaces []string // none: all that may be read
	Selector   string   // of labels, as kubectl has it; for Istio's objects alone, since the others explain them
	Pods       bool     // with Pods, what they use at the moment (metrics.k8s.io), and Nodes
}

// kind is one that is read.
type kind struct {
	group, resource string
	needed          bool // without it, what is read would be misread
	selected        bool // Scope's selector is for it
	whole           bool // of the cluster, not of a namespace
	pods            bool // for Scope.Pods
}

// kinds are those that the conversion looks at, or whose names it has to keep clear
// of. Secrets are not among them.
var kinds = []kind{
	{group: "networking.istio.io", resource: "virtualservices", needed: true, selected: true},
	{group: "networking.istio.io", resource: "destinationrules", needed: true, selected: true},
	{group: "networking.istio.io", resource: "gateways", needed: true},
	{group: "networking.istio.io", resource: "serviceentries", needed: true},
	{group: "networking.istio.io", resource: "sidecars"},
	{group: "networking.istio.io", resource: "envoyfilters"},
	{group: "networking.istio.io", resource: "workloadentries"},
	{group: "security.istio.io", resource: "peerauthentications"},
	{group: "security.istio.io", resource: "requestauthentications"},
	{group: "security.istio.io", resource: "authorizationpolicies"},
	{group: "telemetry.istio.io", resource: "telemetries"},
	{group: "extensions.istio.io", resource: "wasmplugins"},
	{group: "", resource: "services", needed: true},
	{group: "", resource: "namespaces", whole: true},
	{group: "apps", resource: "deployments"},
	{group: "apps", resource: "statefulsets"},
	{group: "apps", resource: "daemonsets"},
	{group: "gateway.networking.k8s.io", resource: "gateways"},
	{group: "gateway.networking.k8s.io", resource: "httproutes"},
	{group: "gateway.networking.k8s.io", resource: "grpcroutes"},
	{group: "gateway.networking.k8s.io", resource: "referencegrants"},
	{group: "flagger.app", resource: "canaries"},
	{group: "argoproj.io", resource: "rollouts"},
	{group: "linkerd.io", resource: "serviceprofiles"},
	{group: "split.smi-spec.io", resource: "trafficsplits"},
	{group: "", resource: "pods", pods: true},
	{group: "metrics.k8s.io", resource: "pods", pods: true},
	{group: "", resource: "nodes", pods: true, whole: true},
}

// Skipped is a kind that was not read.
type Skipped struct {
	Resource string // virtualservices.networking.istio.io
	Why      string
}

// pageSize is how many objects a list brings at a time.
const pageSize = 500

// Read lists objects and gives each as a file, in an order that does not depend on
// the server. It needs list, and nothing else.
func (c *Client) Read(ctx context.Context, s Scope) (files []source.File, skipped []Skipped, err error) {
	served, err := c.served(s)
	if err != nil {
		return nil, nil, err
	}
	for _, k := range s.kinds() {
		version, there := served[schema.GroupResource{Group: k.group, Resource: k.resource}]
		if !there {
			if k.group == "metrics.k8s.io" {
				skipped = append(skipped, Skipped{k.resource + "." + k.group, "the cluster does not serve it (metrics-server does), so what pods use is not known"})
			}
			continue // its project is not installed
		}
		gvr := schema.GroupVersionResource{Group: k.group, Version: version, Resource: k.resource}
		for _, namespace := range s.namespaces(k) {
			objects, err := c.list(ctx, gvr, namespace, s.selector(k))
			switch {
			case err == nil:
			case !k.needed && (apierrors.IsForbidden(err) || k.pods && apierrors.IsServiceUnavailable(err)):
				skipped = append(skipped, Skipped{gvr.GroupResource().String(), err.Error()})
				continue
			case apierrors.IsForbidden(err):
				return nil, nil, fmt.Errorf("%w; without it the rest would be misread: let the account list it, or name the namespaces that it may read", err)
			default:
				return nil, nil, fmt.Errorf("list %s: %w", gvr.GroupResource(), err)
			}
			for i := range objects {
				file, err := fileOf(&objects[i], k.resource)
				if err != nil {
					return nil, nil, err
				}
				files = append(files, file)
			}
		}
	}
	slices.SortFunc(files, func(a, b source.File) int { return cmp.Compare(a.Name, b.Name) })
	return files, skipped, nil
}

// kinds are those that s asks for.
func (s Scope) kinds() []kind {
	return slices.DeleteFunc(slices.Clone(kinds), func(k kind) bool { return k.pods && !s.Pods })
}

func (s Scope) namespaces(k kind) []string {
	if k.whole || len(s.Namespaces) == 0 {
		return []string{metav1.NamespaceAll}
	}
	return slices.Compact(slices.Sorted(slices.Values(s.Namespaces)))
}

func (s Scope) selector(k kind) string {
	if k.selected {
		return s.Selector
	}
	return ""
}

// served gives the version of each resource that the server prefers. Groups of
// others whose server does not answer are left out of it, as kubectl does.
func (c *Client) served(s Scope) (map[schema.GroupResource]string, error) {
	lists, err := c.Discovery.ServerPreferredResources()
	failed, partly := discovery.GroupDiscoveryFailedErrorGroups(err)
	if err != nil && !partly {
		return nil, fmt.Errorf("ask %s what it serves: %w", c.Name(), err)
	}
	for gv, why := range failed {
		if slices.ContainsFunc(s.kinds(), func(k kind) bool { return k.group == gv.Group && !k.pods }) {
			return nil, fmt.Errorf("ask %s for %s: %w", c.Name(), gv, why)
		}
	}
	all := map[schema.GroupResource]string{}
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, err
		}
		for _, r := range list.APIResources {
			all[schema.GroupResource{Group: gv.Group, Resource: r.Name}] = gv.Version
		}
	}
	return all, nil
}

// list reads all pages. A list that has become too old is begun anew.
func (c *Client) list(ctx context.Context, gvr schema.GroupVersionResource, namespace, selector string) (all []unstructured.Unstructured, err error) {
	options := metav1.ListOptions{Limit: pageSize, LabelSelector: selector}
	for {
		var page *unstructured.UnstructuredList
		err := c.again(ctx, func() (err error) {
			page, err = c.Dynamic.Resource(gvr).Namespace(namespace).List(ctx, options)
			return err
		})
		switch {
		case apierrors.IsResourceExpired(err):
			all, options.Continue = nil, ""
			continue
		case err != nil:
			return nil, err
		}
		all = append(all, page.Items...)
		if options.Continue = page.GetContinue(); options.Continue == "" {
			return all, nil
		}
	}
}
