package gwapi

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/route"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

func TestFit(t *testing.T) {
	long := strings.Repeat("a", 300)
	for _, c := range []struct {
		want, tail string
		limit      int
		name       string
	}{
		{"reviews", "", 253, "reviews"},
		{"Reviews_V1", "", 253, "reviews-v1"},
		{"reviews--v1", "", 253, "reviews--v1"}, // valid as it is
		{"-reviews-", "", 253, "reviews"},
		{"a.b.example", "", 253, "a.b.example"},
		{"a.b.example", "", 63, "a-b-example"},
		{"a..b.-c", "", 253, "a.b.c"},
		{"*.example.com", "", 253, "example.com"},
		{"...", "", 253, "x-ab5df625"},
		{"${APP}_Web", "", 253, "${APP}_Web"},
		{long, "", 63, strings.Repeat("a", 54) + "-9835fa6b"},
		{long, "-02", 253, strings.Repeat("a", 244) + "-" + hash(long+"-02")},
		{strings.Repeat("a", 54) + "." + long, "", 64, strings.Repeat("a", 54) + "-" + hash(strings.Repeat("a", 54)+"."+long)},
	} {
		if got := fit(c.want, c.tail, c.limit); got != c.name {
			t.Errorf("fit(%.20q, %q, %d) = %q, want %q", c.want, c.tail, c.limit, got, c.name)
		}
	}
}

func routes(n int, namespace string) []Object {
	var objects []Object
	for range n {
		v := &gatewayv1.HTTPRoute{}
		v.Namespace = namespace
		objects = append(objects, Object{Kind: "HTTPRoute", Value: v})
	}
	return objects
}

func namesOf(objects []Object) string {
	var names []string
	for _, o := range objects {
		names = append(names, o.Value.GetName())
	}
	return strings.Join(names, " ")
}

func TestParts(t *testing.T) {
	key := func(name string) Key { return Key{"HTTPRoute", route.Name{Namespace: "shop", Name: name}} }
	n := newNames(map[Key]bool{key("taken"): true, key("half-02"): true, {"GRPCRoute", key("web").Name}: true})
	for _, c := range []struct {
		name, suffix string
		parts        int
		want         string
	}{
		{"web", "", 1, "web"},
		{"web", "mesh", 1, "web-mesh"},
		{"many", "", 3, "many-01 many-02 many-03"},
		{"many-02", "", 1, "many-02-" + hash("routes of shop/many-02 ")},
		{"taken", "", 1, "taken-" + hash("routes of shop/taken ")},
		{"half", "", 2, "half-" + hash("routes of shop/half ") + "-01 half-" + hash("routes of shop/half ") + "-02"},
		{"none", "", 0, ""},
	} {
		objects := routes(c.parts, "shop")
		n.parts(&route.Table{Name: route.Name{Namespace: "shop", Name: c.name}, Suffix: c.suffix}, objects)
		if got := namesOf(objects); got != c.want {
			t.Errorf("%s %q of %d: got %q, want %q", c.name, c.suffix, c.parts, got, c.want)
		}
	}
	hundred := routes(100, "shop")
	n.parts(&route.Table{Name: route.Name{Namespace: "shop", Name: "hundred"}}, hundred)
	if got := strings.Fields(namesOf(hundred)); !slices.IsSorted(got) || got[0] != "hundred-001" {
		t.Errorf("100 parts are not in alphabetical order: %v ... %v", got[0], got[99])
	}
}

// Whatever the names of the input, those of the output are valid, within the
// limit and unique, and parts sort in their order.
func TestNamesProperty(t *testing.T) {
	valid := regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("aaab01-.._A/é* ")
	word := func() string {
		length := random.IntN(8)
		if random.IntN(5) == 0 {
			length = 240 + random.IntN(30)
		}
		var b strings.Builder
		for range length {
			b.WriteRune(alphabet[random.IntN(len(alphabet))])
		}
		return b.String()
	}
	for range 300 {
		n := newNames(map[Key]bool{{"HTTPRoute", route.Name{Namespace: "x", Name: "a"}}: true})
		seen := map[string]bool{"a": true}
		for i := range 40 {
			parts := 1 + random.IntN(3)
			objects := routes(parts, "x")
			// Two tables of one object never have the same suffix; the linker sees to that.
			n.parts(&route.Table{Name: route.Name{Namespace: "x", Name: word()}, Suffix: strings.Repeat("s", i%2) + fmt.Sprint(i)[:i%3/2]}, objects)
			got := strings.Fields(namesOf(objects))
			if len(got) != parts || !slices.IsSorted(got) {
				t.Fatalf("%d parts are named %q", parts, got)
			}
			for _, name := range got {
				if !valid.MatchString(name) || len(name) > subdomainLimit || seen[name] {
					t.Fatalf("name %q: valid %v, length %d, taken %v", name, valid.MatchString(name), len(name), seen[name])
				}
				seen[name] = true
			}
		}
	}
}
