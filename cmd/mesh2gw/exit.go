package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// The exit codes.
const (
	exitDone     = 0 // The work was done; findings, if any, are below --fail-on.
	exitFindings = 1 // The work was done; some finding is at or above --fail-on.
	exitUsage    = 2 // The command line is wrong: a flag, a path that does not exist, files that would be overwritten.
	exitInternal = 3 // mesh2gw failed: a file could not be read or written, or there is a bug.
	exitUnproven = 4 // verify: no difference was found, and none was ruled out.
	exitUnclear  = 5 // probe run: no change was found, and none was ruled out.
)

// errFindings is returned when a finding is at or above --fail-on. The findings
// themselves have been printed.
var errFindings = errors.New("findings at or above --fail-on")

// errDiffers and errNotProven are what verify found. It has been printed.
var (
	errDiffers   = errors.New("the two sides differ")
	errNotProven = errors.New("the two sides are not proven equal")
	// errInconclusive and errInvalidRun are what probe run found, and has printed too.
	errInconclusive = errors.New("the run is inconclusive")
	errInvalidRun   = errors.New("the run decides nothing")
)

// usageError is a wrong command line.
type usageError struct {
	command string // whose help to read
	message string
}

func (e *usageError) Error() string { return e.message }

// usagef returns a usageError of c's command.
func usagef(c *cli.Context, format string, args ...any) error {
	return &usageError{command: c.Command.HelpName, message: fmt.Sprintf(format, args...)}
}

// usageFromFlags turns an error of the flag parser into a usageError.
func usageFromFlags(c *cli.Context, err error, _ bool) error {
	message := err.Error()
	if name, unknown := strings.CutPrefix(message, "flag provided but not defined: -"); unknown {
		name = strings.TrimLeft(name, "-")
		message = "unknown flag " + dashed(name)
		if near := cli.SuggestFlag(c.Command.Flags, name, false); name != "" && strings.HasPrefix(near, "--"+name[:1]) {
			message += "; did you mean " + near + "?"
		}
	}
	return usagef(c, "%s", message)
}

// dashed is a flag as one writes it.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}
