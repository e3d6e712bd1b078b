package istio

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Bind types d: an Istio networking object with its Spec, or context that the
// linker reads. It returns nil for kinds that pass by, with a finding where
// Istio gives the kind a meaning that is not carried over.
func Bind(d *source.Document) (*Object, []finding.Finding) {
	group, version := groupVersion(d.APIVersion)
	switch {
	case isTyped(d):
		return bindSpec(d)
	case isContext(group, d.Kind):
		return bindContext(d)
	}
	return nil, otherKind(d, group, version)
}

// isTyped tells whether d is of a kind that has a row in the field table.
func isTyped(d *source.Document) bool {
	group, version := groupVersion(d.APIVersion)
	return group == networkingGroup && roots[d.Kind] != nil && served[version]
}

const networkingGroup = "networking.istio.io"

// served are the versions under which Istio's CRDs serve VirtualService,
// DestinationRule, Gateway and ServiceEntry; all mean the same.
var served = map[string]bool{"v1": true, "v1beta1": true, "v1alpha3": true}

func groupVersion(apiVersion string) (group, version string) {
	group, version, ok := strings.Cut(apiVersion, "/")
	if !ok && !strings.Contains(apiVersion, ".") {
		return "", apiVersion // the core group: v1
	}
	return group, version
}

// isContext tells whether the linker, or the naming of the output, looks at
// objects of this kind.
func isContext(group, kind string) bool {
	switch group {
	case "":
		return kind == "Service" || kind == "Namespace"
	case "argoproj.io":
		return kind == "Rollout"
	case "flagger.app":
		return kind == "Canary"
	case "gateway.networking.k8s.io", "gateway.networking.x-k8s.io":
		return true // their names are taken
	}
	return false
}

// binder reads one document.
type binder struct {
	object   *Object
	findings []finding.Finding
}

func newBinder(d *source.Document) *binder {
	b := &binder{object: &Object{Document: d}}
	b.metadata(d.Root)
	return b
}

func bindContext(d *source.Document) (*Object, []finding.Finding) {
	b := newBinder(d)
	return b.object, b.findings
}

func bindSpec(d *source.Document) (*Object, []finding.Finding) {
	b := newBinder(d)
	b.object.Resource, b.object.Spec = newResource(d.Kind)
	b.object.Resource.SetName(d.Name)
	b.object.Resource.SetNamespace(d.Namespace)
	b.object.Resource.SetLabels(b.object.Labels)
	b.object.Resource.SetAnnotations(b.object.Annotations)
	node := d.Root.Get("spec")
	if node == nil || node.Kind == source.Null {
		b.object.nodes.put(b.object.Spec, d.Root)
		b.broken(finding.New(rule.NoSpec, d.Place(), "%s has no spec: it serves nothing today, and is not converted.", d.Object()))
		return b.object, b.findings
	}
	message := b.object.Spec.ProtoReflect()
	b.message(message, schema()[message.Descriptor().FullName()], node)
	b.object.nodes.clip()
	return b.object, b.findings
}

// metadata reads what all objects have.
func (b *binder) metadata(root *source.Node) {
	meta := root.Get("metadata")
	b.object.Broken = b.object.Name == "" // package source has said so
	b.object.Labels = b.stringMap(meta.Get("labels"))
	b.object.Annotations = b.stringMap(meta.Get("annotations"))
	for _, f := range BadNames(root) {
		b.broken(f)
	}
}

// BadNames looks at what Kubernetes holds names, labels and annotations of an object
// to (k8s.io/apimachinery/pkg/util/validation): findings are of an object that it
// refuses.
func BadNames(root *source.Node) (found []finding.Finding) {
	meta := root.Get("metadata")
	say := func(n *source.Node, why []string) {
		if len(why) == 0 {
			return
		}
		reason, _, _ := strings.Cut(why[0], " (e.g.") // the expression that it is checked by helps nobody
		found = append(found, finding.New(rule.BadName, n.Place(), "Kubernetes refuses this object: %s %q is not valid: %s.", n.Key(), n.Value(), strings.TrimSuffix(reason, ".")))
	}
	if n := meta.Get("name"); n != nil && n.Value() != "" {
		say(n, validation.IsDNS1123Subdomain(source.Filled(n.Value())))
	}
	if n := meta.Get("namespace"); n != nil && n.Value() != "" {
		say(n, validation.IsDNS1123Label(source.Filled(n.Value())))
	}
	if labels := meta.Get("labels"); labels != nil {
		for i := range labels.Children() {
			n := &labels.Children()[i]
			say(n, append(validation.IsQualifiedName(source.Filled(n.Key())), validation.IsValidLabelValue(source.Filled(n.Value()))...))
		}
	}
	if annotations := meta.Get("annotations"); annotations != nil {
		for i := range annotations.Children() {
			n := &annotations.Children()[i]
			say(n, validation.IsQualifiedName(strings.ToLower(source.Filled(n.Key()))))
		}
	}
	return found
}

