package hints

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// scenario is a call, or some at a time, and what must come of it. The numbers
// are those of testdata/mesh.yaml.
type scenario struct {
	name    string
	at      int    // calls at a time; 0: one
	service string // of the driver
	method  string
	query   string
	want    string // statuses, "error" for no answer; ordered
	calls   int    // that the server gets
	most    time.Duration
}

var scenarios = []scenario{
	{name: "three retries help", service: "flaky", method: "GET", query: "fail=3&how=503", want: "200", calls: 4},
	{name: "attempts 3 are 4 calls", service: "flaky", method: "GET", query: "fail=9&how=503", want: "503", calls: 4},
	{name: "PUT may be repeated", service: "flaky", method: "PUT", query: "fail=1&how=500", want: "200", calls: 2},
	{name: "POST may not", service: "flaky", method: "POST", query: "fail=1&how=503", want: "503", calls: 1},
	{name: "404 is an answer", service: "flaky", method: "GET", query: "fail=1&how=404", want: "404", calls: 1},
	{name: "a broken connection", service: "flaky", method: "GET", query: "fail=1&how=reset", want: "200", calls: 2},
	{name: "a broken connection, POST", service: "flaky", method: "POST", query: "fail=1&how=reset", want: "error", calls: 1},
	{name: "a try that takes too long", service: "flaky", method: "GET", query: "fail=1&how=slow", want: "200", calls: 2, most: 2500 * time.Millisecond},
	{name: "a rule without retries", service: "flaky-rule1", method: "GET", query: "fail=1&how=503", want: "503", calls: 1},
	{name: "the time for all tries", service: "bounded", method: "GET", query: "fail=9&how=slow", want: "error", calls: 1, most: 1500 * time.Millisecond},
	{name: "the time for all tries with short tries", service: "bounded", method: "GET", query: "fail=99&how=503&hold=200", want: "error", calls: 0, most: 1500 * time.Millisecond},
	{name: "two at a time", at: 5, service: "narrow", method: "GET", query: "fail=0&hold=400", want: "200 200 error error error", calls: 2},
	{name: "and two again", at: 2, service: "narrow", method: "GET", query: "fail=0&hold=10", want: "200 200", calls: 2},
}

// language is a way to run what is written in one.
type language struct {
	name  string
	setUp func(t *testing.T, dir string) *exec.Cmd // makes a program of the hints in dir and the driver
}

func TestHints(t *testing.T) {
	tool := buildTool(t)
	for _, l := range languages {
		t.Run(l.name, func(t *testing.T) {
			dir := t.TempDir()
			run(t, ".", tool, "hints", "testdata/mesh.yaml", "--lang", l.name, "--out-dir", filepath.Join(dir, "calls"))
			d := start(t, l.setUp(t, dir))
			warm(t, d)
			for _, s := range scenarios {
				t.Run(s.name, func(t *testing.T) { try(t, d, s) })
			}
			t.Run("the server comes late", func(t *testing.T) { late(t, d) })
			t.Run("breaker", func(t *testing.T) { breaker(t, d) })
			t.Run("waits", func(t *testing.T) { waits(t, d) })
		})
	}
}

// warm makes a call to each service that counts nothing: the first takes long.
func warm(t *testing.T, d *driver) {
	server := newServer(t)
	for _, service := range []string{"flaky", "flaky-rule1", "late", "fragile", "narrow", "bounded"} {
		d.call(t, 1, service, "GET", server.URL+"/x?id=x&fail=0")
	}
}

func try(t *testing.T, d *driver, s scenario) {
	server := newServer(t)
	begin := time.Now()
	got := d.call(t, max(s.at, 1), s.service, s.method, server.URL+"/x?id=x&"+s.query)
	took := time.Since(begin)
	if got != s.want {
		t.Errorf("the client got %s, want %s", got, s.want)
	}
	if n := len(server.calls("x")); s.calls > 0 && n != s.calls {
		t.Errorf("the server got %d calls, want %d", n, s.calls)
	}
	if s.most > 0 && took > s.most {
		t.Errorf("it took %s, want at most %s", took, s.most)
	}
	if s.at > 0 && server.most > 2 {
		t.Errorf("%d calls were under way at a time, want at most 2", server.most)
	}
}

// late lets nobody listen at first: connections that do not come about are
// retried for every method. That all three waits of up to 2, 4 and 8 s are over
// within the 100 ms happens once in 400,000 times.
func late(t *testing.T, d *driver) {
	at := closedPort(t)
	go func() {
		time.Sleep(100 * time.Millisecond)
		l, err := net.Listen("tcp", at)
		if err != nil {
			return // the call gets an error
		}
		server := newServer(t)
		l2 := server.Listener.Addr().String()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go pipe(c, l2)
		}
	}()
	if got := d.call(t, 1, "late", "POST", "http://"+at+"/x?id=x"); got != "200" {
		t.Errorf("the client got %s, want 200", got)
	}
}

