// Command mesh2gw converts Istio's VirtualService, DestinationRule and Gateway
// YAML to the Kubernetes Gateway API, and says of everything that can't be
// carried over what changes for traffic.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/urfave/cli/v2"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	// A reader that has seen enough of standard output must not take the
	// findings with it: writes fail with EPIPE instead of ending the process.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(newApp(os.Stdin, os.Stdout, os.Stderr), os.Args))
}

// newApp puts the commands together.
func newApp(in io.Reader, out, errOut io.Writer) *cli.App {
	return &cli.App{
		Name:        "mesh2gw",
		HelpName:    "mesh2gw",
		Usage:       "from Istio to the Gateway API: nothing lost in silence, nothing changed in silence",
		Version:     versionText(),
		Description: appDescription,
		Commands:    []*cli.Command{convertCommand(), verifyCommand(), explainCommand(), probeCommand(), lintCommand(), reportCommand(), hintsCommand(), auditCommand(), costCommand(), cutoverCommand(), snapshotCommand(), applyCommand(), rollbackCommand(), rulesCommand(), fieldsCommand(), targetsCommand(), krmCommand(), completionCommand(), versionCommand()},
		Action:      withoutCommand,
		Reader:      in, Writer: out, ErrWriter: errOut,
		OnUsageError:         usageFromFlags,
		ExitErrHandler:       func(*cli.Context, error) {}, // run decides on the exit code
		EnableBashCompletion: true,
		// A comma is part of a header's value, and of a file's name.
		DisableSliceFlagSeparator: true,
	}
}

const appDescription = `Examples:
  mesh2gw convert bookinfo/
  helm template . | mesh2gw convert
  mesh2gw verify istio/ gateway-api/
  mesh2gw explain 'GET https://shop.example.com/api' istio/
  mesh2gw lint istio/
  mesh2gw report istio/ --format html=report.html
  mesh2gw rules MG100`

// withoutCommand runs when the first argument is no command.
func withoutCommand(c *cli.Context) error {
	if !c.Args().Present() {
		return cli.ShowAppHelp(c)
	}
	name := c.Args().First()
	if _, err := os.Stat(name); err == nil {
		return usagef(c, "%q is not a command; to convert it: %s convert %s", name, c.App.HelpName, name)
	}
	return usagef(c, "%q is not a command", name)
}

// run runs the command that args name and returns the exit code. A panic is
// our bug: it becomes exit code 3, and since every command builds its bytes
// before it writes them, nothing was written by then.
func run(app *cli.App, args []string) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(app.ErrWriter, "mesh2gw: internal error: %v\n\n%s\n%s\n", r, debug.Stack(), reportRequest)
			code = exitInternal
		}
	}()
	args = orFunction(app, args)
	asPlugin(app, args[0])
	return conclude(app.ErrWriter, app.Run(flagsFirst(app, args)))
}

const reportRequest = `This is a bug in mesh2gw, and no output was written. Please report it with the lines above
and, if you can share it, the input: https://github.com/mesh2gw/mesh2gw/issues`

// conclude says what went wrong and picks the exit code.
func conclude(w io.Writer, err error) int {
	var usage *usageError
	var helpTopic cli.ExitCoder
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE):
		return exitDone
	case errors.Is(err, errFindings), errors.Is(err, errDiffers):
		return exitFindings
	case errors.Is(err, errNotProven):
		return exitUnproven
	case errors.Is(err, errInconclusive):
		return exitUnclear
	case errors.Is(err, errInvalidRun):
		return exitInternal
	case errors.As(err, &usage):
		fmt.Fprintf(w, "mesh2gw: %v\nSee: %s --help\n", usage, usage.command)
		return exitUsage
	case errors.As(err, &helpTopic): // "mesh2gw help nonsense"
		fmt.Fprintf(w, "mesh2gw: %v\nSee: mesh2gw --help\n", err)
		return exitUsage
	}
	fmt.Fprintf(w, "mesh2gw: %v\n", err)
	return exitInternal
}
