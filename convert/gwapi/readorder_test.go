package gwapi_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// What is sure while the rank of expressions is open holds in every ranking that
// is known. Matches here have no method: that Envoy Gateway counts one as a
// header departs from Gateway API's own words, which are taken as sure.
func TestSureHoldsInEveryRanking(t *testing.T) {
	rankings := []target.Ranking{target.RankPrefixFirst, target.RankRegexFirst, target.RankRegexFirstUnordered, target.RankRegexFirstByLength, target.RankByLength}
	random := rand.New(rand.NewPCG(3, 14))
	unsure := 0
	for range 300 {
		objects := []gwapi.Object{oneGateway(), randomRoute(random)}
		open, found := gwapi.Read(objects, gwapi.ReadOptions{})
		if len(found) > 0 {
			t.Fatal(found)
		}
		list := open.Doors[0].Lists[0]
		for _, ranking := range rankings {
			settled, _ := gwapi.Read(objects, gwapi.ReadOptions{Ranking: ranking})
			order := places(settled.Doors[0].Lists[0])
			for j := range list.Rules {
				for i := range j {
					sure := list.Sure == nil || list.Sure(i, j)
					if !sure {
						unsure++
					}
					if sure && order[list.Rules[i].Where] > order[list.Rules[j].Where] {
						t.Fatalf("ranking %d prefers %s, and %s was sure to be first:\n%s", ranking, list.Rules[j].Where, list.Rules[i].Where, dump(open))
					}
				}
			}
		}
	}
	if unsure == 0 {
		t.Error("every order was sure: expressions are not tried")
	}
}

// places are the indexes of rules by where they stand.
func places(l *route.List) map[string]int {
	at := map[string]int{}
	for i, r := range l.Rules {
		at[r.Where] = i
	}
	return at
}

func oneGateway() gwapi.Object {
	g := &gatewayv1.Gateway{ObjectMeta: metav1.ObjectMeta{Name: "edge", Namespace: "default"}}
	g.Spec.Listeners = []gatewayv1.Listener{{Name: "http", Port: 80, Protocol: gatewayv1.HTTPProtocolType}}
	return gwapi.Object{Kind: "Gateway", Value: g}
}

func randomRoute(random *rand.Rand) gwapi.Object {
	r := &gatewayv1.HTTPRoute{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "default"}}
	r.Spec.ParentRefs = []gatewayv1.ParentReference{{Name: "edge"}}
	for range 2 + random.IntN(6) {
		kind := []gatewayv1.PathMatchType{gatewayv1.PathMatchExact, gatewayv1.PathMatchPathPrefix, gatewayv1.PathMatchRegularExpression}[random.IntN(3)]
		value := []string{"/", "/a", "/a/b", "/a/b/c", "/x"}[random.IntN(5)]
		m := gatewayv1.HTTPRouteMatch{Path: &gatewayv1.HTTPPathMatch{Type: &kind, Value: &value}}
		for i := range random.IntN(3) {
			m.Headers = append(m.Headers, gatewayv1.HTTPHeaderMatch{Name: gatewayv1.HTTPHeaderName(fmt.Sprintf("h%d", i)), Value: "1"})
		}
		for i := range random.IntN(3) {
			m.QueryParams = append(m.QueryParams, gatewayv1.HTTPQueryParamMatch{Name: gatewayv1.HTTPHeaderName(fmt.Sprintf("q%d", i)), Value: "1"})
		}
		r.Spec.Rules = append(r.Spec.Rules, gatewayv1.HTTPRouteRule{Matches: []gatewayv1.HTTPRouteMatch{m}})
	}
	return gwapi.Object{Kind: "HTTPRoute", Value: r}
}

// Of several names for a target all that the issue lists are known.
func TestRankings(t *testing.T) {
	for _, name := range []string{"istio", "envoy-gateway", "kgateway", "contour", "cilium", "agentgateway", "nginx-gateway-fabric", "traefik", "linkerd"} {
		if r, ok := target.RankingOf(name); !ok || r.Known() != (name != "linkerd") {
			t.Errorf("RankingOf(%s) = %v, %v", name, r, ok)
		}
	}
	if _, ok := target.RankingOf("Istio"); ok {
		t.Error("a name in upper case is known")
	}
}

// A rule of the Service's own namespace never decides for callers that have a
// route of theirs.
func TestConsumersReplaceProducers(t *testing.T) {
	objects, _ := bindAll(t, []byte(`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: producer, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: cart, port: 80}]
  rules: [{backendRefs: [{name: cart, port: 80}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: consumer, namespace: web}
spec:
  parentRefs: [{group: "", kind: Service, name: cart, namespace: shop, port: 80}]
  rules: [{matches: [{path: {value: /v2}}], backendRefs: [{name: cart-v2, namespace: shop, port: 80}]}]
`))
	routing, _ := gwapi.Read(objects, gwapi.ReadOptions{})
	list := routing.Doors[0].Lists[0]
	decide := func(path, namespace string) string {
		request := &route.Request{Method: "GET", Path: path, SourceNamespace: namespace}
		i := slices.IndexFunc(list.Rules, func(r *route.Rule) bool { return r.Match.Holds(request) })
		return actionText(list.Rules[i].Action)
	}
	for _, c := range []struct{ path, namespace, want string }{
		{"/v2", "web", "cart-v2.shop.svc.cluster.local:80 weight 1"},
		{"/", "web", "answer 404"},
		{"/v2", "pay", "cart.shop.svc.cluster.local:80 weight 1"},
		{"/", "", "cart.shop.svc.cluster.local:80 weight 1"},
	} {
		if got := decide(c.path, c.namespace); got != c.want {
			t.Errorf("%s from %q: %s, want %s", c.path, c.namespace, got, c.want)
		}
	}
}
