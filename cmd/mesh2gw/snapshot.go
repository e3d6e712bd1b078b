package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/convert/source"
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
			&cli.BoolFlag{Name: "force", Usage: "take the place of an earlier snapshot in DIR", DisableDefaultText: true},
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
	return writeSnapshot(c, c.Args().First(), files)
}

// snapshotIndex lists the files of a snapshot, so that the next one into the folder
// removes those whose objects are gone: they would be read as if they were there.
const snapshotIndex = ".mesh2gw-snapshot"

func writeSnapshot(c *cli.Context, dir string, files []source.File) error {
	out, names := make([]outFile, len(files)), make([]string, len(files))
	for i, f := range files {
		out[i], names[i] = outFile{f.Name, f.Data}, f.Name
	}
	index, err := os.ReadFile(filepath.Join(dir, snapshotIndex))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if there, err := os.ReadDir(dir); err == nil && len(there) > 0 {
			return usagef(c, "%s holds files that are of no snapshot, and would be read with it: name another folder", dir)
		}
	case err != nil:
		return err
	}
	out = append(out, outFile{snapshotIndex, []byte(strings.Join(names, "\n") + "\n")})
	if err := writeOutDir(c, dir, out); err != nil {
		return err
	}
	for name := range strings.Lines(string(index)) {
		name = strings.TrimSuffix(name, "\n")
		if slices.Contains(names, name) || !filepath.IsLocal(filepath.FromSlash(name)) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
