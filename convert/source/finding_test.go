package source

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// bomb grows tenfold a line.
const bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
	"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"

var findingCases = []splitCase{
	{"broken YAML, the other documents go on", svc + "---\n" + vs + "spec:\n  hosts: [a]\n bad: 1\n---\n" + svc, `
in.yaml:1:1 v1 Service a
in.yaml:12:1 v1 Service a
in.yaml:10:2: MG003 error: Nothing of this document is converted: a key was expected here (wrong indentation, or an unquoted value that starts with a quote). Correct the YAML at this place.
`},
	{"an open quote", svc + "x: 1\ny: \"a\nz: b\n", `
in.yaml:5:1: MG003 error: Nothing of this document is converted: a quote or bracket is not closed. Correct the YAML at this place.
`},
	{"an open quote on the first line", "a: \"b\nc: d\n", `
in.yaml:1:1: MG003 error: Nothing of this document is converted: a quote or bracket is not closed. Correct the YAML at this place.
`},
	{"a colon in a value", svc + "x: a: b\n", `
in.yaml:4:1: MG003 error: Nothing of this document is converted: a colon stands where no key can be (wrong indentation, or a value with ': ' that needs quotes). Correct the YAML at this place.
`},
	{"a line without colon", svc + "spec:\n  a: 1\n  foo\n  b: 2\n", `
in.yaml:6:3: MG003 error: Nothing of this document is converted: a key has no colon after it. Correct the YAML at this place.
`},
	{"a tab", svc + "spec:\n\ta: 1\n", "\nin.yaml:5:2: MG003 error: Nothing of this document is converted: a tab, @ or ` stands where YAML allows none (indent by spaces; quote the value). Correct the YAML at this place.\n"},
	{"a bracket too many", svc + "spec: [a]]\nx: 1\n", `
in.yaml:4:1: MG003 error: Nothing of this document is converted: a key was expected here (wrong indentation, or an unquoted value that starts with a quote). Correct the YAML at this place.
`},
	{"a bracket missing", svc + "spec: [a\nx: 1\n", `
in.yaml:5:1: MG003 error: Nothing of this document is converted: a comma or a closing bracket was expected here. Correct the YAML at this place.
`},
	{"text after a flow document", "{apiVersion: v1, kind: Service}\nfoo: bar\n", `
in.yaml:2:1: MG003 error: Nothing of this document is converted: text follows the end of the document. Correct the YAML at this place.
`},
	{"unknown alias", svc + "\nspec:\n  a: *b\n", `
in.yaml:6:6: MG003 error: Nothing of this document is converted: the alias *b has no anchor before it in the document. Correct the YAML at this place.
`},
	{"a placeholder in a list", vs + "spec:\n  hosts: [${HOST}]\n", `
in.yaml:5:3: MG003 error: Nothing of this document is converted: a comma or a closing bracket was expected here. Quote the placeholder, or fill it in first: envsubst < FILE | mesh2gw convert.
`},
	{"key written twice", vs + "spec:\n  hosts: [a]\n  http: []\n  hosts: [b]\n", `
in.yaml:1:1 networking.istio.io/v1 VirtualService shop/r
  4:1 spec
  7:3 spec.hosts
  7:11 spec.hosts[0] = 7:11 a string b
  6:3 spec.http = 6:9 a list 
in.yaml:7:3: MG006 error: spec.hosts is written twice, first in line 5; this value holds, as in the cluster. Keep one of the two.
	in.yaml:5:3: It is first written here.
`},
	{"key written twice in another object", svc + "spec: {a: 1, a: 2}\n", `
in.yaml:1:1 v1 Service a
  4:1 spec
  4:14 spec.a = 4:17 a whole number 2
in.yaml:4:14: MG007 note: spec.a is written twice, first in line 4; this value holds, as in the cluster. Keep one of the two.
	in.yaml:4:8: It is first written here.
`},
	{"key written twice in JSON", `{"apiVersion":"networking.istio.io/v1","kind":"Gateway","metadata":{"name":"g"},"spec":{"a":[1,{"b":1,"b":2}]}}`, `
in.yaml:1:1 networking.istio.io/v1 Gateway g
  1:81 spec
  1:89 spec.a
  1:94 spec.a[0] = 1:94 a whole number 1
  1:96 spec.a[1]
  1:103 spec.a[1].b = 1:107 a whole number 2
in.yaml:1:103: MG006 error: spec.a[1].b is written twice, first in line 1; this value holds, as in the cluster. Keep one of the two.
	in.yaml:1:97: It is first written here.
`},
	{"key written twice in many", vs + "spec: {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10, a: 11, j: 12}\n", `
in.yaml:1:1 networking.istio.io/v1 VirtualService shop/r
  4:1 spec
  4:69 spec.a = 4:72 a whole number 11
  4:14 spec.b = 4:17 a whole number 2
  4:20 spec.c = 4:23 a whole number 3
  4:26 spec.d = 4:29 a whole number 4
  4:32 spec.e = 4:35 a whole number 5
  4:38 spec.f = 4:41 a whole number 6
  4:44 spec.g = 4:47 a whole number 7
  4:50 spec.h = 4:53 a whole number 8
  4:56 spec.i = 4:59 a whole number 9
  4:76 spec.j = 4:79 a whole number 12
in.yaml:4:69: MG006 error: spec.a is written twice, first in line 4; this value holds, as in the cluster. Keep one of the two.
	in.yaml:4:8: It is first written here.
in.yaml:4:76: MG006 error: spec.j is written twice, first in line 4; this value holds, as in the cluster. Keep one of the two.
	in.yaml:4:62: It is first written here.
`},
	{"merge after a key", vs + "base: &b {a: 1, c: 2}\nspec:\n  a: 2\n  <<: *b\n", `
in.yaml:1:1 networking.istio.io/v1 VirtualService shop/r
  5:1 spec
  7:7 spec.a = 7:7 a whole number 1
  7:7 spec.c = 7:7 a whole number 2
in.yaml:7:7: MG017 warning: spec.a is taken from this merge and not from line 6, which comes before it; Kubernetes goes by order. Write << first, so that all readers agree.
	in.yaml:6:3: It is first written here.
`},
	{"lists and texts are no objects", "- op: replace\n  path: /a\n---\njust text\n---\n5\n", `
in.yaml:1:1: MG009 note: This document is a list, not an object; it is passed over. Leave the file out if it is not meant for the conversion.
in.yaml:4:1: MG009 note: This document is a string, not an object; it is passed over. Leave the file out if it is not meant for the conversion.
in.yaml:6:1: MG009 note: This document is a whole number, not an object; it is passed over. Leave the file out if it is not meant for the conversion.
`},
	{"a list of Istio objects", "- apiVersion: networking.istio.io/v1\n  kind: Gateway\n", `
in.yaml:1:1: MG008 error: Nothing of this document is converted: it holds Istio objects, and is a list instead of an object. Write each object as a document of its own, or put them under items of a kind: List.
`},
	{"kind missing", "apiVersion: networking.istio.io/v1\nmetadata: {name: a}\n", `
in.yaml:1:1: MG010 error: Nothing of this object is converted: it has no kind. Write its kind.
`},
	{"apiVersion missing", "kind: VirtualService\nmetadata: {name: a}\n", `
in.yaml:1:1: MG011 warning: This VirtualService is passed over: without an apiVersion nobody knows whose it is. Write its apiVersion.
`},
	{"kind of another type", "apiVersion: networking.istio.io/v1\nkind: [Gateway]\nmetadata: {name: a}\n", `
in.yaml:2:7: MG012 error: kind is a list and must be a string; Kubernetes refuses the object as it stands. Quote the value, or correct it.
`},
	{"apiVersion of another type", "apiVersion: 1\nkind: Gateway\nmetadata: {name: a}\n", `
in.yaml:1:13: MG012 error: apiVersion is a whole number and must be a string; Kubernetes refuses the object as it stands. Quote the value, or correct it.
`},
	{"name of another type", "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: 12\n  namespace: on\n", `
in.yaml:1:1 networking.istio.io/v1 Gateway true/12
in.yaml:4:9: MG012 error: metadata.name is a whole number and must be a string; Kubernetes refuses the object as it stands. Quote the value, or correct it.
in.yaml:5:14: MG012 error: metadata.namespace is a boolean and must be a string; Kubernetes refuses the object as it stands. Quote the value, or correct it.
`},
	{"metadata of another type", "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: a\n", `
in.yaml:1:1 networking.istio.io/v1 Gateway 
in.yaml:3:11: MG012 error: metadata is a string and must be a mapping; Kubernetes refuses the object as it stands. Quote the value, or correct it.
`},
	{"name missing", "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {generateName: a-}\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\n---\napiVersion: v1\nkind: Service\n", `
in.yaml:1:1 networking.istio.io/v1 Gateway 
in.yaml:5:1 networking.istio.io/v1 Gateway 
in.yaml:8:1 v1 Service 
in.yaml:1:1: MG013 error: This Gateway has no name; Kubernetes refuses it as it stands. Write metadata.name.
in.yaml:5:1: MG013 error: This Gateway has no name; Kubernetes refuses it as it stands. Write metadata.name.
`},
	{"Helm template of an Istio object", "# {{ if }}\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: {{ .Values.name }}\n---\n" + svc, `
in.yaml:7:1 v1 Service a
in.yaml:5:9: MG004 error: Nothing of this document is converted: it is a template of an Istio object, not yet rendered. Render it first: helm template . | mesh2gw convert.
`},
	{"Helm template that is not YAML", "{{- if .Values.istio }}\nkind: VirtualService\n{{- end }}\n", `
in.yaml:1:1: MG004 error: Nothing of this document is converted: it is a template of an Istio object, not yet rendered. Render it first: helm template . | mesh2gw convert.
`},
	{"templates of other objects, one note", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .x }}\n---\n{{- range . }}\na\n{{ end }}\n", `
