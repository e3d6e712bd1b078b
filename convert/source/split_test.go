package source

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

const (
	svc = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"
	vs  = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: r, namespace: shop}\n"
)

// show prints what Split gives: each document with its place, its keys below
// spec and in x with kinds and places, and then the findings.
func show(docs []*Document, findings []finding.Finding) string {
	var b strings.Builder
	for _, d := range docs {
		fmt.Fprintf(&b, "%s %s %s\n", d.Place().Pos, d.APIVersion, d.Object())
		showNode(&b, d.Root.Get("spec"))
		showNode(&b, d.Root.Get("x"))
	}
	for _, f := range findings {
		fmt.Fprintln(&b, f)
		for _, r := range f.Related {
			fmt.Fprintf(&b, "\t%s: %s\n", r.Place.Pos, r.Message)
		}
	}
	return b.String()
}

func showNode(b *strings.Builder, n *Node) {
	if n == nil {
		return
	}
	key, val := n.Place().Pos, n.ValuePlace().Pos
	fmt.Fprintf(b, "  %d:%d %s", key.Line, key.Column, n.Field())
	if n.Kind != Map && n.Kind != List || len(n.Children()) == 0 {
		fmt.Fprintf(b, " = %d:%d %s %s", val.Line, val.Column, n.Kind, n.Value())
	}
	b.WriteString("\n")
	for i := range n.Children() {
		showNode(b, &n.Children()[i])
	}
}

type splitCase struct{ name, in, want string }

