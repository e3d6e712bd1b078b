// Package gwapi builds Gateway API objects from route tables. "Why does my
// HTTPRoute look like this?" is answered by httproute.go; each kind has a file.
package gwapi

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Object is one object of the output.
type Object struct {
	Kind   string
	Value  metav1.Object // *gatewayv1.HTTPRoute, *corev1.Service, ...; TypeMeta is set
	Origin Origin        // for the comment above it

	// Packed is what stands for the object where Value is nil.
	Packed []byte
	name   route.Name // of an object without a Value
}

// Key names o among all objects.
func (o Object) Key() Key {
	if o.Value == nil {
		return Key{o.Kind, o.name}
	}
	return Key{o.Kind, route.Name{Namespace: o.Value.GetNamespace(), Name: o.Value.GetName()}}
}

// Pack puts data, which is usually its YAML, in the place of the value.
func (o *Object) Pack(data []byte) {
	o.name = o.Key().Name
	o.Value, o.Packed = nil, data
}

// nameOnly is o without all but its key.
func (o Object) nameOnly() Object { return Object{Kind: o.Kind, name: o.Key().Name} }

// Origin says where an object comes from.
type Origin struct {
	Pos  finding.Pos
	What string // "VirtualService shop/reviews", "DestinationRule shop/reviews, subset v1"
}

// Options says what to build for.
type Options struct {
	GatewayClass string
	Bundle       target.Bundle
	Reserved     map[Key]bool // objects of the input, whose names are taken

	// Finish, if set, is called with each object when nothing about it changes any
	// more, on several goroutines at once. What it finds joins the findings.
	Finish func(*Object) []finding.Finding
}

// Key names an object.
type Key struct {
	Kind string
	route.Name
}
