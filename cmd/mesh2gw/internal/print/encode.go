package print

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/util/intstr"
)

// encoder writes Kubernetes' typed objects as YAML by their json tags, in the
// order in which the fields are declared. sigs.k8s.io/yaml goes through JSON
// and a map, which costs about as much as the rest of a conversion and sorts
// the keys; BenchmarkYAML compares the two.
type encoder struct {
	buf    []byte
	shapes map[reflect.Type]*shape
	inItem bool // the cursor stands behind "- ": the next line is begun already
	page   []byte
}

const pageSize = 64 << 10

// keep returns a copy of data. Copies stand side by side in pages, without the
// room that the allocator leaves behind pieces of their size.
func (e *encoder) keep(data []byte) []byte {
	if len(data) > cap(e.page)-len(e.page) {
		e.page = make([]byte, 0, max(pageSize, len(data)))
	}
	from := len(e.page)
	e.page = append(e.page, data...)
	return e.page[from:len(e.page):len(e.page)]
}

func newEncoder() *encoder { return &encoder{shapes: map[reflect.Type]*shape{}} }

// object appends v, a pointer to a typed object, without its status.
func (e *encoder) object(v any) {
	value := reflect.ValueOf(v).Elem()
	sh := e.shape(value.Type())
	if sh.kind != mapping {
		panic(fmt.Sprintf("%T is not a typed Kubernetes object", v))
	}
	for _, f := range sh.fields {
		if f.key != "status:" {
			e.field(value, f, 0)
		}
	}
}

// fields appends the fields of a struct, each line indented by col.
func (e *encoder) fields(v reflect.Value, fields []field, col int) {
	for _, f := range fields {
		e.field(v, f, col)
	}
}

func (e *encoder) field(v reflect.Value, f field, col int) {
	for _, i := range f.index {
		v = v.Field(i)
	}
	if f.omitEmpty && empty(v) || f.omitZero && zero(v) {
		return
	}
	e.indent(col)
	e.buf = append(e.buf, f.key...)
	e.child(v, col, true)
}

// child appends a value behind its key, or else behind the dash of a list
// item, and ends the line. col is the indentation of the key or dash.
func (e *encoder) child(v reflect.Value, col int, afterKey bool) {
	if !v.IsValid() {
		e.scalar("null", afterKey)
		return
	}
	sh := e.shape(v.Type())
	switch sh.kind {
	case marshaler:
		e.child(reflect.ValueOf(marshaled(v)), col, afterKey)
	case reference:
		e.child(v.Elem(), col, afterKey)
	case mapping, stringMap:
		e.mapping(v, sh, col, afterKey)
	case list:
		e.list(v, col, afterKey)
	case text:
		e.space(afterKey)
		e.buf = append(appendScalar(e.buf, v.String()), '\n')
	case verbatim:
		e.scalar(v.String(), afterKey)
	case boolean:
		e.scalar(strconv.FormatBool(v.Bool()), afterKey)
	case signed:
		e.space(afterKey)
		e.buf = append(strconv.AppendInt(e.buf, v.Int(), 10), '\n')
	case unsigned:
		e.space(afterKey)
		e.buf = append(strconv.AppendUint(e.buf, v.Uint(), 10), '\n')
	default:
		panic(fmt.Sprintf("unhandled shape %d of %s", sh.kind, v.Type()))
	}
}

// scalar appends a value that needs no quotes.
func (e *encoder) scalar(s string, afterKey bool) {
	e.space(afterKey)
	e.buf = append(append(e.buf, s...), '\n')
}

func (e *encoder) space(afterKey bool) {
	if afterKey {
		e.buf = append(e.buf, ' ')
	}
}

// mapping appends a struct or map below its key, or on the line of its dash.
func (e *encoder) mapping(v reflect.Value, sh *shape, col int, afterKey bool) {
	if sh.kind == stringMap && v.IsNil() {
		e.scalar("null", afterKey)
		return
	}
	start := len(e.buf)
	e.begin(afterKey)
	body := len(e.buf)
	if sh.kind == stringMap {
		e.entries(v, col+2)
	} else {
		e.fields(v, sh.fields, col+2)
	}
	if len(e.buf) == body {
		e.buf, e.inItem = e.buf[:start], false
		e.scalar("{}", afterKey)
	}
}

// begin opens a collection: on a new line behind a key, on the same behind a dash.
func (e *encoder) begin(afterKey bool) {
	if afterKey {
		e.buf = append(e.buf, '\n')
		return
	}
	e.inItem = true
}

// entries appends the entries of a map in the order of their keys.
func (e *encoder) entries(v reflect.Value, col int) {
	if m, ok := v.Interface().(map[string]string); ok {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			e.key(k, col)
			e.buf = append(appendScalar(append(e.buf, ' '), m[k]), '\n')
		}
		return
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return bytes.Compare([]byte(a.String()), []byte(b.String())) })
	for _, k := range keys {
		e.key(k.String(), col)
		e.child(v.MapIndex(k), col, true)
	}
}

func (e *encoder) key(k string, col int) {
	e.indent(col)
	e.buf = append(appendScalar(e.buf, k), ':')
}

// list appends a slice. Items stand at the indentation of their key, as in
// what kubectl prints.
func (e *encoder) list(v reflect.Value, col int, afterKey bool) {
	switch {
	case v.Kind() == reflect.Slice && v.IsNil():
		e.scalar("null", afterKey)
		return
	case v.Len() == 0:
		e.scalar("[]", afterKey)
		return
	}
	e.begin(afterKey)
	if !afterKey {
		col += 2
	}
	for i := range v.Len() {
		e.indent(col)
		e.buf = append(e.buf, '-', ' ')
		e.child(v.Index(i), col, false)
	}
}

const spaces = "                                                                "

func (e *encoder) indent(col int) {
	if e.inItem {
		e.inItem = false
		return
	}
	for ; col > len(spaces); col -= len(spaces) {
		e.buf = append(e.buf, spaces...)
	}
	e.buf = append(e.buf, spaces[:col]...)
}

// marshaled is v as it looks in JSON. Types with a MarshalJSON are few in what
// we write; IntOrString, which every Service has, goes the short way.
func marshaled(v reflect.Value) any {
	if v.CanAddr() {
		v = v.Addr()
	}
	if port, ok := v.Interface().(*intstr.IntOrString); ok {
		if port.Type == intstr.String {
			return port.StrVal
		}
		return port.IntVal
	}
	data, err := json.Marshal(v.Interface())
	if err != nil {
		panic(fmt.Sprintf("marshal %s: %v", v.Type(), err))
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var out any
	if err := decoder.Decode(&out); err != nil {
		panic(fmt.Sprintf("marshal %s: %v", v.Type(), err))
	}
	return out
}
