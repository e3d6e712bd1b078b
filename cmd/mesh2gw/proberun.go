package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/trial"
)

const probeRunDescription = `Sends the requests of PLAN (of mesh2gw probe plan; "-" is standard input) to both sides and compares the answers:
status, redirect, headers, cookies, body, backend. Each side is asked twice, and what differs between two answers of one
side is left out. With one side, answers are compared with what the plan expects.

URLs are where the gateways are: http://10.0.0.1:8080. The Host and the server name of TLS are those of the plan. A side has one
URL for http and one for https; requests of a scheme without URL are not sent, and neither are methods that may change
state, unless --unsafe-methods is given. Redirects are not followed.

With --rate, latency is measured after that: each slot of an open-loop schedule sends the same request to both sides, and quantiles are compared block by
block. docs/probe-method.md says how.

Exit codes: 0 same, 1 changed, 5 inconclusive (a side contradicts itself, or more samples would decide), 2 wrong command line, 3 the run decides nothing.

Examples:
  mesh2gw probe run plan.yaml --before http://10.0.0.1 --after http://10.0.0.2
  mesh2gw probe run plan.yaml --before https://old.example.com --after https://10.0.0.2:8443 --backend header:x-served-by
  mesh2gw probe run plan.yaml --before http://10.0.0.1 --after http://10.0.0.2 --rate 200 --duration 60s
  mesh2gw probe plan istio/ | mesh2gw probe run - --after http://localhost:8080`

