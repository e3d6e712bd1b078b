package gwapi

import "github.com/mesh2gw/mesh2gw/convert/route"

type names struct{}

func newNames(reserved map[Key]bool) *names { return &names{} }

func (n *names) take(k Key) {}

// parts names the routes that were built for t.
func (n *names) parts(t *route.Table, objects []Object) {}
