// Package page shows what a probe found as one HTML file that needs no network:
// tables, and pictures that are drawn here.
package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

//go:embed page.html page.css
var files embed.FS

// mostPictured is how many requests have pictures of their own, and mostListed how
// many are listed; the others are counted.
const (
	mostPictured = 8
	mostListed   = 200
)

// HTML writes r. Names, headers and bodies were written by strangers: the template
// escapes them, and the page's policy lets no script run at all.
func HTML(w io.Writer, r *result.Run) error {
	own, err := files.ReadFile("page.css")
	if err != nil {
		return err
	}
	shared, err := print.PageStyle()
	if err != nil {
		return err
	}
	style := shared + string(own)
	v := view(r)
	v.Style, v.Policy = template.CSS(style), print.ContentPolicy(style, "")
	t, err := template.New("page.html").Funcs(template.FuncMap{"time": number, "percent": percent, "lag": func(ns int64) string { return duration(float64(ns)) }}).ParseFS(files, "page.html")
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, v); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

// pageView is what the template shows.
type pageView struct {
	Style   template.CSS
	Policy  string
	Run     *result.Run
	State   state
	Lead    string
	Groups  []group
	Latency *latencyView
	Shares  []sharesView
}

// state is a word with its colour and sign.
type state struct{ Class, Sign, Word string }

func stateOf(c result.Conclusion) (state, string) {
	switch c {
	case result.Void:
		return state{"bad", "!", "decides nothing"}, "This run decides nothing."
	case result.Differ:
		return state{"bad", "≠", "changed"}, "Something changed."
	case result.Inconclusive:
		return state{"unk", "?", "inconclusive"}, "No change was found, and not all is decided."
	case result.Alike:
		return state{"ok", "=", "same"}, "No change was found."
	}
	panic(fmt.Sprintf("unhandled conclusion %q", c))
}

func view(r *result.Run) *pageView {
	v := &pageView{Run: r}
	v.State, v.Lead = stateOf(r.Conclusion())
	v.Groups = groups(r)
	if r.Latency != nil {
		v.Latency = latencyOf(r.Latency)
	}
	for i := range r.Requests {
		if r.Requests[i].Shares != nil {
			v.Shares = append(v.Shares, sharesOf(&r.Requests[i]))
		}
	}
	return v
}

// group are the requests of one verdict.
type group struct {
	State    state
	Title    string
	Open     bool // what differs is shown at once
	Requests []requestView
	More     int
}

// requestView is a request with what speaks for its verdict.
type requestView struct {
	*result.Request
	Columns [2]string
	Parts   []part
	Failure string
}

// part of an answer, in both columns.
type part struct{ Name, One, Other string }

var groupOrder = []struct {
	verdict result.Verdict
	state   state
	title   string
}{
	{result.Changed, state{"bad", "≠", "changed"}, "Changed"},
	{result.Failed, state{"bad", "!", "no answer"}, "No answer from any side"},
	{result.Unclear, state{"unk", "?", "contradicts itself"}, "A side contradicts itself"},
	{result.Known, state{"info", "≈", "known"}, "Changed, as the plan knows"},
	{result.Same, state{"ok", "=", "same"}, "Same"},
}

func groups(r *result.Run) (all []group) {
	for _, kind := range groupOrder {
		g := group{State: kind.state, Title: kind.title, Open: kind.verdict != result.Same && kind.verdict != result.Known}
		for i := range r.Requests {
			if r.Requests[i].Verdict != kind.verdict {
				continue
			}
			if len(g.Requests) == mostListed {
				g.More++
				continue
			}
			g.Requests = append(g.Requests, requestOf(&r.Requests[i], len(r.Sides)))
		}
		if len(g.Requests) > 0 {
			all = append(all, g)
		}
	}
	return all
}

func requestOf(q *result.Request, sides int) requestView {
	v := requestView{Request: q, Columns: [2]string{"before", "after"}}
	differences := q.Differences
	switch {
	case q.Verdict == result.Failed:
		v.Failure = q.Before["failure"]
	case len(q.Unsteady) > 0:
		v.Columns, differences = [2]string{"once", "again"}, q.Unsteady
	case sides == 1:
		v.Columns = [2]string{"expected", "got"}
		for _, side := range slices.Sorted(maps.Keys(q.Unexpected)) {
			differences = append(differences, q.Unexpected[side]...)
		}
	}
	for _, d := range differences {
		v.Parts = append(v.Parts, part{d.Part, d.Before, d.After})
	}
	return v
}

// number is a time of a result, for people.
func number(n result.Number) string {
	if math.IsNaN(float64(n)) {
		return "unknown"
	}
	return timeText(float64(n))
}

func percent(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) }
