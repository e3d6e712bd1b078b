package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &o.Object); err != nil {
		t.Fatal(err)
	}
	return o
}

// What others refer to is applied first, and routes last, whatever the order of the
// input.
func TestOrder(t *testing.T) {
	text := ""
	for _, kind := range []string{
		"gateway.networking.k8s.io/v1 HTTPRoute", "gateway.envoyproxy.io/v1alpha1 BackendTrafficPolicy", "gateway.networking.k8s.io/v1 ReferenceGrant",
		"gateway.networking.k8s.io/v1 ListenerSet", "gateway.networking.k8s.io/v1 BackendTLSPolicy", "gateway.networking.k8s.io/v1 Gateway", "v1 Service",
		"kustomize.config.k8s.io/v1beta1 Kustomization",
	} {
		version, name, _ := strings.Cut(kind, " ")
		text += fmt.Sprintf("---\napiVersion: %s\nkind: %s\nmetadata: {name: a}\n", version, name)
	}
	docs, found, err := source.Split(context.Background(), []source.File{{Name: "in.yaml", Data: []byte(text)}})
	if err != nil || len(found) > 0 {
		t.Fatal(err, found)
	}
	items, err := Items(docs, "shop")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range items {
		got = append(got, i.String())
	}
	want := "Service shop/a, ReferenceGrant shop/a, Gateway shop/a, ListenerSet shop/a, BackendTLSPolicy shop/a, BackendTrafficPolicy shop/a, HTTPRoute shop/a"
	if strings.Join(got, ", ") != want {
		t.Errorf("order is %s", strings.Join(got, ", "))
	}
	if _, err := Items(append(docs, docs[0]), "shop"); err == nil || !strings.Contains(err.Error(), "HTTPRoute shop/a is in the input twice, the first time at in.yaml:2") {
		t.Errorf("twice: %v", err)
	}
	for _, i := range items {
		if !Writes(i) {
			t.Errorf("%s would not be found again", i)
		}
	}
}

