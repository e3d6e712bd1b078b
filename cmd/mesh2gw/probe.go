package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

const planDescription = `Makes the requests that show what manifests decide: for each rule one that it decides, and for each of its
conditions one that meets all the others; what no rule takes; and the requests for which conversion is known to change the
answer. PATHS are Istio's objects, Gateway API's, or both; without a path, or as "-", standard input is read.

The plan is YAML to be read and edited: names, bodies, expectations, weights. Its JSON schema is docs/schema/probe-plan.json.

Examples:
  mesh2gw probe plan istio/ > plan.yaml
  helm template . | mesh2gw probe plan --hosts shop.example.com`

const probeDescription = `Examples:
  mesh2gw probe plan istio/ > plan.yaml
  mesh2gw probe run plan.yaml --before http://10.0.0.1 --after http://10.0.0.2`

func probeCommand() *cli.Command {
	return &cli.Command{
		Name:               "probe",
		Usage:              "ask running gateways whether behaviour changed",
		Description:        probeDescription,
		Subcommands:        []*cli.Command{probePlanCommand(), probeRunCommand(), probeMergeCommand(), probeJobCommand(), probeDemoCommand()},
		Action:             withoutSubcommand,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.SubcommandHelpTemplate,
	}
}

// withoutSubcommand runs when the first argument is no subcommand.
func withoutSubcommand(c *cli.Context) error {
	if !c.Args().Present() {
		return cli.ShowSubcommandHelp(c)
	}
	return usagef(c, "unknown command %s %s", c.Command.Name, c.Args().First())
}

func probePlanCommand() *cli.Command {
	return &cli.Command{
		Name:        "plan",
		Usage:       "make requests from manifests",
		ArgsUsage:   "[PATH...]",
		Description: planDescription,
		Flags: append(sideFlags(),
			&cli.StringSliceFlag{Name: "hosts", Usage: "plan only requests to `HOST`; may be given several times"},
			&cli.IntFlag{Name: "near-misses", Value: plan.DefaultNearMisses, Usage: "how many rules get requests that miss them by one condition"}),
		Action:             probePlanAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func probePlanAction(c *cli.Context) error {
	if c.Int("near-misses") < 0 {
		return usagef(c, "--near-misses %d: want 0 or more", c.Int("near-misses"))
	}
	files, err := readInput(c)
	if err != nil {
		return err
	}
	side, err := convert.ReadSide(c.Context, files, nil, sideOptions(c))
	if err != nil {
		return err
	}
	known, err := knownDifferences(c, files)
	if err != nil {
		return err
	}
	p, left := plan.Build(side.Routing, known, plan.Options{NearMisses: c.Int("near-misses")})
	if err := keepHosts(c, p); err != nil {
		return err
	}
	if len(p.Requests) == 0 {
		return usagef(c, "nothing to plan: no rule for HTTP requests in the input")
	}
	var out, told bytes.Buffer
	if err := p.Write(&out); err != nil {
		return err
	}
	sayLeft(&told, p, left)
	return errors.Join(writeAll(c.App.Writer, &out), writeAll(c.App.ErrWriter, &told))
}

// knownDifferences are those between what the input decides and what its
// conversion does.
func knownDifferences(c *cli.Context, files []source.File) ([]prove.Result, error) {
	var known []prove.Result
	_, err := convert.Convert(c.Context, files, convert.Options{
		Namespace: c.String("namespace"), GatewayNamespace: c.String("gateway-namespace"), Target: c.String("target"),
		Compared: func(results []prove.Result) { known = append(known, results...) },
	})
	return known, err
}

// keepHosts drops the requests to other hosts than --hosts names.
func keepHosts(c *cli.Context, p *plan.Plan) error {
	wanted := c.StringSlice("hosts")
	if len(wanted) == 0 {
		return nil
	}
	planned := map[string]bool{}
	for _, r := range p.Requests {
		planned[r.Host] = true
	}
	for _, host := range wanted {
		if !planned[host] {
			return usagef(c, "--hosts %s: no rule of the input is for it; there are %s", host, strings.Join(slices.Sorted(maps.Keys(planned)), ", "))
		}
	}
	p.Requests = slices.DeleteFunc(p.Requests, func(r plan.Request) bool { return !slices.Contains(wanted, r.Host) })
	return nil
}

// sayLeft says how large the plan is, and what it does not cover.
func sayLeft(w io.Writer, p *plan.Plan, left plan.Left) {
	unsafe, callers, known := 0, 0, 0
	for i := range p.Requests {
		switch r := &p.Requests[i]; {
		case r.Caller != "":
			callers++
		case r.Unsafe():
			unsafe++
		}
		if p.Requests[i].Differs != "" {
			known++
		}
	}
	fmt.Fprintf(w, "%s planned", plural(len(p.Requests), "request"))
	for _, part := range []struct {
		count int
		what  string
	}{
		{known, "with an answer that is known to change"}, {unsafe, "with a method that may change state, sent with --unsafe-methods only"}, {callers, "from certain workloads, which no probe sends"},
	} {
		if part.count > 0 {
			fmt.Fprintf(w, "; %d %s", part.count, part.what)
		}
	}
	fmt.Fprintln(w)
	for _, why := range left.Unsendable {
		fmt.Fprintf(w, "not planned: %s\n", why)
	}
	for _, why := range left.Reasons {
		fmt.Fprintf(w, "perhaps not whole: %s\n", why)
	}
	if left.Connections > 0 {
		fmt.Fprintf(w, "not planned: %s for TLS or TCP connections\n", plural(left.Connections, "rule"))
	}
	if left.Idle > 0 {
		fmt.Fprintf(w, "not planned: %s that no request reaches\n", plural(left.Idle, "rule"))
	}
	if left.NearMisses > 0 {
		fmt.Fprintf(w, "without near misses: %s (raise --near-misses)\n", plural(left.NearMisses, "rule"))
	}
}
