package krm

import (
	"bytes"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Annotations by which orchestrators know where an object is kept. The first of
// each is the specification's, the second what it was called before.
var (
	pathKeys  = []string{"internal.config.kubernetes.io/path", "config.kubernetes.io/path"}
	indexKeys = []string{"internal.config.kubernetes.io/index", "config.kubernetes.io/index"}
)

// originKey is where kustomize says it, with buildMetadata: [originAnnotations].
const originKey = "config.kubernetes.io/origin"

// Item is one object of a ResourceList.
type Item struct {
	APIVersion, Kind, Namespace, Name string

	Path  string // the file that holds it; "" where the orchestrator does not say
	Index int    // which of the file's documents it is

	node *yaml.Node
}

func newItem(n *yaml.Node) *Item {
	item := &Item{
		APIVersion: text(child(n, "apiVersion")), Kind: text(child(n, "kind")),
		Namespace: text(at(n, "metadata", "namespace")), Name: text(at(n, "metadata", "name")),
		node: n,
	}
	item.Path = item.annotated(pathKeys)
	item.Index, _ = strconv.Atoi(item.annotated(indexKeys))
	item.Index = max(item.Index, 0)
	if item.Path == "" {
		item.Path = originPath(item.Annotation(originKey))
	}
	return item
}

// originPath is the path within kustomize's annotation.
func originPath(annotation string) string {
	var origin struct {
		Path string `yaml:"path"`
	}
	if err := yaml.Unmarshal([]byte(annotation), &origin); err != nil {
		return "" // not kustomize's: it says nothing then
	}
	return origin.Path
}

// NewItem reads an object.
func NewItem(data []byte) (*Item, error) {
	n, err := mapping(data)
	if err != nil {
		return nil, err
	}
	return newItem(n), nil
}

// Annotation is the value of an annotation, or "".
func (i *Item) Annotation(key string) string {
	return text(at(i.node, "metadata", "annotations", key))
}

// annotated is the value of the first annotation that is there.
func (i *Item) annotated(keys []string) string {
	for _, key := range keys {
		if value := i.Annotation(key); value != "" {
			return value
		}
	}
	return ""
}

// Annotate sets an annotation.
func (i *Item) Annotate(key, value string) {
	set(within(within(i.node, "metadata"), "annotations"), key, scalar(value))
}

// within is the mapping under a key, made where there is none.
func within(n *yaml.Node, key string) *yaml.Node {
	if m := child(n, key); m != nil && m.Kind == yaml.MappingNode {
		return m
	}
	m := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	set(n, key, m)
	return m
}

// Locate says in which file i is to be kept, in the words that the orchestrator
// uses for like.
func (i *Item) Locate(path string, like *Item) {
	i.Path, i.Index = path, 0
	for n, key := range pathKeys {
		if like.Annotation(key) != "" {
			i.Annotate(key, path)
			i.Annotate(indexKeys[n], "0")
		}
	}
}

// Located tells whether the orchestrator keeps i in a file.
func (i *Item) Located() bool { return i.annotated(pathKeys) != "" }

// YAML is i as a document. A comment of Helm's above it, by which findings would
// be told of a template instead, is left out.
func (i *Item) YAML() ([]byte, error) {
	var data bytes.Buffer
	if err := encode(&data, i.node); err != nil {
		return nil, fmt.Errorf("%s %s: %w", i.Kind, i.Name, err)
	}
	out := data.Bytes()
	for bytes.HasPrefix(out, []byte("#")) {
		_, rest, _ := bytes.Cut(out, []byte("\n"))
		if bytes.HasPrefix(out, []byte("# Source: ")) {
			return append(bytes.Clone(data.Bytes()[:data.Len()-len(out)]), rest...), nil
		}
		out = rest
	}
	return data.Bytes(), nil
}
