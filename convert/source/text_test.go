package source

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// Wherever Split says that a key stands, the text has it.
func TestTextHasWhatSplitFinds(t *testing.T) {
	for _, c := range append(splitCases, findingCases...) {
		t.Run(c.name, func(t *testing.T) {
			files := []File{{Name: "in.yaml", Data: []byte(c.in)}}
			docs, findings, err := Split(context.Background(), files)
			if err != nil {
				t.Fatal(err)
			}
			text := NewText(files)
			for _, d := range docs {
				hasKeys(t, text, d.Root)
			}
			for _, f := range findings {
				if f.Place.Pos.Line == 0 {
					continue
				}
				line, ok := text.Line(f.Place)
				if !ok || utf8.RuneCountInString(line) < f.Place.Pos.Column-1 {
					t.Errorf("%s: line %q, %t", f, line, ok)
				}
			}
		})
	}
}

// hasKeys looks for each key of n at its place: as it is, quoted, or where an
// alias brings it in.
func hasKeys(t *testing.T, text *Text, n *Node) {
	t.Helper()
	for i := range n.Children() {
		child := &n.Children()[i]
		at := child.Place()
		line, ok := text.Line(at)
		if !ok {
			t.Fatalf("no line at %v", at)
		}
		runes := []rune(line)
		if at.Pos.Column > len(runes) {
			t.Fatalf("%v is behind the end of %q", at, line)
		}
		here := strings.TrimLeft(string(runes[at.Pos.Column-1:]), `"'`)
		// Aliases and merge keys say it in other words, and so does YAML 1.1's y.
		if key := child.Key(); !strings.HasPrefix(here, key) && !strings.ContainsAny(here[:1], "*<") && key != "true" {
			t.Errorf("%v: %q does not begin with %q", at, here, key)
		}
		index, ok := text.Index(at)
		if lines := text.Lines(at.Pos.File); !ok || lines[index] != line {
			t.Errorf("%v: index %d, %t", at, index, ok)
		}
		hasKeys(t, text, child)
	}
}

const rendered = `---
# Source: shop/templates/vs.yaml
apiVersion: v1
kind: Service
metadata: {name: a, namespace: shop}
---
# Source: shop/templates/svc.yaml
apiVersion: v1
kind: Service
metadata: {name: b}
---
# Source: shop/templates/vs.yaml

apiVersion: v1
kind: Service
metadata: {name: c}
# the end
---
# Source: shop/templates/vs.yaml
broken: [
---
apiVersion: v1
kind: Service
metadata: {name: d}
`

