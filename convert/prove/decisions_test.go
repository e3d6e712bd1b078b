package prove_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// TestDecideByBruteForce asks for each request of Decide, and for each near miss,
// which rule takes it, and of all requests of the alphabet whether one reaches a
// rule that is said to be idle.
func TestDecideByBruteForce(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	requests, misses, idle := 0, 0, 0
	for range 400 {
		list := randomList(random.IntN, false)
		door := &route.Door{Entry: route.Entry{Parent: route.Name{Namespace: "shop", Name: "edge"}, Port: 80}, Protocol: route.HTTP, Lists: []*route.List{list}}
		x := new(route.Expressions)
		all := prove.Decide(&route.Routing{Doors: []*route.Door{door}}, prove.Options{})
		if len(all) != 1 || all[0].Host != list.Host || all[0].Reason != "" {
			t.Fatalf("want the one host, decided: %+v", all)
		}
		d := &all[0]
		for _, r := range d.Requests {
			requests++
			soleDecider(t, x, list, r)
			for _, miss := range d.NearMisses(r.Index, prove.Options{}) {
				misses++
				soleDecider(t, x, list, miss)
				if miss.Missed == miss.Rule || miss.Missed != r.Rule || miss.Lacks == "" {
					t.Errorf("near miss of itself: %+v", miss)
				}
			}
		}
		values := alphabet(list)
		tab := tabulate(x, list, values)
		each(values, func(at [5]int) bool {
			may := tab.deciders(list, at)
			if len(may) == 1 && slices.Contains(d.Idle, may[0]) && list.Sure == nil {
				t.Errorf("%s\nrule %s is idle, and takes %+v", listing(list), may[0].Name, at)
				return false
			}
			return true
		})
		idle += len(d.Idle)
	}
	t.Logf("%d requests, %d near misses, %d idle rules", requests, misses, idle)
	if requests < 1000 || misses < 500 || idle < 100 {
		t.Error("the lists show too little")
	}
}

// soleDecider checks that no other rule than that of d may take its request.
func soleDecider(t *testing.T, x *route.Expressions, list *route.List, d prove.Decision) {
	t.Helper()
	may := deciders(x, list, &d.Request)
	if len(may) == 1 && may[0] == d.Rule && (d.Rule == nil || list.Rules[d.Index] == d.Rule) {
		return
	}
	t.Errorf("%s\n%+v: want rule %d alone, got %v", listing(list), d.Request, d.Index, may)
}

func TestLocation(t *testing.T) {
	door := &route.Door{Entry: route.Entry{Port: 8080}, Protocol: route.HTTP}
	for _, test := range []struct {
		redirect route.Redirect
		request  route.Request
		want     string
	}{
		{route.Redirect{Scheme: "https", Code: 301}, route.Request{Authority: "shop.example.com", Path: "/a"}, "https://shop.example.com/a"},
		{route.Redirect{Authority: "b.example.com", Path: "/x"}, route.Request{Authority: "a.example.com", Path: "/a"}, "http://b.example.com/x"},
		{route.Redirect{PortSource: route.ListenerPort, Prefix: "/new", Change: route.ByElements}, route.Request{Authority: "a.example.com", Path: "/old/x"}, "http://a.example.com:8080/new/x"},
	} {
		rule := &route.Rule{Match: route.Match{Path: route.StringMatch{Kind: route.Element, Value: "/old"}}, Action: &route.Action{Redirect: &test.redirect}}
		if got := prove.Location(door, rule, test.request); got != test.want {
			t.Errorf("%+v: got %s, want %s", test.redirect, got, test.want)
		}
	}
}
