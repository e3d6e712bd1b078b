package gwapi

import (
	"fmt"
	"regexp"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// tokenName is a header or query parameter name as the CRD takes it (RFC 9110
// section 5.6.2).
var tokenName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+\\-.^_`|~]{1,256}$")

// plainValue is what header values are held to in the experimental channel
// since 1.5 (RFC 9110 section 5.5).
var plainValue = regexp.MustCompile("^[!-~]+([\t ]?[!-~]+)*$")

// headers translates the header conditions; ok is false when there are none.
func (m *matcher) headers(in *route.Match) (all []gatewayv1.HTTPHeaderMatch, ok bool) {
	seen := map[string]route.KeyMatch{}
	for _, k := range in.Headers {
		at := keyPlace(k, in, "headers")
		key := strings.ToLower(k.Name)
		if before, twice := seen[key]; twice {
			if before.Kind != k.Kind || before.Value != k.Value {
				m.lost(at, "a second condition on header %s, of which Gateway API reads only the first,", k.Name)
			}
			continue
		}
		seen[key] = k
		switch {
		case strings.HasPrefix(k.Name, ":"):
			m.lost(at, "the condition on the pseudo header %s", k.Name)
		case strings.HasPrefix(k.Name, "@"):
			m.lost(at, "the condition on the JWT claim %s", k.Name)
		case !tokenName.MatchString(k.Name):
			m.lost(at, "the condition on header %q, which is no header name,", k.Name)
		case len(all) == m.bundle.Limits().Headers:
			m.lost(at, "the condition on header %s, since a match has at most %d,", k.Name, len(all))
		default:
			if kind, value, said := m.value(k, at, "header", m.bundle.Limits().HeaderValue); said {
				all = append(all, gatewayv1.HTTPHeaderMatch{Type: &kind, Name: gatewayv1.HTTPHeaderName(k.Name), Value: value})
			}
		}
	}
	return all, len(all) > 0
}

// query translates the conditions on query parameters; ok is false when there are none.
func (m *matcher) query(in *route.Match) (all []gatewayv1.HTTPQueryParamMatch, ok bool) {
	for _, k := range in.Query {
		at := keyPlace(k, in, "queryParams")
		switch {
		case !tokenName.MatchString(k.Name):
			m.lost(at, "the condition on query parameter %q, whose name Gateway API refuses,", k.Name)
		case len(all) == m.bundle.Limits().QueryParams:
			m.lost(at, "the condition on query parameter %s, since a match has at most %d,", k.Name, len(all))
		default:
			if kind, value, said := m.value(k, at, "query parameter", m.bundle.Limits().QueryValue); said {
				typ := gatewayv1.QueryParamMatchType(kind)
				all = append(all, gatewayv1.HTTPQueryParamMatch{Type: &typ, Name: gatewayv1.HTTPHeaderName(k.Name), Value: value})
			}
		}
	}
	return all, len(all) > 0
}

// value says a condition on a header or query parameter as an exact value or an
// expression. Header and query types have the same words.
func (m *matcher) value(k route.KeyMatch, at finding.Place, what string, limit int) (kind gatewayv1.HeaderMatchType, value string, said bool) {
	kind = gatewayv1.HeaderMatchRegularExpression
	switch k.Kind {
	case route.Exact:
		kind, value = gatewayv1.HeaderMatchExact, k.Value
		if value == "" {
			m.lost(at, "the condition that %s %s is empty", what, k.Name)
			return kind, value, false
		}
	case route.Prefix:
		value = regexp.QuoteMeta(k.Value) + ".*"
	case route.Present:
		value = ".*"
	case route.Regex:
		if _, err := fullMatch(k.Value); err != nil {
			m.lost(at, "the regular expression %q, which RE2 can't read,", k.Value)
			return kind, value, false
		}
		value = k.Value
		if words, finite := language(k.Value, 1); finite && len(words) == 1 && words[0] != "" {
			kind, value = gatewayv1.HeaderMatchExact, words[0]
		}
		if value == "" {
			m.lost(at, "the condition that %s %s is empty", what, k.Name)
			return kind, value, false
		}
	default:
		panic(fmt.Sprintf("unhandled kind %d of a %s", k.Kind, what))
	}
	if len(value) > limit || what == "header" && !m.bundle.Has(target.AnyHeaderValue) && !plainValue.MatchString(value) {
		m.lost(at, "the value of %s %s, which Gateway API %s refuses,", what, k.Name, m.bundle)
		return kind, value, false
	}
	if kind == gatewayv1.HeaderMatchRegularExpression {
		m.noteExpression(k, at, what, value)
	}
	return kind, value, true
}

// noteExpression reports an expression on a header or query parameter.
func (m *matcher) noteExpression(k route.KeyMatch, at finding.Place, what, value string) {
	f := expressionFinding(k, at, what, value)
	if m.serves == nil { // for a chosen implementation another finding says it where it is open
		feature := target.HeaderRegex
		if what == "query parameter" {
			feature = target.QueryRegex
		}
		f = f.WithHint("%s Known to have them: %s.", f.Hint, strings.Join(target.Supporters(target.NeedOf(feature), false), ", "))
	}
	m.findings = append(m.findings, f)
}

func expressionFinding(k route.KeyMatch, at finding.Place, what, value string) finding.Finding {
	switch k.Kind {
	case route.Regex:
		return finding.New(rule.RegexValue, at, "the value of %s %s is compared as RE2 today; afterwards the dialect of %s is the implementation's, and some have no expressions.", what, k.Name, value)
	case route.Prefix:
		return finding.New(rule.ValueByRegex, at, "the prefix of %s %s becomes the regular expression %s, which not every implementation supports.", what, k.Name, value)
	}
	return finding.New(rule.ValueByRegex, at, "the presence of %s %s becomes the regular expression %s, which not every implementation supports.", what, k.Name, value)
}
