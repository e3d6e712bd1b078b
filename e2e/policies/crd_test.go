// Package policies judges resources of implementations by their CRDs, as the API
// server of a cluster does. The CRDs come from the implementations' Go modules, of
// which no code is compiled.
package policies

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

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
)

// crd judges objects of one kind.
type crd struct {
	structural *structuralschema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

// module downloads a Go module (path@version), and returns its folder.
func module(t *testing.T, name string) string {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", name)
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	cmd.Dir = t.TempDir()
	out, err := cmd.Output()
	var found struct{ Dir, Error string }
	if decoded := json.Unmarshal(out, &found); err != nil || decoded != nil {
		t.Fatalf("%s can't be downloaded: %v %s", name, err, found.Error)
	}
	return found.Dir
}

// crdsOf are those of kinds in the YAML files that match a pattern, by kind.
func crdsOf(t *testing.T, pattern string, kinds ...string) map[string]*crd {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
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
		if slices.Contains(kinds, in.Spec.Names.Kind) {
			all[in.Spec.Names.Kind] = compiled(t, in.Spec.Versions[0].Schema)
		}
	}
	if len(all) != len(kinds) {
		t.Fatalf("%d of %d kinds in %s", len(all), len(kinds), pattern)
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

// decoded reads YAML or JSON as the API server does: whole numbers are int64.
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

// problems are why a cluster refuses an object, or drops a part of it. Defaults
// are filled in.
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
