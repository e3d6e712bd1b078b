package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Read reads a report from its JSON. Only a report of this version is one: an
// older or newer shape is refused, as is anything else.
func Read(data []byte) (*Report, error) {
	var head struct {
		Version *string `json:"version"`
	}
	switch err := json.Unmarshal(data, &head); {
	case err != nil:
		return nil, fmt.Errorf("not a report: %w", place(data, err))
	case head.Version == nil:
		return nil, errors.New(`not a report: it has no "version" (make one with mesh2gw report --format json)`)
	case *head.Version != Version:
		return nil, fmt.Errorf("report of version %q: this mesh2gw reads %s; make it again with the same mesh2gw", *head.Version, Version)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	r := &Report{}
	if err := decoder.Decode(r); err != nil {
		return nil, fmt.Errorf("not a report: %w", place(data, err))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("not a report: there is more behind its end")
	}
	return r, nil
}

// place adds the line to an error of package json, which knows the byte.
func place(data []byte, err error) error {
	offset := int64(-1)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	if offset < 0 || offset > int64(len(data)) {
		return err
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:offset], []byte("\n")), err)
}
