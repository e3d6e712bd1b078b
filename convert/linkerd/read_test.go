package linkerd

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// profile is a ServiceProfile of web with the given spec.
func profileText(spec string) string {
	return webService + "apiVersion: linkerd.io/v1alpha2\nkind: ServiceProfile\nmetadata: {name: web.shop.svc.cluster.local, namespace: shop}\nspec: " + spec + "\n"
}

// What the cluster does not take is not converted, and a key that no schema has
// is said; of what is taken nothing is said but what changes.
func TestRefused(t *testing.T) {
	const ok = "name: a, condition: {method: GET}, timeout: 1s"
	for spec, want := range map[string]string{
		"{routes: [{" + ok + "}]}": "",
		"{routes: [{" + ok + ", isRetryable: false, responseClasses: []}], dstOverrides: []}":                                       "",
		"{routes: [{condition: {method: GET}}]}":                                                                                    "MG702",
		"{routes: [{name: a}]}":                                                                                                     "MG702",
		"{routes: [{name: a, condition: {}}]}":                                                                                      "MG702",
		"{routes: [{name: a, condition: {any: [{}]}}]}":                                                                             "MG702",
		"{routes: [{name: a, condition: {method: 5}}]}":                                                                             "MG702",
		"{routes: [null]}":                                                                                                          "MG702",
		"{routes: {name: a}}":                                                                                                       "MG702",
		"{routes: [{" + ok + ", isRetryable: 'yes'}]}":                                                                              "MG702",
		"{routes: [{" + ok + ", responseClasses: [{isFailure: true}]}]}":                                                            "MG702",
		"{routes: [{" + ok + ", responseClasses: [{condition: {status: {min: 99}}}]}]}":                                             "MG702",
		"{routes: [{" + ok + ", responseClasses: [{condition: {status: {min: 500, max: 400}}}]}]}":                                  "MG702",
		"{routes: [{" + ok + "}], retryBudget: {retryRatio: 0.2, ttl: 10s}}":                                                        "MG702",
		"{routes: [{" + ok + "}], retryBudget: {retryRatio: -1, minRetriesPerSecond: 1, ttl: 10s}}":                                 "MG702",
		"{routes: [{" + ok + "}], retryBudget: {retryRatio: 0.2, minRetriesPerSecond: 1, ttl: ten}}":                                "MG702",
		"{routes: [{" + ok + "}], dstOverrides: [{authority: web.shop.svc.cluster.local, weight: -1}]}":                             "MG702",
		"{routes: [{" + ok + "}], dstOverrides: [{authority: web.shop.svc.cluster.local, weight: lots}]}":                           "MG702",
		"{routes: [{" + ok + "}], dstOverrides: [{authority: web.shop.svc.cluster.local, weight: 1e30}]}":                           "MG702",
		"{routes: [{" + ok + ", retryBudget: {ttl: 10s}}]}":                                                                         "MG701",
		"{routes: [{" + ok + ", is_retryable: true}]}":                                                                              "MG701",
		"{routes: [{name: a, timeout: 1s, condition: {method: GET, headers: {}}}]}":                                                 "MG701",
		"{Routes: [], routes: [{" + ok + "}]}":                                                                                      "MG701",
		"{routes: [{" + ok + "}], retryBudget: {retryRatio: 0.2, minRetriesPerSecond: 1, ttl: 10s, retries: 5}}":                    "MG701",
		"{routes: [{" + ok + "}], retryBudget: {retryRatio: 0.2, minRetriesPerSecond: 1, ttl: 500ms}}":                              "MG706",
		"{routes: [{" + ok + "}], retryBudget: {retryRatio: 2000, minRetriesPerSecond: 1, ttl: 10s}}":                               "MG706",
		"{routes: [{" + ok + "}, {name: b, condition: {method: PUT}, timeout: -1s}]}":                                               "MG706 MG704",
		"{routes: [{" + ok + "}], dstOverrides: [{authority: 'web.shop.svc.cluster.local:99999', weight: 0}]}":                      "MG706",
		"{routes: [{" + ok + "}], dstOverrides: [{authority: web.shop.svc.cluster.local, weight: 0}]}":                              "MG706",
		"{routes: [{" + ok + "}], dstOverrides: [{authority: web.shop.svc.cluster.local}]}":                                         "MG706",
		"{routes: [{" + ok + "}], dstOverrides: [{authority: web.shop.svc.cluster.local, weight: 1, port: 80}]}":                    "MG701",
		"{routes: [{" + ok + "}, {name: b, condition: {all: [" + strings.Repeat("{all: [", 40) + strings.Repeat("]}", 40) + "]}}]}": "MG702",
	} {
		model, lines := tables(t, profileText(spec), Options{Namespace: "default"})
		usual := []string{"MG700", "MG721", "MG708"} // of every profile that is converted
		for _, l := range lines {
			if !strings.HasPrefix(l, "in.yaml:") {
				t.Errorf("%s: a finding without place: %s", spec, l)
			}
		}
		said := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return slices.Contains(usual, strings.Fields(l)[1]) })
		var rules []string
		for _, l := range said {
			if id := strings.Fields(l)[1]; !slices.Contains(rules, id) {
				rules = append(rules, id)
			}
		}
		if got := strings.Join(rules, " "); got != want || (want == "MG702") != (len(model.Tables) == 0) {
			t.Errorf("%s:\n%s\nwant %s; %d tables", spec, strings.Join(lines, "\n"), want, len(model.Tables))
		}
	}
}