// A route is ready where each of its parents, by its full name, has a controller that
// accepts this generation of it and resolves its references.
func TestRouteLacks(t *testing.T) {
	accepted := `[{type: Accepted, status: "True", observedGeneration: 2}, {type: ResolvedRefs, status: "True", observedGeneration: 2}]`
	for name, c := range map[string]struct{ refs, parents, want string }{
		"none yet":           {"[{name: edge}]", "[]", "parent Gateway edge: no controller has answered for it"},
		"ready":              {"[{name: edge}]", "[{parentRef: {group: gateway.networking.k8s.io, kind: Gateway, namespace: shop, name: edge}, conditions: " + accepted + "}]", ""},
		"another section":    {"[{name: edge, sectionName: a}]", "[{parentRef: {name: edge, sectionName: b}, conditions: " + accepted + "}]", "parent Gateway edge a: no controller"},
		"another namespace":  {"[{name: edge, namespace: infra}]", "[{parentRef: {name: edge}, conditions: " + accepted + "}]", "no controller"},
		"a Service":          {`[{group: "", kind: Service, name: web}]`, `[{parentRef: {group: "", kind: Service, name: web}, conditions: ` + accepted + "}]", ""},
		"an old generation":  {"[{name: edge}]", strings.ReplaceAll("[{parentRef: {name: edge}, conditions: "+accepted+"}]", ": 2", ": 1"), "Accepted is of an earlier generation"},
		"refused":            {"[{name: edge}]", `[{parentRef: {name: edge}, conditions: [{type: Accepted, status: "False", reason: NotAllowed, message: not here, observedGeneration: 2}]}]`, "Accepted is False (NotAllowed: not here)"},
		"no references":      {"[{name: edge}]", `[{parentRef: {name: edge}, conditions: [{type: Accepted, status: "True", observedGeneration: 2}]}]`, "ResolvedRefs is not set yet"},
		"one of two content": {"[{name: edge}]", `[{parentRef: {name: edge}, conditions: []}, {parentRef: {name: edge}, conditions: ` + accepted + "}]", ""},
		"one parent of two":  {"[{name: edge}, {name: other}]", "[{parentRef: {name: edge}, conditions: " + accepted + "}]", "parent Gateway other"},
	} {
		o := object(t, fmt.Sprintf("{metadata: {name: r, namespace: shop, generation: 2}, spec: {parentRefs: %s}, status: {parents: %s}}", c.refs, c.parents))
		if got := routeLacks(o); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// What the server adds is left out of files, and what orders VirtualServices is not.
func TestFileOf(t *testing.T) {
	f, err := fileOf(object(t, `{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: edge, namespace: shop, uid: u, resourceVersion: "1", generation: 3, managedFields: [{}],
  creationTimestamp: "2026-01-01T00:00:00Z", annotations: {kubectl.kubernetes.io/last-applied-configuration: x}}, spec: {servers: []}, status: {a: b}}`), "gateways")
	if err != nil {
		t.Fatal(err)
	}
	want := "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  creationTimestamp: \"2026-01-01T00:00:00Z\"\n  name: edge\n  namespace: shop\nspec:\n  servers: []\n"
	if f.Name != "shop/gateways.networking.istio.io/edge.yaml" || string(f.Data) != want {
		t.Errorf("%s:\n%s", f.Name, f.Data)
	}
}

// What may pass is tried again until the time is over; what may not is not.
func TestAgain(t *testing.T) {
	down := &url.Error{Op: "Get", URL: "https://x", Err: errors.New("connection refused")}
	tries := 0
	if err := new(Client).again(context.Background(), func() error {
		if tries++; tries < 3 {
			return down
		}
		return nil
	}); err != nil || tries != 3 {
		t.Errorf("%d tries: %v", tries, err)
	}
	ctx, stop := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer stop()
	if err := new(Client).again(ctx, func() error { return down }); !errors.Is(err, down) {
		t.Errorf("in the end: %v", err)
	}
	for _, final := range []error{
		apierrors.NewForbidden(schema.GroupResource{Resource: "services"}, "a", errors.New("no")), apierrors.NewConflict(schema.GroupResource{}, "a", errors.New("theirs")),
		errors.New(".spec.a: field not declared in schema"), context.Canceled,
	} {
		tries = 0
		if err := new(Client).again(context.Background(), func() error { tries++; return final }); err == nil || tries != 1 {
			t.Errorf("%v: %d tries", final, tries)
		}
	}
}

// Every kind that is written is one that a rollback looks for.
func TestWritten(t *testing.T) {
	for _, gk := range Written() {
		if gk.Group == "networking.istio.io" && gk.Kind != "DestinationRule" || gk.Kind == "Namespace" || gk.Kind == "Secret" || gk.Kind == "CustomResourceDefinition" {
			t.Errorf("%s must never be removed", gk)
		}
	}
}

// Hosts meet where either takes the other: wildcards do, and short names of the mesh.
func TestMeets(t *testing.T) {
	for host, want := range map[string]bool{"shop.example.com": true, "*.example.com": true, "a.example.org": true, "example.com": false, "web.shop.svc.cluster.local": true, "other.shop.svc.cluster.local": false} {
		if got := meets(host, []string{"shop.example.com", "*.example.org", "web.shop.svc.cluster.local"}); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

// Variables of containers stay in the cluster.
func TestWithoutEnvironment(t *testing.T) {
	o := object(t, `{kind: Deployment, spec: {template: {spec: {initContainers: [{name: a, env: [{name: A, value: hunter2}]}], containers: [{name: b, image: b, env: [{name: A, value: hunter2}]}]}}}}`)
	f, err := fileOf(o, "deployments")
	if err != nil || strings.Contains(string(f.Data), "hunter2") || !strings.Contains(string(f.Data), "image: b") || !strings.Contains(string(f.Data), "name: a") {
		t.Errorf("%v:\n%s", err, f.Data)
	}
}

// A Gateway that is programmed may have a listener that is not, and a policy counts
// where every ancestor accepts it.
func TestListenersAndPolicies(t *testing.T) {
	gateway := object(t, `{kind: Gateway, metadata: {generation: 1}, status: {listeners: [{name: a, conditions: [{type: Programmed, status: "True"}]}, {name: b, conditions: [{type: ResolvedRefs, status: "False", reason: InvalidCertificateRef, message: no Secret}]}]}}`)
	if got := listenersLack(gateway); got != "listener b: ResolvedRefs is False (InvalidCertificateRef: no Secret)" {
		t.Error(got)
	}
	policy := object(t, `{kind: BackendTLSPolicy, metadata: {generation: 1}, status: {ancestors: [{ancestorRef: {name: edge}, conditions: [{type: Accepted, status: "False", reason: TargetNotFound, message: gone}]}]}}`)
	if got := new(Client).policyLacks(&Item{Unstructured: policy}, time.Now())(policy); got != "at Gateway edge: Accepted is False (TargetNotFound: gone)" {
		t.Error(got)
	}
}
