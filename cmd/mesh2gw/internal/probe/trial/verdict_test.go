package trial

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/stats"
)

var terms = Terms{Options: stats.Options{Margin: 0.1, Floor: float64(100 * time.Microsecond), Seed: 1}, Quantiles: []float64{0.5, 0.99, 0.999}}

// drawn is a load of two requests: of the second, answers take longer afterwards by
// a factor, and a share of them fails.
func drawn(seed uint64, seconds int, factor, failing float64) *result.Latency {
	random := rand.New(rand.NewPCG(seed, 1))
	l := &result.Latency{Names: []string{"same", "other"}, Interleaved: true, Sides: []result.Sent{{Name: "before"}, {Name: "after"}}}
	for side := range 2 {
		var all []result.Sample
		for i := range seconds * 400 {
			s := result.Sample{Planned: int64(i) * int64(time.Second) / 400, Request: int32(i % 2), Outcome: result.Answered, Service: int64(1e6 * math.Pow(1-random.Float64(), -1.0/3))}
			if side == 1 && s.Request == 1 {
				s.Service = int64(float64(s.Service) * factor)
				if random.Float64() < failing {
					s.Outcome = result.ServerError
					l.Sides[side].Failed++
				}
			}
			all = append(all, s)
		}
		l.Samples = append(l.Samples, result.SamplesOf(all))
		l.Sides[side].Requests = len(all)
	}
	return l
}

func decisions(l *result.Latency) string {
	var all []string
	for _, r := range l.Routes {
		for _, q := range r.Quantiles {
			all = append(all, q.Decision)
		}
		if r.Errors.Changed {
			all = append(all, "errors")
		}
	}
	return strings.Join(all, " ")
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name            string
		seconds         int
		factor, failing float64
		want            string
	}{
		// All requests: p50, p99, p99.9; then each: p50, p99. Of p99.9 there are too few.
		{"nothing", 40, 1, 0, "equivalent equivalent inconclusive equivalent inconclusive equivalent inconclusive"},
		{"one is slower", 40, 2, 0, "changed changed inconclusive equivalent inconclusive changed changed"},
		{"one fails now and then", 40, 1, 0.005, "equivalent inconclusive inconclusive errors equivalent inconclusive equivalent inconclusive errors"},
		{"one fails always", 40, 1, 1, "changed changed inconclusive errors equivalent inconclusive changed changed errors"},
	} {
		l := drawn(1, c.seconds, c.factor, c.failing)
		if invalid := Judge(l, terms); invalid != nil {
			t.Errorf("%s: %v", c.name, invalid)
		}
		if got := decisions(l); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if l := drawn(1, 1, 2, 0); Judge(l, terms) != nil || len(l.Routes[0].Quantiles) != 1 || l.Routes[0].Quantiles[0].Decision != "inconclusive" {
		t.Errorf("a second: %+v", l.Routes[0])
	}
}

// A run decides nothing where the probe itself was late, or nobody answered.
func TestVoid(t *testing.T) {
	late := drawn(1, 40, 1, 0)
	late.Sides[1].LagP99 = int64(2 * time.Millisecond)
	if why := Judge(late, terms); len(why) != 1 || !strings.Contains(why[0], "the probe itself was late") {
		t.Errorf("%q", why)
	}
	down := drawn(1, 40, 1, 0)
	for side := range down.Samples {
		down.Sides[side].Failed = down.Sides[side].Requests
		for i := range down.Samples[side].Response {
			down.Samples[side].Response[i] = -1
		}
	}
	if why := Judge(down, terms); len(why) != 1 || !strings.Contains(why[0], "without error") {
		t.Errorf("%q", why)
	}
	for _, q := range down.Routes[0].Quantiles {
		if !math.IsInf(float64(q.Before), 1) || q.Decision != "inconclusive" {
			t.Errorf("both sides down: %+v", q)
		}
	}
	idle := &result.Latency{Names: []string{"a"}, Sides: []result.Sent{{Name: "before"}}, Samples: []result.Samples{{}}}
	if why := Judge(idle, terms); len(why) != 1 || !strings.Contains(why[0], "no request of the load was sent") {
		t.Errorf("%q", why)
	}
}

