package source

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// Each comment "# !n" of an input, and what looks like one, with the line that it
// speaks of.
var commentCases = []struct{ name, in, want string }{
	{"behind a value", "a: 1 # !x\n", "in.yaml:1:6 !x about in.yaml:1"},
	{"of its own", "a: 1\n# !x\n\n  # other\n# !y\nb: 2\n", "in.yaml:2:1 !x about in.yaml:6\nin.yaml:5:1 !y about in.yaml:6"},
	{"at the end", "a: 1\n# !x\n", "in.yaml:2:1 !x about nothing"},
	{"before a marker", "a: 1\n# !x\n---\n# !y\nb: 2\n", "in.yaml:2:1 !x about in.yaml:5\nin.yaml:4:1 !y about in.yaml:5"},
	{"behind a marker", "--- # !x\na: 1\n", "in.yaml:1:5 !x about in.yaml:2, head of in.yaml"},
	{"head", "%YAML 1.1\n# !x\n---\na: 1\n", "in.yaml:2:1 !x about in.yaml:4, head of in.yaml"},
	{"in quotes", "a: \"x # !n\"\nb: 'it''s # !n'\nc: \"\n  # !n \\\" # !n\n  \" # !x\n", "in.yaml:5:5 !x about in.yaml:5"},
	{"an apostrophe is no quote", "a: it's # !x\n", "in.yaml:1:9 !x about in.yaml:1"},
	{"a quote in a plain scalar of two lines", "a: b\n  'c # !x\nd: 'e' # !y\n", "in.yaml:2:6 !x about in.yaml:2\nin.yaml:3:8 !y about in.yaml:3"},
	{"no blank before", "a: b#!n\nc: d #!x\n", "in.yaml:2:6 !x about in.yaml:2"},
	{"block scalar", "a: |  # !x\n  # !n\n\n   # !n\n# !y\nb: >-\n # !n\n", "in.yaml:1:7 !x about in.yaml:1\nin.yaml:5:1 !y about in.yaml:6"},
	{"block scalar below a dash", "- |\n # !n\n- a: |\n   # !n\n  b: 1 # !x\n", "in.yaml:5:8 !x about in.yaml:5"},
	{"block scalar on a line of its own", "a:\n  |\n  # !n\n  # !n\nb: # !x\n", "in.yaml:5:4 !x about in.yaml:5"},
	{"block scalar with an indentation", "a: |2\n    # !n\n  # !n\n # !x\nb: 1\n", "in.yaml:4:2 !x about in.yaml:5"},
	{"comment behind a block scalar", "a:\n  b: |\n      x\n    # !x\n  c: 1\n", "in.yaml:4:5 !x about in.yaml:5"},
	{"behind a header", "a: |# !x\n  # !n\n", "in.yaml:1:5 !x about in.yaml:1"},
	{"brackets", "a: [b, # !x\n  'c # !n', {d: e # !y\n  }]\n", "in.yaml:1:8 !x about in.yaml:1\nin.yaml:2:19 !y about in.yaml:2"},
	{"tag and anchor", "a: !!str &x \"# !n\" # !x\nb: *x # !y\n", "in.yaml:1:20 !x about in.yaml:1\nin.yaml:2:7 !y about in.yaml:2"},
	{"code points", "é: ü # !x\n", "in.yaml:1:6 !x about in.yaml:1"},
	{"carriage returns", "a: 1 # !x\r\n# !y\r\nb: 2\r\n", "in.yaml:1:6 !x about in.yaml:1\nin.yaml:2:1 !y about in.yaml:3"},
	{"no YAML", "a: {{ .x }} # !x\n  b: c: d # !y\n", "in.yaml:1:13 !x about in.yaml:1\nin.yaml:2:11 !y about in.yaml:2"},
	{
		"templates", "---\n# Source: c/templates/a.yaml\n# !x\n" + svc + "---\n# Source: c/templates/a.yaml\n# !y\n" + svc + "x: 1 # !z\n",
		"c/templates/a.yaml:1:1 !x about c/templates/a.yaml:2, head of c/templates/a.yaml\n" +
			"c/templates/a.yaml:1:1 !y about c/templates/a.yaml:2, head of c/templates/a.yaml\n" +
			"c/templates/a.yaml:5:6 !z about c/templates/a.yaml:5",
	},
	{
		"head of all templates", "# !x\n---\n# Source: c/templates/a.yaml\n" + svc + "---\n# Source: c/templates/b.yaml\n" + svc,
		"in.yaml:1:1 !x about c/templates/a.yaml:1, head of in.yaml, c/templates/a.yaml, c/templates/b.yaml",
	},
	{"JSON", `{"a": "# !n","b":" # !n"}`, ""},
	{"UTF-16", "\xff\xfea\x00 \x00#\x00!\x00x\x00", "in.yaml:1:3 !x about in.yaml:1"},
}

