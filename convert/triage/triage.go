// Package triage applies what the authors of the input decided about findings:
// comments and annotations that accept one, severities of their own, and a
// baseline of what was there before.
package triage

import (
	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// Means says by what a finding was set aside.
type Means string

// The means.
const (
	Comment       Means = "comment"       // # mesh2gw:ignore MG123 reason
	Annotation    Means = "annotation"    // mesh2gw.io/ignore: "MG123"
	Configuration Means = "configuration" // a rule that is switched off
	Baseline      Means = "baseline"
)

// Accepted is a finding that was set aside.
type Accepted struct {
	finding.Finding
	By     Means
	Reason string // as written; empty without one
}

// Result is what is left to act on, and what is not.
type Result struct {
	Findings []finding.Finding // ordered by place, with the severities of Options
	Accepted []Accepted        // ordered by place
}
