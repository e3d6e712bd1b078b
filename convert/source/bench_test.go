package source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"testing"

	"go.yaml.in/yaml/v3"
)

// triples is n times a Service, a DestinationRule and a VirtualService.
func triples(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, triple, i, i%10)
	}
	return b.Bytes()
}

const triple = `---
apiVersion: v1
kind: Service
metadata:
  name: svc-%[1]d
  namespace: team-%[2]d
  labels: {app: svc-%[1]d}
spec:
  selector: {app: svc-%[1]d}
  ports:
  - name: http
    port: 80
    targetPort: 8080
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: svc-%[1]d
  namespace: team-%[2]d
spec:
  host: svc-%[1]d.team-%[2]d.svc.cluster.local
  trafficPolicy:
    connectionPool:
      tcp: {maxConnections: 100}
      http: {http1MaxPendingRequests: 64, maxRequestsPerConnection: 10}
    outlierDetection: {consecutive5xxErrors: 5, interval: 10s, baseEjectionTime: 30s}
  subsets:
  - name: v1
    labels: {version: v1}
  - name: v2
    labels: {version: v2}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: svc-%[1]d
  namespace: team-%[2]d
spec:
  hosts:
  - svc-%[1]d.example.com
  gateways:
  - istio-system/gw
  http:
  - name: health
    match:
    - uri: {exact: /healthz}
    route:
    - destination: {host: svc-%[1]d.team-%[2]d.svc.cluster.local, port: {number: 80}, subset: v1}
      weight: 100
    timeout: 2s
  - name: canary
    match:
    - uri: {prefix: /api}
      headers:
        x-canary: {exact: "true"}
    route:
    - destination: {host: svc-%[1]d.team-%[2]d.svc.cluster.local, port: {number: 80}, subset: v2}
      weight: 100
  - name: login
    match:
    - uri: {regex: "/u/[0-9]+/login"}
      method: {exact: POST}
    retries: {attempts: 3, perTryTimeout: 2s, retryOn: "5xx,connect-failure"}
    route:
    - destination: {host: svc-%[1]d.team-%[2]d.svc.cluster.local, port: {number: 80}, subset: v1}
      weight: 100
  - name: default
    timeout: 10s
    headers:
      request:
        set: {x-env: prod}
    route:
    - destination: {host: svc-%[1]d.team-%[2]d.svc.cluster.local, port: {number: 80}, subset: v1}
      weight: 90
    - destination: {host: svc-%[1]d.team-%[2]d.svc.cluster.local, port: {number: 80}, subset: v2}
      weight: 10
`

const benchTriples = 1000

// BenchmarkBareYAML is what BenchmarkSplit is measured against: the same bytes
// to yaml.v3 nodes and no further.
func BenchmarkBareYAML(b *testing.B) {
	data := triples(benchTriples)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		d := yaml.NewDecoder(bytes.NewReader(data))
		for {
			var n yaml.Node
			if err := d.Decode(&n); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkSplit reads the triples, and says how many bytes stay alive for each
// byte of input. With -cpu 1 its time compares with BenchmarkBareYAML's.
func BenchmarkSplit(b *testing.B) {
	data := triples(benchTriples)
	files := []File{{Name: "in.yaml", Data: data}}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		split(b, files)
	}
	b.StopTimer()
	before := alive()
	docs := split(b, files)
	b.ReportMetric(float64(alive()-before)/float64(len(data)), "kept/input")
	runtime.KeepAlive(docs)
	runtime.KeepAlive(files)
}

func split(b *testing.B, files []File) []*Document {
	docs, findings, err := Split(context.Background(), files)
	if err != nil || len(findings) > 0 || len(docs) != 3*benchTriples {
		b.Fatal(len(docs), findings, err)
	}
	return docs
}

func alive() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
