package source

import (
	"bytes"
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// Split reads the documents of files, in their order. Items of a List are
// documents of their own. What cannot be read is a finding, and the other
// documents go on; documents that are no Kubernetes objects pass by. The error
// is for a cancelled context.
func Split(ctx context.Context, files []File) ([]*Document, []finding.Finding, error) {
	var chunks []chunk
	var findings []finding.Finding
	for _, f := range files {
		if f.TooLarge || len(f.Data) > SizeLimit {
			findings = append(findings, finding.New(rule.FileTooLarge, finding.Place{Pos: finding.Pos{File: f.Name}},
				"Nothing of %s is converted: it is larger than %d MiB.", f.Name, SizeLimit>>20))
			continue
		}
		chunks = append(chunks, cut(f)...)
	}
	results, err := readAll(ctx, chunks)
	if err != nil {
		return nil, nil, err
	}
	var docs []*Document
	for i := range results {
		docs = append(docs, results[i].docs...)
		findings = append(findings, results[i].findings...)
	}
	findings = append(findings, perFile(results)...)
	return docs, finding.Sort(findings), nil
}

// result is what one chunk gives.
type result struct {
	failed       bool // a run of items that does not stand alone
	docs         []*Document
	findings     []finding.Finding
	passedOver   *finding.Pos // a template that is not Istio's
	placeholders []*Node      // at most one a document
}

// readAll reads the chunks on all cores; the results stand in the order of the
// chunks, whoever is done first.
func readAll(ctx context.Context, chunks []chunk) ([]result, error) {
	results := make([]result, len(chunks))
	ends := batches(chunks)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(ends)) {
		wg.Go(func() {
			known := &arena{}
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(ends) {
					return
				}
				from := 0
				if i > 0 {
					from = ends[i-1]
				}
				readBatch(chunks[from:ends[i]], results[from:ends[i]], known)
			}
		})
	}
	wg.Wait()
	if ctx.Err() == nil {
		mend(chunks, results)
	}
	return results, ctx.Err()
}

// parsed is one tree out of a chunk.
type parsed struct {
	root    *Node
	doc     *Document
	repeats []repeat
}

// read turns the text of c into documents.
func read(c *chunk, known *arena) (r result) {
	if !utf8.Valid(c.text) {
		r.failed = c.list != nil
		r.refuse(notUTF8(c))
		return r
	}
	if c.list != nil {
		r, ok := readItems(c, known)
		r.failed = !ok
		return r
	}
	trees, failure := parse(c, known)
	for _, t := range trees {
		r.add(c, t)
	}
	if failure == nil {
		return r
	}
	if at, ok := templateAction(c); ok {
		r.template(c, at)
		return r
	}
	r.refuse(*failure)
	return r
}

func (r *result) refuse(f finding.Finding) { r.findings = append(r.findings, f) }

// parse reads c as JSON where it looks like it and is, otherwise as YAML.
func parse(c *chunk, known *arena) (trees []parsed, failure *finding.Finding) {
	if !looksLikeJSON(c.text) {
		return readYAML(c, known)
	}
	trees, failure = readJSON(c, known)
	if failure == nil || failure.Rule != rule.BrokenYAML {
		return trees, failure
	}
	asYAML, yamlFailure := readYAML(c, known)
	if yamlFailure == nil {
		return asYAML, nil
	}
	if c.json || len(trees) > 0 {
		return trees, failure
	}
	return asYAML, yamlFailure
}

func looksLikeJSON(text []byte) bool {
	text = bytes.TrimPrefix(text, utf8BOM)
	if isMarker(text, "---") {
		return false // YAML in flow style, or JSON under a marker: YAML reads both
	}
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && text[0] == '{'
}

func notUTF8(c *chunk) finding.Finding {
	i := 0
	for i < len(c.text) {
		r, size := utf8.DecodeRune(c.text[i:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		i += size
	}
	return finding.New(rule.NotText, finding.Place{Pos: c.offset(i)},
		"Nothing of this document is converted: the byte 0x%02x is not UTF-8.", c.text[i])
}
