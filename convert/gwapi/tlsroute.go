package gwapi

import "github.com/mesh2gw/mesh2gw/convert/route"

func (p *pass) tlsRoutes(t *route.Table) []Object { return nil }
