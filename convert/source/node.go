// Package source turns bytes into documents whose every key knows its place.
// It knows YAML, JSON and the Kubernetes envelope; of Istio it knows how its API
// groups end and what its kinds are called, since a fault in an object that is
// not Istio's is of no weight.
package source

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// Kind is the type of a Node after YAML 1.1 resolution as Kubernetes does it.
type Kind uint8

// The kinds of nodes.
const (
	Null Kind = iota
	Bool
	Int
	Float
	String
	Map
	List
)

// String names k as a reader of YAML would.
func (k Kind) String() string {
	return [...]string{"null", "a boolean", "a whole number", "a number", "a string", "a mapping", "a list"}[k]
}

// Node is a value of a document. Anchors, aliases and merge keys are resolved:
// a node that came in through one has the place of the alias. A large input has
// a million nodes, so a node is small, and says by numbers where in its document
// the rest is.
type Node struct {
	doc          *Document
	key          uint32 // where it stands in the text of the document
	own          uint32 // where the value stands there; of a Map or List, where its children begin among the nodes
	count        uint32 // of the children
	parent       uint32 // among the nodes, counted from 1; 0 for the root
	line, column int32  // of the value
	keyColumn    int32  // of the key; 0 in a list
	keyUp        uint16 // how many lines the key stands above the value

	Kind Kind
}

// Scalar returns a node of no document.
func Scalar(k Kind, value string) *Node {
	return &Node{Kind: k, doc: &Document{text: string(appendText(nil, value))}}
}

// Key is the key under which n stands in its parent; empty in a list.
func (n *Node) Key() string {
	if n.parent == 0 {
		return ""
	}
	return textAt(n.doc.text, n.key)
}

// Value is the text of a scalar: "true", "8080", "reviews"; bools are "true" or
// "false". It is empty for other kinds.
func (n *Node) Value() string {
	if n.Kind == Null || n.Kind >= Map {
		return ""
	}
	return textAt(n.doc.text, n.own)
}

// Children are the values of a Map in file order (keys are unique), or of a List.
func (n *Node) Children() []Node {
	if n.count == 0 {
		return nil
	}
	end := n.own + n.count
	return n.doc.nodes[n.own:end:end]
}

// up is the parent of n, nil for the root.
func (n *Node) up() *Node {
	if n.parent == 0 {
		return nil
	}
	return &n.doc.nodes[n.parent-1]
}

// setKey notes the place of the key of n, whose own place is known.
func (n *Node) setKey(line, column int32) {
	n.keyUp, n.keyColumn = uint16(min(max(n.line-line, 0), math.MaxUint16)), column
}

func (n *Node) keyLine() int32 { return n.line - int32(n.keyUp) }

// Document is one Kubernetes object of the input (an item of a List counts as
// a document of its own). Under Helm's comment "# Source: chart/templates/x.yaml"
// File is that path, and lines count from the one after the comment: they are
// lines of the rendered document, and those of the template only roughly.
type Document struct {
	File       string // the path, "<stdin>", or the template
	APIVersion string
	Kind       string
	Namespace  string // as written, "" when it is not
	Name       string
	Root       *Node

	object string // what Object returns, once it is known
	nodes  []Node // items of a List share theirs
	text   string // keys and values, see textAt
}

// Object names d for people: "VirtualService shop/reviews".
func (d *Document) Object() string {
	if d == nil || d.Kind == "" {
		return ""
	}
	if d.object != "" {
		return d.object
	}
	if d.Namespace == "" {
		return d.Kind + " " + d.Name
	}
	return d.Kind + " " + d.Namespace + "/" + d.Name
}

// Place is where d begins, with no field.
func (d *Document) Place() finding.Place {
	if d == nil {
		return finding.Place{}
	}
	p := finding.Place{Pos: finding.Pos{File: d.File}, Object: d.Object()}
	if d.Root != nil {
		p.Pos.Line, p.Pos.Column = int(d.Root.line), int(d.Root.column)
	}
	return p
}

// Get returns the value under key, or nil. Underscores and case of letters
// after them do not matter, since Istio reads mirror_percentage and
// mirrorPercentage alike. A nil n has no keys.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != Map {
		return nil
	}
	children := n.Children()
	for i := range children {
		if children[i].Key() == key {
			return &children[i]
		}
	}
	for i := range children {
		if sameKey(children[i].Key(), key) {
			return &children[i]
		}
	}
	return nil
}

// sameKey compares mirror_percentage and mirrorPercentage as equal, and
// mirrorpercentage as different from both.
func sameKey(a, b string) bool {
	if !strings.Contains(a, "_") && !strings.Contains(b, "_") {
		return a == b
	}
	return Camel(a) == Camel(b)
}

// Camel returns the lowerCamelCase spelling of a snake_case key.
func Camel(key string) string {
	if !strings.Contains(key, "_") {
		return key
	}
	parts := strings.Split(key, "_")
	for i, p := range parts[1:] {
		if p != "" {
			parts[i+1] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "")
}

// Has tells whether the author wrote key.
func (n *Node) Has(key string) bool { return n.Get(key) != nil }

// Text returns the scalar under key, or "".
func (n *Node) Text(key string) string {
	c := n.Get(key)
	if c == nil || c.Kind == Map || c.Kind == List {
		return ""
	}
	return c.Value()
}

// At is the place of key, the place of n where key is not written, and the
// zero place where n is nil (things that nobody wrote).
func (n *Node) At(key string) finding.Place {
	if c := n.Get(key); c != nil {
		return c.Place()
	}
	return n.Place()
}

// Place is where n stands: its key, or in a list its first character.
func (n *Node) Place() finding.Place {
	if n == nil {
		return finding.Place{}
	}
	return finding.Place{Pos: n.Pos(), Object: n.doc.Object(), Field: n.Field()}
}

// Pos is where Place is, without what stands there.
func (n *Node) Pos() finding.Pos {
	if n == nil {
		return finding.Pos{}
	}
	pos := finding.Pos{Line: int(n.line), Column: int(n.column)}
	if n.doc != nil {
		pos.File = n.doc.File
	}
	if n.keyColumn > 0 {
		pos.Line, pos.Column = int(n.keyLine()), int(n.keyColumn)
	}
	return pos
}

// ValuePlace is where the value of n begins.
func (n *Node) ValuePlace() finding.Place {
	p := n.Place()
	if n != nil {
		p.Pos.Line, p.Pos.Column = int(n.line), int(n.column)
	}
	return p
}

// Document is the object in which n stands.
func (n *Node) Document() *Document {
	if n == nil {
		return nil
	}
	return n.doc
}

// Field is the path from the root of the object: spec.http[0].match[1].uri.
// Keys with dots are quoted: metadata.labels["app.kubernetes.io/name"].
func (n *Node) Field() string {
	var up [16]*Node // deep enough for most; append grows it
	path := up[:0]
	for ; n != nil && n.parent != 0; n = n.up() {
		path = append(path, n)
	}
	text := make([]byte, 0, 64)
	for _, n := range slices.Backward(path) {
		switch {
		case n.up().Kind == List:
			text = append(strconv.AppendInt(append(text, '['), int64(n.index()), 10), ']')
		case strings.ContainsAny(n.Key(), ".[]\" "):
			text = append(strconv.AppendQuote(append(text, '['), n.Key()), ']')
		case len(text) == 0:
			text = append(text, n.Key()...)
		default:
			text = append(append(text, '.'), n.Key()...)
		}
	}
	return string(text)
}

func (n *Node) index() int {
	siblings := n.up().Children()
	for i := range siblings {
		if &siblings[i] == n {
			return i
		}
	}
	return -1
}
