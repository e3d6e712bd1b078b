package source

import (
	"bytes"
	"errors"
	"io"
	"runtime"

	"go.yaml.in/yaml/v3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// readYAML reads the one document of c. A panic of the parser costs this
// document only.
func readYAML(c *chunk, known *arena) (trees []parsed, failure *finding.Finding) {
	defer func() {
		if p := recover(); p != nil {
			f := finding.New(rule.BrokenYAML, finding.Place{Pos: c.begin()},
				"Nothing of this document is converted: the YAML parser fails on it (%s).", panicText(p)).
				WithHint("Rewrite the document in plainer YAML, and report this: it is a fault of the parser.")
			trees, failure = nil, &f
		}
	}()
	y, err := decode(c.text)
	if err != nil {
		f := broken(c, err)
		return nil, &f
	}
	if y == nil {
		return nil, nil
	}
	b := builder{chunk: c, arena: known}
	root := b.root(y)
	if root == nil {
		return nil, b.refused
	}
	return []parsed{{root, b.doc, b.repeats}}, nil
}

func panicText(p any) string {
	if err, ok := p.(runtime.Error); ok {
		return err.Error()
	}
	if s, ok := p.(string); ok {
		return s
	}
	return "panic"
}

var errSecond = errors.New("text follows the end of the document")

// decode parses text to the root of its document, nil where it is empty.
func decode(text []byte) (*yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	var y yaml.Node
	if err := d.Decode(&y); err == io.EOF {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if len(y.Content) != 1 {
		return nil, nil
	}
	root := y.Content[0]
	if root.Kind != yaml.ScalarNode && root.Style&yaml.FlowStyle == 0 && root.Column == 1 {
		return root, nil // a block at the margin ends with the text
	}
	switch err := d.Decode(&y); err { // yaml.Unmarshal would drop what follows without a word
	case io.EOF:
		return root, nil
	case nil:
		return nil, errSecond
	default:
		return nil, err
	}
}
