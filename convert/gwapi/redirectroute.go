package gwapi

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// redirectRoutes builds the route that answers for the listeners with
// httpsRedirect: one, unless they are more than a route has parents. It names
// each listener, since a route on the Gateway as a whole would send https
// requests in circles.
func (p *pass) redirectRoutes(l *layout, names *names) []Object {
	var refs []gatewayv1.ParentReference
	var first *mesh.Listener
	for _, n := range slices.Concat(l.groups...) {
		if !n.HTTPSRedirect || n.Protocol != mesh.ListenHTTP {
			continue
		}
		if first == nil {
			first = n
		}
		p.noteRedirect(n)
		refs = append(refs, p.listenerParent(l, n.Name, l.gateway.Namespace))
	}
	var objects []Object
	for i, part := range slices.Collect(slices.Chunk(refs, p.opts.Bundle.Limits().ParentRefs)) {
		want := l.name + "-https-redirect"
		if i > 0 {
			want += fmt.Sprintf("-%d", i+1)
		}
		v := &gatewayv1.HTTPRoute{
			ObjectMeta: metav1.ObjectMeta{
				Name:        names.name("HTTPRoute", l.gateway.Namespace, want, fmt.Sprintf("redirect %d of %s", i, l.gateway.Name)),
				Namespace:   l.gateway.Namespace,
				Annotations: redirectAnnotations(l.gateway),
			},
			Spec: gatewayv1.HTTPRouteSpec{
				CommonRouteSpec: gatewayv1.CommonRouteSpec{ParentRefs: part},
				Rules:           []gatewayv1.HTTPRouteRule{redirectRule()},
			},
		}
		v.Kind = "HTTPRoute"
		v.APIVersion, _ = p.opts.Bundle.APIVersion(v.Kind)
		origin := gatewayOrigin(l.gateway, "httpsRedirect")
		origin.Pos = redirectPlace(first).Pos
		objects = append(objects, Object{Kind: v.Kind, Value: v, Origin: origin})
	}
	return objects
}

// redirectRule is what Istio does for httpsRedirect: 301 for every request
// (pilot/pkg/networking/core/gateway.go, RequireTls ALL), where Gateway API's
// default is 302.
func redirectRule() gatewayv1.HTTPRouteRule {
	return gatewayv1.HTTPRouteRule{
		Matches: []gatewayv1.HTTPRouteMatch{{
			Path: &gatewayv1.HTTPPathMatch{Type: new(gatewayv1.PathMatchPathPrefix), Value: new("/")},
		}},
		Filters: []gatewayv1.HTTPRouteFilter{{
			Type:            gatewayv1.HTTPRouteFilterRequestRedirect,
			RequestRedirect: &gatewayv1.HTTPRequestRedirectFilter{Scheme: new("https"), StatusCode: new(301)},
		}},
	}
}

// noteRedirect tells what becomes of a port in the Host header.
func (p *pass) noteRedirect(n *mesh.Listener) {
	r := rule.HTTPSRedirectPort
	if n.Port == 80 {
		r = rule.RedirectPort80
	}
	p.note(r, redirectPlace(n), "a request whose Host names port %d is redirected to https on port %d today, and to 443 afterwards.", n.Port, n.Port)
}

func redirectPlace(n *mesh.Listener) finding.Place { return n.From.Get("tls").At("httpsRedirect") }
