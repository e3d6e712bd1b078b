package triage

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// baselineVersion names the shape of the file; a change that breaks readers
// makes a new one.
const baselineVersion = "mesh2gw.io/baseline/v1"

// File is a baseline: the findings that were there when it was written. Only the
// fingerprints count; the rest is for those who read the file and its diffs.
type File struct {
	entries []known
}

// known is what the findings with one fingerprint have in common.
type known struct {
	Fingerprint string `json:"fingerprint"`
	ID          string `json:"id"`
	Object      string `json:"object"`
	Field       string `json:"field"`
	Message     string `json:"message"`
	Count       int    `json:"count"`
}

// apply hands those of findings that are in b to accept, by the name of the means,
// and returns the others. Of findings with the same fingerprint, the first ones
// by place are the known ones. gone counts what b holds and findings don't.
func (b *File) apply(findings []finding.Finding, accept func(finding.Finding, Means, string)) (fresh []finding.Finding, gone int) {
	if b == nil {
		return findings, 0
	}
	left := map[string]int{}
	for _, e := range b.entries {
		left[e.Fingerprint] += e.Count
		gone += e.Count
	}
	for _, f := range findings {
		print := fingerprint(f)
		if left[print] == 0 {
			fresh = append(fresh, f)
			continue
		}
		left[print]--
		gone--
		accept(f, Baseline, "")
	}
	return fresh, gone
}

// once are the ids of the rules that speak of the whole input, and stand at some
// object of it: at another one when objects are added.
var once = []string{rule.ServicesMissing.ID, rule.GatewayClassAssumed.ID, rule.OldVersion.ID}

// fingerprint is that of f, which does not depend on where it stands if it speaks
// of the whole input.
func fingerprint(f finding.Finding) string {
	if slices.Contains(once, f.Rule.ID) {
		f.Place = finding.Place{}
	}
	return f.Fingerprint()
}

var indexes = regexp.MustCompile(`\[\d+\]`)

// WriteBaseline returns the file that accepts findings, one entry a line. Its
// bytes don't depend on the order of the findings, nor on indexes of lists.
func WriteBaseline(findings []finding.Finding) []byte {
	byPrint := map[string]known{}
	for _, f := range findings {
		e := known{
			Fingerprint: fingerprint(f), ID: f.Rule.ID, Object: f.Place.Object,
			Field: indexes.ReplaceAllString(f.Place.Field, "[]"), Message: f.Message,
		}
		if slices.Contains(once, e.ID) {
			e.Object, e.Field = "", ""
		}
		if k, ok := byPrint[e.Fingerprint]; ok {
			e.Count, e.Message = k.Count, min(k.Message, e.Message)
		}
		e.Count++
		byPrint[e.Fingerprint] = e
	}
	var entries []known
	for _, e := range byPrint {
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b known) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Object, b.Object), cmp.Compare(a.Field, b.Field),
			cmp.Compare(a.Message, b.Message), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n  \"version\": %q,\n  \"findings\": [", baselineVersion)
	for i, e := range entries {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    ")
		b.Write(line(e))
	}
	if len(entries) > 0 {
		b.WriteString("\n  ")
	}
	b.WriteString("]\n}\n")
	return b.Bytes()
}

// line is e as JSON that a person can read.
func line(e known) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		panic(err) // strings and a number
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
