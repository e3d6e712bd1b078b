package gwapi

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// meeting is a host at an entry.
type meeting struct {
	entry route.Entry
	host  string // "" for all
}

// checkAcross compares the rules of several objects for one host at one entry.
// Istio lines them up oldest object first (pilot/pkg/networking/core/gateway.go);
// Gateway API ranks the rules of all routes alike. drafts are the named routes.
func checkAcross(m *mesh.Model, passes []*pass, drafts [][]Object) []finding.Finding {
	var findings []finding.Finding
	met := map[meeting][]int{}
	for i, t := range m.Tables {
		if len(drafts[i]) == 0 || len(passes[i].drawn) == 0 {
			continue
		}
		done := map[int]bool{}
		for _, at := range meetings(t) {
			for _, j := range met[at] {
				if !done[j] && m.Tables[j].From != t.From {
					findings = append(findings, passes[i].checkPair(ordered(contender{t, passes[i].drawn, drafts[i][0].Key().Name}, contender{m.Tables[j], passes[j].drawn, drafts[j][0].Key().Name}))...)
				}
				done[j] = true
			}
			met[at] = append(met[at], i)
		}
	}
	return findings
}

// meetings are the entries of t with each of its hosts. Of hosts that only
// overlap the more specific one decides alone, today and afterwards.
func meetings(t *route.Table) []meeting {
	hosts := t.Hosts
	if len(hosts) == 0 {
		hosts = []string{""}
	}
	var all []meeting
	for _, e := range t.Entries {
		e.Implied = false
		for _, h := range hosts {
			all = append(all, meeting{e, h})
		}
	}
	return all
}

// company finds the tables that share an entry and a host with that of another
// object.
func company(m *mesh.Model) map[*route.Table]bool {
	first := map[meeting]*route.Table{}
	met := map[*route.Table]bool{}
	for _, t := range m.Tables {
		for _, at := range meetings(t) {
			switch o := first[at]; {
			case o == nil:
				first[at] = t
			case o.From != t.From && o.Protocol == t.Protocol:
				met[o], met[t] = true, true
			}
		}
	}
	return met
}

// contender is a table with what became of it.
type contender struct {
	table *route.Table
	list  []*piece
	name  route.Name // of the first of its routes
}

// created is the creation time as kubectl get prints it, or "".
func (c contender) created() string { return c.table.From.Get("metadata").Text("creationTimestamp") }

// ordered returns two contenders, the older object first; names decide where
// the input has no times (pilot/pkg/model/config.go sortConfigByCreationTime).
func ordered(a, b contender) (first, second contender) {
	if cmp.Or(strings.Compare(a.created(), b.created()), strings.Compare(a.table.Name.Name, b.table.Name.Name), strings.Compare(a.table.Name.Namespace, b.table.Name.Namespace)) <= 0 {
		return a, b
	}
	return b, a
}

// bout is a part of one list against a part of another, which comes first today.
type bout struct {
	later, earlier []*piece
	ties           bool // of two equal matches the later one is preferred
	list           []*piece
}

// bouts are the parts of two lists that follow each other today. Catch-alls stand
// behind all others (core/route SortVHostRoutes), so those of the first object
// follow the rules of the second.
func bouts(first, second contender) []bout {
	// Routes that are applied together are of one age; then names decide.
	tie := first.name.Compare(second.name)
	rules, last := behind(first.list)
	later, latest := behind(second.list)
	return []bout{
		{later, rules, tie > 0, second.list},
		{last, later, tie < 0, first.list},
		{latest, last, tie > 0, second.list},
		{latest, rules, tie > 0, second.list},
	}
}

// against is what stands against a piece in the bout.
func (b bout) against(q *piece) contest {
	return contest{b.earlier, b.ties, b.list[:slices.Index(b.list, q)]}
}

// checkPair reports where Gateway API prefers a rule of one object although one
// of the other decides today.
func (p *pass) checkPair(first, second contender) []finding.Finding {
	var findings []finding.Finding
	said := map[*line]bool{}
	for _, b := range bouts(first, second) {
		for _, q := range b.later {
			f, found := p.shared().expressions.outranks(q, b.against(q))
			if !found || said[q.line] {
				continue
			}
			said[q.line] = true
			if first.created() == "" || second.created() == "" {
				f.Message += " The input does not say which object is older; their names stand in for it."
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// behind parts the pieces of catch-alls from the others.
func behind(list []*piece) (rules, last []*piece) {
	for _, q := range list {
		if slices.ContainsFunc(q.line.matches, catchAll) {
			last = append(last, q)
		} else {
			rules = append(rules, q)
		}
	}
	return rules, last
}
