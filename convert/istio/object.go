// Package istio turns documents into typed Istio objects and judges every key
// that their authors wrote. "What happens to field X?" is answered by fields.go.
package istio

import (
	"slices"

	"google.golang.org/protobuf/proto"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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

	// Resource is the typed object of istio.io/client-go (networking/v1,
	// whichever version was written) around Spec; nil for every other kind.
	Resource metav1.Object

	// Spec is *networking.VirtualService, *networking.DestinationRule,
	// *networking.Gateway or *networking.ServiceEntry of istio.io/api
	// networking/v1alpha3; nil for every other kind.
	Spec proto.Message

	// Broken says that a part of the object can't be read (a finding says
	// where), so that nobody knows what the whole means: it must not be
	// converted. Istio refuses such objects too.
	Broken bool

	nodes  nodeIndex
	unread later
}

// later says what is still to be done with an object that Later made.
type later uint8

const (
	noWork later = iota
	toBind
	toAccount // and to bind
)

// Node returns the node that m was read from, or nil. Messages are compared by
// identity, so a clone has no node.
func (o *Object) Node(m proto.Message) *source.Node { return o.nodes.get(m) }

// Wrote tells whether the author wrote field (its JSON name) in m.
func (o *Object) Wrote(m proto.Message, field string) bool { return o.nodes.get(m).Has(field) }

// At is the place of field (its JSON name) in m, or of m when it is not written.
func (o *Object) At(m proto.Message, field string) finding.Place { return o.nodes.get(m).At(field) }

// Later is Bind, and Account where that is asked for, put off for the kinds that
// a large input has many of: VirtualServices and DestinationRules. As messages
// they take twice the memory of their documents, so whoever goes through them
// calls Read when one's turn comes, and Release when it is over.
func Later(d *source.Document, account bool) (*Object, []finding.Finding) {
	if many := d.Kind == "VirtualService" || d.Kind == "DestinationRule"; many && isTyped(d) {
		o := &Object{Document: d, unread: toBind}
		if account {
			o.unread = toAccount
		}
		return o, nil
	}
	o, findings := Bind(d)
	if o != nil && account {
		findings = append(findings, Account(o)...)
	}
	return o, findings
}

// Unread tells whether o waits for Read.
func (o *Object) Unread() bool { return o.unread != noWork }

// Read does what Later has put off.
func (o *Object) Read() []finding.Finding {
	put := o.unread
	if put == noWork {
		return nil
	}
	bound, findings := bindSpec(o.Document)
	if put == toAccount {
		findings = append(findings, Account(bound)...)
	}
	*o = *bound
	return findings
}

// Release forgets what was typed. Who has read all of an object calls it, so
// that a large input does not stay in memory twice.
func (o *Object) Release() {
	o.Resource, o.Spec, o.nodes, o.Labels, o.Annotations = nil, nil, nodeIndex{}, nil, nil
}

// nodeIndex finds the node of a message. Most objects have few messages, for
// which a list is smaller than a map and as fast.
type nodeIndex struct {
	list  []boundNode
	large map[proto.Message]*source.Node // of all, when there are many
}

type boundNode struct {
	message proto.Message
	node    *source.Node
}

// fewMessages is up to where the list is searched.
const fewMessages = 64

func (x *nodeIndex) put(m proto.Message, n *source.Node) {
	if x.list == nil && x.large == nil {
		x.list = make([]boundNode, 0, fewMessages/2)
	}
	if x.large == nil && len(x.list) < fewMessages {
		x.list = append(x.list, boundNode{m, n})
		return
	}
	if x.large == nil {
		x.large = make(map[proto.Message]*source.Node, 4*fewMessages)
		for _, b := range x.list {
			x.large[b.message] = b.node
		}
		x.list = nil
	}
	x.large[m] = n
}

// clip gives back the room that put has kept for more.
func (x *nodeIndex) clip() {
	if cap(x.list) > len(x.list)+len(x.list)/4 {
		x.list = slices.Clone(x.list)
	}
}

func (x *nodeIndex) get(m proto.Message) *source.Node {
	if x.large != nil {
		return x.large[m]
	}
	for _, b := range x.list {
		if b.message == m {
			return b.node
		}
	}
	return nil
}
