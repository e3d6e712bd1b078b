package mtls

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

func TestParseIssuer(t *testing.T) {
	for text, want := range map[string]Issuer{
		"cert-manager":                       DefaultIssuer,
		"cert-manager=Issuer/shop-ca":        {"Issuer", "shop-ca"},
		"cert-manager=ClusterIssuer/ca.corp": {"ClusterIssuer", "ca.corp"},
	} {
		if got, err := ParseIssuer(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "vault", "cert-manager=", "cert-manager=Issuer", "cert-manager=Issuer/", "cert-manager=Secret/a", "cert-manager=Issuer/a b", "cert-manager=Issuer/a: b"} {
		if got, err := ParseIssuer(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

const pods = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{ports: [{name: http, containerPort: 8080}]}]}
`

func read(t *testing.T, yaml string) *Input {
	t.Helper()
	docs, found, err := source.Split(t.Context(), []source.File{{Name: "in.yaml", Data: []byte(yaml)}})
	if err != nil || len(found) > 0 {
		t.Fatal(err, found)
	}
	return Read(docs, "default")
}

func peerOf(name, spec string) string {
	namespace, name, _ := strings.Cut(name, "/")
	return fmt.Sprintf("---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: %s, namespace: %s}\nspec: %s\n", name, namespace, spec)
}

// The nearest policy decides, port by port; what it leaves open is decided by the
// one above.
func TestMode(t *testing.T) {
	root, namespace := peerOf("istio-system/default", "{mtls: {mode: STRICT}}"), peerOf("shop/default", "{mtls: {mode: DISABLE}}")
	for _, c := range []struct{ name, peers, port, want string }{
		{"none", "", "8080", "PERMISSIVE"},
		{"mesh", root, "8080", "STRICT"},
		{"namespace over mesh", root + namespace, "8080", "DISABLE"},
		{"another namespace", peerOf("other/default", "{mtls: {mode: STRICT}}"), "8080", "PERMISSIVE"},
		{"workload over namespace", namespace + peerOf("shop/web", "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}}"), "8080", "STRICT"},
		{"another workload", peerOf("shop/db", "{selector: {matchLabels: {app: db}}, mtls: {mode: STRICT}}"), "8080", "PERMISSIVE"},
		{"selector of the root namespace is for its pods", peerOf("istio-system/web", "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}}"), "8080", "PERMISSIVE"},
		{"unset takes over", root + peerOf("shop/web", "{selector: {matchLabels: {app: web}}, mtls: {mode: UNSET}}"), "8080", "STRICT"},
		{"port", peerOf("shop/web", "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}"), "8080", "DISABLE"},
		{"port by name", peerOf("shop/web", "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}"), "http", "DISABLE"},
		{"another port", peerOf("shop/web", "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {9090: {mode: DISABLE}}}"), "8080", "STRICT"},
		{"ports without a selector do not count", peerOf("shop/all", "{mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}"), "8080", "STRICT"},
	} {
		in := read(t, pods+c.peers)
		if got := in.mode(in.workloads[0], c.port, "istio-system"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestWithoutProxy(t *testing.T) {
	for meta, want := range map[string]bool{
		`{}`: false,
		`{labels: {sidecar.istio.io/inject: "false"}}`:                                                 true,
		`{annotations: {sidecar.istio.io/inject: "false"}}`:                                            true,
		`{labels: {sidecar.istio.io/inject: "true"}, annotations: {sidecar.istio.io/inject: "false"}}`: false,
		`{annotations: {proxy.istio.io/config: "holdApplicationUntilProxyStarts: true"}}`:              false,
	} {
		in := read(t, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {metadata: "+meta+", spec: {}}}\n")
		if got := in.workloads[0].outside; got != want {
			t.Errorf("%s: %v", meta, got)
		}
	}
	if in := read(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {hostNetwork: true}\n"); !in.workloads[0].outside {
		t.Error("pods on the network of their node have no proxy")
	}
}

// Where nothing is known of a field, accounts and namespaces are Kubernetes' own.
func TestAccounts(t *testing.T) {
	in := read(t, `apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec: {template: {spec: {}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: b, namespace: shop}
spec: {jobTemplate: {spec: {template: {spec: {serviceAccountName: cleaner}}}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: c, namespace: shop}
spec: null
`)
	var got []string
	for _, w := range in.workloads {
		got = append(got, w.kind+" "+w.Name.String()+" "+w.account)
	}
	if want := []string{"Deployment default/a default", "CronJob shop/b cleaner", "StatefulSet shop/c default"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// ISTIO_MUTUAL is an error only where the gateway leaves the mesh, and nothing
// else takes it over.
func TestSettle(t *testing.T) {
	for _, c := range []struct {
		target string
		result *Result
		want   *finding.Rule
	}{
		{"", nil, rule.AutoTLS},
		{"istio", nil, rule.AutoTLS},
		{"istio@1.27", nil, rule.AutoTLS},
		{"kgateway", nil, rule.MutualTLSLost},
		{"envoy-gateway@1.5", nil, rule.MutualTLSLost},
		{"kgateway", &Result{}, rule.DemandedByApplication},
	} {
		findings := []finding.Finding{finding.New(rule.AutoTLS, finding.Place{}, "x"), finding.New(rule.PeerAuthentication, finding.Place{}, "x")}
		Settle(findings, c.result, c.target)
		if findings[0].Rule != c.want || findings[1].Rule != rule.PeerAuthentication {
			t.Errorf("%q: %s, %s", c.target, findings[0].Rule.ID, findings[1].Rule.ID)
		}
	}
}
