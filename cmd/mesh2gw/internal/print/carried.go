package print

import (
	"bytes"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Carried is a printer of a ranking of implementations.
type Carried func(w io.Writer, all []convert.Carried) error

// CarriedText writes the ranking, and below what each lacks.
func CarriedText(w io.Writer, all []convert.Carried) error {
	if all[0].Rules == 0 {
		_, err := io.WriteString(w, "no rule is written, so there is nothing to rank; mesh2gw convert says why\n")
		return err
	}
	var b bytes.Buffer
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "served\tnot known\tpartly\tlost\t of "+count(all[0].Rules, "rule")+"\t")
	for _, c := range all {
		fmt.Fprintf(table, "%d\t%d\t%d\t%d\t\t%s\n", c.Full, c.Open, c.Partly, c.Lost, "  "+c.Target.Full())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	b.WriteString("\nserved: all that the rule makes use of. partly: it takes its requests and treats some otherwise.\nlost: its requests are not served by it. What the conversion itself loses counts for no implementation.\n")
	for _, c := range all {
		if len(c.Lacks)+c.Ended+c.Retried+c.Errors > 0 {
			c := carriedPage{c}
			fmt.Fprintf(&b, "\n%s\n", c.Target.Full())
			c.text(&b)
		}
	}
	_, err := w.Write(trimLines(b.Bytes()))
	return err
}

type carriedPage struct{ convert.Carried }

func (c carriedPage) text(b *bytes.Buffer) {
	for _, l := range c.Lacks {
		says := "lacks"
		if l.Support == target.Unknown {
			says = "not known:"
		}
		fmt.Fprintf(b, "  %s %s (%s)\n", says, l.Use.Need.Says+inMesh(l), countOf(l))
	}
	if c.Ended > 0 {
		fmt.Fprintf(b, "  default: requests without a timeout end after: %s (%s)\n", c.Target.Timeout, count(c.Ended, "route"))
	}
	if c.Retried > 0 {
		fmt.Fprintf(b, "  default: retries without a policy: %s (%s)\n", c.Target.Retries, count(c.Retried, "route"))
	}
	if c.Errors > 0 {
		fmt.Fprintf(b, "  the conversion itself: %s\n", count(c.Errors, "error"))
	}
}

func inMesh(l convert.Lack) string {
	if l.Use.Mesh && l.Use.Need.InMesh() && !l.Use.Need.Core() {
		return ", in the mesh"
	}
	return ""
}

func countOf(l convert.Lack) string {
	if l.Rules == 0 {
		return count(l.Objects, "object")
	}
	return count(l.Rules, "rule")
}

type carriedJSON struct {
	Name    string     `json:"name"`
	Version string     `json:"version"`
	Rules   int        `json:"rules"`
	Served  int        `json:"served"`
	Unknown int        `json:"notKnown"`
	Partly  int        `json:"partly"`
	Lost    int        `json:"lost"`
	Errors  int        `json:"conversionErrors"`
	Lacks   []lackJSON `json:"lacks"`
}

type lackJSON struct {
	Feature string `json:"feature"`
	InMesh  bool   `json:"inMesh"`
	Support string `json:"support"`
	Rules   int    `json:"rules"`
	Objects int    `json:"objects"`
}

// CarriedJSON writes the ranking as an array, the best first.
func CarriedJSON(w io.Writer, all []convert.Carried) error {
	out := make([]carriedJSON, len(all))
	for i, c := range all {
		out[i] = carriedJSON{c.Target.Name, c.Target.Report.Label, c.Rules, c.Full, c.Open, c.Partly, c.Lost, c.Errors, []lackJSON{}}
		for _, l := range c.Lacks {
			out[i].Lacks = append(out[i].Lacks, lackJSON{l.Use.Need.Feature, l.Use.Mesh, l.Support.String(), l.Rules, l.Objects})
		}
	}
	return writeJSON(w, out)
}