func TestComments(t *testing.T) {
	for _, c := range commentCases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, comment := range Comments(File{Name: "in.yaml", Data: []byte(c.in)}, "!") {
				about := "nothing"
				if comment.About.Line > 0 {
					about = fmt.Sprintf("%s:%d", comment.About.File, comment.About.Line)
				}
				line := fmt.Sprintf("%s %s about %s", comment.Pos, comment.Text, about)
				if len(comment.Heads) > 0 {
					line += ", head of " + strings.Join(comment.Heads, ", ")
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(c.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A large List is read in runs; its comments are those of the file.
func TestCommentsOfLargeList(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: List\nitems: # !head\n")
	for i := range 3000 {
		fmt.Fprintf(&b, "- apiVersion: v1\n  kind: Service\n  metadata: {name: s%d}\n  # !x\n", i)
	}
	comments := Comments(File{Name: "in.yaml", Data: []byte(b.String())}, "!")
	if len(comments) != 3001 {
		t.Fatalf("%d comments", len(comments))
	}
	for i, c := range comments[1:3000] {
		if c.Pos.Line != 7+4*i || c.About.Line != 8+4*i || len(c.Heads) > 0 {
			t.Fatalf("comment %d: %+v", i, c)
		}
	}
}

// Documents of one template have the same lines; the object tells them apart.
func TestSpeaksOf(t *testing.T) {
	object := func(name, comment string) string {
		return "---\n# Source: c/templates/a.yaml\napiVersion: v1\nkind: Service\nmetadata: {name: " + name + "}" + comment + "\n"
	}
	comments := Comments(File{Name: "-", Data: []byte(object("one", "") + object("two", " # !x"))}, "!")
	at := finding.Place{Pos: finding.Pos{File: "c/templates/a.yaml", Line: 3}}
	for object, want := range map[string]bool{"Service one": false, "Service two": true, "Service shop/two": true, "Service shop/one": false} {
		at.Object = object
		if got := comments[0].SpeaksOf(at); got != want {
			t.Errorf("%s: %v", object, got)
		}
	}
}

// FuzzComments asks the parser: with its comments cut off a text says the same, and
// without anything else that looks like one it does not.
func FuzzComments(f *testing.F) {
	for _, c := range commentCases {
		f.Add([]byte(c.in))
	}
	for _, c := range splitCases {
		f.Add([]byte(c.in))
	}
	f.Add([]byte("a:\n  b: |\n      \n\n    # !"))
	f.Fuzz(func(t *testing.T, data []byte) {
		Comments(File{Name: "in.yaml", Data: data}, "")
		if bytes.ContainsAny(data, "\r\t%\x00\ufeff\u0085\u2028\u2029") || len(data) > 4096 {
			return // other line ends, and blanks of which the parser has its own idea
		}
		before, err := parsedTree(data)
		if err != nil || before == "" {
			return
		}
		var scan commentScanner
		at, without := 0, []byte(nil)
		comments := map[int]bool{}
		for l := range bytes.Lines(data) {
			c, _ := scan.line(l)
			if c >= 0 {
				comments[at+c] = true
				without = append(append(without, l[:c+1]...), l[len(bytes.TrimSuffix(l, []byte("\n"))):]...)
			} else {
				without = append(without, l...)
			}
			at += len(l)
		}
		if after, err := parsedTree(without); err != nil || after != before {
			t.Fatalf("without what is taken for comments it says something else (%v):\n%s\n%s\n%s", err, data, before, after)
		}
		for i := range data {
			if data[i] != '#' || i > 0 && data[i-1] != ' ' && data[i-1] != '\n' || bytes.ContainsRune(lineBefore(data[:i]), '#') {
				continue
			}
			end := len(data)
			if j := bytes.IndexByte(data[i:], '\n'); j >= 0 {
				end = i + j
			}
			after, err := parsedTree(bytes.Join([][]byte{data[:i+1], data[end:]}, nil))
			if err == nil && after == before && !comments[i] && len(bytes.TrimSpace(data[i+1:end])) > 0 { // blanks at the end of a line in quotes count for nothing
				t.Fatalf("the # at %d begins a comment:\n%s", i, data)
			}
		}
	})
}

func lineBefore(text []byte) []byte { return text[bytes.LastIndexByte(text, '\n')+1:] }

// parsedTree is what the parser reads, in one line.
func parsedTree(text []byte) (string, error) {
	var n yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&n); err != nil {
		return "", err
	}
	var second yaml.Node
	if err := d.Decode(&second); err != io.EOF {
		return "", fmt.Errorf("one document at a time (%v)", err)
	}
	var b strings.Builder
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		fmt.Fprintf(&b, "(%d %s %s %q", n.Kind, n.Tag, n.Anchor, n.Value)
		for _, c := range n.Content {
			walk(c)
		}
		b.WriteString(")")
	}
	walk(&n)
	return b.String(), nil
}
