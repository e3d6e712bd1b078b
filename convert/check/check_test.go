package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/target"
)

// goodObjects returns the objects of testdata/good in JSON, by kind, with the
// apiVersion that b wants. Kinds that b lacks are left out.
func goodObjects(tb testing.TB, b target.Bundle) map[string][]byte {
	tb.Helper()
	files, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no objects in testdata/good: %v", err)
	}
	objects := map[string][]byte{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		content := string(raw)
		kind := line(content, "kind: ")
		if b == (target.Bundle{Version: target.V14, Channel: target.Experimental}) && kind == "ListenerSet" {
			content = strings.Replace(content, "kind: ListenerSet", "kind: XListenerSet", 1)
			kind = "XListenerSet"
		}
		if kind != "Service" {
			apiVersion, ok := b.APIVersion(kind)
			if !ok {
				continue
			}
			content = strings.Replace(content, line(content, "apiVersion: "), apiVersion, 1)
		}
		objects[kind] = toJSON(tb, content)
	}
	return objects
}

// line returns the rest of the first line that starts with prefix.
func line(content, prefix string) string {
	_, rest, _ := strings.Cut("\n"+content, "\n"+prefix)
	value, _, _ := strings.Cut(rest, "\n")
	return value
}

func toJSON(tb testing.TB, content string) []byte {
	tb.Helper()
	raw, err := yaml.YAMLToJSON([]byte(content))
	if err != nil {
		tb.Fatalf("%v in\n%s", err, content)
	}
	return raw
}

func TestGood(t *testing.T) {
	for _, b := range target.Bundles() {
		t.Run(b.String(), func(t *testing.T) {
			t.Parallel()
			c := New(b)
			for kind, object := range goodObjects(t, b) {
				problems, err := c.Check(object)
				if err != nil || len(problems) > 0 {
					t.Errorf("%s: %v %v", kind, problems, err)
				}
			}
		})
	}
}

