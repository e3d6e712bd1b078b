package print

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/report"
)

// The page is made of these; the script is all of scripts, one after the other.
//
//go:embed html
var pageFiles embed.FS

var scripts = []string{"dom.js", "address.js", "graph.js", "hosts.js", "findings.js", "files.js", "start.js"}

// ReportHTML writes r, and what c says about an older run if it is not nil, as
// one page that needs no network. What r holds was written by strangers: the
// template escapes it, the data reach the script as JSON that no HTML parser can
// read, and the page's policy lets no other script run.
func ReportHTML(w io.Writer, r *report.Report, c *report.Comparison) error {
	return Extras{}.ReportHTML(w, r, c)
}

// ReportHTML is ReportHTML with the sections of x.
func (x Extras) ReportHTML(w io.Writer, r *report.Report, c *report.Comparison) error {
	style, script, err := pageAssets()
	if err != nil {
		return err
	}
	p := newPage(r, c)
	p.Extras = x
	p.Style, p.Script, p.Policy = template.CSS(style), template.JS(script), ContentPolicy(style, script)
	if p.Data, err = packed(p.data()); err != nil {
		return err
	}
	t, err := template.New("page.html").Funcs(pageFuncs()).Funcs(usedFuncs()).ParseFS(pageFiles, "html/*.html")
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

// pageAssets reads the style sheet and the script.
func pageAssets() (style, script string, err error) {
	css, err := pageFiles.ReadFile("html/page.css")
	if err != nil {
		return "", "", err
	}
	var all strings.Builder
	all.WriteString("\n(() => {\n\"use strict\";\n")
	for _, name := range scripts {
		text, err := pageFiles.ReadFile("html/" + name)
		if err != nil {
			return "", "", err
		}
		all.Write(text)
	}
	all.WriteString("})();\n")
	return "\n" + string(css), all.String(), nil
}

// PageStyle is the style sheet of the report, for other pages of mesh2gw.
func PageStyle() (string, error) {
	css, err := pageFiles.ReadFile("html/page.css")
	return "\n" + string(css), err
}

// ContentPolicy lets the page's own style and script ("" for none) run, and loads nothing from
// anywhere. https://www.w3.org/TR/CSP3/#framework-directives
func ContentPolicy(style, script string) string {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	scripts := "'none'"
	if script != "" {
		scripts = hash(script)
	}
	return "default-src 'none'; style-src " + hash(style) + "; script-src " + scripts +
		"; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
}

// packed is v as JSON, compressed, as a JSON string of base64: YAML repeats
// itself, so a large report shrinks to a twentieth. The alphabet of base64 has
// nothing that a script element could end at.
func packed(v any) (template.JS, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(text); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return template.JS(`"` + base64.StdEncoding.EncodeToString(out.Bytes()) + `"`), nil
}
