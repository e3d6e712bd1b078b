package gwapi

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Bind types d: an object of the Gateway API, or a Service or Namespace, which
// Read looks at. ok is false for all other kinds, and for an object that
// Kubernetes refuses, since it is not in force.
func Bind(d *source.Document) (o Object, findings []finding.Finding, ok bool) {
	group, version, grouped := strings.Cut(d.APIVersion, "/")
	if !grouped {
		group, version = "", d.APIVersion
	}
	value := newValue(group, d.Kind)
	switch {
	case value == nil && (group == target.Group || group == target.GroupX):
		return o, []finding.Finding{finding.New(rule.GatewayAPIKind, d.Place(), "what this %s of %s does to traffic is not looked at.", d.Kind, group)}, false
	case value == nil:
		return o, nil, false
	case !servedVersions[group][version]:
		f := finding.New(rule.GatewayAPIValue, d.Place(), "no release of %s serves %s as %s; the object is not in force.", apiName(group), d.Kind, d.APIVersion)
		return o, []finding.Finding{f.WithHint("Write a version that the cluster serves.")}, false
	}
	b := &fieldBinder{core: group == ""}
	if d.Name == "" && d.Root.Get("metadata").Text("generateName") == "" {
		b.refuse(d.Root, rule.GatewayAPIValue, "this %s has no name; Kubernetes refuses it.", d.Kind)
	}
	encoded, ok := b.object(reflect.TypeOf(value), d.Root)
	if !ok || b.refused {
		return o, b.findings, false
	}
	if err := json.Unmarshal(encoded, value); err != nil { // a text that a type of its own can't read, such as a time
		b.refuse(d.Root, rule.GatewayAPIType, "%s can't be read: %v.", d.Object(), err)
		return o, b.findings, false
	}
	at := d.Place()
	return Object{Kind: d.Kind, Value: value, Origin: Origin{Pos: at.Pos, What: d.Object()}, Root: d.Root}, b.findings, true
}

// servedVersions are the versions that some release serves; v1 types read all of them.
var servedVersions = map[string]map[string]bool{
	"":            {"v1": true},
	target.Group:  {"v1": true, "v1beta1": true, "v1alpha3": true, "v1alpha2": true},
	target.GroupX: {"v1alpha1": true},
}

func apiName(group string) string {
	if group == "" {
		return "Kubernetes"
	}
	return "Gateway API"
}

// newValue makes an empty object of a kind that Read looks at, or that has no
// bearing on routing; nil for any other.
func newValue(group, kind string) metav1.Object {
	switch group + "/" + kind {
	case "/Service":
		return &corev1.Service{}
	case "/Namespace":
		return &corev1.Namespace{}
	case target.Group + "/GatewayClass":
		return &gatewayv1.GatewayClass{}
	case target.Group + "/Gateway":
		return &gatewayv1.Gateway{}
	case target.Group + "/ListenerSet", target.GroupX + "/XListenerSet":
		return &gatewayv1.ListenerSet{}
	case target.Group + "/HTTPRoute":
		return &gatewayv1.HTTPRoute{}
	case target.Group + "/GRPCRoute":
		return &gatewayv1.GRPCRoute{}
	case target.Group + "/TLSRoute":
		return &gatewayv1.TLSRoute{}
	case target.Group + "/TCPRoute":
		return &gatewayv1.TCPRoute{}
	case target.Group + "/ReferenceGrant":
		return &gatewayv1.ReferenceGrant{}
	case target.Group + "/BackendTLSPolicy":
		return &gatewayv1.BackendTLSPolicy{}
	}
	return nil
}

// fieldBinder turns the nodes of one document into JSON that fits a type, and
// reports what does not fit at its place. Strict decoding would name one fault,
// and none by line.
type fieldBinder struct {
	core     bool // the object is Kubernetes' own: unknown fields are of no weight here
	refused  bool // Kubernetes refuses the object
	findings []finding.Finding
}

// object encodes the root: status is the controllers', and of no weight.
func (b *fieldBinder) object(t reflect.Type, root *source.Node) (encoded []byte, ok bool) {
	fields := fieldsOf(t.Elem())
	delete(fields, "status")
	return b.structure(fields, t.Elem(), root, root.Document().Kind)
}

// structure encodes a mapping with the given fields.
func (b *fieldBinder) structure(fields map[string]reflect.Type, t reflect.Type, n *source.Node, name string) ([]byte, bool) {
	if n.Kind != source.Map {
		return nil, b.wrongType(n, "a mapping")
	}
	var parts []string
	for i := range n.Children() {
		c := &n.Children()[i]
		of, known := fields[c.Key()]
		switch {
		case !known:
			b.unknown(fields, t, c, name)
		case c.Kind == source.Null:
		default:
			if encoded, ok := b.value(of, c); ok {
				parts = append(parts, quoted(c.Key())+":"+string(encoded))
			}
		}
	}
	return []byte("{" + strings.Join(parts, ",") + "}"), true
}

// value encodes n as a value of type t.
func (b *fieldBinder) value(t reflect.Type, n *source.Node) ([]byte, bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(unmarshaler) {
		return b.own(t, n)
	}
	switch t.Kind() {
	case reflect.Struct:
		return b.structure(fieldsOf(t), t, n, typeName(t))
	case reflect.Slice:
		return b.list(t.Elem(), n)
	case reflect.Map:
		return b.mapping(t.Elem(), n)
	case reflect.String:
		if n.Kind != source.String {
			return nil, b.wrongType(n, "a string")
		}
		return []byte(quoted(n.Value())), true
	case reflect.Bool:
		if n.Kind != source.Bool {
			return nil, b.wrongType(n, "true or false")
		}
		return []byte(n.Value()), true
	case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
		return b.integer(t, n)
	}
	panic(fmt.Sprintf("unhandled type %s", t))
}
