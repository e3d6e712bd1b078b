package istio

import (
	"context"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	networking "istio.io/api/networking/v1alpha3"
	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// read splits YAML that holds one document.
func read(t testing.TB, text string) *source.Document {
	t.Helper()
	docs, findings, err := source.Split(context.Background(), []source.File{{Name: "in.yaml", Data: []byte(text)}})
	findings = slices.DeleteFunc(findings, func(f finding.Finding) bool { return f.Rule == rule.Placeholders || f.Rule == rule.NameMissing })
	if err != nil || len(findings) > 0 || len(docs) != 1 {
		t.Fatalf("%d documents, findings %v, error %v in\n%s", len(docs), findings, err, text)
	}
	return docs[0]
}

// object binds a spec, which is indented by two spaces, as an object of kind.
func object(t testing.TB, kind, spec string) (*Object, []finding.Finding) {
	t.Helper()
	return Bind(read(t, header(kind)+spec))
}

func header(kind string) string {
	return "apiVersion: networking.istio.io/v1\nkind: " + kind + "\nmetadata: {name: it, namespace: shop}\nspec:\n"
}

// lines are findings as "line:column MGnnn message".
func lines(findings []finding.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(strings.TrimPrefix(f.Place.Pos.String(), "in.yaml:") + " " + f.Rule.ID + " " + f.Message + " " + f.Hint + "\n")
	}
	return b.String()
}

// TestBindReadsAsIstioDoes compares with protojson on the same document.
func TestBindReadsAsIstioDoes(t *testing.T) {
	for name, c := range map[string]struct{ kind, spec string }{
		"route":         {"VirtualService", "  hosts: [a, b]\n  http:\n  - name: x\n    match: [{uri: {prefix: /}, port: 80, ignoreUriCase: true, headers: {a: {exact: b}, c: {}}}]\n    route: [{destination: {host: a, subset: v1, port: {number: 80}}, weight: 10}]\n"},
		"durations":     {"VirtualService", "  http:\n  - timeout: 1.5s\n    retries: {attempts: 3, perTryTimeout: 0.000000001s, backoff: 90s}\n    fault: {delay: {fixedDelay: 3s, percentage: {value: 12.5}}}\n"},
		"wrappers":      {"VirtualService", "  http:\n  - corsPolicy: {allowCredentials: false, maxAge: 60s}\n    mirrorPercent: 10\n    retries: {retryRemoteLocalities: true}\n"},
		"numbers":       {"VirtualService", "  http:\n  - match: [{port: \"8080\"}]\n    mirrorPercentage: {value: \"10.5\"}\n    route: [{weight: 1e1}, {weight: -3}]\n"},
		"enum name":     {"DestinationRule", "  host: a\n  trafficPolicy: {loadBalancer: {simple: LEAST_CONN}, tls: {mode: ISTIO_MUTUAL}}\n"},
		"enum number":   {"DestinationRule", "  host: a\n  trafficPolicy: {loadBalancer: {simple: 5}, tls: {mode: 3}}\n"},
		"big number":    {"DestinationRule", "  trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x, minimumRingSize: 4294967296}}}\n"},
		"bytes":         {"VirtualService", "  http:\n  - directResponse: {status: 503, body: {bytes: c2FtcGxl}}\n"},
		"nulls":         {"VirtualService", "  hosts:\n  http:\n  - match:\n    timeout: null\n    route: []\n    redirect: {}\n"},
		"empty message": {"Gateway", "  servers: [{tls: {}, hosts: [\"*\"]}]\n"},
		"maps":          {"Gateway", "  selector: {istio: ingressgateway, app: \"\"}\n"},
		"map of numbers": {"ServiceEntry", "  endpoints: [{address: 1.2.3.4, ports: {http: 80}, labels: {a: b}}]\n" +
			"  location: MESH_INTERNAL\n  resolution: STATIC\n"},
		"selector": {"DestinationRule", "  workloadSelector: {matchLabels: {app: a}}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			o, findings := object(t, c.kind, c.spec)
			if o.Broken || len(findings) > 0 {
				t.Fatalf("broken, or findings:\n%s", lines(findings))
			}
			want := roots[c.kind].New().Interface()
			json, err := yaml.YAMLToJSON([]byte(header(c.kind) + c.spec))
			if err != nil {
				t.Fatal(err)
			}
			if err := protojson.Unmarshal(specOf(t, json), want); err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(o.Spec, want) {
				t.Errorf("got  %v\nwant %v", o.Spec, want)
			}
			everyMessageHasItsNode(t, o)
		})
	}
}

