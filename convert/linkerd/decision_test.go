package linkerd

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// The reference reads conditions as the proxy does, and shares nothing with the
// code: nil stands for what it can't read and drops.
type reads func(method, path string) bool

// written is a condition as YAML with its reading.
type written struct {
	yaml string
	read reads
}

func leaf(r *rand.Rand) written {
	if r.IntN(2) == 0 {
		name := []string{"GET", "post", "PUT", "a b"}[r.IntN(4)]
		w := written{yaml: fmt.Sprintf("{method: %q}", name)}
		if name != "a b" {
			w.read = func(method, _ string) bool { return method == strings.ToUpper(name) }
		}
		return w
	}
	text := []string{"/a", "/b", "/a/.*", "/.*", "/a|/b", "/[ab]", "/a{id}", "/a(/b)?", "/(?=a)", "/b.*"}[r.IntN(10)]
	w := written{yaml: fmt.Sprintf("{pathRegex: %q}", text)}
	if re := proxyTakes(text); re != nil && !strings.Contains(text, "{id}") { // RE2 takes the brace for a letter
		w.read = func(_, path string) bool { return re.MatchString(path) }
	}
	return w
}

func random(r *rand.Rand, depth int) written {
	if depth == 0 || r.IntN(3) == 0 {
		return leaf(r)
	}
	switch r.IntN(4) {
	case 0:
		sub := random(r, depth-1)
		w := written{yaml: "{not: " + sub.yaml + "}"}
		if sub.read != nil {
			w.read = func(m, p string) bool { return !sub.read(m, p) }
		}
		return w
	case 1: // several fields: all of them
		a, b := leaf(r), leaf(r)
		for key(a) == key(b) {
			b = leaf(r)
		}
		return written{"{" + inner(a) + ", " + inner(b) + "}", all(a.read, b.read)}
	}
	var list []string
	var parts []reads
	for range r.IntN(3) {
		sub := random(r, depth-1)
		list, parts = append(list, sub.yaml), append(parts, sub.read)
	}
	text := "[" + strings.Join(list, ", ") + "]"
	if r.IntN(2) == 0 {
		return written{"{all: " + text + "}", all(parts...)}
	}
	return written{"{any: " + text + "}", func(m, p string) bool {
		return slices.ContainsFunc(parts, func(f reads) bool { return f != nil && f(m, p) })
	}}
}

func inner(w written) string { return strings.TrimSuffix(strings.TrimPrefix(w.yaml, "{"), "}") }
func key(w written) string   { k, _, _ := strings.Cut(inner(w), ":"); return k }

func all(parts ...reads) reads {
	return func(m, p string) bool {
		return !slices.ContainsFunc(parts, func(f reads) bool { return f != nil && !f(m, p) })
	}
}

// tables converts text.
func tables(t testing.TB, text string, o Options) (*mesh.Model, []string) {
	t.Helper()
	docs, _, err := source.Split(t.Context(), []source.File{{Name: "in.yaml", Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	var objects []*istio.Object
	for _, d := range docs {
		if object, _ := istio.Bind(d); object != nil {
			objects = append(objects, object)
		}
	}
	model, _ := mesh.Link(objects, mesh.Options{Namespace: "default", GatewayNamespace: "istio-system", Mesh: mesh.GAMMA})
	var lines []string
	for _, f := range Add(model, Select(docs, "default"), o) {
		lines = append(lines, f.String())
	}
	return model, lines
}

const webService = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
`

// Random profiles decide as the reference says, for every method and path of a
// few letters: by the timeout, which is another one for each route.
func TestDecisionsByBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	paths := words("ab/", 3)
	converted, withheld := 0, 0
	for range 1500 {
		var routes []written
		var timeouts []string
		var text strings.Builder
		text.WriteString(webService + "apiVersion: linkerd.io/v1alpha2\nkind: ServiceProfile\nmetadata: {name: web.shop.svc.cluster.local, namespace: shop}\nspec:\n  routes:\n")
		for i := range 1 + r.IntN(4) {
			w := random(r, 3)
			timeout := ""
			if r.IntN(3) > 0 {
				timeout = fmt.Sprintf("%ds", i+1)
			}
			routes, timeouts = append(routes, w), append(timeouts, timeout)
			fmt.Fprintf(&text, "  - name: r%d\n    condition: %s\n", i, w.yaml)
			if timeout != "" {
				fmt.Fprintf(&text, "    timeout: %s\n", timeout)
			}
		}
		model, lines := tables(t, text.String(), Options{Namespace: "default"})
		said := strings.Join(lines, "\n")
		if strings.Contains(said, "MG711") {
			withheld++
			continue
		}
		converted++
		for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
			for _, path := range paths {
				want := ""
				for i, w := range routes {
					if w.read != nil && w.read(method, path) {
						want = timeouts[i]
						break
					}
				}
				if got := timeoutOf(model.Tables, method, path); got != want {
					t.Fatalf("%s %s: timeout %q, want %q\n%s\n%s", method, path, got, want, text.String(), said)
				}
			}
		}
	}
	if converted < 1000 || withheld < 3 {
		t.Errorf("%d profiles were converted, %d withheld", converted, withheld)
	}
}

// timeoutOf is the timeout of the rule that decides, "" for none.
func timeoutOf(tables []*route.Table, method, path string) string {
	if len(tables) == 0 {
		return "" // no route: requests go to the Service
	}
	for _, t := range tables {
		for i := range t.Rules {
			if t.Rules[i].Match.Holds(&route.Request{Method: method, Path: path}) {
				if a := t.Rules[i].Action; a.Timeout != nil {
					return a.Timeout.Request.String()
				}
				return ""
			}
		}
	}
	return "no rule: 404"
}

// What is written for Linkerd decides alike, though rules with the same
// annotations are gathered.
func TestGatheredRulesDecideAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	paths := words("ab/", 3)
	moved := 0
	for range 400 {
		var text strings.Builder
		text.WriteString(webService + "apiVersion: linkerd.io/v1alpha2\nkind: ServiceProfile\nmetadata: {name: web.shop.svc.cluster.local, namespace: shop}\nspec:\n  routes:\n")
		for i := range 3 + r.IntN(3) {
			fmt.Fprintf(&text, "  - name: r%d\n    condition: %s\n    isRetryable: %v\n    timeout: %ds\n", i, random(r, 1).yaml, r.IntN(2) == 0, i+1)
		}
		plain, _ := tables(t, text.String(), Options{Namespace: "default"})
		annotated, _ := tables(t, text.String(), Options{Namespace: "default", Target: "linkerd@2.18"})
		if len(plain.Tables) > 0 && !slices.EqualFunc(plain.Tables[0].Rules, annotated.Tables[0].Rules, func(a, b route.Rule) bool { return a.Name == b.Name }) {
			moved++
		}
		for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
			for _, path := range paths {
				if a, b := timeoutOf(plain.Tables, method, path), timeoutOf(annotated.Tables, method, path); a != b {
					t.Fatalf("%s %s: %q, gathered %q\n%s", method, path, a, b, text.String())
				}
			}
		}
	}
	if moved < 20 {
		t.Errorf("only in %d profiles a rule is moved", moved)
	}
}
