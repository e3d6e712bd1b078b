package mesh_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

var update = flag.Bool("update", false, "write what the tests expect anew")

// Each file of testdata/link holds objects and the tables that they link to.
func TestLink(t *testing.T) {
	files, err := filepath.Glob("testdata/link/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var options mesh.Options
			for line := range strings.Lines(string(archive.Comment)) {
				if mode, ok := strings.CutPrefix(strings.TrimSpace(line), "mesh: "); ok {
					options.Mesh = mesh.Mode(mode)
				}
			}
			got := link(t, archive.Files[0].Data, options)
			if *update {
				archive.Files = []txtar.File{archive.Files[0], {Name: "tables", Data: []byte(got)}}
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Errorf("tables (-want +got):\n%s", diff)
			}
		})
	}
}

// link runs the pipe up to the model and spells it.
func link(t *testing.T, data []byte, o mesh.Options) string {
	t.Helper()
	docs, findings, err := source.Split(context.Background(), []source.File{{Name: "in.yaml", Data: data}})
	if err != nil || len(findings) > 0 {
		t.Fatalf("split: %v %v", err, findings)
	}
	var objects []*istio.Object
	for _, d := range docs {
		if obj, _ := istio.Bind(d); obj != nil {
			objects = append(objects, obj)
		}
	}
	if o.Mesh == "" {
		o.Mesh = mesh.GAMMA
	}
	o.Namespace, o.GatewayNamespace = "default", "istio-system"
	o.MeshGateway = route.Name{Namespace: "infra", Name: "internal"}
	model, findings := mesh.Link(objects, o)
	var b bytes.Buffer
	for _, tab := range model.Tables {
		spellTable(&b, tab)
	}
	for _, s := range model.Subsets {
		fmt.Fprintf(&b, "subset service %s: %v\n", s.Name, s.Selector())
	}
	for _, p := range model.BackendTLS {
		fmt.Fprintf(&b, "tls to %s port %q: host %q system %v ca %q\n", p.Name, p.SectionName, p.Hostname, p.System, p.CACert)
	}
	for _, f := range finding.Sort(findings) {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}

func spellTable(b *bytes.Buffer, t *route.Table) {
	fmt.Fprintf(b, "table %s %s %q hosts %v\n", t.Protocol, t.Name, t.Suffix, t.Hosts)
	for _, e := range t.Entries {
		kind := "gateway"
		if e.Mesh {
			kind = "service"
		}
		fmt.Fprintf(b, "  at %s %s %s %d", kind, e.Parent, e.Section, e.Port)
		if e.Implied {
			b.WriteString(" implied")
		}
		b.WriteString("\n")
	}
	for _, r := range t.Rules {
		fmt.Fprintf(b, "  %s -> %s\n", spellMatch(r.Match), spellAction(r.Action))
	}
}

func spellMatch(m route.Match) string {
	var parts []string
	add := func(name string, s route.StringMatch) {
		if s.Kind != route.Any {
			parts = append(parts, fmt.Sprintf("%s %s", name, spellString(s)))
		}
	}
	add("path", m.Path)
	add("method", m.Method)
	add("scheme", m.Scheme)
	add("authority", m.Authority)
	for name, list := range map[string][]route.KeyMatch{"header": m.Headers, "without": m.Without, "query": m.Query} {
		for _, k := range list {
			add(name+" "+k.Name, k.StringMatch)
		}
	}
	if len(m.SourceLabels) > 0 {
		parts = append(parts, fmt.Sprintf("from %v", m.SourceLabels))
	}
	if m.SourceNamespace != "" {
		parts = append(parts, "from namespace "+m.SourceNamespace)
	}
	if len(parts) == 0 {
		return "all"
	}
	return strings.Join(parts, ", ")
}

func spellString(s route.StringMatch) string {
	kind := map[route.StringKind]string{route.Exact: "=", route.Prefix: "^", route.Regex: "~", route.Present: "present"}[s.Kind]
	if s.IgnoreCase {
		kind += "i"
	}
	return kind + s.Value
}

func spellAction(a *route.Action) string {
	var parts []string
	for _, b := range a.Backends {
		s := fmt.Sprintf("%s:%d*%d", b.Service, b.Port, b.Weight)
		if b.Broken {
			s = "broken " + b.Host
		}
		parts = append(parts, s)
	}
	if a.Redirect != nil {
		parts = append(parts, fmt.Sprintf("redirect %d %s%s", a.Redirect.Code, a.Redirect.Authority, a.Redirect.Path))
	}
	if a.Direct != nil {
		parts = append(parts, fmt.Sprintf("answer %d", a.Direct.Status))
	}
	if a.Rewrite != nil {
		parts = append(parts, "rewrite "+a.Rewrite.Path)
	}
	if a.Timeout != nil {
		parts = append(parts, fmt.Sprintf("within %v", a.Timeout.Request))
	}
	if a.Retry != nil {
		parts = append(parts, fmt.Sprintf("retry %d on %v %v", a.Retry.Attempts, a.Retry.On, a.Retry.Codes))
	}
	for _, m := range a.Mirrors {
		parts = append(parts, fmt.Sprintf("mirror %g%% %s:%d", m.Percent, m.Backend.Service, m.Backend.Port))
	}
	return strings.Join(parts, " + ")
}
