//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// triples writes one Gateway and n times a Service, a DestinationRule with two
// subsets and a VirtualService of five rules, as a mesh of that size has them.
func triples(n int) []byte {
	var b bytes.Buffer
	b.WriteString("apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: istio-system}\nspec:\n" +
		"  selector: {istio: ingressgateway}\n  servers:\n  - port: {number: 80, name: http, protocol: HTTP}\n    hosts: [\"*.example.com\"]\n")
	for i := range n {
		fmt.Fprintf(&b, triple, fmt.Sprintf("svc-%d", i), fmt.Sprintf("team-%d", i%10))
	}
	return b.Bytes()
}

const triple = `---
apiVersion: v1
kind: Service
metadata:
  name: %[1]s
  namespace: %[2]s
  labels: {app: %[1]s}
spec:
  selector: {app: %[1]s}
  ports:
  - name: http
    port: 80
    targetPort: 8080
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: %[1]s
  namespace: %[2]s
spec:
  host: %[1]s.%[2]s.svc.cluster.local
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
  name: %[1]s
  namespace: %[2]s
spec:
  hosts:
  - %[1]s.example.com
  gateways:
  - istio-system/gw
  http:
  - name: health
    match:
    - uri: {exact: /healthz}
    route:
    - destination: {host: %[1]s.%[2]s.svc.cluster.local, port: {number: 80}, subset: v1}
    timeout: 2s
  - name: canary
    match:
    - uri: {prefix: /api}
      headers:
        x-canary: {exact: "true"}
    route:
    - destination: {host: %[1]s.%[2]s.svc.cluster.local, port: {number: 80}, subset: v2}
  - name: legacy
    match:
    - uri: {prefix: /old/}
    rewrite: {uri: /new/}
    route:
    - destination: {host: %[1]s.%[2]s.svc.cluster.local, port: {number: 80}, subset: v1}
  - name: login
    match:
    - uri: {regex: "/u/[0-9]+/login"}
      method: {exact: POST}
    retries: {attempts: 3, perTryTimeout: 2s, retryOn: "5xx,connect-failure"}
    route:
    - destination: {host: %[1]s.%[2]s.svc.cluster.local, port: {number: 80}, subset: v1}
  - name: default
    timeout: 10s
    headers:
      request:
        set: {x-env: prod}
    route:
    - destination: {host: %[1]s.%[2]s.svc.cluster.local, port: {number: 80}, subset: v1}
      weight: 90
    - destination: {host: %[1]s.%[2]s.svc.cluster.local, port: {number: 80}, subset: v2}
      weight: 10
`

// BenchmarkConvert measures the CPU time of the whole pipe, printing included,
// per object triple and as a multiple of a bare yaml.v3 node parse of the same
// bytes, taken in turns in the same run. The goal is at most 3, for every N, and
// that the proof costs at most as much again.
func BenchmarkConvert(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent)) // both sides as the command runs
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprintf("N=%d", n), func(b *testing.B) {
			data := triples(n)
			defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
			boundMemory(len(data))
			b.SetBytes(int64(len(data)))
			var pipe, proof, parse time.Duration
			for b.Loop() {
				pipe += cpu(func() { pipeAll(b, data, true) })
				proof += cpu(func() { pipeAll(b, data, false) })
				parse += cpu(func() { parseAll(b, data) })
			}
			b.ReportMetric(float64(pipe)/float64(parse), "x-bare-parse")
			b.ReportMetric(float64(proof)/float64(pipe), "x-with-proof")
			b.ReportMetric(float64(pipe.Microseconds())/float64(b.N*n), "cpu-us/triple")
		})
	}
}

// cpu is the CPU time of this process that f takes, on all cores.
func cpu(f func()) time.Duration {
	before := rusage()
	f()
	return rusage() - before
}

func rusage() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func pipeAll(b *testing.B, data []byte, unproven bool) {
	result, err := convert.Convert(context.Background(), []source.File{{Name: "in.yaml", Data: data}}, convert.Options{Pack: print.PackYAML(true), Unproven: unproven})
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(print.CommentedYAML(io.Discard, result.Objects), print.FindingsText(io.Discard, result.Findings)); err != nil {
		b.Fatal(err)
	}
}

func parseAll(b *testing.B, data []byte) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var node yaml.Node
		if err := decoder.Decode(&node); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCommand measures the built command as a whole process: CPU time for
// one small file, start-up included (goal: 50 ms), and peak memory as a multiple
// of a large input (goal: 15).
func BenchmarkCommand(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "mesh2gw")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, n := range []int{1, 1000, 10000} {
		b.Run(fmt.Sprintf("N=%d", n), func(b *testing.B) {
			data := triples(n)
			file := filepath.Join(b.TempDir(), "in.yaml")
			if err := os.WriteFile(file, data, 0o644); err != nil {
				b.Fatal(err)
			}
			var used time.Duration
			var peak int64
			var own syscall.Rusage
			for b.Loop() {
				cmd := exec.Command(binary, "convert", "--fail-on", "never", file)
				if err := cmd.Run(); err != nil {
					b.Fatal(err)
				}
				used += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
				peak = max(peak, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss*1024)
			}
			b.ReportMetric(float64(used.Milliseconds())/float64(b.N), "cpu-ms/op")
			// Linux counts the memory of the parent before exec to the child: a
			// peak is the command's where it exceeds this process's.
			if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
				b.Fatal(err)
			}
			if peak > own.Maxrss*1024 {
				b.ReportMetric(float64(peak)/float64(len(data)), "x-input-memory")
			}
		})
	}
}
