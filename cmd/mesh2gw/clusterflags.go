package main

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/cluster"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// whichCluster are kubectl's flags for it.
func whichCluster() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "kubeconfig", Usage: "configuration of the cluster, a `FILE`", DefaultText: "$KUBECONFIG, else ~/.kube/config, else the pod's own account"},
		&cli.StringFlag{Name: "context", Usage: "`NAME` of the context in it", DefaultText: "the current one"},
	}
}

// readsCluster are the flags of commands that read their input from a cluster.
func readsCluster() []cli.Flag {
	return append(whichCluster(),
		&cli.StringSliceFlag{Name: "only-namespace", Usage: "read this `NAMESPACE` of the cluster; as often as wanted", DefaultText: "all"},
		&cli.StringFlag{Name: "selector", Aliases: []string{"l"}, Usage: "read VirtualServices and DestinationRules with these `LABELS` (app=web,tier!=test)", DefaultText: "all"},
	)
}

// fromCluster are the flags of commands that read files as a rule.
func fromCluster() []cli.Flag {
	return append([]cli.Flag{
		&cli.BoolFlag{Name: "from-cluster", Usage: "read the objects of a cluster instead of files; it needs no more than list", DisableDefaultText: true},
	}, readsCluster()...)
}

func connect(c *cli.Context) (*cluster.Client, error) {
	client, err := cluster.Connect(cluster.Target{Kubeconfig: c.String("kubeconfig"), Context: c.String("context"), Warnings: c.App.ErrWriter})
	if err != nil {
		return nil, usagef(c, "%v", err)
	}
	client.Say = func(format string, args ...any) { fmt.Fprintf(c.App.ErrWriter, format+"\n", args...) }
	return client, client.Reach()
}

// readCluster reads what of a cluster the flags ask for, and says what was left out.
func readCluster(c *cli.Context, pods bool) ([]source.File, error) {
	if c.NArg() > 0 && c.Bool("from-cluster") {
		return nil, usagef(c, "--from-cluster reads no files, and %s is given", c.Args().First())
	}
	client, err := connect(c)
	if err != nil {
		return nil, err
	}
	files, skipped, err := client.Read(c.Context, cluster.Scope{Namespaces: c.StringSlice("only-namespace"), Selector: c.String("selector"), Pods: pods})
	if err != nil {
		return nil, err
	}
	for _, s := range skipped {
		fmt.Fprintf(c.App.ErrWriter, "not read: %s: %s\n", s.Resource, s.Why)
	}
	if len(files) == 0 {
		return nil, usagef(c, "nothing of a mesh is in %s, or in the namespaces that were asked for", client.Name())
	}
	return files, nil
}

// setFlags say what belongs together in a cluster.
func setFlags() []cli.Flag {
	return append(whichCluster(),
		&cli.StringFlag{Name: "set", Value: "default", Usage: "`NAME` of what is applied together: the label mesh2gw.io/set, by which --prune and rollback find it"},
		&cli.DurationFlag{Name: "timeout", Value: 5 * time.Minute, Usage: "for all of it"},
		wordFlag("dry-run", "server: let the server judge, and change nothing", ""),
	)
}

// setOptions reads setFlags.
func setOptions(c *cli.Context) (cluster.Options, error) {
	o := cluster.Options{
		Set: c.String("set"), Timeout: c.Duration("timeout"), DryRun: c.String("dry-run") == "server", Wait: true,
	}
	switch {
	case !setName.MatchString(o.Set):
		return o, usagef(c, "--set %s: want letters, digits, dots and dashes, as in a label", o.Set)
	case o.Timeout <= 0:
		return o, usagef(c, "want a --timeout above 0")
	}
	return o, nil
}
