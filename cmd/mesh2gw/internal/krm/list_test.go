package krm

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

const head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"

// rewritten reads and writes a list.
func rewritten(t *testing.T, in string) string {
	t.Helper()
	l, err := Read([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := l.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestUntouchedItemsStay(t *testing.T) {
	in := head + `functionConfig: {kind: ConfigMap, data: {a: 'on'}}
items:
  # above
  - apiVersion: v1 # beside
    kind: ConfigMap
    metadata: {name: a}
    data:
      switch: "on"
      octal: "0644"
      date: "2020-01-01"
      number: 1_000
      block: |
        # no comment
        two: lines
      folded: >-
        one line
      key: &anchor {a: 1}
      again: *anchor
      merged:
        !!merge <<: *anchor
        binary: !!binary aGVsbG8=
      empty: ""
      nothing:
      tilde: ~
    # below
`
	if diff := cmp.Diff(in, rewritten(t, in)); diff != "" {
		t.Error(diff)
	}
}

func TestNoResourceList(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "it is empty",
		"[]":                            "it is no object",
		"kind: List\napiVersion: v1\n":  `not "v1" and "List"`,
		head + "---\na: b\n":            "more than one document",
		head + "items: {}\n":            "items: want a list",
		head + "items: [{}, text]\n":    "items[1]: want an object",
		head + "items: [\n":             "yaml:",
		"apiVersion: *x\nkind: &x List": "unknown anchor",
		"kind: ResourceList\nitems: []": `not "" and "ResourceList"`,
		head + "items: [{a: 1}, {a: {}": "yaml:",
	} {
		if _, err := Read([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", in, err, want)
		}
	}
}

func TestLooks(t *testing.T) {
	for in, want := range map[string]bool{
		head: true,
		`{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList"}`:         true,
		"apiVersion: config.kubernetes.io/v1\r\nkind: 'ResourceList'\r\nitems: []":  true,
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config.kubernetes.io/x}": false,
		"kind: ResourceList\napiVersion: v1\n":                                      false,
		"":                                                                          false,
	} {
		if Looks([]byte(in)) != want {
			t.Errorf("%q: want %v", in, want)
		}
	}
}

func TestWhereItemsAre(t *testing.T) {
	for annotations, want := range map[string]File{
		"internal.config.kubernetes.io/path: a.yaml, internal.config.kubernetes.io/index: '2'": {"a.yaml", 2},
		"config.kubernetes.io/path: b.yaml, config.kubernetes.io/index: '1'":                   {"b.yaml", 1},
		"internal.config.kubernetes.io/path: new.yaml, config.kubernetes.io/path: old.yaml":    {"new.yaml", 0},
		"config.kubernetes.io/path: c.yaml, config.kubernetes.io/index: '-7'":                  {"c.yaml", 0},
		"config.kubernetes.io/path: c.yaml, config.kubernetes.io/index: many":                  {"c.yaml", 0},
		`config.kubernetes.io/origin: "path: base/d.yaml\nrepo: x\n"`:                          {"base/d.yaml", 0},
		`config.kubernetes.io/origin: "["`:                                                     {"", 0},
		"config.kubernetes.io/path: {no: text}":                                                {"", 0},
	} {
		l, err := Read([]byte(head + "items: [{kind: A, metadata: {name: a, annotations: {" + annotations + "}}}]"))
		if err != nil {
			t.Fatalf("%s: %v", annotations, err)
		}
		if got := (File{l.Items[0].Path, l.Items[0].Index}); got != want {
			t.Errorf("%s: got %v, want %v", annotations, got, want)
		}
	}
}

// TestFilesAreTold: each finding must lead to one item, whatever the items say
// of themselves.
func TestFilesAreTold(t *testing.T) {
	item := func(path string) string {
		return "- {apiVersion: v1, kind: A, metadata: {name: a, annotations: {config.kubernetes.io/path: '" + path + "'}}}\n"
	}
	l, err := Read([]byte(head + "items:\n" + item("a.yaml") + item("a.yaml") + item("a.json") + "- # Source: shop/templates/x.yaml\n  kind: B\n- {kind: C}\n"))
	if err != nil {
		t.Fatal(err)
	}
	files, items, err := l.Files()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i, f := range files {
		names = append(names, f.Name)
		if items[f.Name] != l.Items[i] {
			t.Errorf("%s leads to another item", f.Name)
		}
		if bytes.Contains(f.Data, []byte("# Source:")) {
			t.Errorf("%s: findings would be told of the chart: %s", f.Name, f.Data)
		}
	}
	if diff := cmp.Diff([]string{"a.yaml", "a.yaml (2)", "a.json#0", "items[3]", "items[4]"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestResult(t *testing.T) {
	l, err := Read([]byte(head + "items: [{apiVersion: v1, kind: Service, metadata: {name: web}}, {kind: Service}]"))
	if err != nil {
		t.Fatal(err)
	}
	r := &finding.Rule{ID: "MG1", Severity: finding.Note, Title: "title"}
	l.Results = append(l.Results,
		FromFinding(finding.New(r, finding.Place{Field: "spec.x"}, "a\nb: \xff\x1b[31m"), l.Items[0]),
		FromFinding(finding.New(r, finding.Place{}, "x").WithHint("Do it."), l.Items[1]))
	var out bytes.Buffer
	if err := l.Write(&out); err != nil {
		t.Fatal(err)
	}
	var got struct{ Results []Result }
	if err := yaml.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	tags := map[string]string{"rule": "MG1", "title": "title", "group": "migration"}
	want := []Result{
		{Message: "a\nb: \uFFFD\x1b[31m", Severity: "info", ResourceRef: &Reference{APIVersion: "v1", Kind: "Service", Name: "web"}, Field: &Field{"spec.x"}, Tags: tags},
		{Message: "x Do it.", Severity: "info", Tags: tags},
	}
	if diff := cmp.Diff(want, got.Results); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("an escape sequence reaches the terminal")
	}
}

func TestConfig(t *testing.T) {
	for in, want := range map[string]string{
		"{apiVersion: v1, kind: ConfigMap, data: {mode: lint, gateway-api: '1.7'}}":                     "data.mode=lint data.gateway-api=1.7",
		"{apiVersion: mesh2gw.io/v1alpha1, kind: Mesh2GW, spec: {gateway-api: 1.10, check: true, x: }}": "spec.gateway-api=1.10 spec.check=true spec.x=",
		"{apiVersion: v1, kind: ConfigMap}":                                                             "",
		"null":                                                                                          "",
		"{apiVersion: v1, kind: ConfigMap, data: [a]}":                                                  "!data: want names and values",
		"{apiVersion: v1, kind: ConfigMap, data: {a: {b: c}}}":                                          "!data.a: want one value",
		"{apiVersion: apps/v1, kind: Deployment}":                                                       `!not a "Deployment" (apps/v1)`,
		"{apiVersion: mesh2gw.io/, kind: Mesh2GW, spec: {mode: lint}}":                                  "!want a ConfigMap",
		"text": "!want an object",
	} {
		l, err := Read([]byte(head + "functionConfig: " + in))
		if err != nil {
			t.Fatal(err)
		}
		settings, _, err := l.Config()
		var got []string
		for _, s := range settings {
			got = append(got, s.Field+"="+s.Value)
		}
		if message, fails := strings.CutPrefix(want, "!"); fails {
			if err == nil || !strings.Contains(err.Error(), message) {
				t.Errorf("%s: got %v, want %s", in, err, message)
			}
		} else if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, %v, want %q", in, got, err, want)
		}
	}
}

// FuzzRewrite: what was read can be written, and means the same.
func FuzzRewrite(f *testing.F) {
	f.Add("- {kind: A, x: *a, y: &a b}")
	f.Add("- kind: A # c\n  # d\n  x: |2\n     y\n  ? [a]\n  : b\n")
	f.Add("- a: {b: c # d\n   }\n- \"\\u2028\": \"\\0\"\n# e\n")
	f.Fuzz(func(t *testing.T, items string) {
		in := head + "items:\n" + items + "\n"
		l, err := Read([]byte(in))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := l.Write(&out); err != nil {
			return // told, and nothing is written
		}
		again, err := Read(out.Bytes())
		if err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		if !sameItems(l, again) {
			t.Fatalf("means something else:\n%s\n%s", in, out.String())
		}
	})
}

func TestLossIsNoOutput(t *testing.T) {
	l, err := Read([]byte(head + "items: [{?: a null key}]"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := l.Write(&out); err == nil || out.Len() > 0 {
		t.Errorf("wrote %q, %v", out.String(), err)
	}
}

func sameItems(a, b *List) bool {
	if len(a.Items) != len(b.Items) {
		return false
	}
	for i := range a.Items {
		if !same(a.Items[i].node, b.Items[i].node) {
			return false
		}
	}
	return true
}
