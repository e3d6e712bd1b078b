package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/page"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/show"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/stats"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/trial"
)

// loadFlags say how to measure latency.
func loadFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.Float64Flag{Name: "rate", Usage: "measure latency by so many requests a second to each side", DefaultText: "0: no load is sent"},
		&cli.DurationFlag{Name: "duration", Value: 30 * time.Second, Usage: "how long to measure"},
		&cli.DurationFlag{Name: "warmup", Value: 3 * time.Second, Usage: "before that, not counted"},
		&cli.IntFlag{Name: "connections", Usage: "at most so many to each side", DefaultText: "as many as are needed"},
		&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "of the schedule"},
		&cli.StringFlag{Name: "listen", Usage: "serve /metrics to Prometheus at `HOST:PORT` while it runs"},
		&cli.StringFlag{Name: "save", Usage: "write the result with all samples to `FILE`, for --against and mesh2gw probe merge"},
		&cli.StringFlag{Name: "against", Usage: "compare with the answers and times that a run with --before alone has saved in `FILE`; drift and change of latency can't be told apart then"},
	}, termFlags()...)
}

// termFlags say what counts as a change.
func termFlags() []cli.Flag {
	return []cli.Flag{
		&cli.Float64Flag{Name: "margin", Value: 0.1, Usage: "changes of latency up to this share are none"},
		&cli.DurationFlag{Name: "floor", Value: time.Millisecond, Usage: "neither are those by up to this time"},
		&cli.StringFlag{Name: "quantiles", Value: "50,90,99,99.9", Usage: "to compare, in percent"},
	}
}

func termsOf(c *cli.Context) (trial.Terms, error) {
	t := trial.Terms{Options: stats.Options{Margin: c.Float64("margin"), Floor: float64(c.Duration("floor")), Seed: c.Uint64("seed")}}
	if !(t.Margin >= 0 && t.Margin < 100) || t.Floor < 0 {
		return t, usagef(c, "want a --margin of 0 or more (0.1 is 10 %%), and a --floor of 0 or more")
	}
	for word := range strings.SplitSeq(c.String("quantiles"), ",") {
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(word), "p"), 64)
		if err != nil || !(q > 0 && q < 100) {
			return t, usagef(c, "--quantiles %s: want numbers between 0 and 100", c.String("quantiles"))
		}
		if q /= 100; !slices.Contains(t.Quantiles, q) {
			t.Quantiles = append(t.Quantiles, q)
		}
	}
	slices.Sort(t.Quantiles)
	return t, nil
}

// loadOf is nil where no load is asked for.
func loadOf(c *cli.Context) (*trial.Load, error) {
	l := trial.Load{Rate: c.Float64("rate"), Duration: c.Duration("duration"), Warmup: c.Duration("warmup"), Seed: c.Uint64("seed"), Most: c.Int("connections")}
	switch {
	case l.Rate == 0:
		for _, name := range []string{"duration", "warmup", "connections", "listen"} {
			if c.IsSet(name) {
				return nil, usagef(c, "--%s is for --rate, which is not given", name)
			}
		}
		return nil, nil
	case !(l.Rate > 0 && l.Rate <= 1e6), l.Duration <= 0, l.Warmup < 0, l.Most < 0:
		return nil, usagef(c, "want a --rate above 0 and up to 1000000, a --duration above 0, and no negative --warmup or --connections")
	case l.Rate*(l.Duration+l.Warmup).Seconds() > 5e7:
		return nil, usagef(c, "--rate and --duration make more than 50 million requests: measure for a shorter time, or in several pods (mesh2gw probe job)")
	}
	return &l, nil
}

// measure sends the load and judges it, against the saved run if there is one.
func measure(ctx context.Context, p *plan.Plan, o trial.Options, l trial.Load, t trial.Terms, r, saved *result.Run) error {
	m, err := trial.Measure(ctx, p, o, l)
	if m == nil {
		return err
	}
	r.Latency = m.Latency(o.Sides, l)
	if saved != nil {
		trial.Behind(saved.Latency, r.Latency)
	}
	r.Invalid = append(r.Invalid, trial.Judge(r.Latency, t)...)
	if errors.Is(err, context.Canceled) || ctx.Err() != nil {
		r.Invalid = append(r.Invalid, "the load was interrupted; what was measured by then is printed")
		return nil
	}
	return err
}

