package gwapi

import (
	"fmt"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// refiner splits off what written matches take beyond their rules.
type refiner struct {
	*pass
	table *route.Table
	lines []*line
	own   [][]*piece // of each line
	room  int        // how many pieces may still be added
}

// refine makes the list of pieces that decides as the rules of lines do, taken
// in order. A rule that can't be refined is left out, and has it said in unsaid.
func (p *pass) refine(t *route.Table, lines []*line, room int) []*piece {
	r := &refiner{pass: p, table: t, lines: lines, own: make([][]*piece, len(lines)), room: room}
	parts := make([][]*piece, len(lines))
	for i := len(lines) - 1; i >= 0; i-- { // what is split off is decided by later rules
		if lines[i].written() {
			parts[i] = r.split(i)
		}
	}
	return slices.Concat(parts...)
}

// split returns what stands for rule i: the pieces that are split off, and
// behind them its own.
func (r *refiner) split(i int) []*piece {
	l := r.lines[i]
	for _, m := range l.matches {
		r.own[i] = append(r.own[i], newPiece(l, m, own))
	}
	var all []*piece
	for n := range l.surplus {
		s := &l.surplus[n]
		var pieces []*piece
		ok := true
		for _, q := range r.own[i] {
			if ok {
				var more []*piece
				more, ok = r.carve(q, s, i)
				pieces = append(pieces, more...)
			}
		}
		switch {
		case ok:
			all = append(all, pieces...)
		case s.why == bare:
			s.lost = true
		case s.why == present:
			s.lost = true
			l.unsaid = append(l.unsaid, unsaid{s.at, s.what})
		}
	}
	if len(l.unsaid) > 0 && !l.Action.Refuses() {
		l.matches, r.own[i] = nil, nil
		return nil
	}
	return append(all, r.own[i]...)
}

// carve returns the pieces for what q takes beyond rule i because of s.
func (r *refiner) carve(q *piece, s *surplus, i int) ([]*piece, bool) {
	if !r.shared().expressions.meet(&q.takes, &s.region) {
		return nil, true
	}
	_, region, ok := r.conjoin(&q.takes, &s.region)
	if !ok {
		return nil, false
	}
	return r.decide(&region, i+1, cut{s.why, r.lines[i]})
}

// cut says what is split off, and from which rule.
type cut struct {
	why reason
	of  *line
}

// decide lists what the rules from k on do with the requests of region.
func (r *refiner) decide(region *route.Match, k int, c cut) ([]*piece, bool) {
	var all []*piece
	for ; k < len(r.lines); k++ {
		for _, q := range r.own[k] {
			pieces, done, ok := r.within(region, q, k, c)
			if all = append(all, pieces...); !ok || done {
				return all, ok
			}
		}
	}
	if c.of.company && r.othersTake(region) {
		return nil, false // what they do is not this list's to say
	}
	nothing := &line{Rule: &route.Rule{Match: *region, Action: unanswered, From: c.of.From}, index: len(r.lines)}
	q, ok := r.add(nothing, region, c)
	return append(all, q), ok
}

// othersTake tells whether another object has a rule for requests of region.
func (r *refiner) othersTake(region *route.Match) bool {
	own := meetings(r.table)
	for _, o := range r.model.Tables {
		if o.From == r.table.From || o.Protocol != r.table.Protocol || !r.shared().company[o] ||
			!slices.ContainsFunc(meetings(o), func(at meeting) bool { return slices.Contains(own, at) }) {
			continue
		}
		for i := range o.Rules {
			if r.shared().expressions.meet(&o.Rules[i].Match, region) {
				return true
			}
		}
	}
	return false
}

// within lists what q, a match of rule k, does with the requests of region; done
// says that no request is left for later rules.
func (r *refiner) within(region *route.Match, q *piece, k int, c cut) (all []*piece, done, ok bool) {
	if !r.shared().expressions.meet(region, &q.takes) {
		return nil, false, true
	}
	_, both, ok := r.conjoin(region, &q.takes)
	if !ok {
		return nil, false, false
	}
	done = r.shared().expressions.contains(&q.takes, region)
	for _, inner := range r.lines[k].surplus {
		if inner.lost || !r.shared().expressions.meet(&both, &inner.region) {
			continue
		}
		_, beyond, ok := r.conjoin(&both, &inner.region)
		if !ok {
			return nil, false, false
		}
		pieces, ok := r.decide(&beyond, k+1, c)
		if all = append(all, pieces...); !ok {
			return nil, false, false
		}
		if r.shared().expressions.contains(&beyond, &both) {
			return all, done, true // nothing is left for q
		}
	}
	added, ok := r.add(q.line, &both, c)
	return append(all, added), done, ok
}

// add makes a piece for the requests of region with the action of l.
func (r *refiner) add(l *line, region *route.Match, c cut) (*piece, bool) {
	said, ok := r.spell(region)
	if r.room--; !ok || r.room < 0 {
		return nil, false
	}
	return &piece{line: l, said: said, takes: *region, means: meaning(said), why: c.why, cause: c.of}, true
}

// bareSurplus are the paths that the prefixes of l take beyond those of the rule.
func bareSurplus(l *line) []surplus {
	var all []surplus
	path := l.Match.Path
	for _, said := range pathsOf(l.matches) {
		head, ok := strings.CutSuffix(*said.Value, "/")
		if !ok || head == "" || *said.Type != gatewayv1.PathMatchPathPrefix || path.Kind != route.Regex && *said.Value != path.Value || path.Kind == route.Element {
			continue
		}
		all = append(all, surplus{
			why: bare, at: conditionPlace(path, &l.Match, "uri"), what: *said.Value, whole: head,
			region: route.Match{Path: route.StringMatch{Kind: route.Exact, Value: head}},
		})
	}
	return all
}

// without says the absence of headers: what has the header goes to the next rule.
func (m *matcher) without(in *route.Match) {
	for _, k := range in.Without {
		at := keyPlace(k, in, "withoutHeaders")
		region, ok := m.opposite(k, at)
		if !ok {
			m.lost(at, "the absence of header %s", k.Name)
			continue
		}
		s := surplus{why: present, at: at, region: region, what: fmt.Sprintf("the absence of header %s", k.Name)}
		m.surplus = append(m.surplus, s)
	}
}

// opposite is a match for the requests that have header k. Envoy takes an
// absent header for an empty one where a value is ruled out
// (core/route/route.go, TreatMissingHeaderAsEmpty), which has no words if that
// value may be empty.
func (m *matcher) opposite(k route.KeyMatch, at finding.Place) (route.Match, bool) {
	if strings.ContainsAny(k.Name[:min(1, len(k.Name))], ":@") || !tokenName.MatchString(k.Name) {
		return route.Match{}, false
	}
	if k.Kind == route.Prefix && k.Value == "" {
		return route.Match{}, false
	}
	if re, err := fullMatch(k.Value); k.Kind == route.Regex && (err != nil || re.MatchString("")) {
		return route.Match{}, false
	}
	try := &matcher{bundle: m.bundle}
	kind, value, ok := try.value(k, at, "header", m.bundle.Limits().HeaderValue)
	return route.Match{Headers: []route.KeyMatch{keyMeaning(k.Name, string(kind), value)}}, ok
}

// noteRefined says what was split off, and who decides on it.
func (p *pass) noteRefined(list []*piece, l *line) {
	for _, s := range l.surplus {
		var to []string
		var nothing *piece
		for _, q := range list {
			switch {
			case s.lost || q.cause != l || q.why != s.why:
			case q.Action == unanswered:
				nothing = q
			default:
				to = append(to, actionName(q.Action))
			}
		}
		n := len(to)
		to = compactStrings(to)
		switch {
		case n == 0:
		case s.why == bare:
			p.note(rule.BarePath, s.at, "prefix %s does not take the bare path %s today, and does in Gateway API: %s for exactly %s today's answer (%s).",
				s.what, s.whole, counted(n, "a rule keeps", "rules keep"), s.whole, strings.Join(to, " or "))
		case s.why == present:
			p.note(rule.AbsenceByOrder, s.at, "%s has no counterpart in Gateway API; requests that have it go where they go today (%s), by %s.",
				s.what, strings.Join(to, " or "), counted(n, "a more specific rule", "more specific rules"))
		}
		if nothing != nil {
			p.note(rule.Unanswered, s.at, "%s gets 404 today, since no rule takes it; Gateway API's rule would take it, so a rule without backends answers 500.", witness(nothing.said, nothing.said))
		}
	}
}
