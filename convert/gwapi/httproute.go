package gwapi

import "github.com/mesh2gw/mesh2gw/convert/route"

// httpRoutes builds the HTTPRoutes for t, or one GRPCRoute where that loses nothing.
func (p *pass) httpRoutes(t *route.Table) []Object { return nil }
