package show

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

// latency prints what a load said.
func latency(b *bytes.Buffer, l *result.Latency) {
	if l == nil {
		return
	}
	what := "requests"
	if len(l.Sides) == 2 {
		what = "pairs of requests, to both sides at once"
		if !l.Interleaved {
			what = "requests, to one side after the other: a change can't be told from drift"
		}
	}
	fmt.Fprintf(b, "LATENCY: %s a second for %s s; %s\n", number(l.Rate), number(float64(l.Seconds)), what)
	shown := 0
	for i := range l.Routes {
		r := &l.Routes[i]
		if i > 0 && quiet(r) {
			continue
		}
		if shown++; shown <= most {
			route(b, r)
		}
	}
	if shown > most {
		fmt.Fprintf(b, "  %d more\n", shown-most)
	}
	if n := len(l.Routes) - shown; n > 0 {
		fmt.Fprintf(b, "  %d requests without a change\n", n)
	}
	for _, s := range l.Sides {
		fmt.Fprintf(b, "  %s: %d requests, %d failed, %d connections; the probe's own lag: p50 %s, p99 %s\n",
			s.Name, s.Requests, s.Failed, s.Connections, length(result.Number(s.LagP50)), length(result.Number(s.LagP99)))
	}
}

// quiet tells whether a request has nothing to tell beside what all have.
func quiet(r *result.Route) bool { return r.Errors != nil && !r.Changed() }

func route(b *bytes.Buffer, r *result.Route) {
	name := "all requests"
	if r.Name != "" {
		name = plain(r.Name)
	}
	fmt.Fprintf(b, "  %s\n", name)
	if len(r.Quantiles) == 0 {
		fmt.Fprintf(b, "    too few answers for any quantile\n")
	}
	for _, q := range r.Quantiles {
		quantile(b, q)
	}
	if r.Errors != nil && (r.Errors.Changed || r.Counts[0].Failed+r.Counts[1].Failed > 0) {
		word := "no change"
		if r.Errors.Changed {
			word = "CHANGED"
		}
		fmt.Fprintf(b, "    failed  %d of %d, then %d of %d (p %.2g): %s\n", r.Counts[0].Failed, r.Counts[0].Requests, r.Counts[1].Failed, r.Counts[1].Requests, r.Errors.P, word)
	}
}

func quantile(b *bytes.Buffer, q result.Quantile) {
	name := "p" + number(100*q.Quantile)
	if q.Decision == "" {
		value := q.Before
		fmt.Fprintf(b, "    %-6s %s (%s to %s)\n", name, length(value), length(q.Range[0][0]), length(q.Range[0][1]))
		return
	}
	fmt.Fprintf(b, "    %-6s %9s -> %9s", name, length(q.Before), length(q.After))
	if !math.IsNaN(float64(q.Ratio)) {
		fmt.Fprintf(b, "  x%.2f (%.2f to %.2f)", q.Ratio, q.Low, q.High)
	}
	switch q.Decision {
	case "changed":
		b.WriteString("  CHANGED")
	case "inconclusive":
		fmt.Fprintf(b, "  inconclusive: %s", q.Why)
		if !math.IsNaN(float64(q.Smallest)) {
			fmt.Fprintf(b, "; this run sees x%.2f and more", q.Smallest)
		}
		if q.Wanted > q.Blocks {
			fmt.Fprintf(b, "; about %d times as long would decide", int(math.Ceil(float64(q.Wanted)/float64(max(1, q.Blocks)))))
		}
	default:
		fmt.Fprintf(b, "  %s", q.Decision)
	}
	b.WriteByte('\n')
}

// length is a time for people: three digits.
func length(n result.Number) string {
	switch f := float64(n); {
	case math.IsNaN(f):
		return "unknown"
	case math.IsInf(f, 1):
		return "no answer"
	default:
		d := time.Duration(f)
		for unit := time.Nanosecond; unit < time.Hour; unit *= 10 {
			if d < 1000*unit {
				return d.Round(unit).String()
			}
		}
		return d.String()
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }
