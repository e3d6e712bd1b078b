package mesh

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// refusal collects why Istio's validation would not take an object
// (pkg/config/validation). It names what people get wrong in the structure of
// a VirtualService, not every value that is out of range.
type refusal struct {
	vs  *virtualService
	all []finding.Finding
}

// reportRefused names objects that Istio does not take: they do nothing today,
// and what is made of them would.
func (l *linker) reportRefused(vs *virtualService) {
	r := &refusal{vs: vs}
	r.whole()
	for _, h := range vs.spec.Http {
		r.http(h)
	}
	for _, t := range vs.spec.Tls {
		r.tls(t)
	}
	for _, t := range vs.spec.Tcp {
		if len(t.Route) == 0 {
			r.because(vs.Node(t).Place(), "a tcp rule has no route")
		}
		r.weights(vs.Node(t).At("route"), shares(t.Route))
	}
	l.add(r.all...)
}

func (r *refusal) because(at finding.Place, format string, args ...any) {
	r.all = append(r.all, finding.New(rule.RefusedByIstio, at, "Istio's validation refuses the object, since %s: it does nothing today, and what is made of it would.", fmt.Sprintf(format, args...)))
}

// whole is validation.go ValidateVirtualService.
func (r *refusal) whole() {
	spec, at := r.vs.spec, r.vs.Root.Get("spec")
	if len(spec.Http)+len(spec.Tls)+len(spec.Tcp) == 0 {
		r.because(at.Place(), "it has no http, tls or tcp rules")
	}
	if len(spec.Hosts) == 0 && len(spec.Gateways)+len(spec.Tls)+len(spec.Tcp) > 0 {
		r.because(at.Place(), "a VirtualService without hosts may have http rules only")
	}
	mesh := len(spec.Gateways) == 0 || slices.Contains(spec.Gateways, meshGateway)
	for i, host := range spec.Hosts {
		if host == "*" && mesh {
			r.because(child(at, "hosts", i).Place(), "host * is not allowed in the mesh")
		}
		for _, earlier := range spec.Hosts[:i] {
			if hostsMeet(lower(host), lower(earlier)) && !hasPlaceholder(host+earlier) {
				r.because(child(at, "hosts", i).Place(), "its hosts %s and %s overlap", earlier, host)
				break
			}
		}
	}
}

// http is virtualservice.go validateHTTPRoute.
func (r *refusal) http(h *networking.HTTPRoute) {
	at := r.vs.Node(h)
	for _, c := range r.conflicts(h) {
		if c.holds {
			r.because(at.At(c.key), "%s", c.why)
		}
	}
	for _, m := range h.Match {
		r.match(m)
	}
	r.redirect(h)
	r.times(h)
	r.weights(at.At("route"), httpShares(h.Route))
}

// conflict is a pair of settings that exclude each other.
type conflict struct {
	holds    bool
	key, why string
}

// conflicts is virtualservice.go validateHTTPRouteConflict.
func (r *refusal) conflicts(h *networking.HTTPRoute) []conflict {
	root := h.Delegate != nil && len(r.vs.spec.Hosts) > 0
	if root {
		return []conflict{
			{h.Redirect != nil, "redirect", "a rule that delegates has a redirect"},
			{h.Route != nil, "route", "a rule that delegates has a route"},
		}
	}
	answers := h.Redirect != nil || h.DirectResponse != nil
	return []conflict{
		{h.Delegate != nil, "delegate", "a delegate delegates"},
		{h.Redirect != nil && h.DirectResponse != nil, "redirect", "a rule has both redirect and directResponse"},
		{answers && len(h.Route) > 0, "route", "a rule has a route beside redirect or directResponse"},
		{answers && h.Fault != nil, "fault", "a rule has a fault beside redirect or directResponse"},
		{answers && h.Rewrite != nil, "rewrite", "a rule has a rewrite beside redirect or directResponse"},
		{!answers && len(h.Route) == 0, "match", "a rule has neither route, redirect nor directResponse"},
		{h.Mirror != nil && len(h.Mirrors) > 0, "mirrors", "a rule has both mirror and mirrors"},
		{h.Rewrite != nil && h.Rewrite.Uri == "" && h.Rewrite.Authority == "" && h.Rewrite.UriRegexRewrite == nil, "rewrite", "a rewrite names nothing"},
		{h.GetRewrite().GetUri() != "" && h.GetRewrite().GetUriRegexRewrite() != nil, "rewrite", "a rewrite has both uri and uriRegexRewrite"},
	}
}

