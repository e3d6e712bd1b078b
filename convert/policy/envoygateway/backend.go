package envoygateway

import (
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/policy/field"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// mostEndpoints is how many a Backend takes (envoygateway: api/backend_types.go).
const mostEndpoints = 256

// Outside refers to a Backend with the addresses of the ServiceEntry, in whose
// namespace it is. Envoy Gateway does not mix names and addresses.
func (*Extender) Outside(o *route.Outside) (gwapi.Outside, bool) {
	names := slices.ContainsFunc(o.Endpoints, func(e route.Endpoint) bool { return !e.IP() })
	addresses := slices.ContainsFunc(o.Endpoints, route.Endpoint.IP)
	if names == addresses || len(o.Endpoints) > mostEndpoints || len(field.OutsideMeta(o).Name) > nameLength {
		return gwapi.Outside{}, false
	}
	v := &Backend{TypeMeta: typeMeta(backendKind), ObjectMeta: field.OutsideMeta(o)}
	for _, e := range o.Endpoints {
		if e.IP() {
			v.Spec.Endpoints = append(v.Spec.Endpoints, BackendEndpoint{IP: &IPEndpoint{e.Address, int32(e.Port)}})
		} else {
			v.Spec.Endpoints = append(v.Spec.Endpoints, BackendEndpoint{FQDN: &FQDNEndpoint{strings.ToLower(e.Address), int32(e.Port)}})
		}
	}
	if o.HTTP2 {
		v.Spec.AppProtocols = []string{group + "/h2c"}
	}
	return gwapi.Outside{
		Ref: field.OutsideRef(group, v.ObjectMeta), Object: v, By: backendKind + " " + v.Namespace + "/" + v.Name,
		Findings: []finding.Finding{finding.New(rule.EnvoyGatewayBackendAPI, o.From.At("hosts"), "%s is reached by Backend %s/%s, of which Envoy Gateway takes notice only where its extensionApis.enableBackend is set; else requests get 500.", o.Host, v.Namespace, v.Name)},
	}, true
}

// Reaches gives where a Backend sends to.
func (v *Backend) Reaches() (string, []route.Endpoint) {
	if v.opaque || v.Spec.Type != "" && v.Spec.Type != "Endpoints" {
		return group, nil
	}
	var all []route.Endpoint
	for _, e := range v.Spec.Endpoints {
		switch {
		case e.FQDN != nil:
			all = append(all, route.Endpoint{Address: e.FQDN.Hostname, Port: uint32(e.FQDN.Port)})
		case e.IP != nil:
			all = append(all, route.Endpoint{Address: e.IP.Address, Port: uint32(e.IP.Port)})
		}
	}
	return group, all
}

var _ gwapi.Reacher = (*Backend)(nil)
