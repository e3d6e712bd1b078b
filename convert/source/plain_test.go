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

// lines writes random YAML of the kind that is plain, at an indentation.
func lines(random *rand.Rand, b *strings.Builder, indent string, depth int) {
	words := []string{"a", "b", "key", "name", "y", "no", "true", "null", "~", "1", "80", "0x1f", "1.5", "-1", "1e3", "2001-01-01", "a.b/c", "a b", "${X}", "=", ".", "\"q\"", "'q'", "{a: b}", "[x, 1]", "{}", "[]", "{a: [1, {b: c}], d: \"e\"}"}
	word := func() string { return words[random.IntN(len(words))] }
	comment := func() string {
		return []string{"\n", "\n", "\n", " # c\n", "\n\n", "\n# c\n", "\n" + indent + "  # c\n", " \n"}[random.IntN(8)]
	}
	list := random.IntN(3) == 0
	for i := range 1 + random.IntN(3) {
		if list {
			b.WriteString(indent + "-")
		} else {
			fmt.Fprintf(b, "%s%s%d:", indent, words[random.IntN(8)], i)
		}
		switch {
		case depth > 3 || random.IntN(2) == 0:
			b.WriteString(" " + word() + comment())
		case list && random.IntN(2) == 0:
			fmt.Fprintf(b, " k: %s%s", word(), comment())
			fmt.Fprintf(b, "%s  l: %s%s", indent, word(), comment())
		default:
			b.WriteString(comment())
			lines(random, b, indent+[]string{"  ", "  ", " ", ""}[random.IntN(4)], depth+1)
		}
	}
}

// TestPlainPieces reads random documents, each as it is and with something thrown
// into it.
func TestPlainPieces(t *testing.T) {
	thrown := []string{
		"---", "...", ":", ": ", ":\n", "- ", "-", "\n", "\n  ", " ", "  ", " # c", "#", "{", "}", "[", "]", ",", "\"", "'", "it''s", "\\", "&a ", "*a", "!t ",
		"|", ">\n", "?", "? ", "%", "@", "`", "\t", "\r\n", "é", "<<: ", "a: b", "\n---\n", "\n...\n", "=",
	}
	random := rand.New(rand.NewPCG(1, 2))
	plain := 0
	for range 10_000 {
		var b strings.Builder
		lines(random, &b, "", 0)
		text := b.String()
		n, _ := compareReaders(t, []byte(text))
		at := random.IntN(len(text) + 1)
		m, _ := compareReaders(t, []byte(text[:at]+thrown[random.IntN(len(thrown))]+text[at:]))
		plain += n + m
	}
	if plain < 5_000 {
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