// match is virtualservice.go validateHTTPRouteMatchRequest: a prefix may be
// empty in uri only, and names may not.
func (r *refusal) match(m *networking.HTTPMatchRequest) {
	at := r.vs.Node(m)
	for _, c := range []struct {
		key   string
		value *networking.StringMatch
	}{{"scheme", m.Scheme}, {"method", m.Method}, {"authority", m.Authority}} {
		r.prefix(c.key, c.value)
	}
	r.named(at, "headers", m.Headers)
	r.named(at, "withoutHeaders", m.WithoutHeaders)
	r.named(at, "queryParams", m.QueryParams)
}

func (r *refusal) named(at *source.Node, key string, conditions map[string]*networking.StringMatch) {
	for _, name := range slices.Sorted(maps.Keys(conditions)) {
		if name == "" && key != "queryParams" {
			r.because(at.At(key), "a header name is empty")
		}
		r.prefix(key, conditions[name])
	}
}

func (r *refusal) prefix(key string, m *networking.StringMatch) {
	if p, ok := m.GetMatchType().(*networking.StringMatch_Prefix); ok && p.Prefix == "" {
		r.because(r.vs.Node(m).At("prefix"), "a prefix of %s is empty", key)
	}
}

// redirect is validation.go validateHTTPRedirect.
func (r *refusal) redirect(h *networking.HTTPRoute) {
	m := h.Redirect
	if m == nil {
		return
	}
	at := r.vs.Node(m)
	for _, c := range []conflict{
		{m.Uri != "" && m.PrefixRewrite != "", "uri", "a redirect has both uri and prefixRewrite"},
		{m.Uri+m.PrefixRewrite+m.Authority+m.Scheme == "" && m.RedirectPort == nil, "redirectCode", "a redirect names neither uri, authority, scheme nor port"},
		{m.RedirectCode != 0 && (m.RedirectCode < 300 || m.RedirectCode > 399), "redirectCode", "the code of a redirect is not 3xx"},
		{m.PrefixRewrite != "" && slices.ContainsFunc(h.Match, notByPrefix), "prefixRewrite", "prefixRewrite wants matches by prefix"},
	} {
		if c.holds {
			r.because(at.At(c.key), "%s", c.why)
		}
	}
}

func notByPrefix(m *networking.HTTPMatchRequest) bool {
	_, byPrefix := m.GetUri().GetMatchType().(*networking.StringMatch_Prefix)
	return m.Uri != nil && !byPrefix
}

// times is validation.go validateHTTPRetry and agent.ValidateDuration.
func (r *refusal) times(h *networking.HTTPRoute) {
	short := func(d *durationpb.Duration) bool { return d != nil && d.AsDuration() < time.Millisecond }
	if short(h.Timeout) {
		r.because(r.vs.Node(h).At("timeout"), "a timeout is below 1ms")
	}
	m := h.Retries
	if m == nil {
		return
	}
	at := r.vs.Node(m)
	for _, c := range []conflict{
		{m.Attempts < 0, "attempts", "attempts is negative"},
		{m.Attempts == 0 && m.PerTryTimeout != nil, "perTryTimeout", "retries are off, and have a perTryTimeout"},
		{m.Attempts == 0 && m.RetryOn != "", "retryOn", "retries are off, and have a condition"},
		{m.Attempts == 0 && m.RetryRemoteLocalities != nil, "retryRemoteLocalities", "retries are off, and have a locality setting"},
		{short(m.PerTryTimeout), "perTryTimeout", "a perTryTimeout is below 1ms"},
		{short(m.Backoff), "backoff", "a backoff is below 1ms"},
	} {
		if c.holds {
			r.because(at.At(c.key), "%s", c.why)
		}
	}
}

// tls is validation.go validateTLSRoute.
func (r *refusal) tls(t *networking.TLSRoute) {
	at := r.vs.Node(t)
	if len(t.Match) == 0 {
		r.because(at.Place(), "a tls rule has no match")
	}
	for _, m := range t.Match {
		if len(m.SniHosts) == 0 {
			r.because(r.vs.Node(m).Place(), "a tls match names no SNI host")
		}
	}
	if len(t.Route) == 0 {
		r.because(at.Place(), "a tls rule has no route")
	}
	r.weights(at.At("route"), shares(t.Route))
}

// weights is validation.go validateRouteDestinations. Istio does not look at
// the weight of a sole destination.
func (r *refusal) weights(at finding.Place, weights []int32) {
	var sum int32
	for _, w := range weights {
		if w < 0 {
			r.because(at, "a weight is negative")
		}
		sum += w
	}
	if len(weights) > 1 && sum == 0 {
		r.because(at, "all weights of a route are 0")
	}
}

func shares(routes []*networking.RouteDestination) []int32 {
	weights := make([]int32, len(routes))
	for i, d := range routes {
		weights[i] = d.Weight
	}
	return weights
}

func httpShares(routes []*networking.HTTPRouteDestination) []int32 {
	weights := make([]int32, len(routes))
	for i, d := range routes {
		weights[i] = d.Weight
	}
	return weights
}
