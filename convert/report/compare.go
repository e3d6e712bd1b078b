package report

import (
	"fmt"
	"slices"
	"strings"
)

// Comparison says what became better and worse from one report to another.
type Comparison struct {
	Version       string       `json:"version"` // ComparisonVersion
	Better        []Change     `json:"better"`
	Worse         []Change     `json:"worse"`
	Rules         Moved        `json:"rules"`         // counts before and after
	Hosts         []HostMove   `json:"hosts"`         // whose verdict changed, that came or went; ordered by entry, then host
	Namespaces    []Shift      `json:"namespaces"`    // whose readiness changed, that came or went; ordered by name
	NewFindings   []Finding    `json:"newFindings"`   // in the new report and not in the old
	GoneFindings  []Finding    `json:"goneFindings"`  // in the old report and not in the new
	Settings      []SettingWas `json:"settings"`      // that differ: the reports then answer different questions
	Indeterminate bool         `json:"indeterminate"` // Settings differ
}

// ComparisonVersion names the shape of Comparison in JSON.
const ComparisonVersion = "mesh2gw.io/comparison/v1"

// Change is a sentence on what changed, with the number it is about.
type Change struct {
	Text  string `json:"text"` // "2 rules more are lost"
	Count int    `json:"count"`
}

// Moved holds counts of rules of two reports.
type Moved struct {
	Old Counts `json:"old"`
	New Counts `json:"new"`
}