in.yaml:4:9: MG005 note: This template is passed over; it does not look like Istio configuration. Render it first if it yields Services or Istio objects: helm template . | mesh2gw convert.
`},
	{"Jinja", "{% if a %}\nhosts: [b]\n{% endif %}\n", `
in.yaml:1:1: MG005 note: This template is passed over; it does not look like Istio configuration. Render it first if it yields Services or Istio objects: helm template . | mesh2gw convert.
`},
	{"template action in a string", vs + "spec:\n  hosts: [\"{{ .Values.host }}\"]\n---\n" + svc + "x: \"{{ a }}\"\n", `
in.yaml:7:1 v1 Service a
  10:1 x = 10:4 a string {{ a }}
in.yaml:5:11: MG004 error: Nothing of VirtualService shop/r is converted: "{{ .Values.host }}" is a template action, not yet rendered. Render it first: helm template . | mesh2gw convert.
`},
	{"placeholders, one note for the file", vs + "spec: {hosts: [\"${HOST}\"]}\n---\n" + vs + "spec: {hosts: [<host>]}\n", `
in.yaml:1:1 networking.istio.io/v1 VirtualService shop/r
  4:1 spec
  4:8 spec.hosts
  4:16 spec.hosts[0] = 4:16 a string ${HOST}
in.yaml:6:1 networking.istio.io/v1 VirtualService shop/r
  9:1 spec
  9:8 spec.hosts
  9:16 spec.hosts[0] = 9:16 a string <host>
