package prove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// dimension is one part of a request with the conditions that ask for it.
type dimension struct {
	route.Dimension
	conditions []route.StringMatch // different ones
	index      map[route.StringMatch]int32
	classes    *route.Classes // nil: each condition is a boolean of its own, see parts
	count      int            // of classes
	offset     int            // of its words in a region
	words      int
	bits       []uint64 // words for each condition: the classes for which it holds
	// kind tells what a dimension without classes stands for.
	kind    opaqueKind
	subnets []string
}

// opaqueKind says why a dimension has two values and no classes.
type opaqueKind uint8

const (
	partitioned opaqueKind = iota
	unread                 // a condition whose classes are not known
	subnet                 // of the destination address, which no request shows
)

// manyConditions are looked up in a map.
const manyConditions = 12

// add returns the index of a condition, which it adds when it is new.
func (d *dimension) add(m route.StringMatch) int32 {
	m.From = nil
	if d.index != nil {
		i, ok := d.index[m]
		if !ok {
			i = int32(len(d.conditions))
			d.index[m], d.conditions = i, append(d.conditions, m)
		}
		return i
	}
	for i := range d.conditions {
		if d.conditions[i] == m {
			return int32(i)
		}
	}
	d.conditions = append(d.conditions, m)
	if len(d.conditions) > manyConditions {
		d.index = make(map[route.StringMatch]int32, 4*manyConditions)
		for i, c := range d.conditions {
			d.index[c] = int32(i)
		}
	}
	return int32(len(d.conditions) - 1)
}

// dimension returns the index of a dimension, which it adds when it is new.
func (s *space) dimension(d route.Dimension) int32 {
	for i := range s.dimensions {
		if s.dimensions[i].Dimension == d && s.dimensions[i].kind == partitioned {
			return int32(i)
		}
	}
	s.dimensions = append(s.dimensions, dimension{Dimension: d})
	return int32(len(s.dimensions) - 1)
}

// boolean returns the index of the dimension of a list of subnets.
func (s *space) boolean(subnets []string) int32 {
	for i := range s.dimensions {
		if s.dimensions[i].kind == subnet && slices.Equal(s.dimensions[i].subnets, subnets) {
			return int32(i)
		}
	}
	s.dimensions = append(s.dimensions, dimension{kind: subnet, subnets: subnets, conditions: []route.StringMatch{{}}})
	return int32(len(s.dimensions) - 1)
}

// text names a dimension and its condition in a sentence.
func (d *dimension) text() string {
	if d.kind == subnet {
		return "destination subnets " + strings.Join(d.subnets, ", ")
	}
	c := d.conditions[0]
	return fmt.Sprintf("%s %s %q", dimensionText(d.Dimension), kindText(c.Kind), c.Value)
}

func dimensionText(d route.Dimension) string {
	switch d.Kind {
	case route.InPath:
		return "path"
	case route.InMethod:
		return "method"
	case route.InHeader:
		return "header " + d.Name
	case route.InQuery:
		return "query parameter " + d.Name
	case route.InScheme:
		return "scheme"
	case route.InAuthority:
		return "authority"
	case route.InLabel:
		return "source label " + d.Name
	case route.InNamespace:
		return "source namespace"
	}
	panic(fmt.Sprintf("unhandled dimension %d", d.Kind))
}

func kindText(k route.StringKind) string {
	switch k {
	case route.Any:
		return "any"
	case route.Exact:
		return "exactly"
	case route.Prefix, route.Element:
		return "prefix"
	case route.Regex:
		return "expression"
	case route.Present:
		return "present"
	}
	panic(fmt.Sprintf("unhandled kind %d of a condition", k))
}