// HostMove is a host whose verdict changed; "" stands for a report without it.
type HostMove struct {
	Host  string `json:"host"`
	Entry string `json:"entry"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Shift is a namespace whose readiness changed; "" stands for a report without it.
type Shift struct {
	Namespace string    `json:"namespace"`
	Old       Readiness `json:"old"`
	New       Readiness `json:"new"`
}

// SettingWas is a setting that differs; "" stands for one that is not given.
type SettingWas struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Compare says what became better and worse from the report old to the report new.
func Compare(old, new *Report) *Comparison {
	c := &Comparison{Version: ComparisonVersion, Better: []Change{}, Worse: []Change{}, Rules: Moved{old.Summary.Rules, new.Summary.Rules}}
	c.Settings = settingsOf(old, new)
	c.Indeterminate = len(c.Settings) > 0
	c.Hosts, c.Namespaces = hostsOf(old, new), shiftsOf(old, new)
	c.NewFindings, c.GoneFindings = missing(new.Findings, old.Findings), missing(old.Findings, new.Findings)
	c.tellReadiness()
	c.tellRules()
	c.tellHosts()
	c.tellFindings()
	return c
}

// say adds a change, unless there is none.
func say(to *[]Change, n int, one, many string) {
	if n > 0 {
		*to = append(*to, Change{Text: count(n, one, many), Count: n})
	}
}

// readinessRank puts better states first; a namespace that is not there has none.
var readinessRank = []Readiness{Ready, Review, Blocked}

func (c *Comparison) tellReadiness() {
	better, worse := 0, 0
	for _, s := range c.Namespaces {
		switch old, new := slices.Index(readinessRank, s.Old), slices.Index(readinessRank, s.New); {
		case old < 0 || new < 0:
		case new < old:
			better++
		case new > old:
			worse++
		}
	}
	say(&c.Better, better, "namespace is nearer to its migration", "namespaces are nearer to their migration")
	say(&c.Worse, worse, "namespace is farther from its migration", "namespaces are farther from their migration")
}

// tellRules compares counts. Where rules came or went, more exact ones are no
// merit by themselves: only those that are not exact are told.
func (c *Comparison) tellRules() {
	for _, x := range []struct {
		old, new        int
		lessOne, less   string
		moreOne, moreOf string
	}{
		{c.Rules.Old.Lost, c.Rules.New.Lost, "rule less is lost", "rules less are lost", "rule more is lost", "rules more are lost"},
		{c.Rules.Old.Differs, c.Rules.New.Differs, "rule less differs", "rules less differ", "rule more differs", "rules more differ"},
		{c.Rules.Old.Unproven, c.Rules.New.Unproven, "rule less is unproven", "rules less are unproven", "rule more is unproven", "rules more are unproven"},
	} {
		say(&c.Better, x.old-x.new, x.lessOne, x.less)
		say(&c.Worse, x.new-x.old, x.moreOne, x.moreOf)
	}
}

// verdictRank puts better verdicts first.
var verdictRank = []string{"equal", "not proven", "differs"}

func (c *Comparison) tellHosts() {
	better, worse, came := 0, 0, 0
	for _, h := range c.Hosts {
		switch old, new := slices.Index(verdictRank, h.Old), slices.Index(verdictRank, h.New); {
		case old < 0 && new > 0:
			came++
		case old < 0 || new < 0:
		case new < old:
			better++
		case new > old:
			worse++
		}
	}
	say(&c.Better, better, "host is served more as before", "hosts are served more as before")
	say(&c.Worse, worse, "host is served less as before", "hosts are served less as before")
	say(&c.Worse, came, "new host is not proved to be served as before", "new hosts are not proved to be served as before")
}

func (c *Comparison) tellFindings() {
	for _, severity := range []string{"error", "warning"} {
		of := func(all []Finding) (n int) {
			for _, f := range all {
				if f.Severity == severity {
					n++
				}
			}
			return n
		}
		say(&c.Better, of(c.GoneFindings), severity+" is gone", severity+"s are gone")
		say(&c.Worse, of(c.NewFindings), severity+" is new", severity+"s are new")
	}
}

// missing are the findings of all that others lacks. Several findings of one
// object may share their fingerprint, so they are counted; of those that share
// it the last ones are taken to be more than before.
func missing(all, others []Finding) []Finding {
	left := map[string]int{}
	for _, f := range others {
		left[f.Fingerprint+f.Severity]++
	}
	found := []Finding{}
	for _, f := range all {
		if left[f.Fingerprint+f.Severity] > 0 {
			left[f.Fingerprint+f.Severity]--
			continue
		}
		found = append(found, f)
	}
	return found
}

// hostKey names a host of a report. Ports of a Service that have no door of
// their own are told apart by how they were paired.
type hostKey struct{ entry, host, paired string }

func verdicts(r *Report) (map[hostKey]string, []hostKey) {
	all, order := map[hostKey]string{}, []hostKey(nil)
	for _, h := range r.Hosts {
		k := hostKey{h.Entry, h.Host, h.Paired}
		if _, known := all[k]; !known {
			order = append(order, k)
		}
		all[k] = h.Verdict
	}
	return all, order
}

func hostsOf(old, new *Report) []HostMove {
	before, order := verdicts(old)
	after, more := verdicts(new)
	moves := []HostMove{}
	for _, k := range slices.Concat(order, slices.DeleteFunc(more, func(k hostKey) bool { _, known := before[k]; return known })) {
		if before[k] != after[k] {
			moves = append(moves, HostMove{Host: k.host, Entry: k.entry, Old: before[k], New: after[k]})
		}
	}
	slices.SortStableFunc(moves, func(x, y HostMove) int { return strings.Compare(x.Entry+"\n"+x.Host, y.Entry+"\n"+y.Host) })
	return moves
}

func shiftsOf(old, new *Report) []Shift {
	sides := [2]map[string]Readiness{{}, {}}
	names := map[string]bool{}
	for i, r := range []*Report{old, new} {
		for _, n := range r.Namespaces {
			sides[i][n.Name], names[n.Name] = n.Ready, true
		}
	}
	shifts := []Shift{}
	for _, name := range sortedKeys(names) {
		if sides[0][name] != sides[1][name] {
			shifts = append(shifts, Shift{Namespace: name, Old: sides[0][name], New: sides[1][name]})
		}
	}
	return shifts
}

func settingsOf(old, new *Report) []SettingWas {
	sides := [2]map[string]string{{}, {}}
	names := map[string]bool{}
	for i, r := range []*Report{old, new} {
		for _, s := range r.Settings {
			sides[i][s.Name], names[s.Name] = s.Value, true
		}
	}
	all := []SettingWas{}
	for _, name := range sortedKeys(names) {
		if sides[0][name] != sides[1][name] {
			all = append(all, SettingWas{Name: name, Old: sides[0][name], New: sides[1][name]})
		}
	}
	return all
}

// Unchanged tells whether the two reports say the same of all that counts.
func (c *Comparison) Unchanged() bool {
	return len(c.Better)+len(c.Worse)+len(c.Hosts)+len(c.Namespaces)+len(c.NewFindings)+len(c.GoneFindings)+len(c.Settings) == 0 &&
		c.Rules.Old == c.Rules.New
}

// String is the comparison in one line.
func (c *Comparison) String() string {
	if c.Unchanged() {
		return "nothing changed"
	}
	part := func(what string, all []Change) string {
		var texts []string
		for _, x := range all {
			texts = append(texts, x.Text)
		}
		if len(texts) == 0 {
			return fmt.Sprintf("nothing became %s", what)
		}
		return what + ": " + strings.Join(texts, ", ")
	}
	return part("worse", c.Worse) + "; " + part("better", c.Better)
}