func routesText(t *testing.T, routes []result.Route) string {
	t.Helper()
	data, err := json.Marshal(routes)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func runOf(l *result.Latency) *result.Run {
	return &result.Run{Version: result.Version, Sides: []result.Side{{Name: "before"}, {Name: "after"}}, Latency: l, Started: time.Unix(1, 0).UTC()}
}

// What is written is what is read, unknown numbers and endless times included.
func TestRoundTrip(t *testing.T) {
	l := drawn(1, 30, 1, 1)
	Judge(l, terms)
	var first, second bytes.Buffer
	if err := runOf(l).Write(&first); err != nil {
		t.Fatal(err)
	}
	read, err := result.Read(first.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Write(&second); err != nil || first.String() != second.String() || !strings.Contains(first.String(), `"failed"`) {
		t.Errorf("%v: differs", err)
	}
	broken := strings.Replace(first.String(), `"response": [`, `"response": [ 1,`, 1)
	if _, err := result.Read([]byte(broken)); err == nil {
		t.Error("samples of different numbers are read")
	}
}

// Two halves of a load, merged, are judged as the whole of it.
func TestMerge(t *testing.T) {
	whole := drawn(4, 40, 1.5, 0.01)
	halves := []*result.Latency{{}, {}}
	for k, h := range halves {
		*h = *whole
		h.Samples = nil
		h.Sides = []result.Sent{{Name: "before"}, {Name: "after"}}
		for side, s := range whole.Samples {
			var part result.Samples
			for i, planned := range s.Planned {
				if int(planned/int64(20*time.Second)) == k {
					part.Planned = append(part.Planned, planned-int64(k)*int64(20*time.Second))
					part.Response, part.Request = append(part.Response, s.Response[i]), append(part.Request, s.Request[i])
					h.Sides[side].Requests++
				}
			}
			h.Samples = append(h.Samples, part)
		}
	}
	Judge(whole, terms)
	merged, err := Merge([]*result.Run{runOf(halves[0]), runOf(halves[1])}, terms)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := decisions(merged.Latency), decisions(whole); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := routesText(t, merged.Latency.Routes), routesText(t, whole.Routes); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if n := merged.Latency.Sides[0].Requests; n != 16000 {
		t.Errorf("%d requests", n)
	}
	other := runOf(drawn(1, 20, 1, 0))
	other.Latency.Names = []string{"a", "b"}
	without := runOf(drawn(1, 20, 1, 0))
	without.Latency.Samples = nil
	for _, bad := range []*result.Run{other, without, {Version: 1, Sides: []result.Side{{Name: "before"}}}, runOf(nil)} {
		if _, err := Merge([]*result.Run{runOf(drawn(1, 20, 1, 0)), bad}, terms); err == nil {
			t.Errorf("%+v is merged", bad)
		}
	}
}

// Runs one after the other are compared by the names of requests.
func TestBehind(t *testing.T) {
	before, after := drawn(1, 30, 1, 0), drawn(2, 30, 1, 0)
	before.Samples, before.Sides = before.Samples[:1], before.Sides[:1]
	after.Samples, after.Sides = after.Samples[:1], after.Sides[:1]
	after.Names = []string{"new", "same"}
	for i := range after.Samples[0].Response {
		after.Samples[0].Response[i] *= 3
	}
	Behind(before, after)
	Judge(after, terms)
	if got := decisions(after); got != "changed changed" || after.Interleaved || len(after.Routes) != 1 || after.Routes[0].Name != "same" || after.Routes[0].Counts[0].Requests != 6000 {
		t.Errorf("%s %+v", got, after.Routes)
	}
}
