package istio

import (
	"fmt"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// removed are fields of early releases, by message and key. The messages are
// what an author has to know who still counts on them.
var removed = map[string]struct {
	rule    *finding.Rule
	message string
	hint    string
}{
	"HTTPRoute.websocketUpgrade": {rule.IdleLegacyField, "WebSocket upgrades are let through on every route since Istio 1.0, and by Gateway API too; the key has no effect.", "Remove the key."},

	"HTTPRoute.appendHeaders":         {rule.LegacyField, "No header is added to requests today: Istio has dropped appendHeaders.", "Use headers.request.add."},
	"HTTPRoute.appendRequestHeaders":  {rule.LegacyField, "No header is added to requests today: Istio has dropped appendRequestHeaders.", "Use headers.request.add."},
	"HTTPRoute.removeRequestHeaders":  {rule.LegacyField, "No header is taken off requests today: Istio has dropped removeRequestHeaders.", "Use headers.request.remove."},
	"HTTPRoute.appendResponseHeaders": {rule.LegacyField, "No header is added to responses today: Istio has dropped appendResponseHeaders.", "Use headers.response.add."},
	"HTTPRoute.removeResponseHeaders": {rule.LegacyField, "No header is taken off responses today: Istio has dropped removeResponseHeaders.", "Use headers.response.remove."},

	"HTTPRouteDestination.appendRequestHeaders":  {rule.LegacyField, "No header is added to requests today: Istio has dropped appendRequestHeaders.", "Use headers.request.add."},
	"HTTPRouteDestination.removeRequestHeaders":  {rule.LegacyField, "No header is taken off requests today: Istio has dropped removeRequestHeaders.", "Use headers.request.remove."},
	"HTTPRouteDestination.appendResponseHeaders": {rule.LegacyField, "No header is added to responses today: Istio has dropped appendResponseHeaders.", "Use headers.response.add."},
	"HTTPRouteDestination.removeResponseHeaders": {rule.LegacyField, "No header is taken off responses today: Istio has dropped removeResponseHeaders.", "Use headers.response.remove."},

	"Destination.name":                 {rule.LegacyField, "The destination's name is called host since the first v1alpha3 release; without a host no request is sent anywhere.", "Write host in place of name."},
	"DestinationRule.name":             {rule.LegacyField, "The destination's name is called host since the first v1alpha3 release; without a host the rule applies to no Service.", "Write host in place of name."},
	"PortSelector.name":                {rule.LegacyField, "Istio selects ports by number only; the name is dropped.", "Write the port's number."},
	"TLSMatchAttributes.sourceSubnet":  {rule.LegacyField, "Connections are not told apart by their source today: Istio has dropped sourceSubnet.", "Use an AuthorizationPolicy or a NetworkPolicy."},
	"HTTPFaultInjection.Abort.percent": {rule.LegacyField, "An abort without percentage hits no request today: Istio has dropped percent.", "Use percentage.value."},
	"OutlierDetection.http":            {rule.LegacyField, "Outlier detection has no http part since the first v1alpha3 release; what stands in it is dropped, and Istio's defaults apply.", "Write its fields directly below outlierDetection."},
}

// unknownField reports a key that t does not have. Istio's CRDs drop it
// ("prune"), so the object means the same without it.
func (b *binder) unknownField(t *message, n *source.Node) {
	if r, ok := removed[t.path+"."+source.Camel(n.Key())]; ok {
		b.note(finding.New(r.rule, n.Place(), "%s", r.message).WithHint("%s", r.hint))
		return
	}
	b.note(finding.New(rule.UnknownField, n.Place(), "%s is no field of %s; Istio's CRDs drop it, so it has no effect today.", n.Key(), t.name()).
		WithHint("%s", didYouMean(n.Key(), t.names, b.elsewhere(n.Key()))))
}

// elsewhere is a hint for a key that is a field of other messages of the object:
// a slip of indentation, mostly.
func (b *binder) elsewhere(key string) string {
	var owners []string
	seen := map[*message]bool{}
	var walk func(m *message)
	walk = func(m *message) {
		if m == nil || seen[m] {
			return
		}
		seen[m] = true
		if m.fields[key] != nil {
			owners = append(owners, m.name())
		}
		for _, name := range m.names {
			walk(m.fields[name].message)
		}
	}
	walk(schema()[b.object.Spec.ProtoReflect().Descriptor().FullName()])
	if len(owners) == 0 || len(owners) > 3 {
		return rule.UnknownField.Hint
	}
	return fmt.Sprintf("It is a field of %s: check the indentation.", strings.Join(owners, " and of "))
}

func (b *binder) conflict(n, other *source.Node) {
	b.broken(finding.Finding{
		Rule: rule.OneOf, Place: n.Place(), Hint: rule.OneOf.Hint,
		Message: n.Key() + " can't stand beside " + other.Key() + ": only one of them can be meant. Istio refuses the whole object.",
		Related: []finding.Related{{Place: other.Place(), Message: other.Key() + " is here."}},
	})
}
