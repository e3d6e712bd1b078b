package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/check/internal/schema"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

const module = "sigs.k8s.io/gateway-api"

// download returns the zip file of a release in the module cache. The go command
// fetches it when it is not there yet. It does so, and then complains, when the
// module asks for a newer Go; only its files are wanted here.
func download(r release) (zip string, err error) {
	cmd := exec.Command("go", "mod", "download", "-json", module+"@"+r.version)
	stdout, runErr := cmd.Output() // an error is told in the answer too, in more words
	var answer struct{ Zip, Sum, Error string }
	if err := json.Unmarshal(stdout, &answer); err != nil {
		return "", fmt.Errorf("%s: %w", cmd, errors.Join(runErr, err))
	}
	if answer.Zip == "" {
		return "", fmt.Errorf("%s: %s", cmd, answer.Error)
	}
	if answer.Sum != r.sum {
		return "", fmt.Errorf("%s@%s has the sum %s, not %s", module, r.version, answer.Sum, r.sum)
	}
	return answer.Zip, nil
}

// generate returns the files of one bundle by their name below the schemas folder.
func generate(b target.Bundle, zipFile string) (map[string][]byte, error) {
	r := releases[b.Version]
	archive, err := zip.OpenReader(zipFile)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	tree, err := fs.Sub(archive, module+"@"+r.version)
	if err != nil {
		return nil, err
	}
	sources, err := fs.Glob(tree, path.Join("config", "crd", string(b.Channel), "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("no CRDs in %s", zipFile)
	}
	return pack(b, tree, sources)
}

// pack returns the files made of sources, and their index.
func pack(b target.Bundle, tree fs.FS, sources []string) (map[string][]byte, error) {
	folder := schema.Folder(b)
	r := releases[b.Version]
	index := schema.Index{Module: module + "@" + r.version, Sum: r.sum}
	files := map[string][]byte{}
	for _, source := range sources {
		raw, err := fs.ReadFile(tree, source)
		if err != nil {
			return nil, err
		}
		crd, err := parse(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
		if crd == nil {
			continue
		}
		content, err := json.Marshal(crd)
		if err != nil {
			return nil, err
		}
		entry := describe(crd)
		entry.SHA256 = sum(content)
		entry.Source = schema.Source{Path: source, SHA256: sum(raw)}
		index.Kinds = append(index.Kinds, entry)
		if files[path.Join(folder, entry.File)], err = compress(content); err != nil {
			return nil, err
		}
	}
	indexJSON, err := json.MarshalIndent(index, "", "  ")
	if err != nil {
		return nil, err
	}
	files[path.Join(folder, schema.IndexFile)] = append(indexJSON, '\n')
	return files, nil
}

// parse reads a CRD and drops what validation does not need. Other documents,
// such as the kustomization or the admission policy, give nil.
func parse(raw []byte) (*apiextensionsv1.CustomResourceDefinition, error) {
	crd := &apiextensionsv1.CustomResourceDefinition{}
	for _, document := range bytes.Split(raw, []byte("\n---\n")) {
		var head struct {
			Kind string `json:"kind"`
		}
		if err := yaml.Unmarshal(document, &head); err != nil {
			return nil, err
		}
		if head.Kind != "CustomResourceDefinition" {
			continue
		}
		if crd.Kind != "" {
			return nil, errors.New("two CRDs in one file")
		}
		if err := yaml.UnmarshalStrict(document, crd); err != nil {
			return nil, err
		}
	}
	if crd.Kind == "" {
		return nil, nil
	}
	strip(crd)
	return crd, nil
}

// strip drops what validation does not need. The admission policy's annotations
// on version and channel stay: they say what the file is.
func strip(crd *apiextensionsv1.CustomResourceDefinition) {
	annotations := map[string]string{}
	for key, value := range crd.Annotations {
		if strings.HasPrefix(key, target.Group+"/") {
			annotations[key] = value
		}
	}
	crd.ObjectMeta = metav1.ObjectMeta{Name: crd.Name, Annotations: annotations}
	crd.Status = apiextensionsv1.CustomResourceDefinitionStatus{}
	for i := range crd.Spec.Versions {
		v := &crd.Spec.Versions[i]
		v.AdditionalPrinterColumns = nil
		if !v.Served {
			v.Schema = nil
			continue
		}
		stripSchema(v.Schema.OpenAPIV3Schema)
	}
}

// stripSchema drops descriptions all the way down. It lists every place that a
// structural schema may hold another one at; a place that it misses keeps its
// description, and nothing else.
func stripSchema(s *apiextensionsv1.JSONSchemaProps) {
	if s == nil {
		return
	}
	s.Description = ""
	if s.Items != nil {
		stripSchema(s.Items.Schema)
	}
	if s.AdditionalProperties != nil {
		stripSchema(s.AdditionalProperties.Schema)
	}
	for name, property := range s.Properties {
		stripSchema(&property)
		s.Properties[name] = property
	}
	for _, list := range [][]apiextensionsv1.JSONSchemaProps{s.AllOf, s.AnyOf, s.OneOf} {
		for i := range list {
			stripSchema(&list[i])
		}
	}
	stripSchema(s.Not)
}

// describe is the line of the index for a CRD.
func describe(crd *apiextensionsv1.CustomResourceDefinition) schema.Kind {
	k := schema.Kind{Group: crd.Spec.Group, Kind: crd.Spec.Names.Kind, File: crd.Spec.Names.Plural + ".json.gz"}
	for _, v := range crd.Spec.Versions {
		if v.Served {
			k.Served = append(k.Served, v.Name)
		}
	}
	return k
}

// compress packs content without a name or a time, so that equal content gives
// equal bytes.
func compress(content []byte) ([]byte, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}
