package kgateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/istio/istiotest"
	"github.com/mesh2gw/mesh2gw/convert/policy/kgateway"
)

// crd judges objects of one kind as the API server does.
type crd struct {
	structural *structuralschema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

// crds are kgateway's, of its Go module in the module cache. go mod download
// github.com/kgateway-dev/kgateway/v2@v2.4.0 puts it there; the test reaches no network.
func crds(t *testing.T) map[string]*crd {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", "github.com/kgateway-dev/kgateway/v2@v"+kgateway.Version)
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off")
	cmd.Dir = t.TempDir()
	out, err := cmd.Output()
	var module struct{ Dir string }
	if err != nil || json.Unmarshal(out, &module) != nil {
		t.Skip("kgateway's module is not in the module cache")
	}
	files, err := filepath.Glob(filepath.Join(module.Dir, "install/helm/kgateway-crds/templates/*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no CRDs in %s: %v", module.Dir, err)
	}
	all := map[string]*crd{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var in apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(text, &in); err != nil || in.Kind != "CustomResourceDefinition" {
			t.Fatalf("%s: %v", file, err)
		}
		switch in.Spec.Names.Kind {
		case "TrafficPolicy", "DirectResponse", "BackendConfigPolicy":
			all[in.Spec.Names.Kind] = compiled(t, in.Spec.Versions[0].Schema)
		}
	}
	if len(all) != 3 {
		t.Fatalf("%d of 3 kinds in %s", len(all), module.Dir)
	}
	return all
}

func compiled(t *testing.T, in *apiextensionsv1.CustomResourceValidation) *crd {
	t.Helper()
	var internal apiextensions.CustomResourceValidation
	if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(in, &internal, nil); err != nil {
		t.Fatal(err)
	}
	structural, err := structuralschema.NewStructural(internal.OpenAPIV3Schema)
	if err != nil {
		t.Fatal(err)
	}
	schema, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
	if err != nil {
		t.Fatal(err)
	}
	return &crd{structural, schema, cel.NewValidator(structural, true, celconfig.PerCallLimit)}
}

// decoded reads an object as the API server does: whole numbers are int64.
func decoded(t *testing.T, text []byte) map[string]any {
	t.Helper()
	encoded, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := utiljson.Unmarshal(encoded, &object); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return object
}

// problems are why a cluster refuses the object, or drops a part of it.
func (c *crd) problems(object map[string]any) []string {
	var all []string
	for _, path := range pruning.PruneWithOptions(object, c.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}) {
		all = append(all, "unknown field "+path)
	}
	defaulting.Default(object, c.structural)
	for _, err := range validation.ValidateCustomResource(nil, object, c.schema) {
		all = append(all, err.Error())
	}
	errs, _ := c.rules.Validate(context.Background(), nil, c.structural, object, nil, celconfig.RuntimeCELCostBudget)
	for _, err := range errs {
		all = append(all, err.Error())
	}
	return all
}

// Every resource that the goldens show, and every one that a sample of a field
// of Istio's brings, passes kgateway's CRDs.
func TestCRDs(t *testing.T) {
	kinds := crds(t)
	checked := map[string]bool{}
	judge := func(from string, text []byte) {
		object := decoded(t, text)
		if object["apiVersion"] != "gateway.kgateway.dev/v1alpha1" || checked[string(text)] {
			return
		}
		checked[string(text)] = true
		for _, problem := range kinds[object["kind"].(string)].problems(object) {
			t.Errorf("%s: %s\n%s", from, problem, text)
		}
	}
	files, err := filepath.Glob("../../../testdata/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if name := f.Name; name != "out.yaml" && name != "after.yaml" || !bytes.Contains(f.Data, []byte("gateway.kgateway.dev/v1alpha1")) {
				continue
			}
			for doc := range strings.SplitSeq(string(f.Data), "\n---\n") {
				judge(file, []byte(doc))
			}
		}
	}
	for _, p := range istiotest.Paths() {
		for _, sample := range p.Samples {
			for doc := range strings.Lines(encoded(t, converted(t, sample))) {
				judge(p.Kind+" "+p.Path, []byte(doc))
			}
		}
	}
	if len(checked) < 50 {
		t.Errorf("%d objects were checked", len(checked))
	}
	t.Logf("%d objects", len(checked))
}

// What the CRDs must refuse: the test above is not blind.
func TestCRDsRefuse(t *testing.T) {
	kinds := crds(t)
	for _, bad := range []string{
		`{apiVersion: gateway.kgateway.dev/v1alpha1, kind: TrafficPolicy, metadata: {name: a}, spec: {timeouts: {request: 0s}, retry: {retryOn: [reset], perTryTimeout: 1s}}}`,
		`{apiVersion: gateway.kgateway.dev/v1alpha1, kind: TrafficPolicy, metadata: {name: a}, spec: {retry: {retryOn: [retriable-headers]}}}`,
		`{apiVersion: gateway.kgateway.dev/v1alpha1, kind: TrafficPolicy, metadata: {name: a}, spec: {timeout: 1s}}`,
		`{apiVersion: gateway.kgateway.dev/v1alpha1, kind: DirectResponse, metadata: {name: a}, spec: {status: 199}}`,
		`{apiVersion: gateway.kgateway.dev/v1alpha1, kind: BackendConfigPolicy, metadata: {name: a}, spec: {loadBalancer: {healthyPanicThreshold: 0}}}`,
		`{apiVersion: gateway.kgateway.dev/v1alpha1, kind: BackendConfigPolicy, metadata: {name: a}, spec: {connectTimeout: 1.5s}}`,
	} {
		object := decoded(t, []byte(bad))
		if len(kinds[object["kind"].(string)].problems(object)) == 0 {
			t.Errorf("accepted: %s", bad)
		}
	}
}
