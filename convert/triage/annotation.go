package triage

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// The annotations that accept findings of their object.
const (
	ignoreKey = "mesh2gw.io/ignore"
	reasonKey = "mesh2gw.io/ignore-reason"
	// istio/istio, pkg/config/analysis/local/istiod_analyze.go.
	istioKey = "galley.istio.io/analyze-suppress"
)

// annotations files what the objects of files say. Only the files in which a key
// can stand are read again; in UTF-16 none can be looked for.
func (g *ignores) annotations(files []source.File, o Options) {
	var annotated []source.File
	for _, f := range files {
		wide := bytes.HasPrefix(f.Data, []byte("\xff\xfe")) || bytes.HasPrefix(f.Data, []byte("\xfe\xff"))
		if wide || bytes.Contains(f.Data, []byte(ignoreKey)) || bytes.Contains(f.Data, []byte(istioKey)) {
			annotated = append(annotated, f)
		}
	}
	if len(annotated) == 0 {
		return
	}
	docs, _, err := source.Split(context.Background(), annotated)
	if err != nil {
		panic(fmt.Sprintf("a context that nobody cancels: %v", err))
	}
	g.objects = extents(docs)
	for _, d := range docs {
		g.object(d, o)
	}
}

// named is an object of a file. It may stand there more than once.
type named struct{ file, object string }

// extents are the lines at which the objects begin.
func extents(docs []*source.Document) map[named][]int {
	lines := map[named][]int{}
	for _, d := range docs {
		key := named{d.File, d.Object()}
		lines[key] = append(lines[key], d.Place().Pos.Line)
	}
	return lines
}

// object files the annotations of d.
func (g *ignores) object(d *source.Document, o Options) {
	annotations := d.Root.Get("metadata").Get("annotations")
	own, reason, istio := entry(annotations, ignoreKey), entry(annotations, reasonKey), entry(annotations, istioKey)
	why := g.text(reason, "gives no reason")
	if own == nil && istio == nil && reason != nil {
		g.malformed(reason, "This annotation gives a reason for nothing: "+ignoreKey+" is not there.", "Write "+ignoreKey+" too, or remove the reason.")
	}
	if text := g.text(own, "accepts nothing"); own != nil && own.Kind == source.String {
		g.annotated(d, &ignore{by: Annotation, place: own.Place(), ids: g.listed(own, text), reason: why}, o)
	}
	if istio != nil && istio.Kind == source.String {
		g.annotated(d, &ignore{by: Annotation, place: istio.Place(), ids: g.istio(istio.Value()), reason: why, istio: true}, o)
	}
}

// entry is the value of a key that is written as it stands.
func entry(annotations *source.Node, key string) *source.Node {
	if annotations == nil || annotations.Kind != source.Map {
		return nil
	}
	children := annotations.Children()
	for i := range children {
		if children[i].Key() == key {
			return &children[i]
		}
	}
	return nil
}

// text is the value of an annotation; fails says what it does not do if it is no
// string. Kubernetes takes nothing else.
func (g *ignores) text(n *source.Node, fails string) string {
	if n == nil {
		return ""
	}
	if n.Kind != source.String {
		g.malformed(n, fmt.Sprintf("This annotation %s: it is %s and must be a string.", fails, n.Kind), "Put it in quotes, as one string.")
		return ""
	}
	return strings.TrimSpace(n.Value())
}

func (g *ignores) malformed(n *source.Node, message, hint string) {
	f := finding.New(rule.IgnoreMalformed, n.Place(), "%s", message)
	if hint != "" {
		f.Hint = hint
	}
	g.faults = append(g.faults, f)
}

// listed are the ids of "MG123, MG140".
func (g *ignores) listed(n *source.Node, text string) []string {
	ids := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' })
	if len(ids) == 0 {
		g.malformed(n, "This annotation accepts nothing: it names no rule.", "")
		return nil
	}
	if slices.Contains(ids, "*") {
		g.malformed(n, "This annotation accepts nothing: a * would accept what later versions find, before anybody has seen it.",
			"Name the rules whose findings are accepted.")
		return nil
	}
	return g.checked(ids, n.Place(), Annotation)
}

// istio are the ids of the rules of group config that report what istioctl
// analyze does under the codes of text; * stands for all of them.
func (g *ignores) istio(text string) []string {
	var codes []string
	for code := range strings.SplitSeq(text, ",") {
		codes = append(codes, strings.TrimSpace(code))
	}
	var ids []string
	for _, r := range rule.All() {
		suppressed := slices.ContainsFunc(r.IST, func(code string) bool { return slices.Contains(codes, code) })
		if r.InGroup() == finding.Config && len(r.IST) > 0 && (suppressed || slices.Contains(codes, "*")) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// annotated files i for the object d. Where the file holds another of the same
// name, it counts from the line of d up to that one.
func (g *ignores) annotated(d *source.Document, i *ignore, o Options) {
	if len(i.ids) == 0 {
		return
	}
	if lines := g.objects[named{d.File, d.Object()}]; len(lines) > 1 {
		from := d.Place().Pos.Line
		to := 0 // the next that begins behind it
		for _, line := range lines {
			if line > from && (to == 0 || line < to) {
				to = line
			}
		}
		i.speaks = func(at finding.Place) bool { return at.Pos.Line >= from && (to == 0 || at.Pos.Line < to) }
	}
	g.add(i, o, scope{file: d.File, object: d.Object()})
}
