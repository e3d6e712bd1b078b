// Package print turns the results of a conversion into bytes: objects as YAML
// or JSON, findings as text or JSON, catalogues as text or Markdown.
package print

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"sync"

	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/gwapi"
)

// Objects is a printer of objects, packed ones among them.
type Objects func(w io.Writer, objects []gwapi.Object) error

// YAML writes the objects as a stream of documents.
func YAML(w io.Writer, objects []gwapi.Object) error { return stream(w, objects, false) }

// CommentedYAML is YAML with a comment above each object that says where it
// comes from.
func CommentedYAML(w io.Writer, objects []gwapi.Object) error { return stream(w, objects, true) }

func stream(w io.Writer, objects []gwapi.Object, comments bool) error {
	e := newEncoder()
	for i, o := range objects {
		e.buf = e.buf[:0]
		if i > 0 {
			e.buf = append(e.buf, "---\n"...)
		}
		if o.Value == nil {
			e.buf = append(e.buf, o.Packed...)
		} else {
			e.document(o, comments)
		}
		if _, err := w.Write(e.buf); err != nil {
			return err
		}
	}
	return nil
}

// document appends o with a comment above it, or without.
func (e *encoder) document(o gwapi.Object, comments bool) {
	if comments {
		e.buf = appendOrigin(e.buf, o.Origin)
	}
	e.object(o.Value)
}

// Packer makes the bytes of an object that the printers put together. It may be
// called from several goroutines at once.
type Packer func(gwapi.Object) ([]byte, error)

// PackYAML packs for YAML, or for CommentedYAML.
func PackYAML(comments bool) Packer {
	return packer(func(e *encoder, o gwapi.Object) ([]byte, error) {
		e.document(o, comments)
		return e.keep(e.buf), nil
	})
}

// PackJSON packs for JSON.
func PackJSON() Packer { return packer((*encoder).json) }

// packer lends encoders, which have to learn the types that they write.
func packer(pack func(*encoder, gwapi.Object) ([]byte, error)) Packer {
	pool := sync.Pool{New: func() any { return newEncoder() }}
	return func(o gwapi.Object) ([]byte, error) {
		e := pool.Get().(*encoder)
		defer pool.Put(e)
		e.buf = e.buf[:0]
		return pack(e, o)
	}
}

// appendOrigin appends "# from FILE:LINE WHAT". Names and paths come from the
// user and may hold anything, so they are escaped to stay within the comment.
func appendOrigin(b []byte, o gwapi.Origin) []byte {
	b = appendLine(append(b, "# from "...), o.Pos.File)
	if o.Pos.Line > 0 {
		b = strconv.AppendInt(append(b, ':'), int64(o.Pos.Line), 10)
	}
	if o.What != "" {
		b = appendLine(append(b, ' '), o.What)
	}
	return append(b, '\n')
}

// json is o in JSON, by way of its YAML.
func (e *encoder) json(o gwapi.Object) ([]byte, error) {
	e.object(o.Value)
	data, err := yaml.YAMLToJSON(e.buf)
	if err != nil {
		return nil, fmt.Errorf("print %s %s: %w", o.Kind, o.Key().Name, err)
	}
	return e.keep(data), nil
}

// JSON writes the objects as one List, which kubectl reads like a stream. Keys
// are sorted, as kubectl sorts them.
func JSON(w io.Writer, objects []gwapi.Object) error {
	items := make([]json.RawMessage, len(objects))
	pack := PackJSON()
	for i, o := range objects {
		items[i] = o.Packed
		if o.Value != nil {
			data, err := pack(o)
			if err != nil {
				return err
			}
			items[i] = data
		}
	}
	return writeJSON(w, struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Items      []json.RawMessage `json:"items"`
	}{"v1", "List", items})
}

// writeJSON writes v indented, and < and > as they are: the readers are
// kubectl and people, not browsers.
func writeJSON(w io.Writer, v any) error {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(buf.Bytes())
	return err
}
