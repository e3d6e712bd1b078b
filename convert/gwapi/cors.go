package gwapi

import (
	"regexp"
	"slices"
	"strings"
	"time"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// cors builds the filter for a cross-origin policy, or nil.
func (p *pass) cors(c *route.CORS) *gatewayv1.HTTPCORSFilter {
	if c == nil {
		return nil
	}
	if len(c.Origins) == 0 {
		p.note(rule.CORSIdle, c.From.Place(), "no origin is allowed, so the policy does nothing today; left out.")
		return nil
	}
	if !p.opts.Bundle.Has(target.CORS) {
		p.add(finding.New(rule.CORSUnavailable, c.From.Place(), "Gateway API %s has no CORS filter, so browsers refuse cross-origin requests that are allowed today.", p.opts.Bundle).
			WithHint("Choose another --gateway-api or --channel: %s.", target.CORS.Since()))
		return nil
	}
	f := &gatewayv1.HTTPCORSFilter{
		AllowOrigins:     p.corsOrigins(c),
		AllowCredentials: c.Credentials,
		AllowMethods:     p.corsMethods(c),
		AllowHeaders:     p.corsHeaders(c, c.Headers, "allowHeaders"),
		ExposeHeaders:    p.corsHeaders(c, c.Expose, "exposeHeaders"),
		MaxAge:           p.corsMaxAge(c),
	}
	if len(f.AllowOrigins) == 0 {
		return nil // nothing allowed and nothing answered, as for an origin that is not listed
	}
	if !c.IgnorePreflights && f.AllowOrigins[0] != "*" {
		p.note(rule.CORSPreflight, c.From.At("unmatchedPreflights"), "a preflight from an origin that is not listed is forwarded to the backend today; afterwards the gateway answers it.")
	}
	return f
}

// corsOrigins says each origin, or reports it. "*" stands alone.
func (p *pass) corsOrigins(c *route.CORS) []gatewayv1.CORSOrigin {
	var all []gatewayv1.CORSOrigin
	for _, o := range c.Origins {
		at := o.From.At(kindKey(o.Kind))
		if o.Kind == route.Exact && o.Value != "*" && strings.Contains(o.Value, "*") {
			p.note(rule.CORSIdle, at, "%s is compared as written today, and no browser sends an asterisk, so it allows nothing; left out.", o.Value)
			continue
		}
		origins, strict := originsOf(o)
		if len(origins) == 0 {
			p.note(rule.CORSOrigin, at, "origins like %s are allowed today; Gateway API can't say that, so browsers refuse their requests.", o.Value)
			continue
		}
		if strict {
			p.note(rule.CORSOriginNarrowed, at, "an unescaped dot in %s takes any character today; afterwards %s is allowed and nothing else.", o.Value, join(origins))
		}
		all = append(all, origins...)
	}
	if slices.Contains(all, "*") {
		return []gatewayv1.CORSOrigin{"*"}
	}
	all = slices.Compact(slices.Sorted(slices.Values(all)))
	if limit := p.opts.Bundle.Limits().CORSList; len(all) > limit {
		p.note(rule.CORSOrigin, c.From.At("allowOrigins"), "%d origins are allowed today; Gateway API takes %d, so browsers refuse requests from %s and others.", len(all), limit, all[limit])
		all = all[:limit]
	}
	return all
}

// plainOrigin is an origin without wildcard that both sides read alike.
var plainOrigin = regexp.MustCompile(`^https?://([a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+(:[0-9]{1,5})?$`)

// anyDot finds a dot that takes any one character.
var anyDot = regexp.MustCompile(`([^\\]|^)\.([^*+?{]|$)`)

// originsOf says o in Gateway API's words; strict tells that dots were read as
// dots. An origin has a scheme, a host and, unless it is the scheme's, a port.
func originsOf(o route.StringMatch) (origins []gatewayv1.CORSOrigin, strict bool) {
	switch o.Kind {
	case route.Exact:
		if o.Value == "*" || plainOrigin.MatchString(source.Filled(o.Value)) && len(o.Value) <= 253 {
			return []gatewayv1.CORSOrigin{gatewayv1.CORSOrigin(o.Value)}, false
		}
	case route.Regex:
		if origins = regexOrigins(o.Value); origins != nil {
			return origins, false
		}
		escaped := o.Value
		for before := ""; before != escaped; { // neighbours overlap
			before, escaped = escaped, anyDot.ReplaceAllString(escaped, `$1\.$2`)
		}
		return regexOrigins(escaped), true
	}
	return nil, false // a prefix also takes https://example.com.evil.org
}

// wildOrigin is any subdomain: https://.*\.example\.com
var wildOrigin = regexp.MustCompile(`^(https\?|https|http|\(https\?\)|\(http\|https\)|\(https\|http\)):(?://|\\/\\/)(?:\.\*|\(\.\*\)|\.\+|\(\.\+\))((?:\\\.[a-zA-Z0-9-]+)+)(:[0-9]{1,5})?$`)

func regexOrigins(pattern string) []gatewayv1.CORSOrigin {
	bare := trimAnchors(pattern)
	if bare == ".*" || bare == ".+" {
		return []gatewayv1.CORSOrigin{"*"}
	}
	bare = strings.TrimSuffix(strings.TrimPrefix(pattern, "^"), "$")
	if m := wildOrigin.FindStringSubmatch(bare); m != nil {
		suffix := "://*" + strings.ReplaceAll(m[2], `\.`, ".") + m[3]
		switch m[1] {
		case "https", "http":
			return []gatewayv1.CORSOrigin{gatewayv1.CORSOrigin(m[1] + suffix)}
		}
		return []gatewayv1.CORSOrigin{gatewayv1.CORSOrigin("http" + suffix), gatewayv1.CORSOrigin("https" + suffix)}
	}
	words, finite := language(pattern, maxAlternatives)
	if !finite {
		return nil
	}
	var all []gatewayv1.CORSOrigin
	for _, w := range words {
		if !plainOrigin.MatchString(w) {
			return nil
		}
		all = append(all, gatewayv1.CORSOrigin(w))
	}
	return all
}

func (p *pass) corsMethods(c *route.CORS) []gatewayv1.HTTPMethodWithWildcard {
	var all []gatewayv1.HTTPMethodWithWildcard
	for _, name := range c.Methods {
		if name == "*" {
			return []gatewayv1.HTTPMethodWithWildcard{"*"}
		}
		if !slices.Contains(methodNames, gatewayv1.HTTPMethod(name)) {
			p.note(rule.CORSValue, c.From.At("allowMethods"), "method %s is allowed today; Gateway API does not know it, so browsers refuse it.", name)
			continue
		}
		if m := gatewayv1.HTTPMethodWithWildcard(name); !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all
}

func (p *pass) corsHeaders(c *route.CORS, names []string, key string) []gatewayv1.HTTPHeaderName {
	var all []gatewayv1.HTTPHeaderName
	for _, name := range names {
		limit := p.opts.Bundle.Limits().CORSList
		switch {
		case name == "*":
			return []gatewayv1.HTTPHeaderName{"*"}
		case slices.Contains(all, gatewayv1.HTTPHeaderName(name)):
		case !tokenName.MatchString(name), len(all) == limit:
			p.note(rule.CORSValue, c.From.At(key), "header %q is allowed today; Gateway API takes at most %d header names, so it is left out.", name, limit)
		default:
			all = append(all, gatewayv1.HTTPHeaderName(name))
		}
	}
	return all
}

// corsMaxAge is in whole seconds and never 0; the API's default is written out.
func (p *pass) corsMaxAge(c *route.CORS) int32 {
	if c.MaxAge == nil {
		p.note(rule.CORSMaxAge, c.From.Place(), "no maxAge is set, so preflights carry none today; afterwards they carry 5 seconds, which browsers take anyway.")
		return 5
	}
	seconds := int64(*c.MaxAge / time.Second)
	if seconds < 1 {
		p.note(rule.CORSMaxAge, c.From.At("maxAge"), "maxAge %s keeps browsers from remembering a preflight; Gateway API takes no less than 1 second.", *c.MaxAge)
		return 1
	}
	return int32(min(seconds, 1<<31-1))
}