// TestBadNames: an object that Kubernetes refuses for its names is not converted.
func TestBadNames(t *testing.T) {
	good := profileText("{routes: [{name: a, condition: {method: GET}, timeout: 1s}]}")
	if model, _ := tables(t, good, Options{Namespace: "default"}); len(model.Tables) == 0 {
		t.Fatal("nothing is made of a good profile")
	}
	for _, bad := range []string{
		strings.Replace(good, "cluster.local, namespace: shop", "cluster.local, namespace: Shop", 1),
		strings.Replace(good, "cluster.local, namespace: shop", "cluster.local, labels: {a b: c}, namespace: shop", 1),
	} {
		model, lines := tables(t, bad, Options{Namespace: "default"})
		if len(model.Tables) != 0 || !strings.Contains(strings.Join(lines, "\n"), "MG056") {
			t.Errorf("%d tables and\n%s\nof\n%s", len(model.Tables), strings.Join(lines, "\n"), bad)
		}
	}
}

// Which statuses are failures: the first response class that fits decides.
func TestFailures(t *testing.T) {
	for classes, want := range map[string]string{
		"[]": "5xx",
		"[{condition: {status: {min: 500, max: 599}}}]":                         "",
		"[{condition: {status: {min: 500, max: 500}}}]":                         "501-599",
		"[{condition: {status: {min: 404, max: 404}}, isFailure: true}]":        "404,5xx",
		"[{condition: {status: {min: 400}}, isFailure: true}]":                  "5xx", // ends at 0, which no status is
		"[{condition: {status: {max: 400}}, isFailure: true}]":                  "5xx",
		"[{condition: {not: {status: {min: 200, max: 299}}}, isFailure: true}]": "100-199,300-599",
		"[{condition: {any: [{status: {min: 429, max: 429}}, {status: {min: 503, max: 503}}]}, isFailure: true}, {condition: {status: {min: 100, max: 599}}}]": "429,503",
		"[{condition: {all: [{status: {min: 400, max: 499}}, {not: {status: {min: 404, max: 404}}}]}, isFailure: true}]":                                       "400-403,405-599",
		"[{condition: {all: []}, isFailure: true}]":                                                           "5xx", // of nothing the proxy makes no class
		"[{condition: {any: [{status: {min: 1, max: 0}}]}, isFailure: true}]":                                 "refused",
		"[{condition: {status: {min: 400, max: 499}, not: {status: {min: 410, max: 499}}}, isFailure: true}]": "400-409,5xx",
	} {
		text := profileText("{routes: [{name: a, condition: {method: GET}, isRetryable: true, timeout: 1s, responseClasses: " + classes + "}]}")
		model, lines := tables(t, text, Options{Namespace: "default", Target: "linkerd"})
		got := "refused"
		if len(model.Tables) > 0 {
			got = model.Tables[0].Rules[0].Action.Annotations[retryOnAnnotation]
		}
		if got != want {
			t.Errorf("%s: %q, want %q\n%s", classes, got, want, strings.Join(lines, "\n"))
		}
	}
}

