package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

const whole = `# yaml-language-server: $schema=https://raw.githubusercontent.com/mesh2gw/mesh2gw/main/docs/schema/config.json
rules:
  MG003: warning
  MG005: off
skip:
  - vendor/
  - "**/*.gen.yaml"
overrides:
  - paths: [staging/**]
    rules: {MG003: note}
convert:
  namespace: shop
  gateway-class: eg
  target: envoy-gateway
  gateway-namespace: edge
  gateway-api: 1.6
  channel: experimental
  mesh: gateway=shop/door
  prefix: exact
lint:
  fail-on: warning
  format: sarif
  baseline: ci/baseline.json
  groups: [config]
  require-reason: true
`

// nothing is the configuration of a file without one.
func nothing() *Config { return &Config{Path: "f", Convert: map[string]string{}} }

// What the loader takes, and what it makes of it.
var goodFiles = []struct {
	text string
	want *Config
}{
	{"", nothing()},
	{"# nothing\n---\n", nothing()},
	{"rules:\nskip:\noverrides:\nconvert:\nlint:\n  groups:\n", &Config{Path: "f", Rules: map[string]triage.Level{}, Convert: map[string]string{}}},
	{"{}", nothing()},
	{whole, &Config{
		Path:      "f",
		Rules:     map[string]triage.Level{"MG003": triage.Warning, "MG005": triage.Off},
		Skip:      []string{"vendor", "**/*.gen.yaml"},
		Overrides: []Override{{[]string{"staging/**"}, map[string]triage.Level{"MG003": triage.Note}}},
		Convert: map[string]string{
			"namespace": "shop", "gateway-class": "eg", "target": "envoy-gateway", "gateway-namespace": "edge",
			"gateway-api": "1.6", "channel": "experimental", "mesh": "gateway=shop/door", "prefix": "exact",
		},
		Lint: Lint{FailOn: "warning", Format: "sarif", Baseline: "ci/baseline.json", Groups: []string{"config"}, RequireReason: true},
	}},
	{"convert: {gateway-api: '1.4'}", &Config{Path: "f", Convert: map[string]string{"gateway-api": "1.4"}}},
	{"skip: [&a ./x/]\noverrides: [{paths: [*a], rules: {MG001: off}}]", &Config{
		Path: "f", Skip: []string{"x"}, Convert: map[string]string{},
		Overrides: []Override{{[]string{"x"}, map[string]triage.Level{"MG001": triage.Off}}},
	}},
}

