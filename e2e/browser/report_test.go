package browser

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Expressions that several tests ask.
const (
	shownFindings = `document.querySelector("#findings-shown").textContent`
	shownRules    = `[...document.querySelectorAll("#findings-list > details")].map((d) => d.querySelector(".id").textContent).join(" ")`
	shownHosts    = `[...document.querySelectorAll("#hosts-list > details")].map((d) => d.querySelector(".name").textContent).join(" ")`
	focused       = `document.activeElement.id || document.activeElement.dataset.key || document.activeElement.tagName`
)

// TestOpens looks at what is there when the page has been opened from disk.
func TestOpens(t *testing.T) {
	o := open(t, report(t, "testdata/shop"))
	for _, id := range []string{"summary", "namespaces", "hosts", "findings", "files", "sidecar", "applications", "runbook", "accepted"} {
		o.holds(fmt.Sprintf(`document.querySelector("#%s").offsetHeight > 50`, id))
	}
	o.holds(`document.querySelector("#accepted").textContent.includes("the clients bound it themselves")`)
	o.holds(`document.querySelector("h1").textContent === "Not ready to migrate"`)
	o.holds(`document.querySelectorAll("h1").length === 1`)
	o.holds(`document.querySelectorAll("#hosts-list > details").length > 3`)
	o.holds(`new Set([...document.querySelectorAll("[id]")].map((e) => e.id)).size === document.querySelectorAll("[id]").length`)
	o.holds(`[...document.querySelectorAll("input, select")].every((e) => e.labels.length === 1)`)
	o.holds(`[...document.querySelectorAll("button, a[href]")].every((e) => (e.textContent.trim() || e.getAttribute("aria-label")))`)
	o.holds(`[...document.querySelectorAll("svg")].every((e) => e.getAttribute("role") === "img" && e.getAttribute("aria-label"))`)
	o.holds(`[...document.querySelectorAll("nav a")].every((a) => document.querySelector(a.hash))`)
}

// TestSearchAndFilters changes what is shown, and the address with it.
func TestSearchAndFilters(t *testing.T) {
	o := open(t, report(t, "testdata/shop"))
	all := ask[string](o, shownFindings)
	o.do(chromedp.SendKeys(chromedp.CSS("#search"), "delay"))
	o.until(`!` + shownFindings + `.startsWith("` + all[:4] + `")`)
	if got := ask[string](o, shownRules); got != "MG100" {
		t.Errorf(`search for "delay" shows %q`, got)
	}
	o.holds(`location.hash.includes("search=delay")`)
	o.press(kb.Escape)
	o.until(shownFindings + ` === ` + fmt.Sprintf("%q", all))

	o.do(chromedp.Click(chromedp.CSS("[data-filter=findings] input[value=warning]")))
	o.until(`location.hash.includes("severity=warning")`)
	o.holds(`[...document.querySelectorAll("#findings-list .badge")].every((b) => b.textContent.includes("Warning"))`)
	o.do(chromedp.Reload())
	o.ready()
	o.holds(`document.querySelector("input[value=warning]").checked`)
	o.holds(`[...document.querySelectorAll("#findings-list > details > summary .badge")].every((b) => b.textContent.includes("Warning"))`)

	o.do(chromedp.Click(chromedp.CSS("[data-filter=findings] button[type=reset]")))
	o.until(shownFindings + ` === ` + fmt.Sprintf("%q", all))
	for _, key := range []string{"group", "rule", "namespace", "file"} {
		o.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{
			const s = document.querySelector("select[data-key=%s]");
			s.selectedIndex = 1;
			s.dispatchEvent(new Event("change"));
		}`, key)))
		o.holds(`location.hash.includes("` + key + `=")`)
		o.holds(`document.querySelectorAll("#findings-list > details").length > 0`)
		o.do(chromedp.Click(chromedp.CSS("[data-filter=findings] button[type=reset]")))
	}

	hosts := ask[string](o, shownHosts)
	o.do(chromedp.Click(chromedp.CSS("[data-filter=hosts] input[value=equal]")))
	o.until(shownHosts + ` !== ` + fmt.Sprintf("%q", hosts))
	o.holds(`[...document.querySelectorAll("#hosts-list > details > summary .badge")].every((b) => b.textContent.includes("Equal"))`)
	o.do(chromedp.SendKeys(chromedp.CSS("[data-key=host]"), "nobody.serves.this"))
	o.until(`document.querySelector("#hosts-list").textContent === "No host is like that."`)
}

// TestHost opens a host that differs: the request that shows it, both tables, both
// graphs.
func TestHost(t *testing.T) {
	o := open(t, report(t, "testdata/shop"))
	o.do(chromedp.Click(chromedp.CSS("#hosts-list > details:first-child > summary")))
	o.until(`document.querySelector("#hosts-list > details[open] .graph")`)
	o.holds(`document.querySelectorAll("#hosts-list > details[open] .graph").length === 2`)
	o.holds(`document.querySelectorAll("#hosts-list > details[open] table.rules").length === 2`)
	o.holds(`document.querySelector("#hosts-list > details[open] .edge.changed")`)
	o.holds(`document.querySelector("#hosts-list > details[open] .difference code").textContent.startsWith("GET ")`)
	o.holds(`document.querySelector("#hosts-list > details[open] .difference pre").textContent.startsWith("curl ")`)
	o.do(chromedp.Click(chromedp.CSS("#hosts-list > details[open] .difference a")))
	o.until(`location.hash.startsWith("#findings?only=")`)
	o.until(`document.querySelectorAll("#findings-list > details[open]").length > 0`)
}

// TestFiles follows a rule to its line, to the line on the other side, and back.
func TestFiles(t *testing.T) {
	o := open(t, report(t, "testdata/shop"))
	o.do(chromedp.Click(chromedp.CSS("#hosts-list > details:first-child > summary")))
	o.until(`document.querySelector("details[open] table.rules a.place")`)
	o.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("details[open] table.rules a.place").click()`))
	o.until(`document.querySelector("#source .current") && document.querySelector("#object .current")`)
	o.holds(`document.querySelector("#source .current").textContent.includes("uri")`)
	if line := ask[string](o, `document.querySelector("#object .current .text").textContent`); !strings.HasPrefix(strings.TrimSpace(line), "- ") {
		t.Errorf("the line of the output is %q", line)
	}
	before := ask[string](o, `document.querySelector("#source .current").textContent`)
	o.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#object .current a").click()`))
	o.until(`location.hash.includes("object=") && location.hash.includes("source=")`)
	if after := ask[string](o, `document.querySelector("#source .current").textContent`); after != before {
		t.Errorf("from the output back: %q, want %q", after, before)
	}
	o.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#source a.mark").click()`))
	o.until(`location.hash.startsWith("#findings?only=")`)
}

