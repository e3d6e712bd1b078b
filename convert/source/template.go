package source

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

var istioText = regexp.MustCompile(`(?m)(?:^|[\s{,"'])(?:apiVersion["']?:\s*["']?[a-z.]*istio\.io/|` +
	`kind["']?:\s*["']?(?:VirtualService|DestinationRule|ServiceEntry|EnvoyFilter|AuthorizationPolicy|PeerAuthentication|RequestAuthentication)\b)`)

// looksIstio judges text that could not be parsed.
func (c *chunk) looksIstio() bool { return istioText.Match(c.text) }

var action = regexp.MustCompile(`\{\{|\{%`)

// templateAction finds the first action of Helm, Jinja or Go's templates
// outside of comments.
func templateAction(c *chunk) (finding.Pos, bool) {
	if !bytes.Contains(c.text, []byte("}}")) && !bytes.Contains(c.text, []byte("%}")) {
		return finding.Pos{}, false
	}
	at := 0
	for line := range bytes.Lines(c.text) {
		if m := action.FindIndex(line); m != nil && !bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("#")) {
			return c.offset(at + m[0]), true
		}
		at += len(line)
	}
	return finding.Pos{}, false
}

// template files a chunk that is a template and no YAML.
func (r *result) template(c *chunk, at finding.Pos) {
	if !c.looksIstio() {
		r.passedOver = &at
		return
	}
	r.refuse(finding.New(rule.TemplateOfIstio, finding.Place{Pos: at},
		"Nothing of this document is converted: it is a template of an Istio object, not yet rendered."))
}

// looseEnds looks at the strings of an Istio object for what is to be filled in
// later. An object with template actions is refused: its text is not what the
// cluster will get. A placeholder stays as it is.
func (r *result) looseEnds(root *Node) (refused bool) {
	template, placeholder := scan(root)
	if placeholder != nil {
		r.placeholders = append(r.placeholders, placeholder)
	}
	if template == nil {
		return false
	}
	r.refuse(finding.New(rule.TemplateOfIstio, template.ValuePlace(),
		"Nothing of %s is converted: %q is a template action, not yet rendered.", template.doc.Object(), template.Value()))
	return true
}

// scan finds the first string with a template action and the first with a
// placeholder. Text of several lines is code or a page: not looked at.
func scan(n *Node) (template, placeholder *Node) {
	if n.Kind == String && !strings.Contains(n.Value(), "\n") {
		if i := strings.Index(n.Value(), "{{"); i >= 0 && strings.Contains(n.Value()[i:], "}}") {
			return n, nil
		}
	}
	if Placeholder(n.Value()) != "" || Placeholder(n.Key()) != "" {
		placeholder = n
	}
	children := n.Children()
	for i := range children {
		t, p := scan(&children[i])
		if template == nil {
			template = t
		}
		if placeholder == nil {
			placeholder = p
		}
	}
	return template, placeholder
}

var placeholderForm = regexp.MustCompile(`\$\{[A-Za-z_][^{}\n]*\}|\$\([A-Za-z_][\w.-]*\)|(?:^|[^?P])(<[A-Za-z][\w .-]*>)`)

// Placeholder returns the first ${VAR}, $(VAR) or <name> in text, or "". Groups
// of regular expressions and HTML are none.
func Placeholder(text string) string {
	if !strings.ContainsAny(text, "$<") || strings.Contains(text, "\n") {
		return ""
	}
	m := placeholderForm.FindStringSubmatch(text)
	switch {
	case m == nil:
		return ""
	case m[1] == "":
		return m[0]
	case strings.Contains(text, "</"):
		return ""
	}
	return m[1]
}

// perFile makes one note for each file out of what its documents share.
func perFile(results []result) []finding.Finding {
	var fs []finding.Finding
	type tally struct{ finding, count int }
	seen := map[string]tally{}
	for i := range results {
		for _, n := range results[i].placeholders {
			key := "placeholder " + n.doc.File
			if t, ok := seen[key]; ok {
				seen[key] = tally{t.finding, t.count + 1}
				continue
			}
			seen[key] = tally{len(fs), 1}
			fs = append(fs, finding.New(rule.Placeholders, n.ValuePlace(),
				"%s is kept as it is; what is said about the output of this file holds once its placeholders are filled in.", firstPlaceholder(n)))
		}
		if at := results[i].passedOver; at != nil {
			key := "template " + at.File
			if t, ok := seen[key]; ok {
				seen[key] = tally{t.finding, t.count + 1}
				continue
			}
			seen[key] = tally{len(fs), 1}
			fs = append(fs, finding.New(rule.TemplatePassedOver, finding.Place{Pos: *at},
				"This template is passed over; it does not look like Istio configuration."))
		}
	}
	return fs
}

func firstPlaceholder(n *Node) string {
	if p := Placeholder(n.Value()); p != "" {
		return fmt.Sprintf("%q", p)
	}
	return fmt.Sprintf("%q", Placeholder(n.Key()))
}

// Filled is text with something plain in the place of each placeholder. Values
// are judged so, and written as they are: what is said about them holds after
// substitution.
func Filled(text string) string {
	for p := Placeholder(text); p != ""; p = Placeholder(text) {
		text = strings.Replace(text, p, "x", 1)
	}
	return text
}
