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

	actions []*route.Action // of the rules of a built HTTPRoute or GRPCRoute; nil for one that answers 500
	// Other says that o is no object of Gateway API or Kubernetes: an implementation's
	// own resource, or one of another project, of which no CRD is known here.
	Other bool
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
	o.Value, o.Sources, o.actions, o.Packed = nil, nil, nil, data
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

	// Finish, if set, is called with each object when nothing about it changes any
	// more, on several goroutines at once. What it finds joins the findings.
	Finish func(*Object) []finding.Finding
	// Prove, if set, is called with each batch before it is finished. What it
	// finds joins the findings.
	Prove     func(Batch) []finding.Finding
	BatchSize int // how many tables are translated at a time, unless more belong together; 0 for what suits
	// Findings, if set, takes over the findings, and Build returns none.
	Findings *finding.List
	Prefix   Prefix

	Extend  Extender              // writes resources of the implementation; nil for none
	Carried func([]Carried)       // takes what these do in the place of core; set with Extend
	With    []Object              // objects that others have made for the same output
	Clients map[route.Name]string // by Gateway of the input: the Secret with the certificate that it shows to Services
}

// Batch is a part of the model that can be judged by itself: no request is
// decided by tables of two batches. The last of several has no tables, and stands
// for what no table decides.
type Batch struct {
	Tables   []*route.Table    // not to be kept
	Objects  []Object          // their routes with all that decides on these; the values are not to be kept
	Context  []Object          // those of Objects that are in every batch: Gateways, and what is made for these
	Findings []finding.Finding // of building, since the batch before
	Whole    bool              // there is no other batch
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
