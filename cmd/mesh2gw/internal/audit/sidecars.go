package audit

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/cost"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Namespace is what its proxies take. Sidecars are those that are there (classic and
// native) or would be injected.
type Namespace struct {
	Name     string         `json:"name"`
	Pods     int            `json:"pods"`
	Sidecars int            `json:"sidecars"` // Classic, Native and Injected
	Classic  int            `json:"classic"`
	Native   int            `json:"native"`
	Injected int            `json:"injected"` // expected to be, by labels
	Ambient  int            `json:"ambient"`
	Gateways int            `json:"gateways"`
	Reserved cost.Resources `json:"reserved"` // by the sidecars; CPU in cores, memory in bytes
	Limits   cost.Resources `json:"limits"`   // of those sidecars that have limits
	Measured int            `json:"measured"` // sidecars that Used is of
	Used     cost.Resources `json:"used"`
}

// Measured says when the use of sidecars was measured (metrics.k8s.io). The zero
// time says that it was not.
type Measured struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// pods counts pods and what their sidecars take.
func (r *Result) pods(docs []*source.Document, nodes int) {
	namespaces := map[string]*Namespace{}
	of := func(name string) *Namespace {
		if namespaces[name] == nil {
			namespaces[name] = &Namespace{Name: name}
		}
		return namespaces[name]
	}
	workloads, unread := cost.Workloads(docs, nodes)
	sidecars := map[[2]string]bool{} // pods by namespace and name
	for _, w := range workloads {
		of(w.Namespace).add(w)
		sidecars[[2]string{w.Namespace, w.Name}] = w.Kind == "Pod" && w.Proxy.Sidecar()
		if w.Assumed != "" {
			r.note("%s %s/%s: %s", w.Kind, w.Namespace, w.Name, w.Assumed)
		}
	}
	for _, d := range unread {
		r.note("%s:%d: %s can't be read, and its pods are not counted; render templates first", d.File, d.Place().Pos.Line, d.Object())
	}
	for _, d := range docs {
		if d.Kind == "PodMetrics" && strings.HasPrefix(d.APIVersion, "metrics.k8s.io/") {
			if known, there := sidecars[[2]string{d.Namespace, d.Name}]; known || !there {
				r.measure(of(d.Namespace), d)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(namespaces)) {
		r.Namespaces = append(r.Namespaces, *namespaces[name])
	}
}

func (n *Namespace) add(w cost.Workload) {
	n.Pods += w.Pods
	switch w.Proxy {
	case cost.Classic:
		n.Classic += w.Pods
	case cost.Native:
		n.Native += w.Pods
	case cost.Expected:
		n.Injected += w.Pods
	case cost.Ambient:
		n.Ambient += w.Pods
	case cost.Gateway:
		n.Gateways += w.Pods
	}
	if w.Proxy.Sidecar() {
		n.Sidecars += w.Pods
		n.Reserved = n.Reserved.Plus(w.Reserved.Times(float64(w.Pods)))
		n.Limits = n.Limits.Plus(w.Limits.Times(float64(w.Pods)))
	}
}

// measure reads what the proxy of a pod used over a window that ends at timestamp
// (k8s.io/metrics, PodMetrics). A pod with a proxy alone is a gateway.
func (r *Result) measure(n *Namespace, d *source.Document) {
	containers := d.Root.Get("containers")
	at, err := time.Parse(time.RFC3339, d.Root.Text("timestamp"))
	if err != nil || len(containers.Children()) < 2 {
		return
	}
	for i := range containers.Children() {
		c := &containers.Children()[i]
		if c.Text("name") != "istio-proxy" {
			continue
		}
		cpu, cpuErr := resource.ParseQuantity(c.Get("usage").Text("cpu"))
		memory, memoryErr := resource.ParseQuantity(c.Get("usage").Text("memory"))
		if cmp.Or(cpuErr, memoryErr) != nil {
			r.note("%s:%d: %s holds no usage that can be read", d.File, d.Place().Pos.Line, d.Object())
			return
		}
		n.Measured++
		n.Used = n.Used.Plus(cost.Resources{CPU: cpu.AsApproximateFloat64(), Memory: memory.AsApproximateFloat64()})
		if r.Measured.From.IsZero() || at.Before(r.Measured.From) {
			r.Measured.From = at
		}
		if at.After(r.Measured.To) {
			r.Measured.To = at
		}
	}
}
