package istio

import (
	"fmt"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Unaccounted lists the keys of o that were passed over in silence: each must
// have a row of the field table, stand below a row that closes its subtree, or
// have a finding at its place.
func Unaccounted(o *Object, findings []finding.Finding) []string {
	c := &census{spoken: map[finding.Place]bool{}}
	for _, f := range findings {
		c.spoken[f.Place] = true
	}
	if o.Spec == nil {
		return nil
	}
	for i := range o.Root.Children() {
		n := &o.Root.Children()[i]
		c.need(n, fields[n.Key()] != nil)
		if n.Key() == "metadata" {
			for j := range n.Children() {
				m := &n.Children()[j]
				c.need(m, fields["metadata."+m.Key()] != nil)
			}
		}
	}
	if spec := o.nodes.get(o.Spec); spec != o.Root {
		c.message(schema()[o.Spec.ProtoReflect().Descriptor().FullName()], spec, false)
	}
	return c.silent
}

type census struct {
	spoken map[finding.Place]bool
	silent []string
}

func (c *census) need(n *source.Node, known bool) {
	if !known && !c.spoken[n.Place()] {
		c.silent = append(c.silent, fmt.Sprintf("%s: %s", n.Place().Pos, n.Field()))
	}
}

func (c *census) message(t *message, n *source.Node, closed bool) {
	if c.spoken[n.Place()] && n.Kind != source.Map || n.Kind == source.Null {
		return
	}
	c.need(n, n.Kind == source.Map)
	if n.Kind != source.Map {
		return
	}
	for i := range n.Children() {
		k := &n.Children()[i]
		f := t.fields[k.Key()]
		c.need(k, f != nil && (closed || f.row != nil))
		if f == nil || f.form != formMessage {
			continue
		}
		below := closed || f.row != nil && f.row.Verdict != Inside
		switch {
		case f.desc.IsList() && k.Kind == source.List, f.desc.IsMap() && k.Kind == source.Map:
			for j := range k.Children() {
				c.message(f.message, &k.Children()[j], below)
			}
		case !f.desc.IsList() && !f.desc.IsMap():
			c.message(f.message, k, below)
		default:
			c.need(k, k.Kind == source.Null)
		}
	}
}
