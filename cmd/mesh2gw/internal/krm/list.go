// Package krm speaks the KRM Functions Specification (config.kubernetes.io/v1):
// kpt and kustomize hand a ResourceList to a function's standard input, and take
// one from its standard output, with results.
// https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md
//
// It keeps what it does not change as nodes of yaml.v3, the parser that reads
// Istio's objects already: comments and the order of keys stay. The framework
// of kyaml would do the same by a fork of that parser, and bring the OpenAPI
// documents of Kubernetes into every start of the command.
package krm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// List is a ResourceList.
type List struct {
	Items   []*Item
	Results []Result

	root *yaml.Node // the mapping; its items and results are those above
}

// group is the API group of a ResourceList; orchestrators use v1, v1beta1 and
// v1alpha1 for the same shape.
const group = "config.kubernetes.io/"

// what announces a ResourceList: in block style, or as JSON.
var announced = regexp.MustCompile(`(?m)^kind:[ \t]*["']?ResourceList["']?[ \t]*\r?$|"kind":\s*"ResourceList"`)

// Looks tells whether data is likely a ResourceList: whether it should be read
// as one.
func Looks(data []byte) bool {
	return announced.Match(data) && bytes.Contains(data, []byte(group))
}

// Read reads a ResourceList.
func Read(data []byte) (*List, error) {
	root, err := mapping(data)
	if err != nil {
		return nil, err
	}
	if kind := text(child(root, "kind")); kind != "ResourceList" || !strings.HasPrefix(text(child(root, "apiVersion")), group) {
		return nil, fmt.Errorf("want apiVersion: %sv1 and kind: ResourceList, not %q and %q", group, text(child(root, "apiVersion")), kind)
	}
	l := &List{root: root}
	items := child(root, "items")
	switch {
	case items == nil || items.Tag == "!!null":
		return l, nil
	case items.Kind != yaml.SequenceNode:
		return nil, errors.New("items: want a list")
	}
	for i, n := range items.Content {
		if n.Kind != yaml.MappingNode {
			return nil, fmt.Errorf("items[%d]: want an object", i)
		}
		l.Items = append(l.Items, newItem(n))
	}
	return l, nil
}

// mapping reads the only document of data.
func mapping(data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("it is empty")
	case err != nil:
		return nil, err
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one document")
	}
	if len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("it is no object")
	}
	return document.Content[0], nil
}

// Write writes l, with its items and results as they are now.
func (l *List) Write(w io.Writer) error {
	items := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, item := range l.Items {
		items.Content = append(items.Content, item.node)
	}
	set(l.root, "items", items)
	remove(l.root, "results")
	if len(l.Results) > 0 {
		results := new(yaml.Node)
		if err := results.Encode(l.Results); err != nil {
			return err
		}
		set(l.root, "results", results)
	}
	var data bytes.Buffer
	if err := encode(&data, l.root); err != nil {
		return err
	}
	if again, err := mapping(data.Bytes()); err != nil || !same(l.root, again) {
		return errors.New("the ResourceList has YAML that can't be written again with its meaning; write it in block style, without comments within brackets")
	}
	_, err := w.Write(data.Bytes())
	return err
}

// encode writes n. yaml.v3 does not write all that it reads with the same
// meaning: a key that is null becomes an empty string.
func encode(w io.Writer, n *yaml.Node) error {
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	return errors.Join(encoder.Encode(n), encoder.Close())
}
