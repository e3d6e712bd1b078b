package source

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree writes files into a new folder and goes there, so that names in results
// are short.
func tree(t *testing.T, files ...string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, f := range files {
		if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f, []byte("text of "+f), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCollect(t *testing.T) {
	tree(t, "b.yaml", "d/z.yml", "d/a.json", "d/A.YAML", "d/README.md", "d/sub/x.yaml", "d/.git/c.yaml", "d/.hidden.yaml", ".h/d.yaml", "notes")
	for link, target := range map[string]string{"d/link.yaml": "../b.yaml", "d/again": "../d", "d/linked": "../.h", "d/.#z.yml": "nobody@nowhere"} {
		if err := os.Symlink(target, link); err != nil {
			t.Skip(err)
		}
	}
	for _, c := range []struct{ paths, want []string }{
		{nil, []string{"<stdin>"}},
		{[]string{"-"}, []string{"<stdin>"}},
		{[]string{"b.yaml", "-", "-"}, []string{"b.yaml", "<stdin>"}},
		{[]string{"notes"}, []string{"notes"}},
		{[]string{"b.yaml", "./b.yaml", "d/../b.yaml"}, []string{"b.yaml"}},
		{[]string{".h"}, []string{".h/d.yaml"}},
		{[]string{"d"}, []string{"d/.hidden.yaml", "d/A.YAML", "d/a.json", "d/link.yaml", "d/linked/d.yaml", "d/sub/x.yaml", "d/z.yml"}},
		{[]string{"b.yaml", "d/sub", "d"}, []string{"b.yaml", "d/sub/x.yaml", "d/.hidden.yaml", "d/A.YAML", "d/a.json", "d/linked/d.yaml", "d/z.yml"}},
	} {
		files, err := Collect(c.paths, strings.NewReader("text"))
		if err != nil {
			t.Error(c.paths, err)
		}
		var got []string
		for _, f := range files {
			got = append(got, filepath.ToSlash(f.Name))
			if !strings.HasPrefix(string(f.Data), "text") {
				t.Errorf("%s holds %q", f.Name, f.Data)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("Collect(%q)\n got %q\nwant %q", c.paths, got, c.want)
		}
	}
}

func TestCollectErrors(t *testing.T) {
	tree(t, "d/a.yaml")
	if err := os.Symlink("gone", "d/b.yaml"); err != nil {
		t.Skip(err)
	}
	for path, want := range map[string]string{
		"none.yaml": "read none.yaml: no such file or directory",
		"d":         "read " + filepath.Join("d", "b.yaml") + ": no such file or directory",
	} {
		if _, err := Collect([]string{path}, nil); err == nil || err.Error() != want {
			t.Errorf("Collect(%s): %v, want %s", path, err, want)
		}
	}
}

// endless is a pipe that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestCollectTooLarge sees to it that neither a large file nor an endless pipe
// is read whole. The file has a hole for its content.
func TestCollectTooLarge(t *testing.T) {
	tree(t, "big.yaml", "small.yaml")
	if err := os.Truncate("big.yaml", 100<<30); err != nil {
		t.Skip(err)
	}
	files, err := Collect([]string{"big.yaml", "-", "small.yaml"}, endless{})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 3 || !files[0].TooLarge || !files[1].TooLarge || files[0].Data != nil || files[1].Data != nil || files[2].TooLarge {
		t.Errorf("%+v", files)
	}
}
