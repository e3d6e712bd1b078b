package convert_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	longestFunction = 60
	longestFile     = 400
)

// tables are files that are one long list, where length says nothing.
var tables = []string{"convert/istio/fields.go", "convert/rule/"}

// TestLengths keeps functions and files small enough to hold in one's head.
func TestLengths(t *testing.T) {
	for _, root := range []string{"../cmd", "../convert", "../e2e"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			return checkLengths(t, path)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func checkLengths(t *testing.T, path string) error {
	source, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	name := strings.TrimPrefix(filepath.ToSlash(path), "../")
	if lines := bytes.Count(source, []byte("\n")); lines > longestFile && !isTable(name) {
		t.Errorf("%s has %d lines, more than %d", name, lines, longestFile)
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, source, 0)
	if err != nil {
		return err
	}
	for _, declaration := range file.Decls {
		f, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if lines := files.Position(f.End()).Line - files.Position(f.Pos()).Line + 1; lines > longestFunction {
			t.Errorf("%s: %s has %d lines, more than %d", name, f.Name.Name, lines, longestFunction)
		}
	}
	return nil
}

func isTable(name string) bool {
	for _, table := range tables {
		if strings.HasPrefix(name, table) {
			return true
		}
	}
	return false
}
