package print

import (
	"fmt"
	"io"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// Findings is a printer of findings.
type Findings func(w io.Writer, findings []finding.Finding) error

// FindingsText writes one line for each finding. Line breaks and control
// characters of the user's names and values are escaped, and what a CI system
// would take for an order.
func FindingsText(w io.Writer, findings []finding.Finding) error {
	var b []byte
	for _, f := range findings {
		b = append(appendLine(b[:0], f.String()), '\n')
		if _, err := w.Write(inert(b)); err != nil {
			return err
		}
	}
	return nil
}

// jsonFinding is the shape of a finding in JSON. It is fixed: scripts and
// editors read it.
type jsonFinding struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Object   string `json:"object"`
	Field    string `json:"field"`
	Message  string `json:"message"`
	Hint     string `json:"hint"`
}

// FindingsJSON writes one array; every key is there in every element.
func FindingsJSON(w io.Writer, findings []finding.Finding) error {
	out := make([]jsonFinding, len(findings))
	for i, f := range findings {
		out[i] = jsonFindingOf(f)
	}
	return writeJSON(w, out)
}

// Done is what a conversion came to.
type Done struct {
	Read, Written int // objects
	Findings      []finding.Finding
	Accepted      int // findings that the authors of the input set aside
}

// Summary writes the line that ends every conversion.
func Summary(w io.Writer, d Done) error {
	accepted := ""
	if d.Accepted > 0 {
		accepted = fmt.Sprintf("; %d accepted", d.Accepted)
	}
	_, err := fmt.Fprintf(w, "%s read, %s written; %s%s\n", count(d.Read, "object"), count(d.Written, "object"), tally(d.Findings), accepted)
	return err
}

// tally counts findings by severity, the worst first.
func tally(findings []finding.Finding) string {
	var by [finding.Error + 1]int
	for _, f := range findings {
		by[f.Rule.Severity]++
	}
	var parts []string
	for s := finding.Error; s >= finding.Note; s-- {
		if by[s] > 0 {
			parts = append(parts, count(by[s], s.String()))
		}
	}
	if len(parts) == 0 {
		return "no findings"
	}
	return strings.Join(parts, ", ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
