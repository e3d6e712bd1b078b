package krm

import (
	"fmt"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// Result is what a function tells, as the specification has it.
type Result struct {
	Message     string            `yaml:"message"`
	Severity    string            `yaml:"severity"` // error, warning or info
	ResourceRef *Reference        `yaml:"resourceRef,omitempty"`
	Field       *Field            `yaml:"field,omitempty"`
	File        *File             `yaml:"file,omitempty"`
	Tags        map[string]string `yaml:"tags,omitempty"`
}

// Reference names an object.
type Reference struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Namespace  string `yaml:"namespace,omitempty"`
	Name       string `yaml:"name"`
}

// Field names a field of an object.
type Field struct {
	Path string `yaml:"path"`
}

// File names a file, and one of its documents.
type File struct {
	Path  string `yaml:"path"`
	Index int    `yaml:"index,omitempty"`
}

// FromFinding tells a finding about item, which may be nil.
func FromFinding(f finding.Finding, item *Item) Result {
	message := f.Message
	if f.Hint != "" {
		message += " " + f.Hint
	}
	r := Result{
		Message: clean(message), Severity: severity(f.Rule.Severity),
		Tags: map[string]string{"rule": f.Rule.ID, "title": f.Rule.Title, "group": string(f.Rule.InGroup())},
	}
	if f.Place.Field != "" {
		r.Field = &Field{Path: clean(f.Place.Field)}
	}
	if item != nil {
		r.about(item)
	}
	return r
}

// About is a result of our own about item.
func About(item *Item, severity, format string, args ...any) Result {
	r := Result{Message: clean(fmt.Sprintf(format, args...)), Severity: severity}
	r.about(item)
	return r
}

// about fills in the reference only where it has what the specification demands.
func (r *Result) about(item *Item) {
	if item.APIVersion != "" && item.Kind != "" && item.Name != "" {
		r.ResourceRef = &Reference{APIVersion: item.APIVersion, Kind: item.Kind, Namespace: item.Namespace, Name: item.Name}
	}
	if item.Path != "" {
		r.File = &File{Path: item.Path, Index: item.Index}
	}
}

// severity is the specification's word.
func severity(s finding.Severity) string {
	switch s {
	case finding.Note:
		return "info"
	case finding.Warning:
		return "warning"
	case finding.Error:
		return "error"
	}
	panic(fmt.Sprintf("unhandled severity %d", int(s)))
}

// clean replaces what is no UTF-8, which YAML would carry as base64.
func clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