var splitCases = []splitCase{
	{"one document", svc + "spec:\n  ports:\n  - port: 80\n    name: \"é\" # c\n", `
in.yaml:1:1 v1 Service a
  4:1 spec
  5:3 spec.ports
  6:5 spec.ports[0]
  6:5 spec.ports[0].port = 6:11 a whole number 80
  7:5 spec.ports[0].name = 7:11 a string é
`},
	{"columns count code points", svc + "spec: {é世: 1, b: 2}\n", `
in.yaml:1:1 v1 Service a
  4:1 spec
  4:8 spec.é世 = 4:12 a whole number 1
  4:15 spec.b = 4:18 a whole number 2
`},
	{"several documents, empty ones, comments", "# head\n---\n\n---\n# none\n---\n" + svc + "x: 1\n---\n---\n" + vs + "...\n# tail\n---\n~\n", `
in.yaml:7:1 v1 Service a
  10:1 x = 10:4 a whole number 1
in.yaml:13:1 networking.istio.io/v1 VirtualService shop/r
`},
	{"a document after ... needs no marker", svc + "...\n" + svc + "x: 1\n", `
in.yaml:1:1 v1 Service a
in.yaml:5:1 v1 Service a
  8:1 x = 8:4 a whole number 1
`},
	{"directive", "%YAML 1.1\n---\n" + svc + "x: 1\n", `
in.yaml:3:1 v1 Service a
  6:1 x = 6:4 a whole number 1
`},
	{"content on the line of the marker", "---\n" + svc + "--- {apiVersion: v1, kind: Service, x: 1}\n--- # c\n" + svc, `
in.yaml:2:1 v1 Service a
in.yaml:5:5 v1 Service 
  5:37 x = 5:40 a whole number 1
in.yaml:7:1 v1 Service a
`},
	{"a marker inside of a block scalar is a marker", svc + "x: |\n  a\n--- b\n  c\n", `
in.yaml:1:1 v1 Service a
  4:1 x = 4:4 a string a

in.yaml:6:5: MG009 note: This document is a string, not an object; it is passed over. Leave the file out if it is not meant for the conversion.
`},
	{"no marker: longer dashes, indentation", svc + "x: |\n  ---\n  ...\ny: ----\n", `
in.yaml:1:1 v1 Service a
  4:1 x = 4:4 a string ---
...

`},
	{"CRLF", strings.ReplaceAll("---\n"+svc+"x: 1\n---\n"+svc+"x: |\n  a\n  b\n", "\n", "\r\n"), `
in.yaml:2:1 v1 Service a
  5:1 x = 5:4 a whole number 1
in.yaml:7:1 v1 Service a
  10:1 x = 10:4 a string a
b

`},
	{"CR alone", strings.ReplaceAll(svc+"x: 1\n---\n"+svc+"x: 2\n", "\n", "\r"), `
in.yaml:1:1 v1 Service a
  4:1 x = 4:4 a whole number 1
in.yaml:6:1 v1 Service a
  9:1 x = 9:4 a whole number 2
`},
	{"byte order marks", "\ufeff" + svc + "x: 1\n\ufeff---\n" + svc + "x: 2\n", `
in.yaml:1:1 v1 Service a
  4:1 x = 4:4 a whole number 1
in.yaml:6:1 v1 Service a
  9:1 x = 9:4 a whole number 2
`},
	{"UTF-16", "\xff\xfe" + utf16LE(svc+"x: é世😀\n"), `
in.yaml:1:1 v1 Service a
  4:1 x = 4:4 a string é世😀
`},
	{"line separators are lines to YAML, not to editors", svc + "y: \"a\u2028b\u0085c\"\nx: 1\n", `
in.yaml:1:1 v1 Service a
  5:1 x = 5:4 a whole number 1
`},
	{"JSON with tabs", "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Service\",\n\t\"x\": {\t\"é\": 1, \"b\":\t[true, null, \"\\ud83d\\ude00\\/\"]}\n}\n", `
in.yaml:1:1 v1 Service 
  4:2 x
  4:9 x.é = 4:14 a whole number 1
  4:17 x.b
  4:23 x.b[0] = 4:23 a boolean true
  4:29 x.b[1] = 4:29 null 
  4:35 x.b[2] = 4:35 a string 😀/
`},
	{"a stream of JSON objects", `{"apiVersion":"v1","kind":"Service","x":1}{"apiVersion":"v1","kind":"Service","x":2}` + "\n" + `{"apiVersion":"v1","kind":"Service"}`, `
in.yaml:1:1 v1 Service 
  1:37 x = 1:41 a whole number 1
in.yaml:1:43 v1 Service 
  1:79 x = 1:83 a whole number 2
in.yaml:2:1 v1 Service 
`},
	{"JSON that is YAML", "{apiVersion: v1, kind: Service, x: 'a'} # c\n", `
in.yaml:1:1 v1 Service 
  1:33 x = 1:36 a string a
`},
	{"JSON between YAML, broken at the second object", svc + "---\n{\"apiVersion\":\"v1\",\"kind\":\"Service\"}\n{\"apiVersion\":\"v1\",\n  \"kind\" \"Service\"}\n---\n" + svc, `
in.yaml:1:1 v1 Service a
in.yaml:9:1 v1 Service a
in.yaml:6:1: MG003 error: Nothing of this document is converted: text follows the end of the document. Correct the YAML at this place.
`},
	{"JSON broken after an object", "{\"apiVersion\":\"v1\",\"kind\":\"Service\"}\n{\"apiVersion\":\"v1\",\n  \"kind\" \"Service\"}\n", `
in.yaml:1:1 v1 Service 
in.yaml:3:10: MG003 error: Nothing of this document is converted: as JSON, invalid character '"' after object key. Correct the YAML at this place.
`},
	{"aliases and merge keys", svc + "base: &b {p: 80, q: &q [1]}\nx:\n  one: *b\n  two:\n    <<: *b\n    p: 81\n  three: [*q, 2]\n", `
in.yaml:1:1 v1 Service a
  5:1 x
  6:3 x.one
  6:8 x.one.p = 6:8 a whole number 80
  6:8 x.one.q
  6:8 x.one.q[0] = 6:8 a whole number 1
  7:3 x.two
  9:5 x.two.p = 9:8 a whole number 81
  8:9 x.two.q
  8:9 x.two.q[0] = 8:9 a whole number 1
  10:3 x.three
  10:11 x.three[0]
  10:11 x.three[0][0] = 10:11 a whole number 1
  10:15 x.three[1] = 10:15 a whole number 2
`},
	{"anchors end with their document", svc + "x: &a 1\n---\n" + svc + "x: *a\n---\n" + svc, `
in.yaml:1:1 v1 Service a
  4:1 x = 4:4 a whole number 1
in.yaml:11:1 v1 Service a
in.yaml:9:4: MG003 error: Nothing of this document is converted: the alias *a has no anchor before it in the document. Correct the YAML at this place.
`},
	{"List", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: b}\n  x: [1]\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Service, metadata: {name: c}}\n- 5\n- apiVersion: v1\n  kind: List\n  items: ~\n", `
