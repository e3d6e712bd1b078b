package prove_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// choose returns a number below n.
type choose func(n int) int

func pick[T any](c choose, of []T) T { return of[c(len(of))] }

var (
	somePaths = []route.StringMatch{
		{},
		{Kind: route.Exact, Value: "/"},
		{Kind: route.Exact, Value: "/a"},
		{Kind: route.Exact, Value: "/a/"},
		{Kind: route.Exact, Value: "/a/b"},
		{Kind: route.Prefix, Value: "/"},
		{Kind: route.Prefix, Value: "/a"},
		{Kind: route.Prefix, Value: "/a/"},
		{Kind: route.Prefix, Value: "/ab"},
		{Kind: route.Element, Value: "/"},
		{Kind: route.Element, Value: "/a"},
		{Kind: route.Element, Value: "/a/b"},
		{Kind: route.Regex, Value: "/a.*"},
		{Kind: route.Regex, Value: "/(a|b)"},
		{Kind: route.Regex, Value: "/a/[^/]+"},
		{Kind: route.Prefix, Value: "/a", IgnoreCase: true},
		{Kind: route.Exact, Value: "/a", IgnoreCase: true},
	}
	someMethods = []route.StringMatch{
		{},
		{},
		{},
		{},
		{Kind: route.Exact, Value: "GET"},
		{Kind: route.Exact, Value: "POST"},
		{Kind: route.Prefix, Value: "P"},
		{Kind: route.Regex, Value: "GET|PUT"},
	}
	someValues = []route.StringMatch{
		{Kind: route.Exact, Value: "1"},
		{Kind: route.Exact, Value: "2"},
		{Kind: route.Prefix, Value: "1"},
		{Kind: route.Regex, Value: "[12]"},
		{Kind: route.Regex, Value: ".*"},
		{Kind: route.Present},
		{Kind: route.Exact, Value: ""},
	}
	requestPaths   = []string{"/", "/a", "/A", "/a/", "/a/b", "/a/b/c", "/ab", "/b", "/x", "/A/b", "/a//b", "/a/x"}
	requestMethods = []string{"GET", "POST", "PUT", "DELETE"}
	requestValues  = []string{absent, "", "1", "2", "12", "3"}
)

const absent = "\x00"

// randomList makes a list of up to 8 rules, and maybe a partial order of them.
func randomList(c choose, rewrites bool) *route.List {
	l := &route.List{Host: "shop.example.com"}
	actions := make([]*route.Action, 3)
	for i := range actions {
		actions[i] = randomAction(c, rewrites)
	}
	for range c(8) + 1 {
		l.Rules = append(l.Rules, &route.Rule{Name: fmt.Sprint(len(l.Rules)), Match: randomMatch(c), Action: pick(c, actions)})
	}
	if c(3) == 0 {
		sure := make([]bool, 64)
		for i := range sure {
			sure[i] = c(3) > 0
		}
		l.Sure = func(i, j int) bool { return sure[i*8+j] }
	}
	return l
}

func randomAction(c choose, rewrites bool) *route.Action {
	if c(8) == 0 {
		return &route.Action{Direct: &route.Direct{Status: pick(c, []uint32{404, 403})}}
	}
	name := pick(c, []string{"x", "y"})
	a := &route.Action{Backends: []route.Backend{{Service: route.Name{Namespace: "shop", Name: name}, Port: 80, Weight: 1}}}
	if rewrites && c(2) == 0 {
		a.Rewrite = &route.Rewrite{
			Path: pick(c, []string{"/", "/a", "/v/", "/v"}), Change: pick(c, []route.PathChange{route.ByMatch, route.ByElements, route.WholePath}),
		}
	}
	return a
}

func randomMatch(c choose) route.Match {
	m := route.Match{Path: pick(c, somePaths), Method: pick(c, someMethods)}
	for _, name := range []string{"h", "k"} {
		k := route.KeyMatch{Name: name}
		switch c(5) {
		case 0:
			k.StringMatch = pick(c, someValues)
			m.Headers = append(m.Headers, k)
		case 1:
			k.StringMatch = pick(c, someValues)
			m.Without = append(m.Without, k)
		}
	}
	if c(5) == 0 {
		m.Query = []route.KeyMatch{{Name: "q", StringMatch: pick(c, someValues)}}
	}
	return m
}

// alphabet is what each part of a request can be: path, method, headers h and k,
// query parameter q. What no rule asks for is left out.
func alphabet(lists ...*route.List) [5][]string {
	asked := map[string]bool{}
	for _, l := range lists {
		for _, r := range l.Rules {
			for _, k := range slices.Concat(r.Match.Headers, r.Match.Without, r.Match.Query) {
				asked[k.Name] = true
			}
			asked["method"] = asked["method"] || r.Match.Method.Kind != route.Any
		}
	}
	all := [5][]string{requestPaths, {""}, {absent}, {absent}, {absent}}
	for i, name := range []string{"", "method", "h", "k", "q"} {
		if asked[name] {
			all[i] = requestValues
		}
	}
	if asked["method"] {
		all[1] = requestMethods
	}
	return all
}

