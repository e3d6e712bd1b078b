package istiod

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/mtls"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// testCase is an input of the converter.
type testCase struct {
	name    string
	files   []source.File
	options convert.Options
	only    []string // ids of the findings that may explain a difference; nil for all
}

// cases are all inputs that are judged: the repository's own, and those made to
// be hard (testdata).
func cases(t *testing.T) []testCase {
	t.Helper()
	out := []testCase{{name: "bookinfo", files: yamlFiles(t, "../../testdata/bookinfo/*.yaml")}}
	for _, group := range []string{"../../testdata/convert", "../../testdata/rules", "testdata"} {
		names, err := filepath.Glob(filepath.Join(group, "*.txtar"))
		if err != nil || len(names) == 0 {
			t.Fatalf("no cases in %s (%v)", group, err)
		}
		for _, name := range names {
			c := archived(t, name)
			if other := c.options.Target; other != "" && !strings.HasPrefix(other, "istio") {
				t.Logf("%s is for %s, of which Istio is no judge", c.name, other)
				continue
			}
			if c.routes() {
				out = append(out, c)
			}
		}
	}
	return out
}

func yamlFiles(t *testing.T, pattern string) []source.File {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no files %s (%v)", pattern, err)
	}
	var out []source.File
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source.File{Name: filepath.Base(name), Data: data})
	}
	return out
}

// archived reads a txtar: its comment may hold flags of the command, its files
// are input but for what the other tests expect.
func archived(t *testing.T, name string) testCase {
	t.Helper()
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c := testCase{name: filepath.Base(filepath.Dir(name)) + "/" + strings.TrimSuffix(filepath.Base(name), ".txtar")}
	for line := range strings.Lines(string(a.Comment)) {
		if flags, ok := strings.CutPrefix(line, "flags:"); ok {
			c.options = optionsOf(t, strings.Fields(flags))
		}
	}
	for _, f := range a.Files {
		if !slices.Contains([]string{"out.yaml", "after.yaml", "findings"}, f.Name) {
			c.files = append(c.files, source.File{Name: f.Name, Data: f.Data})
		}
	}
	return c
}

// optionsOf reads those flags of the command that choose what is written.
func optionsOf(t *testing.T, flags []string) convert.Options {
	t.Helper()
	var o convert.Options
	for i := 0; i+1 < len(flags); i += 2 {
		switch value := flags[i+1]; flags[i] {
		case "--namespace":
			o.Namespace = value
		case "--gateway-class":
			o.GatewayClass = value
		case "--target":
			o.Target = value
		case "--gateway-namespace":
			o.GatewayNamespace = value
		case "--gateway-api":
			o.Version = target.Version(value)
		case "--channel":
			o.Channel = target.Channel(value)
		case "--mtls":
			issuer, err := mtls.ParseIssuer(value)
			if err != nil {
				t.Fatal(err)
			}
			o.MTLS = &issuer
		case "--mesh":
			mode, gateway, _ := strings.Cut(value, "=")
			namespace, name, _ := strings.Cut(gateway, "/")
			o.Mesh, o.MeshGateway = mesh.Mode(mode), route.Name{Namespace: namespace, Name: name}
		default:
			t.Fatalf("flag %s is new: say here what it means", flags[i])
		}
	}
	return o
}

// routes tells whether there is anything to judge.
func (c testCase) routes() bool {
	return slices.ContainsFunc(c.files, func(f source.File) bool { return bytes.Contains(f.Data, []byte("kind: VirtualService")) })
}

// namespace is where objects go that name none.
func (c testCase) namespace() string { return cmp.Or(c.options.Namespace, "default") }

// sides converts a case. Afterwards there is what the conversion wrote, and all
// of the input that it does not take away.
func (c testCase) sides(t *testing.T) (before, after *side, findings []finding.Finding) {
	t.Helper()
	var input []*unstructured.Unstructured
	var broken []string
	for _, f := range c.files {
		objects, err := documents(f.Data)
		if err != nil {
			broken = append(broken, f.Name+": "+err.Error())
		}
		input = append(input, objects...)
	}
	result, err := convert.Convert(context.Background(), c.files, c.options)
	if err != nil {
		t.Fatal(err)
	}
	output := append(slices.DeleteFunc(slices.Clone(input), converted), written(t, result)...)
	before, after = newSide(input, c.namespace()), newSide(output, c.namespace())
	before.refused = append(before.refused, broken...)
	for i := range result.Findings {
		place := &result.Findings[i].Place
		if kind, name, ok := strings.Cut(place.Object, " "); ok && !strings.Contains(name, "/") {
			place.Object = kind + " " + c.namespace() + "/" + name
		}
	}
	return before, after, result.Findings
}

// written are the objects of a conversion as the API server would read them.
func written(t *testing.T, result convert.Result) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	for _, o := range result.Objects {
		text, err := json.Marshal(o.Value)
		if err != nil {
			t.Fatal(err)
		}
		objects, err := documents(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, objects...)
	}
	return all
}
