package istio

import (
	"maps"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Verdict says what becomes of a field.
type Verdict uint8

// The verdicts. All but Inside close the subtree: what stands below the field
// is judged together with it.
const (
	Kept   Verdict = iota + 1 // has a counterpart with the same meaning
	Partly                    // has one that differs; findings of the row's rules say where
	Lost                      // has none; a finding of the row's rule says what that changes
	Moot                      // has no meaning for requests, or says nothing by itself
	Inside                    // a message whose fields are judged one by one
)

// String is the word that docs/fields.md uses.
func (v Verdict) String() string {
	return [...]string{"", "kept", "partly", "lost", "moot", "inside"}[v]
}

// Row is what becomes of one field.
type Row struct {
	Path    string // "HTTPRoute.timeout": message and proto name; "metadata.labels" for the envelope
	Verdict Verdict
	Target  string          // the field of the output, for Kept and Partly
	Rules   []*finding.Rule // that may speak of the field
	Reason  string          // why a Moot field may be passed over

	judge judge
}

// judge is the finding for a field that is written, if there is one. The node
// is the field's.
type judge func(*source.Node) (r *finding.Rule, message string)

type table map[string]*Row

// Fields returns the field table, ordered by path.
func Fields() []Row {
	rows := make([]Row, 0, len(fields))
	for _, path := range slices.Sorted(maps.Keys(fields)) {
		row := *fields[path]
		row.Path = path
		rows = append(rows, row)
	}
	return rows
}

func kept(target string, rules ...*finding.Rule) *Row {
	return &Row{Verdict: Kept, Target: target, Rules: rules}
}

// partly is for fields of which package mesh or gwapi says where they differ.
func partly(target string, rules ...*finding.Rule) *Row {
	return &Row{Verdict: Partly, Target: target, Rules: rules}
}

// lost reports r wherever the field is written. In the message {value} stands
// for what the author wrote.
func lost(r *finding.Rule, message string) *Row {
	return &Row{Verdict: Lost, Rules: []*finding.Rule{r}, judge: say(r, message)}
}

func moot(reason string) *Row { return &Row{Verdict: Moot, Reason: reason} }

func inside() *Row { return &Row{Verdict: Inside} }

// unless is a lost row that is silent for values which say what holds without
// the field anyway: Istio's defaults.
func (r *Row) unless(reason string, values ...string) *Row {
	says := r.judge
	r.Reason = reason
	r.judge = func(n *source.Node) (*finding.Rule, string) {
		if slices.Contains(values, plain(n)) {
			return nil, ""
		}
		return says(n)
	}
	return r
}

// lostBy is a lost row with a message for each value; a value that is not
// listed is silent, for the reason.
func lostBy(reason string, by map[string]judge) *Row {
	r := &Row{Verdict: Lost, Reason: reason}
	for _, value := range slices.Sorted(maps.Keys(by)) {
		said, _ := by[value](&source.Node{})
		if !slices.Contains(r.Rules, said) {
			r.Rules = append(r.Rules, said)
		}
	}
	r.judge = func(n *source.Node) (*finding.Rule, string) {
		if says := by[plain(n)]; says != nil {
			return says(n)
		}
		return nil, ""
	}
	return r
}

// also adds a finding to a row of which others speak too.
func (r *Row) also(j judge, rules ...*finding.Rule) *Row {
	r.judge = j
	r.Rules = append(r.Rules, rules...)
	return r
}

func say(r *finding.Rule, message string) judge {
	return func(n *source.Node) (*finding.Rule, string) {
		return r, strings.ReplaceAll(message, "{value}", plain(n))
	}
}

// plain is a value in one line: scalars as written, lists with commas.
func plain(n *source.Node) string {
	if n.Kind != source.List {
		return n.Value()
	}
	values := make([]string, len(n.Children()))
	for i := range n.Children() {
		values[i] = n.Children()[i].Value()
	}
	return strings.Join(values, ", ")
}

// byNumber lets an enum's numbers stand for its names.
func (r *Row) byNumber(names map[string]string) *Row {
	says := r.judge
	r.judge = func(n *source.Node) (*finding.Rule, string) {
		if name, ok := names[n.Value()]; ok {
			return says(source.Scalar(source.String, name))
		}
		return says(n)
	}
	return r
}
