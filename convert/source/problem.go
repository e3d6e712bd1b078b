package source

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	yamlv2 "go.yaml.in/yaml/v2"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

var (
	yamlError     = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// broken is the finding for an error of the parser.
func broken(c *chunk, err error) finding.Finding {
	_, problem := splitError(err)
	if problem == "control characters are not allowed" {
		return controlCharacter(c)
	}
	if m := unknownAnchor.FindStringSubmatch(problem); m != nil {
		return unknownAlias(c, m[1])
	}
	line := errorLine(c.text, problem)
	at := c.firstOfLine(line)
	f := finding.New(rule.BrokenYAML, finding.Place{Pos: at}, "Nothing of this document is converted: %s.", inWords(problem))
	if l := c.line(line); bytes.Contains(l, []byte("${")) {
		return f.WithHint("Quote the placeholder, or fill it in first: envsubst < FILE | mesh2gw convert.")
	}
	return f
}

// unknownAlias finds the alias itself, since the parser does not say where.
func unknownAlias(c *chunk, name string) finding.Finding {
	at := c.begin()
	if i := bytes.Index(c.text, []byte("*"+name)); i >= 0 {
		at = c.offset(i)
	}
	return finding.New(rule.BrokenYAML, finding.Place{Pos: at},
		"Nothing of this document is converted: the alias *%s has no anchor before it in the document.", name)
}

func splitError(err error) (line int, problem string) {
	m := yamlError.FindStringSubmatch(err.Error())
	if m == nil {
		return 0, err.Error()
	}
	line, _ = strconv.Atoi(m[1])
	return line, m[2]
}

// errorLine finds the line of text at which the parse fails, counted from 1, or
// 0 where neither parser tells. yaml.v3 names the line where the surrounding
// construct began. That is the right one for an open quote, and useless for a
// misplaced token of a mapping, which may be the whole document; there v2
// names the token. Both leave out line 0 and count the parser's lines from 0,
// hence the empty line in front.
func errorLine(text []byte, problem string) int {
	padded := append([]byte("\n"), text...)
	if !parserProblem(problem) {
		_, err := decode(padded)
		if err == nil {
			return 0
		}
		line, _ := splitError(err)
		return max(line-1, 0)
	}
	line, same := v2Line(padded)
	if same != problem {
		return 0
	}
	return line
}

// v2Line asks yaml.v2, whose panics are as foreign as those of v3.
func v2Line(text []byte) (line int, problem string) {
	defer func() {
		if recover() != nil {
			line, problem = 0, ""
		}
	}()
	d := yamlv2.NewDecoder(bytes.NewReader(text))
	for range 2 {
		var v nothing
		if err := d.Decode(&v); err != nil {
			return splitError(err)
		}
	}
	return 0, ""
}

// nothing is decoded into where only the syntax matters.
type nothing struct{}

// UnmarshalYAML takes any value and leaves it alone.
func (*nothing) UnmarshalYAML(func(any) error) error { return nil }

// parserProblem tells the errors of the parser from those of the scanner.
func parserProblem(problem string) bool {
	return strings.HasPrefix(problem, "did not find expected") || problem == "found undefined tag handle" ||
		strings.HasPrefix(problem, "found duplicate %") || problem == "found incompatible YAML document"
}

// inWords says what the parser means, for the errors that people meet.
func inWords(problem string) string {
	switch problem {
	case "mapping values are not allowed in this context":
		return "a colon stands where no key can be (wrong indentation, or a value with ': ' that needs quotes)"
	case "did not find expected key":
		return "a key was expected here (wrong indentation, or an unquoted value that starts with a quote)"
	case "could not find expected ':'":
		return "a key has no colon after it"
	case "did not find expected '-' indicator":
		return "an item of a list was expected here (wrong indentation)"
	case "found character that cannot start any token":
		return "a tab, @ or ` stands where YAML allows none (indent by spaces; quote the value)"
	case "found unexpected end of stream":
		return "a quote or bracket is not closed"
	case "did not find expected <document start>", errSecond.Error():
		return "text follows the end of the document"
	case "did not find expected node content":
		return "a value was expected here"
	case "did not find expected ',' or ']'", "did not find expected ',' or '}'":
		return "a comma or a closing bracket was expected here"
	}
	return problem
}

func controlCharacter(c *chunk) finding.Finding {
	for i, r := range string(c.text) {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0x7f || r >= 0x80 && r < 0xa0 && r != 0x85 || r == 0xfffe || r == 0xffff {
			return finding.New(rule.NotText, finding.Place{Pos: c.offset(i)},
				"Nothing of this document is converted: the control character U+%04X is not allowed in YAML.", r)
		}
	}
	return finding.New(rule.NotText, finding.Place{Pos: c.begin()},
		"Nothing of this document is converted: it holds a control character.")
}

// line is a line of the text, counted from 1.
func (c *chunk) line(n int) []byte {
	if n < 1 {
		return nil
	}
	rest := c.text
	for ; n > 1; n-- {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			return nil
		}
		rest = rest[i+1:]
	}
	l, _, _ := bytes.Cut(rest, []byte("\n"))
	return l
}

// firstOfLine is the first character of a line that is no blank; where the line
// is empty or unknown, the beginning of the document.
func (c *chunk) firstOfLine(n int) finding.Pos {
	l := c.line(n)
	trimmed := bytes.TrimLeft(l, " \t\r")
	if len(trimmed) == 0 {
		return c.begin()
	}
	return c.pos(n, 1+utf8.RuneCount(l[:len(l)-len(trimmed)]))
}
