package probe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkCost is the CPU that a request costs the machine which sends it, with 10
// connections over HTTP/1.1 that are always busy, beside vegeta and hey in the same
// run. mesh2gw has no closed loop, so it is given more than 10 connections can do.
func BenchmarkCost(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
	defer server.Close()
	const requests = 60000 // of hey; vegeta and mesh2gw send for about as long
	plan := filepath.Join(b.TempDir(), "plan.yaml")
	if err := os.WriteFile(plan, []byte("version: 1\nrequests:\n- {name: a, host: a.example, path: /}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	programs := map[string][]string{
		"mesh2gw": {mesh2gw(b), "probe", "run", plan, "--after", server.URL, "--rate", "200000", "--duration", "1s", "--warmup", "0s", "--connections", "10", "--format", "json"},
		"vegeta":  {tool(b, "github.com/tsenart/vegeta/v12"), "attack", "-rate", "0", "-duration", "2s", "-workers", "10", "-max-workers", "10", "-connections", "10"},
		"hey":     {tool(b, "github.com/rakyll/hey"), "-c", "10", "-n", fmt.Sprint(requests), "-o", "csv", server.URL},
	}
	best := map[string]time.Duration{}
	for b.Loop() {
		for name, args := range programs {
			cost := costOf(b, name, args, server.URL)
			if old, ok := best[name]; !ok || cost < old {
				best[name] = cost
			}
		}
	}
	for name, cost := range best {
		b.ReportMetric(float64(cost.Microseconds()), name+"-µs/request")
	}
}

// costOf runs a load generator, and divides its CPU by its requests.
func costOf(t testing.TB, name string, args []string, url string) time.Duration {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	var out, problems bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader("GET "+url+"\n"), &out, &problems
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 5 && cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("%s: %v\n%s", name, err, problems.String())
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	n := 0
	switch name {
	case "mesh2gw":
		var r struct {
			Latency struct {
				Sides []struct{ Requests, Failed int }
			}
		}
		if err := json.Unmarshal(out.Bytes(), &r); err != nil || len(r.Latency.Sides) != 1 || r.Latency.Sides[0].Failed > 0 {
			t.Fatalf("%v %+v\n%s", err, r, problems.String())
		}
		n = r.Latency.Sides[0].Requests
	case "hey":
		n = strings.Count(out.String(), "\n") - 1
	case "vegeta":
		report := exec.Command(args[0], "report", "-type", "json")
		report.Stdin = &out
		data, err := report.Output()
		var r struct{ Requests int }
		if err != nil || json.Unmarshal(data, &r) != nil {
			t.Fatal(err)
		}
		n = r.Requests
	}
	if n < 10000 {
		t.Fatalf("%s sent %d requests\n%s", name, n, problems.String())
	}
	t.Logf("%s: %d requests, %s of CPU", name, n, cpu)
	return cpu / time.Duration(n)
}

// tool builds a program of this module's tools.
func tool(t testing.TB, pkg string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "tool")
	if out, err := exec.Command("go", "build", "-o", name, pkg).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return name
}
