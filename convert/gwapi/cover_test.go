package gwapi

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// request is a request with at most one value for each name.
type request struct {
	path, method   string
	headers, query map[string]string
}

func (r request) meets(m *route.Match) bool {
	keys := func(list []route.KeyMatch, values map[string]string) bool {
		return !slices.ContainsFunc(list, func(k route.KeyMatch) bool {
			v, present := values[strings.ToLower(k.Name)]
			return !valueMeets(k.StringMatch, v, present)
		})
	}
	return valueMeets(m.Path, r.path, true) && valueMeets(m.Method, r.method, true) && keys(m.Headers, r.headers) && keys(m.Query, r.query) &&
		!slices.ContainsFunc(m.Without, func(k route.KeyMatch) bool {
			v, present := r.headers[strings.ToLower(k.Name)]
			return valueMeets(k.StringMatch, v, present || k.Kind != route.Present) // what is absent is compared as empty
		})
}

func valueMeets(s route.StringMatch, v string, present bool) bool {
	if s.Kind == route.Any {
		return true
	}
	want := s.Value
	if s.IgnoreCase {
		want, v = strings.ToLower(want), strings.ToLower(v)
	}
	switch s.Kind {
	case route.Exact:
		return present && v == want
	case route.Prefix:
		return present && strings.HasPrefix(v, want)
	case route.Element:
		return below(v, strings.TrimSuffix(want, "/"))
	case route.Regex:
		re, err := fullMatch(want)
		return err == nil && present && re.MatchString(v)
	}
	return present
}

func randomMatch(r *rand.Rand) *route.Match {
	values := []string{"1", "12", "2", ".*", "1|2", "1.*"}
	paths := []string{"/", "/a", "/a/", "/A", "/ab", "/a/b", "/.*", "/a.*", ".*", "/a/b/"}
	str := func(values []string, kinds ...route.StringKind) route.StringMatch {
		return route.StringMatch{Kind: kinds[r.IntN(len(kinds))], Value: values[r.IntN(len(values))]}
	}
	keys := func() []route.KeyMatch {
		var all []route.KeyMatch
		for _, name := range []string{"x", "Y"} {
			if r.IntN(3) == 0 {
				all = append(all, route.KeyMatch{Name: name, StringMatch: str(values, route.Exact, route.Prefix, route.Regex, route.Present)})
			}
		}
		return all
	}
	m := &route.Match{
		Path:    str(paths, route.Any, route.Exact, route.Prefix, route.Element, route.Regex),
		Headers: keys(), Query: keys(),
	}
	if m.Path.Kind == route.Exact || m.Path.Kind == route.Prefix {
		m.Path.IgnoreCase = r.IntN(4) == 0
	}
	if r.IntN(3) == 0 {
		m.Method = str([]string{"GET", "G", "GET|PUT", "PUT"}, route.Exact, route.Prefix, route.Regex)
	}
	if r.IntN(3) == 0 {
		m.Without = keys()
	}
	return m
}

func randomRequest(r *rand.Rand) request {
	values := func() map[string]string {
		all := map[string]string{}
		for _, name := range []string{"x", "y"} {
			if r.IntN(3) > 0 {
				all[name] = []string{"1", "12", "2", "3", ""}[r.IntN(5)]
			}
		}
		return all
	}
	query := values()
	if v, ok := query["y"]; ok { // the names of query parameters have case; "Y" is never sent
		query["z"] = v
		delete(query, "y")
	}
	return request{
		path:    []string{"/", "/a", "/A", "/a/", "/ab", "/AB", "/a/b", "/a/b/", "/a/bc", "/c"}[r.IntN(10)],
		method:  []string{"GET", "PUT", "G"}[r.IntN(3)],
		headers: values(), query: query,
	}
}

// covers and disjoint never say more than is true.
func TestCoversIsSound(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var covered, apart int
	for range 20000 {
		a, b := randomMatch(r), randomMatch(r)
		c, d := covers(a, b), disjoint(a, b)
		if c {
			covered++
		}
		if d {
			apart++
		}
		for range 30 {
			switch q := randomRequest(r); {
			case c && q.meets(b) && !q.meets(a):
				t.Fatalf("%+v does not cover %+v: %+v", a, b, q)
			case d && q.meets(a) && q.meets(b):
				t.Fatalf("%+v and %+v share %+v", a, b, q)
			}
		}
	}
	if covered < 200 || apart < 2000 {
		t.Errorf("only %d pairs covered and %d apart: the test looks at nothing", covered, apart)
	}
}

// What is written for a rule takes no request that the rule does not take,
// apart from those that a finding names.
func TestMatchesNeverWiden(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	written := 0
	for range 5000 {
		m := randomMatch(r)
		p := &pass{common: &shared{expressions: newExpressions()}}
		p.opts.Bundle.Version, p.opts.Bundle.Channel = "1.7", "standard"
		table := &route.Table{Rules: []route.Rule{{Match: *m, Action: &route.Action{}}}}
		draft := p.newDraft(table, true)
		lines, list := draft.lines, draft.finish()
		p.settle(table, list, lines[0])
		if !lines[0].written() {
			if len(p.findings) == 0 {
				t.Fatalf("%+v is left out in silence", m)
			}
			continue
		}
		written++
		for range 30 {
			q := randomRequest(r)
			after := slices.ContainsFunc(list, func(w *piece) bool { return w.line == lines[0] && q.meetsOutput(w.said) }) &&
				!slices.ContainsFunc(list, func(w *piece) bool { return w.Action == unanswered && q.meetsOutput(w.said) })
			today := q.meets(m)
			bare := m.Path.Kind == route.Prefix && q.path+"/" == m.Path.Value // PrefixSlash
			if after && !today && !bare {
				t.Fatalf("%+v is widened: %+v", m, q)
			}
			if today && !after && len(p.findings) == 0 {
				t.Fatalf("%+v is narrowed in silence: %+v", m, q)
			}
		}
	}
	if written < 1000 {
		t.Errorf("only %d rules are written: the test looks at nothing", written)
	}
}

// meetsOutput reads a match of an HTTPRoute as Istio reads expressions.
func (r request) meetsOutput(m gatewayv1.HTTPRouteMatch) bool {
	kind := map[gatewayv1.PathMatchType]route.StringKind{
		gatewayv1.PathMatchExact: route.Exact, gatewayv1.PathMatchPathPrefix: route.Element, gatewayv1.PathMatchRegularExpression: route.Regex,
	}[*m.Path.Type]
	in := route.Match{Path: route.StringMatch{Kind: kind, Value: *m.Path.Value}}
	if m.Method != nil {
		in.Method = route.StringMatch{Kind: route.Exact, Value: string(*m.Method)}
	}
	for _, h := range m.Headers {
		in.Headers = append(in.Headers, outputKey(string(h.Name), string(*h.Type), h.Value))
	}
	for _, q := range m.QueryParams {
		in.Query = append(in.Query, outputKey(string(q.Name), string(*q.Type), q.Value))
	}
	return r.meets(&in)
}

func outputKey(name, kind, value string) route.KeyMatch {
	k := route.KeyMatch{Name: name, StringMatch: route.StringMatch{Kind: route.Regex, Value: value}}
	if kind == exactValue {
		k.Kind = route.Exact
	}
	return k
}