func (b *binder) stringMap(n *source.Node) map[string]string {
	if n == nil || n.Kind == source.Null {
		return nil
	}
	if n.Kind != source.Map {
		b.wrongType(n, "a mapping of strings")
		return nil
	}
	values := make(map[string]string, len(n.Children()))
	for i := range n.Children() {
		c := &n.Children()[i]
		if c.Kind == source.Null {
			values[c.Key()] = "" // as the API server reads metadata
		} else if v, ok := b.text(c); ok {
			values[c.Key()] = v.String()
		}
	}
	return values
}

// broken reports f and marks the object as one that can't be read whole.
func (b *binder) broken(f finding.Finding) {
	b.object.Broken = true
	b.findings = append(b.findings, f)
}

func (b *binder) note(f finding.Finding) { b.findings = append(b.findings, f) }

// message reads n into m.
func (b *binder) message(m protoreflect.Message, t *message, n *source.Node) {
	b.object.nodes.put(m.Interface(), n)
	if n.Kind != source.Map {
		b.wrongType(n, "a mapping")
		return
	}
	seen := make(written, 0, 8)
	for i := range n.Children() {
		c := &n.Children()[i]
		f := t.fields[c.Key()]
		if f == nil {
			b.unknownField(t, c)
			continue
		}
		if f.spelledAsProto(c.Key()) {
			b.note(finding.New(rule.ProtoSpelling, c.Place(),
				"%s is the spelling of Istio's protocol buffers for %s; Istio's CRDs drop it, so it may have no effect today. It is read as %s.", c.Key(), f.name, f.name))
		}
		if c.Kind == source.Null {
			continue // as if it were not written (protojson, and the API server drops it)
		}
		if other := seen.add(f, c); other != nil {
			b.conflict(c, other)
			continue
		}
		b.field(m, f, c)
	}
}

// written are the fields of one message that were met, for what excludes each other.
type written []struct {
	field *field
	node  *source.Node
}

// add returns the node of a field that can't stand beside f, or nil.
func (w *written) add(f *field, n *source.Node) *source.Node {
	oneof := f.desc.ContainingOneof()
	for _, x := range *w {
		if x.field == f || oneof != nil && x.field.desc.ContainingOneof() == oneof {
			return x.node
		}
	}
	*w = append(*w, struct {
		field *field
		node  *source.Node
	}{f, n})
	return nil
}

// field reads n, which is not null, into f of m.
func (b *binder) field(m protoreflect.Message, f *field, n *source.Node) {
	switch {
	case f.desc.IsMap():
		b.mapField(m, f, n)
	case f.desc.IsList():
		b.listField(m, f, n)
	case f.form == formScalar:
		if v, ok := b.scalar(f.desc, n); ok {
			m.Set(f.desc, v)
		}
	default:
		b.composite(m.Mutable(f.desc).Message(), f, n)
	}
}

func (b *binder) listField(m protoreflect.Message, f *field, n *source.Node) {
	if n.Kind != source.List {
		b.wrongType(n, "a list")
		return
	}
	if len(n.Children()) == 0 {
		return
	}
	list := m.Mutable(f.desc).List()
	for i := range n.Children() {
		c := &n.Children()[i]
		switch {
		case c.Kind == source.Null:
			b.wrongType(c, "a value")
		case f.form != formScalar:
			b.composite(list.AppendMutable().Message(), f, c)
		default:
			if v, ok := b.scalar(f.desc, c); ok {
				list.Append(v)
			}
		}
	}
}

func (b *binder) mapField(m protoreflect.Message, f *field, n *source.Node) {
	if n.Kind != source.Map {
		b.wrongType(n, "a mapping")
		return
	}
	if len(n.Children()) == 0 {
		return
	}
	entries := m.Mutable(f.desc).Map()
	for i := range n.Children() {
		c := &n.Children()[i]
		key := protoreflect.ValueOfString(c.Key()).MapKey() // all keys of Istio's maps are strings
		switch {
		case c.Kind == source.Null:
			// An empty condition written as "x-user:" would hold for all
			// requests if it were dropped; "{}" says that it wants presence.
			b.wrongType(c, "a value")
		case f.form != formScalar:
			b.composite(entries.Mutable(key).Message(), f, c)
		default:
			if v, ok := b.scalar(f.element(), c); ok {
				entries.Set(key, v)
			}
		}
	}
}

// composite reads a message, a duration or a wrapper.
func (b *binder) composite(m protoreflect.Message, f *field, n *source.Node) {
	switch f.form {
	case formMessage:
		b.message(m, f.message, n)
		return
	case formDuration:
		b.duration(m, n)
	case formWrapper:
		if v, ok := b.scalar(f.wrapped, n); ok {
			m.Set(f.wrapped, v)
		}
	default:
		panic("a scalar is no message")
	}
	b.object.nodes.put(m.Interface(), n)
}
