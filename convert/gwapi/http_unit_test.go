package gwapi

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

func TestFormatDuration(t *testing.T) {
	for _, c := range []struct {
		in    time.Duration
		want  string
		exact bool
	}{
		{0, "0s", true},
		{500 * time.Millisecond, "500ms", true},
		{90 * time.Second, "1m30s", true},
		{2 * time.Second, "2s", true},
		{1500 * time.Millisecond, "1s500ms", true},
		{24 * time.Hour, "24h", true},
		{time.Nanosecond, "1ms", false},
		{1500 * time.Microsecond, "2ms", false},
		{100000 * time.Hour, "99999h59m59s999ms", false},
		{-time.Second, "0s", false},
	} {
		if got, exact := formatDuration(c.in); string(got) != c.want || exact != c.exact {
			t.Errorf("formatDuration(%s) = %s, %v; want %s, %v", c.in, got, exact, c.want, c.exact)
		}
	}
}

func TestFormatDurationIsValid(t *testing.T) {
	valid := regexp.MustCompile(`^([0-9]{1,5}(h|m|s|ms)){1,4}$`) // shared_types.go, Duration
	random := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		d := time.Duration(random.Int64N(int64(maxDuration))) >> random.IntN(50)
		text, exact := formatDuration(d)
		if !valid.MatchString(string(text)) {
			t.Fatalf("%s: %q is no duration of Gateway API", d, text)
		}
		back, err := time.ParseDuration(string(text))
		if err != nil || exact && back != d || (back-d).Abs() > time.Millisecond {
			t.Fatalf("%s became %q, which is %s (exact %v, %v)", d, text, back, exact, err)
		}
	}
}

func TestMirrorShare(t *testing.T) {
	for percent, want := range map[float64]string{
		0: "none", 0.00001: "none", 100: "100%", 25: "25%", 0.5: "5/1000", 33.3: "333/1000", 0.0001: "1/1000000", 0.57: "57/10000", 150: "100%",
	} {
		got := "none"
		switch whole, fraction := mirrorShare(percent); {
		case whole != nil && fraction != nil:
			got = "both"
		case whole != nil:
			got = fmt.Sprintf("%d%%", *whole)
		case fraction != nil:
			got = fmt.Sprintf("%d/%d", fraction.Numerator, *fraction.Denominator)
		}
		if got != want {
			t.Errorf("mirrorShare(%v) = %s, want %s", percent, got, want)
		}
	}
}

func TestSwapDifference(t *testing.T) {
	for _, c := range []struct {
		prefix, value string
		rule          *finding.Rule
		today, after  string
	}{
		{"/foo", "/bar", nil, "", ""},
		{"/foo/", "/bar/", nil, "", ""},
		{"/foo/", "/", nil, "", ""},
		{"/", "/", nil, "", ""},
		{"/", "/v2/", nil, "", ""},
		{"/foo", "/", rule.RewriteDoubleSlash, "//x", "/x"},
		{"/foo", "/bar/", rule.RewriteDiffers, "/bar/", "/bar"},
		{"/foo/", "/bar", rule.RewriteDiffers, "/barx", "/bar/x"},
		{"/", "/v2", rule.RewriteDiffers, "/v2x", "/v2/x"},
	} {
		if r, _, today, after := swapDifference(c.prefix, c.value); r != c.rule || today != c.today || after != c.after {
			t.Errorf("%s to %s: %v %q %q, want %v %q %q", c.prefix, c.value, r, today, after, c.rule, c.today, c.after)
		}
	}
}

func TestLanguage(t *testing.T) {
	for pattern, want := range map[string][]string{
		"abc":            {"abc"},
		"^abc$":          {"abc"},
		"^a$|^b$":        {"a", "b"},
		"/v(1|2)":        {"/v1", "/v2"},
		"v[1-3]":         {"v1", "v2", "v3"},
		"colou?r":        {"color", "colour"},
		`a\.b`:           {"a.b"},
		"a.b":            nil,
		"a*":             nil,
		"(?i)a":          nil,
		"[a-z]":          nil, // more than the limit
		"(1|2)(3|4)(5|)": {"13", "135", "14", "145", "23", "235", "24", "245"},
		"(":              nil,
	} {
		if got, finite := language(pattern, 8); finite != (want != nil) || finite && !slices.Equal(got, want) {
			t.Errorf("language(%q) = %q, %v; want %q", pattern, got, finite, want)
		}
	}
}

