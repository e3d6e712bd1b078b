package istio

import (
	"sync"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// form is how a field is written in YAML.
type form uint8

const (
	formScalar form = iota // boolean, number, string, enum, bytes
	formMessage
	formDuration
	formWrapper // google.protobuf.UInt32Value and the like: written as the bare value
)

// message is what binding and accounting need to know of a message type.
type message struct {
	path   string            // "ConnectionPoolSettings.HTTPSettings", as in the field table
	fields map[string]*field // by JSON name, proto name and further spellings that Istio's CRDs know
	names  []string          // JSON names in the order of the descriptor
	desc   protoreflect.MessageDescriptor
}

// field is a field of a message with its row in the field table.
type field struct {
	desc    protoreflect.FieldDescriptor
	name    string // JSON name
	form    form   // of the value, the list element or the map value
	message *message
	wrapped protoreflect.FieldDescriptor // the value field of a wrapper
	row     *Row                         // nil below a closed row
}

// roots are the message types of the kinds that are bound, by name.
var roots = map[string]protoreflect.MessageType{
	"VirtualService":  rootOf("VirtualService"),
	"DestinationRule": rootOf("DestinationRule"),
	"Gateway":         rootOf("Gateway"),
	"ServiceEntry":    rootOf("ServiceEntry"),
}

func rootOf(kind string) protoreflect.MessageType {
	_, spec := newResource(kind)
	return spec.ProtoReflect().Type()
}

// schema holds the message types below the roots. It is built when the first
// object is bound, so that a run without Istio objects pays nothing.
var schema = sync.OnceValue(func() map[protoreflect.FullName]*message {
	types := map[protoreflect.FullName]*message{}
	for _, root := range roots {
		describe(root.Descriptor(), types)
	}
	return types
})

func describe(desc protoreflect.MessageDescriptor, types map[protoreflect.FullName]*message) *message {
	if m := types[desc.FullName()]; m != nil {
		return m
	}
	m := &message{path: messagePath(desc), fields: map[string]*field{}, desc: desc}
	types[desc.FullName()] = m
	for i := range desc.Fields().Len() {
		fd := desc.Fields().Get(i)
		f := &field{desc: fd, name: fd.JSONName(), row: fields[m.path+"."+string(fd.Name())]}
		f.describeValue(types)
		m.fields[f.name] = f
		m.fields[string(fd.Name())] = f
		m.names = append(m.names, f.name)
	}
	return m
}

// describeValue fills in what a value of f is, looking through lists and maps.
func (f *field) describeValue(types map[protoreflect.FullName]*message) {
	md := f.element().Message()
	switch {
	case md == nil:
		f.form = formScalar
	case md.FullName() == "google.protobuf.Duration":
		f.form = formDuration
	case md.FullName().Parent() == "google.protobuf":
		f.form = formWrapper
		f.wrapped = md.Fields().ByName("value")
	default:
		f.form = formMessage
		f.message = describe(md, types)
	}
}

// element is the descriptor of one value: of a map's values, or f itself.
func (f *field) element() protoreflect.FieldDescriptor {
	if f.desc.IsMap() {
		return f.desc.MapValue()
	}
	return f.desc
}

// messagePath is the name of a message without its package. The selector of
// istio.type keeps its package, since networking has a WorkloadSelector too.
func messagePath(desc protoreflect.MessageDescriptor) string {
	full := string(desc.FullName())
	const networkingPackage = "istio.networking.v1alpha3."
	if len(full) > len(networkingPackage) && full[:len(networkingPackage)] == networkingPackage {
		return full[len(networkingPackage):]
	}
	return full
}

// spelledAsProto tells whether key is a proto name that Istio's CRDs don't know,
// so that an API server drops it. They know mirror_percent (kubebuilder:altName
// in virtual_service.proto).
func (f *field) spelledAsProto(key string) bool {
	return key != f.name && key != "mirror_percent"
}

// name is the message's name for people: HTTPSettings.
func (m *message) name() string { return string(m.desc.Name()) }
