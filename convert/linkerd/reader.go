package linkerd

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// reader types one object and judges every key of it.
type reader struct {
	namespace string // of an object that names none
	doc       *source.Document
	findings  []finding.Finding
	refused   bool // the cluster does not take the object
}

func (r *reader) note(rl *finding.Rule, at *source.Node, format string, args ...any) {
	r.findings = append(r.findings, finding.New(rl, at.Place(), format, args...))
}

// refuse says why the cluster does not take the object: its schema, or Linkerd's
// webhook (pkg/profiles/profiles.go, Validate).
func (r *reader) refuse(at *source.Node, format string, args ...any) {
	r.refused = true
	r.note(rule.LinkerdRefused, at, format, args...)
}

// get returns the value under key, which has to be spelled as it is in the
// schema: the API server drops every other spelling.
func get(n *source.Node, key string) *source.Node {
	if n == nil || n.Kind != source.Map {
		return nil
	}
	for i := range n.Children() {
		if c := &n.Children()[i]; c.Key() == key && c.Kind != source.Null {
			return c
		}
	}
	return nil
}

// fields takes n for a mapping with the given keys, and reports all others.
func (r *reader) fields(n *source.Node, what string, keys ...string) bool {
	if n == nil || n.Kind == source.Null {
		return false
	}
	if n.Kind != source.Map {
		r.refuse(n, "%s is a mapping, and %s is written; the object is refused, and not converted.", what, n.Kind)
		return false
	}
	for i := range n.Children() {
		c := &n.Children()[i]
		if slices.Contains(keys, c.Key()) {
			continue
		}
		f := finding.New(rule.LinkerdUnknownField, c.Place(), "%s is no field of %s; the API server drops it, so it has no effect today.", c.Key(), what)
		if elsewhere := owners[c.Key()]; elsewhere != "" {
			f = f.WithHint("It is a field of %s: check the indentation.", elsewhere)
		} else if like, ok := likely(c.Key(), keys); ok {
			f = f.WithHint("Did you mean %s?", like)
		}
		r.findings = append(r.findings, f)
	}
	return true
}

// owners are fields that are often found in the wrong place, with the right one.
var owners = map[string]string{
	"retryBudget": "the spec, for all routes", "dstOverrides": "the spec", "routes": "the spec", "isRetryable": "a route", "timeout": "a route",
	"responseClasses": "a route", "isFailure": "a response class", "condition": "a route and of a response class",
	"pathRegex": "a condition", "method": "a condition",
}

// likely finds the key that differs in case or underscores alone.
func likely(key string, keys []string) (string, bool) {
	fold := func(s string) string { return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(s)) }
	i := slices.IndexFunc(keys, func(k string) bool { return fold(k) == fold(key) })
	if i < 0 {
		return "", false
	}
	return keys[i], true
}

// list are the elements under key.
func (r *reader) list(n *source.Node, key string) []source.Node {
	c := get(n, key)
	if c == nil {
		return nil
	}
	if c.Kind != source.List {
		r.refuse(c, "%s is a list, and %s is written; the object is refused, and not converted.", key, c.Kind)
		return nil
	}
	return c.Children()
}

// scalar is the value under key, if it is of the kind.
func (r *reader) scalar(n *source.Node, key string, kinds ...source.Kind) *source.Node {
	c := get(n, key)
	if c == nil {
		return nil
	}
	if !slices.Contains(kinds, c.Kind) {
		r.refuse(c, "%s is %s, and %s is written; the object is refused, and not converted.", key, kinds[0], c.Kind)
		return nil
	}
	return c
}

func (r *reader) text(n *source.Node, key string) string {
	if c := r.scalar(n, key, source.String); c != nil {
		return c.Value()
	}
	return ""
}

func (r *reader) flag(n *source.Node, key string) *source.Node {
	if c := r.scalar(n, key, source.Bool); c != nil && c.Value() == "true" {
		return c
	}
	return nil
}

// number reads a whole number that is not negative.
func (r *reader) number(n *source.Node, key string) uint32 {
	c := r.scalar(n, key, source.Int)
	if c == nil {
		return 0
	}
	v, err := strconv.ParseUint(c.Value(), 10, 32)
	if err != nil {
		r.refuse(c, "%s is a number from 0 on, and %s is written; the object is refused, and not converted.", key, c.Value())
	}
	return uint32(v)
}

// duration reads a time as Go writes it: 300ms, 1.5s.
func (r *reader) duration(n *source.Node, key string) time.Duration {
	written := r.text(n, key)
	if written == "" {
		return 0
	}
	d, err := time.ParseDuration(written)
	if err != nil {
		r.refuse(get(n, key), "%s %q is no duration such as 300ms or 5s; Linkerd's webhook refuses the object, and it is not converted.", key, written)
	}
	return d
}