// everyMessageHasItsNode walks the spec: each message knows where it was read.
func everyMessageHasItsNode(t *testing.T, o *Object) {
	var walk func(m protoreflect.Message)
	walk = func(m protoreflect.Message) {
		if o.Node(m.Interface()) == nil {
			t.Errorf("%s has no node", m.Descriptor().FullName())
		}
		m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			switch {
			case fd.IsMap() && fd.MapValue().Message() != nil:
				v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool { walk(v.Message()); return true })
			case fd.IsMap() || fd.Message() == nil:
			case fd.IsList():
				for i := range v.List().Len() {
					walk(v.List().Get(i).Message())
				}
			default:
				walk(v.Message())
			}
			return true
		})
	}
	walk(o.Spec.ProtoReflect())
}

func TestPositions(t *testing.T) {
	o, _ := object(t, "VirtualService", "  http:\n  - match:\n    - headers:\n        end-user: {exact: jason}\n    timeout: 2s\n    retries: {attempts: 0}\n")
	r := o.Spec.(*networking.VirtualService).Http[0]
	for _, c := range []struct{ got, want string }{
		{o.At(r, "timeout").Pos.String(), "in.yaml:9:5"},
		{o.Node(r.Timeout).Place().Pos.String(), "in.yaml:9:5"},
		{o.At(r.Match[0].Headers["end-user"], "exact").Field, `spec.http[0].match[0].headers.end-user.exact`},
		{o.At(r.Retries, "attempts").Pos.String(), "in.yaml:10:15"},
		{o.At(r.Retries, "retryOn").Pos.String(), "in.yaml:10:5"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
	if !o.Wrote(r.Retries, "attempts") || o.Wrote(r.Retries, "backoff") {
		t.Error("attempts: 0 is written, backoff is not")
	}
}

func TestBindFindings(t *testing.T) {
	for name, c := range map[string]struct {
		kind, spec, want string
		whole            bool // the object can be read in spite of it
	}{
		"typo":             {"VirtualService", "  host: [a]\n", "5:3 MG041 host is no field of VirtualService; Istio's CRDs drop it, so it has no effect today. Did you mean hosts?\n", true},
		"case":             {"VirtualService", "  http:\n  - Timeout: 3s\n", "6:5 MG041 Timeout is no field of HTTPRoute; Istio's CRDs drop it, so it has no effect today. Did you mean timeout?\n", true},
		"unknown":          {"VirtualService", "  http:\n  - wibble: 3s\n", "6:5 MG041 wibble is no field of HTTPRoute; Istio's CRDs drop it, so it has no effect today. Correct the name, or remove the key.\n", true},
		"indentation":      {"VirtualService", "  http:\n  - route: [{destination: {host: a, weight: 10}}]\n", "6:37 MG041 weight is no field of Destination; Istio's CRDs drop it, so it has no effect today. It is a field of HTTPRouteDestination and of RouteDestination: check the indentation.\n", true},
		"proto name":       {"VirtualService", "  tls:\n  - match: [{sni_hosts: [a]}]\n", "6:14 MG048 sni_hosts is the spelling of Istio's protocol buffers for sniHosts; Istio's CRDs drop it, so it may have no effect today. It is read as sniHosts. Check what the cluster does today (kubectl get -o yaml), and write the camelCase name.\n", true},
		"mirror_percent":   {"VirtualService", "  http:\n  - mirror_percent: 10\n", "", true},
		"websocketUpgrade": {"VirtualService", "  http:\n  - websocketUpgrade: true\n", "6:5 MG047 WebSocket upgrades are let through on every route since Istio 1.0, and by Gateway API too; the key has no effect. Remove the key.\n", true},
		"destination.name": {"VirtualService", "  http:\n  - route: [{destination: {name: a}}]\n", "6:28 MG046 The destination's name is called host since the first v1alpha3 release; without a host no request is sent anywhere. Write host in place of name.\n", true},

		"string for list":    {"VirtualService", "  hosts: a\n", "5:3 MG040 hosts must be a list, not \"a\". Istio refuses the whole object. Correct the value.\n", false},
		"list for message":   {"VirtualService", "  http:\n  - redirect: [a]\n", "6:5 MG040 redirect must be a mapping, not a list. Istio refuses the whole object. Correct the value.\n", false},
		"string for message": {"VirtualService", "  http:\n  - match: [{uri: /a}]\n", "6:14 MG040 uri must be a mapping, not \"/a\". Istio refuses the whole object. Correct the value.\n", false},
		"map for string":     {"VirtualService", "  http:\n  - match: [{uri: {exact: {}}}]\n", "6:20 MG040 exact must be a string, not a mapping. Istio refuses the whole object. Correct the value.\n", false},
		"boolean for string": {"VirtualService", "  http:\n  - match: [{headers: {a: {exact: true}}}]\n", "6:28 MG040 exact must be a string; without quotes it is a boolean in YAML (true), and Istio refuses the whole object. Put quotes around it.\n", false},
		"number in labels":   {"DestinationRule", "  subsets: [{labels: {version: 1}}]\n", "5:23 MG040 version must be a string; without quotes it is a whole number in YAML (1), and Istio refuses the whole object. Put quotes around it.\n", false},
		"string for boolean": {"VirtualService", "  http:\n  - match: [{ignoreUriCase: \"true\"}]\n", "6:14 MG040 ignoreUriCase must be true or false, not \"true\". Istio refuses the whole object. Correct the value.\n", false},
		"fraction":           {"VirtualService", "  http:\n  - route: [{weight: 1.5}]\n", "6:14 MG040 weight must be a whole number, not 1.5. Istio refuses the whole object. Correct the value.\n", false},
		"null in a list":     {"VirtualService", "  http:\n  - match: [null]\n", "6:13 MG040 spec.http[0].match[0] must be a value, not null. Istio refuses the whole object. Correct the value.\n", false},
		"null in a map":      {"VirtualService", "  http:\n  - match: [{headers: {a: }}]\n", "6:24 MG040 a must be a value, not null. Istio refuses the whole object. Correct the value.\n", false},
		"bad base64":         {"VirtualService", "  http:\n  - directResponse: {body: {bytes: \"%%\"}}\n", "6:29 MG040 bytes must be base64 in a string, not \"%%\". Istio refuses the whole object. Correct the value.\n", false},
		"spec is a list":     {"VirtualService", "  - a\n", "4:1 MG040 spec must be a mapping, not a list. Istio refuses the whole object. Correct the value.\n", false},

		"enum":          {"DestinationRule", "  trafficPolicy: {tls: {mode: simple}}\n", "5:25 MG042 mode can't be simple: it is one of DISABLE, SIMPLE, MUTUAL, ISTIO_MUTUAL. Istio refuses the whole object. Did you mean SIMPLE?\n", false},
		"bare duration": {"VirtualService", "  http:\n  - timeout: 5\n", "6:5 MG040 timeout must be a duration such as 1.5s, 500ms or 1m, not 5. Istio refuses the whole object. Correct the value.\n", false},
		"days":          {"VirtualService", "  http:\n  - timeout: 1d\n", "6:5 MG043 timeout is not a duration: \"1d\". Istio refuses the whole object. Write a number with its unit: 1.5s, 500ms, 24h.\n", false},
		"negative port": {"VirtualService", "  http:\n  - match: [{port: -1}]\n", "6:14 MG044 port is -1, which is not between 0 and 4294967295. Istio refuses the whole object. Correct the number.\n", false},
		"huge weight":   {"VirtualService", "  http:\n  - route: [{weight: 4294967296}]\n", "6:14 MG044 weight is 4294967296, which is not between -2147483648 and 2147483647. Istio refuses the whole object. Correct the number.\n", false},
		"oneof":         {"VirtualService", "  http:\n  - match: [{uri: {exact: /a, prefix: /b}}]\n", "6:31 MG045 prefix can't stand beside exact: only one of them can be meant. Istio refuses the whole object. Keep one of them.\n", false},
		"oneof null":    {"VirtualService", "  http:\n  - match: [{uri: {exact: null, prefix: /b}}]\n", "", true},
		"two spellings": {"VirtualService", "  http:\n  - mirrorPercent: 10\n    mirror_percent: 20\n", "7:5 MG045 mirror_percent can't stand beside mirrorPercent: only one of them can be meant. Istio refuses the whole object. Keep one of them.\n", false},

		"placeholder in a string":   {"VirtualService", "  hosts: [\"${HOST}\"]\n", "", true},
		"placeholder in a number":   {"VirtualService", "  http:\n  - route: [{weight: \"${WEIGHT}\"}]\n", "6:14 MG049 weight is ${WEIGHT}, to be filled in with a whole number; what it does to traffic is not known before. Fill it in first (envsubst, kustomize build, helm template), then convert.\n", false},
		"placeholder in a duration": {"VirtualService", "  http:\n  - timeout: <seconds>s\n", "6:5 MG049 timeout is <seconds>s, to be filled in with a duration such as 1.5s, 500ms or 1m; what it does to traffic is not known before. Fill it in first (envsubst, kustomize build, helm template), then convert.\n", false},
		"placeholder in a choice":   {"DestinationRule", "  trafficPolicy: {tls: {mode: $MODE}}\n", "5:25 MG049 mode is $MODE, to be filled in with one of DISABLE, SIMPLE, MUTUAL, ISTIO_MUTUAL; what it does to traffic is not known before. Fill it in first (envsubst, kustomize build, helm template), then convert.\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			o, findings := object(t, c.kind, c.spec)
			if got := lines(findings); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			if o.Broken == c.whole {
				t.Errorf("Broken is %v", o.Broken)
			}
		})
	}
}

func TestEnvelope(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"no spec":     {"apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a}\n", "1:1 MG051 Gateway a has no spec: it serves nothing today, and is not converted. Write the spec, or remove the object.\n"},
		"stray key":   {"apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a}\nspec: {}\nservers: []\n", "5:1 MG052 servers stands beside the spec, where the API server drops it; it has no effect today. Move it below spec if it was meant to act, or remove it.\n"},
		"odd key":     {"apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a, team: b}\nspec: {}\n", "3:21 MG053 team is no part of an object's metadata; the API server drops it. Remove the key, or move it below spec if it was meant to act.\n"},
		"dotted key":  {"apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a}\nmetadata.labels: {}\nspec: {}\n", "4:1 MG052 metadata.labels stands beside the spec, where the API server drops it; it has no effect today. Move it below spec if it was meant to act, or remove it.\n"},
		"owned":       {"apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a, ownerReferences: [{kind: Ingress}]}\nspec: {}\n", "3:21 MG054 Another object owns this one and keeps changing it; what is made from it here is not kept up to date. Have the owner write Gateway API objects (most controllers can), instead of converting what it wrote.\n"},
		"bad labels":  {"apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a, labels: {version: 1}}\nspec: {}\n", "3:30 MG040 version must be a string; without quotes it is a whole number in YAML (1), and Istio refuses the whole object. Put quotes around it.\n"},
		"all silent":  {"apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a, uid: b, resourceVersion: \"1\", labels: {a: b}, annotations: {}}\nspec: {}\nstatus: {a: b}\n", ""},
		"old version": {"apiVersion: networking.istio.io/v1alpha3\nkind: Gateway\nmetadata: {name: a}\nspec: {}\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			o, findings := Bind(read(t, c.in))
			findings = finding.Sort(append(findings, Account(o)...))
			if got := lines(findings); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

func TestNoNameIsBroken(t *testing.T) {
	o, findings := Bind(read(t, "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {generateName: a-}\nspec: {}\n"))
	if !o.Broken || len(findings) > 0 {
		t.Errorf("broken: %v, findings: %v", o.Broken, findings)
	}
}

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		in, id string
		bound  bool
	}{
		{"apiVersion: v1\nkind: Service", "", true},
		{"apiVersion: v1\nkind: Namespace", "", true},
		{"apiVersion: argoproj.io/v1alpha1\nkind: Rollout", "", true},
		{"apiVersion: flagger.app/v1beta1\nkind: Canary", "", true},
		{"apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway", "", true},
		{"apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute", "", true},
		{"apiVersion: v1\nkind: ConfigMap", "", false},
		{"apiVersion: apps/v1\nkind: Deployment", "", false},
		{"apiVersion: example.com/v1\nkind: VirtualService", "", false},
		{"apiVersion: serving.knative.dev/v1\nkind: Service", "", false},
		{"apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy", "MG400", false},
		{"apiVersion: security.istio.io/v1beta1\nkind: RequestAuthentication", "MG401", false},
		{"apiVersion: security.istio.io/v1beta1\nkind: PeerAuthentication", "MG406", false},
		{"apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nspec: {mtls: {mode: STRICT}}", "MG402", false},
		{"apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nspec: {portLevelMtls: {8080: {mode: STRICT}}}", "MG402", false},
		{"apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter", "MG403", false},
		{"apiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin", "MG404", false},
		{"apiVersion: networking.istio.io/v1\nkind: Sidecar", "MG405", false},
		{"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry", "MG410", false},
		{"apiVersion: telemetry.istio.io/v1\nkind: Telemetry", "MG411", false},
		{"apiVersion: networking.istio.io/v1beta1\nkind: ProxyConfig", "MG412", false},
		{"apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator", "MG413", false},
		{"apiVersion: sailoperator.io/v1\nkind: Istio", "MG413", false},
		{"apiVersion: sailoperator.io/v1\nkind: IstioCNI", "", false},
		{"apiVersion: authentication.istio.io/v1alpha1\nkind: Policy", "MG414", false},
		{"apiVersion: networking.istio.io/v1\nkind: VirtualServices", "MG420", false},
		{"apiVersion: networking.istio.io/v2\nkind: VirtualService", "MG421", false},
		{"apiVersion: networking.istio.io\nkind: VirtualService", "MG421", false},
		{"apiVersion: security.istio.io/v1\nkind: Gateway", "MG421", false},
	} {
		o, findings := Bind(read(t, c.in+"\nmetadata: {name: a, namespace: b}\n"))
		var ids []string
		for _, f := range findings {
			ids = append(ids, f.Rule.ID)
		}
		if got := strings.Join(ids, " "); got != c.id || (o != nil) != c.bound {
			t.Errorf("%q: findings %q, bound %v", c.in, got, o != nil)
		}
		if o != nil && (o.Spec != nil || Account(o) != nil) {
			t.Errorf("%q is context only", c.in)
		}
	}
}

func TestKindNamesWorkloads(t *testing.T) {
	for in, want := range map[string]string{
		"spec: {selector: {matchLabels: {istio: ingressgateway, app: b}}}": "the pods labelled app=b, istio=ingressgateway;",
		"spec: {targetRefs: [{kind: Gateway, name: edge}]}":                "Gateway edge;",
		"spec: {}": "all pods of namespace b (of the whole mesh, if that is its root namespace);",
	} {
		_, findings := Bind(read(t, "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: a, namespace: b}\n"+in))
		if len(findings) != 1 || !strings.Contains(findings[0].Message, want) {
			t.Errorf("%s: %v", in, findings)
		}
	}
}

// specOf cuts the spec out of an object in JSON.
func specOf(t *testing.T, json []byte) []byte {
	t.Helper()
	var o map[string]any
	if err := yaml.Unmarshal(json, &o); err != nil {
		t.Fatal(err)
	}
	spec, err := yaml.Marshal(o["spec"])
	if err != nil {
		t.Fatal(err)
	}
	out, err := yaml.YAMLToJSON(spec)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestNearest(t *testing.T) {
	names := []string{"exact", "prefix", "regex", "to", "httpsRedirect"}
	for word, want := range map[string]string{
		"exat": "exact", "Prefix": "prefix", "regexp": "regex", "https_redirect": "httpsRedirect", "httpRedirect": "httpsRedirect",
		"tt": "", "contains": "", "": "",
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
