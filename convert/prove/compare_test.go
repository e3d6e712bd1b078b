package prove_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// door reads "gw:80", "gw:443s" for one that ends TLS, "svc@:80" for a Service,
// and "gw" for all ports; hosts are "host=service", with - for 404 for all.
func door(t *testing.T, at string, hosts ...string) *route.Door {
	t.Helper()
	name, port, _ := strings.Cut(at, ":")
	d := &route.Door{Protocol: route.HTTP}
	port, d.Secure = strings.CutSuffix(port, "s")
	name, d.Entry.Mesh = strings.CutSuffix(name, "@")
	d.Entry.Parent = route.Name{Namespace: "shop", Name: name}
	if _, err := fmt.Sscan(port+" 0", &d.Entry.Port); err != nil && port != "" {
		t.Fatal(err)
	}
	for _, h := range hosts {
		host, service, _ := strings.Cut(h, "=")
		l := &route.List{Host: host}
		if service != "-" {
			l.Rules = []*route.Rule{{Name: service, Action: to(service)}}
		}
		d.Lists = append(d.Lists, l)
	}
	return d
}

func routing(doors ...*route.Door) *route.Routing { return &route.Routing{Doors: doors} }

// line is what is tested of a result: host, sample, verdict, what both do.
func line(r prove.Result) string {
	of := func(d *route.Door) string {
		if d == nil {
			return "none"
		}
		return fmt.Sprintf("%s:%d", d.Entry.Parent.Name, d.Entry.Port)
	}
	s := fmt.Sprintf("%s/%s %q %s", of(r.Before), of(r.After), r.Host, r.Verdict)
	for _, d := range r.Differences {
		s += fmt.Sprintf(", %s %s: %s; %s", d.Witness.Authority, d.Aspects, d.BeforeDoes, d.AfterDoes)
	}
	if r.Paired != "" {
		s += " (" + r.Paired + ")"
	}
	return s
}

