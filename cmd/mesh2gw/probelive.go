package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/live"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/trial"
)

// liveOf serves metrics where --listen asks for it; nil where it does not. Nothing
// has been sent by then, so that an address that is taken costs no run.
func liveOf(c *cli.Context, l *trial.Load, shown *progress) (*live.Server, error) {
	address := c.String("listen")
	if address == "" {
		return nil, nil
	}
	s, err := live.Listen(c.Context, address)
	if err != nil {
		return nil, usagef(c, "--listen %s: %v", address, err)
	}
	l.Watch, shown.also = s.Watch, s.Compared
	fmt.Fprintf(c.App.ErrWriter, "metrics at http://%s/metrics until the run ends\n", s.Address())
	return s, nil
}
