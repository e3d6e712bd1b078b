package istiod

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
)

// request is what a proxy sees.
type request struct {
	Host, Method, Path string // Path is without the query
	Query              map[string]string
	Headers            map[string]string // by lower-case name

	scheme string // which each side's listener decides
}

// String is the request as a person would type it.
func (r request) String() string {
	out := r.Method + " " + r.Host + r.Path
	for i, k := range sorted(r.Query) {
		out += string("?&"[min(i, 1)]) + k + "=" + r.Query[k]
	}
	for _, k := range sorted(r.Headers) {
		out += fmt.Sprintf(" -H '%s: %s'", k, r.Headers[k])
	}
	return out
}

// header looks a header or pseudo-header up.
func (r request) header(name string) (string, bool) {
	switch name = strings.ToLower(name); name {
	case ":method":
		return r.Method, true
	case ":path":
		return r.Path, true
	case ":authority", "host":
		return r.Host, true
	case ":scheme":
		return r.scheme, true
	}
	value, ok := r.Headers[name]
	return value, ok
}

// unsupported is what the judge can't evaluate: a decision that depends on it
// must not pass for one.
type unsupported string

// routesAt finds the route configuration for a port. A gateway opens listeners
// by port, with a filter chain for each set of server names; a sidecar's
// configurations are named by port, or by host and port.
func (v *view) routesAt(d door, host string) *routev3.RouteConfiguration {
	if d.gateway == "" {
		for _, name := range []string{fmt.Sprintf("%s:%d", host, d.port), fmt.Sprint(d.port)} {
			if r := v.routes[name]; r != nil {
				return r
			}
		}
		return nil
	}
	for _, l := range v.listeners {
		if l.GetAddress().GetSocketAddress().GetPortValue() == d.port {
			return v.chainRoutes(chainFor(l.GetFilterChains(), host))
		}
	}
	return nil
}

// chainFor picks the filter chain for a server name: exact, then the longest
// wildcard, then a chain that names none.
func chainFor(chains []*listenerv3.FilterChain, host string) *listenerv3.FilterChain {
	var best *listenerv3.FilterChain
	longest := -1
	for _, c := range chains {
		names := c.GetFilterChainMatch().GetServerNames()
		if len(names) == 0 && longest < 0 {
			best, longest = c, 0
		}
		for _, n := range names {
			if fit := domainFit(n, host); fit > longest {
				best, longest = c, fit
			}
		}
	}
	return best
}

// chainRoutes is what a filter chain routes by; nil when it is not HTTP.
func (v *view) chainRoutes(c *listenerv3.FilterChain) *routev3.RouteConfiguration {
	for _, f := range c.GetFilters() {
		manager := &hcmv3.HttpConnectionManager{}
		if f.GetTypedConfig().UnmarshalTo(manager) != nil {
			continue
		}
		if manager.GetRds() != nil {
			return v.routes[manager.GetRds().GetRouteConfigName()]
		}
		return manager.GetRouteConfig()
	}
	return nil
}

// domainFit ranks how well a domain fits a host: 0 not at all, more is better
// (exact, then the longest suffix wildcard, the longest prefix wildcard, all).
func domainFit(domain, host string) int {
	domain, host = strings.ToLower(domain), strings.ToLower(host)
	switch {
	case domain == host:
		return 1 << 20
	case domain == "*":
		return 1
	case strings.HasPrefix(domain, "*") && len(host) >= len(domain) && strings.HasSuffix(host, domain[1:]):
		return 1<<10 + len(domain)
	case strings.HasSuffix(domain, "*") && len(host) >= len(domain) && strings.HasPrefix(host, domain[:len(domain)-1]):
		return 1 + len(domain)
	}
	return 0
}

func virtualHost(c *routev3.RouteConfiguration, host string) *routev3.VirtualHost {
	var best *routev3.VirtualHost
	rank := 0
	for _, h := range c.GetVirtualHosts() {
		for _, d := range h.GetDomains() {
			if fit := domainFit(d, host); fit > rank {
				best, rank = h, fit
			}
		}
	}
	return best
}

// matches tells whether a route takes a request.
func matches(m *routev3.RouteMatch, r request) bool {
	if rest := leftover(m, "prefix", "path", "safe_regex", "path_separated_prefix", "case_sensitive", "headers", "query_parameters"); rest != "" {
		if m.GetDynamicMetadata() == nil {
			panic(unsupported("route match " + rest))
		}
		return false // the claims of a token, which no request here carries
	}
	if _, ok := matchedPath(m, r.Path); !ok {
		return false
	}
	for _, h := range m.GetHeaders() {
		value, present := r.header(h.GetName())
		if !headerHolds(h, value, present) {
			return false
		}
	}
	for _, q := range m.GetQueryParameters() {
		value, present := r.Query[q.GetName()]
		if s := q.GetStringMatch(); !present || s != nil && !stringHolds(s, value) {
			return false
		}
	}
	return true
}