func TestPlainPaths(t *testing.T) {
	for pattern, want := range map[string]string{
		".*":                  "PathPrefix /",
		"/.*":                 "PathPrefix /",
		"/foo":                "Exact /foo",
		"^/foo$":              "Exact /foo",
		"/(a|b)":              "Exact /a, Exact /b",
		"/foo(/.*)?":          "PathPrefix /foo",
		"^/foo(?:/.*)?$":      "PathPrefix /foo",
		"/foo(/|$)(.*)":       "PathPrefix /foo",
		`/v1\.0(/.*)?`:        "PathPrefix /v1.0",
		"/foo.*":              "",
		"/foo/.*":             "PathPrefix /foo/",
		"^/(a|b)/.*$":         "PathPrefix /a/, PathPrefix /b/",
		"/a|/b/.*":            "",
		"/a|/b(/.*)?":         "",
		`/[|](/.*)?`:          "PathPrefix /|",
		"/v[0-9]/.*":          "",
		"/foo//.*":            "",
		"/(a|b)(/.*)?":        "PathPrefix /a, PathPrefix /b",
		"/foo/(/.*)?":         "",
		"/user/[0-9]+":        "",
		"nothing-like-a-path": "",
	} {
		var got []string
		if paths, ok := plainPaths(pattern); ok {
			for _, p := range paths {
				got = append(got, string(*p.Type)+" "+*p.Value)
			}
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("plainPaths(%q) = %q, want %q", pattern, text, want)
		}
	}
}

// What plainPaths says instead of an expression takes the same paths.
func TestPlainPathsTakeTheSame(t *testing.T) {
	paths := []string{"/", "/foo", "/foo/", "/foo/x", "/foox", "/fo", "/v1", "/v2", "/v12", "/a", "/b/", "/foo/foo"}
	for _, pattern := range []string{".*", "/.*", "/foo", "/foo(/.*)?", "/foo(|/.*)", "/foo(/|$)(.*)", "/v(1|2)", "^/a$|^/b/$"} {
		plain, ok := plainPaths(pattern)
		if !ok {
			t.Errorf("%s is not plain", pattern)
		}
		re, err := fullMatch(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			taken := slices.ContainsFunc(plain, func(p gatewayv1.HTTPPathMatch) bool {
				return newExpressions().pathsMeet(gatewayv1.HTTPRouteMatch{Path: &p}, gatewayv1.HTTPRouteMatch{Path: &onePath(gatewayv1.PathMatchExact, path)[0]})
			})
			if want := re.MatchString(path); taken != want {
				t.Errorf("%s: path %s taken %v, want %v", pattern, path, taken, want)
			}
		}
	}
}

func TestOriginsOf(t *testing.T) {
	for _, c := range []struct {
		kind   route.StringKind
		value  string
		want   string
		strict bool
	}{
		{route.Exact, "*", "*", false},
		{route.Exact, "https://a.example.com", "https://a.example.com", false},
		{route.Exact, "http://localhost:3000", "http://localhost:3000", false},
		{route.Exact, "null", "", false},
		{route.Exact, "app://x", "", false},
		{route.Exact, "https://a.example.com/", "", false},
		{route.Prefix, "https://a", "", false},
		{route.Regex, ".*", "*", false},
		{route.Regex, `https://.*\.example\.com`, "https://*.example.com", false},
		{route.Regex, `^https?://.*\.example\.com$`, "http://*.example.com,https://*.example.com", false},
		{route.Regex, `^http(s)?://.*\.example\.com$`, "", true},
		{route.Regex, `https://.*\.example\.com:8443`, "https://*.example.com:8443", false},
		{route.Regex, `https://(a|b)\.example\.com`, "https://a.example.com,https://b.example.com", false},
		{route.Regex, `https://.*.example.com`, "https://*.example.com", true},
		{route.Regex, `https://www.example.com`, "https://www.example.com", true},
		{route.Regex, `https://.*example\.com`, "", true},             // evilexample.com
		{route.Regex, `https://[a-z]+\.example\.com`, "", true},       // one label only
		{route.Regex, `https://.*\.example\.com(:[0-9]+)?`, "", true}, // any port
	} {
		origins, strict := originsOf(route.StringMatch{Kind: c.kind, Value: c.value})
		if got := strings.ReplaceAll(join(origins), ", ", ","); got != c.want || len(origins) > 0 && strict != c.strict {
			t.Errorf("%s: %s (strict %v), want %s (strict %v)", c.value, got, strict, c.want, c.strict)
		}
	}
}

func TestSectionName(t *testing.T) {
	for in, want := range map[string]string{
		"reviews": "reviews", "Foo_1": "foo-1", "a b": "a-b", "-x-": "x", "a..b": "a.b", "ü": "", "v1.2": "v1.2", "a.-b": "a.b",
		strings.Repeat("x", 300): strings.Repeat("x", 253),
	} {
		if got := sectionName(in); got != want {
			t.Errorf("sectionName(%q) = %q, want %q", in, got, want)
		}
	}
}

