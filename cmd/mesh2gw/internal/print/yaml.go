// Package print turns the results of a conversion into bytes: objects as YAML
// or JSON, findings as text or JSON, catalogues as text or Markdown.
package print

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/gwapi"
)

// Objects is a printer of objects.
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
		if comments {
			e.buf = appendOrigin(e.buf, o.Origin)
		}
		e.object(o.Value)
		if _, err := w.Write(e.buf); err != nil {
			return err
		}
	}
	return nil
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

// JSON writes the objects as one List, which kubectl reads like a stream. Keys
// are sorted, as kubectl sorts them.
func JSON(w io.Writer, objects []gwapi.Object) error {
	items := make([]json.RawMessage, len(objects))
	for i, o := range objects {
		e := newEncoder()
		e.object(o.Value)
		data, err := yaml.YAMLToJSON(e.buf)
		if err != nil {
			return fmt.Errorf("print %s %s: %w", o.Kind, o.Key().Name, err)
		}
		items[i] = data
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
