package print

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// shownByGitHub is how many annotations of each level GitHub shows of one step
// (docs.github.com, "Workflow commands", limits of annotations).
const shownByGitHub = 10

// LintGitHub writes workflow commands, which GitHub shows at the lines of a pull
// request, and the tally: GitHub shows the first few only.
func LintGitHub(w io.Writer, l Lint) error {
	var b bytes.Buffer
	var by [finding.Error + 1]int
	for _, f := range l.Findings {
		by[f.Rule.Severity]++
		l.command(&b, f)
	}
	b.Write(inert([]byte(l.Tally())))
	if max(by[finding.Error], by[finding.Warning], by[finding.Note]) > shownByGitHub {
		fmt.Fprintf(&b, ". GitHub shows %d of each severity at the lines of the pull request; all of them stand in this log", shownByGitHub)
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

// command writes one workflow command. Line breaks are escaped twice, by shown
// and by the rules of the runner: the first makes them visible.
func (l Lint) command(b *bytes.Buffer, f finding.Finding) {
	fmt.Fprintf(b, "::%s ", gitHubLevel(f.Rule.Severity))
	if file := l.path(f.Place.Pos.File); file != "" {
		fmt.Fprintf(b, "file=%s,", property(file))
	}
	if at := f.Place.Pos; at.Line > 0 {
		fmt.Fprintf(b, "line=%d,", at.Line)
		if at.Column > 0 {
			fmt.Fprintf(b, "col=%d,", at.Column)
		}
		if end := l.endColumn(f.Place); end > 0 {
			fmt.Fprintf(b, "endColumn=%d,", end)
		}
	}
	fmt.Fprintf(b, "title=%s::%s\n", property(f.Rule.ID+" "+f.Rule.Title), commandData.Replace(disarmed(says(f))))
}

func gitHubLevel(s finding.Severity) string {
	if s == finding.Note {
		return "notice"
	}
	return s.String()
}

// What the runner unescapes (actions/runner, ActionCommand.cs).
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func property(s string) string { return commandProperty.Replace(disarmed(s)) }

// disarmed is shown without the older form of commands; see inert.
func disarmed(s string) string { return strings.ReplaceAll(shown(s), oldCommand, oldCommandShown) }
