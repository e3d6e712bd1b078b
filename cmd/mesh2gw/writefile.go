package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// writeFile writes the whole file or none of it: under a temporary name beside
// it, then renamed. What is not a regular file (/dev/stderr, a named pipe) is
// written in place.
func writeFile(name string, data []byte) error {
	mode := fs.FileMode(0o666) // less the umask
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if info.Mode().Type() != 0 {
			return writeInPlace(name, data)
		}
		mode = info.Mode().Perm()
	}
	temp, err := os.MkdirTemp(filepath.Dir(name), ".mesh2gw-")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer os.RemoveAll(temp)
	draft := filepath.Join(temp, "draft")
	if err := os.WriteFile(draft, data, mode); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(draft, name)
}

func writeInPlace(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