// savedRun reads --against; nil where it is not given.
func savedRun(c *cli.Context, o trial.Options, load bool) (*result.Run, error) {
	name := c.String("against")
	if name == "" {
		return nil, nil
	}
	r, err := readRun(c, name)
	switch {
	case err != nil:
		return nil, err
	case len(o.Sides) != 1 || len(c.StringSlice("after")) == 0:
		return nil, usagef(c, "--against takes the place of --before: give --after alone")
	case len(r.Sides) != 1:
		return nil, usagef(c, "--against %s: it holds %d sides; mesh2gw probe run PLAN --before URL --save FILE makes a result of one", name, len(r.Sides))
	case r.Compared != o.Behave.String():
		return nil, usagef(c, "--against %s: it holds other parts of the answers (%s) than are compared now (%s): give the same --compare-header, --no-body and --backend", name, r.Compared, o.Behave)
	case load && (r.Latency == nil || len(r.Latency.Samples) != 1):
		return nil, usagef(c, "--against %s: it holds no samples; mesh2gw probe run PLAN --before URL --rate N --save FILE makes them", name)
	}
	return r, nil
}

func readRun(c *cli.Context, name string) (*result.Run, error) {
	data, err := os.ReadFile(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, usagef(c, "%v", err)
	case err != nil:
		return nil, err
	}
	r, err := result.Read(data)
	if err != nil {
		return nil, usagef(c, "%s is no result of mesh2gw probe: %v", name, err)
	}
	return r, nil
}

// saveRun writes all of r, samples included.
func saveRun(c *cli.Context, r *result.Run) error {
	name := c.String("save")
	if name == "" {
		return nil
	}
	var data bytes.Buffer
	if err := r.Write(&data); err != nil {
		return err
	}
	return writeFile(name, data.Bytes())
}

func probeMergeCommand() *cli.Command {
	return &cli.Command{
		Name:      "merge",
		Usage:     "make one result of several that --save wrote",
		ArgsUsage: "FILE...",
		Description: `Merges results of the same plan, measured by several pods or one after the other: all samples, none of them rounded, and compares
the sides anew. Blocks of different runs are not mixed.

Examples:
  mesh2gw probe merge results/*.json
  mesh2gw probe merge a.json b.json --save both.json`,
		Flags: append([]cli.Flag{
			formatsFlag(probeFormats), outputFlag(), &cli.StringFlag{Name: "save", Usage: "write the result with all samples to `FILE`"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "of the bootstrap"},
		}, termFlags()...),
		Action:             probeMergeAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func probeMergeAction(c *cli.Context) error {
	outputs, err := outputsOf(c, probePrinters, probeFormats)
	if err != nil {
		return err
	}
	t, err := termsOf(c)
	if err != nil {
		return err
	}
	if c.NArg() == 0 {
		return usagef(c, "give the results to merge")
	}
	var runs []*result.Run
	for _, name := range c.Args().Slice() {
		r, err := readRun(c, name)
		if err != nil {
			return err
		}
		runs = append(runs, r)
	}
	r, err := trial.Merge(runs, t)
	if err != nil {
		return usagef(c, "%v", err)
	}
	r.Tool = "mesh2gw " + versionText()
	return finishProbe(c, r, outputs)
}

// finishProbe saves and prints a result, and says what the exit code is.
func finishProbe(c *cli.Context, r *result.Run, outputs []output) error {
	if err := saveRun(c, r); err != nil {
		return err
	}
	for i := range outputs {
		err := probePrinters[outputs[i].format](&outputs[i].made, r)
		if errors.Is(err, show.ErrNoLoad) && len(r.Invalid) > 0 {
			continue // the side is down, which the other formats say
		}
		if errors.Is(err, show.ErrNoLoad) {
			return usagef(c, "--format %s: %v", outputs[i].format, err)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(writeOutputs(c, outputs), probeOutcome(r))
}

// probePrinters make the bytes of a run.
var probePrinters = map[string]func(io.Writer, *result.Run) error{
	"text": show.Text, "json": withoutSamples, "hdr": show.HDR, "openmetrics": show.OpenMetrics, "html": page.HTML,
}

var probeFormats = []string{"text", "json", "html", "hdr", "openmetrics"}

// withoutSamples leaves out what --save writes.
func withoutSamples(w io.Writer, r *result.Run) error {
	out := *r
	if out.Latency != nil {
		l := *out.Latency
		l.Samples = nil
		out.Latency = &l
	}
	return out.Write(w)
}