// matchedPath returns the part of a path that a match takes.
func matchedPath(m *routev3.RouteMatch, path string) (string, bool) {
	fold := m.GetCaseSensitive() != nil && !m.GetCaseSensitive().GetValue()
	begins := func(prefix string) bool {
		return len(path) >= len(prefix) && (path[:len(prefix)] == prefix || fold && strings.EqualFold(path[:len(prefix)], prefix))
	}
	switch p := m.GetPathSpecifier().(type) {
	case *routev3.RouteMatch_Prefix:
		if begins(p.Prefix) {
			return path[:len(p.Prefix)], true
		}
	case *routev3.RouteMatch_PathSeparatedPrefix:
		n := len(p.PathSeparatedPrefix)
		if begins(p.PathSeparatedPrefix) && (len(path) == n || path[n] == '/') {
			return path[:n], true
		}
	case *routev3.RouteMatch_Path:
		return path, len(path) == len(p.Path) && begins(p.Path)
	case *routev3.RouteMatch_SafeRegex:
		return path, fullMatch(p.SafeRegex.GetRegex(), path)
	default:
		panic(unsupported(fmt.Sprintf("path match %T", p)))
	}
	return "", false
}

// headerHolds: what is absent fails also an inverted match, unless it is to
// count as empty.
func headerHolds(h *routev3.HeaderMatcher, value string, present bool) bool {
	var holds bool
	switch m := h.GetHeaderMatchSpecifier().(type) {
	case *routev3.HeaderMatcher_PresentMatch:
		return (present == m.PresentMatch) != h.GetInvertMatch()
	case nil:
		return present != h.GetInvertMatch()
	case *routev3.HeaderMatcher_StringMatch:
		holds = stringHolds(m.StringMatch, value)
	default:
		panic(unsupported(fmt.Sprintf("header match %T", m)))
	}
	if !present && !h.GetTreatMissingHeaderAsEmpty() {
		return false
	}
	return holds != h.GetInvertMatch()
}

func stringHolds(m *matcherv3.StringMatcher, value string) bool {
	fold := func(s string) string { return s }
	if m.GetIgnoreCase() {
		fold = strings.ToLower
	}
	switch p := m.GetMatchPattern().(type) {
	case *matcherv3.StringMatcher_Exact:
		return fold(value) == fold(p.Exact)
	case *matcherv3.StringMatcher_Prefix:
		return strings.HasPrefix(fold(value), fold(p.Prefix))
	case *matcherv3.StringMatcher_Suffix:
		return strings.HasSuffix(fold(value), fold(p.Suffix))
	case *matcherv3.StringMatcher_Contains:
		return strings.Contains(fold(value), fold(p.Contains))
	case *matcherv3.StringMatcher_SafeRegex:
		return fullMatch(p.SafeRegex.GetRegex(), value)
	}
	panic(unsupported(fmt.Sprintf("string match %T", m.GetMatchPattern())))
}

// expressions are compiled once: Go's dialect is RE2, as Envoy's.
var expressions sync.Map

func compiled(expression string) *regexp.Regexp {
	if re, ok := expressions.Load(expression); ok {
		return re.(*regexp.Regexp)
	}
	re, err := regexp.Compile(expression)
	if err != nil {
		panic(unsupported(fmt.Sprintf("Envoy refuses %q: %v", expression, err)))
	}
	expressions.Store(expression, re)
	return re
}

func fullMatch(expression, value string) bool {
	return compiled(`^(?s:` + expression + `)$`).MatchString(value)
}

// percent is Envoy's fraction in percent; absent is all.
func percent(f *typev3.FractionalPercent) float64 {
	if f == nil {
		return 100
	}
	by := map[typev3.FractionalPercent_DenominatorType]float64{
		typev3.FractionalPercent_HUNDRED: 1, typev3.FractionalPercent_TEN_THOUSAND: 100, typev3.FractionalPercent_MILLION: 10000,
	}
	return float64(f.GetNumerator()) / by[f.GetDenominator()]
}

// hostsOf are sample hosts for the domains of a configuration.
func hostsOf(c *routev3.RouteConfiguration) []string {
	var out []string
	for _, h := range c.GetVirtualHosts() {
		for _, d := range h.GetDomains() {
			name, _, _ := strings.Cut(d, ":")
			switch {
			case name == "*":
				out = append(out, "judge.example.net")
			case strings.HasPrefix(name, "*"):
				out = append(out, "a"+name[1:], "a.b"+name[1:])
			case strings.HasSuffix(name, "*"):
				out = append(out, name[:len(name)-1]+"a")
			default:
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
