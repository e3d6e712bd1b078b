package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

func TestFreeName(t *testing.T) {
	taken := map[string]bool{}
	for _, c := range []struct{ kind, namespace, name, want string }{
		{"HTTPRoute", "shop", "web", "shop/httproute-web.yaml"},
		{"HTTPRoute", "", "web", "httproute-web.yaml"},
		{"Service", "shop", "web-v1", "shop/service-web-v1.yaml"},
		{"HTTPRoute", "${NS}", "${NAME}", "__NS_/httproute-__NAME_.yaml"},
		{"HTTPRoute", "${NS}", "$(name)", "__NS_/httproute-__name_-2.yaml"},
		{"HTTPRoute", "..", "../../etc/passwd", "_/httproute-__.._etc_passwd.yaml"},
	} {
		key := gwapi.Key{Kind: c.kind, Name: route.Name{Namespace: c.namespace, Name: c.name}}
		if got := freeName(key, taken); got != c.want {
			t.Errorf("%v: got %s, want %s", key, got, c.want)
		}
	}
}

// TestWriteOutDirUndone makes the last of three moves fail: a folder stands
// where a file should go. Nothing may have changed then.
func TestWriteOutDirUndone(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "z.yaml"), 0o777))
	must(t, os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("old"), 0o666))
	before := tree(t, dir)
	files := []outFile{{"a.yaml", []byte("new")}, {"shop/b.yaml", []byte("new")}, {"z.yaml", []byte("new")}}
	if err := writeOutDir(forced(true), dir, files); err == nil {
		t.Fatal("no error")
	}
	if after := tree(t, dir); !slices.Equal(before, after) {
		t.Errorf("before %q\nafter  %q", before, after)
	}
}

func TestWriteOutDir(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "deep", "out")
	files := []outFile{{"shop/b.yaml", []byte("1")}, {"kustomization.yaml", []byte("1")}}
	must(t, writeOutDir(forced(false), dir, files))
	files[0].data = []byte("2")
	if err := writeOutDir(forced(false), dir, files); err == nil {
		t.Error("overwrites without --force")
	}
	must(t, writeOutDir(forced(true), dir, files))
	want := []string{"deep/", "deep/out/", "deep/out/kustomization.yaml=1", "deep/out/shop/", "deep/out/shop/b.yaml=2"}
	if got := tree(t, root); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// forced is the context of a command with or without --force.
func forced(force bool) *cli.Context {
	c := cli.NewContext(newApp(nil, nil, nil), nil, nil)
	c.Command = convertCommand()
	var got *cli.Context
	c.Command.Action = func(c *cli.Context) error { got = c; return nil }
	args := []string{"convert"}
	if force {
		args = append(args, "--force")
	}
	if err := c.Command.Run(c, args...); err != nil {
		panic(err)
	}
	return got
}

// tree lists what is below dir: folders, and files with their content.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, path)
		switch name = filepath.ToSlash(name); {
		case err != nil:
			return err
		case name == ".":
		case d.IsDir():
			names = append(names, name+"/")
		default:
			data, err := os.ReadFile(path)
			must(t, err)
			names = append(names, name+"="+string(data))
		}
		return nil
	}))
	return names
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