// TestKeyboard goes through the page without a mouse.
func TestKeyboard(t *testing.T) {
	o := open(t, report(t, "testdata/shop"))
	o.press(kb.Tab)
	o.holds(`document.activeElement.className === "skip"`)
	o.holds(`document.activeElement.getBoundingClientRect().top >= 0`)
	o.strike("/")
	if got := ask[string](o, focused); got != "search" {
		t.Errorf(`"/" focuses %s`, got)
	}
	o.strike("/")
	o.strike("x")
	if got := ask[string](o, `document.querySelector("#search").value`); got != "/x" {
		t.Errorf("typing /x into the search gives %q", got)
	}
	o.press(kb.Escape)
	o.do(chromedp.Focus(chromedp.CSS("#hosts-list summary")))
	o.press(kb.ArrowDown)
	o.holds(`document.activeElement.parentNode === document.querySelector("#hosts-list").children[1]`)
	o.press(kb.End)
	o.holds(`document.activeElement.parentNode === document.querySelector("#hosts-list").lastElementChild`)
	o.press(kb.Home)
	o.press(kb.Enter)
	o.until(`document.querySelector("#hosts-list > details").open`)
	o.holds(`getComputedStyle(document.activeElement).outlineStyle !== "none"`)
	seen := map[string]bool{}
	for range 400 {
		o.press(kb.Tab)
		place := ask[string](o, `(document.activeElement.closest("section") || document.activeElement).id`)
		seen[place] = true
		if seen["hosts"] && place == "runbook" {
			break
		}
	}
	for _, id := range []string{"hosts", "findings", "files", "applications", "runbook"} {
		if !seen[id] {
			t.Errorf("Tab does not reach %s", id)
		}
	}
}

