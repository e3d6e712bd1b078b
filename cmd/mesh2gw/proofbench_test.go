//go:build unix

package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// BenchmarkProof measures what the proof adds to a conversion: its CPU time as
// a multiple of that of the rest of the pipe, printing included, in the same
// run. The goal is at most 1.
func BenchmarkProof(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprintf("N=%d", n), func(b *testing.B) {
			files := []source.File{{Name: "in.yaml", Data: triples(n)}}
			defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
			boundMemory(len(files[0].Data))
			before, err := convert.ReadSide(context.Background(), files, nil, convert.VerifyOptions{})
			if err != nil {
				b.Fatal(err)
			}
			result, err := convert.Convert(context.Background(), files, convert.Options{})
			if err != nil {
				b.Fatal(err)
			}
			var pipe, proof time.Duration
			for b.Loop() {
				pipe += cpu(func() { pipeAll(b, files[0].Data) })
				proof += cpu(func() { proveAll(before, result) })
			}
			b.ReportMetric(float64(proof)/float64(pipe-proof), "x-rest-of-pipe")
			b.ReportMetric(float64(proof.Microseconds())/float64(b.N*n), "cpu-us/triple")
		})
	}
}

// proveAll is what convert does between building and printing.
func proveAll(before convert.Side, result convert.Result) {
	after, _ := gwapi.Read(result.Objects, gwapi.ReadOptions{Ranking: target.RankPrefixFirst, Services: before.Routing.Pods})
	prove.Unexplained(prove.Compare(before.Routing, after, prove.Options{}), result.Findings)
}

// BenchmarkBigHost converts and proves one host with 500 rules: exact paths,
// prefixes within prefixes, conditions on headers. The goal is under 2 s.
func BenchmarkBigHost(b *testing.B) {
	files := []source.File{{Name: "in.yaml", Data: bigHost(500)}}
	var before convert.Side
	var result convert.Result
	var err error
	b.Run("convert", func(b *testing.B) {
		for b.Loop() {
			if result, err = convert.Convert(context.Background(), files, convert.Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	if before, err = convert.ReadSide(context.Background(), files, nil, convert.VerifyOptions{}); err != nil {
		b.Fatal(err)
	}
	b.Run("prove", func(b *testing.B) {
		for b.Loop() {
			proveAll(before, result)
		}
	})
}

// bigHost is a VirtualService of n rules.
func bigHost(n int) []byte {
	var b strings.Builder
	b.WriteString("apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: big, namespace: shop}\n" +
		"spec:\n  hosts: [big.example.com]\n  gateways: [edge]\n  http:\n")
	for i := range n {
		match := fmt.Sprintf("uri: {prefix: /team-%d/app-%d}", i%20, i)
		switch i % 5 {
		case 0:
			match = fmt.Sprintf("uri: {exact: /team-%d/app-%d/health}", i%20, i)
		case 1:
			match = fmt.Sprintf("uri: {prefix: /team-%d}, headers: {x-user: {exact: user-%d}}", i%20, i)
		case 2:
			match += ", method: {exact: POST}"
		}
		fmt.Fprintf(&b, "  - match: [{%s}]\n    route: [{destination: {host: app-%d, port: {number: 80}}}]\n", match, i%50)
	}
	b.WriteString("  - route: [{destination: {host: web, port: {number: 80}}}]\n")
	return []byte(b.String())
}
