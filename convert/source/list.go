package source

import (
	"bytes"
	"strings"
)

// frame is what a List says besides its items.
type frame struct {
	apiVersion, kind string
	whole            *chunk // the List
}

// pieces cuts a large List in block style, as kubectl get -o yaml prints it,
// into runs of items of about size bytes. They are read on all cores, and the
// parser's tree of the whole, many times the size of ours, never exists.
//
// A line that starts an item is one wherever it stands, save in a quoted string
// or brackets; the run before is open at its end then and no YAML. So it is
// enough to read the List as a whole when any run of it fails: see mend.
func (c *chunk) pieces(size int) []chunk {
	if len(c.text) < size || c.lines != nil || looksLikeJSON(c.text) {
		return nil
	}
	head, items, tail, ok := c.layout()
	if !ok {
		return nil
	}
	f := c.frame(bytes.Join([][]byte{c.text[:head], c.text[tail:]}, nil))
	if f == nil {
		return nil
	}
	var runs []chunk
	start := items[0]
	for i := 1; i <= len(items); i++ {
		end := tail
		if i < len(items) {
			end = items[i]
		}
		if i == len(items) || end-start >= size {
			runs = append(runs, c.part(f, start, end))
			start = end
		}
	}
	return runs
}

// layout finds the line of "items:", the lines that start its items, and where
// they end.
func (c *chunk) layout() (head int, items []int, tail int, ok bool) {
	head, tail = -1, len(c.text)
	indent := -1
	for at := 0; at < len(c.text); {
		end := len(c.text)
		if i := bytes.IndexByte(c.text[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		l := c.text[at:end]
		text := bytes.TrimLeft(l, " ")
		in := len(l) - len(text)
		blank := len(bytes.TrimSpace(l)) == 0 || text[0] == '#'
		switch {
		case head < 0:
			if bytes.Equal(bytes.TrimRight(l, " \r\n"), []byte("items:")) {
				head = at
			}
		case blank:
		case indent < 0 && !isItem(text):
			return 0, nil, 0, false
		case indent < 0:
			indent = in
			items = append(items, at)
		case in == indent && isItem(text):
			items = append(items, at)
		case in == 0:
			return head, items, at, true
		}
		at = end
	}
	return head, items, tail, len(items) > 0
}

func isItem(text []byte) bool {
	return len(text) > 1 && text[0] == '-' && (text[1] == ' ' || text[1] == '\n' || text[1] == '\r')
}

// frame reads text, the List without its items; nil when it is no plain List.
func (c *chunk) frame(text []byte) *frame {
	if len(text) > batchSize {
		return nil
	}
	alone := chunk{file: c.file, text: text}
	trees, failure := readYAML(&alone, &arena{})
	if failure != nil || len(trees) != 1 || len(trees[0].repeats) > 0 || trees[0].root.Kind != Map {
		return nil
	}
	version, kind := trees[0].root.exact("apiVersion"), trees[0].root.exact("kind")
	if version == nil || kind == nil || version.Kind != String || kind.Kind != String || version.Value() == "" ||
		!strings.HasSuffix(kind.Value(), "List") || trees[0].root.exact("items") != nil {
		return nil
	}
	return &frame{apiVersion: version.Value(), kind: kind.Value(), whole: c}
}

// part is the run of items in text[start:end].
func (c *chunk) part(f *frame, start, end int) chunk {
	below := bytes.Count(c.text[:start], []byte("\n"))
	p := *c
	p.list, p.text, p.from, p.first, p.shift = f, c.text[start:end:end], c.from+start, c.first+below, c.shift+below
	return p
}

// readItems reads a run of items; ok is false when it must be read with the
// whole.
func readItems(c *chunk, known *arena) (r result, ok bool) {
	t, ok := readPlain(c, known)
	if !ok {
		trees, failure := readYAML(c, known)
		if failure != nil || len(trees) != 1 {
			return result{}, false
		}
		t = trees[0]
	}
	if t.root.Kind != List {
		return result{}, false
	}
	for i := range t.root.Children() {
		if t.root.Children()[i].Kind != Map {
			return result{}, false
		}
	}
	t.doc.APIVersion, t.doc.Kind = c.list.apiVersion, c.list.kind
	r.items(t.doc, t.root, 0)
	r.repeated(t.root, t.repeats)
	if c.loose {
		r.docs = r.settle(r.docs)
	}
	return r, true
}

// mend reads Lists as a whole of which a run has failed.
func mend(chunks []chunk, results []result) {
	known := &arena{}
	for i := 0; i < len(chunks); {
		end := i + 1
		failed := results[i].failed
		for ; end < len(chunks) && chunks[i].list != nil && chunks[end].list == chunks[i].list; end++ {
			failed = failed || results[end].failed
		}
		if failed {
			clear(results[i:end])
			results[i] = read(chunks[i].list.whole, known)
		}
		i = end
	}
}
