package istiod

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// kinds are the ways to match a path, each without and with a header.
var kinds = []string{
	`uri: {exact: /foo}`, `uri: {prefix: /}`, `uri: {prefix: /foo}`, `uri: {prefix: /foo/}`, `uri: {regex: "/fo+(/.*)?"}`,
	`uri: {exact: /foo}, headers: {x-a: {exact: "1"}}`, `headers: {x-a: {exact: "1"}}`, `uri: {prefix: /foo}, headers: {x-a: {exact: "1"}}`,
	`uri: {prefix: /foo/}, headers: {x-a: {exact: "1"}}`, `uri: {regex: "/fo+(/.*)?"}, headers: {x-a: {exact: "1"}}`,
}

const edge = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: ["*.example.com"]
`

// Every list of two and of three kinds of rules, each on a host of its own.
func TestCombinations(t *testing.T) {
	var yaml strings.Builder
	yaml.WriteString(edge)
	n := 0
	list := func(rules ...string) {
		n++
		fmt.Fprintf(&yaml, "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: c%[1]d, namespace: shop}\n"+
			"spec:\n  hosts: [c%[1]d.example.com]\n  gateways: [edge]\n  http:\n", n)
		for i, r := range rules {
			fmt.Fprintf(&yaml, "  - match: [{%s}]\n    route: [{destination: {host: r%d, port: {number: 80}}}]\n", r, i+1)
		}
	}
	for _, first := range kinds {
		for _, second := range kinds {
			list(first, second)
			for _, third := range kinds {
				list(first, second, third)
			}
		}
	}
	c := testCase{
		name: "combinations", files: []source.File{{Name: "lists.yaml", Data: []byte(yaml.String())}},
		// What no order mends: /foox, which a prefix by elements does not take, and a
		// bare /foo that must not be taken, for which there is a 500 but no 404.
		only: []string{"MG140", "MG142", "MG514"},
	}
	t.Logf("%d lists of rules: %v", n, judge(t, c))
}