// TestThemes asks for both schemes, by the system and by the button, and for
// contrast in both.
func TestThemes(t *testing.T) {
	o := open(t, report(t, append(used(t), "--compare", older(t), "testdata/shop")...))
	o.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true; })`))
	const ground = `getComputedStyle(document.body).backgroundColor`
	o.scheme("light")
	light := ask[string](o, ground)
	if bad := ask[string](o, poorContrast); bad != "" {
		t.Errorf("light: %s", bad)
	}
	o.scheme("dark")
	dark := ask[string](o, ground)
	if bad := ask[string](o, poorContrast); bad != "" {
		t.Errorf("dark: %s", bad)
	}
	if light == dark {
		t.Errorf("light and dark are both %s", light)
	}
	o.do(chromedp.Click(chromedp.CSS("#theme")))
	o.until(ground + ` === ` + fmt.Sprintf("%q", light))
	o.do(chromedp.Click(chromedp.CSS("#theme")))
	o.until(ground + ` === ` + fmt.Sprintf("%q", dark))
}

// poorContrast names texts with less contrast than WCAG 2.2 asks for at level AA
// (4.5, or 3 for large text), https://www.w3.org/TR/WCAG22/#contrast-minimum. A canvas
// makes numbers of colours.
const poorContrast = `(() => {
	const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
	const numbers = (colour) => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); return [...pen.getImageData(0, 0, 1, 1).data]; };
	const light = ([r, g, b]) => { const l = [r, g, b].map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2]; };
	const ground = (e) => { for (; e; e = e.parentElement) { const c = numbers(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255]; };
	const bad = new Set();
	for (const e of document.querySelectorAll("body *")) {
		if (e.closest("script, style, svg, .hide, .skip, option") || !e.offsetParent || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
		const style = getComputedStyle(e), a = light(numbers(style.color)), b = light(ground(e));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) bad.add(e.tagName + "." + e.className + " " + ratio.toFixed(2));
	}
	return [...bad].slice(0, 10).join(", ");
})()`

// TestNarrow opens everything on a phone: nothing is wider than the screen.
func TestNarrow(t *testing.T) {
	for _, width := range []int64{390, 320, 768, 1280} {
		o := open(t, report(t, append(used(t), "--compare", older(t), "testdata/shop")...), chromedp.EmulateViewport(width, 844))
		o.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true; })`))
		o.until(`document.querySelector("details[open] .graph")`)
		if got := ask[int64](o, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("%d px wide: the page is %d px", width, got)
		}
		if wide := ask[string](o, `[...document.querySelectorAll("main *")].filter((e) => !e.closest(".code, .scroll, .hide, thead, svg, .toc, option") && e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map((e) => e.tagName + "." + e.className).join(" ")`); wide != "" {
			t.Errorf("%d px wide: cut off at the right: %s", width, wide)
		}
	}
}

// pdfPage is what each page of a PDF begins with, where its objects are not compressed.
var pdfPage = regexp.MustCompile(`/Type\s*/Page\b`)

// TestPrint makes a PDF: all sections are on paper, and no controls.
func TestPrint(t *testing.T) {
	o := open(t, report(t, append(used(t), "testdata/shop")...))
	o.do(chromedp.Evaluate[chromedp.Void](`addEventListener("afterprint", () => { window.printed = true; })`))
	on := true
	pdf, err := chromedp.Call(o.ctx, page.PrintToPDF, page.PrintToPDFParams{PrintBackground: &on, GenerateTaggedPDF: &on})
	if err != nil {
		t.Fatal(err)
	}
	pages := len(pdfPage.FindAll(pdf.Data, -1))
	t.Logf("%d pages, %d bytes", pages, len(pdf.Data))
	if pages < 5 {
		t.Errorf("the PDF has %d pages: sections are missing", pages)
	}
	o.until(`window.printed`)
	o.holds(`document.querySelectorAll("#hosts-list > details[open]").length === 0`)

	// The same without the printer, so that one can look at it.
	o.media("print")
	o.do(chromedp.Evaluate[chromedp.Void](`dispatchEvent(new Event("beforeprint"))`))
	for _, id := range []string{"summary", "namespaces", "hosts", "findings", "files", "sidecar", "applications", "audit", "cost", "runbook"} {
		o.holds(fmt.Sprintf(`document.querySelector("#%s").offsetHeight > 50`, id))
	}
	o.holds(`[...document.querySelectorAll("#hosts-list > details, #findings-list > details")].every((d) => d.open && d.querySelector(".body").offsetHeight > 0)`)
	o.holds(`[...document.querySelectorAll("button, input, .toc, .top")].every((e) => !e.offsetParent && e.getClientRects().length === 0)`)
	o.holds(`getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)"`)
	o.holds(`[...document.querySelectorAll("#source .piece")].every((p) => p.children.length > 0)`)
	o.do(chromedp.Evaluate[chromedp.Void](`dispatchEvent(new Event("afterprint"))`))
	o.holds(`document.querySelectorAll("#hosts-list > details[open]").length === 0`)
}

// TestCompared shows what changed since an older run.
func TestCompared(t *testing.T) {
	o := open(t, report(t, append(used(t), "--compare", older(t), "testdata/shop")...))
	o.holds(`document.querySelectorAll("#changes .worse li").length > 0`)
	o.holds(`document.querySelector("#changes table .badge")`)
}
