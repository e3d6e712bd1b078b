package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// readInput reads what the arguments of c name. Without arguments that is
// standard input, unless a person sits there who would wait for us.
func readInput(c *cli.Context) ([]source.File, error) {
	if c.Bool("from-cluster") {
		return readCluster(c, slices.Contains([]string{"audit", "cost"}, c.Command.Name)) // they count Pods
	}
	paths := c.Args().Slice()
	if len(paths) == 0 && isTerminal(c.App.Reader) {
		return nil, usagef(c, "nothing to convert: give files or folders, or pipe YAML in (helm template . | %s)", c.Command.HelpName)
	}
	files, err := source.Collect(paths, c.App.Reader)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef(c, "%v", err)
	case err != nil:
		return nil, err
	case len(files) == 0:
		return nil, usagef(c, "no .yaml, .yml or .json file in %s", strings.Join(paths, ", "))
	}
	return files, nil
}

func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
