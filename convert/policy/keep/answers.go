package keep

import (
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// answer takes back what was found at the parts of the input that a plan keeps.
func (k *keeper) answer(p *plan, by string) {
	top := p.group.top
	if p.subset != nil {
		k.takeBack(p.subset.rule, p.subset.rule.Object.Node(p.subset.Subset).Get("trafficPolicy"), by)
	} else {
		k.takeBack(top, top.Object.Root.Get("spec").Get("trafficPolicy"), by)
	}
	for _, dr := range p.group.rules {
		if dr != top && dr != p.from {
			continue // whose policy has no effect
		}
		for _, scope := range []string{"exportTo", "workloadSelector"} {
			k.takeBack(dr, dr.Object.Root.Get("spec").Get(scope), by)
		}
	}
}

// takeBack takes back the findings at a part of dr and below.
func (k *keeper) takeBack(dr *mesh.DestinationRule, part *source.Node, by string) {
	if part == nil {
		return
	}
	field := part.Field()
	for _, f := range k.account(dr) {
		rest, below := strings.CutPrefix(f.Place.Field, field)
		if below && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			k.made.Carried = append(k.made.Carried, gwapi.Carried{Rule: f.Rule, At: f.Place, By: by})
		}
	}
}

// account is what the field table says is lost of dr and a DestinationRule keeps,
// and what linking says of its TLS.
func (k *keeper) account(dr *mesh.DestinationRule) []finding.Finding {
	if all, done := k.accounts[dr]; done {
		return all
	}
	all := slices.DeleteFunc(istio.Account(dr.Object), func(f finding.Finding) bool { return !slices.Contains(kept, f.Rule) })
	for _, tls := range settingsOf(dr.Spec) {
		all = append(all, finding.New(rule.BackendTLSHost, dr.Object.At(tls, "mode"), ""))
	}
	k.accounts[dr] = all
	return all
}
