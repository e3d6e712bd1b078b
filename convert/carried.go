package convert

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// carried are the findings that the implementation's own resources answer.
type carried map[lost]map[string]bool // the resources by name

// lost is what a finding says that core Gateway API loses.
type lost struct {
	rule *finding.Rule
	at   finding.Place
}

func (c carried) add(all []gwapi.Carried) {
	for _, k := range all {
		key := lost{k.Rule, k.At}
		if c[key] == nil {
			c[key] = map[string]bool{}
		}
		c[key][k.By] = true
	}
}

// settle takes back the findings that are answered, and puts in their place one
// note for each object that they were about.
func (c carried) settle(findings []finding.Finding) []finding.Finding {
	if len(c) == 0 {
		return findings
	}
	answers := map[finding.Place]*answer{}
	kept := make([]finding.Finding, 0, len(findings))
	for _, f := range findings {
		by := c[lost{f.Rule, f.Place}]
		if by == nil {
			kept = append(kept, f)
			continue
		}
		at := finding.Place{Pos: finding.Pos{File: f.Place.Pos.File}, Object: f.Place.Object}
		a := answers[at]
		if a == nil {
			a = &answer{at: f.Place, by: map[string]bool{}}
			answers[at] = a
		}
		a.take(f, by)
	}
	for _, a := range answers {
		kept = append(kept, a.finding())
	}
	return kept
}

// answer is what resources do for one object.
type answer struct {
	at    finding.Place // the first that is answered
	whats []string
	by    map[string]bool
}

func (a *answer) take(f finding.Finding, by map[string]bool) {
	if f.Place.Pos.Compare(a.at.Pos) < 0 {
		a.at = f.Place
	}
	a.whats = append(a.whats, lastField(f.Place.Field))
	maps.Copy(a.by, by)
}

func (a *answer) finding() finding.Finding {
	slices.Sort(a.whats)
	return finding.New(rule.CarriedByPolicy, a.at, "what core Gateway API can't say (%s) is said by %s.",
		strings.Join(slices.Compact(a.whats), ", "), strings.Join(shortened(slices.Sorted(maps.Keys(a.by))), ", "))
}

// shortened is a list for a sentence.
func shortened(list []string) []string {
	const most = 4
	if len(list) <= most {
		return list
	}
	return append(list[:most-1:most-1], fmt.Sprintf("and %d more", len(list)-most+1))
}

// lastField is the last name of a path of fields.
func lastField(field string) string {
	return field[strings.LastIndex(field, ".")+1:]
}
