package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mesh2gw/mesh2gw/convert/check/internal/schema"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

const repair = "stale: run make schemas"

// The schemas in the repository are those of the releases in this program, made by
// this program: tried by the sums recorded with them, and, where the module is in
// the module cache, by making them again.
func TestSchemas(t *testing.T) {
	for _, b := range target.Bundles() {
		t.Run(b.String(), func(t *testing.T) {
			r := releases[b.Version]
			index, err := schema.Read(b)
			if err != nil {
				t.Fatal(err)
			}
			if index.Module != module+"@"+r.version || index.Sum != r.sum {
				t.Errorf("made from %s %s, not from %s %s; %s", index.Module, index.Sum, r.version, r.sum, repair)
			}
			for _, k := range index.Kinds {
				content, err := k.JSON(b)
				if err != nil {
					t.Error(err)
				} else if sum(content) != k.SHA256 {
					t.Errorf("%s does not have the recorded sum; %s", k.File, repair)
				}
			}
			compareWithModule(t, b)
		})
	}
}

func compareWithModule(t *testing.T, b target.Bundle) {
	r := releases[b.Version]
	zip := filepath.Join(moduleCache(t), "cache", "download", filepath.FromSlash(module), "@v", r.version+".zip")
	if _, err := os.Stat(zip); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("recorded sums hold; not made again, since %s is not there. Run: go mod download %s@%s", zip, module, r.version)
	}
	if raw, err := os.ReadFile(zip + "hash"); err == nil && string(bytes.TrimSpace(raw)) != r.sum {
		t.Fatalf("%s has the sum %s, not %s", zip, raw, r.sum)
	}
	want, err := generate(b, zip)
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join("..", "schema", "crds")
	for name, content := range want {
		got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Errorf("%v; %s", err, repair)
			continue
		}
		// What is packed is compared: another Go release may pack it differently.
		if diff := cmp.Diff(unpacked(t, name, content), unpacked(t, name, got)); diff != "" {
			t.Errorf("%s is %s", name, repair)
		}
	}
	entries, err := os.ReadDir(filepath.Join(root, schema.Folder(b)))
	if err != nil || len(entries) != len(want) {
		t.Errorf("%d files for %s, not %d (%v); %s", len(entries), b, len(want), err, repair)
	}
}

func moduleCache(t *testing.T) string {
	out, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func unpacked(t *testing.T, name string, content []byte) string {
	if !strings.HasSuffix(name, ".gz") {
		return string(content)
	}
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// What validation reads is kept, and a field named description is not mistaken for
// a description.
func TestParse(t *testing.T) {
	crd, err := parse([]byte(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.com
  annotations: {gateway.networking.k8s.io/channel: standard, other: x}
spec:
  group: example.com
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Age, type: date, jsonPath: .x}]
    schema:
      openAPIV3Schema:
        type: object
        description: a thing
        properties:
          description: {type: string, description: of the thing, maxLength: 3, default: abc}
          list:
            type: array
            x-kubernetes-list-type: map
            x-kubernetes-list-map-keys: [name]
            x-kubernetes-validations: [{rule: self.size() < 2, message: one}]
            items: {type: object, description: an item, properties: {name: {type: string, description: its name}}}
  - name: v1alpha1
    served: false
    storage: false
    schema: {openAPIV3Schema: {type: object}}
`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"gateway.networking.k8s.io/channel": "standard"}, crd.Annotations); diff != "" {
		t.Error(diff)
	}
	v := crd.Spec.Versions[0]
	if v.AdditionalPrinterColumns != nil || crd.Spec.Versions[1].Schema != nil {
		t.Errorf("not dropped: %v %v", v.AdditionalPrinterColumns, crd.Spec.Versions[1].Schema)
	}
	root := v.Schema.OpenAPIV3Schema
	description, list := root.Properties["description"], root.Properties["list"]
	if root.Description+description.Description+list.Items.Schema.Description+list.Items.Schema.Properties["name"].Description != "" {
		t.Error("descriptions are left")
	}
	if *description.MaxLength != 3 || string(description.Default.Raw) != `"abc"` || *list.XListType != "map" ||
		list.XListMapKeys[0] != "name" || list.XValidations[0].Message != "one" {
		t.Errorf("something is lost: %+v %+v", description, list)
	}
}

func TestParseOtherDocuments(t *testing.T) {
	crd, err := parse([]byte("---\napiVersion: v1\nkind: ConfigMap\n---\nkind: ValidatingAdmissionPolicy\n"))
	if crd != nil || err != nil {
		t.Errorf("got %v %v", crd, err)
	}
}
