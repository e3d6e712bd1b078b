package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// hints say what the callers of each Service have to do themselves: what the
// rules of the mesh do for them today, what a gateway can't do for them any
// more, and what DestinationRules set, which no route has a place for.
func (b *builder) hints() []Hint {
	all := []Hint{}
	for _, r := range b.result.Proof {
		if r.Before == nil || r.Before.Protocol != route.HTTP {
			continue
		}
		s := sides{Result: r}
		for _, x := range s.rules(r.Before, before) {
			all = append(all, b.ofRule(r.Before, x)...)
		}
	}
	for _, d := range b.docs {
		if isNetworking(d, "DestinationRule") {
			all = append(all, b.ofDestinationRule(d)...)
		}
	}
	slices.SortFunc(all, compareHints)
	return slices.CompactFunc(all, func(x, y Hint) bool { return compareHints(x, y) == 0 })
}

func compareHints(x, y Hint) int {
	return cmp.Or(strings.Compare(x.Service, y.Service), strings.Compare(x.Setting, y.Setting), comparePlaces(x.Place, y.Place), strings.Compare(x.Value, y.Value))
}

func comparePlaces(x, y *Place) int {
	if x == nil || y == nil {
		return cmp.Compare(pointed(x), pointed(y))
	}
	return cmp.Or(strings.Compare(x.File, y.File), cmp.Compare(x.Row, y.Row), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
}

func pointed(p *Place) int {
	if p == nil {
		return 0
	}
	return 1
}

// ofRule gives the hints of a rule. On a gateway the route goes on doing what it
// can; in the mesh nobody does, once the callers have no proxy.
func (b *builder) ofRule(at *route.Door, r *route.Rule) []Hint {
	if r.Action == nil {
		return nil
	}
	var all []Hint
	names := []string{serviceText(at.Entry.Parent)}
	if !at.Entry.Mesh {
		names = nil
		for _, to := range r.Action.Backends {
			if to.Service != (route.Name{}) {
				names = append(names, serviceText(to.Service))
			}
		}
	}
	for _, name := range names {
		if t := r.Action.Timeout; t != nil && t.Request > 0 && at.Entry.Mesh {
			all = append(all, Hint{
				Service: name, Setting: "timeout", Value: t.Request.String(), Place: b.place(t.From.At("timeout")),
				Advice: fmt.Sprintf("Give each call to %s a deadline of %s, its retries included.", name, t.Request),
			})
		}
		if x := r.Action.Retry; x != nil && (at.Entry.Mesh || b.retriesLost(x)) {
			all = append(all, b.retryHint(name, x))
		}
	}
	return all
}

// retriesLost tells whether a finding says that a route can't hold the retries.
func (b *builder) retriesLost(r *route.Retry) bool {
	at := r.From.Place()
	for _, f := range b.on[at.Object] {
		if f.Rule == rule.RetryUnavailable || f.Rule == rule.RetryCondition || f.Rule == rule.RetriesOff {
			if within(f.Place.Field, at.Field) || within(at.Field, f.Place.Field) {
				return true
			}
		}
	}
	return false
}

// retryHint counts as libraries do: attempts of Istio are those after the first
// call (Envoy's NumRetries), many libraries count all calls.
func (b *builder) retryHint(service string, r *route.Retry) Hint {
	h := Hint{Service: service, Setting: "retries", Place: b.place(r.From.Place())}
	if r.Attempts <= 0 {
		h.Value = "none"
		h.Advice = fmt.Sprintf("Switch off what clients of %s retry by default: today each request is sent once.", service)
		return h
	}
	n := int(r.Attempts)
	on := cmp.Or(retryOn(r), "connect-failure, refused-stream, unavailable, cancelled")
	h.Value = fmt.Sprintf("%s (%d calls) on %s", count(n, "retry", "retries"), n+1, on)
	each := ""
	if r.PerTry > 0 {
		h.Value += ", " + r.PerTry.String() + " each"
		each = fmt.Sprintf(", bound each try to %s", r.PerTry)
	}
	h.Advice = fmt.Sprintf("Let clients of %s call up to %d times in all on %s%s, and only what may be repeated: libraries that count tries take %d, those that count retries %d.",
		service, n+1, on, each, n+1, n)
	return h
}

// policy is a traffic policy of a DestinationRule, or of a part of it.
type policy struct {
	node  *source.Node
	scope string // " (subset v1, port 80)"; "" for the whole
}

// policies are those of a DestinationRule's spec.
func policies(spec *source.Node) []policy {
	all := policiesOf(spec.Get("trafficPolicy"), "")
	for _, subset := range items(spec.Get("subsets")) {
		all = append(all, policiesOf(subset.Get("trafficPolicy"), "subset "+subset.Text("name"))...)
	}
	return all
}

func policiesOf(n *source.Node, scope string) []policy {
	if n == nil {
		return nil
	}
	all := []policy{{n, scoped(scope)}}
	for _, port := range items(n.Get("portLevelSettings")) {
		number := "port " + port.Get("port").Text("number")
		if scope != "" {
			number = scope + ", " + number
		}
		all = append(all, policy{port, scoped(number)})
	}
	return all
}

func scoped(scope string) string {
	if scope == "" {
		return ""
	}
	return " (" + scope + ")"
}

func (b *builder) ofDestinationRule(d *source.Document) []Hint {
	spec := d.Root.Get("spec")
	service := serviceOf(spec.Text("host"), b.namespaceOf(d.Object()))
	if service == "" {
		return nil
	}
	outside := service == spec.Text("host") // and not resolved
	var all []Hint
	for _, p := range policies(spec) {
		for _, s := range settings {
			n := p.node
			for _, key := range s.path {
				n = n.Get(key)
			}
			if n == nil || s.pods && outside {
				continue
			}
			value, advice := s.say(n)
			if value == "" {
				continue
			}
			all = append(all, Hint{
				Service: service, Setting: s.name, Value: value + p.scope,
				Advice: strings.ReplaceAll(advice, "{service}", service), Place: b.place(n.Place()),
			})
		}
	}
	return all
}

// serviceOf names the Service that host stands for, or host itself (Istio
// pilot/pkg/model/config.go ResolveShortnameToFQDN).
func serviceOf(host, namespace string) string {
	if rest, ok := strings.CutSuffix(host, ".svc.cluster.local"); ok {
		return rest
	}
	if host == "" || strings.Contains(host, ".") || strings.Contains(host, "*") {
		return host
	}
	return host + "." + namespace
}
