package browser

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// hostile is a name that would break out of a page that does not escape it.
const hostile = `</style><script>alert(1)</script><img src=x onerror=alert(2)>`

// probed is the page of a demo whose first request has a hostile name.
var probed = sync.OnceValues(func() (string, error) {
	mesh2gw, err := command()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "mesh2gw-probe-")
	if err != nil {
		return "", err
	}
	saved, page := filepath.Join(dir, "demo.json"), filepath.Join(dir, "probe.html")
	for try := 0; ; try++ {
		demo := exec.Command(mesh2gw, "probe", "demo", "--save", saved, "--output", os.DevNull)
		out, err := demo.CombinedOutput()
		if demo.ProcessState.ExitCode() == 1 {
			break
		}
		if try == 2 || demo.ProcessState.ExitCode() != 3 { // 3: the machine was too busy for a valid run
			return "", fmt.Errorf("the demo found nothing: %w\n%s", err, out)
		}
	}
	data, err := os.ReadFile(saved)
	if err != nil {
		return "", err
	}
	named := strings.ReplaceAll(string(data), `"front page"`, quoted(hostile))
	if err := os.WriteFile(saved, []byte(named), 0o644); err != nil {
		return "", err
	}
	merge := exec.Command(mesh2gw, "probe", "merge", saved, "--format", "html", "--output", page)
	if out, err := merge.CombinedOutput(); merge.ProcessState.ExitCode() != 1 {
		return "", fmt.Errorf("merge: %w\n%s", err, out)
	}
	return page, nil
})

func probePage(t *testing.T) string {
	t.Helper()
	page, err := probed()
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// TestProbe opens what the probe's demo found: pictures with a description, hostile
// names as text, and nothing wider than the screen.
func TestProbe(t *testing.T) {
	o := window(t, probePage(t))
	o.do(chromedp.Navigate(o.url))
	o.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true; })`))
	o.holds(`document.querySelectorAll("script, img, link, iframe, object").length === 0`)
	o.holds(`document.querySelectorAll("style").length === 1`)
	o.holds(`document.querySelector("main").innerText.includes(` + quoted(hostile) + `)`)
	o.holds(`document.querySelectorAll("figure svg[role=img]").length >= 4`)
	o.holds(`[...document.querySelectorAll("figure svg[role=img]")].every((s) => s.getAttribute("aria-labelledby").split(" ").every((id) => document.getElementById(id).textContent.length > 5))`)
	o.holds(`[...document.querySelectorAll("path.line")].every((p) => p.getTotalLength() > 50)`)
	for _, text := range []string{"Something changed.", "Shares of backends", "equivalent", "x-canary: 1", "https://shop.example.com/new"} {
		o.holds(`document.querySelector("main").innerText.includes(` + quoted(text) + `)`)
	}
	for _, width := range []int64{390, 320, 768, 1280} {
		o.do(chromedp.EmulateViewport(width, 900))
		if got := ask[int64](o, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("%d px wide: the page is %d px", width, got)
		}
		// Labels of a picture do not lie over one another.
		if over := ask[string](o, `[...document.querySelectorAll("figure svg")].flatMap((s) => { const t = [...s.querySelectorAll("text")].map((e) => [e, e.getBoundingClientRect()]);
			return t.flatMap(([a, r], i) => t.slice(i + 1).filter(([, q]) => r.left < q.right - 1 && q.left < r.right - 1 && r.top < q.bottom - 2 && q.top < r.bottom - 2).map(([b]) => a.textContent + " over " + b.textContent)); }).join(", ")`); over != "" {
			t.Errorf("%d px wide: %s", width, over)
		}
	}
}

// TestProbeKeyboard reaches every group of requests by the keyboard, and what has
// the focus can be seen.
func TestProbeKeyboard(t *testing.T) {
	o := window(t, probePage(t))
	o.do(chromedp.Navigate(o.url))
	groups := ask[int64](o, `document.querySelectorAll("summary").length`)
	seen := map[string]bool{}
	for range groups + 4 {
		o.press("\t")
		if name := ask[string](o, `document.activeElement.matches("summary:focus-visible") && getComputedStyle(document.activeElement).outlineStyle !== "none" ? document.activeElement.innerText : ""`); name != "" {
			seen[name] = true
		}
	}
	if int64(len(seen)) != groups || groups == 0 {
		t.Errorf("%d of %d groups are reached: %v", len(seen), groups, seen)
	}
}

// TestProbePictures takes the page for people to look at, as TestPictures does.
func TestProbePictures(t *testing.T) {
	dir := os.Getenv("MESH2GW_PICTURES")
	if dir == "" {
		t.Skip("MESH2GW_PICTURES names no folder")
	}
	o := window(t, probePage(t))
	o.do(chromedp.Navigate(o.url))
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			o.scheme(scheme)
			o.do(chromedp.EmulateViewport(width, 1100))
			picture, err := chromedp.Run(o.ctx, chromedp.FullScreenshot(100))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("probe-%d-%s.png", width, scheme)), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
