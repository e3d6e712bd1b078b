package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// BenchmarkBigHost converts one host with 500 rules (exact paths, prefixes within
// prefixes, conditions on methods and headers) with and without the proof. The
// goal for both is under 2 s.
func BenchmarkBigHost(b *testing.B) {
	files := []source.File{{Name: "in.yaml", Data: bigHost(500)}}
	for name, options := range map[string]convert.Options{"with proof": {}, "without proof": {Unproven: true}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := convert.Convert(context.Background(), files, options); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
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
