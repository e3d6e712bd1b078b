package main

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"
)

// pluginName is what kubectl looks for on PATH when it is asked for "mesh2gw".
const pluginName = "kubectl-mesh2gw"

// asPlugin lets help and messages say "kubectl mesh2gw" where kubectl started us,
// as arg0 tells: it runs the file whose name it looked for.
func asPlugin(app *cli.App, arg0 string) {
	if name := strings.TrimSuffix(filepath.Base(filepath.ToSlash(arg0)), ".exe"); name != pluginName {
		return
	}
	app.HelpName = "kubectl mesh2gw"
	names := make([]string, len(app.Commands))
	for i, c := range app.Commands {
		names[i] = c.Name
	}
	typed := regexp.MustCompile(`\bmesh2gw (?:` + strings.Join(names, "|") + `)\b`)
	asTyped := func(text string) string { return typed.ReplaceAllString(text, "kubectl $0") }
	app.Description = asTyped(app.Description)
	for _, c := range app.Commands {
		c.Description, c.UsageText = asTyped(c.Description), asTyped(c.UsageText)
	}
}

// kubectlCompletion is for an executable kubectl_complete-mesh2gw on PATH. kubectl
// runs it with the words behind "kubectl mesh2gw", of which the last is being
// typed, and reads candidates, one a line, and what is to happen with them
// (pkg/cmd/plugin_completion.go of kubectl; the numbers are cobra's
// ShellCompDirective): 4 is no file names, 0 is file names.
const kubectlCompletion = `#!/usr/bin/env sh
# kubectl completes "kubectl mesh2gw" by this file: put it on PATH as kubectl_complete-mesh2gw.
n=$#
for word; do
  shift
  n=$((n - 1))
  case $n$word in
  0-*) set -- "$@" "$word" ;; # a flag that is being typed
  0*) ;;
  *) set -- "$@" "$word" ;;
  esac
done
found=$(kubectl-mesh2gw "$@" --generate-bash-completion 2>/dev/null)
if [ -n "$found" ]; then
  printf '%s\n:4\n' "$found"
else
  echo :0
fi
`
