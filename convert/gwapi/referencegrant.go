package gwapi

import "github.com/mesh2gw/mesh2gw/convert/route"

// grant is a reference across namespaces that a ReferenceGrant has to allow.
type grant struct {
	fromKind, fromNamespace string
	toKind                  string // Service, Secret, ConfigMap
	to                      route.Name
	origin                  Origin
}

func referenceGrants(grants []grant, o Options, n *names) []Object { return nil }
