package prove_test

import (
	"slices"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

func on(kind route.StringKind, path string, a *route.Action) *route.Rule {
	return &route.Rule{Match: route.Match{Path: route.StringMatch{Kind: kind, Value: path}}, Action: a}
}

func rewrite(change route.PathChange, path string) *route.Action {
	return with(func(a *route.Action) { a.Rewrite = &route.Rewrite{Change: change, Path: path} })
}

func TestRewritesCompare(t *testing.T) {
	regex := func(pattern, with string) *route.Action {
		a := to("a")
		a.Rewrite = &route.Rewrite{Regex: pattern, Subst: with}
		return a
	}
	tests := []struct {
		name          string
		before, after *route.Rule
		witness       string // where the paths differ; "" for nowhere
		was, is       string
		verdict       prove.Verdict
	}{
		{name: "prefix with a slash", before: on(route.Prefix, "/foo/", rewrite(route.ByMatch, "/")), after: on(route.Prefix, "/foo/", rewrite(route.ByElements, "/"))},
		{
			name: "string by string and element by element", before: on(route.Element, "/foo", rewrite(route.ByMatch, "/")), after: on(route.Element, "/foo", rewrite(route.ByElements, "/")),
			witness: "/foo/", was: "forwards to a.shop:80, path //", is: "forwards to a.shop:80, path /", verdict: prove.Differs,
		},
		{name: "value of one element", before: on(route.Element, "/foo", rewrite(route.ByMatch, "/bar")), after: on(route.Element, "/foo", rewrite(route.ByElements, "/bar"))},
		{
			name: "value with a slash", before: on(route.Element, "/foo", rewrite(route.ByMatch, "/bar/")), after: on(route.Element, "/foo", rewrite(route.ByElements, "/bar/")),
			witness: "/foo", was: "forwards to a.shop:80, path /bar/", is: "forwards to a.shop:80, path /bar", verdict: prove.Differs,
		},
		{
			name: "no condition is the prefix /", before: on(route.Any, "", rewrite(route.ByMatch, "/v")), after: on(route.Element, "/", rewrite(route.ByElements, "/v")),
			witness: "/", was: "forwards to a.shop:80, path /v", is: "forwards to a.shop:80, path /v/", verdict: prove.Differs,
		},
		{name: "a prefix for itself", before: on(route.Prefix, "/foo/", rewrite(route.ByMatch, "/foo/")), after: on(route.Prefix, "/foo/", to("a"))},
		{name: "exact paths as a whole", before: on(route.Exact, "/foo", rewrite(route.ByMatch, "/bar")), after: on(route.Exact, "/foo", rewrite(route.WholePath, "/bar"))},
		{
			name: "an exact path by prefix", before: on(route.Exact, "/foo", rewrite(route.ByMatch, "/bar")), after: on(route.Element, "/foo", rewrite(route.ByElements, "/bar")), verdict: prove.Differs,
			witness: "/foo/", was: "answers 404, since no rule holds", is: "forwards to a.shop:80",
		},
		{name: "expressions as a whole", before: on(route.Regex, "/foo.*", rewrite(route.ByMatch, "/bar")), after: on(route.Regex, "/foo.*", rewrite(route.WholePath, "/bar"))},
		{name: "the same expression", before: on(route.Prefix, "/", regex("^/a/(.*)$", `/\1`)), after: on(route.Prefix, "/", regex("^/a/(.*)$", `/\1`))},
		{name: "expressions that may be the same", before: on(route.Prefix, "/", regex("^/a/(.*)$", `/\1`)), after: on(route.Prefix, "/", regex("^/a/(.+)$", `/\1`)), verdict: prove.NotProven},
		{name: "an expression that can't be read", before: on(route.Exact, "/a/b", regex("^/a(", "")), after: on(route.Exact, "/a/b", to("a")), verdict: prove.Differs},
		{name: "an expression on one path", before: on(route.Exact, "/a/b", regex("^/a/(.*)$", `/\1`)), after: on(route.Exact, "/a/b", rewrite(route.WholePath, "/b"))},
		{
			name: "an expression and another", before: on(route.Exact, "/a/b", regex("^/a/(.*)$", `/x/\1`)), after: on(route.Exact, "/a/b", rewrite(route.WholePath, "/b")),
			witness: "/a/b", was: "forwards to a.shop:80, path /x/b", is: "forwards to a.shop:80, path /b", verdict: prove.Differs,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := prove.Lists(&route.List{Rules: []*route.Rule{test.before}}, &route.List{Rules: []*route.Rule{test.after}}, prove.Options{})
			if got.Verdict != test.verdict {
				t.Fatalf("%v, want %v: %+v %s", got.Verdict, test.verdict, got.Differences, got.Reason)
			}
			if test.witness == "" {
				return
			}
			d := got.Differences[0]
			if d.Witness.Path != test.witness || d.BeforeDoes != test.was || d.AfterDoes != test.is {
				t.Errorf("%s: %s; %s", d.Witness.Path, d.BeforeDoes, d.AfterDoes)
			}
		})
	}
}

