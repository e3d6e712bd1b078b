package main

import (
	"fmt"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

// version is set by the linker for a release: -ldflags "-X main.version=v0.1.0".
var version string

func versionCommand() *cli.Command {
	return &cli.Command{
		Name:               "version",
		Usage:              "print the version",
		UsageText:          "mesh2gw version",
		Description:        "Examples:\n  mesh2gw version",
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef(c, "unexpected %q: version takes no arguments", c.Args().First())
			}
			_, err := fmt.Fprintln(c.App.Writer, "mesh2gw version", c.App.Version)
			return err
		},
	}
}

// versionText is the stamped version, or what the Go toolchain recorded: the
// module version of "go install", or the commit of a checkout.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	switch {
	case version != "":
		return version
	case !ok || info.Main.Version == "":
		return "(unknown)"
	}
	return info.Main.Version
}