func TestParse(t *testing.T) {
	for _, c := range goodFiles {
		got, err := Parse("f", []byte(c.text), checkBySchema)
		if err != nil {
			t.Errorf("%s\n%v", c.text, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s\n(-want +got)\n%s", c.text, diff)
		}
	}
}

// What the loader refuses, and how; unseen are faults that no schema can see.
var badFiles = []struct {
	text, want string
	unseen     bool
}{
	{text: "rule: {}", want: "f:1:1: rule: unknown key; did you mean rules?"},
	{text: "severity: {}", want: "f:1:1: severity: unknown key; want rules, skip, overrides, convert or lint"},
	{text: "convert:\n  gateway-clas: x", want: "f:2:3: convert.gateway-clas: unknown key; did you mean gateway-class?"},
	{text: "convert:\n  gatewayClass: x", want: "f:2:3: convert.gatewayClass: unknown key; did you mean gateway-class?"},
	{text: "lint: {fail_on: error}", want: "f:1:8: lint.fail_on: unknown key; did you mean fail-on?"},
	{text: "rules:\n  MG999: off", want: "f:2:3: rules.MG999: no rule has this id; mesh2gw rules lists all of them"},
	{text: "rules:\n  mg003: off", want: "f:2:3: rules.mg003: no rule has this id; did you mean MG003?"},
	{text: "rules:\n  MG003: info", want: "f:2:10: rules.MG003: \"info\": want off, note, warning or error"},
	{text: "rules:\n  MG003: false", want: "f:2:10: rules.MG003: this is true or false; want a string"},
	{text: "rules: [MG003]", want: "f:1:8: rules: this is a list; want a mapping"},
	{text: "rules:\n  MG003:", want: "f:2:9: rules.MG003: this is nothing; want a string"},
	{text: "rules:\n  [MG003]: off", want: "f:2:3: rules: a key is a list; want a string"},
	{text: "rules:\n  MG003: off\n  MG005: off\n  MG003: note", want: "f:4:3: rules.MG003: written twice, first in line 2"},
	{text: "lint: {}\nlint: {}", want: "f:2:1: lint: written twice, first in line 1"},
	{text: "skip: vendor", want: "f:1:7: skip: this is a string; want a list"},
	{text: "skip: [1]", want: "f:1:8: skip[0]: this is a number; want a string"},
	{text: "skip: ['']", want: "f:1:8: skip[0]: \"\" is no glob: want something like vendor/** or *.gen.yaml"},
	{text: "skip: [./]", want: "f:1:8: skip[0]: \"./\" is no glob: want something like vendor/** or *.gen.yaml"},
	{text: "skip: [a, '[']", want: "f:1:11: skip[1]: \"[\" is no glob: want something like vendor/** or *.gen.yaml", unseen: true},
	{text: "skip: [/etc]", want: "f:1:8: skip[0]: \"/etc\" lies outside: globs count from the folder of this file, and hold below it"},
	{text: "skip: [../x]", want: "f:1:8: skip[0]: \"../x\" lies outside: globs count from the folder of this file, and hold below it"},
	{text: "skip: ['!x']", want: "f:1:8: skip[0]: \"!x\": a glob can't be taken back with !"},
	{text: "overrides: [{paths: [a]}]", want: "f:1:13: overrides[0]: rules are missing"},
	{text: "overrides: [{rules: {MG003: off}}]", want: "f:1:13: overrides[0]: paths are missing"},
	{text: "overrides: [{}]", want: "f:1:13: overrides[0]: paths are missing"},
	{text: "overrides:\n-", want: "f:2:2: overrides[0]: paths are missing"},
	{text: "overrides: [{path: [a], rules: {}}]", want: "f:1:14: overrides[0].path: unknown key; did you mean paths?"},
	{text: "convert: {channel: beta}", want: "f:1:20: convert.channel: not one of the words"},
	{text: "convert: {namespace: Shop}", want: "f:1:22: convert.namespace: no such name"},
	{text: "convert: {namespace: 12}", want: "f:1:22: convert.namespace: this is a number; want a string"},
	{text: "convert: {mesh: gateway=door}", want: "f:1:17: convert.mesh: no such name"},
	{text: "convert: {gateway-api: 1.70}", want: "f:1:24: convert.gateway-api: not one of the words", unseen: true},
	{text: "convert: {gateway-api: 2.0}", want: "f:1:24: convert.gateway-api: not one of the words"},
	{text: "lint: {format: xml}", want: "f:1:16: lint.format: not one of the words"},
	{text: "lint: {groups: config}", want: "f:1:16: lint.groups: this is a string; want a list"},
	{text: "lint: {groups: [all]}", want: "f:1:17: lint.groups[0]: \"all\": want migration or config"},
	{text: "lint: {require-reason: yes}", want: "f:1:24: lint.require-reason: this is a string; want true or false"},
	{text: "lint: {baseline: ''}", want: "f:1:18: lint.baseline: want the name of a file"},
	{text: "lint: {baseline: [a]}", want: "f:1:18: lint.baseline: this is a list; want a string"},
	{text: "- rules", want: "f:1:1: this is a list; want a mapping"},
	{text: "rules: {}\n---\nskip: []", want: "f:2:1: a second document; the configuration is one", unseen: true},
	{text: "a: b: c", want: "f:1:1: mapping values are not allowed in this context"},
	{text: "\"\\e[1m\": 1", want: "f:1:1: \"\\x1b[1m\": unknown key; want rules, skip, overrides, convert or lint"},
	{text: "lint:\n  formt: x\nrles: 1", want: "f:2:3: lint.formt: unknown key; did you mean format?\nf:3:1: rles: unknown key; did you mean rules?"},
}

func TestParseErrors(t *testing.T) {
	for _, c := range badFiles {
		if _, err := Parse("f", []byte(c.text), checkBySchema); err == nil || err.Error() != c.want {
			t.Errorf("%s\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// write makes the files below a new folder, and returns it.
func write(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range files {
		full := filepath.Join(root, name)
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(full, 0o777); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		want  string
	}{
		{"here", []string{"a/b/.mesh2gw.yaml", "a/.mesh2gw.yaml"}, "a/b/.mesh2gw.yaml"},
		{"above", []string{"a/b/", "a/.mesh2gw.yml", ".git/"}, "a/.mesh2gw.yml"},
		{"beside .git", []string{"a/b/", ".mesh2gw.yaml", ".git/"}, ".mesh2gw.yaml"},
		{"not beyond .git", []string{"a/b/", "a/.git/", ".mesh2gw.yaml"}, ""},
		{"nor beyond that of a worktree, which is a file", []string{"a/b/", "a/.git", ".mesh2gw.yaml"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := write(t, c.files...)
			got, ok, err := Find(filepath.Join(root, "a", "b"))
			if err != nil {
				t.Fatal(err)
			}
			if want := filepath.Join(root, c.want); ok != (c.want != "") || ok && got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
	root := write(t, ".mesh2gw.yaml", ".mesh2gw.yml")
	if _, _, err := Find(root); err == nil || !strings.Contains(err.Error(), "keep one") {
		t.Error(err)
	}
}

// Globs and the baseline count from the folder of the file, wherever the command
// runs.
func TestLoad(t *testing.T) {
	root := write(t, "repo/deep/er/", "repo/.mesh2gw.yaml")
	file := filepath.Join(root, "repo", ".mesh2gw.yaml")
	text := "skip: [vendor, '**/*.gen.yaml', a/*/c]\noverrides: [{paths: [deep], rules: {MG003: off}}, {paths: [deep/er/x.yaml], rules: {MG003: note}}]\n" +
		"lint: {baseline: ci/known.json, groups: [config], require-reason: true}\n"
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(root, "repo", "deep"))
	c, err := Load(filepath.Join("..", ".mesh2gw.yaml"), checkBySchema)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"../vendor/x/y.yaml": true, "../vendor": true, "vendor/x.yaml": false, "er/x.gen.yaml": true, "er/x.yaml": false,
		"../a/b/c/d.yaml": true, "../a/c": false, "../../vendor/x.yaml": false, "<stdin>": false,
		filepath.Join(root, "repo", "vendor", "z.yaml"): true,
	} {
		if got := c.Skipped(filepath.FromSlash(name)); got != want {
			t.Errorf("%s is skipped: %v", name, got)
		}
	}
	if real, err := filepath.EvalSymlinks(root); err != nil || c.Lint.Baseline != filepath.Join(root, "repo/ci/known.json") && c.Lint.Baseline != filepath.Join(real, "repo/ci/known.json") {
		t.Error(c.Lint.Baseline)
	}
	o := c.Triage()
	if !o.RequireReason || o.Groups != nil || !cmp.Equal(c.Groups(), []finding.Group{finding.Config}) || len(o.Overrides) != 2 {
		t.Errorf("%+v", o)
	}
	if !o.Overrides[0].Match("er/y.yaml") || o.Overrides[1].Match("er/y.yaml") || !o.Overrides[1].Match("er/x.yaml") {
		t.Error("overrides match other files")
	}
}

// A folder is the same by whatever name.
func TestSkippedByLink(t *testing.T) {
	root := write(t, "repo/vendor/x.yaml", "repo/.mesh2gw.yaml")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Join(root, "repo"), link); err != nil {
		t.Skip(err)
	}
	c := &Config{Path: filepath.Join(link, ".mesh2gw.yaml"), Skip: []string{"vendor"}}
	if !c.Skipped(filepath.Join(root, "repo", "vendor", "x.yaml")) {
		t.Error("not skipped")
	}
}

func TestNoConfig(t *testing.T) {
	var c *Config
	if c.Skipped("a.yaml") || c.Groups() != nil || !cmp.Equal(c.Triage(), triage.Options{}) {
		t.Error("no configuration says something")
	}
	if _, err := Load(filepath.Join(t.TempDir(), "x"), checkBySchema); err == nil {
		t.Error("no error")
	}
}
