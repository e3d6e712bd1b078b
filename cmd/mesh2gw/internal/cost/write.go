package cost

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Text is the table for people, with the assumptions below it.
func Text(w io.Writer, r *Result) error {
	var table, b bytes.Buffer
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	head := "\treserved\t\tused or reserved\t\ta month\tbeside today\t"
	if len(r.Nodes) > 0 {
		head += "nodes\t"
	}
	fmt.Fprintln(t, head)
	for i, way := range r.Ways {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t", way.Name, cores(way.Reserved), memory(way.Reserved), cores(way.Counted), memory(way.Counted),
			way.Month(), difference(r.Ways[0], way, i))
		if len(r.Nodes) > 0 {
			fmt.Fprintf(t, "%s\t", r.Nodes[i])
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(table.String()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	for _, way := range r.Ways {
		fmt.Fprintf(&b, "\n%s\n", way.Name)
		for _, p := range way.Parts {
			fmt.Fprintf(&b, "  %d x %s: %s reserved", p.Count, p.Name, p.Reserved)
			if p.Used != (Resources{}) {
				fmt.Fprintf(&b, ", %s used", p.Used)
			}
			fmt.Fprintf(&b, "  [%s]\n", p.Source)
		}
		for _, without := range way.Without {
			fmt.Fprintf(&b, "  without: %s\n", without)
		}
	}
	b.WriteString("\nAssumed\n")
	for _, a := range r.Assumptions {
		fmt.Fprintf(&b, "  %s\n", a)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func cores(r Resources) string  { return fmt.Sprintf("%.4g cores", r.CPU) }
func memory(r Resources) string { return fmt.Sprintf("%.4g GiB", r.Memory/gib) }

// Month is what w costs in a month: 340, or 340 to 1200.
func (w Way) Month() string {
	if fmt.Sprintf("%.0f", w.Low) == fmt.Sprintf("%.0f", w.High) {
		return fmt.Sprintf("%.0f", w.Low)
	}
	return fmt.Sprintf("%.0f to %.0f", w.Low, w.High)
}

// difference is what a way costs more or less than today: ends are compared with the
// same end.
func difference(today, way Way, i int) string {
	if i == 0 {
		return ""
	}
	a, b := way.Low-today.Low, way.High-today.High
	if fmt.Sprintf("%.0f", a) == fmt.Sprintf("%.0f", b) {
		return fmt.Sprintf("%+.0f", a)
	}
	return fmt.Sprintf("%+.0f to %+.0f", max(a, b), min(a, b))
}

// String is how many are needed: 9, or 7 to 9.
func (n Nodes) String() string {
	if n.Least == n.Most {
		return strconv.Itoa(n.Least)
	}
	return fmt.Sprintf("%d to %d", n.Least, n.Most)
}

var columns = []string{"way", "part", "count", "reserved_cpu", "reserved_memory_bytes", "used_cpu", "used_memory_bytes", "month_low", "month_high", "source"}

// CSV has a row for each part, and one for each way with all of its parts.
func CSV(w io.Writer, r *Result) error {
	out := csv.NewWriter(w)
	rows := [][]string{columns}
	for _, way := range r.Ways {
		for _, p := range way.Parts {
			rows = append(rows, row(way.Name, p.Name, p.Count, p.Reserved, p.Used, r.Input.Prices.Month(p.Reserved), r.Input.Prices.Month(p.Reserved.Most(p.Used)), p.Source))
		}
		rows = append(rows, row(way.Name, "", 0, way.Reserved, way.Counted, way.Low, way.High, ""))
	}
	return out.WriteAll(rows)
}

func row(way, part string, count int, reserved, used Resources, low, high float64, source string) []string {
	return []string{way, part, strconv.Itoa(count), exact(reserved.CPU), exact(reserved.Memory), exact(used.CPU), exact(used.Memory), exact(low), exact(high), source}
}

// exact loses nothing.
func exact(f float64) string { return strings.TrimSuffix(strconv.FormatFloat(f, 'f', -1, 64), ".0") }

// JSON is all of it.
func JSON(w io.Writer, r *Result) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Read reads what JSON wrote.
func Read(data []byte) (*Result, error) {
	r := &Result{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("no estimate in JSON: %w", err)
	}
	if r.Version != Version {
		return nil, fmt.Errorf("it is %q, want %q: mesh2gw cost --format json writes it", r.Version, Version)
	}
	return r, nil
}