func probeRunCommand() *cli.Command {
	return &cli.Command{
		Name:               "run",
		Usage:              "send a plan to both sides and compare",
		ArgsUsage:          "PLAN",
		Description:        probeRunDescription,
		Flags:              probeRunFlags(),
		Action:             probeRunAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func probeRunFlags() []cli.Flag {
	flags := []cli.Flag{
		&cli.StringSliceFlag{Name: "before", Usage: "`URL` of the side as it was; one for http, one for https"},
		&cli.StringSliceFlag{Name: "after", Usage: "`URL` of the side as it is to be; likewise"},
		&cli.StringSliceFlag{Name: "resolve", Usage: "connect to ADDR instead, as `HOST:PORT:ADDR`"},
		&cli.DurationFlag{Name: "timeout", Value: client.DefaultTimeout, Usage: "how long an answer may take"},
		&cli.BoolFlag{Name: "unsafe-methods", Usage: "send POST, PUT, PATCH, DELETE and the like as well"},
		&cli.StringFlag{Name: "backend", Usage: "where answers name their backend: header:NAME or body:`EXPRESSION`"},
		&cli.StringSliceFlag{Name: "compare-header", Usage: "compare this header, and not those that decide how clients treat an answer; as often as wanted"},
		&cli.BoolFlag{Name: "no-body", Usage: "do not compare bodies"},
		&cli.IntFlag{Name: "repeats", Value: 2, Usage: "answers of each side to a request, 2 or more"},
		&cli.IntFlag{Name: "share-answers", Value: 400, Usage: "answers of each side to a request whose plan has shares of backends, which --backend tells apart; 0 for none"},
		&cli.IntFlag{Name: "workers", Value: 4, Usage: "requests at a time"},
	}
	return append(slices.Concat(flags, credentialFlags(), loadFlags()), formatsFlag(probeFormats), outputFlag())
}

func probeRunAction(c *cli.Context) error {
	outputs, err := outputsOf(c, probePrinters, probeFormats)
	if err != nil {
		return err
	}
	p, err := readPlan(c)
	if err != nil {
		return err
	}
	o, err := probeOptions(c)
	if err != nil {
		return err
	}
	load, err := loadOf(c)
	if err != nil {
		return err
	}
	t, err := termsOf(c)
	if err != nil {
		return err
	}
	saved, err := savedRun(c, o, load != nil)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
	defer stop()
	shown := progressOn(c.App.ErrWriter)
	server, err := liveOf(c, load, shown)
	if err != nil {
		return err
	}
	r, err := probeBoth(ctx, shown, p, o, load, t, saved)
	if ended := server.Close(); ended != nil {
		fmt.Fprintln(c.App.ErrWriter, ended)
	}
	if r == nil {
		return err
	}
	r.Tool = "mesh2gw " + versionText()
	return finishProbe(c, r, outputs)
}

// probeBoth compares behaviour, and then latency, if a load is asked for. What is
// known when it is interrupted is returned.
func probeBoth(ctx context.Context, shown *progress, p *plan.Plan, o trial.Options, l *trial.Load, t trial.Terms, saved *result.Run) (*result.Run, error) {
	o.Progress = shown.requests
	r, err := trial.Behaviour(ctx, p, o)
	shown.clear()
	switch {
	case r == nil:
		return nil, err
	case errors.Is(err, context.Canceled):
		r.Invalid = append(r.Invalid, fmt.Sprintf("it was interrupted after %d of %d requests", len(r.Requests), len(p.Requests)))
		return r, nil
	case saved != nil:
		if err := trial.Against(r, saved); err != nil {
			return nil, fmt.Errorf("--against: %w", err)
		}
	}
	switch {
	case l == nil || len(r.Invalid) > 0:
		return r, nil // a side that does not answer has no latency
	}
	defer shown.load(l.Warmup + l.Duration)()
	return r, measure(ctx, p, o, *l, t, r, saved)
}

// probeOutcome is the exit code's error.
func probeOutcome(r *result.Run) error {
	switch r.Conclusion() {
	case result.Void:
		return errInvalidRun
	case result.Differ:
		return errDiffers
	case result.Inconclusive:
		return errInconclusive
	case result.Alike:
		return nil
	}
	panic(fmt.Sprintf("unhandled conclusion %q", r.Conclusion()))
}

func readPlan(c *cli.Context) (*plan.Plan, error) {
	if c.NArg() != 1 {
		return nil, usagef(c, "give one plan: a file that mesh2gw probe plan has made, or - for standard input")
	}
	name := c.Args().First()
	var data []byte
	var err error
	if name == "-" {
		data, err = io.ReadAll(c.App.Reader)
	} else {
		data, err = os.ReadFile(name)
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, usagef(c, "%v", err)
	case err != nil:
		return nil, err
	}
	p, err := plan.Read(data)
	if err != nil {
		return nil, usagef(c, "plan %s: %v", name, err)
	}
	return p, nil
}

func probeOptions(c *cli.Context) (trial.Options, error) {
	o := trial.Options{Unsafe: c.Bool("unsafe-methods"), Repeats: c.Int("repeats"), Workers: c.Int("workers"), Answers: c.Int("share-answers")}
	o.Behave = behave.Options{NoBody: c.Bool("no-body"), Headers: c.StringSlice("compare-header")}
	if o.Repeats < 2 || o.Workers < 1 || c.Duration("timeout") <= 0 || o.Answers < 0 {
		return o, usagef(c, "want --repeats of 2 or more, --workers of 1 or more, --share-answers of 0 or more, and a --timeout above 0")
	}
	if text := c.String("backend"); text != "" {
		backend, err := behave.ParseBackend(text)
		if err != nil {
			return o, usagef(c, "--backend: %v", err)
		}
		o.Behave.Backend = backend
	}
	shared, err := sharedSide(c)
	if err != nil {
		return o, err
	}
	for _, name := range []string{"before", "after"} {
		bases, err := basesOf(c, name)
		if err != nil {
			return o, err
		}
		if len(bases) > 0 {
			side := *shared
			side.Name, side.Base = name, bases
			o.Sides = append(o.Sides, &side)
		}
	}
	if len(o.Sides) == 0 {
		return o, usagef(c, "give --before URL and --after URL, or one of them")
	}
	return o, nil
}

// basesOf reads the URLs of a side by scheme.
func basesOf(c *cli.Context, name string) (map[string]*url.URL, error) {
	bases := map[string]*url.URL{}
	for _, text := range c.StringSlice(name) {
		u, err := url.Parse(text)
		switch {
		case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
			return nil, usagef(c, "--%s %s: want a URL as http://10.0.0.1:8080", name, text)
		case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
			return nil, usagef(c, "--%s %s: want scheme, host and port alone; paths are the plan's", name, u.Redacted())
		case bases[u.Scheme] != nil:
			return nil, usagef(c, "--%s %s: there is one %s URL already", name, text, u.Scheme)
		}
		bases[u.Scheme] = u
	}
	return bases, nil
}

// sharedSide is what both sides have in common.
func sharedSide(c *cli.Context) (*client.Side, error) {
	s := &client.Side{Timeout: c.Duration("timeout"), Resolve: map[string]string{}}
	for _, text := range c.StringSlice("resolve") {
		parts := strings.SplitN(text, ":", 3)
		if len(parts) < 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
			return nil, usagef(c, "--resolve %s: want HOST:PORT:ADDR", text)
		}
		to := strings.Trim(parts[2], "[]")
		if net.ParseIP(to) == nil {
			return nil, usagef(c, "--resolve %s: %s is no address", text, to)
		}
		s.Resolve[net.JoinHostPort(parts[0], parts[1])] = net.JoinHostPort(to, parts[1])
	}
	var err error
	if s.Bearer, err = bearer(c); err != nil {
		return nil, err
	}
	s.TLS, err = tlsConfig(c)
	return s, err
}
