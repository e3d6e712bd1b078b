package istio

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// BenchmarkBind is to be compared with BenchmarkParse: binding and accounting
// are to cost less than half of what a bare parse of the same bytes costs.
func BenchmarkBind(b *testing.B) {
	text := triples(200)
	docs, _, err := source.Split(context.Background(), []source.File{{Name: "in.yaml", Data: []byte(text)}})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range docs {
			if o, _ := Bind(d); o != nil {
				Account(o)
			}
		}
	}
}

// BenchmarkParse is the bare parse of the same bytes.
func BenchmarkParse(b *testing.B) {
	text := triples(200)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		d := yaml.NewDecoder(strings.NewReader(text))
		for {
			var n yaml.Node
			if d.Decode(&n) != nil {
				break
			}
		}
	}
}

func triples(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `apiVersion: v1
kind: Service
metadata: {name: s%[1]d, namespace: shop}
spec:
  selector: {app: s%[1]d}
  ports:
  - name: http
    port: 80
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: s%[1]d
  namespace: shop
spec:
  host: s%[1]d
  trafficPolicy:
    connectionPool:
      http:
        http1MaxPendingRequests: 64
  subsets:
  - name: v1
    labels:
      version: v1
  - name: v2
    labels:
      version: v2
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: s%[1]d
  namespace: shop
spec:
  hosts:
  - s%[1]d
  http:
  - match:
    - headers:
        end-user:
          exact: jason
      uri:
        prefix: /api
    timeout: 2s
    route:
    - destination:
        host: s%[1]d
        subset: v2
        port:
          number: 80
  - route:
    - destination:
        host: s%[1]d
        subset: v1
        port:
          number: 80
      weight: 90
    - destination:
        host: s%[1]d
        subset: v2
        port:
          number: 80
      weight: 10
---
`, i)
	}
	return b.String()
}
