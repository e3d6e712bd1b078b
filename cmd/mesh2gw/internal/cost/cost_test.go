package cost

import (
	"math"
	"math/rand/v2"
	"testing"
)

func input(r *rand.Rand) Input {
	in := Input{
		Pods: r.IntN(3000), Nodes: 1 + r.IntN(200), Waypoints: r.IntN(30), Gateways: r.IntN(10), Inside: r.Float64() * 1e5, Outside: r.Float64() * 1e4,
		Prices: Prices{r.Float64(), r.Float64(), r.Float64() * 1000}, Node: Resources{4, 16 * gib},
	}
	in.Reserved = sidecarReserves.Times(float64(in.Pods))
	if r.IntN(2) == 0 {
		in.Used = Resources{r.Float64() * 100, r.Float64() * 1e11}
	}
	if r.IntN(2) == 0 {
		in.Total = in.Reserved.Plus(Resources{r.Float64() * 500, r.Float64() * 1e12})
	}
	return in
}

func estimated(t *testing.T, in Input) *Result {
	t.Helper()
	r, err := Estimate(in)
	if err != nil {
		t.Fatalf("%v in %+v", err, in)
	}
	return r
}

// Nothing is negative, no range is upside down, and more pods, requests, nodes or
// higher prices never cost less.
func TestProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		in := input(r)
		base := estimated(t, in)
		for i, w := range base.Ways {
			if !(w.Low >= 0) || w.High < w.Low || math.IsInf(w.High, 0) || w.Reserved.CPU < 0 || w.Counted.Memory < w.Reserved.Memory {
				t.Fatalf("%+v of %+v", w, in)
			}
			if n := base.Nodes[i]; n.Least < 1 || n.Most < n.Least {
				t.Fatalf("%+v of %+v", n, in)
			}
		}
		for what, more := range map[string]func(*Input){
			"pods": func(in *Input) {
				in.Pods += 10
				in.Reserved = in.Reserved.Plus(sidecarReserves.Times(10))
				in.Total = Resources{}
			},
			"nodes": func(in *Input) { in.Nodes += 3 }, "waypoints": func(in *Input) { in.Waypoints++ }, "gateways": func(in *Input) { in.Gateways++ },
			"requests": func(in *Input) { in.Inside, in.Outside = 2*in.Inside, 2*in.Outside }, "CPU price": func(in *Input) { in.Prices.CPU *= 1.5 },
			"memory price": func(in *Input) { in.Prices.Memory *= 1.5 }, "hours": func(in *Input) { in.Prices.Hours++ },
		} {
			changed := in
			more(&changed)
			for i, w := range estimated(t, changed).Ways {
				if w.Low < base.Ways[i].Low || w.High < base.Ways[i].High {
					t.Fatalf("more %s: %s costs %g to %g, and cost %g to %g", what, w.Name, w.Low, w.High, base.Ways[i].Low, base.Ways[i].High)
				}
			}
		}
	}
}

// The worked example that the figures were published with: 1000 sidecars reserve
// 2694 a month, ambient on 30 nodes with 20 waypoints 239 beside istiod and istio-cni.
func TestPublished(t *testing.T) {
	in := Input{Pods: 1000, Nodes: 30, Waypoints: 20, Reserved: sidecarReserves.Times(1000), Prices: DefaultPrices}
	sidecars := DefaultPrices.Month(in.Reserved)
	ztunnels := DefaultPrices.Month(ztunnelReserves.Times(30)) + DefaultPrices.Month(waypointReserves.Times(20))
	if math.Round(sidecars) != 2694 || math.Round(ztunnels) != 239 {
		t.Errorf("sidecars %.2f, ztunnels and waypoints %.2f", sidecars, ztunnels)
	}
	r := estimated(t, in)
	if want := sidecars + DefaultPrices.Month(istiodReserves.Resources); math.Abs(r.Ways[0].Low-want) > 1e-9 || r.Ways[0].High != r.Ways[0].Low {
		t.Errorf("with istiod %.2f to %.2f, want %.2f", r.Ways[0].Low, r.Ways[0].High, want)
	}
}

// A reservation frees a node only where both resources need one less.
func TestNodes(t *testing.T) {
	in := Input{Nodes: 10, Node: Resources{4, 16 * gib}}
	for _, c := range []struct {
		total, now, then Resources
		want             Nodes
	}{
		{Resources{}, Resources{10, 13 * gib}, Resources{1, gib}, Nodes{false, 10, 8, 10}},
		{Resources{}, Resources{3, 1 * gib}, Resources{}, Nodes{false, 10, 10, 10}},
		{Resources{}, Resources{}, Resources{9, gib}, Nodes{false, 10, 10, 13}},
		{Resources{38, 60 * gib}, Resources{10, 13 * gib}, Resources{1, gib}, Nodes{true, 10, 8, 8}},
		{Resources{20, 158 * gib}, Resources{10, 13 * gib}, Resources{1, gib}, Nodes{true, 10, 10, 10}}, // memory needs all of them
	} {
		in.Total = c.total
		if got := in.nodes(c.now, c.then); got != c.want {
			t.Errorf("%+v: %+v, want %+v", c, got, c.want)
		}
	}
}

// What makes no sense is an error.
func TestRefused(t *testing.T) {
	for _, in := range []Input{
		{Pods: -1}, {Inside: math.NaN()}, {Prices: Prices{CPU: -1}}, {Used: Resources{CPU: math.Inf(1)}}, {Reserved: Resources{2, 2}, Total: Resources{1, 3}},
	} {
		if r, err := Estimate(in); err == nil {
			t.Errorf("%+v gives %+v", in, r)
		}
	}
}