func TestCompare(t *testing.T) {
	d := func(at string, hosts ...string) *route.Door { return door(t, at, hosts...) }
	tests := []struct {
		name          string
		before, after *route.Routing
		want          []string
	}{
		{
			"hosts in another order", routing(d("gw:80", "a.com=a", "b.com=b")), routing(d("gw:80", "b.com=b", "a.com=a")),
			[]string{`gw:80/gw:80 "a.com" equal`, `gw:80/gw:80 "b.com" equal`},
		},
		{
			"the most precise list alone", routing(d("gw:80", "*.a.com=a", "x.a.com=x")), routing(d("gw:80", "*.a.com=a")),
			[]string{`gw:80/gw:80 "*.a.com" equal`, `gw:80/gw:80 "x.a.com" differs, x.a.com [destinations]: forwards to x.shop:80; forwards to a.shop:80`},
		},
		{
			"a wildcard takes several labels", routing(d("gw:80", "*.a.com=a", "*.b.a.com=b")), routing(d("gw:80", "*.a.com=a")),
			[]string{`gw:80/gw:80 "*.a.com" equal`, `gw:80/gw:80 "*.b.a.com" differs, x.b.a.com [destinations]: forwards to b.shop:80; forwards to a.shop:80`},
		},
		{
			"a wildcard is not its own suffix", routing(d("gw:80", "a.com=a")), routing(d("gw:80", "*.a.com=a")),
			[]string{
				`gw:80/gw:80 "*.a.com" differs, x.a.com [host served]: answers 404, since no rule holds; forwards to a.shop:80`,
				`gw:80/gw:80 "a.com" differs, a.com [host served]: forwards to a.shop:80; answers 404, since no rule holds`,
			},
		},
		{
			"any other host", routing(d("gw:80", "=a", "a.com=a")), routing(d("gw:80", "=b", "example.com=a")),
			[]string{
				`gw:80/gw:80 "" differs, x.example.com [destinations]: forwards to a.shop:80; forwards to b.shop:80`,
				`gw:80/gw:80 "a.com" differs, a.com [destinations]: forwards to a.shop:80; forwards to b.shop:80`, `gw:80/gw:80 "example.com" equal`,
			},
		},
		{"a host that answers 404", routing(d("gw:80", "a.com=-")), routing(), []string{`gw:80/none "a.com" equal`}},
		{
			"a door of one side", routing(d("gw:80", "a.com=a"), d("gw:81", "a.com=a")), routing(d("gw:80", "a.com=a")),
			[]string{`gw:80/gw:80 "a.com" equal`, `gw:81/none "a.com" differs, a.com [host served]: forwards to a.shop:80; answers 404, since no rule holds`},
		},
		{
			"TLS ends or not", routing(d("gw:443s", "a.com=a")), routing(d("gw:443", "a.com=a")),
			[]string{
				`none/gw:443 "a.com" differs, a.com [host served]: answers 404, since no rule holds; forwards to a.shop:80`,
				`gw:443/none "a.com" differs, a.com [host served]: forwards to a.shop:80; answers 404, since no rule holds`,
			},
		},
		{
			"gateways of other names", routing(d("old:80", "a.com=a")), routing(d("new:80", "a.com=a")),
			[]string{`old:80/new:80 "a.com" equal (Gateway shop/old before is compared with Gateway shop/new after: each is the only one left on port 80.)`},
		},
		{
			"gateways of other names, two of them", routing(d("old:80", "a.com=a"), d("older:80", "a.com=-")), routing(d("new:80", "a.com=a")),
			[]string{
				`none/new:80 "a.com" differs, a.com [host served]: answers 404, since no rule holds; forwards to a.shop:80`,
				`old:80/none "a.com" differs, a.com [host served]: forwards to a.shop:80; answers 404, since no rule holds`, `older:80/none "a.com" equal`,
			},
		},
		{
			"a gateway of unknown listeners", routing(d("gw", "a.com=a")), routing(d("gw:80", "a.com=a"), d("gw:443s", "a.com=b")),
			[]string{`gw:0/gw:80 "a.com" equal`, `gw:0/gw:443 "a.com" differs, a.com [destinations]: forwards to a.shop:80; forwards to b.shop:80`},
		},
		{
			"a Service without routes", routing(d("a@:80", "=b")), routing(),
			[]string{`a:80/none "" differs, a.shop.svc.cluster.local [destinations]: forwards to b.shop:80; forwards to a.shop:80`},
		},
		{"a route that changes nothing", routing(d("a@:80", "=a")), routing(), []string{`a:80/none "" equal`}},
		{"ports of a Service", routing(d("a@", "=b")), routing(d("a@:80", "=b"), d("a@:81", "=b")), []string{`a:0/a:80 "" equal`, `a:0/a:81 "" equal`}},
		{
			"ports of a Service without routes", &route.Routing{Doors: []*route.Door{d("b@", "=b")}, Pods: map[route.Name]route.Pods{{Namespace: "shop", Name: "b"}: {Ports: map[uint32]string{80: "80", 81: "81"}}}}, routing(),
			[]string{`b:0/none "" equal (This is port 80 of Service shop/b.)`, `b:0/none "" differs, b.shop.svc.cluster.local [destinations]: forwards to b.shop:80; forwards to b.shop:81 (This is port 81 of Service shop/b.)`},
		},
		{
			"one port has its own", routing(d("a@", "=b")), routing(d("a@", "=b"), d("a@:81", "=c")),
			[]string{`a:0/a:0 "" equal`, `a:0/a:81 "" differs, a.shop.svc.cluster.local [destinations]: forwards to b.shop:80; forwards to c.shop:80`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, r := range prove.Compare(test.before, test.after, prove.Options{}) {
				got = append(got, line(r))
			}
			slices.Sort(got)
			slices.Sort(test.want)
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestConditionsOnWhatTheDoorSays(t *testing.T) {
	rule := func(m route.Match) *route.Routing {
		d := door(t, "gw:80", "a.com=a", "b.com=-")
		d.Lists[0].Rules[0].Match = m
		return routing(d)
	}
	exact := func(v string) route.StringMatch { return route.StringMatch{Kind: route.Exact, Value: v} }
	verdict := func(m route.Match) prove.Verdict {
		return prove.Compare(rule(m), rule(route.Match{}), prove.Options{})[0].Verdict
	}
	tests := []struct {
		name  string
		match route.Match
		want  prove.Verdict
	}{
		{"the scheme of the door", route.Match{Scheme: exact("http")}, prove.Equal},
		{"another scheme", route.Match{Scheme: exact("https")}, prove.Differs},
		{"the host of the list", route.Match{Authority: route.StringMatch{Kind: route.Prefix, Value: "a."}, Headers: []route.KeyMatch{{Name: "host", StringMatch: route.StringMatch{Kind: route.Present}}}}, prove.Differs},
		{"any spelling of the host", route.Match{Authority: route.StringMatch{Kind: route.Regex, Value: "(?i)a.com(:[0-9]+)?"}}, prove.Equal},
		{"the host without a port", route.Match{Authority: exact("a.com")}, prove.Differs},
	}
	for _, test := range tests {
		if got := verdict(test.match); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestUnreadConditions(t *testing.T) {
	claim := func(values ...string) *route.List {
		l := &route.List{}
		for _, v := range values {
			l.Rules = append(l.Rules, &route.Rule{Action: to(v), Match: route.Match{Headers: []route.KeyMatch{
				{Name: "@request.auth.claims.groups", StringMatch: route.StringMatch{Kind: route.Exact, Value: v}},
			}}})
		}
		return l
	}
	if r := prove.Lists(claim("a", "b"), claim("a", "b"), prove.Options{}); r.Verdict != prove.Equal {
		t.Errorf("the same conditions on a claim: %v, %s", r.Verdict, r.Reason)
	}
	if r := prove.Lists(claim("a", "b"), claim("b", "a"), prove.Options{}); r.Verdict != prove.NotProven || !strings.Contains(r.Reason, "claims.groups") {
		t.Errorf("in another order: %v, %q", r.Verdict, r.Reason)
	}
}

func TestBudget(t *testing.T) {
	before, after := alike(100)
	r := prove.Lists(before, after, prove.Options{Budget: 10})
	if r.Reason == "" || r.Verdict == prove.Equal {
		t.Errorf("%v, %q", r.Verdict, r.Reason)
	}
}
