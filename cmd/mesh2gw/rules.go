package main

import (
	"bytes"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

const rulesDescription = `Lists every kind of finding. With one or more ids, says what each means for traffic, why, and what to do.

Examples:
  mesh2gw rules
  mesh2gw rules MG100
  mesh2gw rules --format md > rules.md`

func rulesCommand() *cli.Command {
	return &cli.Command{
		Name:               "rules",
		Usage:              "list the kinds of findings, or explain some",
		ArgsUsage:          "[ID...]",
		Description:        rulesDescription,
		Flags:              []cli.Flag{wordFlag("format", "text or md", "text")},
		Action:             rulesAction,
		BashComplete:       completeRules,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func rulesAction(c *cli.Context) error {
	rules, printer := rule.All(), print.Rules(print.RuleList)
	if c.Args().Present() {
		printer = print.RulePages
		var err error
		if rules, err = rulesNamed(c, rules); err != nil {
			return err
		}
	}
	if c.String("format") == "md" {
		printer = print.RulesMarkdown
	}
	var out bytes.Buffer
	if err := printer(&out, rules); err != nil {
		return err
	}
	return writeAll(c.App.Writer, &out)
}

// rulesNamed picks the rules whose ids are the arguments.
func rulesNamed(c *cli.Context, all []*finding.Rule) ([]*finding.Rule, error) {
	var rules []*finding.Rule
	for _, id := range c.Args().Slice() {
		i := slices.IndexFunc(all, func(r *finding.Rule) bool { return strings.EqualFold(r.ID, id) })
		if i < 0 {
			return nil, usagef(c, "there is no rule %s; mesh2gw rules lists them", id)
		}
		rules = append(rules, all[i])
	}
	return rules, nil
}
