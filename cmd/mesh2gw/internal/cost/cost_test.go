package cost

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/schematest"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

var update = flag.Bool("update", false, "write the schema anew")

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

// TestSchema holds docs/schema/cost.json to the types, and results to it.
func TestSchema(t *testing.T) {
	schema := schematest.Hold(t, schematest.Spec{
		Title: "An estimate of mesh2gw cost", Of: reflect.TypeFor[Result](), Choices: map[string]any{"Result.version": []string{Version}},
	}, "../../../../docs/schema/cost.json", *update)
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		want := estimated(t, input(r))
		var b bytes.Buffer
		if err := JSON(&b, want); err != nil {
			t.Fatal(err)
		}
		if err := schematest.Validate(t, schema, b.String()); err != nil {
			t.Error(err)
		}
		if back, err := Read(b.Bytes()); err != nil || !reflect.DeepEqual(back, want) {
			t.Errorf("%+v reads back as %+v, %v", want, back, err)
		}
		if schematest.Validate(t, schema, strings.Replace(b.String(), `"monthLow"`, `"low"`, 1)) == nil {
			t.Error("the schema takes another name")
		}
	}
	for _, bad := range []string{"", "[]", `{"version": "mesh2gw.io/cost/v2"}`} {
		if _, err := Read([]byte(bad)); err == nil {
			t.Errorf("Read takes %q", bad)
		}
	}
}

const workloads = `apiVersion: v1
kind: Namespace
metadata: {name: in, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: default, namespace: in}
spec: {replicas: 3, template: {spec: {containers: [{name: a}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: out, namespace: in}
spec: {replicas: 5, template: {metadata: {labels: {sidecar.istio.io/inject: "false"}}, spec: {containers: [{name: a}]}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: annotated, namespace: elsewhere}
spec: {replicas: 2, template: {metadata: {labels: {sidecar.istio.io/inject: "true"}, annotations: {sidecar.istio.io/proxyCPU: 250m, sidecar.istio.io/proxyMemory: 1Gi}}, spec: {containers: [{name: a}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: native, namespace: elsewhere}
spec: {template: {spec: {initContainers: [{name: istio-proxy, restartPolicy: Always, resources: {requests: {cpu: "1"}, limits: {memory: 2Gi}}}], containers: [{name: a}]}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: each, namespace: in}
spec: {template: {spec: {containers: [{name: a}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: live-1, namespace: live, ownerReferences: [{kind: ReplicaSet, name: x, apiVersion: apps/v1, uid: u}]}
spec: {containers: [{name: a}, {name: istio-proxy, resources: {requests: {cpu: 10m, memory: 1Gi}}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: live-2, namespace: live, labels: {sidecar.istio.io/inject: "true"}, ownerReferences: [{kind: ReplicaSet, name: x, apiVersion: apps/v1, uid: u}]}
spec: {containers: [{name: a}]}
---
apiVersion: v1
kind: Pod
metadata: {name: ended, namespace: live, ownerReferences: [{kind: Job, name: x, apiVersion: batch/v1, uid: u}]}
spec: {containers: [{name: a}, {name: istio-proxy}]}
status: {phase: Succeeded}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: live, namespace: live}
spec: {replicas: 9, template: {spec: {containers: [{name: a}, {name: istio-proxy}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway, namespace: edge}
spec: {replicas: 4, template: {spec: {containers: [{name: istio-proxy}]}}}
`

// Pods are counted as Istio's webhook would inject them, with what they request.
func TestCount(t *testing.T) {
	c, err := Count(context.Background(), []source.File{{Name: "in.yaml", Data: []byte(workloads)}}, 7)
	if err != nil {
		t.Fatal(err)
	}
	want := sidecarReserves.Times(3 + 7).Plus(Resources{0.25, gib}.Times(2)).Plus(Resources{1, 2 * gib}).Plus(Resources{0.01, gib})
	if c.Pods != 3+2+1+7+1 || c.Without != 5+1 || c.Gateways != 4 || math.Abs(c.Reserved.CPU-want.CPU) > 1e-9 || c.Reserved.Memory != want.Memory || len(c.Assumed) != 2 {
		t.Errorf("%+v, want %s reserved", c, want)
	}
}

// TestMachines: nodes are those of the input, and pods need what the scheduler counts.
func TestMachines(t *testing.T) {
	text := `{apiVersion: v1, kind: Node, metadata: {name: a}, status: {allocatable: {cpu: "4", memory: 16Gi}}}
---
{apiVersion: v1, kind: Node, metadata: {name: b}, status: {allocatable: {cpu: "2", memory: 8Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  initContainers:
  - {name: first, resources: {requests: {cpu: "1", memory: 1Gi}}}
  - {name: istio-proxy, restartPolicy: Always, resources: {requests: {cpu: 100m, memory: 1Gi}}}
  - {name: last, resources: {requests: {cpu: 500m, memory: 4Gi}}}
  containers: [{name: a, resources: {requests: {cpu: 200m, memory: 2Gi}}}, {name: b, resources: {requests: {cpu: 300m}}}]
---
{apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: [{name: a, resources: {requests: {cpu: "8"}}}]}, status: {phase: Failed}}
---
{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: each}, spec: {template: {spec: {containers: [{name: a}]}}}}
`
	c, err := Count(context.Background(), []source.File{{Name: "in.yaml", Data: []byte(text)}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := Machines{Nodes: 2, Uneven: true, Each: Resources{3, 12 * gib}, Pods: 1, Request: Resources{1, 5 * gib}}
	if c.Machines != want || c.Without != 2 || c.Pods != 1 {
		t.Errorf("%+v, want %+v", c, want)
	}
}

// CSV holds every number as it is, and JSON all of the result.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 200 {
		result := estimated(t, input(r))
		var text, data bytes.Buffer
		if err := errors.Join(CSV(&text, result), JSON(&data, result), Text(io.Discard, result)); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&text).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		at := 1
		for _, w := range result.Ways {
			at += len(w.Parts)
			for column, want := range map[int]float64{3: w.Reserved.CPU, 4: w.Reserved.Memory, 5: w.Counted.CPU, 7: w.Low, 8: w.High} {
				if got, err := strconv.ParseFloat(rows[at][column], 64); err != nil || got != want || rows[at][0] != w.Name || rows[at][1] != "" {
					t.Fatalf("row %d, %s: %q is not %g: %v", at, columns[column], rows[at][column], want, err)
				}
			}
			at++
		}
		back := &Result{}
		if err := json.Unmarshal(data.Bytes(), back); err != nil || len(rows) != at || !reflect.DeepEqual(back.Ways, result.Ways) {
			t.Fatalf("%d rows, %d expected: %v", len(rows), at, err)
		}
	}
}
