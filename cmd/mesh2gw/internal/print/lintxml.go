package print

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// The parts of JUnit's format that GitLab, Jenkins and their like read.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		File      string        `xml:"file,attr,omitempty"`
		Line      int           `xml:"line,attr,omitempty"`
		Time      string        `xml:"time,attr"`
		Failure   *junitFailure `xml:"failure"`
		Output    *junitOutput  `xml:"system-out"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
	junitOutput struct {
		Text string `xml:",chardata"`
	}
)

// LintJUnit writes a suite for each file. Errors and warnings are failures; notes
// pass and say their say: as skipped tests, they would look like something that
// was not run. A file without findings has one test, which passes.
func LintJUnit(w io.Writer, l Lint) error {
	out := junitSuites{Name: "mesh2gw lint"}
	for _, file := range l.files() {
		suite := l.junitSuite(file.name, file.findings)
		out.Tests += suite.Tests
		out.Failures += suite.Failures
		out.Suites = append(out.Suites, suite)
	}
	return writeXML(w, out)
}

// lintFile is a file and what was found in it.
type lintFile struct {
	name     string
	findings []finding.Finding
}

// files are the files of the input, and of the findings, in this order. Without
// any there is the input as a whole.
func (l Lint) files() []lintFile {
	var files []lintFile
	index := map[string]int{}
	at := func(name string) int {
		if i, known := index[name]; known {
			return i
		}
		index[name] = len(files)
		files = append(files, lintFile{name: name})
		return len(files) - 1
	}
	if l.Text != nil {
		for _, name := range l.Text.Names() {
			at(cmp.Or(l.path(name), nowhere))
		}
	}
	for _, f := range l.Findings {
		i := at(cmp.Or(l.path(f.Place.Pos.File), nowhere))
		files[i].findings = append(files[i].findings, f)
	}
	if len(files) == 0 {
		at(nowhere)
	}
	return files
}

func (l Lint) junitSuite(name string, findings []finding.Finding) junitSuite {
	suite := junitSuite{Name: shown(name), Time: "0"}
	names := map[string]int{}
	for _, f := range findings {
		c := junitTest(f, shown(name))
		// GitLab tells tests apart by class and name.
		if names[c.Name]++; names[c.Name] > 1 {
			c.Name += fmt.Sprintf(" (%d)", names[c.Name])
		}
		if c.Failure != nil {
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, c)
	}
	if len(suite.Cases) == 0 {
		suite.Cases = []junitCase{{Name: "no findings", ClassName: suite.Name, File: suite.Name, Time: "0"}}
	}
	suite.Tests = len(suite.Cases)
	return suite
}

// junitTest is named without its line, so that it stays the same test when lines
// are added before it. GitLab shows the text of a failure and no attribute of it,
// so the text says all.
func junitTest(f finding.Finding, file string) junitCase {
	c := junitCase{Name: f.Rule.ID + " " + f.Rule.Title, ClassName: file, File: file, Line: f.Place.Pos.Line, Time: "0"}
	if f.Place.Object != "" {
		c.Name += ": " + shown(f.Place.Object)
		if f.Place.Field != "" {
			c.Name += " " + shown(f.Place.Field)
		}
	}
	text := shown(f.String()) + "\n" + ruleLink(f.Rule)
	if f.Rule.Severity == finding.Note {
		c.Output = &junitOutput{text}
		return c
	}
	c.Failure = &junitFailure{Message: shown(f.Message), Type: f.Rule.Severity.String(), Text: text}
	return c
}

// The format of Checkstyle's XMLLogger.
type (
	checkstyle struct {
		XMLName xml.Name         `xml:"checkstyle"`
		Version string           `xml:"version,attr"`
		Files   []checkstyleFile `xml:"file"`
	}
	checkstyleFile struct {
		Name   string            `xml:"name,attr"`
		Errors []checkstyleError `xml:"error"`
	}
	checkstyleError struct {
		Line     int    `xml:"line,attr"`
		Column   int    `xml:"column,attr,omitempty"`
		Severity string `xml:"severity,attr"`
		Message  string `xml:"message,attr"`
		Source   string `xml:"source,attr"` // readers take what follows the last dot for the rule, the rest for its category
	}
)

// LintCheckstyle writes the XML of Checkstyle 4.3, which many tools read.
func LintCheckstyle(w io.Writer, l Lint) error {
	out := checkstyle{Version: "4.3"}
	for _, file := range l.files() {
		if len(file.findings) == 0 {
			continue
		}
		entry := checkstyleFile{Name: shown(file.name)}
		for _, f := range file.findings {
			entry.Errors = append(entry.Errors, checkstyleError{
				Line: f.Place.Pos.Line, Column: f.Place.Pos.Column, Severity: checkstyleSeverity(f.Rule.Severity),
				Message: shown(says(f)), Source: "mesh2gw." + string(f.Rule.InGroup()) + "." + f.Rule.ID,
			})
		}
		out.Files = append(out.Files, entry)
	}
	return writeXML(w, out)
}

func checkstyleSeverity(s finding.Severity) string {
	if s == finding.Note {
		return "info"
	}
	return s.String()
}

// writeXML writes a document. Its strings have been through shown: XML 1.0 has
// no way to say most control characters, and the library would make them all
// U+FFFD. "##[" is for GitHub's runner; see inert.
func writeXML(w io.Writer, v any) error {
	data, err := xml.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	data = bytes.ReplaceAll(data, []byte(oldCommand), []byte("##&#91;"))
	_, err = w.Write(bytes.Join([][]byte{[]byte(xml.Header), data, []byte("\n")}, nil))
	return err
}
