package hint_test

import (
	"testing"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/hint"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

const booksProfile = `apiVersion: v1
kind: Service
metadata: {name: books, namespace: shop}
spec: {selector: {app: books}, ports: [{name: http, port: 80}]}
---
apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: {name: books.shop.svc.cluster.local, namespace: shop}
spec:
  routes:
  - {name: list, condition: {method: GET, pathRegex: /books}, isRetryable: true, timeout: 300ms}
  retryBudget: {retryRatio: 0.1, minRetriesPerSecond: 5, ttl: 10s}
`

// Of a ServiceProfile callers get the timeouts and retries, with the budget; what
// it does not speak of is not retried, as Istio's proxies would.
func TestServiceProfile(t *testing.T) {
	result, err := hint.Collect(t.Context(), []source.File{{Name: "books.yaml", Data: []byte(booksProfile)}}, hint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Hints) != 1 || result.Hints[0].Service.String() != "shop/books" {
		t.Fatalf("hints %+v", result.Hints)
	}
	h := result.Hints[0]
	if len(h.Policies) != 2 || len(h.Pools) != 1 {
		t.Fatalf("%d policies, %d pools", len(h.Policies), len(h.Pools))
	}
	first, rest, pool := h.Policies[0], h.Policies[1], h.Pools[0]
	if first.Timeout != 300*time.Millisecond || first.Retry.Retries != 1 || len(first.Retry.Codes) != 100 || len(first.Retry.On) != 0 {
		t.Errorf("the route: %+v", first)
	}
	if rest.Timeout != 0 || rest.Retry.Retries != 0 || rest.Retry.Assumed {
		t.Errorf("what no route takes: %+v", rest)
	}
	if pool.Budget != 10 || pool.MinBudget != 5 || !pool.PerSecond {
		t.Errorf("the budget: %+v", pool)
	}
}
