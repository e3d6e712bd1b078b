package check

import (
	"strings"
	"testing"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"

	"github.com/mesh2gw/mesh2gw/convert/target"
)

// size is the limit at a place of a kind's schema.
type size struct {
	kind, path string
	of         func(target.Limits) int
}

// sizes are the places that each of target.Limits is read off. MatchesTotal and
// RedirectPrefixes are CEL rules, which TestBad tries.
var sizes = []size{
	{"HTTPRoute", "parentRefs", func(l target.Limits) int { return l.ParentRefs }},
	{"GRPCRoute", "parentRefs", func(l target.Limits) int { return l.ParentRefs }},
	{"TLSRoute", "parentRefs", func(l target.Limits) int { return l.ParentRefs }},
	{"TCPRoute", "parentRefs", func(l target.Limits) int { return l.ParentRefs }},
	{"HTTPRoute", "hostnames", func(l target.Limits) int { return l.Hostnames }},
	{"GRPCRoute", "hostnames", func(l target.Limits) int { return l.Hostnames }},
	{"TLSRoute", "hostnames", func(l target.Limits) int { return l.TLSHostnames }},
	{"HTTPRoute", "rules", func(l target.Limits) int { return l.Rules }},
	{"GRPCRoute", "rules", func(l target.Limits) int { return l.Rules }},
	{"HTTPRoute", "rules[].matches", func(l target.Limits) int { return l.Matches }},
	{"GRPCRoute", "rules[].matches", func(l target.Limits) int { return l.Matches }},
	{"HTTPRoute", "rules[].matches[].headers", func(l target.Limits) int { return l.Headers }},
	{"GRPCRoute", "rules[].matches[].headers", func(l target.Limits) int { return l.Headers }},
	{"HTTPRoute", "rules[].matches[].queryParams", func(l target.Limits) int { return l.QueryParams }},
	{"HTTPRoute", "rules[].filters", func(l target.Limits) int { return l.Filters }},
	{"HTTPRoute", "rules[].backendRefs[].filters", func(l target.Limits) int { return l.Filters }},
	{"HTTPRoute", "rules[].filters[].requestHeaderModifier.set", func(l target.Limits) int { return l.HeaderEdits }},
	{"HTTPRoute", "rules[].filters[].requestHeaderModifier.add", func(l target.Limits) int { return l.HeaderEdits }},
	{"HTTPRoute", "rules[].filters[].requestHeaderModifier.remove", func(l target.Limits) int { return l.HeaderEdits }},
	{"HTTPRoute", "rules[].backendRefs", func(l target.Limits) int { return l.BackendRefs }},
	{"GRPCRoute", "rules[].backendRefs", func(l target.Limits) int { return l.BackendRefs }},
	{"TLSRoute", "rules[].backendRefs", func(l target.Limits) int { return l.BackendRefs }},
	{"TCPRoute", "rules[].backendRefs", func(l target.Limits) int { return l.BackendRefs }},
	{"HTTPRoute", "rules[].matches[].path.value", func(l target.Limits) int { return l.PathLength }},
	{"HTTPRoute", "rules[].filters[].urlRewrite.path.replaceFullPath", func(l target.Limits) int { return l.PathLength }},
	{"HTTPRoute", "rules[].matches[].headers[].value", func(l target.Limits) int { return l.HeaderValue }},
	{"HTTPRoute", "rules[].filters[].requestHeaderModifier.set[].value", func(l target.Limits) int { return l.HeaderValue }},
	{"HTTPRoute", "rules[].matches[].queryParams[].value", func(l target.Limits) int { return l.QueryValue }},
	{"Gateway", "listeners", func(l target.Limits) int { return l.Listeners }},
	{"ListenerSet", "listeners", func(l target.Limits) int { return l.Listeners }},
	{"XListenerSet", "listeners", func(l target.Limits) int { return l.Listeners }},
	{"Gateway", "listeners[].tls.certificateRefs", func(l target.Limits) int { return l.CertificateRefs }},
	{"Gateway", "infrastructure.annotations", func(l target.Limits) int { return l.Annotations }},
	{"Gateway", "infrastructure.labels", func(l target.Limits) int { return l.Labels }},
	{"Gateway", "tls.frontend.default.validation.caCertificateRefs", func(l target.Limits) int { return l.CACertificates }},
	{"Gateway", "tls.frontend.perPort[].tls.validation.caCertificateRefs", func(l target.Limits) int { return l.CACertificates }},
	{"Gateway", "tls.frontend.perPort", func(l target.Limits) int { return l.FrontendPorts }},
	{"HTTPRoute", "rules[].filters[].cors.allowOrigins", func(l target.Limits) int { return l.CORSList }},
	{"HTTPRoute", "rules[].filters[].cors.allowHeaders", func(l target.Limits) int { return l.CORSList }},
	{"HTTPRoute", "rules[].filters[].cors.exposeHeaders", func(l target.Limits) int { return l.CORSList }},
	{"BackendTLSPolicy", "validation.subjectAltNames", func(l target.Limits) int { return l.SubjectAltNames }},
	{"BackendTLSPolicy", "validation.caCertificateRefs", func(l target.Limits) int { return l.BackendCAs }},
	{"BackendTLSPolicy", "targetRefs", func(l target.Limits) int { return l.PolicyTargets }},
	{"ReferenceGrant", "from", func(l target.Limits) int { return l.GrantFrom }},
	{"ReferenceGrant", "to", func(l target.Limits) int { return l.GrantTo }},
	{"HTTPRoute", "rules[].backendRefs[].weight", func(l target.Limits) int { return l.Weight }},
}

func TestLimits(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range target.Bundles() {
		for _, place := range sizes {
			s := node(t, b, place.kind, place.path)
			if s == nil {
				continue // features, which TestFeatures tries
			}
			seen[place.kind+place.path] = true
			if got, want := place.of(b.Limits()), limitOf(s); got != want {
				t.Errorf("%s %s in %s: target says %d, the CRD says %d", place.kind, place.path, b, got, want)
			}
		}
	}
	for _, place := range sizes {
		if !seen[place.kind+place.path] {
			t.Errorf("no bundle has %s %s", place.kind, place.path)
		}
	}
}

// limitOf is the one upper limit that a node has.
func limitOf(s *structuralschema.Structural) int {
	v := s.ValueValidation
	switch {
	case v.MaxItems != nil:
		return int(*v.MaxItems)
	case v.MaxProperties != nil:
		return int(*v.MaxProperties)
	case v.MaxLength != nil:
		return int(*v.MaxLength)
	case v.Maximum != nil:
		return int(*v.Maximum)
	}
	return 0
}

// The CEL rule on the sum of matches, at its limit and past it, in every bundle.
func TestMatchesTotal(t *testing.T) {
	for _, b := range target.Bundles() {
		l := b.Limits()
		full := "  - matches:\n" + strings.Repeat("    - path: {value: /a}\n", l.Matches)
		atLimit := routeHead + "  rules:\n" + strings.Repeat(full, l.MatchesTotal/l.Matches)
		if !takes(t, b, atLimit) {
			t.Errorf("%s: %d matches are refused", b, l.MatchesTotal)
		}
		if takes(t, b, atLimit+"  - {}\n") {
			t.Errorf("%s: %d matches are taken", b, l.MatchesTotal+1)
		}
	}
}
