package print

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// shapeKind says how values of a type are written.
type shapeKind uint8

const (
	text      shapeKind = iota + 1
	verbatim            // json.Number
	boolean             //
	signed              //
	unsigned            //
	list                // slice or array
	stringMap           // map with keys of kind string
	mapping             // struct
	reference           // pointer or interface
	marshaler           // goes through its own MarshalJSON
)

// shape is what the encoder knows of a type.
type shape struct {
	kind   shapeKind
	fields []field // of a mapping
}

// field is one key of a struct; fields of embedded structs are among them.
type field struct {
	index               []int
	key                 string // with its colon
	omitEmpty, omitZero bool
}

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	typeMeta      = reflect.TypeFor[metav1.TypeMeta]()
	objectMeta    = reflect.TypeFor[metav1.ObjectMeta]()
	number        = reflect.TypeFor[json.Number]()
)

func (e *encoder) shape(t reflect.Type) *shape {
	if sh := e.shapes[t]; sh != nil {
		return sh
	}
	sh := &shape{kind: kindOf(t)}
	e.shapes[t] = sh
	if sh.kind == mapping {
		sh.fields = fieldsOf(t, nil)
	}
	return sh
}

func kindOf(t reflect.Type) shapeKind {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface:
		return reference
	}
	switch p := reflect.PointerTo(t); {
	case t == number:
		return verbatim
	case p.Implements(jsonMarshaler), p.Implements(textMarshaler):
		return marshaler
	}
	switch t.Kind() {
	case reflect.String:
		return text
	case reflect.Bool:
		return boolean
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return signed
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return unsigned
	case reflect.Float32, reflect.Float64:
		return marshaler
	case reflect.Struct:
		return mapping
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			return stringMap
		}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return marshaler // base64
		}
		return list
	case reflect.Array:
		return list
	}
	panic(fmt.Sprintf("unhandled type %s", t))
}

// fieldsOf lists the keys of a struct as encoding/json does, with two
// exceptions: apiVersion comes before kind, and creationTimestamp, which only
// the API server sets, is left out.
func fieldsOf(t reflect.Type, prefix []int) []field {
	var fields []field
	for i := range t.NumField() {
		sf := t.Field(i)
		name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
		index := append(slices.Clone(prefix), i)
		switch {
		case sf.Anonymous && name == "" && sf.Type.Kind() == reflect.Struct:
			fields = append(fields, fieldsOf(sf.Type, index)...)
			continue
		case !sf.IsExported(), name == "-", t == objectMeta && name == "creationTimestamp":
			continue
		case sf.Anonymous && name == "":
			panic(fmt.Sprintf("unhandled embedded %s in %s", sf.Type, t))
		case name == "":
			name = sf.Name
		}
		fields = append(fields, newField(index, name, options))
	}
	if t == typeMeta {
		slices.Reverse(fields)
	}
	return fields
}

func newField(index []int, name, options string) field {
	f := field{index: index, key: string(append(appendScalar(nil, name), ':'))}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitempty":
			f.omitEmpty = true
		case "omitzero":
			f.omitZero = true
		case "", "inline":
		default:
			panic(fmt.Sprintf("unhandled json option %q of %s", option, name))
		}
	}
	return f
}

// empty is what omitempty asks for.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// zero is what omitzero asks for: the type's own IsZero, or the zero value.
func zero(v reflect.Value) bool {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return true
	}
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok {
		return z.IsZero()
	}
	if v.CanAddr() {
		if z, ok := v.Addr().Interface().(interface{ IsZero() bool }); ok {
			return z.IsZero()
		}
	}
	return v.IsZero()
}
