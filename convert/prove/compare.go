package prove

import (
	"cmp"
	"maps"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/internal/parallel"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Compare pairs the doors of two routings, and at each the hosts that either
// side names, and compares their lists. Results are ordered by door, then host.
func Compare(before, after *route.Routing, o Options) []Result {
	if o.Expressions == nil {
		o.Expressions = new(route.Expressions)
	}
	o.partitions = new(partitions)
	o.Before.Pods, o.After.Pods = before.Pods, after.Pods
	var questions []question
	for _, d := range pairDoors(before, after) {
		for _, q := range d.hosts() {
			if o.Asked == nil || o.Asked(q.before, q.after, q.host) {
				questions = append(questions, q)
			}
		}
	}
	results := make([]Result, len(questions))
	parallel.Each(len(questions), func(i int) { results[i] = questions[i].answer(o) })
	return results
}

// doors are two doors to compare; one of them may be nil.
type doors struct {
	before, after *route.Door
	paired        string // how, where it is not by name
	port          uint32 // of a Service, where one side tells ports apart and the other does not
	// also are doors of all ports beside those of one: of a Gateway that is not in
	// the input, whose routes without a port attach to the listener as well.
	also [2]*route.Door
}

// question is what to compare for one host.
type question struct {
	doors
	where
	lists [2]*route.List // what answers for the host; nil where nothing does
}

// hosts are the questions about a pair of doors: one for each host that either
// side names.
func (d doors) hosts() []question {
	sides := [2]*directory{newDirectory(d.before), newDirectory(d.after)}
	also := [2]*directory{newDirectory(d.also[0]), newDirectory(d.also[1])}
	names := map[string]bool{}
	for _, side := range sides {
		for host := range side.exact {
			names[host] = true
		}
		for _, l := range side.wide {
			names[l.Host] = true
		}
	}
	all := slices.Sorted(maps.Keys(names))
	questions := make([]question, 0, len(all))
	for _, host := range all {
		w := where{host: host, sample: sample(host, all)}
		if host == "" || host[0] == '*' {
			for _, other := range all {
				if other != host && route.HostTakes(host, other) && other != "" {
					w.except = append(w.except, other)
				}
			}
		}
		if d.mesh() && host == "" {
			w.sample = d.service().Name + "." + d.service().Namespace + ".svc.cluster.local"
		}
		questions = append(questions, question{d, w, [2]*route.List{
			cmp.Or(sides[0].serving(w.sample), also[0].serving(w.sample)), cmp.Or(sides[1].serving(w.sample), also[1].serving(w.sample)),
		}})
	}
	return questions
}

func (d doors) any() *route.Door { return cmp.Or(d.before, d.after) }

func (d doors) mesh() bool { return d.any().Entry.Mesh }

func (d doors) service() route.Name { return d.any().Entry.Parent }

// answer compares the lists that serve the host of q.
func (q question) answer(o Options) Result {
	o.Before.Door, o.After.Door = q.before, q.after
	before, after := q.list(0), q.list(1)
	p := provers.Get().(*prover)
	defer func() {
		p.forget()
		provers.Put(p)
	}()
	r := p.lists(before, after, o, q.where)
	r.Before, r.After, r.Paired = q.before, q.after, q.paired
	if before == nil || after == nil {
		for i := range r.Differences {
			r.Differences[i].Aspects = []finding.Aspect{finding.HostServed}
		}
	}
	return r
}

// list is what a side answers the host of q with. A Service without routes is
// reached as it is; a gateway without the host answers nothing but 404.
func (q question) list(k int) *route.List {
	if door := [2]*route.Door{q.before, q.after}[k]; door == nil && q.mesh() {
		return q.itself()
	}
	return q.lists[k]
}

// itself is what requests to a Service without routes meet.
func (q question) itself() *route.List {
	name, port := q.service(), cmp.Or(q.port, q.any().Entry.Port)
	return &route.List{Rules: []*route.Rule{{
		Where: "Service " + name.String() + " itself, without a route",
		Action: &route.Action{Backends: []route.Backend{{
			Host: name.Name + "." + name.Namespace + ".svc.cluster.local", Service: name, Port: port, Weight: 1,
		}}},
	}}}
}
