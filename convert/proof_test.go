package convert

import (
	"context"
	"strings"
	"testing"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

const unexplainedInput = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [edge]
  http:
  - match: [{uri: {exact: /cart}}]
    timeout: 3s
    route: [{destination: {host: cart, port: {number: 80}}}]
  - route: [{destination: {host: web, port: {number: 80}}}]
`

// TestUnexplained damages the output in ways that no finding of the conversion
// admits: each has to be reported.
func TestUnexplained(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(*gatewayv1.HTTPRoute)
		want   []string // parts of the messages; none for no finding
	}{
		{"none", func(*gatewayv1.HTTPRoute) {}, nil},
		{"timeout", func(r *gatewayv1.HTTPRoute) { r.Spec.Rules[0].Timeouts = nil }, []string{"GET shop.example.com/cart forwards to cart.shop:80, timeout 3s today", "(timeout)"}},
		{"backend", func(r *gatewayv1.HTTPRoute) { r.Spec.Rules[1].BackendRefs[0].Name = "cart" }, []string{"GET shop.example.com/ forwards to web.shop:80 today, and forwards to cart.shop:80 afterwards (destinations)"}},
		{"host", func(r *gatewayv1.HTTPRoute) { r.Spec.Hostnames[0] = "shop.example.org" }, []string{"shop.example.com", "shop.example.org"}},
		{"rule", func(r *gatewayv1.HTTPRoute) { r.Spec.Rules = r.Spec.Rules[:1] }, []string{"answers 404"}},
		{"path", func(r *gatewayv1.HTTPRoute) {
			r.Spec.Rules[0].Matches[0].Path.Type = new(gatewayv1.PathMatchPathPrefix)
		}, []string{"GET shop.example.com/cart/ forwards to web.shop:80, timeout none today"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := damaged(t, c.damage)
			var messages []string
			for _, f := range found {
				if f.Rule != rule.Unexplained {
					t.Errorf("unexpected finding %s", f)
				}
				messages = append(messages, f.String())
			}
			all := strings.Join(messages, "\n")
			for _, want := range c.want {
				if !strings.Contains(all, want) {
					t.Errorf("no finding has %q:\n%s", want, all)
				}
			}
			if len(c.want) == 0 && all != "" {
				t.Errorf("nothing is damaged, and there is\n%s", all)
			}
		})
	}
}

// damaged converts the input, damages its route, and returns what the proof says.
func damaged(t *testing.T, damage func(*gatewayv1.HTTPRoute)) []finding.Finding {
	t.Helper()
	o := Options{}.defaults()
	docs, findings, err := source.Split(context.Background(), []source.File{{Name: "in.yaml", Data: []byte(unexplainedInput)}})
	if err != nil {
		t.Fatal(err)
	}
	objects, found := bind(docs, true)
	findings = append(findings, found...)
	model, found := mesh.Link(objects, mesh.Options{Namespace: o.Namespace, Mesh: o.Mesh})
	findings = append(findings, found...)
	p := newProof(model, [][]finding.Finding{findings}, o)
	gwapi.Build(model, gwapi.Options{Bundle: o.bundle(), Prove: func(b gwapi.Batch) []finding.Finding {
		damage(b.Objects[0].Value.(*gatewayv1.HTTPRoute))
		found = p.batch(b)
		return found
	}})
	return append(found, p.end()...)
}
