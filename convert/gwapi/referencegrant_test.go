package gwapi

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

func spellGrants(objects []Object) string {
	var b strings.Builder
	for _, o := range objects {
		v := o.Value.(*gatewayv1.ReferenceGrant)
		fmt.Fprintf(&b, "%s/%s:", v.Namespace, v.Name)
		for _, f := range v.Spec.From {
			fmt.Fprintf(&b, " %s of %s", f.Kind, f.Namespace)
		}
		b.WriteString(" ->")
		for _, to := range v.Spec.To {
			fmt.Fprintf(&b, " %s %s", to.Kind, *to.Name)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestReferenceGrants(t *testing.T) {
	name := func(namespace, name string) route.Name { return route.Name{Namespace: namespace, Name: name} }
	grants := []grant{
		{fromKind: "HTTPRoute", fromNamespace: "shop", toKind: "Service", to: name("pay", "api")},
		{fromKind: "HTTPRoute", fromNamespace: "shop", toKind: "Service", to: name("pay", "web")},
		{fromKind: "TLSRoute", fromNamespace: "shop", toKind: "Service", to: name("pay", "web")},
		{fromKind: "HTTPRoute", fromNamespace: "books", toKind: "Service", to: name("pay", "web")},
		{fromKind: "Gateway", fromNamespace: "shop", fromName: "edge", toKind: "Secret", to: name("istio-system", "b")},
		{fromKind: "Gateway", fromNamespace: "shop", fromName: "edge", toKind: "Secret", to: name("istio-system", "a")},
		{fromKind: "Gateway", fromNamespace: "shop", fromName: "edge", toKind: "ConfigMap", to: name("istio-system", "ca")},
		{fromKind: "Gateway", fromNamespace: "books", fromName: "edge", toKind: "Secret", to: name("istio-system", "a")},
	}
	for i := range 18 {
		grants = append(grants, grant{fromKind: "HTTPRoute", fromNamespace: "wide", toKind: "Service", to: name("pay", fmt.Sprintf("s%02d", i))})
	}
	want := `istio-system/edge-certificates: Gateway of books -> Secret a
istio-system/edge-certificates-` + hash("grant to shop/edge 0") + `: Gateway of shop -> ConfigMap ca Secret a Secret b
pay/routes-from-books: HTTPRoute of books -> Service web
pay/routes-from-shop: HTTPRoute of shop TLSRoute of shop -> Service api Service web
pay/routes-from-wide: HTTPRoute of wide -> Service s00 Service s01 Service s02 Service s03 Service s04 Service s05 Service s06 Service s07 Service s08 Service s09 Service s10 Service s11 Service s12 Service s13 Service s14 Service s15
pay/routes-from-wide-2: HTTPRoute of wide -> Service s16 Service s17
`
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		random.Shuffle(len(grants), func(i, j int) { grants[i], grants[j] = grants[j], grants[i] })
		o := Options{Bundle: target.Bundle{Version: target.V17, Channel: target.Standard}}
		got := spellGrants(referenceGrants(append(grants, grants...), o, newNames(nil)))
		if got != want {
			t.Fatalf("got:\n%swant:\n%s", got, want)
		}
	}
}
