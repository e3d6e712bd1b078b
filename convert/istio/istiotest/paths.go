// Package istiotest makes a document for every field path of the Istio objects
// that are converted, so that a test can prove what the field table says of it.
package istiotest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	networking "istio.io/api/networking/v1alpha3"
	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/istio"
)

// Path is one field path, and documents with and without it.
type Path struct {
	Kind string    // VirtualService
	Path string    // "spec.http[0].fault.delay.fixedDelay"
	Row  istio.Row // that judges the path: its own, or the first above it that closes the subtree
	Key  string    // where the row's finding stands: "spec.http[0].fault.delay"

	Baseline string   // YAML without the path, or with another value where it is required
	Samples  []string // YAML with the path; one for each sample value
}

// Paths returns all field paths of VirtualService, DestinationRule, Gateway and
// ServiceEntry, in the order of their descriptors.
func Paths() []Path {
	w := &walker{rows: map[string]istio.Row{}}
	for _, row := range istio.Fields() {
		w.rows[row.Path] = row
	}
	for _, root := range []protoreflect.ProtoMessage{
		&networking.VirtualService{}, &networking.DestinationRule{}, &networking.Gateway{}, &networking.ServiceEntry{},
	} {
		w.root = root.ProtoReflect().Descriptor()
		w.walk(w.root, nil)
	}
	return w.paths
}

type walker struct {
	root  protoreflect.MessageDescriptor
	rows  map[string]istio.Row
	paths []Path
}

// step is a field on the way to a leaf.
type step struct {
	field protoreflect.FieldDescriptor
	row   istio.Row // zero below a closed row
}

func (w *walker) walk(m protoreflect.MessageDescriptor, above []step) {
	for i := range m.Fields().Len() {
		fd := m.Fields().Get(i)
		steps := append(slices.Clone(above), step{fd, w.rows[MessagePath(m)+"."+string(fd.Name())]})
		below := value(fd)
		if below == nil {
			w.paths = append(w.paths, w.path(steps))
			continue
		}
		if steps[len(steps)-1].row.Verdict != istio.Inside && below.Fields().Len() > 0 {
			w.paths = append(w.paths, w.path(steps)) // the message by itself, as it usually stands
		}
		w.walk(below, steps)
	}
}

// value is the message that a field holds, a list or map of it included; nil
// for what is written as a scalar.
func value(fd protoreflect.FieldDescriptor) protoreflect.MessageDescriptor {
	if fd.IsMap() {
		fd = fd.MapValue()
	}
	if m := fd.Message(); m != nil && m.FullName().Parent() != "google.protobuf" {
		return m
	}
	return nil
}

// MessagePath is the name of a message type in the field table.
func MessagePath(m protoreflect.MessageDescriptor) string {
	return strings.TrimPrefix(string(m.FullName()), "istio.networking.v1alpha3.")
}

// path builds the documents for one path.
func (w *walker) path(steps []step) Path {
	closing := slices.IndexFunc(steps, func(s step) bool { return s.row.Verdict != istio.Inside })
	p := Path{Kind: string(w.root.Name()), Row: steps[closing].row, Path: spell(steps), Key: spell(steps[:closing+1])}
	p.Key = strings.TrimSuffix(strings.TrimSuffix(p.Key, "[0]"), "."+mapKey)

	object := parse(template(p.Kind, steps))
	base := descend(object["spec"].(map[string]any), steps[:closing])
	last := steps[len(steps)-1].field
	for _, sample := range samples(steps[closing].field, last) {
		doc := clone(object)
		holder := descend(doc["spec"].(map[string]any), steps[:closing])
		put(holder, steps[closing:], sample)
		p.Samples = append(p.Samples, render(doc, p.Kind))
	}
	set := steps[closing].field
	maps.Copy(base, requires[key(set)])
	if !necessary[key(set)] {
		delete(base, set.JSONName())
	}
	p.Baseline = render(object, p.Kind)
	return p
}

