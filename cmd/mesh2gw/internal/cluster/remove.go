package cluster

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// written are the kinds that mesh2gw writes, of all targets. Others are never looked
// at, and so never removed.
var written = []schema.GroupKind{
	{Kind: "Service"},
	{Kind: "ConfigMap"},
	{Group: gatewayAPI, Kind: "Gateway"},
	{Group: gatewayAPI, Kind: "ListenerSet"},
	{Group: "gateway.networking.x-k8s.io", Kind: "XListenerSet"},
	{Group: gatewayAPI, Kind: "ReferenceGrant"},
	{Group: gatewayAPI, Kind: "BackendTLSPolicy"},
	{Group: gatewayAPI, Kind: "HTTPRoute"},
	{Group: gatewayAPI, Kind: "GRPCRoute"},
	{Group: gatewayAPI, Kind: "TLSRoute"},
	{Group: gatewayAPI, Kind: "TCPRoute"},
	{Group: "gateway.envoyproxy.io", Kind: "BackendTrafficPolicy"},
	{Group: "gateway.envoyproxy.io", Kind: "ClientTrafficPolicy"},
	{Group: "gateway.envoyproxy.io", Kind: "HTTPRouteFilter"},
	{Group: "gateway.envoyproxy.io", Kind: "Backend"},
	{Group: "gateway.kgateway.dev", Kind: "TrafficPolicy"},
	{Group: "gateway.kgateway.dev", Kind: "BackendConfigPolicy"},
	{Group: "gateway.kgateway.dev", Kind: "DirectResponse"},
	{Group: "gateway.kgateway.dev", Kind: "Backend"},
	{Group: "cert-manager.io", Kind: "Certificate"},
	{Group: "networking.istio.io", Kind: "DestinationRule"}, // those that --target istio makes beside the old ones
}

// Written are the kinds that a set may hold.
func Written() []schema.GroupKind { return slices.Clone(written) }

// found is an object of a set in the cluster.
type found struct {
	*unstructured.Unstructured
	gvr schema.GroupVersionResource
}

// ours tells whether mesh2gw itself has applied an object. Its labels do not say so:
// controllers copy those of a Gateway to what they make for it (Istio: pilot/pkg/config/
// kube/gatewaycommon/deploymentcontroller.go).
func ours(o *unstructured.Unstructured) bool {
	return slices.ContainsFunc(o.GetManagedFields(), applied) && metav1.GetControllerOf(o) == nil
}

// set lists the objects of a set, in the order in which they are removed: routes
// first, so that nothing is served without what limits it.
func (c *Client) set(ctx context.Context, name string) ([]found, error) {
	var all []found
	for _, gk := range written {
		mapping, err := c.mapping(ctx, gk)
		if meta.IsNoMatchError(err) {
			continue // not installed, so that there can be none
		}
		if err != nil {
			return nil, fmt.Errorf("ask %s for %s: %w", c.Name(), gk, err)
		}
		objects, err := c.list(ctx, mapping.Resource, metav1.NamespaceAll, managedBy+"="+Manager+","+SetLabel+"="+name)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", mapping.Resource.GroupResource(), err)
		}
		for i := range objects {
			if ours(&objects[i]) {
				all = append(all, found{&objects[i], mapping.Resource})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(stageOf(b.GroupVersionKind()), stageOf(a.GroupVersionKind())), cmp.Compare(title(a.Unstructured), title(b.Unstructured)))
	})
	return all, nil
}

// Remove deletes the objects of a set that are not among keep: all of them for a
// rollback. It gives their titles.
func (c *Client) Remove(ctx context.Context, keep []*Item, o Options) (removed []string, err error) {
	ctx, stop := context.WithTimeout(ctx, o.Timeout)
	defer stop()
	extra, err := c.beside(ctx, keep, o)
	if err != nil {
		return nil, err
	}
	if err := c.rehearseRemoval(ctx, extra); err != nil {
		return nil, err
	}
	var gone []found
	for _, f := range extra {
		if err := c.remove(ctx, f, o); err != nil {
			return removed, fmt.Errorf("delete %s: %w", title(f.Unstructured), err)
		}
		removed = append(removed, title(f.Unstructured))
		c.say("  %s removed", title(f.Unstructured))
		gone = append(gone, f)
	}
	if o.DryRun || !o.Wait {
		return removed, nil
	}
	for _, f := range gone {
		if err := c.gone(ctx, c.Dynamic.Resource(f.gvr).Namespace(f.GetNamespace()), f.Unstructured); err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// beside are the objects of a set that are not among keep.
func (c *Client) beside(ctx context.Context, keep []*Item, o Options) ([]found, error) {
	wanted := map[string]bool{}
	for _, i := range keep {
		wanted[i.key()] = true
	}
	all, err := c.set(ctx, o.Set)
	return slices.DeleteFunc(all, func(f found) bool { return wanted[(&Item{Unstructured: f.Unstructured}).key()] }), err
}

// rehearseRemoval has the server judge, so that a right that is missing stops it
// before the first object is gone.
func (c *Client) rehearseRemoval(ctx context.Context, all []found) error {
	for _, f := range all {
		if err := c.remove(ctx, f, Options{DryRun: true}); err != nil {
			return fmt.Errorf("delete %s: %w", title(f.Unstructured), err)
		}
	}
	return nil
}

// remove deletes the very object that was listed, and no other that has its name now.
func (c *Client) remove(ctx context.Context, f found, o Options) error {
	uid, policy := f.GetUID(), metav1.DeletePropagationBackground
	options := metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}, PropagationPolicy: &policy}
	if o.DryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	err := c.again(ctx, func() error {
		return c.Dynamic.Resource(f.gvr).Namespace(f.GetNamespace()).Delete(ctx, f.GetName(), options)
	})
	if apierrors.IsNotFound(err) {
		return nil // somebody was faster
	}
	return err
}
