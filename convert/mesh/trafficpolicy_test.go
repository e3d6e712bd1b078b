package mesh_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// web is a Service with two ports and a route that asks for the subset v1.
const web = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80}, {name: http-admin, port: 81}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http: [{route: [{destination: {host: web, subset: v1, port: {number: 80}}}]}]
---
`

// destinationRule is one for web, with spec behind its host.
func destinationRule(name, spec string) string {
	return fmt.Sprintf("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {%s}\nspec:\n  host: web.shop.svc.cluster.local\n%s---\n", name, spec)
}

// TestPolicies merges as pilot/pkg/networking/util/util.go MergeSubsetTrafficPolicy
// and pilot/pkg/model/destination_rule.go mergeDestinationRule do.
func TestPolicies(t *testing.T) {
	tests := map[string]struct{ rules, want string }{
		"none": {destinationRule("name: a, namespace: shop", "  subsets: [{name: v1, labels: {version: v1}}]\n"), ""},
		"general": {
			destinationRule("name: a, namespace: shop", "  trafficPolicy: {loadBalancer: {simple: RANDOM}, connectionPool: {tcp: {maxConnections: 1}}}\n"),
			"shop/web 0: lb RANDOM, pool 1\n",
		},
		"a port inherits nothing": {
			destinationRule("name: a, namespace: shop", `  trafficPolicy:
    loadBalancer: {simple: RANDOM}
    proxyProtocol: {version: V2}
    portLevelSettings: [{port: {number: 81}, connectionPool: {tcp: {maxConnections: 2}}}, {port: {number: 82}}]
`),
			"shop/web 0: lb RANDOM, proxy\nshop/web 81: pool 2\nshop/web 82:\n",
		},
		"a subset inherits by part": {
			destinationRule("name: a, namespace: shop", `  trafficPolicy: {loadBalancer: {simple: RANDOM}, connectionPool: {tcp: {maxConnections: 1}}}
  subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {connectionPool: {tcp: {maxConnections: 9}}}}]
`),
			"shop/web 0: lb RANDOM, pool 1\nshop/web-v1 0: lb RANDOM, pool 9\n",
		},
		"a subset without a policy has the general one": {
			destinationRule("name: a, namespace: shop", "  trafficPolicy: {loadBalancer: {simple: RANDOM}}\n  subsets: [{name: v1, labels: {version: v1}}]\n"),
			"shop/web 0: lb RANDOM\nshop/web-v1 0: lb RANDOM\n",
		},
		"a port of a subset hides what is for the port": {
			destinationRule("name: a, namespace: shop", `  trafficPolicy:
    loadBalancer: {simple: RANDOM}
    portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 1}}}]
  subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: ROUND_ROBIN}}]}}]
`),
			"shop/web 0: lb RANDOM\nshop/web 80: pool 1\nshop/web-v1 0: lb RANDOM\nshop/web-v1 80: lb ROUND_ROBIN\n",
		},
		"a subset over what is for the port": {
			destinationRule("name: a, namespace: shop", `  trafficPolicy:
    portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 1}}}]
  subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {loadBalancer: {simple: RANDOM}}}]
`),
			"shop/web 80: pool 1\nshop/web-v1 0: lb RANDOM\nshop/web-v1 80: lb RANDOM, pool 1\n",
		},
		"of two rules the first with a policy counts, and both define subsets": {
			destinationRule("name: b, namespace: shop", "  trafficPolicy: {loadBalancer: {simple: RANDOM}}\n") +
				destinationRule("name: a, namespace: shop", "  subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {connectionPool: {tcp: {maxConnections: 3}}}}]\n") +
				destinationRule("name: c, namespace: shop", "  trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}\n"),
			"shop/web 0: lb RANDOM\nshop/web-v1 0: lb RANDOM, pool 3\n",
		},
		"the Service's namespace goes before the root namespace": {
			destinationRule("name: a, namespace: istio-system", "  trafficPolicy: {loadBalancer: {simple: RANDOM}}\n") +
				destinationRule("name: a, namespace: shop", "  trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}\n"),
			"shop/web 0: lb ROUND_ROBIN\n",
		},
		"other namespaces do not count": {destinationRule("name: a, namespace: other", "  trafficPolicy: {loadBalancer: {simple: RANDOM}}\n"), ""},
		"for some callers": {
			destinationRule("name: a, namespace: shop", "  exportTo: [., other]\n  trafficPolicy: {loadBalancer: {simple: RANDOM}}\n"),
			"shop/web 0: lb RANDOM [exportTo (., other)]\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, policies(t, web+test.rules)); diff != "" {
				t.Errorf("policies (-want +got):\n%s", diff)
			}
		})
	}
}

// policies spells the policies of a model, each with the place of its parts.
func policies(t *testing.T, data string) string {
	t.Helper()
	docs, _, err := source.Split(context.Background(), []source.File{{Name: "in.yaml", Data: []byte(data)}})
	if err != nil {
		t.Fatal(err)
	}
	var objects []*istio.Object
	for _, d := range docs {
		o, _ := istio.Later(d, true)
		objects = append(objects, o)
	}
	model, _ := mesh.Link(objects, mesh.Options{Namespace: "default", GatewayNamespace: "istio-system", Mesh: mesh.GAMMA, Policies: true})
	var out strings.Builder
	for _, p := range model.Policies {
		for _, port := range p.Ports {
			var parts []string
			if lb := port.LoadBalancer; lb != nil {
				parts = append(parts, "lb "+lb.GetSimple().String())
				if p.Node(lb) == nil {
					t.Errorf("%s: the load balancer has no place", p.Service)
				}
			}
			if pool := port.ConnectionPool; pool != nil {
				parts = append(parts, fmt.Sprint("pool ", pool.GetTcp().GetMaxConnections()))
				if p.Node(pool) == nil {
					t.Errorf("%s: the pool has no place", p.Service)
				}
			}
			if port.ProxyProtocol != nil {
				parts = append(parts, "proxy")
			}
			line := fmt.Sprintf("%s %d: %s", p.Service, port.Port, strings.Join(parts, ", "))
			if p.Scoped != "" {
				line += " [" + p.Scoped + "]"
			}
			fmt.Fprintln(&out, strings.TrimSpace(line))
		}
	}
	return out.String()
}
