package prove

import (
	"slices"
	"strconv"
	"sync"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// partitions remembers the classes of conditions with expressions, which take
// long to find and come up again from host to host. nil remembers nothing.
type partitions struct {
	lock  sync.Mutex
	known map[string]partition
}

// partition is an answer of route.Partition.
type partition struct {
	classes *route.Classes
	ok      bool
}

func (c *partitions) of(x *route.Expressions, d route.Dimension, conditions []route.StringMatch) (*route.Classes, bool) {
	quick := func(m route.StringMatch) bool { return m.Kind != route.Regex && !m.IgnoreCase }
	if c == nil || !slices.ContainsFunc(conditions, func(m route.StringMatch) bool { return !quick(m) }) {
		return x.Partition(d, conditions)
	}
	key := partitionKey(d, conditions)
	c.lock.Lock()
	p, known := c.known[key]
	c.lock.Unlock()
	if known {
		return p.classes, p.ok
	}
	p.classes, p.ok = x.Partition(d, conditions)
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.known == nil {
		c.known = map[string]partition{}
	}
	c.known[key] = p
	return p.classes, p.ok
}

func partitionKey(d route.Dimension, conditions []route.StringMatch) string {
	key := make([]byte, 0, 128)
	key = append(strconv.AppendInt(key, int64(d.Kind), 10), ' ')
	key = strconv.AppendQuote(key, d.Name)
	for _, m := range conditions {
		key = append(strconv.AppendInt(append(key, ' '), int64(m.Kind), 10), ' ')
		key = strconv.AppendBool(key, m.IgnoreCase)
		key = strconv.AppendBool(key, m.OrAbsent)
		key = strconv.AppendQuote(key, m.Value)
	}
	return string(key)
}
