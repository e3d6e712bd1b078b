package prove

import (
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// space is all requests of a host: a class of each dimension makes a request.
// The path is apart, since most rules ask for it.
type space struct {
	path       dimension
	hasPath    bool
	dimensions []dimension
	words      int              // of a region: the bits of all dimensions side by side
	start      []uint64         // the region of all requests
	index      map[string]int32 // numbers of sets of cells
	key        []byte
}

// rawCondition is a condition of a rule before classes are known.
type rawCondition struct {
	dimension int32
	condition int32
	negated   bool
}

// cell is what a rule asks of one dimension: a bit for each class.
type cell struct {
	dimension int32
	bits      []uint64
}

// forget keeps memory, and nothing else.
func (s *space) forget() {
	clear(s.dimensions[:cap(s.dimensions)])
	*s = space{dimensions: s.dimensions[:0], start: s.start[:0], key: s.key[:0]}
}

// load takes in a list.
func (p *prover) load(index int, list *route.List, own, other Side) {
	s := &p.sides[index]
	s.index, s.door = index, own.Door
	s.pods[0], s.pods[1] = own.Pods, other.Pods
	if list == nil {
		return
	}
	s.sure = list.Sure
	for _, r := range list.Rules {
		x := rule{Rule: r, path: -1}
		if !always(r.Match.Path) {
			p.space.hasPath = true
			x.path = p.space.path.add(r.Match.Path)
		}
		p.conditions(&x)
		s.rules = append(s.rules, x)
	}
}

// always tells whether a condition on the path holds for all paths.
func always(m route.StringMatch) bool {
	switch m.Kind {
	case route.Any, route.Present:
		return true
	case route.Prefix, route.Element:
		return m.Value == "" || m.Value == "/"
	case route.Regex:
		return m.Value == ".*"
	}
	return false
}

// conditions collects what x asks of other dimensions than the path.
func (p *prover) conditions(x *rule) {
	m := &x.Match
	if m.Method.Kind == route.Any && len(m.Headers)+len(m.Without)+len(m.Query)+len(m.SourceLabels)+len(m.Subnets) == 0 &&
		m.Scheme.Kind == route.Any && m.Authority.Kind == route.Any && m.SourceNamespace == "" {
		return // as most rules
	}
	for _, c := range m.Conditions() {
		if c.On.Kind == route.InPath {
			continue
		}
		d := p.space.dimension(c.On)
		x.raw = append(x.raw, rawCondition{d, p.space.dimensions[d].add(c.StringMatch), c.Negated})
	}
	if len(m.Subnets) > 0 {
		x.raw = append(x.raw, rawCondition{dimension: p.space.boolean(m.Subnets)})
	}
}

// partition finds the classes of all dimensions and gives the rules their cells.
func (p *prover) partition() {
	s := &p.space
	if s.hasPath && !p.classify(&s.path, route.Dimension{Kind: route.InPath}) {
		p.pathUnread()
	}
	for i := 0; i < len(s.dimensions); i++ {
		d := &s.dimensions[i]
		if d.kind == partitioned {
			p.given(d)
			if !p.classify(d, d.Dimension) {
				p.unread(i)
			}
		}
	}
	for i := range s.dimensions {
		d := &s.dimensions[i]
		if d.kind != partitioned {
			d.count, d.words, d.bits = 2, 1, []uint64{1} // class 0 is where the condition holds
		}
		d.offset = s.words
		s.words += d.words
	}
	s.start = append(s.start[:0], make([]uint64, s.words)...)
	for i := range s.dimensions {
		p.all(&s.dimensions[i])
	}
	for i := range p.sides {
		for j := range p.sides[i].rules {
			p.cells(&p.sides[i].rules[j])
		}
	}
}

// classify finds the classes of d and the bits of its conditions.
func (p *prover) classify(d *dimension, on route.Dimension) bool {
	classes, ok := p.options.partitions.of(p.options.Expressions, on, d.conditions)
	if !ok {
		return false
	}
	d.Dimension, d.classes, d.count = on, classes, classes.Len()
	d.words = (d.count + 63) / 64
	if on.Kind == route.InPath {
		return true // its rows are read as they are
	}
	d.bits = make([]uint64, d.words*len(d.conditions))
	for k := range d.count {
		for i := range d.conditions {
			if classes.Holds(i, k) {
				d.bits[i*d.words+k/64] |= 1 << (k % 64)
			}
		}
	}
	return true
}

// unread makes a dimension without classes a boolean for each condition, as if
// they had nothing to do with each other: what is equal so is equal.
func (p *prover) unread(i int) {
	s := &p.space
	whole := s.dimensions[i]
	s.dimensions[i] = dimension{Dimension: whole.Dimension, kind: unread, conditions: whole.conditions[:1]}
	parts := []int32{int32(i)}
	for _, c := range whole.conditions[1:] {
		parts = append(parts, int32(len(s.dimensions)))
		s.dimensions = append(s.dimensions, dimension{Dimension: whole.Dimension, kind: unread, conditions: []route.StringMatch{c}})
	}
	for k := range p.sides {
		for j := range p.sides[k].rules {
			raw := p.sides[k].rules[j].raw
			for n := range raw {
				if raw[n].dimension == int32(i) {
					raw[n].dimension, raw[n].condition = parts[raw[n].condition], 0
				}
			}
		}
	}
}

// pathUnread treats the path like any other dimension without classes.
func (p *prover) pathUnread() {
	s := &p.space
	i := int32(len(s.dimensions))
	s.path.Dimension = route.Dimension{Kind: route.InPath}
	s.dimensions = append(s.dimensions, s.path)
	s.path, s.hasPath = dimension{}, false
	for k := range p.sides {
		for j := range p.sides[k].rules {
			if x := &p.sides[k].rules[j]; x.path >= 0 {
				x.raw = append(x.raw, rawCondition{dimension: i, condition: x.path})
				x.path = -1
			}
		}
	}
	p.unread(int(i))
}

// all sets the bits of all classes of d, but for those that no request at this
// door and host is in.
func (p *prover) all(d *dimension) {
	bits := p.space.start[d.offset:][:d.words]
	for k := range d.count {
		bits[k/64] |= 1 << (k % 64)
	}
	if d.kind != partitioned {
		return
	}
	for _, g := range p.givens(d.Dimension) {
		i := slices.Index(d.conditions, g.StringMatch)
		for w := range bits {
			if g.negated {
				bits[w] &^= d.bits[i*d.words+w]
			} else {
				bits[w] &= d.bits[i*d.words+w]
			}
		}
	}
}

// given is a condition that all requests at a door and host meet.
type given struct {
	route.StringMatch
	negated bool
}

// given adds the conditions that all requests meet to d.
func (p *prover) given(d *dimension) {
	for _, g := range p.givens(d.Dimension) {
		d.add(g.StringMatch)
	}
}

// givens are what all requests meet in a dimension: the scheme of a gateway's
// door, and the host of the list, with or without a port.
func (p *prover) givens(d route.Dimension) []given {
	switch d.Kind {
	case route.InScheme:
		if door := p.anyDoor(); door != nil && !door.Entry.Mesh {
			return []given{{StringMatch: route.StringMatch{Kind: route.Exact, Value: scheme(door.Secure)}}}
		}
	case route.InAuthority:
		return p.at.givens()
	}
	return nil
}

// cells gives x its conditions as sets of classes.
func (p *prover) cells(x *rule) {
	s := &p.space
	if len(x.raw) == 0 {
		return
	}
	slices.SortStableFunc(x.raw, func(a, b rawCondition) int { return int(a.dimension - b.dimension) })
	for n := 0; n < len(x.raw); {
		d := &s.dimensions[x.raw[n].dimension]
		bits := slices.Clone(s.start[d.offset:][:d.words])
		c := cell{dimension: x.raw[n].dimension, bits: bits}
		for ; n < len(x.raw) && x.raw[n].dimension == c.dimension; n++ {
			own := d.bits[int(x.raw[n].condition)*d.words:][:d.words]
			for w := range bits {
				if x.raw[n].negated {
					bits[w] &^= own[w]
				} else {
					bits[w] &= own[w]
				}
			}
		}
		switch {
		case none(bits):
			x.dead = true
		case !slices.Equal(bits, s.start[d.offset:][:d.words]):
			x.cells = append(x.cells, c)
		}
	}
	x.set = s.number(x.cells)
}

// number gives equal sets of cells equal numbers.
func (s *space) number(cells []cell) int32 {
	if len(cells) == 0 {
		return 0
	}
	s.key = s.key[:0]
	for _, c := range cells {
		s.key = append(s.key, byte(c.dimension), byte(c.dimension>>8), byte(c.dimension>>16))
		for _, w := range c.bits {
			for range 8 {
				s.key = append(s.key, byte(w))
				w >>= 8
			}
		}
	}
	if s.index == nil {
		s.index = map[string]int32{}
	}
	n, ok := s.index[string(s.key)]
	if !ok {
		n = int32(len(s.index) + 1)
		s.index[string(s.key)] = n
	}
	return n
}

func none(bits []uint64) bool {
	for _, w := range bits {
		if w != 0 {
			return false
		}
	}
	return true
}
