package source

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listOf writes documents as items, indented by indent.
func listOf(docs [][]byte, indent string) string {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nitems:\n")
	for _, d := range docs {
		for i, l := range bytes.Split(bytes.TrimRight(d, "\n"), []byte("\n")) {
			lead := indent + "  "
			if i == 0 {
				lead = indent + "- "
			}
			b.WriteString(lead + string(l) + "\n")
		}
	}
	b.WriteString("kind: List\nmetadata:\n  resourceVersion: \"\"\n")
	return b.String()
}

// TestPieces reads Lists in pieces and as a whole, to the same end.
func TestPieces(t *testing.T) {
	var docs [][]byte
	for d := range bytes.SplitSeq(triples(10), []byte("---\n")) {
		if len(d) > 0 {
			docs = append(docs, d)
		}
	}
	plain := listOf(docs, "")
	for _, c := range []struct {
		name, in string
		pieces   bool
	}{
		{"as kubectl prints it", plain, true},
		{"indented", listOf(docs, "  "), true},
		{"CRLF", strings.ReplaceAll(plain, "\n", "\r\n"), true},
		{"comments", strings.ReplaceAll(plain, "\n- ", "\n# c\n\n    # d\n- "), true},
		{"dash alone", strings.ReplaceAll(plain, "\n- api", "\n-\n  api"), true},
		{"kind first", "kind: List\n" + strings.Replace(plain, "kind: List\n", "", 1), true},
		{"Helm's comment", "# Source: a/templates/b.yaml\n" + plain, true},
		{"after a marker", "---\n" + plain + "...\n", true},
		{"typed", strings.Replace(plain, "kind: List", "kind: ServiceList", 1), true},
		{"anchor", strings.Replace(strings.Replace(plain, "team-0", "&ns team-0", 1), "team-9", "*ns", 1), true},
		{"block scalar with dashes", listOf(append(docs, []byte(svc+"x: |\n  - a\n")), ""), true},
		{"open quote with a dash", listOf(append(docs, []byte(svc+"x: \"a")), "") + "y: \"\n- b\"\n", true},
		{"quote over items", strings.Replace(plain, "prod", "\"a\n- b\"", 1), true},
		{"brackets over items", strings.Replace(plain, "prod", "[a,\n- b\n ]", 1), true},
		{"broken item", strings.Replace(plain, "prod", "a: b", 1), true},
		{"refused value", strings.Replace(plain, "prod", ".inf", 1), true},
		{"key twice", strings.Replace(plain, "weight: 90", "weight: 90\n        weight: 91", 1), true},
		{"template", strings.Replace(plain, "prod", "{{ .env }}", 1), true},
		{"template in a string, placeholder", strings.Replace(strings.Replace(plain, "/api", "${API}", 1), "prod", "\"{{ .env }}\"", 1), true},
		{"item that is none", strings.Replace(plain, "kind: List", "- 5\nkind: List", 1), true},
		{"bad byte", strings.Replace(plain, "prod", "\xff", 1), true},
		{"items twice", plain + "items: []\n", false},
		{"no kind", strings.Replace(plain, "kind: List\n", "", 1), false},
		{"no List", strings.Replace(plain, "kind: List\n", "kind: Playlists\n", 1), false},
		{"stray line", plain + "foo\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			whole := cut(File{Name: "in.yaml", Data: []byte(c.in)})
			chunks := slices.Concat(whole[0].pieces(500), whole[1:])
			if got := len(chunks) > len(whole); got != c.pieces {
				t.Fatalf("%d pieces", len(chunks))
			}
			if !c.pieces {
				return
			}
			want, wantFindings := collected(t, whole)
			got, gotFindings := collected(t, chunks)
			if diff := cmp.Diff(want+wantFindings, got+gotFindings); diff != "" || want+wantFindings == "" {
				t.Errorf("-whole +pieces\n%s", diff)
			}
		})
	}
}

func collected(t *testing.T, chunks []chunk) (docs, findings string) {
	results, err := readAll(context.Background(), chunks)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		docs += show(r.docs, nil)
		findings += show(nil, r.findings)
	}
	return docs, findings + show(nil, perFile(results))
}

// TestLargeList sees to it that Split cuts a List which is worth it.
func TestLargeList(t *testing.T) {
	docs := bytes.Split(triples(100), []byte("---\n"))[1:]
	text := listOf(docs, "")
	if n := len(cut(File{Data: []byte(text)})); n < 4 {
		t.Errorf("%d chunks of %d bytes", n, len(text))
	}
	read, findings, err := Split(context.Background(), []File{{Name: "in.yaml", Data: []byte(text)}})
	if err != nil || len(read) != 300 || len(findings) > 0 {
		t.Error(len(read), findings, err)
	}
}
