package source

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// Comment is a comment of the input, with places as findings have them.
type Comment struct {
	Pos   finding.Pos // of its #
	Text  string      // behind the #, without blanks around it
	About finding.Pos // the line that it speaks of: its own, or the next with content; the zero value where none follows

	// Heads are the files of which it stands at the head, with nothing but comments
	// above it: its own, or the one template; those below Helm's comments too,
	// where it is the head of them all.
	Heads []string

	objects []string // of the document in which About is, where it is Helm's
}

// SpeaksOf tells whether at is in the line that c speaks of. Documents of one
// template have the same file and lines: the object decides.
func (c Comment) SpeaksOf(at finding.Place) bool {
	if at.Pos.File != c.About.File || at.Pos.Line != c.About.Line || c.About.Line == 0 {
		return false
	}
	return len(c.objects) == 0 || at.Object == "" || slices.Contains(c.objects, at.Object) || slices.Contains(c.objects, Bare(at.Object))
}

// Bare is an object as Document.Object names it where no namespace is written;
// findings may say that of the command line.
func Bare(object string) string {
	kind, name, _ := strings.Cut(object, " ")
	if _, bare, ok := strings.Cut(name, "/"); ok {
		return kind + " " + bare
	}
	return object
}

// Comments are the comments of f whose text begins with prefix. What looks like
// one in a quoted or block scalar is none.
func Comments(f File, prefix string) []Comment {
	if f.TooLarge || len(f.Data) > SizeLimit {
		return nil
	}
	text := decodeText(f.Data)
	if !bytes.Contains(text, []byte(prefix)) {
		return nil
	}
	g := gatherer{file: f, prefix: prefix}
	g.documents(cut(f))
	var scan commentScanner
	line := 0
	for l := range bytes.Lines(text) {
		if isMarker(l, "---") {
			g.inDocument = false
		}
		comment, content := scan.line(l)
		g.see(line, l, comment, content)
		line++
	}
	return g.comments
}

// gatherer goes through the lines of a file.
type gatherer struct {
	file     File
	prefix   string
	chunks   []*chunk // ordered by line; Lists as a whole
	ends     []int    // the lines behind them
	objects  map[*chunk][]string
	names    []string // of all documents, the file's first
	comments []Comment
	waiting  int // how many of the last comments wait for the line that they speak of

	inFile, inDocument bool // content has been seen
}

func (g *gatherer) documents(chunks []chunk) {
	g.objects = map[*chunk][]string{}
	g.names = []string{g.file.Name}
	for i := range chunks {
		c := &chunks[i]
		if c.list != nil {
			c = c.list.whole
		}
		if n := len(g.chunks); n > 0 && g.chunks[n-1] == c {
			continue
		}
		lines := bytes.Count(c.text, []byte("\n"))
		if !bytes.HasSuffix(c.text, []byte("\n")) {
			lines++
		}
		g.chunks, g.ends = append(g.chunks, c), append(g.ends, c.first+lines)
		if !slices.Contains(g.names, c.file) {
			g.names = append(g.names, c.file)
		}
	}
}

// see takes in a line, counted from 0.
func (g *gatherer) see(line int, l []byte, comment int, content bool) {
	if content {
		for i := len(g.comments) - g.waiting; i < len(g.comments); i++ {
			g.about(&g.comments[i], line)
		}
		g.waiting, g.inFile, g.inDocument = 0, true, true
	}
	if comment < 0 {
		return
	}
	text := strings.TrimSpace(string(l[comment+1:]))
	if !strings.HasPrefix(text, g.prefix) {
		return
	}
	c := Comment{Text: text, Heads: g.heads(line)}
	c.Pos.File, c.Pos.Line = g.place(line)
	c.Pos.Column = 1 + utf8.RuneCount(l[:comment])
	if content {
		g.about(&c, line)
	} else {
		g.waiting++
	}
	g.comments = append(g.comments, c)
}

func (g *gatherer) about(c *Comment, line int) {
	c.About.File, c.About.Line = g.place(line)
	if in := g.chunk(line); in != nil && in.file != g.file.Name {
		if g.objects[in] == nil {
			g.objects[in] = []string{}
			for _, d := range read(in, &arena{}).docs {
				g.objects[in] = append(g.objects[in], d.Object())
			}
		}
		c.objects = g.objects[in]
	}
}

func (g *gatherer) heads(line int) []string {
	in := g.chunk(line)
	switch {
	case in != nil && in.file != g.file.Name && !g.inDocument:
		return []string{in.file}
	case !g.inFile:
		return g.names
	}
	return nil
}

// chunk is the document in which a line is, or nil.
func (g *gatherer) chunk(line int) *chunk {
	i, found := slices.BinarySearchFunc(g.chunks, line, func(c *chunk, line int) int { return c.first - line })
	if !found {
		i--
	}
	if i < 0 || line >= g.ends[i] {
		return nil
	}
	return g.chunks[i]
}

// place is a line as findings name it.
func (g *gatherer) place(line int) (file string, number int) {
	c := g.chunk(line)
	if c == nil {
		return g.file.Name, line + 1
	}
	return c.file, max(line-c.first+1+c.shift, 1)
}