func request(parts [5]string) *route.Request {
	r := &route.Request{Path: parts[0], Method: parts[1], Headers: map[string]string{}, Query: map[string]string{}}
	for i, name := range []string{"h", "k"} {
		if v := parts[2+i]; v != absent {
			r.Headers[name] = v
		}
	}
	if parts[4] != absent {
		r.Query["q"] = parts[4]
	}
	return r
}

// table says for each rule, part of a request and value whether the conditions
// of the rule on that part hold.
type table [][5][]bool

func tabulate(x *route.Expressions, l *route.List, values [5][]string) table {
	named := func(all []route.KeyMatch, name string) []route.KeyMatch {
		return slices.DeleteFunc(slices.Clone(all), func(k route.KeyMatch) bool { return k.Name != name })
	}
	t := make(table, len(l.Rules))
	for n, r := range l.Rules {
		m := r.Match
		split := [5]route.Match{
			{Path: m.Path},
			{Method: m.Method},
			{Headers: named(m.Headers, "h"), Without: named(m.Without, "h")},
			{Headers: named(m.Headers, "k"), Without: named(m.Without, "k")},
			{Query: m.Query},
		}
		for i := range split {
			for _, v := range values[i] {
				parts := [5]string{"", "", absent, absent, absent}
				parts[i] = v
				t[n][i] = append(t[n][i], x.Holds(&split[i], request(parts)))
			}
		}
	}
	return t
}

// each goes through all requests, by the indexes of their values.
func each(values [5][]string, visit func(at [5]int) bool) {
	var at [5]int
	for {
		if !visit(at) {
			return
		}
		i := 0
		for ; i < 5; i++ {
			if at[i]++; at[i] < len(values[i]) {
				break
			}
			at[i] = 0
		}
		if i == 5 {
			return
		}
	}
}

// mayDecide are the rules that may decide a request for which these rules hold;
// nil stands for none.
func mayDecide(l *route.List, hold []int) []*route.Rule {
	if len(hold) == 0 {
		return []*route.Rule{nil}
	}
	var all []*route.Rule
	for _, j := range hold {
		beaten := slices.ContainsFunc(hold, func(i int) bool { return i < j && (l.Sure == nil || l.Sure(i, j)) })
		if !beaten {
			all = append(all, l.Rules[j])
		}
	}
	return all
}

func deciders(x *route.Expressions, l *route.List, r *route.Request) []*route.Rule {
	var hold []int
	for i, rule := range l.Rules {
		if x.Holds(&rule.Match, r) {
			hold = append(hold, i)
		}
	}
	return mayDecide(l, hold)
}

func (t table) deciders(l *route.List, at [5]int) []*route.Rule {
	var few [8]int
	hold := few[:0]
	for n := range t {
		if t[n][0][at[0]] && t[n][1][at[1]] && t[n][2][at[2]] && t[n][3][at[3]] && t[n][4][at[4]] {
			hold = append(hold, n)
		}
	}
	return mayDecide(l, hold)
}

// act spells what a rule does with a request: outcome, backend or status, path.
func act(r *route.Rule, path string) [3]string {
	switch {
	case r == nil:
		return [3]string{"refuses", "404"}
	case r.Action.Direct != nil:
		return [3]string{"refuses", fmt.Sprint(r.Action.Direct.Status)}
	}
	if w := r.Action.Rewrite; w != nil {
		path = rewritten(r.Match.Path, w, path)
	}
	return [3]string{"forwards", r.Action.Backends[0].Service.Name, path}
}

// rewritten is written from the documents, not from the prover.
func rewritten(m route.StringMatch, w *route.Rewrite, path string) string {
	switch {
	case w.Change == route.WholePath, m.Kind == route.Exact, m.Kind == route.Regex:
		return w.Path
	case m.Kind == route.Any:
		m.Value = "/"
	}
	if w.Change == route.ByMatch {
		return w.Path + path[len(m.Value):]
	}
	rest := path[len(strings.TrimRight(m.Value, "/")):]
	if rest == "" && w.Path == "/" {
		return "/"
	}
	return strings.TrimRight(w.Path, "/") + rest
}

func aspects(b, a *route.Rule, path string) []finding.Aspect {
	was, is := act(b, path), act(a, path)
	switch {
	case was == is:
		return nil
	case was[0] != is[0]:
		return []finding.Aspect{finding.Outcome}
	case was[0] == "refuses":
		return []finding.Aspect{finding.DirectResponse}
	}
	var all []finding.Aspect
	if was[1] != is[1] {
		all = append(all, finding.Destinations)
	}
	if was[2] != is[2] {
		all = append(all, finding.PathRewrite)
	}
	return all
}

type rules struct{ before, after *route.Rule }

