package main

import (
	"bytes"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/testdata/rules"
)

const rulesDescription = `Lists every kind of finding. With one or more ids, says what each means for traffic, why, what to do, and where it is
documented, and shows an example: what stands in the input, what is found, what is written. A code of istioctl analyze
picks the rules that report the same.

Examples:
  mesh2gw rules
  mesh2gw rules MG100
  mesh2gw rules IST0130
  mesh2gw rules --group config
  mesh2gw rules --format md > rules.md`

// catalogueFormats are what --format of rules takes.
var catalogueFormats = []string{"text", "md", "json"}

func rulesCommand() *cli.Command {
	return &cli.Command{
		Name:        "rules",
		Usage:       "list the kinds of findings, or explain some",
		ArgsUsage:   "[ID|IST-CODE...]",
		Description: rulesDescription,
		Flags: []cli.Flag{
			&cli.StringFlag{
				Name: "format", Usage: "text, md or json", Value: "text",
				Action: func(c *cli.Context, s string) error {
					if !slices.Contains(catalogueFormats, s) {
						return usagef(c, "--format %s: want %s", s, alternatives(catalogueFormats))
					}
					return nil
				},
			},
			wordFlag("group", "rules of one group only: config or migration", ""),
		},
		Action:             rulesAction,
		BashComplete:       completeRules,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func rulesAction(c *cli.Context) error {
	picked, err := rulesNamed(c, rule.All())
	if err != nil {
		return err
	}
	if group := finding.Group(c.String("group")); group != "" {
		picked = slices.DeleteFunc(picked, func(r *finding.Rule) bool { return r.InGroup() != group })
	}
	printer, withExamples := rulesPrinter(c.String("format"), c.Args().Present())
	var out bytes.Buffer
	if err := printer(&out, rulePages(picked, withExamples)); err != nil {
		return err
	}
	return writeAll(c.App.Writer, &out)
}

// rulesPrinter tells also whether it shows examples.
func rulesPrinter(format string, explain bool) (printer print.Rules, withExamples bool) {
	switch {
	case format == "json":
		return print.RulesJSON, false
	case format == "md":
		return print.RulesMarkdown, true
	case explain:
		return print.RulePages, true
	}
	return print.RuleList, false
}

func rulePages(picked []*finding.Rule, withExamples bool) []print.RulePage {
	pages := make([]print.RulePage, len(picked))
	for i, r := range picked {
		pages[i].Rule = r
		if !withExamples {
			continue
		}
		if example, ok := rules.Of(r.ID); ok {
			pages[i].Example = &example
		}
	}
	return pages
}

// rulesNamed picks the rules whose ids, or whose codes of istioctl analyze, are
// the arguments; all of them where there is none.
func rulesNamed(c *cli.Context, all []*finding.Rule) ([]*finding.Rule, error) {
	if !c.Args().Present() {
		return all, nil
	}
	var picked []*finding.Rule
	for _, name := range c.Args().Slice() {
		before := len(picked)
		known := false
		for _, r := range all {
			if !isNamed(r, name) {
				continue
			}
			known = true
			if !slices.Contains(picked[:before], r) {
				picked = append(picked, r)
			}
		}
		switch {
		case known:
		case istCode(name):
			return nil, usagef(c, "no rule reports what istioctl analyze reports as %s; mesh2gw rules lists them", strings.ToUpper(name))
		default:
			return nil, usagef(c, "there is no rule %s; mesh2gw rules lists them", name)
		}
	}
	return picked, nil
}

func isNamed(r *finding.Rule, name string) bool {
	return strings.EqualFold(r.ID, name) || slices.ContainsFunc(r.IST, func(code string) bool { return strings.EqualFold(code, name) })
}

func istCode(name string) bool { return len(name) > 3 && strings.EqualFold(name[:3], "IST") }
