package report

import (
	"cmp"
	"maps"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/prove"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// namespaces judges each namespace that has an object of Istio or a finding.
func (b *builder) namespaces() {
	objects, all := map[string]int{}, map[string]bool{}
	for _, d := range b.docs {
		if isIstio(d) {
			n := b.namespaceOf(d.Object())
			objects[n]++
			all[n] = true
		}
	}
	findings := map[string][]Finding{}
	for _, f := range b.out.Findings {
		findings[f.Namespace] = append(findings[f.Namespace], f)
		all[f.Namespace] = true
	}
	delete(all, "")
	b.out.Namespaces = []Namespace{}
	for _, name := range sortedKeys(all) {
		n := Namespace{
			Name: name, Objects: objects[name], Findings: tally(findings[name]), Reasons: reasons(findings[name]),
			Rules: b.units.count(func(x *unit) bool { return x.namespace == name }),
		}
		n.Ready = readiness(n.Rules, findings[name])
		b.out.Namespaces = append(b.out.Namespaces, n)
	}
}

func tally(findings []Finding) Tally {
	var t Tally
	for _, f := range findings {
		switch f.Severity {
		case "error":
			t.Errors++
		case "warning":
			t.Warnings++
		case "note":
			t.Notes++
		default:
			panic("unhandled severity " + f.Severity)
		}
	}
	return t
}

// readiness judges by findings that are left to act on, and by rules. What is
// wrong today, and stays so, blocks no migration.
func readiness(rules Counts, findings []Finding) Readiness {
	ready := Ready
	if rules.Exact < rules.Total() {
		ready = Review
	}
	for _, f := range findings {
		switch {
		case f.Severity == "note":
		case f.Severity == "error" && f.Group == string(finding.Migration):
			return Blocked
		default:
			ready = Review
		}
	}
	return ready
}

// reasons counts the warnings and errors by rule.
func reasons(findings []Finding) []Reason {
	byID := map[string]*Reason{}
	for _, f := range findings {
		if f.Severity == "note" {
			continue
		}
		if byID[f.ID] == nil {
			byID[f.ID] = &Reason{ID: f.ID, Severity: f.Severity, Title: f.Title}
		}
		byID[f.ID].Count++
	}
	all := make([]Reason, 0, len(byID))
	for _, id := range sortedKeys(byID) {
		all = append(all, *byID[id])
	}
	slices.SortStableFunc(all, func(x, y Reason) int { return cmp.Compare(y.Count, x.Count) })
	return all
}

// summary is the report in a few numbers.
func (b *builder) summary() {
	s := Summary{
		Read: b.result.Read, Written: len(b.result.Objects), Kinds: b.kinds(),
		Rules: b.units.count(func(*unit) bool { return true }), Findings: tally(b.out.Findings), Accepted: len(b.out.Accepted),
	}
	for _, r := range b.result.Proof {
		switch r.Verdict {
		case prove.Equal:
			s.Hosts.Equal++
		case prove.Differs:
			s.Hosts.Differs++
		case prove.NotProven:
			s.Hosts.Unproven++
		}
	}
	s.Ready = readiness(s.Rules, b.out.Findings)
	b.out.Summary = s
}

func (b *builder) kinds() []KindCount {
	byKind := map[string]*KindCount{}
	of := func(kind string) *KindCount {
		if byKind[kind] == nil {
			byKind[kind] = &KindCount{Kind: kind}
		}
		return byKind[kind]
	}
	for _, d := range b.docs {
		of(d.Kind).Read++
	}
	for _, o := range b.result.Objects {
		of(o.Kind).Written++
	}
	all := []KindCount{}
	for _, kind := range sortedKeys(byKind) {
		all = append(all, *byKind[kind])
	}
	return all
}
