package prove

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Options steers a proof. The zero value is useful for lists without a door.
type Options struct {
	// Budget bounds the steps of the search for one host; 0 is DefaultBudget.
	Budget int
	// Expressions is shared by proofs that meet the same regular expressions;
	// Compare makes its own where it is nil.
	Expressions   *route.Expressions
	Before, After Side // where the lists stand; Compare fills them in
	// Asked says which hosts Compare compares at a pair of doors, of which one may
	// be nil; nil stands for all that either door names.
	Asked func(before, after *route.Door, host string) bool

	partitions *partitions // what the hosts of one Compare share
}

// DefaultBudget is the number of steps of the search for one host, each of
// which looks at one rule: some tenths of a second.
const DefaultBudget = 1 << 24

// Side is what surrounds a list.
type Side struct {
	Door *route.Door               // nil: an HTTP door of which nothing is known
	Pods map[route.Name]route.Pods // by Service; what one side doesn't know is looked up on the other
}

// Verdict is the answer of a proof.
type Verdict uint8

// The verdicts. NotProven means that no difference was found, and that the
// search was not able to go through all cases.
const (
	Equal Verdict = iota
	Differs
	NotProven
)

// String returns equal, differs or not proven.
func (v Verdict) String() string { return [...]string{"equal", "differs", "not proven"}[v] }

// Result is the answer for one host at one door.
type Result struct {
	Before, After *route.Door // nil: only the other side has the door
	Host          string      // exact name, *.suffix, or "" for any other host
	Paired        string      // how the doors were paired where their names differ; a sentence
	Verdict       Verdict
	Differences   []Difference // all pairs of rules, ordered by the rule before, then after
	// Reason says what was not gone through, for NotProven, or beside the
	// differences for Differs. It is empty when everything was.
	Reason string
}

// Difference is a pair of rules that decide some request, and act differently.
type Difference struct {
	Witness               route.Request
	Before, After         *route.Rule // nil: no rule holds, the answer is 404
	Aspects               []finding.Aspect
	BeforeDoes, AfterDoes string // what is done with the witness: "forwards to reviews.shop:9080"
	// Possible says that the implementation chooses among several rules for the
	// witness, since the rank of regular expressions is not defined.
	Possible bool
	// Opens says that the request was refused before and is not after.
	Opens bool

	origins []*route.Rule // rules before that After may come from, see Unexplained
}

// Lists decides for all requests of one host whether two decision lists act the
// same. A nil list has no rules.
func Lists(before, after *route.List, o Options) Result {
	p := provers.Get().(*prover)
	defer func() {
		p.forget()
		provers.Put(p)
	}()
	host := hostOf(before, after)
	r := p.lists(before, after, o, where{host: host, sample: sample(host, nil)})
	r.Before, r.After = o.Before.Door, o.After.Door
	return r
}

// provers keeps the memory of proofs for the next ones.
var provers = sync.Pool{New: func() any { return new(prover) }}

// prover is one proof.
type prover struct {
	options  Options
	protocol route.Protocol
	at       where
	sides    [2]side
	space    space
	budget   int
	spent    bool // the budget is used up

	deeds       []deed
	groups      []group
	seen        []int32 // by number of a set of cells: the round of filter that met it last
	round       int32
	known       map[pair]int // index in differences
	differences []difference
	doers       map[int32][]*route.Rule // rules before, by what they do
	reasons     []string
	search      search
}

// side is one of the two lists.
type side struct {
	index int
	rules []rule
	sure  func(i, j int) bool
	pods  [2]map[route.Name]route.Pods // its own, then those of the other side
	door  *route.Door
}

// where is what host a proof is about.
type where struct {
	host   string   // exact name, *.suffix, or "" for all
	sample string   // a name of it
	except []string // hosts within it that other lists serve
}

// rule is a rule in the terms of the proof.
type rule struct {
	*route.Rule
	path   int32  // index of its condition on the path; -1 for none
	dead   bool   // holds for no request
	cells  []cell // conditions on other dimensions, one for each
	set    int32  // number of the cells; equal ones have equal numbers, none have 0
	deed   int32  // index of what it does
	effect effect // on the path
	raw    []rawCondition
}

// pair is a rule of each list, by index; never is no rule.
type pair struct{ before, after int32 }

// difference is a Difference with the places of its rules.
type difference struct {
	pair
	Difference
}

func (p *prover) forget() {
	*p = prover{space: p.space, deeds: p.deeds[:0], groups: p.groups[:0], seen: p.seen, search: p.search, sides: p.sides}
	for i := range p.sides {
		clear(p.sides[i].rules)
		p.sides[i] = side{rules: p.sides[i].rules[:0]}
	}
	p.space.forget()
	clear(p.deeds[:cap(p.deeds)])
}

func (p *prover) lists(before, after *route.List, o Options, at where) Result {
	p.options, p.at, p.budget = o, at, cmp.Or(o.Budget, DefaultBudget)
	p.protocol = route.HTTP
	for _, s := range []Side{o.Before, o.After} {
		if s.Door != nil {
			p.protocol = s.Door.Protocol
		}
	}
	p.load(0, before, o.Before, o.After)
	p.load(1, after, o.After, o.Before)
	p.partition()
	p.weigh()
	p.group()
	for i := range p.groups {
		p.compare(&p.groups[i])
	}
	return p.result(at.host)
}

// hostOf is the narrower host of two lists that are compared.
func hostOf(before, after *route.List) string {
	host := ""
	for _, l := range []*route.List{before, after} {
		if l != nil && len(l.Host) > len(host) {
			host = l.Host
		}
	}
	return host
}

func (p *prover) result(host string) Result {
	r := Result{Host: host}
	slices.SortFunc(p.differences, func(a, b difference) int {
		return cmp.Or(cmp.Compare(a.before, b.before), cmp.Compare(a.after, b.after))
	})
	for _, d := range p.differences {
		r.Differences = append(r.Differences, d.Difference)
	}
	if p.spent {
		p.reasons = append(p.reasons, fmt.Sprintf("the search ended after %d steps", cmp.Or(p.options.Budget, DefaultBudget)))
	}
	for i, reason := range p.reasons {
		if slices.Contains(p.reasons[:i], reason) {
			continue
		}
		if r.Reason != "" {
			r.Reason += "; "
		}
		r.Reason += reason
	}
	switch {
	case len(r.Differences) > 0:
		r.Verdict = Differs
	case r.Reason != "":
		r.Verdict = NotProven
	}
	return r
}
