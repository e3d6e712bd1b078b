// Command genschemas writes the CRDs of every Gateway API bundle that can be
// written for into the repository, without what validation does not need.
//
//	go run ./convert/check/internal/genschemas
//
// It takes them from the published modules, which the go command downloads and
// verifies, so that running it twice gives the same bytes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/target"
)

// release is a release of the module sigs.k8s.io/gateway-api, with its sum as
// go.sum would have it.
type release struct{ version, sum string }

// releases are the newest patch releases of the versions, as of November 2026.
var releases = map[target.Version]release{
	target.V14: {"v1.4.1", "h1:NPxFutNkKNa8UfLd2CMlEuhIPMQgDQ6DXNKG9sHbJU8="},
	target.V15: {"v1.5.1", "h1:RqVRIlkhLhUO8wOHKTLnTJA6o/1un4po4/6M1nRzdd0="},
	target.V16: {"v1.6.3", "h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc="},
	target.V17: {"v1.7.0", "h1:duVnm7nO6oXfMMUWfcDoBph47CYR/ME3NGxccOVglaY="},
}

func main() {
	out := flag.String("out", filepath.Join("convert", "check", "internal", "schema", "crds"), "folder to write, emptied first")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "genschemas:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	files := map[string][]byte{"README.md": []byte(readme)}
	for _, b := range target.Bundles() {
		zip, err := download(releases[b.Version])
		if err != nil {
			return err
		}
		bundle, err := generate(b, zip)
		if err != nil {
			return fmt.Errorf("%s: %w", b, err)
		}
		maps.Copy(files, bundle)
	}
	return write(out, files)
}

// write replaces the folder out by files.
func write(out string, files map[string][]byte) error {
	if _, err := os.Stat(filepath.Dir(out)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s does not exist: run from the root of the repository", filepath.Dir(out))
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}

const readme = `# Schemas of the Gateway API

The CustomResourceDefinitions of [kubernetes-sigs/gateway-api](https://github.com/kubernetes-sigs/gateway-api),
a folder for each version and channel. Copyright The Kubernetes Authors, Apache License 2.0. They were changed:
descriptions, printer columns, version schemas that are not served, and metadata other than the name and the
bundle's annotations are gone. Validation rules, defaults and list types are as published.

Written by ` + "`make schemas`" + `; don't edit. Each index.json names the module, and the SHA-256 of each file of the
module and of the JSON that was made from it.
`
