package field

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// OutsideMeta names the resource for a port of a host outside: both are in its name,
// since no two resources may be for the same.
func OutsideMeta(o *route.Outside) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: o.Entry.Namespace, Name: fmt.Sprintf("%s-%d", o.Host, o.Port)}
}

// OutsideRef refers to a resource of an implementation's kind Backend. Its port stands
// in the resource.
func OutsideRef(group string, meta metav1.ObjectMeta) gatewayv1.BackendObjectReference {
	return gatewayv1.BackendObjectReference{
		Group: new(gatewayv1.Group(group)), Kind: new(gatewayv1.Kind("Backend")),
		Namespace: new(gatewayv1.Namespace(meta.Namespace)), Name: gatewayv1.ObjectName(meta.Name),
	}
}
