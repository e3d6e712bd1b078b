package target

import (
	"fmt"
	"slices"
	"strings"
)

// Feature is something that a converter would write and that not every bundle
// takes, or did not take until lately. A bundle that lacks it prunes the field in
// silence, or refuses the object.
type Feature int

// The features. Each names the GEP and the place in the CRDs.
const (
	// HTTPRouteRetry: HTTPRoute spec.rules[].retry (GEP-1731).
	HTTPRouteRetry Feature = iota
	// RetryAttemptsZero: spec.rules[].retry.attempts may be 0, which switches
	// retries off (GEP-1731). Version 1.6 asks for at least 1.
	RetryAttemptsZero
	// CORS: HTTPRoute spec.rules[].filters[].cors (GEP-1767).
	CORS
	// MirrorFraction: percent and fraction in a requestMirror filter (GEP-3171).
	MirrorFraction
	// RuleNames: spec.rules[].name of HTTPRoute and GRPCRoute (GEP-995).
	RuleNames
	// RequestTimeouts: HTTPRoute spec.rules[].timeouts (GEP-1742).
	RequestTimeouts
	// RedirectCodes: statusCode 303, 307 and 308 in a requestRedirect filter (an
	// enum of HTTPRoute, no GEP); 301 and 302 are taken everywhere.
	RedirectCodes
	// ParentRefPort: spec.parentRefs[].port of every route (GEP-957).
	ParentRefPort
	// ParentRefsByPort: two parentRefs may differ by port alone (GEP-957). The
	// standard channel's CEL rule wants different sectionNames.
	ParentRefsByPort
	// AnyHeaderValue: header values are not held to the pattern of RFC 9110
	// section 5.5 (visible ASCII, single spaces or tabs inside).
	AnyHeaderValue
	// Infrastructure: Gateway spec.infrastructure.labels and .annotations (GEP-1762).
	Infrastructure
	// FrontendTLS: Gateway spec.tls.frontend, client certificates per port, in the
	// shape of the v1 Go types (GEP-91). Until 1.3 it was part of the listener.
	FrontendTLS
	// BackendClientCertificate: Gateway spec.tls.backend.clientCertificateRef (GEP-3155).
	BackendClientCertificate
	// SessionCookieConfig: spec.rules[].sessionPersistence with sessionName and
	// cookieConfig, the shape until 1.6 (GEP-1619).
	SessionCookieConfig
	// SessionCookie: spec.rules[].sessionPersistence with cookie and header, the
	// shape from 1.7 on, deprecated there in favour of XBackend (GEP-1619).
	SessionCookie
	// EndpointSelector: XBackend of type EndpointSelector (GEP-4894).
	EndpointSelector
	// GRPCRoutes: the kind GRPCRoute (GEP-1016).
	GRPCRoutes
	// TLSRoutes: the kind TLSRoute (GEP-2643).
	TLSRoutes
	// TCPRoutes: the kind TCPRoute (GEP-2644).
	TCPRoutes
	// ListenerSets: listeners outside of the Gateway, as XListenerSet in 1.4, and
	// Gateway spec.allowedListeners (GEP-1713).
	ListenerSets
	// BackendTLSPolicies: the kind BackendTLSPolicy (GEP-1897).
	BackendTLSPolicies
	// ReferenceGrants: the kind ReferenceGrant (GEP-709).
	ReferenceGrants
)

// span is a run of minor versions of 1.x: from the first that has something to the
// last, 0 for "to this day".
type span struct{ first, last int }

// since is a span that has not ended.
func since(minor int) []span { return []span{{first: minor}} }

// row says what a feature is called in a sentence and who has it. First versions
// before 1.4 are read off the CRDs of 1.0.0, 1.1.1, 1.2.1 and 1.3.0; 1.0 stands
// for 1.0 or older.
type row struct {
	name         string
	are          bool // the name is a plural
	standard     []span
	experimental []span
}

