package gwapi

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// ownWords are the types that read JSON by themselves.
var ownWords = map[string]string{
	"Time": "a time such as 2026-01-31T12:00:00Z", "IntOrString": "the number or name of a port", "FieldsV1": "a mapping",
}

// own encodes n for a type that reads JSON by itself: a time, or a port that is a
// number or a name.
func (b *fieldBinder) own(t reflect.Type, n *source.Node) ([]byte, bool) {
	encoded := encodeNode(n)
	if err := json.Unmarshal(encoded, reflect.New(t).Interface()); err != nil {
		return nil, b.wrongType(n, ownWords[t.Name()])
	}
	return encoded, true
}

func (b *fieldBinder) list(element reflect.Type, n *source.Node) ([]byte, bool) {
	if n.Kind != source.List {
		return nil, b.wrongType(n, "a list")
	}
	var parts []string
	for i := range n.Children() {
		c := &n.Children()[i]
		if c.Kind == source.Null {
			b.wrongType(c, "a value")
			continue
		}
		if encoded, ok := b.value(element, c); ok {
			parts = append(parts, string(encoded))
		}
	}
	return []byte("[" + strings.Join(parts, ",") + "]"), true
}

func (b *fieldBinder) mapping(element reflect.Type, n *source.Node) ([]byte, bool) {
	if n.Kind != source.Map {
		return nil, b.wrongType(n, "a mapping")
	}
	var parts []string
	for i := range n.Children() {
		c := &n.Children()[i]
		if c.Kind == source.Null {
			continue
		}
		if encoded, ok := b.value(element, c); ok {
			parts = append(parts, quoted(c.Key())+":"+string(encoded))
		}
	}
	return []byte("{" + strings.Join(parts, ",") + "}"), true
}

func (b *fieldBinder) integer(t reflect.Type, n *source.Node) ([]byte, bool) {
	if n.Kind != source.Int {
		return nil, b.wrongType(n, "a whole number")
	}
	i, err := strconv.ParseInt(n.Value(), 10, 64)
	if err != nil || reflect.Zero(t).OverflowInt(i) {
		return nil, b.wrongType(n, "a smaller number")
	}
	return strconv.AppendInt(nil, i, 10), true
}

// wrongType reports that n is not what its field wants. It returns false, for
// callers that say so.
func (b *fieldBinder) wrongType(n *source.Node, want string) bool {
	if b.core {
		b.refused = true // nothing that routes; who reads Services has said so
		return false
	}
	found := n.Kind.String()
	switch n.Kind {
	case source.String:
		found = strconv.Quote(n.Value())
	case source.Bool, source.Int, source.Float:
		found = n.Value()
	}
	b.refuse(n, rule.GatewayAPIType, "%s must be %s, not %s; Kubernetes refuses the whole object.", n.Field(), want, found)
	return false
}

func (b *fieldBinder) refuse(n *source.Node, r *finding.Rule, format string, args ...any) {
	b.refused = true
	b.findings = append(b.findings, finding.New(r, n.Place(), format, args...))
}

// laterFields are fields that Gateway API has and the types that are read by
// don't, since they came with 1.7.
var laterFields = map[string][]string{
	"SessionPersistence": {"cookie", "header"},
	"Listener":           {"filters"},
	"ListenerEntry":      {"filters"},
	"GatewaySpecAddress": {"routability"},
}

// unknown reports a key that t does not have.
func (b *fieldBinder) unknown(fields map[string]reflect.Type, t reflect.Type, n *source.Node, name string) {
	switch {
	case b.core, n.Key() == "status" && n.Field() == "status":
		return
	case slices.Contains(laterFields[t.Name()], n.Key()):
		b.findings = append(b.findings, finding.New(rule.GatewayAPIField, n.Place(), "what %s does to traffic is not looked at.", n.Field()).
			WithHint("Look at it by hand."))
		return
	}
	f := finding.New(rule.GatewayAPIField, n.Place(), "%s is no field of %s; the CRDs drop it, so it has no effect.", n.Key(), name)
	if near := istio.Nearest(n.Key(), slices.Sorted(maps.Keys(fields))); near != "" {
		f = f.WithHint("Did you mean %s?", near)
	}
	b.findings = append(b.findings, f)
}

// fieldsOf are the types of the fields of t by JSON name, those of embedded
// structs included.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "" && f.Anonymous:
			maps.Copy(fields, fieldsOf(f.Type))
		case name != "" && name != "-":
			fields[name] = f.Type
		}
	}
	return fields
}

// typeName is what people call a type: the kind of object, or what it is part of.
func typeName(t reflect.Type) string {
	if t.Name() == "ObjectMeta" {
		return "metadata"
	}
	if kind, ok := strings.CutSuffix(t.Name(), "Spec"); ok {
		return "the spec of " + kind
	}
	return t.Name()
}

// encodeNode is n as JSON.
func encodeNode(n *source.Node) []byte {
	switch n.Kind {
	case source.Null:
		return []byte("null")
	case source.Bool, source.Int, source.Float:
		return []byte(n.Value())
	case source.String:
		return []byte(quoted(n.Value()))
	}
	var parts []string
	for i := range n.Children() {
		c := &n.Children()[i]
		part := string(encodeNode(c))
		if n.Kind == source.Map {
			part = quoted(c.Key()) + ":" + part
		}
		parts = append(parts, part)
	}
	if n.Kind == source.Map {
		return []byte("{" + strings.Join(parts, ",") + "}")
	}
	return []byte("[" + strings.Join(parts, ",") + "]")
}

func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string has JSON
	}
	return string(text)
}
