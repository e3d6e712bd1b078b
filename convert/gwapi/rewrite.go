package gwapi

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// pathChange is what becomes of the path of a request; the zero value keeps it.
type pathChange struct {
	kind    gatewayv1.HTTPPathModifierType
	value   string
	refused bool // it can't be said, so the rule must not answer
}

// pathChange says how the action of l changes the path of what meets m. Istio
// replaces the matched prefix as a string, and the whole path for exact and
// regular expression matches (core/route/route.go, Envoy's prefix_rewrite).
func (p *pass) pathChange(l *line, m gatewayv1.HTTPRouteMatch) pathChange {
	act := l.Action
	switch {
	case act.Refuses() || act.Direct != nil:
		return pathChange{}
	case act.Redirect != nil:
		return p.redirectChange(l, m)
	case act.Rewrite == nil || act.Rewrite.Path == "":
		return pathChange{}
	}
	return p.replacement(l, m, act.Rewrite.Path, act.Rewrite.From.At("uri"))
}

func (p *pass) redirectChange(l *line, m gatewayv1.HTTPRouteMatch) pathChange {
	r := l.Action.Redirect
	if r.Prefix != "" {
		change := p.replacement(l, m, r.Prefix, r.From.At("prefixRewrite"))
		if short, ok := strings.CutSuffix(change.value, "/"); ok && short != "" && strings.HasSuffix(*m.Path.Value, "/") {
			change.value = short // the same to Gateway API; Istio would write two slashes
		}
		return change
	}
	if r.Path == "" {
		return pathChange{}
	}
	return p.wholePath(r.Path, r.From.At("uri"))
}

// replacement changes the part of the path that was matched. Where m is joined
// with a longer path, what lies between is part of what it matches.
func (p *pass) replacement(l *line, m gatewayv1.HTTPRouteMatch, value string, at finding.Place) pathChange {
	c := l.Match.Path
	if c.Kind == route.Exact || c.Kind == route.Regex {
		return p.wholePath(value, at)
	}
	prefix, path := c.Value, *m.Path.Value
	if c.Kind != route.Prefix && c.Kind != route.Element || prefix == "" {
		prefix = "/"
	}
	between, longer := strings.CutPrefix(path, prefix)
	switch *m.Path.Type {
	case gatewayv1.PathMatchRegularExpression:
		p.note(rule.RegexRewrite, at, "the prefix %s is replaced by %s whatever its case today; Gateway API replaces only a prefix matched with regard to case, so the rule answers 500.", c.Value, value)
		return pathChange{refused: true}
	case gatewayv1.PathMatchExact:
		if c.Kind == route.Element || !longer {
			return p.wholePath(replaceElements(prefix, value, path), at)
		}
		return p.wholePath(value+between, at)
	}
	if longer && between != "" {
		if c.Kind == route.Element {
			value = replaceElements(prefix, value, path)
		} else {
			value += between
		}
	}
	if !p.soundPath(value, at) {
		return pathChange{refused: true}
	}
	if c.Kind != route.Element {
		p.noteSwap(path, value, at)
	}
	return pathChange{kind: gatewayv1.PrefixMatchHTTPPathModifier, value: value}
}

func (p *pass) wholePath(value string, at finding.Place) pathChange {
	if !p.soundPath(value, at) {
		return pathChange{refused: true}
	}
	return pathChange{kind: gatewayv1.FullPathHTTPPathModifier, value: value}
}

// soundPath reports replacements that are no paths.
func (p *pass) soundPath(value string, at finding.Place) bool {
	if limit := p.opts.Bundle.Limits().PathLength; !strings.HasPrefix(value, "/") || len(value) > limit {
		p.note(rule.RegexRewrite, at, "the path is replaced by %.40q today; Gateway API takes paths that begin with / and have at most %d bytes, so the rule answers 500.", value, limit)
		return false
	}
	if strings.ContainsAny(value, "?#") {
		p.note(rule.RedirectDiffers, at, "%s is more than a path; Envoy replaces the query as well, and Gateway API does not say what becomes of it.", value)
	}
	return true
}

// noteSwap reports where swapping strings and swapping elements give two paths.
func (p *pass) noteSwap(prefix, value string, at finding.Place) {
	r, request, today, after := swapDifference(prefix, value)
	if r != nil {
		p.note(r, at, "prefix %s is replaced by %s as a string: GET %s becomes %s today; Gateway API replaces path elements, so it becomes %s.", prefix, value, request, today, after)
	}
}

