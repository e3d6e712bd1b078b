package report

import (
	"slices"
	"testing"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

func TestMatchText(t *testing.T) {
	is := func(k route.StringKind, v string) route.StringMatch { return route.StringMatch{Kind: k, Value: v} }
	key := func(name string, m route.StringMatch) []route.KeyMatch {
		return []route.KeyMatch{{Name: name, StringMatch: m}}
	}
	folded := is(route.Prefix, "/a")
	folded.IgnoreCase = true
	tests := []struct {
		match route.Match
		want  string
	}{
		{route.Match{}, "any request"},
		{route.Match{Path: is(route.Prefix, "/")}, "any request"},
		{route.Match{Path: is(route.Element, "/")}, "any request"},
		{route.Match{Path: is(route.Exact, "/a")}, "/a"},
		{route.Match{Path: is(route.Prefix, "/a")}, "/a*"},
		{route.Match{Path: folded}, "/a* in any case"},
		{route.Match{Path: is(route.Element, "/a/")}, "/a and below"},
		{route.Match{Path: is(route.Regex, "/v[0-9]+")}, "path matching /v[0-9]+"},
		{route.Match{Method: is(route.Exact, "GET"), Path: is(route.Prefix, "/api"), Headers: key("x-user", is(route.Exact, "jason"))}, "GET /api*, header x-user: jason"},
		{route.Match{Method: is(route.Exact, "GET")}, "GET"},
		{route.Match{Method: is(route.Regex, "GET|PUT"), Path: is(route.Exact, "/a")}, "method matching GET|PUT, /a"},
		{route.Match{Method: is(route.Prefix, "P")}, "method P*"},
		{route.Match{Headers: key("x", is(route.Present, ""))}, "header x"},
		{route.Match{Headers: key("x", is(route.Prefix, "a"))}, "header x: a*"},
		{route.Match{Headers: key("x", is(route.Regex, "a.*"))}, "header x matching a.*"},
		{route.Match{Without: key("x", is(route.Present, ""))}, "without header x"},
		{route.Match{Without: key("x", is(route.Exact, "a"))}, "without header x: a"},
		{route.Match{Query: key("q", is(route.Exact, "1"))}, "query parameter q: 1"},
		{route.Match{Scheme: is(route.Exact, "https"), Authority: is(route.Prefix, "a.")}, "scheme https, host a.*"},
		{route.Match{SourceLabels: map[string]string{"b": "2", "a": "1"}, SourceNamespace: "shop"}, "from workloads labelled a=1,b=2 from namespace shop"},
		{route.Match{SourceNamespace: "shop"}, "from namespace shop"},
		{route.Match{Subnets: []string{"10.0.0.0/8", "::1"}}, "to 10.0.0.0/8, ::1"},
	}
	for _, test := range tests {
		if got := matchText(&test.match, route.HTTP); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	if got := matchText(&route.Match{}, route.TLS); got != "any connection" {
		t.Error(got)
	}
}

func TestDetails(t *testing.T) {
	set := func(name, value string) route.HeaderOps {
		return route.HeaderOps{Set: []route.Header{{Name: name, Value: value}}}
	}
	yes := true
	service := route.Name{Namespace: "shop", Name: "a"}
	tests := []struct {
		name   string
		action *route.Action
		want   []string
	}{
		{"none", nil, nil},
		{"nothing", &route.Action{}, nil},
		{"rewrite", &route.Action{Rewrite: &route.Rewrite{Path: "/b", Authority: "b.com"}}, []string{"rewrites the matched path to /b", "rewrites Host to b.com"}},
		{"whole path", &route.Action{Rewrite: &route.Rewrite{Path: "/b", Change: route.WholePath}}, []string{"rewrites the path to /b"}},
		{"expression", &route.Action{Rewrite: &route.Rewrite{Regex: "a(.)", Subst: `\1`}}, []string{`rewrites what matches a(.) in the path to \1`}},
		{
			"headers", &route.Action{Headers: route.NewHeaders(set("x", "1"), route.HeaderOps{Add: []route.Header{{Name: "y", Value: "2"}}, Remove: []string{"z"}})},
			[]string{"sets request header x: 1", "adds response header y: 2", "removes response header z"},
		},
		{"headers of one of two", &route.Action{Backends: []route.Backend{{Service: service, Headers: route.NewHeaders(set("x", "1"), route.HeaderOps{})}, {}}}, []string{"to a: sets request header x: 1"}},
		{"timeout", &route.Action{Timeout: &route.Timeout{Request: 3 * time.Second}}, []string{"timeout 3s"}},
		{"no timeout", &route.Action{Timeout: &route.Timeout{}}, nil},
		{"retries", &route.Action{Retry: &route.Retry{Attempts: 2, On: []string{"5xx"}, Codes: []uint32{409}, PerTry: time.Second, Backoff: time.Millisecond}}, []string{"2 retries on 5xx, 409, 1s each, 1ms apart"}},
		{"a retry", &route.Action{Retry: &route.Retry{Attempts: 1}}, []string{"1 retry"}},
		{"no retries", &route.Action{Retry: &route.Retry{}}, []string{"no retries"}},
		{"mirror", &route.Action{Mirrors: []route.Mirror{{Percent: 2.5, Backend: route.Backend{Service: service, Port: 80}}}}, []string{"copies 2.5 % of the requests to a.shop:80"}},
		{
			"cross-origin", &route.Action{CORS: &route.CORS{Origins: []route.StringMatch{{Kind: route.Exact, Value: "*"}, {Kind: route.Regex, Value: "https://.*"}}, Methods: []string{"GET", "PUT"}, Credentials: &yes}},
			[]string{"allows cross-origin requests from *, matching https://.*, methods GET PUT, with credentials"},
		},
		{"fault", &route.Action{Fault: &route.Fault{DelayPercent: 10, Delay: time.Second, AbortPercent: 5, Abort: "503"}}, []string{"delays 10 % of the requests by 1s", "aborts 5 % of the requests with 503"}},
		{"body", &route.Action{Direct: &route.Direct{Status: 200, Body: "a\nb"}}, []string{`body "a\nb"`}},
	}
	for _, test := range tests {
		if got := details(test.action); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
