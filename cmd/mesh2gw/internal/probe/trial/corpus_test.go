package trial

import (
	"cmp"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

// mostOfCorpus is how many applications TestCorpusAgainstItsConversion asks.
const mostOfCorpus = 40

// TestCorpusAgainstItsConversion: the plans of real applications find nothing where
// the two worlds do as they were proved to do, and what is planted. The files are no
// part of the project; MESH2GW_CORPUS names a folder with one of each application.
func TestCorpusAgainstItsConversion(t *testing.T) {
	dir := cmp.Or(os.Getenv("MESH2GW_CORPUS"), filepath.Join("..", "..", "..", "..", "..", "..", "shared", "corpus"))
	folders, err := os.ReadDir(dir)
	if err != nil || testing.Short() {
		t.Skipf("no corpus of real files at %s; set MESH2GW_CORPUS to a folder of Istio YAML", dir)
	}
	asked, planted := 0, 0
	for _, folder := range folders {
		if !folder.IsDir() || asked == mostOfCorpus {
			continue
		}
		before, known, after := routings(t, filepath.Join(dir, folder.Name()))
		p, _ := plan.Build(before, known, plan.Options{NearMisses: plan.DefaultNearMisses})
		if len(p.Requests) == 0 || len(p.Requests) > 400 || len(after.Doors) == 0 {
			continue // nothing to ask, too much of it, or routes of Gateway API alone, of which no other side is written
		}
		asked++
		if askedOf(t, folder.Name(), p, &world{routing: before}, &world{routing: after}) {
			planted++
		}
	}
	t.Logf("%d applications asked, %d with a plant", asked, planted)
	if asked < 10 || planted < 10 {
		t.Errorf("%d applications of %s asked, %d with a plant: too few", asked, dir, planted)
	}
}

// askedOf asks one application, and then with a plant, if there is a place for it.
func askedOf(t *testing.T, app string, p *plan.Plan, one, other *world) (planted bool) {
	t.Helper()
	o := Options{Sides: []*client.Side{one.side(t, "before"), other.side(t, "after")}, Workers: 4, Repeats: 2, Unsafe: true}
	o.Behave.Backend, _ = behave.ParseBackend("header:x-backend")
	r, err := Behaviour(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	of := func(name string) *plan.Request {
		return &p.Requests[slices.IndexFunc(p.Requests, func(x plan.Request) bool { return x.Name == name })]
	}
	var at *plan.Request
	for _, q := range r.Requests {
		if q.Verdict != result.Same && q.Verdict != result.Known {
			t.Errorf("%s: %s is %s: %+v %+v", app, q.Name, q.Verdict, q.Differences, q.Unsteady)
		}
		if q.Verdict == result.Same && q.Differs == "" && q.After["status"] == "200" {
			at = of(q.Name)
		}
	}
	if at == nil {
		return false
	}
	other.plant = func(w http.ResponseWriter, in *http.Request) bool {
		if in.Host == at.Host && in.RequestURI == at.Path {
			w.Header().Set("Location", "/elsewhere")
		}
		return false
	}
	if r, err = Behaviour(context.Background(), p, o); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, q := range r.Requests {
		found = found || q.Name == at.Name && q.Verdict == result.Changed
		if x := of(q.Name); q.Verdict == result.Changed && (x.Host != at.Host || x.Path != at.Path) {
			t.Errorf("%s: %s changed, and the plant is at %s", app, q.Name, at.Name)
		}
	}
	if !found {
		t.Errorf("%s: what is planted at %s is not found", app, at.Name)
	}
	return true
}
