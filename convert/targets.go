package convert

import (
	"fmt"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// unserved finds the features that o makes use of and that Target lacks.
func (f *finisher) unserved(o gwapi.Object) []finding.Finding {
	if f.Target == "" {
		return nil
	}
	t, err := target.Parse(f.Target)
	if err != nil {
		return nil // whoever took the name has said so
	}
	var out []finding.Finding
	for _, u := range gwapi.Uses(o) {
		support := t.Has(u.Need, u.Mesh)
		minor := u.Need.Weight == target.Minor
		at := o.Place(u)
		where := fmt.Sprintf("%s %s", o.Kind, o.Key().Name.Name)
		kind := ofKind(u)
		if u.Mesh && !kind {
			where += " inside of the mesh"
		}
		switch {
		case !kind && placeless(t, u): // the finding about the route says it
		case support == target.Yes, support == target.Unknown && minor:
		case support == target.Unknown:
			out = append(out, finding.New(rule.FeatureUnknown, at, "whether %s serves %s is not known (%s); if it does not, %s.", t.Spoken(), u.Need.Says, where, u.Need.Without).
				WithHint("Try it before you rely on it%s.", servedBy(u)))
		case minor:
			out = append(out, finding.New(rule.FeatureMinor, at, "%s ignores %s (%s): %s.", t.Spoken(), u.Need.Says, where, u.Need.Without))
		case kind:
			out = append(out, finding.New(rule.KindUnserved, at, "%s does not serve %s (%s): %s.", t.Spoken(), u.Need.Says, where, u.Need.Without).
				WithHint("%s", otherKind(u)))
		default:
			out = append(out, finding.New(rule.FeatureUnsupported, at, "%s does not serve %s (%s): %s.", t.Spoken(), u.Need.Says, where, consequence(t, u.Need)).
				WithHint("Choose another target%s, or say it by a policy of the implementation.", servedBy(u)))
		}
	}
	return out
}

// ofKind tells whether u is the route as such.
func ofKind(u gwapi.Use) bool { return u.Need.Core() || strings.HasPrefix(u.Need.Feature, "Mesh") }

// placeless tells whether t has no place for u: Gateways, or a mesh.
func placeless(t target.Target, u gwapi.Use) bool {
	return u.Mesh && t.Mesh == target.No || !u.Mesh && t.Gateways == target.No
}

// consequence is what was seen to happen, or else what has to happen.
func consequence(t target.Target, n target.Need) string {
	if seen := t.Seen[n.Feature]; seen.Known() {
		return seen.Says
	}
	return n.Without
}

// otherKind is the way out for a route that the target has no place for.
func otherKind(u gwapi.Use) string {
	if u.Mesh {
		return "Choose another target" + servedBy(u) + ", or choose --mesh gateway=NAMESPACE/NAME or --mesh off."
	}
	return "Choose another target" + servedBy(u) + "."
}

// servedBy names the implementations that have a feature, in brackets.
func servedBy(u gwapi.Use) string {
	names := target.Supporters(u.Need, u.Mesh)
	if len(names) == 0 {
		return ""
	}
	return " (supported by: " + strings.Join(names, ", ") + ")"
}
