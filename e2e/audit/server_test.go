// Package audit holds mesh2gw audit against a real Prometheus, whose metrics have
// known counts: a month of them made by promtool, and those of an exporter that it
// scrapes.
package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		for _, tool := range []string{"prometheus", "promtool", "curl"} {
			if _, err := exec.LookPath(tool); err != nil {
				fmt.Fprintf(os.Stderr, "%s is missing: apt-get install prometheus curl\n", tool)
				return 1
			}
		}
		dir, err := os.MkdirTemp("", "mesh2gw-audit-*")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "mesh2gw")
		build := exec.Command("go", "build", "-o", binary, "./cmd/mesh2gw")
		build.Dir = "../.."
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build mesh2gw: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// prometheus runs one on the blocks in data, and on what it scrapes from target every
// second, until the test ends.
func prometheus(t *testing.T, data, target string) (url string) {
	t.Helper()
	config := "global: {scrape_interval: 1s}\n"
	if target != "" {
		config += "scrape_configs: [{job_name: istio, static_configs: [{targets: [\"" + target + "\"]}]}]\n"
	}
	file := filepath.Join(t.TempDir(), "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	var said bytes.Buffer
	c := exec.Command("prometheus", "--config.file="+file, "--storage.tsdb.path="+data, "--storage.tsdb.retention.time=100d", "--web.listen-address="+address)
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	})
	url = "http://" + address
	until(t, "Prometheus is ready", func() bool {
		r, err := http.Get(url + "/-/ready")
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	return url
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after a minute it does not hold that %s", what)
		}
	}
}

// mesh2gw runs a command; it has to exit with code.
func mesh2gw(t *testing.T, code int, args ...string) (out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.Command(binary, args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	_ = c.Run() // its code is looked at
	if c.ProcessState.ExitCode() != code {
		t.Fatalf("mesh2gw %s exits with %d, want %d\n%s%s", strings.Join(args, " "), c.ProcessState.ExitCode(), code, &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}

// result is what the tests look at of docs/schema/audit.json.
type result struct {
	Traffic struct {
		Steps, StepsWithData         int
		Requests, MutualTLS, NoRoute float64
		Services, ServicesConfigured int
	}
	Settings []struct{ Kind, Object, Field, Verdict, Evidence string }
	Notes    []string
}

func parse(t *testing.T, out string) *result {
	t.Helper()
	r := &result{}
	if err := json.Unmarshal([]byte(out), r); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return r
}

// wants holds the settings of r, each as "kind object", to verdicts.
func (r *result) wants(t *testing.T, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, s := range r.Settings {
		got[s.Kind+" "+s.Object] = s.Verdict + ": " + s.Evidence
	}
	for what, text := range want {
		if !strings.HasPrefix(got[what], text) {
			t.Errorf("%s: got %q, want %q", what, got[what], text)
		}
	}
}
