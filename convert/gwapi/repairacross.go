package gwapi

import (
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/internal/parallel"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// draft is the list of a table before what turns out needless is dropped.
type draft struct {
	*pass
	table *route.Table
	lines []*line
	list  []*piece
	room  int // how many pieces may still be added
}

// draftOf returns the list of t, which is there already where other objects have
// rules for the same requests.
func (p *pass) draftOf(t *route.Table) *draft {
	d := p.shared().drafts[t]
	if d == nil {
		return p.newDraft(t, true)
	}
	p.findings = append(p.findings, d.findings...)
	d.pass = p
	return d
}

// newDraft translates t and puts it in order on its own. bare asks for rules for
// the bare paths of prefixes that end in a slash.
func (p *pass) newDraft(t *route.Table, bare bool) *draft {
	d := &draft{pass: p, table: t, lines: p.lines(t)}
	count := 0
	for _, l := range d.lines {
		if l.written() {
			if bare {
				l.surplus = append(l.surplus, bareSurplus(l)...)
			}
			count += len(l.matches)
		}
	}
	d.room = 3*count + 16
	d.list = p.refine(t, d.lines, d.room)
	d.room -= max(0, len(d.list)-count)
	p.express(d.list)
	d.close()
	d.list = p.loosen(d.list)
	return d
}

// close adds to the list what precedence asks for.
func (d *draft) close() {
	c := &closer{pass: d.pass, list: d.list, room: d.room}
	d.list = c.close()
	d.room = c.room
}

// finish drops what the list does not need, and reports what is left to say
// about its order.
func (d *draft) finish() []*piece {
	d.checkOrder(d.list)
	d.list = d.prune(d.list)
	d.noteJoined(d.list)
	return d.list
}

// draftTogether makes the lists of tables whose rules meet those of other
// objects, and puts them in order against each other: Istio lines them up, the
// oldest object first, and Gateway API ranks them alike.
func draftTogether(m *mesh.Model, o Options, common *shared) map[*route.Table]*draft {
	drafts := make([]*draft, len(m.Tables))
	parallel.Each(len(m.Tables), func(i int) {
		t := m.Tables[i]
		p := &pass{model: m, opts: o, common: common}
		if common.company[t] && t.Protocol == route.HTTP && len(p.parentRefs(t)) > 0 && !p.plainGRPC(t) {
			drafts[i] = p.newDraft(t, true)
		}
	})
	pairs := meetingPairs(m.Tables)
	for changed := true; changed; {
		changed = false
		for _, pair := range pairs {
			if a, b := drafts[pair[0]], drafts[pair[1]]; a != nil && b != nil {
				changed = joinPair(a, b) || changed
			}
		}
	}
	all := map[*route.Table]*draft{}
	for i, d := range drafts {
		if d != nil {
			all[m.Tables[i]] = d
		}
	}
	return all
}

// meetingPairs are the tables of different objects that share a host at an
// entry, by index.
func meetingPairs(tables []*route.Table) [][2]int {
	var pairs [][2]int
	met := map[meeting][]int{}
	for i, t := range tables {
		done := map[int]bool{}
		for _, at := range meetings(t) {
			for _, j := range met[at] {
				if !done[j] && tables[j].From != t.From {
					pairs = append(pairs, [2]int{j, i})
				}
				done[j] = true
			}
			met[at] = append(met[at], i)
		}
	}
	return pairs
}

// contend is d against other lists. Its routes are named after the table, as far
// as names are free.
func (d *draft) contend() contender {
	name := d.table.Name
	if d.table.Suffix != "" {
		name.Name += "-" + d.table.Suffix
	}
	return contender{d.table, d.list, name}
}

// joinPair puts two lists in order against each other. It tells whether it
// changed one.
func joinPair(a, b *draft) bool {
	changed := false
	for joinOne(a, b) {
		changed = true
	}
	return changed
}

// joinOne looks for one piece that is preferred to one of the other list which
// comes first today, and adds both joined to the list of that one.
func joinOne(a, b *draft) bool {
	first, second := ordered(a.contend(), b.contend())
	if first.table != a.table {
		a, b = b, a
	}
	for n, part := range bouts(first, second) {
		owner, loser := a, b
		if n == 1 { // the catch-alls of the first object come after the rules of the second
			owner, loser = b, a
		}
		sure := first.created() != "" && second.created() != "" && within(loser.table, owner.table)
		for _, q := range part.later {
			against := part.against(q)
			for _, e := range part.earlier {
				if sure && loser.drop(e, q) {
					return true
				}
				if owner.room > 0 && owner.join(e, q, against) {
					owner.age(first, second, e, q)
					return true
				}
			}
		}
	}
	return false
}

// join adds what e and q share to the list of e, if q is preferred.
func (d *draft) join(e, q *piece, c contest) bool {
	x := d.shared().expressions
	if sameOutcome(e.Action, q.Action) {
		return false
	}
	if _, found := x.orderFinding(e, q, c.ties); !found || x.mended(e, q, c) {
		return false
	}
	takes, ok := x.both(&e.takes, &q.means)
	if !ok {
		return false
	}
	said, ok := d.spell(&takes)
	if !ok {
		return false
	}
	if rank, known := x.rank(said, q.said); !known || rank < 0 || rank == 0 && c.ties {
		return false
	}
	closer := &closer{list: d.list}
	at := closer.behind(slices.Index(d.list, e))
	d.list = slices.Insert(d.list, at, &piece{line: e.line, said: said, takes: takes, means: meaning(said), why: across, cause: q.line})
	d.room--
	d.close()
	return true
}

// drop takes q out of the list where e has all that q would take.
func (d *draft) drop(e, q *piece) bool {
	if q.why != own && q.why != joint || !d.shared().expressions.contains(&e.takes, &q.means) {
		return false
	}
	at := slices.Index(d.list, q)
	d.list = slices.Delete(d.list, at, at+1)
	if q.why == own && d.shared().expressions.contains(&e.takes, &q.takes) && !slices.ContainsFunc(d.list, func(o *piece) bool { return o.why == own && o.line == q.line }) {
		q.dead = true
		f := finding.New(rule.DeadRule, q.From.Place(), "this rule never decides: the rule at %s, of an older object, takes every request that it would take. Left out, since Gateway API could prefer it (%s would get traffic for the first time).",
			spot(e.From, q.From), actionName(q.Action))
		f.Related = []finding.Related{{Place: e.From.Place(), Message: "takes its requests"}}
		d.add(f)
	}
	return true
}

// within tells whether b serves every host and entry of a.
func within(a, b *route.Table) bool {
	all := meetings(b)
	return !slices.ContainsFunc(meetings(a), func(at meeting) bool { return !slices.Contains(all, at) })
}

// age says that the order of two objects is assumed.
func (d *draft) age(first, second contender, e, q *piece) {
	if first.created() == "" || second.created() == "" {
		d.note(rule.AgeAssumed, q.From.Place(), "what this rule shares with the one at %s goes to %s if that object is older, as is assumed by the names, and to %s otherwise; the input does not say which is older.",
			spot(e.From, q.From), actionName(e.Action), actionName(q.Action))
	}
}
