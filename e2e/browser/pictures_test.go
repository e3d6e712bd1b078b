package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPictures takes the page at both widths, light and dark, into the folder that
// MESH2GW_PICTURES names: they are for people to look at.
func TestPictures(t *testing.T) {
	dir := os.Getenv("MESH2GW_PICTURES")
	if dir == "" {
		t.Skip("MESH2GW_PICTURES names no folder")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	o := open(t, report(t, append(used(t), "--compare", older(t), "testdata/shop")...))
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			o.scheme(scheme)
			o.do(chromedp.EmulateViewport(width, 1100))
			for _, section := range []string{"summary", "changes", "namespaces", "hosts", "findings", "files", "sidecar", "applications", "audit", "cost", "runbook", "accepted"} {
				o.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`
					document.querySelectorAll("#hosts-list > details, #findings-list > details").forEach((d, i, all) => { d.open = d === d.parentNode.children[0]; });
					(document.querySelector("#%s") || document.body).scrollIntoView()`, section)))
				if section == "files" {
					o.until(`document.querySelector("#source .line")`)
				}
				picture, err := chromedp.Run(o.ctx, chromedp.CaptureScreenshot())
				if err != nil {
					t.Fatal(err)
				}
				name := filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", section, width, scheme))
				if err := os.WriteFile(name, picture, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
