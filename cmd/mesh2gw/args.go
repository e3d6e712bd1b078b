package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// flagsFirst moves the flags of a command before its paths, since the flag
// parser stops at the first path, and "mesh2gw convert dir/ --check" is what
// people type. What follows "--" stays a path. A flag is never the value of the
// flag before it: "--findings --check" must not be a file of that name.
func flagsFirst(app *cli.App, args []string) []string {
	if len(args) < 2 || args[len(args)-1] == "--generate-bash-completion" {
		return args
	}
	command := app.Command(args[1])
	if command == nil {
		return args
	}
	head := args[:2:2]
	for len(command.Subcommands) > 0 {
		i := -1
		if len(args) > len(head) {
			i = slices.IndexFunc(command.Subcommands, func(c *cli.Command) bool { return c.HasName(args[len(head)]) })
		}
		if i < 0 {
			return args
		}
		command, head = command.Subcommands[i], args[:len(head)+1:len(head)+1]
	}
	var flags, paths []string
	for rest := args[len(head):]; len(rest) > 0; rest = rest[1:] {
		switch arg := rest[0]; {
		case arg == "--":
			paths = append(paths, rest[1:]...)
			rest = rest[:1]
		case arg == "-" || !strings.HasPrefix(arg, "-"):
			paths = append(paths, arg)
		case arg == "-h" || arg == "--help":
			return append(head, "--help")
		case takesValue(command, arg):
			if len(rest) == 1 || len(rest[1]) > 1 && rest[1][0] == '-' {
				return append(head, arg) // the parser says that the value is missing
			}
			flags = append(flags, arg, rest[1])
			rest = rest[1:]
		default:
			flags = append(flags, arg)
		}
	}
	return slices.Concat(head, flags, []string{"--"}, paths)
}

// takesValue tells whether the value of arg is the next argument.
func takesValue(command *cli.Command, arg string) bool {
	name := strings.TrimLeft(arg, "-")
	if strings.Contains(name, "=") {
		return false
	}
	f := flagNamed(command, name)
	_, isBool := f.(*cli.BoolFlag)
	return f != nil && !isBool
}
