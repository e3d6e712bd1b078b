package hint

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

const services = `
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {selector: {app: reviews}, ports: [{name: http, port: 9080}]}
---
apiVersion: v1
kind: Service
metadata: {name: prices, namespace: shop}
spec: {selector: {app: prices}, ports: [{name: grpc, port: 50051}]}
---
`

func collect(t *testing.T, text string) []Hint {
	t.Helper()
	result, err := Collect(context.Background(), []source.File{{Name: "in.yaml", Data: []byte(services + text)}}, Options{Namespace: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		t.Errorf("unexpected finding: %s", f)
	}
	return result.Hints
}

// shown is a hint in a few lines.
func shown(hints []Hint) string {
	var b strings.Builder
	for _, h := range hints {
		port := ""
		if h.Port != 0 {
			port = fmt.Sprint(":", h.Port)
		}
		fmt.Fprintf(&b, "%s%s client=%q%s grpc=%v\n", h.Service, port, route.CanonicalSelector(h.Client.Labels), h.Client.Namespace, h.GRPC)
		for _, p := range h.Policies {
			match := "all"
			if p.Match != nil {
				match = p.Match.Path.Value
			}
			r := p.Retry
			fmt.Fprintf(&b, "  %s: timeout %v, %d retries of %v, wait %v..%v, on %v, %d codes, unknown %v, assumed %v, unsafe %v\n",
				match, p.Timeout, r.Retries, r.PerTry, r.Base, r.Most, r.On, len(r.Codes), r.Unknown, r.Assumed, r.Unsafe)
		}
		for _, p := range h.Pools {
			fmt.Fprintf(&b, "  pool %q %d: connect %v, %d connections, %d pending, %d requests, budget %v/%d", p.Subset, p.Port, p.ConnectTimeout, p.MaxConnections, p.MaxPending, p.MaxRequests, p.Budget, p.MinBudget)
			if k := p.Breaker; k != nil {
				fmt.Fprintf(&b, ", breaker %d/%d in %v for %v, %d %%", k.Consecutive, k.Gateway, k.Interval, k.Ejection, k.MaxPercent)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func TestCollect(t *testing.T) {
	const grpcAlone = `shop/prices client="" grpc=true
  all: timeout 0s, 2 retries of 0s, wait 25ms..250ms, on [connect-failure refused-stream unavailable cancelled], 0 codes, unknown [], assumed true, unsafe false
`
	for _, c := range []struct{ name, in, want string }{
		{"a Service alone has a hint only where it speaks gRPC", "", grpcAlone},
		{"what is written, in order; equal rules are one", `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews}
spec:
  hosts: [reviews]
  http:
  - match: [{uri: {prefix: /slow}}]
    timeout: 30s
    retries: {attempts: 0}
    route: [{destination: {host: reviews}}]
  - match: [{uri: {prefix: /same}}]
    timeout: 3s
    retries: {attempts: 3, perTryTimeout: 1s, backoff: 100ms, retryOn: "5xx,reset,envoy-ratelimited"}
    route: [{destination: {host: reviews}}]
  - timeout: 3s
    retries: {attempts: 3, perTryTimeout: 1s, backoff: 100ms, retryOn: "5xx,reset,envoy-ratelimited"}
    route: [{destination: {host: reviews}}]
`, grpcAlone + `shop/reviews client="" grpc=false
  /slow: timeout 30s, 0 retries of 0s, wait 25ms..250ms, on [connect-failure refused-stream unavailable cancelled], 0 codes, unknown [], assumed false, unsafe false
  all: timeout 3s, 3 retries of 1s, wait 100ms..1s, on [connect-failure refused-stream reset], 100 codes, unknown [envoy-ratelimited], assumed false, unsafe true
`},
		{"clients that rules single out; answers and redirects are no calls", `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews}
spec:
  hosts: [reviews.shop.svc.cluster.local]
  http:
  - match: [{sourceLabels: {app: web}}]
    retries: {attempts: 1, retryOn: "503,connect-failure"}
    route: [{destination: {host: reviews}}]
  - match: [{uri: {exact: /gone}}]
    directResponse: {status: 410}
`, grpcAlone + `shop/reviews client="" grpc=false
  all: timeout 0s, 2 retries of 0s, wait 25ms..250ms, on [connect-failure refused-stream unavailable cancelled], 0 codes, unknown [], assumed true, unsafe false
shop/reviews client="app=web" grpc=false
  all: timeout 0s, 1 retries of 0s, wait 25ms..250ms, on [connect-failure], 1 codes, unknown [], assumed false, unsafe true
`},
		{"ports with rules of their own; whoever is within a namespace meets the rules for it, too", `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80}, {name: http-admin, port: 81}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  http:
  - match: [{port: 81}]
    timeout: 8s
    route: [{destination: {host: web, port: {number: 81}}}]
  - match: [{uri: {prefix: /in}, sourceNamespace: jobs}]
    timeout: 1s
    route: [{destination: {host: web, port: {number: 80}}}]
  - match: [{sourceNamespace: jobs, sourceLabels: {app: night}}]
    timeout: 2s
    route: [{destination: {host: web, port: {number: 80}}}]
`, grpcAlone + `shop/web:80 client="" grpc=false
  all: timeout 0s, DEFAULT
shop/web:80 client=""jobs grpc=false
  /in: timeout 1s, DEFAULT
  all: timeout 0s, DEFAULT
shop/web:80 client="app=night"jobs grpc=false
  /in: timeout 1s, DEFAULT
  all: timeout 2s, DEFAULT
shop/web:81 client="" grpc=false
  all: timeout 8s, DEFAULT
`},
		{"pools: a subset inherits part by part, a port nothing", `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec:
  host: reviews
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 7, connectTimeout: 1s}, http: {http1MaxPendingRequests: 3, http2MaxRequests: 9}}
    outlierDetection: {}
    retryBudget: {percent: 25}
    portLevelSettings:
    - port: {number: 9080}
      outlierDetection: {consecutive5xxErrors: 2, interval: 1s, baseEjectionTime: 5s, maxEjectionPercent: 100}
  subsets:
  - name: v1
    labels: {version: v1}
    trafficPolicy: {outlierDetection: {consecutive5xxErrors: 0, consecutiveGatewayErrors: 4}}
  - name: v2
    labels: {version: v2}
    trafficPolicy: {outlierDetection: {consecutive5xxErrors: 0}}
`, grpcAlone + `shop/reviews client="" grpc=false
  all: timeout 0s, 2 retries of 0s, wait 25ms..250ms, on [connect-failure refused-stream unavailable cancelled], 0 codes, unknown [], assumed true, unsafe false
  pool "" 0: connect 1s, 7 connections, 3 pending, 9 requests, budget 25/3, breaker 5/0 in 10s for 30s, 10 %
  pool "" 9080: connect 10s, 0 connections, 0 pending, 0 requests, budget 25/3, breaker 2/0 in 1s for 5s, 100 %
  pool "v1" 0: connect 1s, 7 connections, 3 pending, 9 requests, budget 25/3, breaker 0/4 in 10s for 30s, 10 %
  pool "v2" 0: connect 1s, 7 connections, 3 pending, 9 requests, budget 25/3
`},
	} {
		c.want = strings.ReplaceAll(c.want, "DEFAULT", "2 retries of 0s, wait 25ms..250ms, on [connect-failure refused-stream unavailable cancelled], 0 codes, unknown [], assumed true, unsafe false")
		if got := shown(collect(t, c.in)); got != c.want {
			t.Errorf("%s:\ngot\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}
