// Package probe holds mesh2gw probe to what is known of a server: its response times,
// and what other load generators cost.
package probe

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// binary is mesh2gw, built once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "mesh2gw")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "mesh2gw")
	out, err := exec.Command("go", "build", "-C", "../..", "-o", name, "./cmd/mesh2gw").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return name, nil
})

func mesh2gw(t testing.TB) string {
	t.Helper()
	name, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// slow is a server that takes the times that pick says, and keeps how long it really
// took, since no sleep is exact.
type slow struct {
	pick func(at time.Time) time.Duration
	mu   sync.Mutex
	took []float64 // ns
}

func (s *slow) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	start := time.Now()
	s.mu.Lock()
	d := s.pick(start)
	s.mu.Unlock()
	time.Sleep(d)
	w.Header()["Date"] = nil
	_, _ = w.Write([]byte("ok"))
	s.mu.Lock()
	s.took = append(s.took, float64(time.Since(start)))
	s.mu.Unlock()
}

// saved is what of a saved result is needed.
type saved struct {
	Latency struct {
		Sides   []struct{ LagP99 int64 }
		Samples []struct{ Response []int64 }
	}
	Invalid []string
}

// busy is what the machine must not be: the probe's own lag at p99. In a stall a
// thousand connections are opened, each of which takes its time; but there a
// percent is 5 ms.
const busy, busyInStalls = time.Millisecond, 5 * time.Millisecond

// run measures a server by an open loop. What is wrong because the machine is busy
// with other work is an error.
func run(t *testing.T, url string, rate int, duration, warmup, busy time.Duration) ([]float64, error) {
	t.Helper()
	dir := t.TempDir()
	plan, file := filepath.Join(dir, "plan.yaml"), filepath.Join(dir, "run.json")
	if err := os.WriteFile(plan, []byte("version: 1\nrequests:\n- {name: a, host: a.example, path: /}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(mesh2gw(t), "probe", "run", plan, "--after", url, "--rate", fmt.Sprint(rate), "--duration", duration.String(), "--warmup", warmup.String(), "--save", file)
	out, err := cmd.CombinedOutput()
	if err != nil && !strings.Contains(string(out), "the probe itself was late") {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r saved
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if lag := time.Duration(r.Latency.Sides[0].LagP99); lag > busy {
		return nil, fmt.Errorf("the machine is too busy: 1 of 100 requests left %s late", lag)
	}
	var all []float64
	for _, ns := range r.Latency.Samples[0].Response {
		if ns < 0 {
			t.Fatal("a request failed")
		}
		all = append(all, float64(ns))
	}
	return all, nil
}

func quantile(values []float64, q float64) time.Duration {
	values = slices.Sorted(slices.Values(values))
	return time.Duration(values[max(1, int(math.Ceil(float64(len(values))*q-1e-9)))-1])
}

// near tells whether a quantile is within 3 % or 0.3 ms of the truth.
func near(got, want time.Duration) bool {
	return (got - want).Abs() <= max(want*3/100, 300*time.Microsecond)
}

// attempts of which one has to hold: these are times on a machine that does other
// things as well. A probe that counts wrongly fails all of them.
const attempts = 5

// Response times of a server whose service times are known are measured as they are:
// constant, with two modes, and with stalls of 500 ms in which a closed loop would
// send next to nothing.
func TestAccuracy(t *testing.T) {
	for _, rate := range []int{500, 2000} {
		duration := 20 * time.Second // 10000 requests at least, for p99.9
		if rate > 500 {
			duration = 10 * time.Second
		}
		for _, c := range []struct {
			name   string
			server func() *slow
			over   time.Duration
			judged []float64
			want   map[float64]time.Duration // within 10 %: a server that answers a thousand at once needs its time
			busy   time.Duration
		}{
			{"constant", constant, duration, []float64{0.5, 0.95, 0.98, 0.99}, nil, busy},   // p99.9 is what the machine adds
			{"two modes", twoModes, duration, []float64{0.5, 0.95, 0.98, 0.999}, nil, busy}, // p99 is between the two
			{"stalls", stalls, 20 * time.Second, []float64{0.95, 0.99, 0.999}, map[float64]time.Duration{0.99: 450 * time.Millisecond, 0.999: 495 * time.Millisecond}, busyInStalls},
		} {
			t.Run(fmt.Sprintf("%s at %d", c.name, rate), func(t *testing.T) {
				for attempt := 1; ; attempt++ {
					err := compare(t, c.server(), rate, c.over, c.busy, c.judged, c.want)
					if err == nil {
						return
					}
					t.Logf("attempt %d: %v", attempt, err)
					if attempt == attempts {
						t.Fatal(err)
					}
				}
			})
		}
	}
}

func constant() *slow {
	return &slow{pick: func(time.Time) time.Duration { return 5 * time.Millisecond }}
}

func twoModes() *slow {
	random := rand.New(rand.NewPCG(1, 1))
	return &slow{pick: func(time.Time) time.Duration {
		if random.IntN(100) == 0 {
			return 40 * time.Millisecond
		}
		return 4 * time.Millisecond
	}}
}

// stalls: for 500 ms of every 5 s nothing is answered. Of the requests a tenth comes
// in a stall and waits for its end, so that p99 is 450 ms and p99.9 is 495 ms, and a
// little more, since all that waited are answered at once.
func stalls() *slow {
	start := time.Now()
	return &slow{pick: func(at time.Time) time.Duration {
		if into := at.Sub(start) % (5 * time.Second); into < 500*time.Millisecond {
			return 500*time.Millisecond - into
		}
		return 0
	}}
}

// compare holds quantiles to what the server took, and to what is wanted.
func compare(t *testing.T, s *slow, rate int, duration, busy time.Duration, judged []float64, want map[float64]time.Duration) error {
	t.Helper()
	server := httptest.NewServer(s)
	defer server.Close()
	got, err := run(t, server.URL, rate, duration, 2*time.Second, busy)
	if err != nil {
		return err
	}
	truth := s.took[len(s.took)-len(got):] // the warm-up comes first
	for _, q := range []float64{0.5, 0.95, 0.98, 0.99, 0.999} {
		g, w := quantile(got, q), quantile(truth, q)
		t.Logf("p%v: %s, the server took %s", 100*q, g, w)
		if slices.Contains(judged, q) && !near(g, w) {
			err = errors.Join(err, fmt.Errorf("p%v: %s, the server took %s", 100*q, g, w))
		}
		if w, ok := want[q]; ok && (g-w).Abs() > w/10 {
			err = errors.Join(err, fmt.Errorf("p%v: %s, want %s", 100*q, g, w))
		}
	}
	return err
}
