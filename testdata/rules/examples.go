// Package rules holds an example of each kind of finding: an input, what is found
// in it, and what is written. A test runs all of them, and mesh2gw rules shows
// them. Wildcards such as ./... pass over it, as over all of testdata.
package rules

import (
	"embed"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

//go:embed *.txtar
var files embed.FS

// Example shows one rule.
type Example struct {
	Says     string // what it shows, a sentence
	Before   string // the input
	Findings string // everything that is found in it, a line each, and a summary
	After    string // what is written, which may be nothing
	// Converts tells that the rule is of conversion, and After of its output;
	// other rules judge the input alone.
	Converts bool
}

// Of returns the example of the rule with the id, if it has one.
func Of(id string) (example Example, ok bool) {
	data, err := files.ReadFile(id + ".txtar")
	if err != nil {
		return Example{}, false
	}
	archive := txtar.Parse(data)
	example.Says, _, _ = strings.Cut(string(archive.Comment), "\n")
	for _, f := range archive.Files {
		switch text := string(f.Data); f.Name {
		case "before.yaml":
			example.Before = text
		case "findings":
			example.Findings = text
		case "after.yaml":
			example.After, example.Converts = text, true
		}
	}
	return example, true
}
