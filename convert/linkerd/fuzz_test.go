package linkerd

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Whatever is written, reading it ends, and says the same twice; a list that is
// made answers every request.
func FuzzAdd(f *testing.F) {
	for _, name := range examples(f) {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(archive.Files[0].Data))
	}
	f.Add("apiVersion: linkerd.io/v1alpha2\nkind: ServiceProfile\nmetadata: {name: web.shop.svc.cluster.local}\nspec: {routes: [{name: a, condition: {not: {all: []}}, timeout: 1s}], dstOverrides: [{authority: 'web.shop.svc.cluster.local:0', weight: 1e999999999}]}\n")
	f.Add("apiVersion: linkerd.io/v1alpha2\nkind: ServiceProfile\nmetadata: {name: web.shop.svc.cluster.local}\nspec: {dstOverrides: [{authority: a.shop.svc.cluster.local, weight: 1e999999999}]}\n")
	f.Add("apiVersion: split.smi-spec.io/v1alpha4\nkind: TrafficSplit\nmetadata: {name: \"\\n\"}\nspec: {service: {name: web}, backends: [null, 1, {service: [], weight: -1}]}\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			t.Skip()
		}
		for _, o := range []Options{{Namespace: "default"}, {Namespace: "default", Target: "linkerd", Explicit: true}} {
			model, said := tables(t, text, o)
			_, again := tables(t, text, o)
			if !slices.Equal(said, again) {
				t.Errorf("a second run differs:\n%q\n%q", said, again)
			}
			answered := map[route.Name]bool{}
			for _, table := range model.Tables {
				if !linkerds(table) {
					return
				}
				for i := range table.Rules {
					if m := &table.Rules[i].Match; route.Contains(m, &route.Match{}) == route.Yes {
						answered[table.Name] = true
					}
				}
			}
			for _, table := range model.Tables {
				if !answered[table.Name] {
					t.Errorf("no rule of %s takes what the others leave", table.Name)
				}
			}
		}
	})
}

func examples(tb testing.TB) []string {
	tb.Helper()
	var all []string
	for _, pattern := range []string{"../../testdata/convert/linkerd-*.txtar", "../../testdata/rules/MG7[0-2]*.txtar"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, names...)
	}
	if _, err := os.Stat("../../testdata/convert"); err != nil {
		tb.Fatal(err)
	}
	return all
}
