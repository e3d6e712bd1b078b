package check

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/rule"
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

// One checker serves several goroutines, which all may be the first to need a kind.
func TestConcurrent(t *testing.T) {
	c := New(std17)
	objects := goodObjects(t, std17)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for kind, object := range objects {
				if problems, err := c.Check(object); err != nil || len(problems) > 0 {
					t.Errorf("%s: %v %v", kind, problems, err)
				}
			}
		})
	}
	group.Wait()
}

// Problems come in one order, although the libraries go over maps.
func TestOrder(t *testing.T) {
	object := toJSON(t, routeHead+`
  rules:
  - timeouts: {request: x, backendRequest: y}
    zebra: 1
    alpha: 1
    backendRefs: [{name: s, weight: -1}, {name: "", port: 0}]
`)
	c := New(std17)
	first, err := c.Check(object)
	if err != nil || len(first) < 6 {
		t.Fatal(first, err)
	}
	for range 20 {
		again, _ := c.Check(object)
		if !slices.Equal(first, again) {
			t.Fatalf("got %v\nthen %v", first, again)
		}
	}
}

// A status is what a controller writes; the API server drops it when an object is made.
func TestStatusIgnored(t *testing.T) {
	object := toJSON(t, routeHead+"  rules: [{}]\nstatus: {parents: null}\n")
	if problems, err := New(std17).Check(object); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}

func TestRule(t *testing.T) {
	if (Problem{Absent: true}).Rule() != rule.OutputAbsent || (Problem{}).Rule() != rule.OutputRejected {
		t.Error("a problem is reported by the wrong rule")
	}
}

// The libraries are made for a server, which survives a panic of theirs.
func TestPanicIsError(t *testing.T) {
	c := &Checker{bundle: std17, kinds: func() (map[kindName]*kind, error) { panic("no such luck") }}
	problems, err := c.Check(toJSON(t, routeHead+"  rules: [{}]\n"))
	if err == nil || err.Error() != `check HTTPRoute "r": no such luck` || problems != nil {
		t.Errorf("got %v %v", problems, err)
	}
}

// Whatever the object, the libraries neither fail nor contradict themselves.
func FuzzCheck(f *testing.F) {
	for _, object := range goodObjects(f, std17) {
		f.Add(object)
	}
	for _, bad := range badObjects {
		f.Add(toJSON(f, bad.object))
	}
	c := New(std17)
	f.Fuzz(func(t *testing.T, object []byte) {
		var any map[string]any
		if json.Unmarshal(object, &any) != nil || any == nil {
			return
		}
		first, err := c.Check(object)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := c.Check(object); !slices.Equal(first, again) {
			t.Fatalf("got %v\nthen %v", first, again)
		}
	})
}
