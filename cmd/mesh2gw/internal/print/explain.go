package print

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Explanations writes which rules were asked about r, up to the one that decides.
func Explanations(w io.Writer, r route.Request, all []convert.Explanation) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s://%s%s\n", r.Method, r.Scheme, r.Authority, appendLine(nil, r.Target()))
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		fmt.Fprintf(&b, "%s: %s\n", appendLine(nil, name), appendLine(nil, r.Headers[name]))
	}
	if len(all) == 0 {
		b.WriteString("no gateway and no Service of the input takes such a request\n")
	}
	for _, e := range all {
		fmt.Fprintf(&b, "\n%s", e.Door.Title())
		switch {
		case !e.Known:
			fmt.Fprintf(&b, "\n  nothing answers for %s: 404\n", r.Authority)
			continue
		case e.Host != "":
			fmt.Fprintf(&b, ", host %s", e.Host)
		}
		b.WriteString("\n")
		if err := steps(&b, e.Steps); err != nil {
			return err
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func steps(w io.Writer, all []convert.Step) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	decided := false
	for _, s := range all {
		says := "no: " + s.Why
		switch {
		case s.Perhaps:
			says = "perhaps: " + s.Then + ", where the implementation ranks it first"
		case s.Why == "":
			says, decided = "decides: "+s.Then, true
		}
		fmt.Fprintf(table, "  %s\t%s\n", appendLine(nil, ruleText(s.Rule)), appendLine(nil, says))
	}
	if !decided {
		fmt.Fprintf(table, "  no rule\tdecides: 404\n")
	}
	return table.Flush()
}
