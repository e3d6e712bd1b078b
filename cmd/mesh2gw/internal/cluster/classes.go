package cluster

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

var (
	gatewayClasses = schema.GroupVersionResource{Group: gatewayAPI, Version: "v1", Resource: "gatewayclasses"}
	gateways       = schema.GroupVersionResource{Group: gatewayAPI, Version: "v1", Resource: "gateways"}
)

// classes looks at the GatewayClasses of the Gateways, those of the input and those
// of the cluster that routes name: whether a controller has accepted them, and whether
// they have the features that the input makes use of. A route that uses another may be
// accepted all the same, and serve nothing.
func (c *Client) classes(ctx context.Context, items []*Item, o Options) ([]Check, error) {
	by, all, err := c.byClass(ctx, items, o)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		class, err := c.Dynamic.Resource(gatewayClasses).Get(ctx, name, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
			all = append(all, Check{Stops: true, Text: fmt.Sprintf("there is no GatewayClass %s, which serves %s: install its implementation, or convert with another --gateway-class", name, by[name][0])})
			continue
		case err != nil:
			return nil, fmt.Errorf("get GatewayClass %s: %w", name, err)
		}
		conditions, _, _ := unstructured.NestedSlice(class.Object, "status", "conditions")
		if why := conditionsLack(class, conditions, "Accepted"); why != "" {
			all = append(all, Check{Stops: true, Text: fmt.Sprintf("GatewayClass %s: %s, so nothing serves its Gateways: is its controller running?", name, why)})
		}
		all = append(all, unsupported(class, by[name])...)
	}
	return all, nil
}

// byClass tells which class serves each Gateway and each route. A Gateway that routes
// name and that is nowhere would keep them waiting.
func (c *Client) byClass(ctx context.Context, items []*Item, o Options) (by map[string][]*Item, all []Check, err error) {
	by, known := map[string][]*Item{}, map[types.NamespacedName]string{} // classes of Gateways
	for _, i := range items {
		if i.GetKind() == "Gateway" && i.GroupVersionKind().Group == gatewayAPI {
			class, _, _ := unstructured.NestedString(i.Object, "spec", "gatewayClassName")
			known[types.NamespacedName{Namespace: i.GetNamespace(), Name: i.GetName()}] = class
			by[class] = append(by[class], i)
		}
	}
	for _, i := range items {
		if i.stage != stageRoutes {
			continue
		}
		for _, ref := range mapsIn(i.Object, "spec", "parentRefs") {
			if text(ref, "kind", "Gateway") != "Gateway" {
				continue // a Service, or a ListenerSet, whose Gateway is somebody else's matter
			}
			at := types.NamespacedName{Namespace: text(ref, "namespace", i.GetNamespace()), Name: text(ref, "name", "")}
			class, asked := known[at]
			if !asked {
				class, err = c.classOf(ctx, at)
				known[at] = class
				switch {
				case apierrors.IsForbidden(err):
					all = append(all, Check{Text: fmt.Sprintf("whether there is a Gateway %s, and what its class supports, is not known: the account may not get it", at)})
				case err != nil:
					return nil, nil, err
				case class == "":
					all = append(all, Check{Stops: o.Wait, Text: fmt.Sprintf("there is no Gateway %s, which %s names, neither in the input nor in the cluster", at, i)})
				}
			}
			if class != "" && !slices.Contains(by[class], i) {
				by[class] = append(by[class], i)
			}
		}
	}
	return by, all, nil
}

// classOf is that of a Gateway in the cluster; "" where it is not there.
func (c *Client) classOf(ctx context.Context, at types.NamespacedName) (string, error) {
	live, err := c.Dynamic.Resource(gateways).Namespace(at.Namespace).Get(ctx, at.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("get Gateway %s: %w", at, err)
	}
	class, _, _ := unstructured.NestedString(live.Object, "spec", "gatewayClassName")
	return class, nil
}

// unsupported compares the features that items need with those that a class says it
// has.
func unsupported(class *unstructured.Unstructured, items []*Item) []Check {
	listed, _, _ := unstructured.NestedSlice(class.Object, "status", "supportedFeatures")
	if len(listed) == 0 {
		return []Check{{Text: fmt.Sprintf("GatewayClass %s does not say which features it supports: look at mesh2gw targets", class.GetName())}}
	}
	has := map[string]bool{}
	for _, f := range listed {
		switch f := f.(type) {
		case map[string]any:
			has[fmt.Sprint(f["name"])] = true
		case string: // before Gateway API 1.3
			has[f] = true
		}
	}
	lacks := map[string][]string{}
	for _, i := range items {
		o, _, ok := gwapi.Bind(i.Doc)
		if !ok {
			continue
		}
		for _, u := range gwapi.Uses(o) {
			if !u.Mesh && u.Need.Listed() && u.Need.Weight > target.Minor && !has[u.Need.Feature] {
				text := fmt.Sprintf("%s (%s; without it %s)", u.Need.Feature, u.Need.Says, u.Need.Without)
				lacks[text] = append(lacks[text], i.String())
			}
		}
	}
	var all []Check
	for text, of := range lacks {
		all = append(all, Check{Stops: true, Text: fmt.Sprintf("GatewayClass %s does not list the feature %s, which %s needs", class.GetName(), text, strings.Join(slices.Compact(of), ", "))})
	}
	slices.SortFunc(all, func(a, b Check) int { return cmp.Compare(a.Text, b.Text) })
	return all
}
