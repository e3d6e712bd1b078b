package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"

	_ "istio.io/api/networking/v1alpha3" // their modules have the CRDs
	_ "sigs.k8s.io/gateway-api/apis/v1"
)

const gatewayAPI = "gateway.networking.k8s.io"

var (
	crds       = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	services   = schema.GroupVersionResource{Version: "v1", Resource: "services"}
	secrets    = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	classes    = schema.GroupVersionResource{Group: gatewayAPI, Version: "v1", Resource: "gatewayclasses"}
	gateways   = schema.GroupVersionResource{Group: gatewayAPI, Version: "v1", Resource: "gateways"}
	httpRoutes = schema.GroupVersionResource{Group: gatewayAPI, Version: "v1", Resource: "httproutes"}
	grpcRoutes = schema.GroupVersionResource{Group: gatewayAPI, Version: "v1", Resource: "grpcroutes"}
	istioVS    = schema.GroupVersionResource{Group: "networking.istio.io", Version: "v1", Resource: "virtualservices"}
	istioDR    = schema.GroupVersionResource{Group: "networking.istio.io", Version: "v1", Resource: "destinationrules"}
)

// module is the folder of a Go module at a version; "" for that of go.mod.
func module(t *testing.T, path, version string) string {
	t.Helper()
	args := []string{"list", "-m", "-f", "{{.Dir}}", path}
	if version != "" {
		args = []string{"mod", "download", "-json", path + "@" + version}
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatalf("go %v: %v", args, err)
	}
	if version == "" {
		return strings.TrimSpace(string(out))
	}
	var m struct{ Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		t.Fatal(err)
	}
	return m.Dir
}

// install creates the CRDs of Gateway API at a version ("" for the one that go.mod
// names) and of Istio, and waits until they are served.
func (s *server) install(t *testing.T, bundle string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(module(t, "sigs.k8s.io/gateway-api", bundle), "config/crd/standard/*.yaml"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files with CRDs of Gateway API: %v", len(files), err)
	}
	files = append(files, filepath.Join(module(t, "istio.io/api", ""), "kubernetes/customresourcedefinitions.gen.yaml"))
	var names []string
	for _, f := range files {
		for _, o := range objects(t, f) {
			if o.GetKind() == "CustomResourceDefinition" {
				s.create(t, crds, o)
				names = append(names, o.GetName())
			}
		}
	}
	for _, name := range names {
		s.until(t, "CRD "+name+" is served", func(ctx context.Context) (bool, error) {
			o, err := s.client.Resource(crds).Get(ctx, name, metav1.GetOptions{})
			return err == nil && condition(o.Object, "Established"), err
		})
	}
}

// condition tells whether one is True.
func condition(o map[string]any, name string) bool {
	all, _, _ := unstructured.NestedSlice(o, "status", "conditions")
	for _, c := range all {
		if c, ok := c.(map[string]any); ok && c["type"] == name && c["status"] == "True" {
			return true
		}
	}
	return false
}

// objects reads a file.
func objects(t *testing.T, name string) (all []*unstructured.Unstructured) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 4096)
	for {
		o := &unstructured.Unstructured{}
		switch err := d.Decode(&o.Object); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatalf("%s: %v", name, err)
		case len(o.Object) > 0:
			all = append(all, o)
		}
	}
}

func (s *server) create(t *testing.T, gvr schema.GroupVersionResource, o *unstructured.Unstructured) {
	t.Helper()
	if _, err := s.client.Resource(gvr).Namespace(o.GetNamespace()).Create(context.Background(), o, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatalf("create %s %s: %v", o.GetKind(), o.GetName(), err)
	}
}

// makes creates an object of YAML.
func (s *server) makes(t *testing.T, gvr schema.GroupVersionResource, text string) {
	t.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096).Decode(&o.Object); err != nil {
		t.Fatal(err)
	}
	s.create(t, gvr, o)
}

// until waits for something.
func (s *server) until(t *testing.T, what string, holds func(context.Context) (bool, error)) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	for {
		ok, err := holds(ctx)
		if ok {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("never: %s: %v", what, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// class creates a GatewayClass that is accepted and lists features.
func (s *server) class(t *testing.T, name string, features ...string) {
	t.Helper()
	s.makes(t, classes, `{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: `+name+`}, spec: {controllerName: mesh2gw.test/controller}}`)
	o, err := s.client.Resource(classes).Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	listed := []any{}
	for _, f := range features {
		listed = append(listed, map[string]any{"name": f})
	}
	o.Object["status"] = map[string]any{"conditions": conditions(o, "Accepted"), "supportedFeatures": listed}
	if _, err := s.client.Resource(classes).UpdateStatus(context.Background(), o, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func conditions(o *unstructured.Unstructured, types ...string) []any {
	var all []any
	for _, t := range types {
		all = append(all, map[string]any{
			"type": t, "status": "True", "reason": t, "message": "", "observedGeneration": o.GetGeneration(), "lastTransitionTime": time.Now().UTC().Format(time.RFC3339),
		})
	}
	return all
}

// controller answers Gateways and routes as an implementation does, until the test
// ends. Routes whose name is in stubborn it does not accept.
func (s *server) controller(t *testing.T, stubborn ...string) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	t.Cleanup(func() { stop(); <-done })
	go func() {
		defer close(done)
		for ; ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
			s.answer(ctx, gateways, func(o *unstructured.Unstructured) map[string]any {
				return map[string]any{"conditions": conditions(o, "Accepted", "Programmed")}
			})
			for _, gvr := range []schema.GroupVersionResource{httpRoutes, grpcRoutes} {
				s.answer(ctx, gvr, func(o *unstructured.Unstructured) map[string]any { return routeStatus(o, stubborn) })
			}
		}
	}()
}

func (s *server) answer(ctx context.Context, gvr schema.GroupVersionResource, status func(*unstructured.Unstructured) map[string]any) {
	list, err := s.client.Resource(gvr).List(ctx, metav1.ListOptions{})
	if err != nil {
		return // the server is down
	}
	for i := range list.Items {
		o := &list.Items[i]
		if seen, _, _ := unstructured.NestedString(o.Object, "metadata", "annotations", "seen"); seen == string(o.GetUID()) {
			continue
		}
		o.Object["status"] = status(o)
		_, _ = s.client.Resource(gvr).Namespace(o.GetNamespace()).UpdateStatus(ctx, o, metav1.UpdateOptions{})
	}
}

func routeStatus(o *unstructured.Unstructured, stubborn []string) map[string]any {
	parents := []any{}
	refs, _, _ := unstructured.NestedSlice(o.Object, "spec", "parentRefs")
	for _, ref := range refs {
		all := conditions(o, "Accepted", "ResolvedRefs")
		for _, name := range stubborn {
			if name == o.GetName() {
				refused := all[1].(map[string]any)
				refused["status"], refused["reason"], refused["message"] = "False", "BackendNotFound", "no such Service"
			}
		}
		parents = append(parents, map[string]any{"parentRef": ref, "controllerName": "mesh2gw.test/controller", "conditions": all})
	}
	return map[string]any{"parents": parents}
}

// count is how many objects there are.
func (s *server) count(t *testing.T, gvr schema.GroupVersionResource, selector string) int {
	t.Helper()
	list, err := s.of(gvr).List(context.Background(), metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		t.Fatal(err)
	}
	return len(list.Items)
}

func (s *server) of(gvr schema.GroupVersionResource) dynamic.NamespaceableResourceInterface {
	return s.client.Resource(gvr)
}
