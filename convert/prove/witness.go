package prove

import (
	"fmt"
	"strconv"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// witness is the smallest request of a region: what can be absent is, and the
// rest is short and usual.
func (p *prover) witness(region []uint64, path string) route.Request {
	r := route.Request{Path: path, Authority: p.at.sample}
	if p.protocol == route.HTTP {
		_, secure := p.listening()
		r.Method, r.Scheme = "GET", scheme(secure)
	}
	for i := range p.space.dimensions {
		d := &p.space.dimensions[i]
		if d.classes == nil {
			continue // no request shows it
		}
		if value, present := d.smallest(region[d.offset:]); present {
			put(&r, d.Dimension, value)
		}
	}
	return r
}

// smallest is the plainest value of the classes that a region has.
func (d *dimension) smallest(bits []uint64) (value string, present bool) {
	best := -1
	for k := range d.count {
		if bits[k/64]>>(k%64)&1 == 0 {
			continue
		}
		v, there := d.classes.Member(k)
		cost := 0
		if there {
			cost = 1 + usual(d.Kind, v)
		}
		if best < 0 || cost < best {
			value, present, best = v, there, cost
		}
	}
	return value, present
}

// usual is lower for values that a reader expects.
func usual(kind route.DimensionKind, value string) int {
	switch {
	case kind == route.InMethod && value == "GET", kind == route.InScheme && value == "http":
		return 0
	}
	return 1 + len(value)
}

func put(r *route.Request, d route.Dimension, value string) {
	set := func(m *map[string]string) {
		if *m == nil {
			*m = map[string]string{}
		}
		(*m)[d.Name] = value
	}
	switch d.Kind {
	case route.InPath:
		r.Path = value
	case route.InMethod:
		r.Method = value
	case route.InHeader:
		set(&r.Headers)
	case route.InQuery:
		set(&r.Query)
	case route.InScheme:
		r.Scheme = value
	case route.InAuthority:
		r.Authority = value
	case route.InLabel:
		set(&r.SourceLabels)
	case route.InNamespace:
		r.SourceNamespace = value
	default:
		panic(fmt.Sprintf("unhandled dimension %d", d.Kind))
	}
}

// anyDoor is the door of the lists that knows its port, or any; nil where there
// is none.
func (p *prover) anyDoor() *route.Door {
	before, after := p.sides[0].door, p.sides[1].door
	if before == nil || after != nil && before.Entry.Port == 0 {
		return after
	}
	return before
}

// listening is the port of the door, and whether it ends TLS.
func (p *prover) listening() (port string, secure bool) {
	d := p.anyDoor()
	if d == nil {
		return "", false
	}
	if d.Entry.Port != 0 {
		port = strconv.FormatUint(uint64(d.Entry.Port), 10)
	}
	return port, d.Secure
}
