package convert_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// leastMutations is how many changes of a decision TestMutations has to have
// tried; it tries changes until it has seen as many.
const leastMutations = 400

// leastOfKind is how many of each kind there have to be among them.
const leastOfKind = 10

// TestMutations changes converted routes at random. Whenever a small independent
// implementation of Gateway API decides some request differently, the prover has
// to say that the routes differ; and what it shows has to be decided differently.
func TestMutations(t *testing.T) {
	bases := converted(t)
	r := rand.New(rand.NewPCG(3, 1))
	kinds := map[string]int{}
	harmless, least := 0, leastMutations
	if testing.Short() {
		least = 40 // will do for the race detector
	}
	for tries := 0; total(kinds) < least || !testing.Short() && rarest(kinds) < leastOfKind; tries++ {
		if tries > 20*least {
			t.Fatalf("only %d of %d changes changed a decision: %v", total(kinds), tries, kinds)
		}
		base := bases[r.IntN(len(bases))]
		mutated := copied(t, base)
		kind := mutate(r, mutated)
		if kind == "" {
			continue
		}
		differs := changed(base, mutated)
		results := prove.Compare(readBack(t, base), readBack(t, mutated), prove.Options{})
		said := slices.ContainsFunc(results, func(r prove.Result) bool { return r.Verdict == prove.Differs })
		switch {
		case differs != "" && !said:
			t.Errorf("%s changes %s, and the prover does not see it:\n%s", kind, differs, text(mutated))
		case differs != "":
			kinds[kind]++
		case !said:
			harmless++
		}
		checkWitnesses(t, kind, base, mutated, results)
	}
	t.Logf("%d changes of a decision found, by kind: %v; %d harmless ones called so", total(kinds), kinds, harmless)
}

// rarest is how many changes of the kind that was seen least there are.
func rarest(kinds map[string]int) int {
	least := kinds[mutations[0].name]
	for _, m := range mutations {
		least = min(least, kinds[m.name])
	}
	return least
}

// checkWitnesses: what is said to differ differs.
func checkWitnesses(t *testing.T, kind string, base, mutated []gwapi.Object, results []prove.Result) {
	before, after := newEvaluator(base), newEvaluator(mutated)
	for _, result := range results {
		for _, d := range result.Differences {
			if d.Before == nil && d.After == nil || d.Possible {
				continue
			}
			w := d.Witness
			q := request{strings.Split(w.Authority, ":")[0], w.Method, w.Path, w.Headers, w.Query}
			if !slices.ContainsFunc(allParents(base, mutated), func(p string) bool { return before.decide(p, q) != after.decide(p, q) }) {
				t.Errorf("%s: the prover says that %v differs (%s, %s), and it does not:\n%s", kind, q, d.BeforeDoes, d.AfterDoes, text(mutated))
			}
		}
	}
}

func total(kinds map[string]int) int {
	n := 0
	for _, v := range kinds {
		n += v
	}
	return n
}

// converted are the outputs of the examples that have HTTPRoutes.
func converted(t *testing.T) [][]gwapi.Object {
	t.Helper()
	names, err := filepath.Glob("../testdata/convert/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]gwapi.Object
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var files []source.File
		for _, f := range archive.Files {
			if strings.HasSuffix(f.Name, ".yaml") && f.Name != "after.yaml" {
				files = append(files, source.File{Name: f.Name, Data: f.Data})
			}
		}
		result, err := convert.Convert(context.Background(), files, convert.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(routesOf(result.Objects)) > 0 && filepath.Base(name) != "placeholders.txtar" { // no request has such hosts
			all = append(all, result.Objects)
		}
	}
	if len(all) < 5 {
		t.Fatalf("only %d examples have HTTPRoutes", len(all))
	}
	return all
}

func routesOf(objects []gwapi.Object) []*gatewayv1.HTTPRoute {
	return newEvaluator(objects).routes
}

// copied copies the HTTPRoutes deeply, and shares the rest.
func copied(t *testing.T, objects []gwapi.Object) []gwapi.Object {
	t.Helper()
	out := slices.Clone(objects)
	for i, o := range out {
		if r, ok := o.Value.(*gatewayv1.HTTPRoute); ok {
			out[i].Value = r.DeepCopy()
		}
	}
	return out
}

func readBack(t *testing.T, objects []gwapi.Object) *route.Routing {
	t.Helper()
	routing, _ := gwapi.Read(objects, gwapi.ReadOptions{Namespace: "default", Ranking: target.RankPrefixFirst})
	return routing
}

// changed names a request that is decided differently, or "".
func changed(before, after []gwapi.Object) string {
	b, a := newEvaluator(before), newEvaluator(after)
	for _, parent := range allParents(before, after) {
		for _, q := range requests(before, after) {
			if b.decide(parent, q) != a.decide(parent, q) {
				return q.String()
			}
		}
	}
	return ""
}

func allParents(sides ...[]gwapi.Object) []string {
	var all []string
	for _, objects := range sides {
		for _, r := range routesOf(objects) {
			all = append(all, parents(r)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func text(objects []gwapi.Object) string {
	var b strings.Builder
	for _, r := range routesOf(objects) {
		encoded, _ := json.MarshalIndent(r.Spec, "", " ")
		b.Write(encoded)
		b.WriteByte('\n')
	}
	return b.String()
}
