package prove

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// family are the doors of one gateway or Service that speak one protocol.
type family struct {
	mesh     bool
	name     route.Name
	protocol route.Protocol
}

func (f family) compare(o family) int {
	flag := map[bool]int{true: 1}
	return cmp.Or(flag[f.mesh]-flag[o.mesh], f.name.Compare(o.name), strings.Compare(string(f.protocol), string(o.protocol)))
}

// pairDoors pairs the doors of two routings: those of one gateway or Service by
// port, and what is left over of gateways by port and protocol.
func pairDoors(before, after *route.Routing) []doors {
	families := map[family]*[2][]*route.Door{}
	for k, r := range []*route.Routing{before, after} {
		for _, d := range r.Doors {
			f := family{d.Entry.Mesh, d.Entry.Parent, d.Protocol}
			if families[f] == nil {
				families[f] = &[2][]*route.Door{}
			}
			families[f][k] = append(families[f][k], d)
		}
	}
	var pairs, single []doors
	for _, f := range slices.SortedFunc(maps.Keys(families), family.compare) {
		for _, d := range pairFamily(families[f][0], families[f][1]) {
			if f.mesh {
				pairs = append(pairs, d.ports(before, after)...)
			} else if d.before != nil && d.after != nil {
				pairs = append(pairs, d)
			} else {
				single = append(single, d)
			}
		}
	}
	pairs = append(pairs, pairByKind(single)...)
	slices.SortStableFunc(pairs, func(a, b doors) int {
		return cmp.Or(route.CompareDoors(a.any(), b.any()), cmp.Compare(a.port, b.port))
	})
	return pairs
}

// pairFamily pairs doors of one gateway or Service. A door of port 0 stands for
// all ports that have no door of their own: those of a Gateway that is not in the
// input, or of a Service.
func pairFamily(before, after []*route.Door) []doors {
	sides := [2][]*route.Door{before, after}
	used := map[*route.Door]bool{}
	var pairs []doors
	pair := func(k int, d, other *route.Door) {
		p := doors{before: d, after: other, port: d.Entry.Port}
		if other != nil && other.Entry.Port == 0 && d.Entry.Port != 0 && !d.Entry.Mesh {
			p.also[k] = wide(sides[k], d)
		}
		if k == 1 {
			p.before, p.after = other, d
		}
		used[d] = true
		if other != nil {
			used[other] = true
		}
		pairs = append(pairs, p)
	}
	for k, doors := range sides {
		for _, d := range doors {
			if other := same(sides[1-k], d); other != nil && !used[d] {
				pair(k, d, other)
			}
		}
	}
	for k, doors := range sides {
		for _, d := range doors {
			if d.Entry.Port != 0 && !used[d] {
				pair(k, d, wide(sides[1-k], d))
			}
		}
	}
	for k, doors := range sides {
		for _, d := range doors {
			if !used[d] {
				pair(k, d, nil)
			}
		}
	}
	return pairs
}

// ports parts the door of all ports of a Service by the ports that are known,
// where the other side has no routes, so that each port goes its own way there.
func (d doors) ports(routings ...*route.Routing) []doors {
	if d.port != 0 || d.before != nil && d.after != nil {
		return []doors{d}
	}
	for _, r := range routings {
		pods, ok := r.Pods[d.service()]
		if !ok || len(pods.Ports) == 0 {
			continue
		}
		var all []doors
		for _, port := range slices.Sorted(maps.Keys(pods.Ports)) {
			each := d
			each.port = port
			if len(pods.Ports) > 1 {
				each.paired = fmt.Sprintf("This is port %d of Service %s.", port, d.service())
			}
			all = append(all, each)
		}
		return all
	}
	return []doors{d}
}

// same finds the door that is for the same requests as d.
func same(all []*route.Door, d *route.Door) *route.Door {
	for _, o := range all {
		if o.Entry.Port == d.Entry.Port && o.Secure == d.Secure && (o.Entry.Port != 0 || o.Entry.Section == d.Entry.Section) {
			return o
		}
	}
	return nil
}

// wide finds a door of all ports.
func wide(all []*route.Door, d *route.Door) *route.Door {
	i := slices.IndexFunc(all, func(o *route.Door) bool {
		return o.Entry.Port == 0 && (o.Entry.Section == "" || o.Entry.Section == d.Entry.Section)
	})
	if i < 0 {
		return nil
	}
	return all[i]
}

// kind is what has to be the same of doors of gateways whose names differ.
type kind struct {
	protocol route.Protocol
	secure   bool
	port     uint32
}

// pairByKind pairs doors of gateways that only one side has, where there is one
// of their kind on each side.
func pairByKind(single []doors) []doors {
	count := map[kind]*[2]int{}
	index := map[kind]*[2]int{}
	of := func(d doors) kind { return kind{d.any().Protocol, d.any().Secure, d.any().Entry.Port} }
	side := func(d doors) int {
		if d.before == nil {
			return 1
		}
		return 0
	}
	for i, d := range single {
		if count[of(d)] == nil {
			count[of(d)], index[of(d)] = &[2]int{}, &[2]int{}
		}
		count[of(d)][side(d)]++
		index[of(d)][side(d)] = i
	}
	var pairs []doors
	for _, d := range single {
		if *count[of(d)] != [2]int{1, 1} {
			pairs = append(pairs, d)
			continue
		}
		if d.before == nil {
			continue // its partner brings it along
		}
		d.after = single[index[of(d)][1]].after
		d.paired = fmt.Sprintf("Gateway %s before is compared with Gateway %s after: each is the only one left on port %d.",
			d.before.Entry.Parent, d.after.Entry.Parent, d.before.Entry.Port)
		pairs = append(pairs, d)
	}
	return pairs
}
