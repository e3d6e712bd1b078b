// Package show prints what a probe found.
package show

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

// most is how many requests of a kind, and parts of one, are shown in full.
const most = 50

// Text prints a run for people: what changed first, and a summary at the end.
func Text(w io.Writer, r *result.Run) error {
	var b bytes.Buffer
	for _, kind := range []struct {
		result.Verdict
		title string
	}{
		{result.Changed, "CHANGED"}, {result.Failed, "NO ANSWER"}, {result.Unclear, "CONTRADICTS ITSELF"}, {result.Known, "changed, as is known"},
	} {
		requests(&b, r, kind.Verdict, kind.title)
	}
	unexpected(&b, r)
	skipped(&b, r)
	latency(&b, r.Latency)
	for _, why := range r.Invalid {
		fmt.Fprintf(&b, "this run decides nothing: %s\n", why)
	}
	b.WriteString(summary(r))
	_, err := w.Write(b.Bytes())
	return err
}

func requests(b *bytes.Buffer, r *result.Run, v result.Verdict, title string) {
	shown := 0
	for i := range r.Requests {
		q := &r.Requests[i]
		if q.Verdict != v {
			continue
		}
		if shown++; shown > most {
			continue
		}
		fmt.Fprintf(b, "%s: %s\n", title, plain(q.Name))
		if q.Why != "" {
			fmt.Fprintf(b, "  %s\n", plain(q.Why))
		}
		if q.Differs != "" {
			fmt.Fprintf(b, "  known: %s\n", plain(q.Differs))
		}
		details(b, r, q)
		fmt.Fprintf(b, "  try: %s\n", plain(q.Command))
	}
	if shown > most {
		fmt.Fprintf(b, "%s: %d more\n", title, shown-most)
	}
}

// details shows the parts that speak for the verdict.
func details(b *bytes.Buffer, r *result.Run, q *result.Request) {
	differences(b, "  ", q.Differences, "before", "after")
	differences(b, "  ", q.Unsteady, "once", "again")
	if len(r.Sides) == 1 {
		differences(b, "  ", q.Unexpected[r.Sides[0].Name], "expected", "got")
	}
	if q.Verdict == result.Failed {
		fmt.Fprintf(b, "  %s\n", plain(q.Before["failure"]))
	}
}

func differences(b *bytes.Buffer, indent string, all []behave.Difference, one, other string) {
	for i, d := range all {
		if i == most {
			fmt.Fprintf(b, "%sand %d more\n", indent, len(all)-most)
			return
		}
		fmt.Fprintf(b, "%s%s: %s %s, %s %s\n", indent, plain(d.Part), one, value(d.Before), other, value(d.After))
	}
}

// value is quoted where it would not be seen otherwise.
func value(s string) string {
	if s == "" {
		return "nothing"
	}
	return plain(s)
}

// plain has no control characters, which answers could use to write over what a
// terminal shows.
func plain(s string) string {
	if !strings.ContainsFunc(s, func(c rune) bool {
		return c < ' ' || c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029 || c == 0xfffd
	}) {
		return s
	}
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1]
}

// unexpected counts the answers of two sides that agree, and not with the plan.
func unexpected(b *bytes.Buffer, r *result.Run) {
	if len(r.Sides) < 2 {
		return
	}
	shown := 0
	for i := range r.Requests {
		q := &r.Requests[i]
		if len(q.Unexpected) == 0 || q.Verdict != result.Same {
			continue
		}
		if shown++; shown > most {
			continue
		}
		fmt.Fprintf(b, "the same, and not as planned: %s\n", plain(q.Name))
		for _, side := range slices.Sorted(maps.Keys(q.Unexpected)) {
			differences(b, "  "+side+" ", q.Unexpected[side], "planned", "got")
		}
	}
	if shown > most {
		fmt.Fprintf(b, "the same, and not as planned: %d more\n", shown-most)
	}
}

// skipped groups what was not sent by why.
func skipped(b *bytes.Buffer, r *result.Run) {
	count := map[string]int{}
	for _, s := range r.Skipped {
		count[s.Why]++
	}
	for _, why := range slices.Sorted(maps.Keys(count)) {
		fmt.Fprintf(b, "not sent: %d, since %s\n", count[why], plain(why))
	}
}

func summary(r *result.Run) string {
	s := r.Summary
	text := fmt.Sprintf("%d same, %d changed, %d changed as is known, %d contradict themselves, %d without answer, %d not sent (%.1f s)\n",
		s.Same, s.Changed, s.Known, s.Unclear, s.Failed, s.Skipped, float64(r.Took))
	if len(r.Sides) == 1 {
		text = strings.Replace(text, " same, ", " as planned, ", 1)
	}
	return text
}