func TestTextUnderHelm(t *testing.T) {
	text := NewText([]File{{Name: "<stdin>", Data: []byte(rendered)}, {Name: "large.yaml", TooLarge: true}, {Name: "empty.yaml"}})
	if diff := cmp.Diff([]string{"<stdin>", "shop/templates/vs.yaml", "shop/templates/svc.yaml", "large.yaml", "empty.yaml"}, text.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		file   string
		line   int
		object string
		want   string // "" where there is none
		index  int
	}{
		{"shop/templates/vs.yaml", 3, "Service shop/a", "metadata: {name: a, namespace: shop}", 2},
		{"shop/templates/vs.yaml", 4, "Service c", "metadata: {name: c}", 6},
		{"shop/templates/vs.yaml", 4, "Service elsewhere/c", "metadata: {name: c}", 6},
		{"shop/templates/vs.yaml", 1, "", "broken: [", 8},
		{"shop/templates/vs.yaml", 5, "", "# the end", 7},
		{"shop/templates/vs.yaml", 1, "Service unknown", "apiVersion: v1", 0},
		{"shop/templates/vs.yaml", 6, "Service c", "", 0},
		{"shop/templates/vs.yaml", 0, "Service c", "", 0},
		{"shop/templates/vs.yaml", -3, "", "", 0},
		{"shop/templates/svc.yaml", 3, "Service b", "metadata: {name: b}", 2},
		{"<stdin>", 23, "Service d", "kind: Service", 22},
		{"<stdin>", 25, "Service d", "", 0},
		{"large.yaml", 1, "", "", 0},
		{"empty.yaml", 1, "", "", 0},
		{"unknown.yaml", 1, "", "", 0},
	} {
		at := finding.Place{Pos: finding.Pos{File: c.file, Line: c.line, Column: 1}, Object: c.object}
		got, ok := text.Line(at)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%v: %q, %t; want %q", at, got, ok, c.want)
		}
		if index, ok := text.Index(at); index != c.index || ok != (c.want != "") {
			t.Errorf("%v: index %d, %t; want %d", at, index, ok, c.index)
		}
	}
	want := []string{
		"apiVersion: v1", "kind: Service", "metadata: {name: a, namespace: shop}",
		"", "apiVersion: v1", "kind: Service", "metadata: {name: c}", "# the end", "broken: [",
	}
	if diff := cmp.Diff(want, text.Lines("shop/templates/vs.yaml")); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestTextLines(t *testing.T) {
	for in, want := range map[string][]string{
		"":                            nil,
		"\n":                          {""},
		"a":                           {"a"},
		"a\r\nb\r\n\r\n":              {"a", "b", ""},
		"a\rb":                        {"a", "b"},
		"\ufeffa\n\ufeffb\n":          {"a", "\ufeffb"},
		"\xff\xfea\x00\n\x00\xe9\x00": {"a", "é"},
		"a\u2028b\u0085c\n":           {"a\u2028b\u0085c"},
	} {
		if diff := cmp.Diff(want, NewText([]File{{Name: "x", Data: []byte(in)}}).Lines("x")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

// A List under Helm's comment is read in runs; its lines count on.
func TestTextOfLargeList(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# Source: a/templates/l.yaml\napiVersion: v1\nkind: List\nitems:\n")
	for b.Len() < 3*batchSize {
		b.WriteString("- apiVersion: v1\n  kind: Service\n  metadata: {name: a}\n")
	}
	b.WriteString("- apiVersion: v1\n  kind: Service\n  metadata: {name: last}\n")
	files := []File{{Name: "in.yaml", Data: b.Bytes()}}
	docs, _, err := Split(context.Background(), files)
	if err != nil {
		t.Fatal(err)
	}
	text := NewText(files)
	last := docs[len(docs)-1]
	at := last.Root.Children()[2].Place()
	if line, ok := text.Line(at); !ok || line != "  metadata: {name: last}" {
		t.Errorf("%v: %q, %t", at, line, ok)
	}
	lines := text.Lines("a/templates/l.yaml")
	if index, ok := text.Index(at); !ok || index != len(lines)-1 {
		t.Errorf("index %d, %t of %d lines", index, ok, len(lines))
	}
}

func TestTextIsFast(t *testing.T) {
	data := []byte(strings.Repeat(rendered, 20<<20/len(rendered)))
	start := time.Now()
	text := NewText([]File{{Name: "in.yaml", Data: data}})
	const line = 200_000
	if got, ok := text.Line(finding.Place{Pos: finding.Pos{File: "in.yaml", Line: line, Column: 1}}); !ok {
		t.Errorf("%q, %t", got, ok)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("%s for 20 MB", took)
	} else {
		t.Log(took)
	}
}

func TestExtent(t *testing.T) {
	for _, c := range []string{
		// What is named by the column of "[[" reaches to "]]".
		"[[timeout]]: 3s", "timeout: [[3s]]", "timeout: [[3s]] # why", "a: [[b#c:d]]", "a: [[b, c]]", "- [[a]]", "[[a]]:",
		`[["a b"]]: 1`, `{[["a"]]: 1}`, `a: [["x \" y"]] z`, `a: [['it''s']]  # x`, `a: [["open`,
		"a: [[[b, c]]] # x", "a: [[{b: c, d: [e]}]]", `a: [[{b: "}", c: '}'}]], d`, "a: [[{open", "[b, [[c]], d]", "{b: [[c d]], e: f}", "{[[b]]: c}",
		"a: [[it's]]", "a: {b: [[it's]], c: d}", "path: [[/a[b],c]]",
		`  "x": [[12]],`, `  "x": [[true]]`, "a: [[12,]]", "[[世界]]: é", "a: [[é世]] ", "[[- x]]", "[[---]]", "a: [[&x]]",
	} {
		from := strings.Index(c, "[[")
		rest := c[from+2:]
		to := strings.LastIndex(rest, "]]")
		line := c[:from] + strings.ReplaceAll(rest, "]]", "")
		want := utf8.RuneCountInString(line) + 1
		if to >= 0 {
			line = c[:from] + rest[:to] + rest[to+2:]
			want = utf8.RuneCountInString(c[:from]+rest[:to]) + 1
		}
		if got := Extent(line, utf8.RuneCountInString(c[:from])+1); got != want {
			t.Errorf("%s: %d, want %d", c, got, want)
		}
	}
	for _, column := range []int{-1, 0, 4, 99} {
		if got := Extent("a: ", column); got != max(column, 1) {
			t.Errorf("column %d: %d", column, got)
		}
	}
}

func FuzzExtent(f *testing.F) {
	f.Add(`- {a: [b, 'c'' #d', "\"]}`, 4)
	f.Fuzz(func(t *testing.T, line string, column int) {
		end := Extent(line, column)
		if length := utf8.RuneCountInString(line); column >= 1 && column <= length && (end <= column || end > length+1) {
			t.Errorf("%q, %d: %d", line, column, end)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, c := range append(splitCases, findingCases...) {
		f.Add([]byte(c.in))
	}
	f.Add([]byte(rendered))
	f.Add([]byte("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  a: 1\n? f"))
	f.Fuzz(func(t *testing.T, data []byte) {
		files := []File{{Name: "in.yaml", Data: data}}
		docs, findings, err := Split(context.Background(), files)
		if err != nil {
			t.Fatal(err)
		}
		text := NewText(files)
		var at []finding.Place
		for _, d := range docs {
			at = append(at, d.Place())
			for i := range d.Root.Children() {
				at = append(at, d.Root.Children()[i].Place(), d.Root.Children()[i].ValuePlace())
			}
		}
		for _, f := range findings {
			at = append(at, f.Place)
		}
		for _, p := range at {
			line, ok := text.Line(p)
			// A value that is not there, as behind "? key" at the end, stands on the line after the last.
			if behind := p.Pos.Line == len(text.Lines(p.Pos.File))+1; p.Pos.Line > 0 && !ok && !behind {
				t.Errorf("no line at %v", p)
			}
			// What is wrong with Helm's comment itself is said of the line below it.
			first := p.Pos.Line == 1 && p.Pos.File != "in.yaml"
			// YAML ends lines where editors don't; what is empty behind such an end has no place of its own.
			other := strings.ContainsAny(line, "\u0085\u2028\u2029")
			if !first && !other && p.Pos.Column > utf8.RuneCountInString(line)+1 && utf8.ValidString(line) {
				t.Errorf("%v is behind the end of %q", p, line)
			}
		}
	})
}
