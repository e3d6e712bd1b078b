package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/internal/parallel"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// outputs takes over the objects of the output.
func (b *builder) outputs() error {
	n := len(b.result.Objects)
	b.out.Objects, b.lines = make([]Object, n), make([][]ruleLine, n)
	failures := make([]error, n)
	parallel.Each(n, func(i int) {
		b.out.Objects[i], b.lines[i], failures[i] = b.object(b.result.Objects[i])
	})
	for i, o := range b.result.Objects {
		if failures[i] != nil {
			return failures[i]
		}
		b.objects[b.key(o)] = i
	}
	return nil
}

// key is the key of an object, with its namespace also where it writes none.
func (b *builder) key(o gwapi.Object) gwapi.Key {
	k := o.Key()
	k.Namespace = cmp.Or(k.Namespace, b.Convert.Namespace)
	return k
}

func (b *builder) object(o gwapi.Object) (Object, []ruleLine, error) {
	data, err := b.YAML(o)
	if err != nil {
		return Object{}, nil, fmt.Errorf("print %s %s: %w", o.Kind, o.Key().Name, err)
	}
	k := o.Key()
	out := Object{Kind: k.Kind, Namespace: k.Namespace, Name: k.Name.Name, Origin: b.place(originOf(o)), YAML: string(data), Lines: []Mapping{}}
	if !isRoute(k.Kind) {
		return out, nil, nil
	}
	lines := ruleLines(data)
	for i, from := range o.Sources {
		if at := b.place(from.Place()); at != nil && i < len(lines) {
			out.Lines = append(out.Lines, Mapping{Line: lines[i].line, Place: *at})
		}
	}
	return out, lines, nil
}

func originOf(o gwapi.Object) finding.Place {
	what, _, _ := strings.Cut(o.Origin.What, ",")
	return finding.Place{Pos: o.Origin.Pos, Object: what}
}

func isRoute(kind string) bool { return strings.HasSuffix(kind, "Route") }

// ruleLine says where a rule of a route stands in its YAML, and its matches.
type ruleLine struct {
	line    int
	matches []int
}

// ruleLines reads the lines of spec.rules out of YAML that we have printed
// ourselves; what is not there has none.
func ruleLines(data []byte) []ruleLine {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil || len(document.Content) == 0 {
		return nil
	}
	rules := under(under(document.Content[0], "spec"), "rules")
	if rules == nil || rules.Kind != yaml.SequenceNode {
		return nil
	}
	lines := make([]ruleLine, len(rules.Content))
	for i, r := range rules.Content {
		lines[i].line = r.Line
		if matches := under(r, "matches"); matches != nil && matches.Kind == yaml.SequenceNode {
			for _, m := range matches.Content {
				lines[i].matches = append(lines[i].matches, m.Line)
			}
		}
	}
	return lines
}

// under is the value of a key of a mapping, or nil.
func under(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// written is where a rule that was read back stands in the output.
type written struct {
	object, rule, match int // match is -1 for a rule without any
}

// written reads route.Rule.Where: "HTTPRoute shop/edge rules[2].matches[0]".
func (b *builder) written(r *route.Rule) (written, bool) {
	at := strings.LastIndex(r.Where, " rules[")
	if at < 0 {
		return written{}, false
	}
	kind, name, _ := strings.Cut(r.Where[:at], " ")
	namespace, name, ok := strings.Cut(name, "/")
	if !ok {
		return written{}, false
	}
	i, known := b.objects[gwapi.Key{Kind: kind, Name: route.Name{Namespace: namespace, Name: name}}]
	if !known {
		return written{}, false
	}
	w := written{object: i, match: -1}
	index, match, _ := strings.Cut(r.Where[at+len(" rules["):], "]")
	w.rule, _ = strconv.Atoi(index)
	if m, ok := strings.CutPrefix(match, ".matches["); ok {
		w.match, _ = strconv.Atoi(strings.TrimSuffix(m, "]"))
	}
	return w, true
}

// lineOf is the line of a rule that was read back, or of its match; nil for
// what stands in no object.
func (b *builder) lineOf(r *route.Rule) *Line {
	w, ok := b.written(r)
	if !ok || w.rule >= len(b.lines[w.object]) {
		return nil
	}
	at := b.lines[w.object][w.rule]
	if w.match >= 0 && w.match < len(at.matches) {
		return &Line{Object: w.object, Line: at.matches[w.match]}
	}
	return &Line{Object: w.object, Line: at.line}
}

// mapped adds to an object where one of its rules comes from, unless that is known.
func (b *builder) mapped(r *route.Rule, p *Place) {
	w, ok := b.written(r)
	if !ok || p == nil || w.rule >= len(b.lines[w.object]) {
		return
	}
	o, line := &b.out.Objects[w.object], b.lines[w.object][w.rule].line
	at, known := slices.BinarySearchFunc(o.Lines, line, func(m Mapping, line int) int { return cmp.Compare(m.Line, line) })
	if !known {
		o.Lines = slices.Insert(o.Lines, at, Mapping{Line: line, Place: *p})
	}
}
