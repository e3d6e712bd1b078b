// Package istio turns documents into typed Istio objects and judges every key
// that their authors wrote. "What happens to field X?" is answered by fields.go.
package istio

import (
	"google.golang.org/protobuf/proto"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Object is one object of the input that matters to the conversion: an Istio
// networking object (Spec set), or context such as a Service (Spec nil, read
// from Root).
type Object struct {
	*source.Document
	Labels      map[string]string
	Annotations map[string]string

	// Spec is *networking.VirtualService, *networking.DestinationRule,
	// *networking.Gateway or *networking.ServiceEntry of istio.io/api
	// networking/v1alpha3; nil for every other kind.
	Spec proto.Message

	// Broken says that a part of the object can't be read (a finding says
	// where), so that nobody knows what the whole means: it must not be
	// converted. Istio refuses such objects too.
	Broken bool

	nodes map[proto.Message]*source.Node
}

// Node returns the node that m was read from, or nil. Messages are compared by
// identity, so a clone has no node.
func (o *Object) Node(m proto.Message) *source.Node { return o.nodes[m] }

// Wrote tells whether the author wrote field (its JSON name) in m.
func (o *Object) Wrote(m proto.Message, field string) bool { return o.nodes[m].Has(field) }

// At is the place of field (its JSON name) in m, or of m when it is not written.
func (o *Object) At(m proto.Message, field string) finding.Place { return o.nodes[m].At(field) }
