package rule_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// A rule is a package-level value, and All knows every one of them.
func TestAllKnowsEveryRule(t *testing.T) {
	declared := declaredRules(t)
	known := map[string]bool{}
	for _, r := range rule.All() {
		known[r.ID] = true
	}
	for name, id := range declared {
		if !known[id] {
			t.Errorf("%s (%s) is in no slice that All joins", name, id)
		}
	}
	if len(known) != len(declared) {
		t.Errorf("All has %d rules, and %d are declared", len(known), len(declared))
	}
}

// A rule that no code raises is dead: it can only mislead the reader.
func TestEveryRuleIsRaised(t *testing.T) {
	raised := map[string]bool{}
	for _, file := range sources(t, "..") {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if of, ok := s.X.(*ast.Ident); ok && of.Name == "rule" {
					raised[s.Sel.Name] = true
				}
			}
			return true
		})
	}
	for name, id := range declaredRules(t) {
		if !raised[name] {
			t.Errorf("%s (%s) is raised nowhere", name, id)
		}
	}
}

// declaredRules are the ids of the &finding.Rule{...} values of this package, by name.
func declaredRules(t *testing.T) map[string]string {
	t.Helper()
	rules := map[string]string{}
	for _, file := range sources(t, ".") {
		for _, d := range file.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.VAR {
				continue
			}
			for _, spec := range group.Specs {
				v := spec.(*ast.ValueSpec)
				for i, value := range v.Values {
					if id, ok := ruleID(value); ok {
						rules[v.Names[i].Name] = id
					}
				}
			}
		}
	}
	if len(rules) == 0 {
		t.Fatal("no rule is declared")
	}
	return rules
}

// ruleID is the ID of &finding.Rule{ID: "...", ...}.
func ruleID(e ast.Expr) (id string, ok bool) {
	address, ok := e.(*ast.UnaryExpr)
	if !ok {
		return "", false
	}
	literal, ok := address.X.(*ast.CompositeLit)
	if !ok {
		return "", false
	}
	if typ, ok := literal.Type.(*ast.SelectorExpr); !ok || typ.Sel.Name != "Rule" {
		return "", false
	}
	for _, field := range literal.Elts {
		pair, ok := field.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "ID" {
			return strings.Trim(pair.Value.(*ast.BasicLit).Value, `"`), true
		}
	}
	return "", true
}

// sources parses the code below dir, tests left out.
func sources(t *testing.T, dir string) []*ast.File {
	t.Helper()
	var files []*ast.File
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		files = append(files, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
