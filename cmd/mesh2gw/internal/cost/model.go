// Package cost estimates what the proxies of a mesh reserve and use, and what other
// ways of doing the same would. All of it is arithmetic on figures that are printed
// with their sources; docs/cost.md has worked examples.
package cost

import (
	"fmt"
	"math"
)

// Resources are cores and bytes.
type Resources struct {
	CPU    float64 `json:"cpu"`    // cores
	Memory float64 `json:"memory"` // bytes
}

// Plus adds.
func (r Resources) Plus(o Resources) Resources { return Resources{r.CPU + o.CPU, r.Memory + o.Memory} }

// Times multiplies.
func (r Resources) Times(n float64) Resources { return Resources{r.CPU * n, r.Memory * n} }

// Most is the greater of each.
func (r Resources) Most(o Resources) Resources {
	return Resources{max(r.CPU, o.CPU), max(r.Memory, o.Memory)}
}

// Prices are those of a cloud, or of one's own machines.
type Prices struct {
	CPU    float64 `json:"cpuHour"`       // of a core for an hour
	Memory float64 `json:"memoryGiBHour"` // of a GiB for an hour
	Hours  float64 `json:"hours"`         // of a month
}

const gib = 1 << 30

// Month is what resources cost in a month.
func (p Prices) Month(r Resources) float64 {
	return p.Hours * (r.CPU*p.CPU + r.Memory/gib*p.Memory)
}

// Input is what is known of a cluster.
type Input struct {
	Pods      int       `json:"pods"`  // with a proxy
	Nodes     int       `json:"nodes"` // of the cluster
	Waypoints int       `json:"waypoints"`
	Gateways  int       `json:"gateways"`         // replicas of the data plane for requests from outside
	Inside    float64   `json:"insideRPS"`        // requests a second between pods; 0: not known
	Outside   float64   `json:"outsideRPS"`       // requests a second from outside; 0: not known
	Reserved  Resources `json:"sidecarsReserved"` // by all sidecars together
	Used      Resources `json:"sidecarsUsed"`     // by all sidecars together, measured; 0: not known
	Node      Resources `json:"node"`             // what one node has for pods; 0: not known
	Total     Resources `json:"requested"`        // by all pods of the cluster, sidecars included; 0: not known
	Prices    Prices    `json:"prices"`
}

// check says what makes no sense.
func (in Input) check() error {
	for _, c := range []struct {
		what   string
		values []float64
	}{
		{"pods, nodes, waypoints and gateways", []float64{float64(in.Pods), float64(in.Nodes), float64(in.Waypoints), float64(in.Gateways)}},
		{"requests a second", []float64{in.Inside, in.Outside}},
		{"prices and hours", []float64{in.Prices.CPU, in.Prices.Memory, in.Prices.Hours}},
		{"cores", []float64{in.Reserved.CPU, in.Used.CPU, in.Node.CPU, in.Total.CPU}},
		{"bytes of memory", []float64{in.Reserved.Memory, in.Used.Memory, in.Node.Memory, in.Total.Memory}},
	} {
		for _, n := range c.values {
			if !(n >= 0) || math.IsInf(n, 0) {
				return fmt.Errorf("%s can't be %g", c.what, n)
			}
		}
	}
	if in.Total != (Resources{}) && (in.Total.CPU < in.Reserved.CPU || in.Total.Memory < in.Reserved.Memory) {
		return fmt.Errorf("all pods together request %s, and the sidecars among them %s", in.Total, in.Reserved)
	}
	return nil
}

// String is for people: 1.5 cores, 2 GiB.
func (r Resources) String() string { return fmt.Sprintf("%.4g cores, %.4g GiB", r.CPU, r.Memory/gib) }

// Part is one component of a way to serve requests.
type Part struct {
	Name     string    `json:"name"`
	Count    int       `json:"count"`
	Reserved Resources `json:"reserved"` // by all of them
	Used     Resources `json:"used"`     // 0: not known
	Source   string    `json:"source"`
}

// Way is an architecture with what it costs.
type Way struct {
	Name     string    `json:"name"`
	Parts    []Part    `json:"parts"`
	Reserved Resources `json:"reserved"`
	Counted  Resources `json:"counted"` // the greater of reserved and used, part by part (OpenCost)
	Low      float64   `json:"monthLow"`
	High     float64   `json:"monthHigh"`
	Without  []string  `json:"without"` // what it does not do that sidecars do
}

// Nodes is what becomes of the number of nodes, the only way in which a reservation
// turns into money where machines are paid by the piece.
type Nodes struct {
	Known bool `json:"known"` // what all pods request is known
	Now   int  `json:"now"`
	Least int  `json:"least"` // afterwards, with the way that is compared
	Most  int  `json:"most"`
}

// Version names the shape of Result in JSON; docs/schema/cost.json describes it.
const Version = "mesh2gw.io/cost/v1"

// Result is the estimate.
type Result struct {
	Version     string   `json:"version"`
	Input       Input    `json:"input"`
	Ways        []Way    `json:"ways"`  // the sidecars of today first
	Nodes       []Nodes  `json:"nodes"` // for each way; empty where the size of a node is not known
	Assumptions []string `json:"assumptions"`
}
