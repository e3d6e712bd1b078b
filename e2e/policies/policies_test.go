package policies

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/istio/istiotest"
	"github.com/mesh2gw/mesh2gw/convert/mtls"
	"github.com/mesh2gw/mesh2gw/convert/policy/envoygateway"
	"github.com/mesh2gw/mesh2gw/convert/policy/kgateway"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// judged are the resources of one project.
type judged struct {
	name    string
	module  string
	files   string // of its CRDs
	kinds   []string
	group   string // with the version
	options convert.Options
	least   int      // objects that there are to judge
	refused []string // what the CRDs must refuse: specs by kind
}

var projects = []judged{
	{
		name: "Envoy Gateway", module: "github.com/envoyproxy/gateway@v" + envoygateway.Version,
		files: "charts/gateway-helm/charts/crds/crds/generated/*.yaml", kinds: []string{"BackendTrafficPolicy", "HTTPRouteFilter", "ClientTrafficPolicy", "Backend"},
		group: "gateway.envoyproxy.io/v1alpha1", options: convert.Options{Target: "envoy-gateway", GatewayClass: "eg"}, least: 50,
		refused: []string{
			`BackendTrafficPolicy {timeout: {}}`,
			`BackendTrafficPolicy {TARGET, retry: {retryOn: {triggers: [retriable-headers]}}}`,
			`BackendTrafficPolicy {TARGET, retry: {retryOn: {httpStatusCodes: [600]}}}`,
			`BackendTrafficPolicy {TARGET, timeout: {http: {requestTimeout: 1.5s}}}`,
			`BackendTrafficPolicy {TARGET, circuitBreaker: {maxConnections: 4294967296}}`,
			`BackendTrafficPolicy {TARGET, faultInjection: {abort: {httpStatus: 199}}}`,
			`BackendTrafficPolicy {TARGET, loadBalancer: {type: ConsistentHash}}`,
			`BackendTrafficPolicy {TARGET, loadBalancer: {type: Random, slowStart: {window: 1s}}}`,
			`BackendTrafficPolicy {TARGET, outlierDetection: {}}`,
			`ClientTrafficPolicy {TARGET, tls: {minVersion: "1.3", ciphers: [AES256-SHA]}}`,
			`ClientTrafficPolicy {TARGET, tls: {maxVersion: "1.1"}}`,
			`HTTPRouteFilter {urlRewrite: {path: {type: ReplaceRegexMatch}}}`,
			`Backend {endpoints: [{fqdn: {hostname: a.example.org, port: 80}}, {ip: {address: 192.0.2.1, port: 80}}]}`,
			`Backend {endpoints: [{ip: {address: a.example.org, port: 80}}]}`,
		},
	},
	{
		name: "kgateway", module: "github.com/kgateway-dev/kgateway/v2@v" + kgateway.Version,
		files: "install/helm/kgateway-crds/templates/*.yaml", kinds: []string{"TrafficPolicy", "DirectResponse", "BackendConfigPolicy", "Backend"},
		group: "gateway.kgateway.dev/v1alpha1", options: convert.Options{Target: "kgateway", GatewayClass: "kgateway"}, least: 50,
		refused: []string{
			`TrafficPolicy {timeouts: {request: 0s}, retry: {retryOn: [reset], perTryTimeout: 1s}}`,
			`TrafficPolicy {retry: {retryOn: [retriable-headers]}}`,
			`TrafficPolicy {timeout: 1s}`,
			`DirectResponse {status: 199}`,
			`BackendConfigPolicy {loadBalancer: {healthyPanicThreshold: 0}}`,
			`BackendConfigPolicy {connectTimeout: 1.5s}`,
			`Backend {static: {hosts: []}}`,
			`Backend {static: {hosts: [{host: a.example.org}]}}`,
		},
	},
	{
		name: "cert-manager", module: "github.com/cert-manager/cert-manager@v" + mtls.Version,
		files: "deploy/crds/cert-manager.io_certificates.yaml", kinds: []string{"Certificate"}, group: "cert-manager.io/v1",
		options: convert.Options{Target: "kgateway", GatewayClass: "kgateway", MTLS: &mtls.DefaultIssuer}, least: 4,
		refused: []string{
			`Certificate {issuerRef: {name: ca}}`,
			`Certificate {secretName: a}`,
			`Certificate {secretName: a, issuerRef: {name: ca}, usages: [digital-signature]}`,
			`Certificate {secretName: a, issuerRef: {name: ca}, privateKey: {algorithm: EC}}`,
			`Certificate {secretName: a, issuerRef: {name: ca}, privateKey: {rotationPolicy: always}}`,
			`Certificate {secretName: a, issuerRef: {name: ca}, duration: 24}`,
		},
	},
}

// Every resource that the examples show, and every one that a sample of a field
// of Istio's brings, passes the CRDs of its project, and nothing in it is unknown
// to them. What they have to refuse, they do: the test is not blind.
func TestPolicies(t *testing.T) {
	for _, p := range projects {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			kinds := crdsOf(t, filepath.Join(module(t, p.module), p.files), p.kinds...)
			checked := map[string]bool{}
			judge := func(from, text string) {
				if !strings.Contains(text, p.group) || checked[text] {
					return
				}
				object := decoded(t, []byte(text))
				if object["apiVersion"] != p.group {
					return
				}
				checked[text] = true
				for _, problem := range kinds[object["kind"].(string)].problems(object) {
					t.Errorf("%s: %s\n%s", from, problem, text)
				}
			}
			examples(t, judge)
			samples(t, p.options, judge)
			if len(checked) < p.least {
				t.Errorf("%d objects were checked, want %d", len(checked), p.least)
			}
			t.Logf("%d objects", len(checked))
			for _, bad := range p.refused {
				kind, spec, _ := strings.Cut(bad, " ")
				spec = strings.ReplaceAll(spec, "TARGET", "targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}]")
				object := decoded(t, []byte("{apiVersion: "+p.group+", kind: "+kind+", metadata: {name: a}, spec: "+spec+"}"))
				if len(kinds[kind].problems(object)) == 0 {
					t.Errorf("accepted: %s", bad)
				}
			}
		})
	}
}

// examples are the objects in the expected outputs of the project's tests.
func examples(t *testing.T, judge func(from, text string)) {
	t.Helper()
	files, err := filepath.Glob("../../testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if f.Name != "out.yaml" && f.Name != "after.yaml" {
				continue
			}
			for doc := range strings.SplitSeq(string(f.Data), "\n---\n") {
				judge(filepath.Base(file), doc)
			}
		}
	}
}

// samples are what is made of values of each field of Istio's.
func samples(t *testing.T, o convert.Options, judge func(from, text string)) {
	t.Helper()
	for _, p := range istiotest.Paths() {
		for _, sample := range p.Samples {
			res, err := convert.Convert(t.Context(), []source.File{{Name: "in.yaml", Data: []byte(sample)}}, o)
			if err != nil {
				t.Fatal(err)
			}
			for _, object := range res.Objects {
				text, err := json.Marshal(object.Value)
				if err != nil {
					t.Fatal(err)
				}
				judge(p.Kind+" "+p.Path, string(text))
			}
		}
	}
}
