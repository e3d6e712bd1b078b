package source

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// FuzzSource splits any bytes: no panic, the same result twice, each document a
// mapping with a kind, each place inside of the file, parents and keys in order.
func FuzzSource(f *testing.F) {
	for _, c := range append(splitCases, findingCases...) {
		f.Add([]byte(c.in))
	}
	for _, s := range scalars {
		f.Add([]byte(svc + "x: " + s + "\n"))
	}
	f.Add(triples(2))
	f.Fuzz(func(t *testing.T, data []byte) {
		files := []File{{Name: "in.yaml", Data: data}, {Name: "b.json", Data: data}}
		docs, findings, err := Split(context.Background(), files)
		again, findingsAgain, _ := Split(context.Background(), files)
		if err != nil || show(docs, findings) != show(again, findingsAgain) {
			t.Fatal("two results", err)
		}
		lines := lineLengths(data)
		for _, d := range docs {
			if d.Root.Kind != Map || d.Kind == "" || d.APIVersion == "" || d.Root.parent != 0 {
				t.Fatalf("no object: %+v", d)
			}
			checkTree(t, d, d.Root, lines)
		}
		for _, found := range findings {
			checkPos(t, found.Place.Pos, lines)
			for _, r := range found.Related {
				checkPos(t, r.Place.Pos, lines)
			}
			if strings.Contains(found.Message, "yaml:") || !strings.HasSuffix(found.Message, ".") {
				t.Errorf("message %q", found.Message)
			}
		}
	})
}

// lineLengths counts the code points of each line as an editor shows it.
func lineLengths(data []byte) []int {
	var lengths []int
	for _, l := range bytes.Split(decodeText(data), []byte("\n")) {
		lengths = append(lengths, utf8.RuneCount(l))
	}
	return lengths
}

// checkPos allows one column past the line, where an empty value stands, and
// one line past the last.
func checkPos(t *testing.T, p finding.Pos, lines []int) {
	t.Helper()
	switch {
	case p.File != "in.yaml" && p.File != "b.json": // a template: its lines are those below the comment
		if p.Line < 1 || p.Line > len(lines)+1 {
			t.Errorf("%s: %d lines", p, len(lines))
		}
	case p.Line < 1 || p.Line > len(lines)+1 || p.Column < 1:
		t.Errorf("%s: %d lines", p, len(lines))
	case p.Line <= len(lines) && p.Column > lines[p.Line-1]+2:
		t.Errorf("%s: line of %d characters", p, lines[p.Line-1])
	}
}

func checkTree(t *testing.T, d *Document, n *Node, lines []int) {
	t.Helper()
	if n.doc != d {
		t.Fatalf("%s belongs to another document", n.Field())
	}
	checkPos(t, n.Place().Pos, lines)
	checkPos(t, n.ValuePlace().Pos, lines)
	if len(n.Children()) > 0 && n.Kind != Map && n.Kind != List {
		t.Fatalf("%s is %s and has children", n.Field(), n.Kind)
	}
	seen := map[string]bool{}
	for i := range n.Children() {
		c := &n.Children()[i]
		if c.up() != n || (n.Kind == Map) != (c.keyColumn > 0) || n.Kind == Map && seen[c.Key()] {
			t.Fatalf("%s is not linked", c.Field())
		}
		seen[c.Key()] = true
		checkTree(t, d, c, lines)
	}
}