var rows = [...]row{
	HTTPRouteRetry:           {"HTTPRoute retry", false, since(7), since(2)},
	RetryAttemptsZero:        {"HTTPRoute retry with 0 attempts", false, since(7), []span{{2, 5}, {first: 7}}},
	CORS:                     {"the CORS filter", false, since(5), since(3)},
	MirrorFraction:           {"mirroring of a share of the requests", false, since(3), since(2)},
	RuleNames:                {"the name of a rule", false, since(4), since(2)},
	RequestTimeouts:          {"HTTPRoute timeouts", true, since(2), since(0)},
	RedirectCodes:            {"redirects with status 303, 307 or 308", true, since(5), since(5)},
	ParentRefPort:            {"the port of a parentRef", false, since(1), since(0)},
	ParentRefsByPort:         {"a pair of parentRefs that differ by port alone", false, nil, since(0)},
	AnyHeaderValue:           {"a header value outside of visible ASCII", false, since(0), []span{{0, 4}}},
	Infrastructure:           {"Gateway infrastructure", false, since(2), since(0)},
	FrontendTLS:              {"validation of client certificates", false, since(5), since(4)},
	BackendClientCertificate: {"a Gateway's client certificate for backends", false, since(5), since(4)},
	SessionCookieConfig:      {"sessionPersistence with cookieConfig", false, nil, []span{{1, 6}}},
	SessionCookie:            {"sessionPersistence with cookie", false, nil, since(7)},
	EndpointSelector:         {"XBackend with an EndpointSelector", false, nil, since(7)},
	GRPCRoutes:               {"GRPCRoute", false, since(1), since(0)},
	TLSRoutes:                {"TLSRoute", false, since(5), since(0)},
	TCPRoutes:                {"TCPRoute", false, since(6), since(0)},
	ListenerSets:             {"ListenerSet", false, since(5), since(3)},
	BackendTLSPolicies:       {"BackendTLSPolicy", false, since(4), since(0)},
	ReferenceGrants:          {"ReferenceGrant", false, since(0), since(0)},
}

// Features returns every feature in the order of the constants.
func Features() []Feature {
	all := make([]Feature, len(rows))
	for i := range all {
		all[i] = Feature(i)
	}
	return all
}

// String is the feature as the subject of a sentence: "HTTPRoute retry".
func (f Feature) String() string { return rows[f].name }

// Has says whether b takes f.
func (b Bundle) Has(f Feature) bool {
	minor := b.Version.minor()
	return slices.ContainsFunc(rows[f].spans(b.Channel), func(s span) bool {
		return s.first <= minor && (s.last == 0 || minor <= s.last)
	})
}

// Since says who has f, for the hint of a finding, without a full stop: "HTTPRoute
// retry is in the standard channel since 1.7, in the experimental channel since 1.2".
func (f Feature) Since() string {
	r := rows[f]
	verb := "is"
	if r.are {
		verb = "are"
	}
	where := []string{channelText(Standard, r.standard), channelText(Experimental, r.experimental)}
	return fmt.Sprintf("%s %s %s", r.name, verb, strings.Join(where, ", "))
}

func channelText(c Channel, spans []span) string {
	if len(spans) == 0 {
		return fmt.Sprintf("not in the %s channel", c)
	}
	when := make([]string, len(spans))
	for i, s := range spans {
		if s.last == 0 {
			when[i] = fmt.Sprintf("since 1.%d", s.first)
		} else {
			when[i] = fmt.Sprintf("from 1.%d to 1.%d", s.first, s.last)
		}
	}
	return fmt.Sprintf("in the %s channel %s", c, strings.Join(when, " and "))
}

func (r row) spans(c Channel) []span {
	switch c {
	case Standard:
		return r.standard
	case Experimental:
		return r.experimental
	}
	panic(fmt.Sprintf("unhandled Gateway API channel %q", string(c)))
}
