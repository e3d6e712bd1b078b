package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
)

// outFile is a file of --out-dir.
type outFile struct {
	name string // relative, with slashes
	data []byte
}

// outFiles makes one file for each object, NAMESPACE/KIND-NAME.yaml, and the
// kustomization.yaml that lists them.
func outFiles(objects []gwapi.Object, printer print.Objects) ([]outFile, error) {
	files := make([]outFile, 0, len(objects)+1)
	names := make([]string, 0, len(objects))
	taken := map[string]bool{}
	for _, o := range objects {
		var data bytes.Buffer
		if err := printer(&data, []gwapi.Object{o}); err != nil {
			return nil, err
		}
		name := freeName(o.Key(), taken)
		names = append(names, name)
		files = append(files, outFile{name, data.Bytes()})
	}
	var data bytes.Buffer
	if err := print.Kustomization(&data, names); err != nil {
		return nil, err
	}
	return append(files, outFile{"kustomization.yaml", data.Bytes()}), nil
}

// freeName names the file of an object. Kinds have no dash and namespaces no
// slash, so names are unique by themselves, unless placeholders such as ${NAME}
// had to be spelled differently for the file system: these get a number.
func freeName(k gwapi.Key, taken map[string]bool) string {
	base := path.Join(fileName(k.Namespace), strings.ToLower(k.Kind)+"-"+fileName(k.Name.Name))
	name := base
	for n := 2; taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	taken[strings.ToLower(name)] = true
	return name + ".yaml"
}

// fileName spells s with characters that every file system takes, and never as
// a way out of the folder.
func fileName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '.', r == '_':
			return r
		}
		return '_'
	}, s)
	if rest := strings.TrimLeft(s, "."); rest != s {
		return "_" + rest
	}
	return s
}

// writeOutDir writes all files or none: they are written into a folder inside
// dir first, then moved to their places. What fails is undone.
func writeOutDir(c *cli.Context, dir string, files []outFile) (err error) {
	if !c.Bool("force") {
		if old := existing(dir, files); len(old) > 0 {
			return usagef(c, "%s: use --force to overwrite", would(old))
		}
	}
	created := firstMissing(dir)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	stage, err := os.MkdirTemp(dir, ".mesh2gw-")
	if err != nil {
		return err
	}
	m := mover{dir: dir, stage: stage}
	defer func() {
		if err != nil {
			m.undo()
		}
		err = errors.Join(err, os.RemoveAll(stage))
		if err != nil && created != "" {
			os.RemoveAll(created)
		}
	}()
	for _, f := range files {
		if err := writeNew(filepath.Join(stage, "new", filepath.FromSlash(f.name)), f.data); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := m.move(filepath.FromSlash(f.name)); err != nil {
			return err
		}
	}
	return nil
}

// would says which files are in the way.
func would(old []string) string {
	const most = 3
	if len(old) <= most {
		return fmt.Sprintf("would overwrite %s", strings.Join(old, ", "))
	}
	return fmt.Sprintf("would overwrite %s and %d more", strings.Join(old[:most], ", "), len(old)-most)
}

// existing returns the files that are there already.
func existing(dir string, files []outFile) []string {
	var old []string
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.name))
		if _, err := os.Lstat(name); err == nil {
			old = append(old, name)
		}
	}
	return old
}

// firstMissing returns the outermost folder that MkdirAll(dir) would make, or "".
func firstMissing(dir string) string {
	missing := ""
	for d := filepath.Clean(dir); ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			return missing
		}
		missing = d
	}
}

func writeNew(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o666)
}

// mover moves files from stage/new to dir, and what they replace to stage/old.
type mover struct {
	dir, stage string
	undos      []func()
}

func (m *mover) move(name string) error {
	fresh, target, old := filepath.Join(m.stage, "new", name), filepath.Join(m.dir, name), filepath.Join(m.stage, "old", name)
	if missing := firstMissing(filepath.Dir(target)); missing != "" {
		m.undos = append(m.undos, func() { os.RemoveAll(missing) })
	}
	for _, dir := range []string{filepath.Dir(target), filepath.Dir(old)} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
	}
	switch info, err := os.Lstat(target); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("write %s: a folder has this name", target)
	default:
		if err := os.Rename(target, old); err != nil {
			return err
		}
		m.undos = append(m.undos, func() { _ = os.Rename(old, target) })
	}
	if err := os.Rename(fresh, target); err != nil {
		return err
	}
	m.undos = append(m.undos, func() { os.Remove(target) })
	return nil
}

// undo takes the moves back, the last first.
func (m *mover) undo() {
	for i := len(m.undos) - 1; i >= 0; i-- {
		m.undos[i]()
	}
}
