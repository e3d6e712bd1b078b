package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// command is the mesh2gw that is tested: built from this tree, or what MESH2GW names.
var command = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("MESH2GW"); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "mesh2gw-browser-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "mesh2gw")
	build := exec.Command("go", "build", "-o", path, "./cmd/mesh2gw")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build mesh2gw: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := command(); err == nil && os.Getenv("MESH2GW") == "" {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// report is the file with the HTML report of args.
func report(t *testing.T, args ...string) string {
	t.Helper()
	return written(t, "html", args...)
}

// older is a report to compare with: of a part of the input.
func older(t *testing.T) string {
	t.Helper()
	return written(t, "json", "testdata/shop/bookinfo")
}

// written runs mesh2gw report with args and returns the file with its output.
func written(t *testing.T, format string, args ...string) string {
	t.Helper()
	mesh2gw, err := command()
	if err != nil {
		t.Fatal(err)
	}
	var out, complaints bytes.Buffer
	run := exec.Command(mesh2gw, append([]string{"report", "--no-config", "--format", format}, args...)...)
	run.Stdout, run.Stderr = &out, &complaints
	if err := run.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", run.Args, err, complaints.Bytes())
	}
	path := filepath.Join(t.TempDir(), "report."+format)
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// used are the flags that have the report show an audit and a cost.
func used(t *testing.T) []string {
	t.Helper()
	mesh2gw, err := command()
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("../../testdata/script/audit.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"mesh.yaml", "pods.yaml", "metrics.json"} {
		_, text, _ := strings.Cut(string(script), "\n-- "+name+" --\n")
		text, _, _ = strings.Cut(text, "\n-- ")
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range []string{
		"audit mesh.yaml pods.yaml --metrics metrics.json --format json=audit.json",
		"cost --pods 1000 --nodes 30 --waypoints 20 --rps 400000 --node-cpu 4 --node-memory 16Gi --format json=cost.json",
	} {
		run := exec.Command(mesh2gw, strings.Fields(args)...)
		run.Dir = dir
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", run.Args, err, out)
		}
	}
	return []string{"--audit", filepath.Join(dir, "audit.json"), "--cost", filepath.Join(dir, "cost.json")}
}

// chromium finds the browser: the one that CHROMIUM names, or one of the usual.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no Chromium found: install it (apt-get install --no-install-recommends chromium), or name it in CHROMIUM")
	return ""
}

// opened is a page in the browser.
type opened struct {
	*testing.T
	ctx context.Context
	url string

	mu         sync.Mutex
	complaints []string // of the console
	requests   []string // that left the file
	dialogs    []string
}

// open shows the file in a window of its own, and looks at the end of the test
// that the page has complained of nothing and asked for nothing.
func open(t *testing.T, file string, before ...chromedp.Action[chromedp.Void]) *opened {
	t.Helper()
	o := window(t, file)
	o.do(before...)
	o.do(chromedp.Navigate(o.url))
	o.ready()
	return o
}

// openPlain shows the file with JavaScript switched off.
func openPlain(t *testing.T, file string) *opened {
	t.Helper()
	o := window(t, file)
	if _, err := chromedp.Call(o.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	o.do(chromedp.Navigate(o.url))
	return o
}

// window is an empty one for the file.
func window(t *testing.T, file string) *opened {
	t.Helper()
	allocator, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(chromium(t)), chromedp.Headless, chromedp.DisableGPU, chromedp.NoSandbox, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("hide-scrollbars", true), chromedp.WindowSize(1280, 900))
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	o := &opened{T: t, ctx: ctx, url: (&url.URL{Scheme: "file", Path: file}).String()}
	if err := chromedp.Listen(ctx, o.hear); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.quiet)
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	return o
}

// ready waits until the script has set the page up.
func (o *opened) ready() {
	o.Helper()
	o.until(`document.documentElement.dataset.ready === "true"`)
}

// hear notes what must not happen.
func (o *opened) hear(event any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, o.url) {
			o.requests = append(o.requests, e.Request.URL)
		}
	case *runtime.EventConsoleAPICalled:
		o.complaints = append(o.complaints, fmt.Sprintf("console.%s", e.Type))
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		o.complaints = append(o.complaints, text)
	case *log.EventEntryAdded:
		o.complaints = append(o.complaints, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *page.EventJavascriptDialogOpening:
		o.dialogs = append(o.dialogs, e.Message)
	}
}

func (o *opened) quiet() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.complaints {
		o.Errorf("the console says %s", c)
	}
	for _, r := range o.requests {
		o.Errorf("the page asks for %s", r)
	}
	for _, d := range o.dialogs {
		o.Errorf("a dialog opens: %s", d)
	}
}

func (o *opened) do(steps ...chromedp.Action[chromedp.Void]) {
	o.Helper()
	if err := chromedp.Do(o.ctx, steps...); err != nil {
		o.Fatal(err)
	}
}

// ask is the value of a JavaScript expression.
func ask[T any](o *opened, expression string) T {
	o.Helper()
	v, err := chromedp.Run(o.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		o.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits for an expression to hold.
func (o *opened) until(expression string) {
	o.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for !ask[bool](o, "Boolean("+expression+")") {
		if time.Now().After(deadline) {
			o.Fatalf("never holds: %s", expression)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// holds fails the test if an expression does not hold.
func (o *opened) holds(expression string) {
	o.Helper()
	if !ask[bool](o, "Boolean("+expression+")") {
		o.Errorf("does not hold: %s", expression)
	}
}

// press types keys into what has the focus.
func (o *opened) press(keys string) {
	o.Helper()
	o.do(chromedp.KeyEvent(keys))
}

// strike presses one key as a keyboard does: it types the character unless the page
// takes the key for itself. KeyEvent would type it in any case.
func (o *opened) strike(key string) {
	o.Helper()
	for _, params := range []input.DispatchKeyEventParams{{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Text: key}, {Type: input.DispatchKeyEventTypeKeyUp, Key: key}} {
		if _, err := chromedp.Call(o.ctx, input.DispatchKeyEvent, params); err != nil {
			o.Fatal(err)
		}
	}
}

// scheme makes the system prefer light or dark.
func (o *opened) scheme(name string) {
	o.Helper()
	o.emulate(emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
}

// media shows the page as it is on paper, or on a screen.
func (o *opened) media(name string) {
	o.Helper()
	o.emulate(emulation.SetEmulatedMediaParams{Media: name})
}

func (o *opened) emulate(params emulation.SetEmulatedMediaParams) {
	o.Helper()
	if _, err := chromedp.Call(o.ctx, emulation.SetEmulatedMedia, params); err != nil {
		o.Fatal(err)
	}
}

// quoted is text as a string of JavaScript.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(b)
}
