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
func readYAML(c *chunk, known words) (trees []parsed, failure *finding.Finding) {
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
	b := builder{chunk: c, words: known}
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
	var y yaml.Node
	if err := yaml.Unmarshal(text, &y); err != nil {
		return nil, err
	}
	if y.Kind != yaml.DocumentNode || len(y.Content) != 1 {
		return nil, nil
	}
	root := y.Content[0]
	// A block mapping at the margin ends with the text. After anything else more
	// may follow, which yaml.Unmarshal drops without a word.
	if root.Kind != yaml.MappingNode || root.Style&yaml.FlowStyle != 0 || root.Column > 1 {
		if err := nothingFollows(text); err != nil {
			return nil, err
		}
	}
	return root, nil
}

func nothingFollows(text []byte) error {
	d := yaml.NewDecoder(bytes.NewReader(text))
	var y yaml.Node
	if err := d.Decode(&y); err != nil {
		return err
	}
	switch err := d.Decode(&y); err {
	case io.EOF:
		return nil
	case nil:
		return errSecond
	default:
		return err
	}
}
