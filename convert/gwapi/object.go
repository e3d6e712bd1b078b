// Package gwapi builds Gateway API objects from route tables. "Why does my
// HTTPRoute look like this?" is answered by httproute.go; each kind has a file.
package gwapi

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Object is one object of the output.
type Object struct {
	Kind   string
	Value  metav1.Object // *gatewayv1.HTTPRoute, *corev1.Service, ...; TypeMeta is set
	Origin Origin        // for the comment above it
	Root   *source.Node  // the document that it was read from; nil for an object that was built
	// Sources are what the rules of a built HTTPRoute or GRPCRoute come from, one
	// each: a node of the input.
	Sources []*source.Node
}

// Key names o among all objects.
func (o Object) Key() Key {
	return Key{o.Kind, route.Name{Namespace: o.Value.GetNamespace(), Name: o.Value.GetName()}}
}

// Origin says where an object comes from.
type Origin struct {
	Pos  finding.Pos
	What string // "VirtualService shop/reviews", "DestinationRule shop/reviews, subset v1"
}

// Options says what to build for.
type Options struct {
	GatewayClass string
	Target       string // implementation that serves the objects; "" follows GatewayClass
	Bundle       target.Bundle
	Reserved     map[Key]bool // objects of the input, whose names are taken
	Prefix       Prefix
}

// Key names an object.
type Key struct {
	Kind string
	route.Name
}

// Prefix says how Istio's prefixes, which are prefixes of the string, are written.
type Prefix uint8

// The ways to write a prefix.
const (
	// ElementPrefix writes PathPrefix, which compares whole elements of the path;
	// a finding says where that makes a difference.
	ElementPrefix Prefix = iota
	// ExactPrefix writes a regular expression for the longer names as well, where
	// the ranks of the implementation allow it.
	ExactPrefix
)
