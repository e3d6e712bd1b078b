package istio

import (
	networking "istio.io/client-go/pkg/apis/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"google.golang.org/protobuf/proto"
)

// newResource makes an empty object of one of Istio's networking kinds, as
// istio.io/client-go types them, with its spec; nil for any other kind.
func newResource(kind string) (metav1.Object, proto.Message) {
	switch kind {
	case "VirtualService":
		o := &networking.VirtualService{}
		return o, &o.Spec
	case "DestinationRule":
		o := &networking.DestinationRule{}
		return o, &o.Spec
	case "Gateway":
		o := &networking.Gateway{}
		return o, &o.Spec
	case "ServiceEntry":
		o := &networking.ServiceEntry{}
		return o, &o.Spec
	}
	return nil, nil
}
