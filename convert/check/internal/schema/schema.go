// Package schema holds the CRDs of the Gateway API bundles as they were published,
// without descriptions. Nothing is unpacked before it is asked for.
package schema

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"path"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/mesh2gw/mesh2gw/convert/target"
)

//go:embed crds
var files embed.FS

const root = "crds"

// IndexFile is the name of the table of contents in the folder of a bundle.
const IndexFile = "index.json"

// Index lists the kinds of a bundle.
type Index struct {
	Module string `json:"module"` // "sigs.k8s.io/gateway-api@v1.6.3"
	Sum    string `json:"sum"`    // as in go.sum
	Kinds  []Kind `json:"kinds"`
}

// Kind is one CRD of a bundle.
type Kind struct {
	Group  string   `json:"group"`
	Kind   string   `json:"kind"`
	Served []string `json:"served"` // versions, as the CRD orders them
	File   string   `json:"file"`   // gzip of the CRD in JSON, in the bundle's folder
	SHA256 string   `json:"sha256"` // of that JSON
	Source
}

// Source says where a CRD was published.
type Source struct {
	Path   string `json:"source"`       // in the module
	SHA256 string `json:"sourceSHA256"` // of that file
}

// Folder is where the files of a bundle are: "1.6-standard".
func Folder(b target.Bundle) string { return fmt.Sprintf("%s-%s", b.Version, b.Channel) }

// Read returns the index of a bundle.
func Read(b target.Bundle) (Index, error) {
	var index Index
	raw, err := files.ReadFile(path.Join(root, Folder(b), IndexFile))
	if err != nil {
		return index, fmt.Errorf("no CRDs for %s: %w", b, err)
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		return index, fmt.Errorf("index of %s: %w", b, err)
	}
	return index, nil
}

// JSON returns the CRD of a kind of b in JSON.
func (k Kind) JSON(b target.Bundle) ([]byte, error) {
	packed, err := files.ReadFile(path.Join(root, Folder(b), k.File))
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.File, err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.File, err)
	}
	return content, nil
}

// CRD returns the CRD of a kind of b. Versions that are not served have no schema.
func (k Kind) CRD(b target.Bundle) (*apiextensionsv1.CustomResourceDefinition, error) {
	content, err := k.JSON(b)
	if err != nil {
		return nil, err
	}
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := json.Unmarshal(content, crd); err != nil {
		return nil, fmt.Errorf("%s: %w", k.File, err)
	}
	return crd, nil
}
