package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/audit"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/cost"
)

func costCommand() *cli.Command {
	return &cli.Command{
		Name:      "cost",
		Usage:     "estimate what sidecars cost, and what would be left without them",
		ArgsUsage: "[PATH...]",
		Description: `Compares Istio with sidecars, Istio ambient, Linkerd, and Gateway API without a mesh: what each reserves, what it is expected to use, and what
that is in a month, as a range; and how many nodes it takes, since a reservation is money only where a node goes away. All assumptions are
printed with their sources (docs/cost.md has worked examples).

Pods and their sidecars are counted in PATHs or in the cluster, taken from an audit, or given by --pods.

Examples:
  mesh2gw cost --pods 1000 --nodes 30 --rps 20000
  mesh2gw cost --from-cluster --nodes 30 --node-cpu 4 --node-memory 16Gi
  mesh2gw cost --audit audit.json --nodes 30 --node-cpu 4 --node-memory 16Gi
  mesh2gw cost mesh/ --nodes 12 --format csv=cost.csv --format json=cost.json`,
		Flags:              costFlags(),
		Action:             costAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func costFlags() []cli.Flag {
	quantity := func(name, usage string) cli.Flag { return &cli.StringFlag{Name: name, Usage: usage} }
	return append([]cli.Flag{
		&cli.IntFlag{Name: "pods", Usage: "`NUMBER` of pods with a sidecar, instead of counting them"},
		&cli.StringFlag{Name: "audit", Usage: "take pods and what sidecars use from this `FILE` of audit --format json"},
		&cli.IntFlag{Name: "nodes", Usage: "`NUMBER` of nodes; ambient has a ztunnel on each", Value: 1, DefaultText: "those of the cluster, else 1"},
		&cli.IntFlag{Name: "gateways", Usage: "`NUMBER` of replicas of the gateways, with a mesh and without", Value: 2},
		&cli.IntFlag{Name: "waypoints", Usage: "`NUMBER` of waypoints that ambient would have"},
		&cli.Float64Flag{Name: "rps", Usage: "requests a second between pods, all together", DefaultText: "not known"},
		&cli.Float64Flag{Name: "gateway-rps", Usage: "requests a second from outside", DefaultText: "not known"},
		quantity("sidecar-cpu", "what each sidecar requests, a `QUANTITY` as 100m, instead of what was counted"),
		quantity("sidecar-memory", "likewise, as 128Mi"),
		quantity("used-cpu", "what all sidecars together use, measured: a `QUANTITY` as 12.5"),
		quantity("used-memory", "likewise, as 60Gi"),
		quantity("node-cpu", "what one node has for pods: a `QUANTITY` as 3920m; with it, nodes are counted"),
		quantity("node-memory", "likewise, as 14Gi"),
		quantity("requested-cpu", "what all pods of the cluster request: a `QUANTITY`; with it, nodes are exact"),
		quantity("requested-memory", "likewise"),
		&cli.Float64Flag{Name: "cpu-price", Usage: "of a core for an hour", Value: cost.DefaultPrices.CPU},
		&cli.Float64Flag{Name: "memory-price", Usage: "of a GiB for an hour", Value: cost.DefaultPrices.Memory},
		&cli.Float64Flag{Name: "hours", Usage: "of a month", Value: cost.DefaultPrices.Hours},
		formatsFlag(costFormats), outputFlag(),
	}, fromCluster()...)
}

var (
	costFormats  = []string{"text", "csv", "json"}
	costPrinters = map[string]func(io.Writer, *cost.Result) error{"text": cost.Text, "csv": cost.CSV, "json": cost.JSON}
)

func costAction(c *cli.Context) error {
	outputs, err := outputsOf(c, costPrinters, costFormats)
	if err != nil {
		return err
	}
	in, err := costInput(c)
	if err != nil {
		return err
	}
	r, err := cost.Estimate(in)
	if err != nil {
		return usagef(c, "%v", err)
	}
	for i := range outputs {
		if err := costPrinters[outputs[i].format](&outputs[i].made, r); err != nil {
			return err
		}
	}
	return writeOutputs(c, outputs)
}

// costInput reads the flags, and counts pods where --pods does not give them.
func costInput(c *cli.Context) (cost.Input, error) {
	in := cost.Input{
		Pods: c.Int("pods"), Nodes: c.Int("nodes"), Waypoints: c.Int("waypoints"), Gateways: c.Int("gateways"), Inside: c.Float64("rps"), Outside: c.Float64("gateway-rps"),
		Prices: cost.Prices{CPU: c.Float64("cpu-price"), Memory: c.Float64("memory-price"), Hours: c.Float64("hours")},
	}
	var each cost.Resources
	for _, q := range []struct {
		flag string
		to   *float64
	}{
		{"sidecar-cpu", &each.CPU},
		{"sidecar-memory", &each.Memory},
		{"used-cpu", &in.Used.CPU},
		{"used-memory", &in.Used.Memory},
		{"node-cpu", &in.Node.CPU},
		{"node-memory", &in.Node.Memory},
		{"requested-cpu", &in.Total.CPU},
		{"requested-memory", &in.Total.Memory},
	} {
		if text := c.String(q.flag); text != "" {
			value, err := resource.ParseQuantity(text)
			if err != nil || value.Sign() < 0 {
				return in, usagef(c, "--%s %s: want a quantity as Kubernetes writes it (100m, 1.5, 128Mi)", q.flag, text)
			}
			*q.to = value.AsApproximateFloat64()
		}
	}
	switch {
	case (in.Node.CPU == 0) != (in.Node.Memory == 0), (in.Total.CPU == 0) != (in.Total.Memory == 0):
		return in, usagef(c, "--node-cpu and --node-memory go together, and so do --requested-cpu and --requested-memory")
	case in.Total != (cost.Resources{}) && in.Node == (cost.Resources{}):
		return in, usagef(c, "--requested-cpu says how many nodes are needed only beside --node-cpu and --node-memory")
	}
	if err := countPods(c, &in); err != nil {
		return in, err
	}
	if c.IsSet("pods") || each.CPU > 0 {
		in.Reserved.CPU = orElse(each.CPU, cost.DefaultSidecar().CPU) * float64(in.Pods)
	}
	if c.IsSet("pods") || each.Memory > 0 {
		in.Reserved.Memory = orElse(each.Memory, cost.DefaultSidecar().Memory) * float64(in.Pods)
	}
	return in, nil
}

// takeMachines takes the nodes of the input where flags do not say otherwise. What all
// pods request is known only where the whole cluster was read.
func takeMachines(c *cli.Context, in *cost.Input, m cost.Machines) {
	if m.Nodes == 0 || c.IsSet("nodes") || in.Node != (cost.Resources{}) {
		return
	}
	in.Nodes, in.Node = m.Nodes, m.Each
	uneven := ""
	if m.Uneven {
		uneven = " on average; they are not of one size, so that how many can go is rough"
	}
	fmt.Fprintf(c.App.ErrWriter, "%s in the input, with %s each%s\n", plural(m.Nodes, "node"), m.Each, uneven)
	if c.Bool("from-cluster") && len(c.StringSlice("only-namespace")) == 0 && in.Total == (cost.Resources{}) && m.Request.Most(in.Reserved) == m.Request {
		in.Total = m.Request
		fmt.Fprintf(c.App.ErrWriter, "%s request %s\n", plural(m.Pods, "pod"), m.Request)
	}
}

func orElse(value, otherwise float64) float64 {
	if value > 0 {
		return value
	}
	return otherwise
}

// countedByAudit takes pods and what their sidecars use from the file of --audit.
func countedByAudit(c *cli.Context, in *cost.Input, a *audit.Result) error {
	if c.NArg() > 0 || c.Bool("from-cluster") || c.IsSet("pods") {
		return usagef(c, "--audit has counted pods: leave out --pods, --from-cluster and files")
	}
	say := func(format string, args ...any) { fmt.Fprintf(c.App.ErrWriter, format+"\n", args...) }
	sum := a.Sum()
	in.Pods, in.Reserved = sum.Sidecars, sum.Reserved
	if !c.IsSet("gateways") && sum.Gateways > 0 {
		in.Gateways = sum.Gateways
	}
	say("the audit counted %s with a sidecar, %d without", plural(sum.Sidecars, "pod"), sum.Pods-sum.Sidecars-sum.Gateways)
	if sum.Measured > 0 && in.Used == (cost.Resources{}) {
		in.Used = sum.Used.Times(float64(sum.Sidecars) / float64(sum.Measured))
		say("what they use is taken from %s that the audit measured, at one moment", plural(sum.Measured, "sidecar"))
	}
	if p := a.Traffic; p != nil && p.To.After(p.From) && in.Inside == 0 {
		say("the audit counted %.4g requests a second on average, those from gateways among them; --rps takes them into account", p.Requests/p.To.Sub(p.From).Seconds())
	}
	return nil
}

// countPods counts where --pods is not given, and says what it took for granted.
func countPods(c *cli.Context, in *cost.Input) error {
	audited, err := madeBefore(c, "audit", "audit", audit.Read)
	switch {
	case err != nil:
		return err
	case audited != nil:
		return countedByAudit(c, in, audited)
	}
	if c.IsSet("pods") {
		if c.NArg() > 0 || c.Bool("from-cluster") {
			return usagef(c, "--pods takes the place of counting: leave it out, or the files")
		}
		return nil
	}
	files, err := readInput(c)
	if err != nil {
		return err
	}
	nodes := 0 // those of the input
	if c.IsSet("nodes") {
		nodes = in.Nodes
	}
	counted, err := cost.Count(c.Context, files, nodes)
	if err != nil {
		return err
	}
	in.Pods, in.Reserved = counted.Pods, counted.Reserved
	takeMachines(c, in, counted.Machines)
	if !c.IsSet("gateways") && counted.Gateways > 0 {
		in.Gateways = counted.Gateways
	}
	fmt.Fprintf(c.App.ErrWriter, "counted %s with a sidecar, %d without\n", plural(counted.Pods, "pod"), counted.Without)
	for _, a := range counted.Assumed {
		fmt.Fprintln(c.App.ErrWriter, a)
	}
	if counted.Templates > 0 {
		fmt.Fprintf(c.App.ErrWriter, "%s not counted, since they can't be read: render templates first\n", plural(counted.Templates, "workload"))
	}
	return nil
}
