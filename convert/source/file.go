package source

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SizeLimit is the largest file that is read, in bytes. The configuration of a
// mesh with ten thousand services takes about a third of it.
const SizeLimit = 64 << 20

// stdinName is how standard input appears in findings.
const stdinName = "<stdin>"

// File is one input before it is split.
type File struct {
	Name string // as given by the user, or "<stdin>"
	Data []byte

	// TooLarge is set, and Data empty, where the input exceeds SizeLimit. Split
	// reports such a file; the others go on.
	TooLarge bool
}

// Collect reads paths: files, folders (recursive; .yaml, .yml and .json; hidden
// folders are skipped), and "-" for stdin, which is also read where there is no
// path at all. The order is that of paths, and by name inside of folders. A
// file that is named twice is read once.
func Collect(paths []string, stdin io.Reader) ([]File, error) {
	if len(paths) == 0 {
		paths = []string{"-"}
	}
	c := collector{stdin: stdin, seen: map[string]bool{}}
	for _, p := range paths {
		if err := c.path(p); err != nil {
			return nil, err
		}
	}
	return c.files, nil
}

type collector struct {
	stdin io.Reader
	seen  map[string]bool // real paths, and "-"
	files []File
}

func (c *collector) path(name string) error {
	if name == "-" {
		if c.first(name) {
			return c.read(stdinName, c.stdin)
		}
		return nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, reason(err))
	}
	if info.IsDir() {
		return c.folder(name)
	}
	return c.file(name, info)
}

// folder visits name in the order of os.ReadDir, which sorts. Links to folders
// are followed, each folder once, so that a cycle ends.
func (c *collector) folder(name string) error {
	if !c.first(name) {
		return nil
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, reason(err))
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".#") { // an editor's lock, a link to nowhere
			continue
		}
		path := filepath.Join(name, e.Name())
		isDir := e.IsDir()
		if e.Type()&os.ModeSymlink != 0 {
			info, err := os.Stat(path)
			isDir = err == nil && info.IsDir()
		}
		if isDir && strings.HasPrefix(e.Name(), ".") || !isDir && !hasExtension(e.Name()) {
			continue
		}
		if err := c.path(path); err != nil {
			return err
		}
	}
	return nil
}

func hasExtension(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(name)))
}

func (c *collector) file(name string, info os.FileInfo) error {
	if !c.first(name) {
		return nil
	}
	if info.Mode().IsRegular() && info.Size() > SizeLimit {
		c.files = append(c.files, File{Name: name, TooLarge: true})
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, reason(err))
	}
	defer f.Close()
	return c.read(name, f)
}

// read takes at most one byte more than the limit, since the size of a pipe is
// not known before.
func (c *collector) read(name string, r io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(r, SizeLimit+1))
	if err != nil {
		return fmt.Errorf("read %s: %w", name, reason(err))
	}
	if len(data) > SizeLimit {
		c.files = append(c.files, File{Name: name, TooLarge: true})
		return nil
	}
	c.files = append(c.files, File{Name: name, Data: data})
	return nil
}

// first tells whether path is met for the first time, by whatever name.
func (c *collector) first(path string) bool {
	key := path
	if real, err := filepath.EvalSymlinks(path); err == nil && path != "-" {
		key = real
	}
	if abs, err := filepath.Abs(key); err == nil && path != "-" {
		key = abs
	}
	if c.seen[key] {
		return false
	}
	c.seen[key] = true
	return true
}

// reason strips the operation and the path that package os adds, since the
// message names both already.
func reason(err error) error {
	if p, ok := err.(*os.PathError); ok {
		return p.Err
	}
	return err
}
