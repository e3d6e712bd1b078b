package gwapi

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// listenerSets builds the ListenerSets with what a Gateway has no room for.
func (p *pass) listenerSets(l *layout) []Object {
	if len(l.sets) == 0 {
		return nil
	}
	kind, _ := listenerSetKind(p.opts)
	p.note(rule.ListenersSplit, l.gateway.Object.Place(), "Gateway %s has more listeners than fit; the rest stands in %s %s, whose hosts only an implementation with ListenerSets serves.",
		l.gateway.Name, kind, strings.Join(l.sets, ", "))
	var objects []Object
	for i, name := range l.sets {
		v := &gatewayv1.ListenerSet{
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: l.gateway.Namespace, Labels: labels(l.gateway.Object.Root)},
			Spec: gatewayv1.ListenerSetSpec{ParentRef: gatewayv1.ParentGatewayReference{
				Group: new(gatewayv1.Group(gatewayv1.GroupName)), Kind: new(gatewayv1.Kind("Gateway")), Name: gatewayv1.ObjectName(l.name),
			}},
		}
		v.Kind = kind
		v.APIVersion, _ = p.opts.Bundle.APIVersion(kind)
		for _, n := range l.groups[i+1] {
			v.Spec.Listeners = append(v.Spec.Listeners, gatewayv1.ListenerEntry(p.listener(l, n)))
		}
		objects = append(objects, Object{Kind: kind, Value: v, Origin: gatewayOrigin(l.gateway, fmt.Sprintf("listeners %d", i+2))})
	}
	return objects
}

// group is the API group of a kind in the bundle.
func (p *pass) group(kind string) string {
	apiVersion, _ := p.opts.Bundle.APIVersion(kind)
	group, _, _ := strings.Cut(apiVersion, "/")
	return group
}