// check compares the prover with going through all requests.
func check(t *testing.T, before, after *route.List) prove.Verdict {
	t.Helper()
	var x route.Expressions
	got := prove.Lists(before, after, prove.Options{Expressions: &x})
	found := map[rules]prove.Difference{}
	for _, d := range got.Differences {
		key := rules{d.Before, d.After}
		if _, twice := found[key]; twice {
			t.Errorf("%v twice", names(key))
		}
		found[key] = d
		checkWitness(t, &x, before, after, d)
	}
	values := alphabet(before, after)
	was, is := tabulate(&x, before, values), tabulate(&x, after, values)
	each(values, func(at [5]int) bool {
		for _, b := range was.deciders(before, at) {
			for _, a := range is.deciders(after, at) {
				d, ok := found[rules{b, a}]
				for _, aspect := range aspects(b, a, values[0][at[0]]) {
					if got.Reason == "" && (!ok || !slices.Contains(d.Aspects, aspect)) {
						t.Errorf("request %v is decided by %v, which differ in %s; the prover knows %v", at, names(rules{b, a}), aspect, d.Aspects)
					}
				}
			}
		}
		return !t.Failed()
	})
	if t.Failed() {
		t.Logf("before:\n%s\nafter:\n%s", listing(before), listing(after))
	}
	if (got.Verdict == prove.Differs) != (len(got.Differences) > 0) || (got.Verdict == prove.Equal) == (len(got.Differences) > 0 || got.Reason != "") {
		t.Errorf("verdict %v with %d differences, reason %q", got.Verdict, len(got.Differences), got.Reason)
	}
	return got.Verdict
}

func checkWitness(t *testing.T, x *route.Expressions, before, after *route.List, d prove.Difference) {
	t.Helper()
	b, a := deciders(x, before, &d.Witness), deciders(x, after, &d.Witness)
	pair := names(rules{d.Before, d.After})
	if !slices.Contains(b, d.Before) || !slices.Contains(a, d.After) {
		t.Errorf("%+v is no witness of %v: %d and %d other rules decide it", d.Witness, pair, len(b), len(a))
	}
	if !d.Possible && len(b)+len(a) > 2 {
		t.Errorf("%+v may be decided by others than %v", d.Witness, pair)
	}
	if len(aspects(d.Before, d.After, d.Witness.Path)) == 0 {
		t.Errorf("%v act the same on %+v", pair, d.Witness)
	}
	if opens := act(d.Before, d.Witness.Path)[0] == "refuses" && act(d.After, d.Witness.Path)[0] != "refuses"; d.Opens != opens {
		t.Errorf("%v: opens is %v", pair, d.Opens)
	}
}

func names(p rules) string {
	name := func(r *route.Rule) string {
		if r == nil {
			return "none"
		}
		return r.Name
	}
	return name(p.before) + "/" + name(p.after)
}

func listing(l *route.List) string {
	var b strings.Builder
	for i, r := range l.Rules {
		fmt.Fprintf(&b, "%d: %+v -> %+v", i, r.Match, *r.Action)
		for j := range i {
			if l.Sure != nil && !l.Sure(j, i) {
				fmt.Fprintf(&b, " (not surely after %d)", j)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestListsByBruteForce(t *testing.T) {
	count := 1500
	if testing.Short() {
		count = 300
	}
	verdicts := map[prove.Verdict]int{}
	for seed := range count {
		random := rand.New(rand.NewPCG(uint64(seed), 7))
		before := randomList(random.IntN, seed%2 == 0)
		after := randomList(random.IntN, seed%2 == 0)
		if seed%3 == 0 {
			after = near(random.IntN, before)
		}
		verdicts[check(t, before, after)]++
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Log(verdicts)
	if verdicts[prove.Equal] < count/20 || verdicts[prove.NotProven] > count/10 {
		t.Errorf("verdicts %v: too few are equal, or too many not proven", verdicts)
	}
}

// near is a list that does the same as l, or nearly so.
func near(c choose, l *route.List) *route.List {
	out := &route.List{Host: l.Host, Rules: slices.Clone(l.Rules), Sure: l.Sure}
	switch c(4) {
	case 0:
		i := c(len(out.Rules))
		out.Rules = slices.Delete(out.Rules, i, i+1)
		out.Sure = nil
	case 1:
		i := c(len(out.Rules))
		out.Rules[0], out.Rules[i] = out.Rules[i], out.Rules[0]
	case 2:
		copied := *out.Rules[0]
		copied.Action = out.Rules[c(len(out.Rules))].Action
		out.Rules[0] = &copied
	}
	return out
}

func FuzzProve(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
	f.Add([]byte{0, 0, 0, 0, 250, 3, 17, 99, 4, 31, 77, 2, 6, 5, 1, 12, 40, 41, 42, 43, 9, 8, 7})
	f.Fuzz(func(t *testing.T, data []byte) {
		next := func(n int) int {
			if len(data) == 0 {
				return 0
			}
			b := int(data[0])
			data = data[1:]
			return b % n
		}
		check(t, randomList(next, true), randomList(next, true))
	})
}
