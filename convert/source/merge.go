package source

import (
	"go.yaml.in/yaml/v3"

	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// entry is a key of a mapping with merges, before its value is built.
type entry struct {
	key        string
	from, at   *yaml.Node // the key, and where it stands: itself, or the alias that brought it
	value, via *yaml.Node
	merged     bool
	anchors    []*yaml.Node // opened on the way to value
}

// merged fills n from a mapping with merge keys. Keys and merges go by order
// and the last wins, as in go.yaml.in/yaml/v2 (decode.go, mapping and merge),
// which Kubernetes uses, although YAML lets keys win over merges.
func (b *builder) merged(n int, y, via *yaml.Node, depth int) bool {
	if b.stream {
		return false
	}
	var m merger
	if !m.mapping(b, y, via, depth, false) {
		return false
	}
	first := b.arena.reserve(len(m.entries))
	b.arena.nodes[n].own, b.arena.nodes[n].count = uint32(first), uint32(len(m.entries))
	for i, e := range m.entries {
		b.arena.nodes[first+i].key = b.keepKey(e.key, e.from, e.via)
		open := len(b.open)
		b.open = append(b.open, e.anchors...)
		if !b.fill(first+i, e.value, e.via, depth+1) {
			return false
		}
		b.open = b.open[:open]
		b.arena.nodes[first+i].setKey(b.place(e.at))
	}
	return true
}

type merger struct {
	entries []entry
	byKey   map[string]int
	anchors []*yaml.Node
}

func (m *merger) mapping(b *builder, y, via *yaml.Node, depth int, merged bool) bool {
	if depth > maxDepth {
		return b.refuse(rule.TooDeep, y, "Nothing of this document is converted: it nests more than %d levels deep.", maxDepth)
	}
	for i := 0; i < len(y.Content); i += 2 {
		k, v := y.Content[i], y.Content[i+1]
		if k.Tag == "!!merge" {
			if !m.merge(b, v, via, depth+1) {
				return false
			}
			continue
		}
		key, ok := b.key(k, via)
		if !ok {
			return false
		}
		e := entry{key: key, from: k, at: k, value: v, via: via, merged: merged, anchors: m.anchors[:len(m.anchors):len(m.anchors)]}
		if via != nil {
			e.at = via
			if b.aliased++; b.aliased > maxAliased {
				return b.refuse(rule.TooManyAliases, via, "Nothing of this document is converted: its aliases expand to more than %d values.", maxAliased)
			}
		}
		m.set(b, e)
	}
	return true
}

// set puts e in place of an entry with its key. That is worth a word where
// somebody wrote the entry on purpose: twice, or before a merge.
func (m *merger) set(b *builder, e entry) {
	i, found := m.byKey[e.key]
	if !found {
		if m.byKey == nil {
			m.byKey = map[string]int{}
		}
		m.byKey[e.key] = len(m.entries)
		m.entries = append(m.entries, e)
		return
	}
	old := m.entries[i]
	if !old.merged {
		line, column := b.place(e.at)
		b.repeats = append(b.repeats, repeat{e.key, line, column, b.pos(old.at), e.merged})
	}
	m.entries[i] = e
}

// merge takes in a mapping, an alias of one, or a list of both, of which the
// first wins.
func (m *merger) merge(b *builder, v, via *yaml.Node, depth int) bool {
	if v.Kind == yaml.SequenceNode {
		for i := len(v.Content) - 1; i >= 0; i-- {
			if v.Content[i].Kind == yaml.SequenceNode {
				return b.refuseMerge(v.Content[i], via)
			}
			if !m.merge(b, v.Content[i], via, depth+1) {
				return false
			}
		}
		return true
	}
	opened := false
	if v.Kind == yaml.AliasNode {
		if via == nil {
			via = v
		}
		if !b.enter(v.Alias, via) {
			return false
		}
		m.anchors = append(m.anchors, v.Alias)
		v, opened = v.Alias, true
	}
	ok := false
	if v.Kind == yaml.MappingNode {
		ok = m.mapping(b, v, via, depth, true)
	} else {
		ok = b.refuseMerge(v, via)
	}
	if opened {
		b.leave()
		m.anchors = m.anchors[:len(m.anchors)-1]
	}
	return ok
}

func (b *builder) refuseMerge(v, via *yaml.Node) bool {
	at := v
	if via != nil {
		at = via
	}
	b.refuse(rule.RefusedValue, at, "Kubernetes refuses this document, and nothing of it is converted: only mappings can be merged by <<.")
	b.refused.Hint = "Write the alias of a mapping, or a list of such, after <<."
	return false
}
