package kgateway

import (
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/policy/field"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Outside refers to a Backend with the addresses of the ServiceEntry, in whose
// namespace it is.
func (*Extender) Outside(o *route.Outside) (gwapi.Outside, bool) {
	if len(o.Endpoints) == 0 || len(field.OutsideMeta(o).Name) > nameLength {
		return gwapi.Outside{}, false
	}
	v := &Backend{TypeMeta: typeMeta(backendKind), ObjectMeta: field.OutsideMeta(o), Spec: BackendSpec{Static: &StaticBackend{}}}
	for _, e := range o.Endpoints {
		v.Spec.Static.Hosts = append(v.Spec.Static.Hosts, Host{strings.ToLower(e.Address), int32(e.Port)})
	}
	if o.HTTP2 {
		v.Spec.Static.AppProtocol = "http2"
	}
	return gwapi.Outside{Ref: field.OutsideRef(group, v.ObjectMeta), Object: v, By: backendKind + " " + v.Namespace + "/" + v.Name}, true
}

// Reaches gives where a Backend sends to.
func (v *Backend) Reaches() (string, []route.Endpoint) {
	if v.opaque || v.Spec.Static == nil {
		return group, nil
	}
	var all []route.Endpoint
	for _, h := range v.Spec.Static.Hosts {
		all = append(all, route.Endpoint{Address: h.Host, Port: uint32(h.Port)})
	}
	return group, all
}

var _ gwapi.Reacher = (*Backend)(nil)
