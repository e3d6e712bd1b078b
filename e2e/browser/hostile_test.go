package browser

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestHostile opens a report on objects whose names, labels, paths, headers and file
// names are made to break out of it. harness_test.go sees dialogs and requests.
func TestHostile(t *testing.T) {
	dir := t.TempDir()
	names, err := os.ReadFile("testdata/hostile/names.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, `"><img src=x onerror=alert(10)>.yaml`), names, 0o644); err != nil {
		t.Fatal(err)
	}
	file := report(t, dir)
	o := open(t, file)
	o.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true; })`))
	o.until(`document.querySelector("details[open] .graph")`)
	o.do(chromedp.Evaluate[chromedp.Void](`{
		for (const s of document.querySelectorAll("select")) for (let i = 0; i < s.options.length; i++) { s.selectedIndex = i; s.dispatchEvent(new Event("change")); }
		document.querySelector("[data-filter=findings] button[type=reset]").click();
		document.querySelectorAll("details").forEach((d) => { d.open = true; });
		location.hash = "#files?source=<img src=x onerror=alert(1)>&row=1&object=0";
	}`))
	o.until(`document.querySelector("#object .line")`)
	o.holds(`document.querySelectorAll("script").length === 2`)
	o.holds(`document.querySelectorAll("img, iframe, object, embed, link, base, form[action], video, audio, math").length === 0`)
	o.holds(`[...document.querySelectorAll("*")].every((e) => [...e.attributes].every((a) => !a.name.startsWith("on")))`)
	o.holds(`[...document.querySelectorAll("a")].every((a) => a.getAttribute("href").startsWith("#"))`)
	o.holds(`document.querySelectorAll("style").length === 1`)
	for _, text := range []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(2)>`, `{{.}}`, `</script><script>alert(3)</script>`, `<!--<script>`, `\u003cscript`} {
		if !ask[bool](o, `(document.querySelector("main").innerText + [...document.querySelectorAll("option, .line")].map((e) => e.textContent).join("\n")).includes(`+quoted(text)+`)`) {
			t.Errorf("%s is not there as text", text)
		}
	}
	o.holds(`!document.documentElement.innerHTML.includes("ZgotmplZ")`)
}

// TestWithoutScript reads the page with JavaScript off, as a viewer for artifacts
// shows it.
func TestWithoutScript(t *testing.T) {
	file := report(t, "testdata/shop")
	o := openPlain(t, file)
	for _, text := range []string{"Not ready to migrate", "Namespaces", "books.example.com", "MG140", "Way out:", "Runbook", "kubectl"} {
		if !ask[bool](o, `document.body.textContent.includes(`+quoted(text)+`)`) {
			t.Errorf("without JavaScript the page does not say %q", text)
		}
	}
}
