package cluster

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json" // keeps whole numbers whole

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Item is an object to be applied.
type Item struct {
	*unstructured.Unstructured
	Doc   *source.Document // as it stands in a file
	stage stage
	gvr   schema.GroupVersionResource
}

// stage says when an object is applied: what others refer to comes first, and routes
// last, so that no request is served before what limits it is there.
type stage int

const (
	stageServices stage = iota
	stageGrants         // and certificates: listeners need them
	stageGateways
	stagePolicies // and what routes refer to
	stageRoutes
)

// stages name them for people.
var stages = [...]string{"Services", "ReferenceGrants and certificates", "Gateways", "policies and backends", "routes"}

const gatewayAPI = "gateway.networking.k8s.io"

// stageOf finds the place of a kind.
func stageOf(gvk schema.GroupVersionKind) stage {
	switch {
	case gvk.Group == "":
		return stageServices // Services, ConfigMaps
	case gvk.Kind == "Gateway", gvk.Kind == "ListenerSet", gvk.Kind == "XListenerSet":
		return stageGateways
	case gvk.Kind == "ReferenceGrant", gvk.Group == "cert-manager.io":
		return stageGrants
	case gvk.Group == gatewayAPI && strings.HasSuffix(gvk.Kind, "Route"):
		return stageRoutes
	}
	return stagePolicies
}

// Items reads the objects of documents, in the order in which they are applied.
// Objects that name no namespace go to the given one.
func Items(docs []*source.Document, namespace string) ([]*Item, error) {
	var all []*Item
	seen := map[string]*source.Document{}
	for _, d := range docs {
		if d.Root == nil || d.Kind == "" || strings.HasPrefix(d.APIVersion, "kustomize.config.k8s.io/") {
			continue
		}
		data, err := d.Root.JSON()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", place(d), err)
		}
		o := &unstructured.Unstructured{}
		if err := json.Unmarshal(data, &o.Object); err != nil {
			return nil, fmt.Errorf("%s: %w", place(d), err)
		}
		item := &Item{Unstructured: o, Doc: d, stage: stageOf(o.GroupVersionKind())}
		if o.GetName() == "" {
			return nil, fmt.Errorf("%s: %s has no name", place(d), d.Kind)
		}
		if o.GetNamespace() == "" && o.GetKind() != "Namespace" {
			o.SetNamespace(namespace)
		}
		if other := seen[item.key()]; other != nil {
			return nil, fmt.Errorf("%s: %s is in the input twice, the first time at %s", place(d), item, place(other))
		}
		seen[item.key()] = d
		all = append(all, item)
	}
	slices.SortStableFunc(all, func(a, b *Item) int {
		return cmp.Or(cmp.Compare(a.stage, b.stage), cmp.Compare(a.GetKind(), b.GetKind()), cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
	})
	return all, nil
}

func place(d *source.Document) string {
	at := d.Place().Pos
	return fmt.Sprintf("%s:%d", at.File, at.Line)
}

// Where is the place of the object: file:line.
func (i *Item) Where() string { return place(i.Doc) }

// Writes tells whether an object is of a kind that mesh2gw writes.
func Writes(i *Item) bool { return slices.Contains(written, i.GroupVersionKind().GroupKind()) }

// key is equal for two spellings of one object.
func (i *Item) key() string {
	gvk := i.GroupVersionKind()
	return gvk.Group + "/" + gvk.Kind + "/" + i.GetNamespace() + "/" + i.GetName()
}

// String is the object in a sentence: HTTPRoute shop/web.
func (i *Item) String() string { return title(i.Unstructured) }

func title(o *unstructured.Unstructured) string {
	if o.GetNamespace() == "" {
		return o.GetKind() + " " + o.GetName()
	}
	return o.GetKind() + " " + o.GetNamespace() + "/" + o.GetName()
}

// resolve finds out where the server keeps the kinds of items.
func (c *Client) resolve(ctx context.Context, items []*Item) error {
	for _, i := range items {
		gvk := i.GroupVersionKind()
		mapping, err := c.mapping(ctx, gvk.GroupKind(), gvk.Version)
		switch {
		case meta.IsNoMatchError(err):
			return &NotServed{Item: i, Err: err}
		case err != nil:
			return fmt.Errorf("ask %s for %s: %w", c.Name(), gvk, err)
		}
		i.gvr = mapping.Resource
		if mapping.Scope.Name() == meta.RESTScopeNameRoot {
			i.SetNamespace("")
		}
	}
	return nil
}

// mapping is where the server keeps a kind. What it served a moment ago may have
// changed: the mapper asks anew for a kind that is missing.
func (c *Client) mapping(ctx context.Context, gk schema.GroupKind, versions ...string) (found *meta.RESTMapping, err error) {
	err = c.again(ctx, func() error {
		found, err = c.Mapper.RESTMapping(gk, versions...)
		return err
	})
	return found, err
}

// NotServed says that the cluster does not know a kind.
type NotServed struct {
	Item *Item
	Err  error
}

func (e *NotServed) Error() string {
	gvk := e.Item.GroupVersionKind()
	way := "install the CRDs of its project"
	if gvk.Group == gatewayAPI {
		way = "install the CRDs of Gateway API (https://gateway-api.sigs.k8s.io/guides/getting-started/), or convert for the bundle that is there (--gateway-api, --channel)"
	}
	return fmt.Sprintf("%s: the cluster serves no %s of %s (%v): %s", place(e.Item.Doc), gvk.Kind, gvk.GroupVersion(), e.Err, way)
}

// Unwrap gives the reason.
func (e *NotServed) Unwrap() error { return e.Err }
