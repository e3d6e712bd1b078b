// Package policy says in an implementation's own resources what core Gateway API
// can't: circuit breakers, outlier detection, consistent hashing, fault injection,
// direct responses, rewrites by regular expressions. Each implementation that is
// written for has a package below this one.
package policy

import (
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/policy/envoygateway"
	"github.com/mesh2gw/mesh2gw/convert/policy/keep"
	"github.com/mesh2gw/mesh2gw/convert/policy/kgateway"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// For returns what writes the resources of the implementation that a target
// names (as --target takes it); false where none are written for it.
func For(name string) (gwapi.Extender, bool) {
	switch target.NameOf(name) {
	case envoyGateway:
		return envoygateway.New(), true
	case kGateway:
		return kgateway.New(), true
	case istio:
		return keep.New(), true
	default:
		return nil, false
	}
}

// readers read the resources of one implementation each, whatever the target is.
var readers = []gwapi.Effects{envoygateway.Effects, kgateway.Effects}

// binders type the documents of one implementation each.
var binders = []func(*source.Document) (gwapi.Object, []finding.Finding, bool){envoygateway.Bind, kgateway.Bind}

// Bind types a document that is one of the resources that Effects reads; false
// where it is none.
func Bind(d *source.Document) (gwapi.Object, []finding.Finding, bool) {
	for _, bind := range binders {
		if obj, found, ok := bind(d); ok || len(found) > 0 {
			return obj, found, ok
		}
	}
	return gwapi.Object{}, nil, false
}

// Effects reads the resources of all implementations that are known here.
func Effects(objects []gwapi.Object) gwapi.Effect {
	var effects []gwapi.Effect
	for _, read := range readers {
		if e := read(objects); e != nil {
			effects = append(effects, e)
		}
	}
	if len(effects) == 0 {
		return nil
	}
	effects = slices.Clip(effects)
	return func(rt gwapi.Object, index int, act *route.Action) {
		for _, e := range effects {
			e(rt, index, act)
		}
	}
}
