package prove

import (
	"cmp"
	"fmt"

	"github.com/mesh2gw/mesh2gw/convert/internal/parallel"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Decided is what the list of a host decides, shown by requests.
type Decided struct {
	Door *route.Door
	Host string      // exact name, *.suffix, or "" for any other host
	List *route.List // that answers for Host

	Requests []Decision    // one for each rule that decides any, in the order of the list; the last may be one that no rule takes
	Idle     []*route.Rule // that no request reaches
	Reason   string        // why rules may be missing in both; "" when none is
	at       where
}

// Decision is a request with the rule that decides it.
type Decision struct {
	Request route.Request
	Rule    *route.Rule // nil: none holds, and the answer is 404
	Index   int         // of Rule in the list; the length of the list for none
	// Missed is the rule that would decide but for the condition that Lacks names;
	// nil in Decided.Requests.
	Missed *route.Rule
	Lacks  string
}

// Decide shows by requests what each list of r decides. The order is that of
// doors, then hosts.
func Decide(r *route.Routing, o Options) []Decided {
	o = o.alone(r)
	var questions []question
	for _, d := range r.Doors {
		questions = append(questions, doors{before: d, after: d}.hosts()...)
	}
	all := make([]Decided, len(questions))
	parallel.Each(len(questions), func(i int) { all[i] = questions[i].decided(o) })
	return all
}

// alone fills in what proofs within one routing share.
func (o Options) alone(r *route.Routing) Options {
	o.Expressions = cmp.Or(o.Expressions, new(route.Expressions))
	o.partitions = new(partitions)
	o.Before.Pods, o.After.Pods = r.Pods, r.Pods
	return o
}

func (q question) decided(o Options) Decided {
	d := Decided{Door: q.before, Host: q.host, List: q.lists[0], at: q.where}
	if d.List == nil {
		return d
	}
	o.Before.Door, o.After.Door = q.before, q.before
	count := len(d.List.Rules)
	after := marked(d.List, "after", nil, 0)
	after.Rules = append(after.Rules, &route.Rule{Action: mark("none", 0)}) // so that what none takes shows
	result := listsOf(marked(d.List, "before", nil, 0), after, o, q.where)
	d.Reason = result.Reason
	found := make([]bool, count+1)
	for _, x := range result.Differences {
		i := indexOf(d.List, x.Before)
		if x.Possible || found[i] {
			continue
		}
		found[i] = true
		d.Requests = append(d.Requests, d.decision(i, x.Witness))
	}
	for i, r := range d.List.Rules {
		if !found[i] {
			d.Idle = append(d.Idle, r)
		}
	}
	return d
}

func (d *Decided) decision(i int, w route.Request) Decision {
	out := Decision{Request: w, Index: i}
	if i < len(d.List.Rules) {
		out.Rule = d.List.Rules[i]
	}
	return out
}

// listsOf is Lists for a host among others.
func listsOf(before, after *route.List, o Options, at where) Result {
	p := provers.Get().(*prover)
	defer func() {
		p.forget()
		provers.Put(p)
	}()
	return p.lists(before, after, o, at)
}

// marked is l with an answer of its own for each rule, so that every decision
// shows. The match of rule i is m instead, unless m is nil.
func marked(l *route.List, side string, m *route.Match, i int) *route.List {
	out := &route.List{Host: l.Host, Sure: l.Sure, Rules: make([]*route.Rule, len(l.Rules), len(l.Rules)+1)}
	for k, r := range l.Rules {
		out.Rules[k] = &route.Rule{Match: r.Match, Action: mark(side, k), Where: fmt.Sprint(k)}
		if m != nil && k == i {
			out.Rules[k].Match = *m
		}
	}
	if l.Sure != nil { // what is behind the list is preferred to nothing
		count := len(l.Rules)
		out.Sure = func(i, j int) bool { return j >= count || l.Sure(i, j) }
	}
	return out
}

func mark(side string, i int) *route.Action {
	return &route.Action{Direct: &route.Direct{Status: 200, Body: fmt.Sprintf("%s %d", side, i)}}
}

// indexOf reads the number that marked has left; that of no rule is the length.
func indexOf(l *route.List, r *route.Rule) int {
	i := len(l.Rules)
	if r != nil {
		if _, err := fmt.Sscan(r.Where, &i); err != nil {
			panic(fmt.Sprintf("rule %q is not marked", r.Where))
		}
	}
	return i
}

// NearMisses finds, for each condition of rule i of d's list, a request that
// meets all the others and not that one, and what decides it.
func (d *Decided) NearMisses(i int, o Options) []Decision {
	if i >= len(d.List.Rules) {
		return nil
	}
	o.Before.Door, o.After.Door = d.Door, d.Door
	o.Expressions = cmp.Or(o.Expressions, new(route.Expressions))
	o.partitions = cmp.Or(o.partitions, new(partitions))
	var all []Decision
	for _, wider := range widened(&d.List.Rules[i].Match) {
		result := listsOf(marked(d.List, "same", nil, 0), marked(d.List, "same", &wider.match, i), o, d.at)
		for _, x := range result.Differences {
			if b := indexOf(d.List, x.Before); !x.Possible && x.After != nil && indexOf(d.List, x.After) == i && b != i {
				miss := d.decision(b, x.Witness)
				miss.Missed, miss.Lacks = d.List.Rules[i], wider.lacks
				all = append(all, miss)
				break
			}
		}
	}
	return all
}

// wider is a match with one condition less, or a weaker one.
type wider struct {
	match route.Match
	lacks string
}

// widened weakens m by one condition at a time.
func widened(m *route.Match) []wider {
	var all []wider
	add := func(lacks string, change func(*route.Match)) {
		w := *m
		change(&w)
		all = append(all, wider{w, lacks})
	}
	switch p := m.Path; p.Kind {
	case route.Any, route.Present:
	case route.Exact, route.Element:
		add("another path", func(w *route.Match) { w.Path.Kind = route.Prefix })
		fallthrough
	default:
		if p.Value != "/" {
			add("another path", func(w *route.Match) { w.Path = route.StringMatch{} })
		}
	}
	if m.Method.Kind != route.Any {
		add("another method", func(w *route.Match) { w.Method = route.StringMatch{} })
	}
	for _, keys := range []struct {
		what string
		in   *[]route.KeyMatch
		at   func(*route.Match) *[]route.KeyMatch
	}{
		{"header", &m.Headers, func(w *route.Match) *[]route.KeyMatch { return &w.Headers }},
		{"query parameter", &m.Query, func(w *route.Match) *[]route.KeyMatch { return &w.Query }},
	} {
		for k, key := range *keys.in {
			add(fmt.Sprintf("no %s %s", keys.what, key.Name), func(w *route.Match) { *keys.at(w) = dropped(*keys.in, k) })
			if key.Kind != route.Present {
				add(fmt.Sprintf("another %s %s", keys.what, key.Name), func(w *route.Match) {
					other := append([]route.KeyMatch{}, *keys.in...)
					other[k].StringMatch = route.StringMatch{Kind: route.Present}
					*keys.at(w) = other
				})
			}
		}
	}
	for k, key := range m.Without {
		add("header "+key.Name+" is there", func(w *route.Match) { w.Without = dropped(m.Without, k) })
	}
	return all
}

func dropped(keys []route.KeyMatch, k int) []route.KeyMatch {
	return append(append([]route.KeyMatch{}, keys[:k]...), keys[k+1:]...)
}

// Location is where a rule of a door that redirects sends a request: scheme,
// host, port where it is not the scheme's, and path, without the query.
func Location(d *route.Door, r *route.Rule, w route.Request) string {
	p := &prover{at: where{host: w.Authority}}
	p.sides[0].door = d
	return p.target(&rule{Rule: r, effect: effectOf(r)}, w)
}