in.yaml:4:3 v1 Service b
  7:3 x
  7:7 x[0] = 7:7 a whole number 1
in.yaml:11:5 v1 Service c
in.yaml:12:3: MG019 error: This item is a whole number, not an object; nothing is converted from it. Remove the item, or write it as an object.
`},
	{"typed list", `{"apiVersion":"networking.istio.io/v1","kind":"VirtualServiceList","items":[{"metadata":{"name":"a"}},{"apiVersion":"v1","kind":"Service"}]}`, `
in.yaml:1:77 networking.istio.io/v1 VirtualService a
in.yaml:1:103 v1 Service 
`},
	{"List without items", "apiVersion: v1\nkind: List\nitems: 3\n---\napiVersion: v1\nkind: List\n", `
in.yaml:5:1 v1 List 
in.yaml:3:1: MG019 error: Nothing of this List is converted: its items are a whole number, not a list. Remove the item, or write it as an object.
`},
	{"Helm's comment", "---\n# Source: shop/templates/vs.yaml\n" + vs + "spec:\n  hosts: [a]\n---\n# Source: shop/charts/db/templates/svc/a.yaml\n# Source: no/templates/b.yaml\n\n" + svc + "---\n# Source: elsewhere\n" + svc + "---\n" + svc + "# Source: shop/templates/late.yaml\n---\n# Source: shop/templates/bad.yaml\na: [\n", `
shop/templates/vs.yaml:1:1 networking.istio.io/v1 VirtualService shop/r
  4:1 spec
  5:3 spec.hosts
  5:11 spec.hosts[0] = 5:11 a string a
shop/charts/db/templates/svc/a.yaml:3:1 v1 Service a
in.yaml:17:1 v1 Service a
in.yaml:21:1 v1 Service a
shop/templates/bad.yaml:1:1: MG003 error: Nothing of this document is converted: a value was expected here. Correct the YAML at this place.
`},
	{"what is no Kubernetes object passes by", "replicas: 3\nimage: {tag: x}\n---\napiVersion: v2\nname: chart\n---\nkind: pipeline\nsteps: []\n---\nreplicas: 1\nreplicas: 2\n", "\n"},
}

func TestSplit(t *testing.T) {
	for _, c := range append(splitCases, findingCases...) {
		t.Run(c.name, func(t *testing.T) {
			docs, findings, err := Split(context.Background(), []File{{Name: "in.yaml", Data: []byte(c.in)}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimPrefix(c.want, "\n"), show(docs, findings)); diff != "" {
				t.Errorf("-want +got for\n%s\n%s", c.in, diff)
			}
		})
	}
}

func utf16LE(s string) string {
	var b strings.Builder
	for _, r := range s {
		for _, u := range utf16Units(r) {
			b.WriteByte(byte(u))
			b.WriteByte(byte(u >> 8))
		}
	}
	return b.String()
}

func utf16Units(r rune) []uint16 {
	if r < 0x10000 {
		return []uint16{uint16(r)}
	}
	r -= 0x10000
	return []uint16{uint16(0xd800 + r>>10), uint16(0xdc00 + r&0x3ff)}
}

func TestSplitCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Split(ctx, []File{{Name: "in", Data: []byte(svc)}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
