package gwapi

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// readList gathers the routes for one host of a door. A request is decided by
// the most precise list alone: the rules of a route for *.example.com are not
// asked about a host that another route names, even where none of that route's
// rules holds. Gateway API's words (HTTPRoute spec.hostnames: precedence to the
// rules of the more specific host) could be read otherwise; Istio and all that
// are made of Envoy have one virtual host for each name, and this is what they do.
type readList struct {
	routes []*readRoute
	rules  []*rankedRule // of the mesh, which are sorted already
}

// list is the list of a door for a host; it makes both where they are not there.
func (r *reader) list(d readDoor, host string) *readList {
	lists := r.doors[d]
	if lists == nil {
		lists = map[string]*readList{}
		r.doors[d] = lists
	}
	if lists[host] == nil {
		lists[host] = &readList{}
	}
	return lists[host]
}

func (l *readList) add(rt *readRoute) {
	if !slices.Contains(l.routes, rt) {
		l.routes = append(l.routes, rt)
	}
}

// lay turns what was gathered into the routing.
func (r *reader) lay() {
	for d, lists := range r.doors {
		door := &route.Door{Entry: d.entry, Protocol: d.protocol, Secure: d.secure}
		for _, host := range slices.Sorted(maps.Keys(lists)) {
			l := lists[host]
			rules := l.rules
			if rules == nil {
				r.checkKinds(l.routes, host)
				for _, rt := range l.routes {
					rules = append(rules, rt.ranked(false)...)
				}
				rules = r.sorted(rules)
			}
			door.Lists = append(door.Lists, r.decided(host, rules))
		}
		r.routing.Doors = append(r.routing.Doors, door)
	}
	slices.SortFunc(r.routing.Doors, func(a, b *route.Door) int {
		return cmp.Or(route.CompareDoors(a, b), compareBool(a.Entry.Unknown, b.Entry.Unknown))
	})
}

// decided is the list for host with rules in the order of preference.
func (r *reader) decided(host string, rules []*rankedRule) *route.List {
	l := &route.List{Host: host}
	open := false
	for _, x := range rules {
		l.Rules = append(l.Rules, x.Rule)
		open = open || x.tier == tierRegex
	}
	if r.opts.Ranking.Known() || !open {
		return l
	}
	l.Sure = func(i, j int) bool { return surely(rules[i], rules[j]) }
	return l
}

// checkKinds reports routes of two kinds for one host (grpcroute_types.go: the
// later one may be refused).
func (r *reader) checkKinds(routes []*readRoute, host string) {
	var first *readRoute
	for _, rt := range routes {
		switch {
		case rt.protocol != route.HTTP:
		case first == nil:
			first = rt
		case first.Kind != rt.Kind:
			f := finding.New(rule.RouteKindsMixed, rt.place(), "%s and %s both serve %s; an implementation may take one of them only.", first.title(), rt.title(), hostText(host))
			f.Related = []finding.Related{{Place: first.place(), Message: first.title() + " is here."}}
			r.findings = append(r.findings, f)
			return
		}
	}
}

// meshDoor is a Service and the kind of routes on it.
type meshDoor struct {
	service  route.Name
	protocol route.Protocol
}

// attachment is a route on a Service; port 0 is all ports.
type attachment struct {
	*readRoute
	port uint32
}

func (r *reader) attachMesh(rt *readRoute, service route.Name, port uint32) bool {
	for _, host := range rt.hosts {
		rt.served[host] = true // the hosts of an HTTPRoute are of no weight in the mesh (GEP-1294)
	}
	d := meshDoor{service, rt.protocol}
	r.mesh[d] = append(r.mesh[d], &attachment{rt, port})
	return true
}

