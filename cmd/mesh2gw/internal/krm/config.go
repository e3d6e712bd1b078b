package krm

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// ConfigKind is the kind of a functionConfig of our own; a ConfigMap does as well.
const (
	ConfigKind  = "Mesh2GW"
	configGroup = "mesh2gw.io/"
)

// Setting is one option of the functionConfig.
type Setting struct {
	Name, Value string
	Field       string // "data.mode"
}

// Config returns the options of the functionConfig in the order in which they
// are written, and the functionConfig itself, or nil where there is none.
func (l *List) Config() ([]Setting, *Item, error) {
	n := child(l.root, "functionConfig")
	if n == nil || n.Tag == "!!null" {
		return nil, nil, nil
	}
	item := newItem(n)
	under := "data"
	switch {
	case n.Kind != yaml.MappingNode:
		return nil, item, fmt.Errorf("functionConfig: want an object")
	case item.Kind == "ConfigMap" && item.APIVersion == "v1":
	case item.Kind == ConfigKind && len(item.APIVersion) > len(configGroup) && item.APIVersion[:len(configGroup)] == configGroup:
		under = "spec"
	default:
		return nil, item, fmt.Errorf("functionConfig: want a ConfigMap (v1) or a %s (%sv1alpha1), not a %q (%s)", ConfigKind, configGroup, item.Kind, item.APIVersion)
	}
	settings, err := settingsOf(child(n, under), under)
	return settings, item, err
}

func settingsOf(n *yaml.Node, under string) ([]Setting, error) {
	if n == nil || n.Tag == "!!null" {
		return nil, nil
	}
	if n.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("functionConfig: %s: want names and values", under)
	}
	var settings []Setting
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i].Value, resolved(n.Content[i+1])
		if value.Kind != yaml.ScalarNode {
			return nil, fmt.Errorf("functionConfig: %s.%s: want one value", under, name)
		}
		settings = append(settings, Setting{Name: name, Value: text(value), Field: under + "." + name})
	}
	return settings, nil
}
