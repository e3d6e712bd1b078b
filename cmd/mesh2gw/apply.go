package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"regexp"
	"syscall"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/cluster"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// setName is the value of a label (Kubernetes: apimachinery pkg/util/validation).
var setName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)

const applyDescription = `Applies what convert has written, in order: Services; Gateways, until they are programmed; ReferenceGrants; policies and backends; routes,
until every parent has accepted them. It is server-side apply with the field manager mesh2gw: doing it again changes nothing, and after an
interruption the next run goes on. Istio's objects are not touched, so that both worlds serve until traffic is moved (mesh2gw cutover).

Before anything is written it looks at the CRDs, the account's rights, the GatewayClasses with the features that they support, and VirtualServices
for the same hosts. What is not mesh2gw's is never taken over without --adopt, and no field that another manages without --force-conflicts.

Exit codes: 0 applied, 1 something is in the way, 2 wrong command line, 3 mesh2gw or the server failed. With --dry-run=server the diff is on
standard output.

Examples:
  mesh2gw convert istio/ --out-dir gateway-api/ && mesh2gw apply gateway-api/
  mesh2gw apply gateway-api/ --dry-run=server
  mesh2gw apply gateway-api/ --set shop --prune
  mesh2gw rollback`

func applyCommand() *cli.Command {
	return &cli.Command{
		Name:        "apply",
		Usage:       "apply converted objects to a cluster, in order",
		ArgsUsage:   "[PATH...]",
		Description: applyDescription,
		Flags: append(setFlags(),
			nameFlag("namespace", "of objects that name none", "default"),
			&cli.BoolFlag{Name: "prune", Usage: "remove what an earlier run of this set has applied and the input does not hold any more", DisableDefaultText: true},
			&cli.BoolFlag{Name: "force-conflicts", Usage: "take over fields that others manage", DisableDefaultText: true},
			&cli.BoolFlag{Name: "adopt", Usage: "take over objects that were there before; a rollback will remove them", DisableDefaultText: true},
			&cli.BoolFlag{Name: "unsupported", Usage: "apply features that the GatewayClass does not list, and whatever else the checks object to", DisableDefaultText: true},
			&cli.BoolFlag{Name: "no-wait", Usage: "do not wait for Gateways and routes", DisableDefaultText: true},
		),
		Action:             applyAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func applyAction(c *cli.Context) error {
	o, err := setOptions(c)
	if err != nil {
		return err
	}
	o.Force, o.Adopt, o.Prune, o.Wait = c.Bool("force-conflicts"), c.Bool("adopt"), c.Bool("prune"), !c.Bool("no-wait")
	if c.Bool("prune") && !c.IsSet("set") {
		return usagef(c, "--prune removes whatever the set holds beside the input, so name it: --set NAME")
	}
	items, err := itemsOf(c)
	if err != nil {
		return err
	}
	client, err := connect(c)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(c.Context, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	client.Say("to %s", client.Name())
	if err := checked(ctx, c, client, items, o); err != nil {
		return clusterError(c, err)
	}
	changes, err := client.Apply(ctx, items, o)
	if o.DryRun {
		if shown := showDiff(c, changes); shown != nil {
			return shown
		}
	}
	var removed []string
	if err == nil && o.Prune {
		removed, err = client.Remove(ctx, items, o)
	}
	count := map[string]int{}
	for _, change := range changes {
		count[change.Did]++
	}
	what := ""
	if o.DryRun {
		what = "a dry run: "
	}
	client.Say("%s%d created, %d changed, %d unchanged, %d removed", what, count[cluster.Created], count[cluster.Changed], count[cluster.Unchanged], len(removed))
	return clusterError(c, err)
}

// itemsOf reads the input. One object that can't be read stops all of them.
func itemsOf(c *cli.Context) ([]*cluster.Item, error) {
	files, err := readInput(c)
	if err != nil {
		return nil, err
	}
	docs, findings, err := source.Split(c.Context, files)
	if err != nil {
		return nil, err
	}
	for _, f := range findings {
		if f.Rule.Severity >= finding.Error {
			return nil, usagef(c, "%s", f)
		}
	}
	items, err := cluster.Items(docs, c.String("namespace"))
	if err != nil {
		return nil, usagef(c, "%v", err)
	}
	if len(items) == 0 {
		return nil, usagef(c, "there is no object in the input")
	}
	for _, i := range items {
		if !cluster.Writes(i) {
			return nil, usagef(c, "%s: %s is not of a kind that mesh2gw writes, and rollback would not find it: apply it by kubectl", i.Where(), i)
		}
	}
	return items, nil
}

// checked prints what the checks say; the error is that of one that stops.
func checked(ctx context.Context, c *cli.Context, client *cluster.Client, items []*cluster.Item, o cluster.Options) error {
	checks, err := client.Checks(ctx, items, o)
	stops := 0
	for _, check := range checks {
		mark := "note"
		if check.Stops {
			mark = "stop"
			stops++
		}
		client.Say("%s: %s", mark, check.Text)
	}
	switch {
	case err != nil:
		return err
	case stops > 0 && !c.Bool("unsupported"):
		client.Say("nothing was applied; --unsupported applies it all the same")
		return errFindings
	}
	return nil
}

// showDiff writes what a dry run would change.
func showDiff(c *cli.Context, changes []cluster.Change) error {
	for _, change := range changes {
		before, after := change.Texts()
		if _, err := c.App.Writer.Write(diff.Diff(change.Item.String()+" (in the cluster)", []byte(before), change.Item.String()+" (afterwards)", []byte(after))); err != nil {
			return err
		}
	}
	return nil
}

// clusterError tells what is in the way (exit code 1) from what failed (3).
func clusterError(c *cli.Context, err error) error {
	switch {
	case err == nil || errors.Is(err, errFindings):
		return err
	case cluster.Refused(err):
		fmt.Fprintf(c.App.ErrWriter, "mesh2gw: %v\n", err)
		return errFindings
	}
	return err
}

func rollbackCommand() *cli.Command {
	return &cli.Command{
		Name:  "rollback",
		Usage: "remove what apply has applied",
		Description: `Removes the objects of a set, and no others: those with the labels app.kubernetes.io/managed-by=mesh2gw and mesh2gw.io/set. Routes go first.
Istio's own objects were never touched and serve as before; move traffic back to them first (mesh2gw cutover).

Examples:
  mesh2gw rollback --dry-run=server
  mesh2gw rollback --set shop --context prod`,
		Flags:              setFlags(),
		Action:             rollbackAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func rollbackAction(c *cli.Context) error {
	o, err := setOptions(c)
	if err != nil {
		return err
	}
	if c.NArg() > 0 {
		return usagef(c, "rollback takes no files: --set names what it removes")
	}
	client, err := connect(c)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(c.Context, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	client.Say("from %s", client.Name())
	removed, err := client.Remove(ctx, nil, o)
	what := ""
	if o.DryRun {
		what = "a dry run: "
	}
	client.Say("%s%d removed", what, len(removed))
	return clusterError(c, err)
}
