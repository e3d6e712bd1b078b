package gwapi

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// maxRuleName is the length of a SectionName (shared_types.go).
const maxRuleName = 253

var notInName = regexp.MustCompile(`[^a-z0-9.]+`)

// ruleName is the name that the author gave to a rule, as the CRD takes it.
func (p *pass) ruleName(l *line) *gatewayv1.SectionName {
	if l.Rule.Name == "" {
		return nil
	}
	at := l.Action.From.At("name")
	name := sectionName(l.Rule.Name)
	if name == "" || !p.opts.Bundle.Has(target.RuleNames) {
		p.note(rule.RuleNameLost, at, "the rule is called %s in metrics today, and has no name afterwards.", l.Rule.Name)
		return nil
	}
	if name != l.Rule.Name {
		p.note(rule.RuleNameChanged, at, "the rule is called %s in metrics today, and %s afterwards.", l.Rule.Name, name)
	}
	out := gatewayv1.SectionName(name)
	return &out
}

// sectionName makes a lower-case DNS name of text, or "".
func sectionName(text string) string {
	name := notInName.ReplaceAllString(strings.ToLower(text), "-")
	labels := strings.FieldsFunc(name, func(r rune) bool { return r == '.' })
	for i, l := range labels {
		labels[i] = strings.Trim(l, "-")
	}
	name = strings.Join(strings.FieldsFunc(strings.Join(labels, "."), func(r rune) bool { return r == '.' }), ".")
	if len(name) > maxRuleName {
		name = strings.Trim(name[:maxRuleName], "-.")
	}
	return name
}

// uniqueNames returns the rules of one route with names that occur once; rules
// that were split keep the name with a number.
func uniqueNames(rules []drawn) []gatewayv1.HTTPRouteRule {
	taken := map[gatewayv1.SectionName]bool{}
	all := make([]gatewayv1.HTTPRouteRule, len(rules))
	for i, r := range allNamed(rules) {
		if r.Name != nil {
			name := *r.Name
			for n := 2; taken[name]; n++ {
				suffix := fmt.Sprintf("-%d", n)
				name = (*r.Name)[:min(len(*r.Name), maxRuleName-len(suffix))] + gatewayv1.SectionName(suffix)
			}
			taken[name] = true
			r.Name = &name
		}
		all[i] = r.HTTPRouteRule
	}
	return all
}

// allNamed gives names to the rules of one route that need one and have none.
func allNamed(rules []drawn) []drawn {
	taken := map[gatewayv1.SectionName]bool{}
	for _, r := range rules {
		if r.Name != nil {
			taken[*r.Name] = true
		}
	}
	all := slices.Clone(rules)
	for i := range all {
		if r := &all[i]; r.named && r.Name == nil {
			name := gatewayv1.SectionName(fmt.Sprintf("rule-%d", i+1))
			for taken[name] {
				name += "x"
			}
			taken[name], r.Name = true, &name
		}
	}
	return all
}