in.yaml:4:16: MG014 note: "${HOST}" is kept as it is; what is said about the output of this file holds once its placeholders are filled in. Fill them in first for a full check: envsubst < FILE | mesh2gw convert.
`},
	{"no placeholders", vs + "spec:\n  a: ^/(?P<id>[0-9]+)$\n  b: <html></html>\n  c: $1\n  d: |\n    ${X}\n---\n" + svc + "x: ${A}\n", `
in.yaml:1:1 networking.istio.io/v1 VirtualService shop/r
  4:1 spec
  5:3 spec.a = 5:6 a string ^/(?P<id>[0-9]+)$
  6:3 spec.b = 6:6 a string <html></html>
  7:3 spec.c = 7:6 a string $1
  8:3 spec.d = 8:6 a string ${X}

in.yaml:11:1 v1 Service a
  14:1 x = 14:4 a string ${A}
`},
	{"placeholder in a key", vs + "spec: {\"${KEY}\": 1}\n", `
in.yaml:1:1 networking.istio.io/v1 VirtualService shop/r
  4:1 spec
  4:8 spec.${KEY} = 4:18 a whole number 1
in.yaml:4:18: MG014 note: "${KEY}" is kept as it is; what is said about the output of this file holds once its placeholders are filled in. Fill them in first for a full check: envsubst < FILE | mesh2gw convert.
`},
	{"no JSON for it", svc + "x: .inf\n---\n" + svc + "x: {~: 1}\n---\n" + svc + "x: {[a]: 1}\n---\n" + svc + "x: !!int a\n---\n" + svc + "x: &x [*x]\n", `
