package source

import (
	"bytes"
	"io"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// batchSize is about how much text one parser reads. A parser of its own for
// each document would cost a tenth more time and half as much garbage again.
const batchSize = 32 << 10

// batches divides chunks into runs that one parser can read; it returns where
// each run ends.
func batches(chunks []chunk) []int {
	var ends []int
	start := 0
	for i := range chunks {
		if i > start && (chunks[i].from-chunks[start].from >= batchSize || !follows(&chunks[i-1], &chunks[i])) {
			ends = append(ends, i)
			start = i
		}
	}
	if len(chunks) > 0 {
		ends = append(ends, len(chunks))
	}
	return ends
}

// follows tells whether c is the next document of the stream that prev is part
// of, with nothing in it that needs care.
func follows(prev, c *chunk) bool {
	return prev.list == nil && c.list == nil && &prev.all[0] == &c.all[0] && prev.from+len(prev.text) == c.from && isMarker(c.text, "---") &&
		prev.lines == nil && c.lines == nil && !looksLikeJSON(prev.text)
}

// readBatch reads chunks: the plain ones each by itself, and those between them
// by the parser.
func readBatch(chunks []chunk, results []result, known *arena) {
	from := 0
	for i := range chunks {
		if chunks[i].list != nil {
			continue // readItems looks for itself
		}
		if t, ok := readPlain(&chunks[i], known); ok {
			parseBatch(chunks[from:i], results[from:i], known)
			results[i].add(&chunks[i], t)
			from = i + 1
		}
	}
	parseBatch(chunks[from:], results[from:], known)
}

// parseBatch reads chunks by one parser. From the first document on that has an
// error, the rest is read each by itself, which finds the error's place and
// what comes after it. So are documents with aliases, since the parser would
// take anchors of documents before.
func parseBatch(chunks []chunk, results []result, known *arena) {
	done := 0
	if len(chunks) > 1 {
		done = readStream(chunks, results, known)
	}
	for i := done; i < len(chunks); i++ {
		results[i] = read(&chunks[i], known)
	}
}

// readStream returns how many chunks it has read.
func readStream(chunks []chunk, results []result, known *arena) (done int) {
	defer func() { _ = recover() }() // the document that panics is read again, by itself
	last := &chunks[len(chunks)-1]
	text := last.all[chunks[0].from : last.from+len(last.text)]
	if !utf8.Valid(text) {
		return 0
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	var y yaml.Node
	if d.Decode(&y) != nil {
		return 0
	}
	for i := range chunks {
		var ahead yaml.Node
		err := d.Decode(&ahead)
		if (err == io.EOF) != (i == len(chunks)-1) || err != nil && err != io.EOF || len(y.Content) != 1 {
			return done
		}
		c := &chunks[i]
		b := builder{chunk: c, arena: known, above: c.first - chunks[0].first, stream: true}
		root := b.root(y.Content[0])
		if root == nil {
			results[i] = read(c, known)
		} else {
			results[i].add(c, parsed{root, b.doc, b.repeats})
		}
		done, y = i+1, ahead
	}
	return done
}
