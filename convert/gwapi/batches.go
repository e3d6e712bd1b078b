package gwapi

import (
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// batchSize is how many tables are translated at a time, unless more of them
// belong together.
const batchSize = 256

// batches parts tables so that no request is decided by tables of two batches:
// what is to be said of a table is then known from its own batch. Tables of a
// small input are one batch. The order is that of tables, as far as can be.
func batches(tables []*route.Table, size int) [][]*route.Table {
	if len(tables) == 0 {
		return nil
	}
	if len(tables) <= size {
		return [][]*route.Table{tables}
	}
	var all [][]*route.Table
	var batch []int
	for _, group := range together(tables) {
		batch = append(batch, group...)
		if len(batch) >= size {
			all, batch = append(all, chosen(tables, batch)), nil
		}
	}
	if len(batch) > 0 {
		all = append(all, chosen(tables, batch))
	}
	return all
}

func chosen(tables []*route.Table, indexes []int) []*route.Table {
	slices.Sort(indexes)
	picked := make([]*route.Table, len(indexes))
	for i, n := range indexes {
		picked[i] = tables[n]
	}
	return picked
}

// tie is something that tables have in common which may meet: a host that is no
// wildcard, a Service, a TCP port of a gateway, or a gateway as a whole.
type tie struct {
	host   string
	parent route.Name
	port   uint32
	kind   tieKind
}

type tieKind uint8

const (
	tieHost tieKind = iota
	tieService
	tiePort
	tieGateway
)

// together groups tables that may meet, by index, in the order of the first of
// each group.
func together(tables []*route.Table) [][]int {
	wide := wideGateways(tables)
	leader := make([]int, len(tables)) // an earlier table of the group, or the table itself
	find := func(i int) int {
		for leader[i] != i {
			leader[i] = leader[leader[i]]
			i = leader[i]
		}
		return i
	}
	first := map[tie]int{}
	for i, t := range tables {
		leader[i] = i
		for _, k := range ties(t, wide) {
			j, ok := first[k]
			if !ok {
				first[k] = i
				continue
			}
			a, b := find(i), find(j)
			leader[max(a, b)] = min(a, b)
		}
	}
	groups := make([][]int, len(tables))
	for i := range tables {
		groups[find(i)] = append(groups[find(i)], i)
	}
	return slices.DeleteFunc(groups, func(g []int) bool { return len(g) == 0 })
}

// ties are what t may meet others by. A wildcard, which is also the end of where
// requests go that a narrower host was meant for, ties all of its gateway.
func ties(t *route.Table, wide map[route.Name]bool) []tie {
	var all []tie
	for _, h := range t.Hosts {
		if !isWide(h) {
			all = append(all, tie{kind: tieHost, host: h})
		}
	}
	for _, e := range t.Entries {
		switch {
		case e.Mesh:
			all = append(all, tie{kind: tieService, parent: e.Parent})
		case wide[e.Parent] || e.Unknown:
			all = append(all, tie{kind: tieGateway, parent: e.Parent})
		case t.Protocol == route.TCP:
			all = append(all, tie{kind: tiePort, parent: e.Parent, port: e.Port})
		}
	}
	return all
}

// wideGateways are the gateways where some table serves a wildcard.
func wideGateways(tables []*route.Table) map[route.Name]bool {
	wide := map[route.Name]bool{}
	for _, t := range tables {
		if t.Protocol == route.TCP || len(t.Hosts) > 0 && !slices.ContainsFunc(t.Hosts, isWide) {
			continue
		}
		for _, e := range t.Entries {
			wide[e.Parent] = wide[e.Parent] || !e.Mesh
		}
	}
	return wide
}

func isWide(host string) bool { return host == "" || strings.HasPrefix(host, "*") }
