package envoygateway

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/policy/field"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Bind types a document of Envoy Gateway that has a bearing on what rules do;
// false for any other. One with fields that are not known here is marked, so that
// nothing is said of the rules that it is for.
func Bind(d *source.Document) (gwapi.Object, []finding.Finding, bool) {
	if d.APIVersion != apiVersion || d.Root == nil {
		return gwapi.Object{}, nil, false
	}
	var value metav1.Object
	var mark *bool
	switch d.Kind {
	case trafficPolicy:
		v := &BackendTrafficPolicy{}
		value, mark = v, &v.opaque
	case routeFilter:
		v := &HTTPRouteFilter{}
		value, mark = v, &v.opaque
	case backendKind:
		v := &Backend{}
		value, mark = v, &v.opaque
	default:
		return gwapi.Object{}, nil, false
	}
	return field.Bind(d, value, mark)
}