in.yaml:4:4: MG018 error: Kubernetes refuses this document, and nothing of it is converted: JSON has no number .inf. Write a plain string or number.
in.yaml:9:5: MG018 error: Kubernetes refuses this document, and nothing of it is converted: a key is empty. Write a plain string or number.
in.yaml:14:5: MG018 error: Kubernetes refuses this document, and nothing of it is converted: a key is a mapping or a list. Write a plain string or number.
in.yaml:19:4: MG018 error: Kubernetes refuses this document, and nothing of it is converted: its tag says !!int, and "a" is none. Write a plain string or number.
in.yaml:24:8: MG018 error: Kubernetes refuses this document, and nothing of it is converted: the anchor x contains itself. Write the values out.
`},
	{"alias bomb", svc + bomb + "---\n" + svc, `
in.yaml:11:1 v1 Service a
in.yaml:8:14: MG016 error: Nothing of this document is converted: its aliases expand to more than 50000 values. Write the values out, or use fewer aliases.
`},
	{"bomb of merges", svc + strings.NewReplacer("[1,1,1,1,1,1,1,1,1,1]", "{k: 1}", "[", "{<<: [", "]", "]}").Replace(bomb), `
in.yaml:9:31: MG016 error: Nothing of this document is converted: its aliases expand to more than 50000 values. Write the values out, or use fewer aliases.
`},
	{"merge of itself", svc + "a: &a {<<: *a}\n", `
in.yaml:4:12: MG018 error: Kubernetes refuses this document, and nothing of it is converted: the anchor a contains itself. Write the values out.
`},
	{"merge of a number", svc + "a: {<<: 1}\n", `
in.yaml:4:9: MG018 error: Kubernetes refuses this document, and nothing of it is converted: only mappings can be merged by <<. Write the alias of a mapping, or a list of such, after <<.
`},
	{"nested too deep", svc + "x: " + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "\n---\n" + svc, `
