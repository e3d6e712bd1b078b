package trial

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

// canary is a side that sends a share of requests to v2.
func canary(t *testing.T, name string, share float64) *client.Side {
	t.Helper()
	random, mu := rand.New(rand.NewPCG(uint64(len(name)), 1)), sync.Mutex{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		backend := "v1"
		if random.Float64() < share {
			backend = "v2"
		}
		w.Header().Set("X-Backend", backend)
	}))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &client.Side{Name: name, Base: map[string]*url.URL{"http": u}, Timeout: time.Second, Resolve: map[string]string{}}
}

// A split that changes is found, between the sides and against the plan; one that is
// as it was, within what chance does, is not.
func TestShares(t *testing.T) {
	backend, err := behave.ParseBackend("header:X-Backend")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		before, after float64
		want          map[string]float64
		verdict       result.Verdict
		unexpected    int // sides
	}{
		{"as planned", 0.1, 0.1, map[string]float64{"v1": 0.9, "v2": 0.1}, result.Same, 0},
		{"changed", 0.1, 0.3, map[string]float64{"v1": 0.9, "v2": 0.1}, result.Changed, 1},
		{"alike, and not as planned", 0.5, 0.5, map[string]float64{"v1": 0.9, "v2": 0.1}, result.Same, 2},
		{"a backend is gone", 0.1, 0, map[string]float64{"v1": 0.9, "v2": 0.1}, result.Changed, 1},
		{"names of its own", 0.1, 0.1, map[string]float64{"a.shop:80": 0.9, "b.shop:80": 0.1}, result.Same, 0},
		{"names of its own, changed", 0.1, 0.6, map[string]float64{"a.shop:80": 0.9, "b.shop:80": 0.1}, result.Changed, 0},
	} {
		p := &plan.Plan{Version: plan.Version, Requests: []plan.Request{{Name: "a", Host: "a", Path: "/", Expect: plan.Expect{Shares: c.want}}}}
		o := Options{Sides: []*client.Side{canary(t, "before", c.before), canary(t, "after", c.after)}, Repeats: 2, Workers: 1, Answers: 400, Behave: behave.Options{Backend: backend}}
		r, err := Behaviour(t.Context(), p, o)
		if err != nil {
			t.Fatal(err)
		}
		q := r.Requests[0]
		if q.Verdict != c.verdict || len(q.Unexpected) != c.unexpected || q.Shares == nil || q.Shares.Before["v1"]+q.Shares.Before["v2"] != 400 {
			t.Errorf("%s: %s, %+v, %+v", c.name, q.Verdict, q.Unexpected, q.Shares)
		}
	}
}
