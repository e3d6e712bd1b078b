package print

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/target"
)

// TargetsMarkdown writes docs/targets.md.
func TargetsMarkdown(w io.Writer, all []target.Target) error {
	var b bytes.Buffer
	b.WriteString("# What implementations serve\n\n" + generated("targets") +
		fold("What can be asked with `--target NAME[@VERSION]`, and where each statement comes from. Features come from the reports that "+
			"implementations made about themselves with the conformance tests of Gateway API (module `"+target.ReportsModule+"`); the rest was read in sources and "+
			"documentation. **?** is not known: the report does not name the feature, and no other source was found.", docsWidth) + "\n\n" +
		"`mesh2gw targets --for PATHS` ranks the implementations for a configuration; `mesh2gw targets NAME@VERSION` shows older versions.\n")
	reportsTable(&b, all)
	b.WriteString("\n## Features at Gateways\n\n")
	matrix(&b, all, false)
	b.WriteString("\n## Features inside of the mesh\n\n")
	var meshes []target.Target
	for _, t := range all {
		if t.Mesh == target.Yes {
			meshes = append(meshes, t)
		}
	}
	matrix(&b, meshes, true)
	factTables(&b, all)
	featureFacts(&b, all, "Features of which a source other than the reports says that they are served", func(t target.Target, n target.Need) target.Fact { return t.Also[n.Feature] })
	featureFacts(&b, all, "The same, inside of the mesh alone", func(t target.Target, n target.Need) target.Fact { return t.MeshAlso[n.Feature] })
	featureFacts(&b, all, "What becomes of requests where an unsupported feature is written", func(t target.Target, n target.Need) target.Fact { return t.Seen[n.Feature] })
	elsewhereTable(&b, all)
	_, err := w.Write(b.Bytes())
	return err
}

// elsewhereTable lists what implementations have beyond core Gateway API, and
// mesh2gw does not write.
func elsewhereTable(b *bytes.Buffer, all []target.Target) {
	b.WriteString("\n## Resources of their own that mesh2gw does not write\n\n" +
		fold("With `--target`, a finding that speaks of something lost names what the implementation has for it. What mesh2gw writes is in [policies.md](policies.md).", docsWidth) +
		"\n\n| implementation | findings | resource | source | date |\n| --- | --- | --- | --- | --- |\n")
	for _, t := range all {
		for _, e := range t.Elsewhere() {
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", t.Title, strings.Join(e.Rules, ", "), cell(e.Says), cell(e.Source), e.Date)
		}
	}
}

func reportsTable(b *bytes.Buffer, all []target.Target) {
	b.WriteString("\n## Implementations\n\n| name | | version | other versions | Gateway API | serves | report | date |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, t := range all {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s | `%s` | %s |\n", t.Name, t.Title, t.Report.Version, otherVersions(t), t.Report.GatewayAPI,
			strings.TrimPrefix(placesOf(t), "serves "), strings.TrimPrefix(t.Report.Source, "reports/"), t.Report.Date)
	}
	b.WriteByte('\n')
	for _, t := range all {
		if t.About != "" {
			fmt.Fprintf(b, "- **%s**: %s\n", t.Title, cell(t.About))
		}
		for _, profile := range target.Profiles() {
			if skipped := t.Report.Skipped(profile); len(skipped) > 0 {
				fmt.Fprintf(b, "- **%s** skips core tests of %s: %s.\n", t.Title, profile, strings.Join(skipped, ", "))
			}
		}
	}
}

func matrix(b *bytes.Buffer, all []target.Target, mesh bool) {
	b.WriteString("| feature | what it is for |")
	for _, t := range all {
		fmt.Fprintf(b, " %s |", t.Full())
	}
	b.WriteString("\n| --- | --- |" + strings.Repeat(" --- |", len(all)) + "\n")
	for _, n := range target.Needs() {
		if mesh && !n.InMesh() {
			continue
		}
		fmt.Fprintf(b, "| %s | %s |", n.Feature, cell(n.Says))
		for _, t := range all {
			fmt.Fprintf(b, " %s |", mark(t.Has(n, mesh)))
		}
		b.WriteByte('\n')
	}
}

// factTables write what is kept by hand, a table for each question.
func factTables(b *bytes.Buffer, all []target.Target) {
	b.WriteString("\n## What no conformance test asks\n")
	for i, f := range all[0].Facts() {
		fmt.Fprintf(b, "\n### %s\n\n| implementation | | source | date |\n| --- | --- | --- | --- |\n", strings.ToUpper(f.Name[:1])+f.Name[1:])
		for _, t := range all {
			own := t.Facts()[i].Fact
			fmt.Fprintf(b, "| %s | %s | %s | %s |\n", t.Title, cell(own.String()), cell(own.Source), own.Date)
		}
	}
}

// featureFacts writes facts about features, as far as there are some.
func featureFacts(b *bytes.Buffer, all []target.Target, title string, of func(target.Target, target.Need) target.Fact) {
	fmt.Fprintf(b, "\n### %s\n\n| implementation | feature | | source | date |\n| --- | --- | --- | --- | --- |\n", title)
	for _, t := range all {
		for _, n := range target.Needs() {
			if f := of(t, n); f.Known() {
				fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", t.Title, n.Feature, cell(f.Says), cell(f.Source), f.Date)
			}
		}
	}
}