func TestRedirectsCompare(t *testing.T) {
	type r = route.Redirect
	http := &route.Door{Protocol: route.HTTP, Entry: route.Entry{Port: 80}}
	unusual := &route.Door{Protocol: route.HTTP, Entry: route.Entry{Port: 8080}}
	https := &route.Door{Protocol: route.HTTP, Secure: true, Entry: route.Entry{Port: 443}}
	listener := route.ListenerPort
	tests := []struct {
		name          string
		door          *route.Door
		before, after r
		differs       bool
	}{
		{name: "status", door: http, before: r{Code: 301, Authority: "a.com"}, after: r{Code: 302, Authority: "a.com"}, differs: true},
		{name: "host", door: http, before: r{Authority: "a.com"}, after: r{Authority: "b.com"}, differs: true},
		{name: "host's case", door: http, before: r{Authority: "A.com"}, after: r{Authority: "a.com", PortSource: listener}},
		{name: "port of the host header", door: unusual, before: r{Scheme: "https"}, after: r{Scheme: "https", Port: 443}, differs: true},
		{name: "default port of the host header", door: http, before: r{Scheme: "https"}, after: r{Scheme: "https", Port: 443}},
		{name: "no port beside a host", door: https, before: r{Authority: "a.com"}, after: r{Authority: "a.com", PortSource: listener}},
		{name: "no port beside a host, at an unusual door", door: unusual, before: r{Authority: "a.com"}, after: r{Authority: "a.com", PortSource: listener}, differs: true},
		{name: "default port", door: unusual, before: r{Authority: "a.com"}, after: r{Authority: "a.com", Port: 80, PortSource: listener}},
		{name: "port in the authority", door: http, before: r{Authority: "a.com:8443"}, after: r{Authority: "a.com", Port: 8443}},
		{name: "listener's port", door: unusual, before: r{PortSource: listener}, after: r{PortSource: listener, Port: 8080}},
		{name: "listener's default port of another scheme", door: http, before: r{PortSource: listener, Scheme: "https"}, after: r{Scheme: "https", Port: 443}, differs: true},
		{name: "whole path", door: http, before: r{PortSource: listener, Path: "/x"}, after: r{PortSource: listener, Path: "/x"}},
		{name: "whole path or none", door: http, before: r{PortSource: listener, Path: "/x"}, after: r{PortSource: listener}, differs: true},
		{name: "prefix", door: http, before: r{PortSource: listener, Prefix: "/x/"}, after: r{PortSource: listener, Prefix: "/x", Change: route.ByElements}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rule := func(x r) *route.List {
				return &route.List{Rules: []*route.Rule{on(route.Prefix, "/foo/", &route.Action{Redirect: &x})}}
			}
			side := prove.Side{Door: test.door}
			got := prove.Lists(rule(test.before), rule(test.after), prove.Options{Before: side, After: side})
			if (got.Verdict == prove.Differs) != test.differs || got.Verdict == prove.NotProven {
				t.Errorf("%v: %+v %s", got.Verdict, got.Differences, got.Reason)
			}
			for _, d := range got.Differences {
				if !slices.Equal(d.Aspects, []finding.Aspect{finding.Redirect}) {
					t.Errorf("aspects %q", d.Aspects)
				}
				if d.BeforeDoes == d.AfterDoes {
					t.Errorf("%s does not show the difference: %s", d.Witness.Authority, d.BeforeDoes)
				}
			}
		})
	}
}
