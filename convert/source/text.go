package source

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// Text is the text of the input by the names and lines that findings use: those
// of the files, and those of the templates that Helm rendered. It is safe for
// concurrent use.
type Text struct {
	names []string
	known map[string]bool
	under map[string]*named

	mu sync.Mutex // guards what named and page learn when they are asked
}

// named is the text under a name: a file, or the documents of a template.
type named struct {
	parts   []part           // in the order of the input
	objects map[string][]int // which parts hold an object; nil until it is asked for
	before  []int            // lines before each part; nil until it is asked for
}

// part is a run of lines of a page: a file, or a document below Helm's comment.
type part struct {
	page  *page
	base  int    // its line 1, among those of the page, from 0
	to    int    // its end in the page, in bytes
	chunk *chunk // the document; nil for a file
}

// page is the decoded text of a file.
type page struct {
	text   []byte
	starts []int // of its lines, in bytes; filled when one is asked for
}

// NewText keeps the text of files. A file that is too large has none.
func NewText(files []File) *Text {
	t := &Text{known: map[string]bool{}, under: map[string]*named{}}
	for _, f := range files {
		if f.TooLarge || len(f.Data) > SizeLimit {
			t.name(f.Name)
			continue
		}
		t.add(f)
	}
	return t
}

var helmMark = []byte("# Source: ")

// add files what f holds. Few files come from Helm; the others need not be cut.
func (t *Text) add(f File) {
	p := &page{text: decodeText(f.Data)}
	var chunks []chunk
	if bytes.Contains(p.text, helmMark) {
		chunks = cut(f)
	}
	if len(chunks) == 0 || slices.ContainsFunc(chunks, func(c chunk) bool { return c.file == f.Name }) {
		t.name(f.Name)
	}
	t.part(f.Name, part{page: p, to: len(p.text)}) // also for what is said of the file as a whole
	var list *frame
	for i := range chunks {
		c := &chunks[i]
		to := c.from + len(c.text)
		switch {
		case c.file == f.Name:
		case list != nil && list == c.list: // the next items of a List
			parts := t.under[c.file].parts
			parts[len(parts)-1].to = to
		default:
			t.name(c.file)
			t.part(c.file, part{page: p, base: c.first - c.shift, to: to, chunk: c})
		}
		list = c.list
	}
}

func (t *Text) part(name string, p part) {
	if t.under[name] == nil {
		t.under[name] = &named{}
	}
	t.under[name].parts = append(t.under[name].parts, p)
}

func (t *Text) name(name string) {
	if !t.known[name] {
		t.names, t.known[name] = append(t.names, name), true
	}
}

// Names are the names that findings use, in the order of the input.
func (t *Text) Names() []string { return slices.Clone(t.names) }

// Lines are the lines under a name, without their ends. Where several documents
// bear it, as those of one template do, they follow one another; see Index.
func (t *Text) Lines(name string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	if t.under[name] == nil {
		return nil
	}
	for _, p := range t.under[name].parts {
		for n := 1; p.reaches(n); n++ {
			lines = append(lines, p.line(n))
		}
	}
	return lines
}

// Line is the line at which a finding stands, without its end. There is none
// where the finding is about a file as a whole.
func (t *Text) Line(at finding.Place) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if u := t.under[at.Pos.File]; u != nil {
		if i := u.holds(at); i >= 0 {
			return u.parts[i].line(at.Pos.Line), true
		}
	}
	return "", false
}

// Index is the place of Line in Lines.
func (t *Text) Index(at finding.Place) (int, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if u := t.under[at.Pos.File]; u != nil {
		if i := u.holds(at); i >= 0 {
			return u.linesBefore(i) + at.Pos.Line - 1, true
		}
	}
	return 0, false
}

// holds is the part in which a place is, or -1. Templates make several documents:
// the object decides. Text that could not be read has none, and neither have
// findings about it; what is known then is that the line is long enough.
func (u *named) holds(at finding.Place) int {
	reach := func(i int) bool { return u.parts[i].reaches(at.Pos.Line) }
	fit := func(i int) bool {
		return reach(i) && utf8.RuneCountInString(u.parts[i].line(at.Pos.Line)) >= at.Pos.Column-1
	}
	if len(u.parts) > 1 {
		if own := u.of(at.Object); slices.ContainsFunc(own, reach) {
			return cmp.Or(firstOf(own, fit), firstOf(own, reach)) - 1
		}
	}
	all := make([]int, len(u.parts))
	for i := range all {
		all[i] = i
	}
	return cmp.Or(firstOf(all, fit), firstOf(all, reach)) - 1
}

// firstOf is one more than the first index that is as asked for; 0 for none.
func firstOf(parts []int, is func(int) bool) int {
	if i := slices.IndexFunc(parts, is); i >= 0 {
		return parts[i] + 1
	}
	return 0
}

// of are the parts that hold an object. Where the text names no namespace,
// findings may name that of the command line.
func (u *named) of(object string) []int {
	if u.objects == nil {
		u.objects = map[string][]int{}
		for i := range u.parts {
			for _, name := range u.parts[i].objectNames() {
				u.objects[name] = append(u.objects[name], i)
			}
		}
	}
	if parts := u.objects[object]; len(parts) > 0 {
		return parts
	}
	kind, name, _ := strings.Cut(object, " ")
	if _, bare, ok := strings.Cut(name, "/"); ok {
		return u.objects[kind+" "+bare]
	}
	return nil
}

// objectNames are the objects of a document; the empty one where it has none.
func (p *part) objectNames() []string {
	if p.chunk == nil {
		return nil
	}
	var names []string
	for _, d := range read(p.chunk, &arena{}).docs {
		names = append(names, d.Object())
	}
	if len(names) == 0 {
		return []string{""}
	}
	return names
}

func (u *named) linesBefore(part int) int {
	if u.before == nil {
		u.before = make([]int, len(u.parts))
		for i := 1; i < len(u.parts); i++ {
			u.before[i] = u.before[i-1] + u.parts[i-1].count()
		}
	}
	return u.before[part]
}

// reaches tells whether p has a line n, counted from 1.
func (p *part) reaches(n int) bool {
	starts := p.page.lines()
	i := p.base + n - 1
	return n >= 1 && i < len(starts) && starts[i] < p.to
}

// line is a line that p reaches.
func (p *part) line(n int) string {
	starts, i, end := p.page.lines(), p.base+n-1, p.to
	if i+1 < len(starts) {
		end = min(end, starts[i+1])
	}
	text := strings.TrimSuffix(string(p.page.text[starts[i]:end]), "\n")
	return strings.TrimSuffix(text, "\r")
}

// count is the number of lines of p.
func (p *part) count() int {
	end, _ := slices.BinarySearch(p.page.lines(), p.to)
	return max(0, end-p.base)
}

// lines are where the lines of p start.
func (p *page) lines() []int {
	if p.starts != nil || len(p.text) == 0 {
		return p.starts
	}
	p.starts = make([]int, 1, 1+bytes.Count(p.text, []byte("\n")))
	for at := 0; ; {
		i := bytes.IndexByte(p.text[at:], '\n')
		if i < 0 || at+i+1 == len(p.text) {
			return p.starts
		}
		at += i + 1
		p.starts = append(p.starts, at)
	}
}