// Splitting keeps every match, in order, within the limits.
func TestSplitRules(t *testing.T) {
	limits := target.Bundle{Version: target.V17, Channel: target.Standard}.Limits()
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		var rules []drawn
		var want []string
		for i := range random.IntN(40) {
			r := gatewayv1.HTTPRouteRule{Name: new(gatewayv1.SectionName(fmt.Sprint(i)))}
			for j := range 1 + random.IntN(1+random.IntN(150)) {
				path := fmt.Sprintf("/%d/%d", i, j)
				want = append(want, path)
				r.Matches = append(r.Matches, gatewayv1.HTTPRouteMatch{Path: &onePath(gatewayv1.PathMatchExact, path)[0]})
			}
			rules = append(rules, drawn{HTTPRouteRule: r})
		}
		var got []string
		for _, part := range splitRules(rules, limits) {
			total := 0
			for _, r := range part {
				if len(r.Matches) == 0 || len(r.Matches) > limits.Matches {
					t.Fatalf("a rule has %d matches", len(r.Matches))
				}
				total += len(r.Matches)
				for _, m := range r.Matches {
					got = append(got, *m.Path.Value)
				}
			}
			if len(part) == 0 || len(part) > limits.Rules || total > limits.MatchesTotal {
				t.Fatalf("a route has %d rules and %d matches", len(part), total)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("matches (-want +got):\n%s", diff)
		}
	}
}

func TestUniqueNames(t *testing.T) {
	var rules []drawn
	for _, name := range []gatewayv1.SectionName{"a", "a", "a-2", "b", "a"} {
		rules = append(rules, drawn{HTTPRouteRule: gatewayv1.HTTPRouteRule{Name: &name}})
	}
	var got []gatewayv1.SectionName
	for _, r := range uniqueNames(append(rules, drawn{})) {
		if r.Name != nil {
			got = append(got, *r.Name)
		}
	}
	if want := []gatewayv1.SectionName{"a", "a-2", "a-2-2", "b", "a-3"}; !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
}

func TestPrecedence(t *testing.T) {
	match := func(kind gatewayv1.PathMatchType, path string, headers int, method bool) gatewayv1.HTTPRouteMatch {
		m := gatewayv1.HTTPRouteMatch{Path: &onePath(kind, path)[0], Headers: make([]gatewayv1.HTTPHeaderMatch, headers)}
		if method {
			m.Method = new(gatewayv1.HTTPMethodGet)
		}
		return m
	}
	exact, prefix, regex := gatewayv1.PathMatchExact, gatewayv1.PathMatchPathPrefix, gatewayv1.PathMatchRegularExpression
	for _, c := range []struct {
		name  string
		a, b  gatewayv1.HTTPRouteMatch
		rank  int
		known bool
	}{
		{"exact before prefix", match(exact, "/a", 0, false), match(prefix, "/a", 3, true), 1, true},
		{"longer prefix first", match(prefix, "/a", 3, true), match(prefix, "/a/b", 0, false), -1, true},
		{"slash does not count", match(prefix, "/a/", 0, false), match(prefix, "/a", 0, false), 0, true},
		{"method before headers", match(prefix, "/", 0, true), match(prefix, "/", 5, false), 1, true},
		{"more headers first", match(prefix, "/", 1, false), match(prefix, "/", 2, false), -1, true},
		{"expression and prefix", match(regex, "/a.*", 0, false), match(prefix, "/a", 0, false), 0, false},
		{"expression and catch-all", match(prefix, "/", 0, false), match(regex, "/a.*", 0, false), 0, false},
		{"expression after exact", match(regex, "/a.*", 0, false), match(exact, "/ab", 0, false), -1, true},
		{"the same expression", match(regex, "/a.*", 1, false), match(regex, "/a.*", 0, false), 1, true},
	} {
		if rank, known := precedence(c.a, c.b); known != c.known || known && rank != c.rank {
			t.Errorf("%s: %d, %v; want %d, %v", c.name, rank, known, c.rank, c.known)
		}
	}
}

func TestIstioPrecedence(t *testing.T) {
	regex, prefix := gatewayv1.PathMatchRegularExpression, gatewayv1.PathMatchPathPrefix
	match := func(kind gatewayv1.PathMatchType, path string, headers int) gatewayv1.HTTPRouteMatch {
		return gatewayv1.HTTPRouteMatch{Path: &gatewayv1.HTTPPathMatch{Type: &kind, Value: &path}, Headers: make([]gatewayv1.HTTPHeaderMatch, headers)}
	}
	for _, c := range []struct {
		name string
		a, b gatewayv1.HTTPRouteMatch
		rank int
	}{
		{"the bare prefix before an expression", match(prefix, "/", 0), match(regex, "/a/[0-9]+", 3), 1},
		{"the longer expression first", match(regex, "/a.*", 1), match(regex, "/a/b.*", 0), -1},
		{"then more headers", match(regex, "/a.*", 1), match(regex, "/b.*", 0), 1},
	} {
		if rank := istioPrecedence(c.a, c.b); rank != c.rank {
			t.Errorf("%s: %d, want %d", c.name, rank, c.rank)
		}
	}
}
