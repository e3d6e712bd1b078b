package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

// command is this program as a process of its own (TestMain).
func command(args ...string) *exec.Cmd {
	return &exec.Cmd{Path: os.Args[0], Args: append([]string{"mesh2gw"}, args...), Env: os.Environ()}
}

var sentSoFar = regexp.MustCompile(`(?m)^mesh2gw_probe_sent_total\{request="home",side="after"\} ([0-9.e+]+)$`)

// scraped is how many requests were sent to the side after.
func scraped(t *testing.T, url string) float64 {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if m := sentSoFar.FindSubmatch(text); m != nil {
		n, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 0
}

// A probe that is told to stop half-way writes what it measured, says that it decides
// nothing, and exits with 3. Until then its metrics are served.
func TestProbeKilled(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") }))
	defer server.Close()
	plan := filepath.Join(t.TempDir(), "plan.yaml")
	if err := os.WriteFile(plan, []byte("version: 1\nrequests:\n- {name: home, host: shop.example.com, path: /}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		saved := filepath.Join(t.TempDir(), "saved.json")
		run := command("probe", "run", plan, "--before", server.URL, "--after", server.URL, "--rate", "200", "--warmup", "0s", "--duration", "10m",
			"--listen", "127.0.0.1:0", "--save", saved)
		var out bytes.Buffer
		run.Stdout = &out
		complaints, err := run.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Start(); err != nil {
			t.Fatal(err)
		}
		first, err := bufio.NewReader(complaints).ReadString('\n')
		url, _, found := strings.Cut(strings.TrimPrefix(first, "metrics at "), " ")
		if err != nil || !found {
			t.Fatalf("it says %q: %v", first, err)
		}
		for started := time.Now(); scraped(t, url) < 100; time.Sleep(20 * time.Millisecond) {
			if time.Since(started) > time.Minute {
				t.Fatal("fewer than 100 requests in a minute")
			}
		}
		if err := run.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		_ = run.Wait()
		if code := run.ProcessState.ExitCode(); code != 3 {
			t.Errorf("%s: exit code %d", signal, code)
		}
		if !strings.Contains(out.String(), "this run decides nothing: the load was interrupted; what was measured by then is printed\n") || !strings.Contains(out.String(), "LATENCY: ") {
			t.Errorf("%s: it prints\n%s", signal, out.String())
		}
		checkKept(t, saved)
		if resp, err := http.Get(url); err == nil {
			resp.Body.Close()
			t.Errorf("%s: metrics are served after the end", signal)
		}
	}
}

// checkKept reads what was saved.
func checkKept(t *testing.T, name string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := result.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Invalid) == 0 || r.Latency == nil || len(r.Latency.Samples) != 2 || len(r.Latency.Samples[1].Response) < 90 || len(r.Requests) != 1 {
		t.Errorf("it keeps %s", data[:min(len(data), 2000)])
	}
}

// A run against a saved one finds what changed in between, with a load and without.
func TestProbeAgainst(t *testing.T) {
	var text atomic.Value
	text.Store("hello")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, text.Load()) }))
	defer server.Close()
	dir := t.TempDir()
	plan, saved := filepath.Join(dir, "plan.yaml"), filepath.Join(dir, "saved.json")
	if err := os.WriteFile(plan, []byte("version: 1\nrequests:\n- {name: home, host: shop.example.com, path: /}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	probe := func(args ...string) (string, int) {
		run := command(append([]string{"probe", "run", plan}, args...)...)
		out, _ := run.CombinedOutput()
		return string(out), run.ProcessState.ExitCode()
	}
	if out, code := probe("--before", server.URL, "--save", saved); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	if out, code := probe("--after", server.URL, "--against", saved); code != 0 || !strings.Contains(out, "1 same") {
		t.Errorf("nothing changed, and the exit code is %d:\n%s", code, out)
	}
	text.Store("goodbye")
	if out, code := probe("--after", server.URL, "--against", saved); code != 1 || !strings.Contains(out, "CHANGED: home\n  body: before") {
		t.Errorf("the body changed, and the exit code is %d:\n%s", code, out)
	}
	if out, code := probe("--after", server.URL, "--against", saved, "--no-body"); code != 2 || !strings.Contains(out, "give the same --compare-header, --no-body and --backend") {
		t.Errorf("other parts are compared, and the exit code is %d:\n%s", code, out)
	}
	if out, code := probe("--after", server.URL, "--against", saved, "--rate", "10"); code != 2 || !strings.Contains(out, "it holds no samples") {
		t.Errorf("there are no samples, and the exit code is %d:\n%s", code, out)
	}
}
