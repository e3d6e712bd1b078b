package main

import (
	"github.com/urfave/cli/v2"
)

func snapshotCommand() *cli.Command {
	return &cli.Command{
		Name:      "snapshot",
		Usage:     "read a cluster's mesh into files",
		ArgsUsage: "DIR",
		Description: `Writes one file for each object that the conversion looks at: Istio's, Services, workloads, and what of Gateway API is there already. All
other commands then work on the folder, without the cluster. It needs the right to list, and no other; Secrets are never read.
What the server adds (status, managedFields, versions) is left out, but for the time of creation, by which Istio orders.

Examples:
  mesh2gw snapshot mesh/
  mesh2gw snapshot mesh/ --context prod --only-namespace shop --only-namespace istio-system
  mesh2gw report mesh/ --format html=report.html`,
		Flags: append(readsCluster(),
			&cli.BoolFlag{Name: "pods", Usage: "with Pods and what they use at the moment, which audit and cost count", DisableDefaultText: true},
			&cli.BoolFlag{Name: "force", Usage: "overwrite files", DisableDefaultText: true},
		),
		Action:             snapshotAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func snapshotAction(c *cli.Context) error {
	if c.NArg() != 1 {
		return usagef(c, "give one folder to write to")
	}
	files, err := readCluster(c, c.Bool("pods"))
	if err != nil {
		return err
	}
	out := make([]outFile, len(files))
	for i, f := range files {
		out[i] = outFile{f.Name, f.Data}
	}
	return writeOutDir(c, c.Args().First(), out)
}
