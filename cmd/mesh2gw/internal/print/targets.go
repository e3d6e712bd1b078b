package print

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Targets is a printer of what is known of implementations.
type Targets func(w io.Writer, all []target.Target) error

// mark is an answer in a matrix.
func mark(s target.Support) string {
	if s == target.Unknown {
		return "?"
	}
	return s.String()
}

// TargetsText writes the matrix: a line for each feature.
func TargetsText(w io.Writer, all []target.Target) error {
	var b bytes.Buffer
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	line := func(first string, cell func(t target.Target) string) {
		fmt.Fprint(table, first)
		for _, t := range all {
			fmt.Fprint(table, "\t", cell(t))
		}
		fmt.Fprintln(table)
	}
	line("", func(t target.Target) string { return t.Name })
	line("version", func(t target.Target) string { return t.Report.Label })
	line("Gateway API", func(t target.Target) string { return t.Report.GatewayAPI })
	for _, n := range target.Needs() {
		line(n.Feature, func(t target.Target) string { return mark(t.Has(n, false)) })
	}
	if err := table.Flush(); err != nil {
		return err
	}
	b.WriteString("\n? is not known. mesh2gw targets NAME says more, with sources.\n")
	_, err := w.Write(trimLines(b.Bytes()))
	return err
}

// trimLines drops blanks at the ends of lines.
func trimLines(text []byte) []byte {
	lines := strings.Split(string(text), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return []byte(strings.Join(lines, "\n"))
}

// TargetPages writes all that is known of each.
func TargetPages(w io.Writer, all []target.Target) error {
	var b bytes.Buffer
	for i, t := range all {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s (%s)\n\n", t.Full(), t)
		if t.About != "" {
			b.WriteString(fold(t.About, width) + "\n\n")
		}
		fmt.Fprintf(&b, "Gateway API %s; %s; other versions: %s\n", t.Report.GatewayAPI, placesOf(t), otherVersions(t))
		fmt.Fprintf(&b, "Features: %s\n  in %s\n", sourceOf(t), target.ReportsModule)
		for _, f := range t.Facts() {
			fmt.Fprintf(&b, "\n%s: %s\n", f.Name, f.Fact)
			if f.Source != "" {
				b.WriteString(indented(fold(fmt.Sprintf("%s, %s", f.Source, f.Date), width-len(indent)) + "\n"))
			}
		}
		aboutFeatures(&b, t)
		for _, s := range []target.Support{target.Yes, target.No, target.Unknown} {
			for _, mesh := range []bool{false, true} {
				if names := featuresOf(t, s, mesh); len(names) > 0 && (!mesh || t.Mesh == target.Yes) {
					fmt.Fprintf(&b, "\n%s:\n%s", supportTitle(s, mesh), indented(fold(strings.Join(names, ", "), width-len(indent))+"\n"))
				}
			}
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// aboutFeatures writes what is known of features beside the report's answers.
func aboutFeatures(b *bytes.Buffer, t target.Target) {
	if t.Anchoring != target.AnchoringUnknown {
		fmt.Fprintf(b, "\npath expressions are compared with: %s\n", t.Anchoring)
	}
	for _, profile := range target.Profiles() {
		if skipped := t.Report.Skipped(profile); len(skipped) > 0 {
			fmt.Fprintf(b, "\ncore tests of %s that were skipped: %s\n", profile, strings.Join(skipped, ", "))
		}
	}
	for _, n := range target.Needs() {
		for _, f := range []target.Fact{t.Also[n.Feature], t.MeshAlso[n.Feature], t.Seen[n.Feature]} {
			if f.Known() {
				fmt.Fprintf(b, "\n%s: %s\n%s\n", n.Feature, f, indented(fold(fmt.Sprintf("%s, %s", f.Source, f.Date), width-len(indent))))
			}
		}
	}
}

func placesOf(t target.Target) string {
	switch {
	case t.Gateways != target.Yes:
		return "serves the mesh alone"
	case t.Mesh != target.Yes:
		return "serves Gateways, and no mesh"
	}
	return "serves Gateways and a mesh"
}

func otherVersions(t target.Target) string {
	var others []string
	for _, l := range t.Labels() {
		if l != t.Report.Label {
			others = append(others, l)
		}
	}
	if len(others) == 0 {
		return "none"
	}
	return strings.Join(others, ", ")
}

func sourceOf(t target.Target) string {
	if t.Report.Date == "" {
		return t.Report.Source
	}
	return t.Report.Source + ", " + t.Report.Date
}

func supportTitle(s target.Support, mesh bool) string {
	words := map[target.Support]string{target.Yes: "served", target.No: "not served", target.Unknown: "not known"}
	if mesh {
		return words[s] + " inside of the mesh"
	}
	return words[s]
}

func featuresOf(t target.Target, s target.Support, mesh bool) []string {
	var names []string
	for _, n := range target.Needs() {
		if mesh && !n.InMesh() || !mesh && t.Gateways != target.Yes {
			continue
		}
		if t.Has(n, mesh) == s {
			names = append(names, n.Feature)
		}
	}
	return names
}

// targetJSON is an implementation as programs read it.
type targetJSON struct {
	Name       string              `json:"name"`
	Title      string              `json:"title"`
	Version    string              `json:"version"`
	Versions   []string            `json:"versions"`
	GatewayAPI string              `json:"gatewayAPI"`
	Source     string              `json:"source"`
	Date       string              `json:"date"`
	About      string              `json:"about"`
	Gateways   string              `json:"gateways"`
	Mesh       string              `json:"mesh"`
	Facts      map[string]factJSON `json:"facts"`
	Features   map[string]string   `json:"features"`
	InMesh     map[string]string   `json:"featuresInMesh"`
}

type factJSON struct {
	Says     string `json:"says"`
	Source   string `json:"source"`
	Date     string `json:"date"`
	Inferred bool   `json:"inferred"`
}

// TargetsJSON writes an array of implementations.
func TargetsJSON(w io.Writer, all []target.Target) error {
	out := make([]targetJSON, len(all))
	for i, t := range all {
		out[i] = targetJSON{
			Name: t.Name, Title: t.Title, Version: t.Report.Label, Versions: t.Labels(), GatewayAPI: t.Report.GatewayAPI,
			Source: target.ReportsModule + "/" + t.Report.Source, Date: t.Report.Date, About: t.About,
			Gateways: t.Gateways.String(), Mesh: t.Mesh.String(),
			Facts: map[string]factJSON{}, Features: map[string]string{}, InMesh: map[string]string{},
		}
		for _, f := range t.Facts() {
			out[i].Facts[f.Name] = factJSON{f.Says, f.Source, f.Date, f.Inferred}
		}
		for _, n := range target.Needs() {
			out[i].Features[n.Feature] = t.Has(n, false).String()
			if n.InMesh() {
				out[i].InMesh[n.Feature] = t.Has(n, true).String()
			}
		}
	}
	return writeJSON(w, out)
}
