package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/audit"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/audit/traffic"
)

func auditCommand() *cli.Command {
	return &cli.Command{
		Name:      "audit",
		Usage:     "say what of the mesh is really used",
		ArgsUsage: "[PATH...]",
		Description: `Counts the fields that Istio's objects write, the sidecars of each namespace with what they reserve and use, and says, with metrics of the
proxies, which routes, splits, retries, timeouts and circuit breakers had any effect: so that what is needed is told apart from what is
configured and never triggered (docs/audit.md).

Metrics come from a Prometheus, or from answers of one that were saved; what the sidecars use comes from metrics.k8s.io, with
--from-cluster, a snapshot with --pods, or the output of: kubectl get podmetrics -A -o yaml

Examples:
  mesh2gw audit --from-cluster --prometheus http://localhost:9090
  mesh2gw audit mesh/ --prometheus http://localhost:9090 --save-metrics metrics.json
  mesh2gw audit mesh/ --metrics metrics.json --format json=audit.json
  mesh2gw audit --queries`,
		Flags:              auditFlags(),
		Action:             auditAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func auditFlags() []cli.Flag {
	return append([]cli.Flag{
		formatsFlag(auditFormats), outputFlag(),
		&cli.StringFlag{Name: "prometheus", Usage: "`URL` of a Prometheus that scrapes the proxies"},
		&cli.StringSliceFlag{Name: "prometheus-header", Usage: "send this `HEADER` to it, such as \"X-Scope-OrgID: shop\"; as often as wanted"},
		&cli.StringFlag{Name: "window", Usage: "look back this `TIME`, such as 30d or 12h", Value: "30d"},
		&cli.StringFlag{Name: "save-metrics", Usage: "write what Prometheus answered to this `FILE`, for --metrics"},
		&cli.StringSliceFlag{Name: "metrics", Usage: "read answers of Prometheus from this `FILE` instead of asking; as often as wanted"},
		&cli.BoolFlag{Name: "queries", Usage: "print what would be asked, for those who may not ask themselves", DisableDefaultText: true},
		&cli.StringFlag{Name: "namespace", Aliases: []string{"n"}, Usage: "`NAMESPACE` of objects that name none", Value: "default"},
		&cli.IntFlag{Name: "nodes", Usage: "`NUMBER` of nodes, for DaemonSets whose pods are not in the input", DefaultText: "those of the cluster, else 1"},
	}, append(credentialFlags(), fromCluster()...)...)
}

var (
	auditFormats  = []string{"text", "json"}
	auditPrinters = map[string]func(io.Writer, *audit.Result) error{"text": audit.Text, "json": audit.JSON}
)

// stepOf is how much of the window one query looks at.
const stepOf = 24 * time.Hour

func auditAction(c *cli.Context) error {
	parsed, err := model.ParseDuration(c.String("window"))
	window := time.Duration(parsed)
	switch {
	case err != nil || window <= 0:
		return usagef(c, "--window %s: want a time as Prometheus writes it, such as 30d or 12h", c.String("window"))
	case c.Int("nodes") < 0:
		return usagef(c, "--nodes %d: want 0 or more", c.Int("nodes"))
	case c.Bool("queries"):
		return printQueries(c, window)
	}
	outputs, err := outputsOf(c, auditPrinters, auditFormats)
	if err != nil {
		return err
	}
	counted, err := countedBy(c, window)
	if err != nil {
		return err
	}
	files, err := readInput(c)
	if err != nil {
		return err
	}
	r, err := audit.Run(c.Context, files, audit.Options{Namespace: c.String("namespace"), Nodes: c.Int("nodes"), Counted: counted})
	if err != nil {
		return err
	}
	for i := range outputs {
		if err := auditPrinters[outputs[i].format](&outputs[i].made, r); err != nil {
			return err
		}
	}
	return writeOutputs(c, outputs)
}

// countedBy reads the metrics; nil where none are named.
func countedBy(c *cli.Context, window time.Duration) (*traffic.Counted, error) {
	server, files := c.String("prometheus"), c.StringSlice("metrics")
	switch {
	case server != "" && len(files) > 0:
		return nil, usagef(c, "--prometheus asks, and --metrics reads what was asked before: leave one out")
	case server == "" && slices.ContainsFunc(append(credentialFlags(), &cli.StringFlag{Name: "save-metrics"}, &cli.StringFlag{Name: "prometheus-header"}), func(f cli.Flag) bool { return c.IsSet(f.Names()[0]) }):
		return nil, usagef(c, "--save-metrics, --prometheus-header, certificates and tokens go with --prometheus")
	case server != "":
		return askPrometheus(c, server, window)
	case len(files) == 0:
		return nil, nil
	}
	var all []io.Reader
	for _, path := range files {
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usagef(c, "--metrics %s does not exist; --save-metrics makes it, and --queries says how to do so by hand", path)
		}
		if err != nil {
			return nil, err
		}
		defer f.Close()
		all = append(all, f)
	}
	saved, err := traffic.Read(io.MultiReader(all...), window)
	if err != nil {
		return nil, usagef(c, "--metrics %s: %v", strings.Join(files, ", "), err)
	}
	counted, err := saved.Counted()
	if err != nil {
		return nil, usagef(c, "--metrics %s: %v", strings.Join(files, ", "), err)
	}
	return counted, nil
}

func askPrometheus(c *cli.Context, url string, window time.Duration) (*traffic.Counted, error) {
	headers := http.Header{}
	for _, line := range c.StringSlice("prometheus-header") {
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, usagef(c, "--prometheus-header %q: want a name, a colon and a value", line)
		}
		headers.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	token, err := bearer(c)
	if err != nil {
		return nil, err
	}
	if token != "" {
		headers.Set("Authorization", "Bearer "+token)
	}
	trust, err := tlsConfig(c)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone() // which it is
	transport.TLSClientConfig = trust
	server := &traffic.Server{URL: url, Headers: headers, Client: &http.Client{Transport: transport}, Say: func(format string, a ...any) { fmt.Fprintf(c.App.ErrWriter, format+"\n", a...) }}
	saved, err := server.Ask(c.Context, time.Now(), window, stepOf)
	if err != nil {
		return nil, err
	}
	if path := c.String("save-metrics"); path != "" {
		var out strings.Builder
		if err := saved.Write(&out); err != nil {
			return nil, err
		}
		if err := writeFile(path, []byte(out.String())); err != nil {
			return nil, err
		}
	}
	return saved.Counted()
}

// printQueries prints commands that make a file for --metrics.
func printQueries(c *cli.Context, window time.Duration) error {
	step := min(window, stepOf)
	steps := int((window + step - 1) / step)
	var out strings.Builder
	fmt.Fprintf(&out, "# URL is that of Prometheus. The file is for: mesh2gw audit --metrics metrics.json\nend=$(date +%%s)\n")
	for i, q := range traffic.Queries(step) {
		to := ">>"
		if i == 0 {
			to = ">"
		}
		fmt.Fprintf(&out, "curl -fsSG \"$URL/api/v1/query_range\" -d start=$((end-%d)) -d end=$end -d step=%d --data-urlencode '%s' %s metrics.json\n",
			int(step.Seconds())*(steps-1), int(step.Seconds()), "query="+q.Text, to)
	}
	_, err := io.WriteString(c.App.Writer, out.String())
	return err
}