func pipe(c net.Conn, to string) {
	defer c.Close()
	s, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer s.Close()
	go io.Copy(s, c)
	io.Copy(c, s)
}

// breaker opens after three failures in a row, and closes a second later.
func breaker(t *testing.T, d *driver) {
	server := newServer(t)
	call := func(id, query, want string, calls int) {
		t.Helper()
		if got := d.call(t, 1, "fragile", "GET", server.URL+"/x?id="+id+"&"+query); got != want {
			t.Errorf("%s: the client got %s, want %s", id, got, want)
		}
		if n := len(server.calls(id)); n != calls {
			t.Errorf("%s: the server got %d calls, want %d", id, n, calls)
		}
	}
	call("a", "fail=9&how=503", "503", 1)
	call("b", "fail=9&how=500", "500", 1)
	call("c", "fail=0", "200", 1) // failures are counted in a row
	call("d", "fail=9&how=503", "503", 1)
	call("e", "fail=9&how=404", "404", 1) // an answer
	call("f", "fail=9&how=503", "503", 1)
	call("g", "fail=9&how=503", "503", 1)
	call("h", "fail=9&how=503", "503", 1)
	call("i", "fail=0", "error", 0)
	time.Sleep(1200 * time.Millisecond)
	call("j", "fail=0", "200", 1)
	call("k", "fail=0", "200", 1)
}

// waits holds the time between calls to the bounds 40, 80 and 160 ms, with what a
// busy machine adds, and wants some of them to differ.
func waits(t *testing.T, d *driver) {
	const slack = 120 * time.Millisecond
	server := newServer(t)
	var shortest, longest time.Duration = time.Hour, 0
	for i := range 6 {
		id := fmt.Sprint("w", i)
		d.call(t, 1, "flaky", "GET", server.URL+"/x?fail=9&how=503&id="+id)
		at := server.calls(id)
		if len(at) != 4 {
			t.Fatalf("the server got %d calls, want 4", len(at))
		}
		for n, bound := range []time.Duration{40 * time.Millisecond, 80 * time.Millisecond, 160 * time.Millisecond} {
			wait := at[n+1].Sub(at[n])
			if wait > bound+slack {
				t.Errorf("wait %d was %s, want at most %s", n+1, wait, bound)
			}
			shortest, longest = min(shortest, wait), max(longest, wait)
		}
	}
	if longest < 30*time.Millisecond || longest-shortest < 20*time.Millisecond {
		t.Errorf("all of 18 waits took between %s and %s: they are not random up to 160 ms", shortest, longest)
	}
}

// driver is a program that makes the calls that it is told to.
type driver struct {
	in  io.Writer
	out *bufio.Scanner
}

func start(t *testing.T, command *exec.Cmd) *driver {
	t.Helper()
	var told strings.Builder
	command.Stderr = &told
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := command.Wait(); err != nil {
			t.Errorf("the driver ended with %v\n%s", err, told.String())
		} else if t.Failed() {
			t.Log(told.String())
		}
	})
	return &driver{in, bufio.NewScanner(out)}
}

// call makes n calls at a time, and returns the statuses.
func (d *driver) call(t *testing.T, n int, service, method, url string) string {
	t.Helper()
	if _, err := fmt.Fprintln(d.in, n, service, method, url); err != nil {
		t.Fatal(err)
	}
	if !d.out.Scan() {
		t.Fatal("the driver says nothing any more")
	}
	return d.out.Text()
}

// tool builds mesh2gw once.
var tool = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "mesh2gw-hints-")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "mesh2gw")
	command := exec.Command("go", "build", "-o", name, "./cmd/mesh2gw")
	command.Dir = "../.."
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return name, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if name, err := tool(); err == nil {
		os.RemoveAll(filepath.Dir(name))
	}
	os.Exit(code)
}

func buildTool(t *testing.T) string {
	t.Helper()
	name, err := tool()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// run runs a command in dir and returns what it writes.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = dir
	var told strings.Builder
	command.Stderr = &told
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, told.String())
	}
	return string(out)
}

// cache is a folder that stays from run to run.
func cache(t *testing.T, name string) string {
	t.Helper()
	base, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(base, "mesh2gw-hints", name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// need fails where a program is missing, with the way to have it.
func need(t *testing.T, program, how string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Fatalf("%s is missing: %s", program, how)
	}
}

// copyFile copies a file of testdata/drivers.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o666); err != nil {
		t.Fatal(err)
	}
}
