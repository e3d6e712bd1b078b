package hint

import (
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// poison leaves a comment or a string of some language: line breaks of all
// alphabets, escapes that Java reads before all else, ends of comments and strings.
var poison = []string{
	"a\nEVIL", "a\r\nEVIL", "a\u2028EVIL", "a\u2029EVIL", "a\u0085EVIL", "a\vEVIL", "a\fEVIL", `a\u000aEVIL`, `a\\u000aEVIL`, `a\uuu000aEVIL`,
	"*/EVIL", `"EVIL`, "'EVIL", "`EVIL", `"""EVIL`, "'''EVIL", "${EVIL}", "{{EVIL}}", "\\\nEVIL", `EVIL\`, "-->EVIL", "\u202eEVIL\u202c", "\x00EVIL", "\x1b[31mEVIL", "<!--EVIL", "#EVIL", "//EVIL",
	"EVIL" + strings.Repeat("x", 5000), "-- EVIL --", "::EVIL::", "EVIL\ufeff", "EVILé漢字",
}

// hostile are hints in which s stands wherever a string can. Istio and Collect
// refuse most of these names; what writes does not rely on it.
func hostile(s string) []Hint {
	place := finding.Place{Pos: finding.Pos{File: s, Line: 7, Column: 1}, Object: s, Field: s}
	at := func(fields ...string) Places {
		p := Places{}
		for _, f := range fields {
			p[f] = place
		}
		return p
	}
	value := func(k route.StringKind) route.StringMatch { return route.StringMatch{Kind: k, Value: s} }
	keys := []route.KeyMatch{{Name: s, StringMatch: value(route.Regex)}}
	retry := Retry{
		Retries: math.MaxInt32, PerTry: math.MaxInt64, Base: math.MaxInt64, Most: math.MaxInt64, On: Conditions(), Codes: []uint32{409, 500, 501},
		Unknown: []string{s}, At: at("attempts", "perTryTimeout", "backoff", "retryOn"),
	}
	pool := Pool{
		Subset: "", From: place, ConnectTimeout: math.MaxInt64, MaxConnections: math.MaxInt32, MaxPending: math.MaxInt32, MaxRequests: math.MaxInt32,
		MaxRetries: 1, IdleTimeout: math.MaxInt64, Budget: 0.3, MinBudget: math.MaxUint32,
		Breaker: &Breaker{Consecutive: math.MaxUint32, Gateway: 1, Ejection: math.MaxInt64, From: place, At: at("consecutive5xxErrors", "baseEjectionTime", "consecutiveGatewayErrors")},
		At:      at("maxConnections", "connectTimeout", "http1MaxPendingRequests", "http2MaxRequests", "maxRetries", "idleTimeout", "retryBudget", "minRetryConcurrency"),
	}
	subset := pool
	subset.Subset = s
	name := route.Name{Namespace: s, Name: s}
	policies := []Policy{
		{Match: &route.Match{Path: value(route.Prefix), Method: value(route.Exact), Headers: keys, Without: keys, Query: keys}, Timeout: math.MaxInt64, Retry: retry, From: place, At: at("timeout")},
		{Match: &route.Match{Path: value(route.Exact)}, Timeout: 1, Retry: retry, From: place},
		{Match: &route.Match{Path: route.StringMatch{Kind: route.Prefix, Value: "/" + s + "/"}}, Timeout: 2, Retry: retry, From: place},
		{Retry: retry, From: place},
	}
	return []Hint{
		{Service: name, GRPC: true, HTTP: true, Policies: policies, Pools: []Pool{pool, subset}},
		{Service: name, Port: 1, Client: Client{Labels: map[string]string{s: s}, Namespace: s}, GRPC: true, HTTP: true, Policies: policies},
	}
}

// commentOf are the marks behind which text of the input may stand.
var commentOf = map[string]string{".go": "//", ".java": "//", ".py": "#", ".mjs": "//", ".cs": "//", ".rs": "//"}

var fileName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,150}\.[a-z]+$`)

// Whatever the input says stands in comments only, and a line of a comment is one
// line.
func TestHostile(t *testing.T) {
	for i, s := range poison {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			for _, l := range Languages() {
				files, err := l.Write(hostile(s))
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range files {
					harmless(t, f)
				}
			}
		})
	}
}

func harmless(t *testing.T, f File) {
	t.Helper()
	if !fileName.MatchString(f.Name) {
		t.Errorf("the file is called %q", f.Name)
	}
	switch kind := filepath.Ext(f.Name); kind {
	case ".json":
		if !json.Valid(f.Data) {
			t.Errorf("%s is no JSON", f.Name)
		}
	case ".txt":
	case ".go":
		if _, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Data, parser.ParseComments); err != nil {
			t.Error(err)
		}
		fallthrough
	default:
		for n, line := range broken.Split(string(f.Data), -1) {
			code, _, _ := strings.Cut(line, commentOf[kind])
			if strings.Contains(code, "EVIL") {
				t.Errorf("%s:%d: text of the input is code: %.200q", f.Name, n+1, line)
			}
			if kind == ".java" && unicodeEscape.MatchString(line) {
				t.Errorf("%s:%d: Java reads an escape in %.200q", f.Name, n+1, line)
			}
			if control.MatchString(line) {
				t.Errorf("%s:%d: a control character in %.200q", f.Name, n+1, line)
			}
		}
	}
}

var (
	broken = regexp.MustCompile("\r\n|[\n\r\v\f\u0085\u2028\u2029]")
	// a backslash with an even number of backslashes before it (JLS 3.3)
	unicodeEscape = regexp.MustCompile(`(^|[^\\])(\\\\)*\\u`)
	control       = regexp.MustCompile(`[\x00-\x08\x0e-\x1f\x7f\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}]`)
)

// FuzzHints writes whatever is collected in every language.
func FuzzHints(f *testing.F) {
	for _, s := range poison {
		f.Add(s)
	}
	f.Add("/shop.Prices/Get")
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range Languages() {
			files, err := l.Write(hostile(s))
			if err != nil {
				t.Fatal(err)
			}
			names := map[string]bool{}
			for _, f := range files {
				harmless(t, f)
				if key := strings.ToLower(f.Name); names[key] {
					t.Errorf("two files are called %s", f.Name)
				} else {
					names[key] = true
				}
			}
		}
	})
}

// Services whose names have the same letters get names of their own.
func TestNames(t *testing.T) {
	var b strings.Builder
	for _, name := range []string{"a-b", "ab", "a.b", "linux", "test", "1st", "default", "class"} {
		fmt.Fprintf(&b, "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: %[1]s, namespace: shop}\nspec: {host: %[1]s.shop.svc.cluster.local, trafficPolicy: {outlierDetection: {}}}\n---\n", name)
	}
	hints := collected(t, "in.yaml", []byte(b.String())).Hints
	for _, l := range Languages()[:6] {
		files, err := l.Write(hints)
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, f := range files {
			names[strings.ToLower(f.Name)] = true
		}
		if len(files) != len(hints) || len(names) != len(hints) {
			t.Errorf("%s: %d files with %d names for %d hints", l.Name, len(files), len(names), len(hints))
		}
	}
}
