package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/convert/rule"
)

const completionDescription = `Writes a script that teaches a shell to complete commands, flags and their values.

Examples:
  source <(mesh2gw completion bash)                                 # in ~/.bashrc
  source <(mesh2gw completion zsh)                                  # in ~/.zshrc, after compinit
  mesh2gw completion fish > ~/.config/fish/completions/mesh2gw.fish
  mesh2gw completion powershell | Out-String | Invoke-Expression    # in $PROFILE
  mesh2gw completion kubectl > ~/bin/kubectl_complete-mesh2gw       # executable, on PATH, beside kubectl-mesh2gw`

// completions are the scripts. Each asks the binary itself, by a last argument
// that package cli understands; where it has nothing to say, files are completed.
var completions = map[string]string{
	"bash":       bashCompletion,
	"zsh":        zshCompletion,
	"powershell": powershellCompletion,
	"fish":       fishCompletion,
	"kubectl":    kubectlCompletion,
}

const bashCompletion = `_mesh2gw() {
  local cur=${COMP_WORDS[COMP_CWORD]}
  local -a words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  [[ $cur == -* ]] && words+=("$cur")
  local IFS=$'\n'
  COMPREPLY=($(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null)" -- "$cur"))
}
complete -o bashdefault -o default -F _mesh2gw mesh2gw
`

const zshCompletion = `#compdef mesh2gw
_mesh2gw() {
  local cur=${words[CURRENT]}
  local -a before=("${(@)words[1,CURRENT-1]}") found
  [[ $cur == -* ]] && before+=("$cur")
  found=("${(@f)$("${before[@]}" --generate-bash-completion 2>/dev/null)}")
  if [[ -n ${found[1]} ]]; then
    compadd -- "${found[@]}"
  else
    _files
  fi
}
compdef _mesh2gw mesh2gw
`

const fishCompletion = `function __mesh2gw_complete
    set -l before (commandline -opc)
    set -l cur (commandline -ct)
    if string match -q -- '-*' $cur
        set -a before $cur
    end
    $before --generate-bash-completion 2>/dev/null
end
complete -c mesh2gw -a '(__mesh2gw_complete)'
`

const powershellCompletion = `Register-ArgumentCompleter -Native -CommandName mesh2gw -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $before = @($commandAst.CommandElements | ForEach-Object { "$_" })
    if ($wordToComplete -and -not $wordToComplete.StartsWith('-')) { $before = @($before | Select-Object -SkipLast 1) }
    $rest = @($before | Select-Object -Skip 1) + '--generate-bash-completion'
    & $before[0] $rest 2>$null | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
`

func completionCommand() *cli.Command {
	shells := []string{"bash", "zsh", "fish", "powershell", "kubectl"}
	return &cli.Command{
		Name:               "completion",
		Usage:              "write a completion script for a shell",
		ArgsUsage:          strings.Join(shells, "|"),
		Description:        completionDescription,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
		BashComplete:       func(c *cli.Context) { printWords(c, shells) },
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 || !slices.Contains(shells, c.Args().First()) {
				return usagef(c, "want one shell: %s", alternatives(shells))
			}
			_, err := fmt.Fprint(c.App.Writer, completions[c.Args().First()])
			return err
		},
	}
}

// complete offers the values of the flag before the cursor, else flags.
func complete(c *cli.Context) {
	if n := len(os.Args); n > 2 {
		if f := flagNamed(c.Command, strings.TrimLeft(os.Args[n-2], "-")); f != nil && strings.HasPrefix(os.Args[n-2], "-") {
			if values := wordsOf(c.Command.Name, f.Names()[0]); len(values) > 0 {
				printWords(c, values)
				return
			}
		}
	}
	cli.DefaultCompleteWithFlags(c.Command)(c)
}

// completeRules offers ids where a flag is not being typed.
func completeRules(c *cli.Context) {
	if n := len(os.Args); n > 2 && strings.HasPrefix(os.Args[n-2], "-") {
		complete(c)
		return
	}
	for _, r := range rule.All() {
		fmt.Fprintln(c.App.Writer, r.ID)
	}
}

func printWords(c *cli.Context, words []string) {
	fmt.Fprintln(c.App.Writer, strings.Join(words, "\n"))
}

func flagNamed(command *cli.Command, name string) cli.Flag {
	for _, f := range command.Flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}
