package cost

import (
	"fmt"
	"math"
)

// perThousand is how many requests a second the measured figures are for.
const perThousand = 1000

// passes is through how many proxies a request between two pods goes: that of the
// caller, and that of the one who is called.
const passes = 2

// Estimate compares ways to serve the same requests. What it gives is never negative,
// and grows with pods, requests and prices.
func Estimate(in Input) (*Result, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	r := &Result{Version: Version, Input: in, Assumptions: assumptions(in)}
	gateways := part("gateways", in.Gateways, gatewayReserves, use(waypointUses, in.Outside, in.Gateways))
	control := part("istiod", 1, istiodReserves, Resources{})
	sidecars := Part{Name: "sidecars", Count: in.Pods, Reserved: in.Reserved, Used: in.sidecarsUse(), Source: sidecarReserves.Source}
	r.Ways = []Way{
		way("Istio with sidecars, as today", in, nil, sidecars, control, gateways),
		way("Istio ambient", in, []string{"routing, retries and timeouts for Services without a waypoint"},
			part("ztunnel, one a node", in.Nodes, ztunnelReserves, use(ztunnelUses, passes*in.Inside, in.Nodes)), part("istio-cni, one a node", in.Nodes, cniReserves, Resources{}),
			part("waypoints", in.Waypoints, waypointReserves, use(waypointUses, in.insideWaypoints(), in.Waypoints)), control, gateways),
		way("Linkerd", in, []string{"what it uses under load was not read anywhere, so its range is what it reserves at least"},
			part("proxies", in.Pods, linkerdReserves, Resources{}), gateways),
		way("Gateway API without a mesh", in, []string{"mutual TLS between pods", "retries, timeouts, splits and telemetry of calls between pods: they move into the applications"}, gateways),
	}
	if in.Node != (Resources{}) {
		for _, w := range r.Ways {
			r.Nodes = append(r.Nodes, in.nodes(r.Ways[0].Reserved, w.Reserved))
		}
	}
	return r, nil
}

// use is what count proxies use together at a number of requests a second; nothing
// where that is not known.
func use(each Figure, rps float64, count int) Resources {
	if rps == 0 || count == 0 {
		return Resources{}
	}
	return Resources{each.CPU * rps / perThousand, each.Memory * float64(count)}
}

// sidecarsUse is what was measured, or else what the requests let expect.
func (in Input) sidecarsUse() Resources {
	if in.Used != (Resources{}) {
		return in.Used
	}
	return use(sidecarUses, passes*in.Inside, in.Pods)
}

func (in Input) insideWaypoints() float64 {
	if in.Waypoints == 0 {
		return 0
	}
	return in.Inside
}

func part(name string, count int, each Figure, used Resources) Part {
	return Part{Name: name, Count: count, Reserved: each.Times(float64(count)), Used: used, Source: each.Source}
}

func way(name string, in Input, without []string, parts ...Part) Way {
	w := Way{Name: name, Without: without}
	for _, p := range parts {
		if p.Count == 0 {
			continue
		}
		w.Parts = append(w.Parts, p)
		w.Reserved, w.Counted = w.Reserved.Plus(p.Reserved), w.Counted.Plus(p.Reserved.Most(p.Used))
	}
	w.Low, w.High = in.Prices.Month(w.Reserved), in.Prices.Month(w.Counted)
	return w
}

// nodes says how many are needed when one way takes the place of another. Where what
// all pods request is known, that is what both resources need; where it is not, none
// may go away, or as many as the scarcer resource would free.
func (in Input) nodes(now, then Resources) Nodes {
	n := Nodes{Now: in.Nodes, Least: in.Nodes, Most: in.Nodes}
	freed := Resources{now.CPU - then.CPU, now.Memory - then.Memory}
	if in.Total != (Resources{}) {
		n.Known = true
		need := needed(Resources{in.Total.CPU - freed.CPU, in.Total.Memory - freed.Memory}, in.Node)
		base := needed(in.Total, in.Node)
		n.Now = max(in.Nodes, base)
		n.Least, n.Most = max(1, n.Now-(base-need)), max(1, n.Now-(base-need))
		return n
	}
	byCPU, byMemory := fraction(freed.CPU, in.Node.CPU), fraction(freed.Memory, in.Node.Memory)
	if most := math.Floor(max(byCPU, byMemory)); most > 0 {
		n.Least = max(1, in.Nodes-int(most))
	}
	if least := math.Floor(min(byCPU, byMemory)); least < 0 {
		n.Most = in.Nodes - int(least)
	}
	return n
}

func fraction(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}

func needed(total, node Resources) int {
	return int(max(math.Ceil(fraction(total.CPU, node.CPU)), math.Ceil(fraction(total.Memory, node.Memory))))
}

// assumptions are printed with every result.
func assumptions(in Input) []string {
	all := []string{
		fmt.Sprintf("A core costs %g an hour and a GiB %g, %g hours a month. Without --cpu-price and --memory-price: %s.", in.Prices.CPU, in.Prices.Memory, in.Prices.Hours, PriceSource),
		"The low end is what is reserved (requests); the high end the greater of reserved and used, part by part, as OpenCost counts.",
		"A reservation is money only where a node goes away, or where pods are paid by what they request: look at the nodes.",
		"What sidecars did does not vanish: retries, TLS and metrics move into applications, and cost there.",
	}
	switch {
	case in.Used != (Resources{}):
		all = append(all, "What sidecars use was measured.")
	case in.Inside > 0:
		all = append(all, fmt.Sprintf("What proxies use is expected from requests: %g cores for a sidecar, %g for a waypoint or gateway, %g for a ztunnel at 1000 requests a second of 1 KB (%s); a request between two pods passes %d sidecars.",
			sidecarUses.CPU, waypointUses.CPU, ztunnelUses.CPU, performance, passes))
	default:
		all = append(all, "What proxies use is not known: give --rps, or measured usage.")
	}
	return all
}
