package source

import (
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// maxLists bounds Lists in Lists.
const maxLists = 8

// isIstio tells whether an API group is Istio's. Nothing else in this package
// depends on whose object it reads.
func isIstio(apiVersion string) bool {
	group, _, ok := strings.Cut(apiVersion, "/")
	return ok && (group == "istio.io" || strings.HasSuffix(group, ".istio.io"))
}

// add files the tree t under r.
func (r *result) add(c *chunk, t parsed) {
	if t.root.Kind == Null {
		return
	}
	if t.root.Kind != Map {
		r.nonObject(c, t)
		return
	}
	from := len(r.docs)
	r.object(t.doc, t.root, "", "", 0)
	r.repeated(t.root, t.repeats)
	if c.loose {
		r.docs = append(r.docs[:from], r.settle(r.docs[from:])...)
	}
}

// settle drops documents whose text is still to be rendered.
func (r *result) settle(docs []*Document) []*Document {
	kept := docs[:0]
	for _, d := range docs {
		if !isIstio(d.APIVersion) || !r.looseEnds(d.Root) {
			kept = append(kept, d)
		}
	}
	return kept
}

func (r *result) nonObject(c *chunk, t parsed) {
	place := finding.Place{Pos: c.begin()}
	if c.looksIstio() {
		r.refuse(finding.New(rule.IstioInNonObject, place,
			"Nothing of this document is converted: it holds Istio objects, and is %s instead of an object.", t.root.Kind))
		return
	}
	r.refuse(finding.New(rule.NonObject, place, "This document is %s, not an object; it is passed over.", t.root.Kind))
}

// object makes a document of root, or several when it is a List. Items of a
// typed list may leave out what the list says for them.
func (r *result) object(d *Document, root *Node, apiVersion, kind string, lists int) {
	d.Root = root
	version, ownKind := root.exact("apiVersion"), root.exact("kind")
	if version == nil && ownKind == nil {
		d.APIVersion, d.Kind = apiVersion, kind
	} else if !r.typed(d, version, ownKind) {
		return
	}
	if d.APIVersion == "" || d.Kind == "" {
		return // not a Kubernetes object: values of a chart, a pipeline, a compose file
	}
	if items := root.exact("items"); items != nil && strings.HasSuffix(d.Kind, "List") && items.Kind != Map {
		r.items(d, items, lists)
		return
	}
	r.metadata(d)
	d.object = d.Object() // findings are many, and hold it
	r.docs = append(r.docs, d)
}

// exact is Get without the liberties that Istio takes with spelling.
func (n *Node) exact(key string) *Node {
	children := n.Children()
	for i := range children {
		if children[i].Key() == key {
			return &children[i]
		}
	}
	return nil
}

// typed reads apiVersion and kind, of which at least one is written.
func (r *result) typed(d *Document, version, kind *Node) bool {
	if version != nil && version.Kind == String {
		d.APIVersion = version.Value()
	}
	if kind != nil && kind.Kind == String {
		d.Kind = kind.Value()
	}
	switch {
	case version == nil && d.Kind != "" && d.Root.exact("metadata") != nil:
		r.refuse(finding.New(rule.APIVersionMissing, kind.Place(),
			"This %s is passed over: without an apiVersion nobody knows whose it is.", d.Kind))
		return false
	case kind == nil && isIstio(d.APIVersion):
		r.refuse(finding.New(rule.KindMissing, version.Place(), "Nothing of this object is converted: it has no kind."))
		return false
	case version != nil && kind != nil && d.Root.exact("metadata") != nil:
		if version.Kind != String {
			r.wrong(version, "a string")
			return false
		}
		if kind.Kind != String {
			r.wrong(kind, "a string")
			return false
		}
	}
	return true
}

func (r *result) wrong(n *Node, want string) {
	r.refuse(finding.New(rule.MetadataType, n.ValuePlace(),
		"%s is %s and must be %s; Kubernetes refuses the object as it stands.", n.Field(), n.Kind, want))
}

// items expands a List.
func (r *result) items(d *Document, items *Node, lists int) {
	if lists >= maxLists {
		r.refuse(finding.New(rule.TooDeep, items.Place(), "Nothing of this List is converted: Lists nest more than %d levels deep.", maxLists))
		return
	}
	if items.Kind == Null {
		return
	}
	if items.Kind != List {
		r.refuse(finding.New(rule.ListItem, items.Place(), "Nothing of this List is converted: its items are %s, not a list.", items.Kind))
		return
	}
	kind, version := strings.TrimSuffix(d.Kind, "List"), d.APIVersion
	if kind == "" {
		version = ""
	}
	children := items.Children()
	for i := range children {
		item := &children[i]
		if item.Kind != Map {
			r.refuse(finding.New(rule.ListItem, item.Place(), "This item is %s, not an object; nothing is converted from it.", item.Kind))
			continue
		}
		own := &Document{File: d.File, nodes: d.nodes, text: d.text}
		item.parent = 0
		item.adopt(own)
		r.object(own, item, version, kind, lists+1)
	}
}

// adopt makes d the document of the tree under n.
func (n *Node) adopt(d *Document) {
	n.doc = d
	children := n.Children()
	for i := range children {
		children[i].adopt(d)
	}
}

// metadata reads the name. A name or namespace of another kind is kept as text,
// so that the rest of the object is still looked at.
func (r *result) metadata(d *Document) {
	m := d.Root.exact("metadata")
	if m != nil && m.Kind != Map && m.Kind != Null {
		r.wrong(m, "a mapping")
		return
	}
	if m == nil || m.Kind == Null {
		m = &Node{Kind: Map}
	}
	d.Namespace = r.text(m.exact("namespace"))
	d.Name = r.text(m.exact("name"))
	if d.Name == "" && isIstio(d.APIVersion) {
		r.refuse(finding.New(rule.NameMissing, d.Place(), "This %s has no name; Kubernetes refuses it as it stands.", d.Kind))
	}
}

func (r *result) text(n *Node) string {
	if n == nil || n.Kind == Null {
		return ""
	}
	if n.Kind != String {
		r.wrong(n, "a string")
	}
	return n.Value()
}

// repeated reports keys that are written twice, in whichever documents of the
// tree they stand. Of a key that is written more often, the last place counts.
func (r *result) repeated(root *Node, repeats []repeat) {
	if len(repeats) == 0 {
		return
	}
	type place struct {
		key          string
		line, column int32
	}
	byPlace := map[place]repeat{}
	for _, p := range repeats {
		byPlace[place{p.key, p.line, p.column}] = p
	}
	var walk func(n *Node)
	walk = func(n *Node) {
		if p, ok := byPlace[place{n.Key(), n.keyLine(), n.keyColumn}]; ok && n.keyColumn > 0 {
			r.repeat(n, p)
		}
		children := n.Children()
		for i := range children {
			walk(&children[i])
		}
	}
	walk(root)
}

// repeat reports n, unless its document is no object: that is nobody's business.
func (r *result) repeat(n *Node, p repeat) {
	if n.doc.Kind == "" || n.doc.APIVersion == "" {
		return
	}
	which := rule.DuplicateKey
	if !isIstio(n.doc.APIVersion) {
		which = rule.DuplicateKeyElsewhere
	}
	f := finding.New(which, n.Place(), "%s is written twice, first in line %d; this value holds, as in the cluster.", n.Field(), p.first.Line)
	if p.merge {
		f = finding.New(rule.MergeOverrides, n.Place(), "%s is taken from this merge and not from line %d, which comes before it; Kubernetes goes by order.", n.Field(), p.first.Line)
	}
	first := finding.Place{Pos: p.first, Object: n.doc.Object(), Field: n.Field()}
	f.Related = []finding.Related{{Place: first, Message: "It is first written here."}}
	r.refuse(f)
}