// meshDoors makes one door for all ports of a Service where its routes tell no
// ports apart. Else each port has its own: those that a route names and, for the
// routes on all ports, those that the Service is known to have.
func (r *reader) meshDoors() {
	for d, all := range r.mesh {
		ports := map[uint32]bool{}
		for _, a := range all {
			ports[a.port] = true
		}
		pods, known := r.routing.Pods[d.service]
		if ports[0] && len(ports) > 1 && len(pods.Ports) > 0 {
			delete(ports, 0)
			for port := range pods.Ports {
				ports[port] = true
			}
		}
		for port := range ports {
			on := slices.DeleteFunc(slices.Clone(all), func(a *attachment) bool { return a.port != 0 && a.port != port })
			door := readDoor{protocol: d.protocol, entry: route.Entry{Mesh: true, Parent: d.service, Port: port, Unknown: !known}}
			r.meshLists(door, on)
		}
	}
}

// meshLists fills the lists of a Service port: one for all hosts, but for TLS
// one for each name.
func (r *reader) meshLists(d readDoor, all []*attachment) {
	hosts := map[string]bool{}
	for _, a := range all {
		for _, h := range a.hosts {
			hosts[h] = true
		}
	}
	if d.protocol != route.TLS {
		hosts = map[string]bool{"": true}
	}
	for host := range hosts {
		var on []*readRoute
		for _, a := range all {
			if (d.protocol != route.TLS || slices.Contains(a.hosts, host)) && !slices.Contains(on, a.readRoute) {
				on = append(on, a.readRoute)
			}
		}
		r.checkKinds(on, "Service "+d.entry.Parent.String())
		r.list(d, host).rules = r.meshRules(d, on)
	}
}

// meshRules lines up the routes of a Service for all callers. A route in the
// Service's own namespace serves everybody; one in another namespace serves the
// callers of its namespace, and for them it takes the place of the first kind
// (GEP-1294 and GEP-1324, producer and consumer routes).
func (r *reader) meshRules(d readDoor, routes []*readRoute) []*rankedRule {
	byNamespace := map[string][]*rankedRule{}
	for _, rt := range routes {
		byNamespace[rt.name.Namespace] = append(byNamespace[rt.name.Namespace], rt.ranked(true)...)
	}
	own := d.entry.Parent.Namespace
	var all []*rankedRule
	group := 1
	for _, namespace := range slices.Sorted(maps.Keys(byNamespace)) {
		if namespace == own {
			continue
		}
		for _, x := range r.sorted(byNamespace[namespace]) {
			all = append(all, x.forCallers(namespace, group))
		}
		group++
		all = append(all, &rankedRule{group: group, Rule: &route.Rule{
			Match: route.Match{SourceNamespace: namespace}, Action: &route.Action{Direct: &route.Direct{Status: 404}},
			Where: fmt.Sprintf("no rule for callers of namespace %s", namespace),
		}})
		group++
	}
	producers, ok := byNamespace[own]
	if !ok { // other callers reach the Service as if there were no route
		return append(all, &rankedRule{group: group, Rule: &route.Rule{
			Action: &route.Action{Backends: []route.Backend{serviceBackend(d.entry.Parent, d.entry.Port, 1)}},
			Where:  "Service " + d.entry.Parent.String() + " itself, without a route",
		}})
	}
	for _, x := range r.sorted(producers) {
		copied := *x
		copied.group = group
		all = append(all, &copied)
	}
	return all
}

// forCallers is x for the callers of one namespace. group keeps it where it is.
func (x *rankedRule) forCallers(namespace string, group int) *rankedRule {
	copied := *x
	narrowed := *x.Rule
	narrowed.Match.SourceNamespace = namespace
	copied.Rule, copied.group = &narrowed, group
	return &copied
}

// sorted orders rules as Gateway API prefers them.
func (r *reader) sorted(rules []*rankedRule) []*rankedRule {
	rules = slices.Clone(rules)
	slices.SortStableFunc(rules, func(a, b *rankedRule) int {
		return cmp.Or(b.compare(a, r.opts.Ranking), a.created.Compare(b.created), strings.Compare(a.owner.String(), b.owner.String()),
			strings.Compare(a.kind, b.kind), cmp.Compare(a.index, b.index), cmp.Compare(a.match, b.match))
	})
	return rules
}
