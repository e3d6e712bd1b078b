package source

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// compareReaders checks that each document of data that readPlain takes reads
// the same by the parser; it returns how many that are.
func compareReaders(t *testing.T, data []byte) (plain, all int) {
	t.Helper()
	for _, c := range cut(File{Name: "in.yaml", Data: data}) {
		if c.lines == nil && looksLikeJSON(c.text) {
			continue
		}
		all++
		got, ok := readPlain(&c, &arena{})
		if !ok {
			continue
		}
		plain++
		want, failure := readYAML(&c, &arena{})
		if failure != nil || len(want) != 1 {
			t.Fatalf("%q is plain, and the parser gives %d documents and %v", c.text, len(want), failure)
		}
		if len(want[0].repeats) > 0 {
			t.Fatalf("%q is plain, and keys are written twice", c.text)
		}
		if diff := cmp.Diff(outline(want[0].root), outline(got.root)); diff != "" {
			t.Fatalf("%q: -parser +plain\n%s", c.text, diff)
		}
	}
	return plain, all
}

// outline spells a tree with all that is known of it.
func outline(root *Node) string {
	var b strings.Builder
	var walk func(n *Node)
	walk = func(n *Node) {
		fmt.Fprintf(&b, "%s %s %q at %v, key %q at %v\n", n.Field(), n.Kind, n.Value(), n.ValuePlace().Pos, n.Key(), n.Place().Pos)
		for i := range n.Children() {
			walk(&n.Children()[i])
		}
	}
	walk(root)
	return b.String()
}

func FuzzPlain(f *testing.F) {
	for _, c := range append(splitCases, findingCases...) {
		f.Add([]byte(c.in))
	}
	for _, s := range scalars {
		f.Add([]byte(svc + "x: " + s + "\n- " + s + "\n"))
		f.Add([]byte("x: [" + s + ", {" + s + ": " + s + "}]\n" + s + ": 1\n"))
	}
	f.Add(triples(2))
	f.Fuzz(func(t *testing.T, data []byte) { compareReaders(t, data) })
}

// TestPlainPieces puts documents together from what lines are made of.
func TestPlainPieces(t *testing.T) {
	pieces := []string{
		"a", "b", "key", "y", "no", "true", "null", "~", "1", "0x1f", "1.5", "-1", "1e3", "2001-01-01", "a.b/c", "a b", "$x", "${X}", "<<", "=", ".", "..", "---", "...",
		":", ": ", ":\n", ": ", ":\n", "- ", "- ", "-\n", "\n", "\n", "\n  ", "\n    ", "\n  ", " ", "  ", " # c", "#", "{", "}", "[", "]", ", ", ",", "\"", "\"q\"", "'q'", "'", "'it''s'", "\"\\n\"",
		"&a ", "*a", "!t ", "| ", ">\n", "?", "%", "@", "\t", "\r\n", "é", "{a: b}", "[x, 1]", "{}", "[]", "{a: [1, {b: c}]}", "a: b\n", "- a\n", "  c: d\n",
	}
	random := rand.New(rand.NewPCG(1, 2))
	plain := 0
	for range 200_000 {
		var b strings.Builder
		for range 1 + random.IntN(14) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		n, _ := compareReaders(t, []byte(b.String()))
		plain += n
	}
	if plain < 2000 {
		t.Errorf("only %d documents were plain: the test looks at nothing", plain)
	}
}

// TestPlainShare: what the examples of the project are written in is plain.
func TestPlainShare(t *testing.T) {
	files, err := filepath.Glob("../../testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no inputs: %v", err)
	}
	plain, all := compareReaders(t, triples(3))
	if plain != all {
		t.Errorf("%d of %d documents of the benchmark are plain", plain, all)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(data), "\n-- ") {
			_, text, _ := strings.Cut(part, " --\n")
			n, of := compareReaders(t, []byte(text))
			plain, all = plain+n, all+of
		}
	}
	if plain < all/2 {
		t.Errorf("%d of %d documents are plain", plain, all)
	}
	t.Logf("%d of %d documents are plain", plain, all)
}
