package gwapi

import "github.com/mesh2gw/mesh2gw/convert/route"

func (p *pass) tcpRoutes(t *route.Table) []Object { return nil }