// Where a profile applies, and where its destinations are.
func TestPlaces(t *testing.T) {
	const overrides = "dstOverrides: [{authority: web.shop.svc.cluster.local, weight: 1}, {authority: 'v2.shop.svc.cluster.local:8080', weight: 500m}]"
	v2 := "apiVersion: v1\nkind: Service\nmetadata: {name: v2, namespace: shop}\nspec: {ports: [{port: 8080}, {port: 80}, {port: 81}]}\n---\n"
	service := func(annotations, ports string) string {
		return v2 + "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop, annotations: {" + annotations + "}}\nspec: {ports: [" + ports + "]}\n---\n"
	}
	for _, c := range []struct{ name, services, spec, want string }{
		{"one port", service("", "{port: 80}"), overrides, "web: 2 web:80, 1 v2:8080"},
		{"two ports", service("", "{port: 80}, {port: 81}"), overrides, "web:80: 2 web:80, 1 v2:8080; web:81: 2 web:81, 1 v2:8080"},
		{"two ports, named ones alone", service("", "{port: 80}, {port: 81}"), "dstOverrides: [{authority: 'v2.shop.svc.cluster.local:8080', weight: 7}]", "web: 1 v2:8080"},
		{"usually opaque", service("", "{port: 80}, {port: 3306}"), overrides, "web:80: 2 web:80, 1 v2:8080"},
		{"opaque by annotation", service("config.linkerd.io/opaque-ports: '81-90'", "{port: 3306}, {port: 81}"), overrides, "web:3306: 2 web:3306, 1 v2:8080"},
		{"opaque by appProtocol", service("", "{port: 80}, {port: 81, appProtocol: linkerd.io/opaque}"), overrides, "web:80: 2 web:80, 1 v2:8080"},
		{"UDP", service("", "{port: 80}, {port: 53, protocol: UDP}"), overrides, "web:80: 2 web:80, 1 v2:8080"},
		{"no port to look at", service("", "{port: 5432}"), overrides, ""},
		{"unknown Service", v2, overrides, ""},
		{"unknown Service, ports written", v2, "dstOverrides: [{authority: 'v2.shop.svc.cluster.local:8080', weight: 7}]", "web: 1 v2:8080"},
		{"no Service", service("", "{port: 80}"), "dstOverrides: [{authority: example.com, weight: 1}]", ""},
	} {
		text := c.services + strings.TrimPrefix(profileText("{"+c.spec+"}"), webService)
		model, lines := tables(t, text, Options{Namespace: "default"})
		if got := placesText(model); got != c.want {
			t.Errorf("%s: %s, want %s\n%s", c.name, got, c.want, strings.Join(lines, "\n"))
		}
	}
}

// placesText writes where tables attach and where their last rule goes.
func placesText(m *mesh.Model) string {
	name := func(n route.Name, port uint32) string {
		if port == 0 {
			return n.Name
		}
		return fmt.Sprintf("%s:%d", n.Name, port)
	}
	var all []string
	for _, t := range m.Tables {
		var at, to []string
		for _, e := range t.Entries {
			at = append(at, name(e.Parent, e.Port))
		}
		for _, b := range t.Rules[len(t.Rules)-1].Action.Backends {
			to = append(to, fmt.Sprintf("%d %s", b.Weight, name(b.Service, b.Port)))
		}
		all = append(all, strings.Join(at, ", ")+": "+strings.Join(to, ", "))
	}
	return strings.Join(all, "; ")
}

func TestBudgets(t *testing.T) {
	const retried = "routes: [{name: a, condition: {method: GET}, isRetryable: true}]"
	for spec, want := range map[string]string{
		"{" + retried + "}": "20 10",
		"{" + retried + ", retryBudget: {retryRatio: 0.07, minRetriesPerSecond: 0, ttl: 10s}}": "7 0",
		"{" + retried + ", retryBudget: {retryRatio: 2, minRetriesPerSecond: 5, ttl: 1m}}":     "200 5",
		"{" + retried + ", retryBudget: {retryRatio: 0.2, minRetriesPerSecond: 10, ttl: 61s}}": "",
		"{routes: [{name: a, condition: {method: GET}, timeout: 1s}]}":                         "",
	} {
		docs, _, err := source.Split(t.Context(), []source.File{{Name: "in.yaml", Data: []byte(profileText(spec))}})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, b := range Budgets(Select(docs, "default"), Options{Namespace: "default"}) {
			if got = fmt.Sprint(b.Percent, " ", b.PerSecond); b.Service.String() != "shop/web" || b.From == nil {
				t.Errorf("%s: %+v", spec, b)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", spec, got, want)
		}
	}
}