// swapDifference finds a request whose path the two ways of replacing a prefix
// change differently. A nil rule means that there is none.
func swapDifference(prefix, value string) (r *finding.Rule, request, today, after string) {
	requests := []string{prefix + "/x", prefix}
	if strings.HasSuffix(prefix, "/") {
		requests = []string{prefix + "x", prefix}
	}
	for _, path := range requests {
		swapped, replaced := value+path[len(prefix):], replaceElements(prefix, value, path)
		switch {
		case swapped == replaced:
		case strings.ReplaceAll(swapped, "//", "/") != replaced:
			return rule.RewriteDiffers, path, swapped, replaced
		case r == nil:
			r, request, today, after = rule.RewriteDoubleSlash, path, swapped, replaced
		}
	}
	return r, request, today, after
}

// replaceElements is ReplacePrefixMatch: trailing slashes of prefix and
// replacement do not count (httproute_types.go, HTTPPathModifier).
func replaceElements(prefix, value, path string) string {
	rest := path[len(strings.TrimSuffix(prefix, "/")):]
	if out := strings.TrimSuffix(value, "/") + rest; out != "" {
		return out
	}
	return "/"
}

// withPath is r with change as well.
func withPath(r gatewayv1.HTTPRouteRule, change pathChange) gatewayv1.HTTPRouteRule {
	if change.refused {
		return gatewayv1.HTTPRouteRule{Name: r.Name}
	}
	modifier := change.modifier()
	if modifier == nil || len(r.BackendRefs)+len(r.Filters) == 0 {
		return r
	}
	r.Filters = slices.Clone(r.Filters)
	for i, f := range r.Filters {
		switch f.Type {
		case gatewayv1.HTTPRouteFilterRequestRedirect:
			redirect := *f.RequestRedirect
			redirect.Path = modifier
			r.Filters[i].RequestRedirect = &redirect
			return r
		case gatewayv1.HTTPRouteFilterURLRewrite:
			rewrite := *f.URLRewrite
			rewrite.Path = modifier
			r.Filters[i].URLRewrite = &rewrite
			return r
		}
	}
	r.Filters = append(r.Filters, gatewayv1.HTTPRouteFilter{Type: gatewayv1.HTTPRouteFilterURLRewrite, URLRewrite: &gatewayv1.HTTPURLRewriteFilter{Path: modifier}})
	return r
}

func (c pathChange) modifier() *gatewayv1.HTTPPathModifier {
	switch c.kind {
	case "":
		return nil
	case gatewayv1.FullPathHTTPPathModifier:
		return &gatewayv1.HTTPPathModifier{Type: c.kind, ReplaceFullPath: &c.value}
	case gatewayv1.PrefixMatchHTTPPathModifier:
		return &gatewayv1.HTTPPathModifier{Type: c.kind, ReplacePrefixMatch: &c.value}
	}
	panic(fmt.Sprintf("unhandled path modifier %q", c.kind))
}

// preciseHost is the CRD's PreciseHostname.
var preciseHost = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

// dnsName returns host as the CRD takes it. Names of hosts have no case.
func dnsName(host string) (*gatewayv1.PreciseHostname, bool) {
	plain := source.Filled(host)
	if plain == host {
		host = strings.ToLower(host)
	}
	name := gatewayv1.PreciseHostname(host)
	return &name, len(name) <= 253 && preciseHost.MatchString(strings.ToLower(plain))
}

// hostRewrite is the Host that all backends of act see, or nil. Istio takes
// rewrite.authority before a Host among the headers of the rule, and that before
// one of a sole destination (core/route/route.go, applyHTTPRouteDestination).
func (p *pass) hostRewrite(act *route.Action) *gatewayv1.PreciseHostname {
	host, at := ruleAuthority(act)
	if host == "" && len(act.Backends) == 1 {
		host, at = headerAuthority(act.Backends[0].Request())
	}
	return p.hostname(host, at)
}

// ruleAuthority is the Host that act writes at the level of the rule.
func ruleAuthority(act *route.Action) (string, finding.Place) {
	if act.Rewrite != nil && act.Rewrite.Authority != "" {
		return act.Rewrite.Authority, act.Rewrite.From.At("authority")
	}
	return headerAuthority(act.Request())
}

// hostname returns host for a rewrite, or nil and a finding where it can't be.
func (p *pass) hostname(host string, at finding.Place) *gatewayv1.PreciseHostname {
	if host == "" {
		return nil
	}
	name, ok := dnsName(host)
	if !ok {
		p.note(rule.HostRewrite, at, "the backend sees Host %s today; Gateway API can't write that, so it sees the caller's Host.", host)
		return nil
	}
	return name
}