// descend returns the message to which steps lead, and makes those on the way
// that are missing from their skeletons.
func descend(at map[string]any, steps []step) map[string]any {
	for _, s := range steps {
		prepare(at, s.field)
		child := at[s.field.JSONName()]
		if child == nil {
			child = wrap(s.field, skeleton(value(s.field)))
			at[s.field.JSONName()] = child
		}
		at = element(child)
	}
	return at
}

// put writes sample at the end of steps below at.
func put(at map[string]any, steps []step, sample any) {
	fd := steps[0].field
	prepare(at, fd)
	if len(steps) == 1 {
		at[fd.JSONName()] = wrap(fd, sample)
		return
	}
	child := skeleton(value(fd))
	at[fd.JSONName()] = wrap(fd, child)
	put(child, steps[1:], sample)
}

// prepare makes room for fd: what excludes it goes, what it needs comes.
func prepare(at map[string]any, fd protoreflect.FieldDescriptor) {
	if o := fd.ContainingOneof(); o != nil {
		for i := range o.Fields().Len() {
			delete(at, o.Fields().Get(i).JSONName())
		}
	}
	for _, other := range excludes[key(fd)] {
		delete(at, other)
	}
	maps.Copy(at, requires[key(fd)])
}

// wrap puts a value into the list or map that its field is.
func wrap(fd protoreflect.FieldDescriptor, v any) any {
	switch {
	case fd.IsMap():
		return map[string]any{mapKey: v}
	case fd.IsList():
		if list, ok := v.([]any); ok {
			return list
		}
		return []any{v}
	}
	return v
}

// element is the message in the value of a field.
func element(v any) map[string]any {
	if list, ok := v.([]any); ok {
		return list[0].(map[string]any)
	}
	return v.(map[string]any)
}

const mapKey = "x-sample"

func spell(steps []step) string {
	b := strings.Builder{}
	b.WriteString("spec")
	for _, s := range steps {
		b.WriteString("." + s.field.JSONName())
		switch {
		case s.field.IsMap():
			b.WriteString("." + mapKey)
		case s.field.IsList():
			b.WriteString("[0]")
		}
	}
	return b.String()
}

func key(fd protoreflect.FieldDescriptor) string {
	return MessagePath(fd.ContainingMessage()) + "." + string(fd.Name())
}

// samples are the values to try for a field below another, the plainest first.
func samples(above, fd protoreflect.FieldDescriptor) []any {
	if s := special[key(above)+" "+key(fd)]; s != nil {
		return s
	}
	if s := special[key(fd)]; s != nil {
		return s
	}
	if m := value(fd); m != nil {
		return []any{skeleton(m)}
	}
	if fd.IsMap() {
		fd = fd.MapValue()
	}
	if m := fd.Message(); m != nil {
		if m.FullName() == "google.protobuf.Duration" {
			return []any{"3s"}
		}
		fd = m.Fields().ByName("value")
	}
	switch fd.Kind() {
	case protoreflect.StringKind:
		return []any{"sample"}
	case protoreflect.BytesKind:
		return []any{"c2FtcGxl"}
	case protoreflect.BoolKind:
		return []any{true}
	case protoreflect.EnumKind:
		var names []any
		for i := range fd.Enum().Values().Len() - 1 {
			names = append(names, string(fd.Enum().Values().Get(i+1).Name()))
		}
		return names
	case protoreflect.Int32Kind, protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.DoubleKind:
		return []any{7}
	}
	panic(fmt.Sprintf("unhandled kind %s of %s", fd.Kind(), fd.FullName()))
}

// skeleton is the least that a message of type m has to hold.
func skeleton(m protoreflect.MessageDescriptor) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	if s := skeletons[MessagePath(m)]; s != "" {
		return parse(s)
	}
	return map[string]any{}
}

func clone(m map[string]any) map[string]any {
	out, _ := yaml.Marshal(m)
	return parse(string(out))
}

func parse(text string) map[string]any {
	out := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		panic(fmt.Sprintf("%v in %s", err, text))
	}
	return out
}

// render writes the object, and after it the objects that it needs.
func render(object map[string]any, kind string) string {
	text, err := yaml.Marshal(object)
	if err != nil {
		panic(err)
	}
	return string(text) + cmp.Or(context[kind], "")
}
