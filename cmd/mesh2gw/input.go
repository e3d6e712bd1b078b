package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// readInput reads the files, folders and standard input that the arguments of
// c name, in this order; without arguments, standard input.
func readInput(c *cli.Context) ([]source.File, error) {
	paths := c.Args().Slice()
	if len(paths) == 0 {
		if isTerminal(c.App.Reader) {
			return nil, usagef(c, "nothing to convert: give files or folders, or pipe YAML in (helm template . | %s)", c.Command.HelpName)
		}
		paths = []string{"-"}
	}
	names, err := expand(c, paths)
	if err != nil {
		return nil, err
	}
	files := make([]source.File, len(names))
	for i, name := range names {
		if files[i], err = readFile(c.App.Reader, name); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// expand replaces folders by the files in them and drops repetitions.
func expand(c *cli.Context, paths []string) ([]string, error) {
	var names []string
	seen := map[string]bool{}
	for _, path := range paths {
		found, err := filesAt(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usagef(c, "%s does not exist", path)
		}
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, usagef(c, "no .yaml, .yml or .json file in %s", path)
		}
		for _, name := range found {
			if key := filepath.Clean(name); !seen[key] {
				seen[key] = true
				names = append(names, name)
			}
		}
	}
	return names, nil
}

var extensions = []string{".yaml", ".yml", ".json"}

// filesAt returns path, or when it is a folder the YAML and JSON files below it
// in the order of their names. Links to folders are not followed.
func filesAt(path string) ([]string, error) {
	if path == "-" {
		return []string{path}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var names []string
	err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() || !slices.Contains(extensions, strings.ToLower(filepath.Ext(name))) {
			return nil
		}
		if info, err := os.Stat(name); err != nil || !info.IsDir() {
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

func readFile(stdin io.Reader, name string) (source.File, error) {
	if name == "-" {
		data, err := io.ReadAll(stdin)
		if err != nil {
			return source.File{}, fmt.Errorf("read standard input: %w", err)
		}
		return source.File{Name: "<stdin>", Data: data}, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return source.File{}, err
	}
	return source.File{Name: name, Data: data}, nil
}

func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