in.yaml:6:1 v1 Service a
in.yaml:4:204: MG015 error: Nothing of this document is converted: it nests more than 200 levels deep. Correct the nesting, or leave the document out.
`},
	{"JSON nested too deep", `{"a":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "}\n", `
in.yaml:1:206: MG015 error: Nothing of this document is converted: it nests more than 200 levels deep. Correct the nesting, or leave the document out.
`},
	{"not UTF-8", svc + "x: a\xff\n---\n" + svc, `
in.yaml:6:1 v1 Service a
in.yaml:4:5: MG002 error: Nothing of this document is converted: the byte 0xff is not UTF-8. Save the file as UTF-8 text, or leave it out.
`},
	{"NUL", svc + "x: a\x00b\n---\n" + svc, `
in.yaml:6:1 v1 Service a
in.yaml:4:5: MG002 error: Nothing of this document is converted: the control character U+0000 is not allowed in YAML. Save the file as UTF-8 text, or leave it out.
`},
	{"UTF-16 without a mark", "\x00a\x00:\x00 \x001", `
in.yaml:1:1: MG002 error: Nothing of this document is converted: the control character U+0000 is not allowed in YAML. Save the file as UTF-8 text, or leave it out.
`},
}

func TestSizeLimit(t *testing.T) {
	docs, findings, err := Split(context.Background(), []File{{Name: "big.yaml", TooLarge: true}, {Name: "in.yaml", Data: []byte(svc)}})
	if err != nil {
		t.Fatal(err)
	}
	want := "in.yaml:1:1 v1 Service a\nbig.yaml: MG001 error: Nothing of big.yaml is converted: it is larger than 64 MiB. " +
		"Split the file at its document markers, or export one namespace at a time.\n"
	if got := show(docs, findings); got != want {
		t.Errorf("got\n%s", got)
	}
}

// TestHostileTime feeds documents that are known to make YAML parsers slow. A
// parser in square time takes minutes for any of them.
func TestHostileTime(t *testing.T) {
	for name, text := range map[string]string{
		"comments":       strings.Repeat("# c\n", 50_000) + "a: 1\n",
		"foot comments":  "a:\n" + strings.Repeat("  # c\n\n", 20_000),
		"flow depth":     strings.Repeat("[", 100_000),
		"block depth":    strings.Repeat("- ", 100_000),
		"question marks": strings.Repeat("? ", 50_000),
		"anchors":        strings.Repeat("&a ", 50_000),
		"quotes":         strings.Repeat("\"", 50_001),
		"flow maps":      strings.Repeat("{a: ", 50_000),
		"markers":        strings.Repeat("---\n", 200_000),
		"one line":       "a: [" + strings.Repeat("1, ", 100_000) + "1]\n",
		"keys":           strings.Repeat("? a\n: b\n", 20_000),
		"JSON objects":   strings.Repeat("{}", 100_000),
		"bad bytes":      strings.Repeat("---\na: \x80\n", 20_000),
		"bad documents":  strings.Repeat("---\na: ]\n", 5_000),
	} {
		start := time.Now()
		if _, _, err := Split(context.Background(), []File{{Name: "in", Data: []byte(text)}}); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%s: %d KB take %v", name, len(text)>>10, took)
		}
	}
}

// TestBatches reads a long file at once and each document by itself, to the
// same end.
func TestBatches(t *testing.T) {
	var parts []string
	for range 40 {
		for _, c := range append(splitCases, findingCases...) {
			if !strings.Contains(c.in, "{\"") && !strings.HasPrefix(c.in, "\xff") && len(c.in) < 2000 {
				parts = append(parts, c.in)
			}
		}
	}
	text := strings.Join(parts, "\n---\n")
	chunks := cut(File{Name: "in.yaml", Data: []byte(text)})
	results := make([]result, len(chunks))
	for i := range chunks {
		results[i] = read(&chunks[i], &arena{})
	}
	docs, findings, err := Split(context.Background(), []File{{Name: "in.yaml", Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	var alone []*Document
	var found []finding.Finding
	for _, r := range results {
		alone = append(alone, r.docs...)
		found = append(found, r.findings...)
	}
	found = finding.Sort(append(found, perFile(results)...))
	if show(docs, findings) != show(alone, found) || len(docs) < 1000 {
		t.Errorf("%d documents and %d findings at once, %d and %d alone\n%s", len(docs), len(findings), len(alone), len(found), cmp.Diff(show(docs, findings), show(alone, found)))
	}
}
