package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// output is a form of a result, and the file that it goes to; "" is standard
// output.
type output struct {
	format, file string
	made         pages
}

// tallies tells whether the format says by itself how many findings there are.
func (o output) tallies() bool { return o.format == "text" || o.format == "github" }

// formatsFlag takes FORMAT, or FORMAT=FILE, several times. The first is what
// holds without it.
func formatsFlag(formats []string) *cli.StringSliceFlag {
	return &cli.StringSliceFlag{
		Name: "format", DefaultText: formats[0],
		Usage: "`FORMAT`, or FORMAT=FILE, as often as wanted: " + alternatives(formats),
	}
}

// outputFlag names a file for the format that has none.
func outputFlag() *cli.StringFlag {
	return &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to this `FILE`", DefaultText: "standard output"}
}

// outputsOf reads --format and --output; without them, the first format holds.
func outputsOf[P any](c *cli.Context, printers map[string]P, formats []string) ([]output, error) {
	asked := c.StringSlice("format")
	if len(asked) == 0 {
		asked = formats[:1]
	}
	var all []output
	for _, word := range asked {
		format, file, named := strings.Cut(word, "=")
		if !named {
			file = c.String("output")
		}
		_, known := printers[format]
		switch {
		case !known:
			return nil, usagef(c, "--format %s: want %s", format, alternatives(formats))
		case named && file == "":
			return nil, usagef(c, "--format %s= needs the name of a file", format)
		case slices.ContainsFunc(all, func(o output) bool { return o.file == file }):
			return nil, usagef(c, "--format %s: %s is taken by another format; write --format %s=FILE", word, destination(file), format)
		}
		all = append(all, output{format: format, file: file})
	}
	if c.IsSet("output") && !slices.ContainsFunc(all, func(o output) bool { return o.file == c.String("output") }) {
		return nil, usagef(c, "--output %s: every format has a file already", c.String("output"))
	}
	return all, nil
}

func destination(file string) string {
	if file == "" {
		return "standard output"
	}
	return file
}

// writeOutputs writes files before standard output: with exit code 3 nothing is
// there.
func writeOutputs(c *cli.Context, outputs []output) error {
	for _, o := range outputs {
		if o.file == "" {
			continue
		}
		if err := writeFile(o.file, o.made.all()); err != nil {
			return err
		}
	}
	for _, o := range outputs {
		if o.file == "" {
			return writeAll(c.App.Writer, o.made)
		}
	}
	return nil
}

// terminal says whether w shows colours, and how wide it is; 0 where nobody knows.
// NO_COLOR is obeyed (no-color.org).
func terminal(w io.Writer) (colour bool, width int) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return false, 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 0
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", width
}

// repository is the folder with .git in which we are, or the one that a workflow
// of GitHub has checked out; and the working folder. Both are absolute; root is
// "" where there is none.
func repository() (root, here string) {
	here, err := os.Getwd()
	if err != nil {
		return "", ""
	}
	for at := here; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at, here
		}
		if at == filepath.Dir(at) {
			return os.Getenv("GITHUB_WORKSPACE"), here
		}
	}
}
