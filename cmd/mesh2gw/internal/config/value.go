package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// resolved is n, or what the alias n stands for.
func resolved(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// what names the type of a value.
func what(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "a number"
	case "!!str":
		return "a string"
	case "!!timestamp":
		return "a date"
	}
	return "a value of the type " + n.ShortTag()
}

func empty(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// mapping reads a mapping with the given keys. One without a value, as it is
// left when all of it is turned into comments, holds nothing.
func (p *parser) mapping(n *yaml.Node, key string, fields []field) {
	n = resolved(n)
	if empty(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		p.fault(n, key, "this is %s; want a mapping", what(n))
		return
	}
	first := map[string]int{} // the lines of the keys
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, value := resolved(n.Content[i]), n.Content[i+1]
		at := n.Content[i]
		if k.Kind != yaml.ScalarNode {
			p.fault(at, key, "a key is %s; want a string", what(k))
			continue
		}
		inside := strings.TrimPrefix(key+"."+shown(k.Value), ".")
		if line, ok := first[k.Value]; ok {
			p.fault(at, inside, "written twice, first in line %d", line)
			continue
		}
		first[k.Value] = at.Line
		j := slices.IndexFunc(fields, func(f field) bool { return f.name == k.Value })
		if j < 0 {
			p.unknown(at, inside, k.Value, fields)
			continue
		}
		fields[j].read(value, inside)
	}
}

func (p *parser) unknown(at *yaml.Node, key, word string, fields []field) {
	var words []string
	for _, f := range fields {
		words = append(words, f.name)
	}
	if len(words) > few {
		hint := "; mesh2gw rules lists all of them"
		if upper := strings.ToUpper(word); slices.Contains(words, upper) {
			hint = fmt.Sprintf("; did you mean %s?", upper)
		}
		p.fault(at, key, "no rule has this id%s", hint)
		return
	}
	hint := near(word, words)
	if hint == "" {
		hint = "; want " + alternatives(words)
	}
	p.fault(at, key, "unknown key%s", hint)
}

// few keys are told where another is written; ids of rules are more.
const few = 20

// shown is a key as it may stand in a message: what could steer a terminal, or is
// endless, is not.
func shown(key string) string {
	if len(key) > 80 || strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return fmt.Sprintf("%.80q", key)
	}
	return key
}

// list reads a list; one without a value holds nothing.
func (p *parser) list(n *yaml.Node, key string, each func(n *yaml.Node, key string)) {
	n = resolved(n)
	if empty(n) {
		return
	}
	if n.Kind != yaml.SequenceNode {
		p.fault(n, key, "this is %s; want a list", what(n))
		return
	}
	for i, item := range n.Content {
		each(item, fmt.Sprintf("%s[%d]", key, i))
	}
}

// text reads a string.
func (p *parser) text(n *yaml.Node, key string) (value string, ok bool) {
	n = resolved(n)
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		return n.Value, true
	}
	p.fault(n, key, "this is %s; want a string", what(n))
	return "", false
}

// word reads one of words.
func (p *parser) word(n *yaml.Node, key string, words []string) (value string, ok bool) {
	value, ok = p.text(n, key)
	if ok && !slices.Contains(words, value) {
		p.fault(resolved(n), key, "%q: want %s", value, alternatives(words))
		return "", false
	}
	return value, ok
}

// flag reads the value of a flag. 1.7 is a number in YAML, and a version here.
func (p *parser) flag(n *yaml.Node, key, section, flag string) (value string, ok bool) {
	n = resolved(n)
	if flag == "gateway-api" && n.Kind == yaml.ScalarNode && n.ShortTag() == "!!float" {
		value = n.Value
	} else if value, ok = p.text(n, key); !ok {
		return "", false
	}
	if err := p.check(section, flag, value); err != nil {
		p.fault(n, key, "%v", err)
		return "", false
	}
	return value, true
}

// truth reads true or false.
func (p *parser) truth(n *yaml.Node, key string) bool {
	n = resolved(n)
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
		p.fault(n, key, "this is %s; want true or false", what(n))
		return false
	}
	var value bool
	if err := n.Decode(&value); err != nil {
		p.fault(n, key, "%q: want true or false", n.Value)
	}
	return value
}

// alternatives is "a, b or c".
func alternatives(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
