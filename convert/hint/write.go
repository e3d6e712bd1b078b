package hint

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"slices"
	"strings"
	"text/template"
)

// File is a file of code, or of data.
type File struct {
	Name string // of the file alone, made of ASCII letters, digits, - and _
	Data []byte
}

// Language is what hints are written in.
type Language struct {
	Name    string // as on the command line
	Library string // that does the work, with the version that is written
	Counts  string // how the library counts: "retries", or "calls", which are one more
	// Untried says that no test runs what is written: only its form is tested.
	Untried bool
	write   func(Language, []Hint) ([]File, error)
	file    func(*page) string
	note    string // what begins a comment
	budget  bool   // whether a retry budget is written
}

// Languages returns all languages, in the order in which they are told.
func Languages() []Language {
	slashes := func(name, library, counts string, file func(*page) string) Language {
		return Language{Name: name, Library: library, Counts: counts, write: fromTemplate, note: "//", file: file}
	}
	all := []Language{
		slashes("go", "failsafe-go 0.9, net/http", "retries", func(p *page) string { return p.Snake() + "_calls.go" }),
		slashes("java", "Resilience4j 2, java.net.http", "calls", func(p *page) string { return p.Name() + "Calls.java" }),
		slashes("python", "tenacity 9, pybreaker 1.4, httpx 0.28", "calls", func(p *page) string { return p.Snake() + "_calls.py" }),
		slashes("node", "cockatiel 4, undici 7", "retries", func(p *page) string { return joinWords(p.Words, "-") + "-calls.mjs" }),
		slashes("dotnet", "Polly 8, System.Net.Http", "retries", func(p *page) string { return p.Name() + "Calls.cs" }),
		slashes("rust", "backon 1, reqwest 0.13", "retries", func(p *page) string { return p.Snake() + "_calls.rs" }),
		{Name: "grpc", Library: "gRPC service config", Counts: "calls", write: serviceConfigs},
		{Name: "json", Library: "docs/schema/hints.json", Counts: "both are written", write: asJSON},
	}
	all[0].budget, all[2].note, all[4].Untried = true, "#", true
	return all
}

// LanguageNamed returns the language of that name.
func LanguageNamed(name string) (Language, bool) {
	all := Languages()
	i := slices.IndexFunc(all, func(l Language) bool { return l.Name == name })
	if i < 0 {
		return Language{}, false
	}
	return all[i], true
}

// Write makes files of hints, one for each or, as JSON, one for all of them. The
// error is a bug of ours.
func (l Language) Write(hints []Hint) ([]File, error) { return l.write(l, hints) }

//go:embed lang/*.tmpl
var templates embed.FS

// fromTemplate writes lang/NAME.tmpl for each hint about HTTP.
func fromTemplate(l Language, hints []Hint) ([]File, error) {
	funcs := template.FuncMap{
		"comment": func(indent string, lines []string) string { return commented(indent+l.note+" ", lines) },
		"why":     func(n number) string { return because(l.note, n) },
		// between holds a number to what a library takes; 0 stays, and is none.
		"between": func(least, most int64, n number) int64 {
			if n.Value == 0 {
				return 0
			}
			return min(max(n.Value, least), most)
		},
	}
	t, err := template.New(l.Name+".tmpl").Funcs(funcs).ParseFS(templates, "lang/"+l.Name+".tmpl")
	if err != nil {
		return nil, err
	}
	var files []File
	names := naming{}
	for i := range hints {
		if !hints[i].HTTP {
			continue
		}
		p := newPage(l, &hints[i], names)
		var data bytes.Buffer
		if err := t.Execute(&data, p); err != nil {
			return nil, err
		}
		code := data.Bytes()
		if l.Name == "go" {
			if code, err = format.Source(code); err != nil {
				return nil, fmt.Errorf("format %s: %w", l.file(p), err)
			}
		}
		files = append(files, File{l.file(p), code})
	}
	return files, nil
}

// commented puts a mark before each line.
func commented(mark string, lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(mark+line, " ") + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// because is the comment that says where a number is from.
func because(mark string, n number) string {
	if n.Why == "" {
		return ""
	}
	if mark == "#" {
		mark = " #" // PEP 8
	}
	return " " + mark + " " + n.Why
}
