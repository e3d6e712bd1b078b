package gwapi

import (
	"reflect"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// mostConditions is how many headers, and how many query parameters, a match has
// in every bundle (httproute_types.go).
const mostConditions = 16

// closeRefusals keeps closed what a rule refuses today although a later rule is
// more specific: both matches joined are at least as specific as the later one,
// and the refusal is listed first, so it decides.
func (p *pass) closeRefusals(lines []*line) {
	x := p.shared().expressions
	for i, e := range lines {
		if !e.written() || !e.Action.Refuses() {
			continue
		}
		own := e.matches
		for _, later := range lines[i+1:] {
			if later.written() && !later.Action.Refuses() {
				e.matches = append(e.matches, x.openings(own, later.matches)...)
			}
		}
	}
}

// openings joins each pair of matches of which the later one would win.
func (x expressions) openings(refused, later []gatewayv1.HTTPRouteMatch) []gatewayv1.HTTPRouteMatch {
	var all []gatewayv1.HTTPRouteMatch
	for _, a := range refused {
		for _, b := range later {
			if rank, known := precedence(a, b); !known || rank >= 0 || !x.mayOverlap(a, b) {
				continue
			}
			if both, ok := joined(a, b); ok {
				all = append(all, both)
			}
		}
	}
	return all
}

// joined is a match for the requests that meet a and b, if a match can say so.
func joined(a, b gatewayv1.HTTPRouteMatch) (gatewayv1.HTTPRouteMatch, bool) {
	out := b
	if *a.Path.Type == gatewayv1.PathMatchExact || comparePrefix(a, b) > 0 {
		out.Path = a.Path
	}
	if out.Method == nil {
		out.Method = a.Method
	}
	out.Headers = slices.Clone(b.Headers)
	for _, h := range a.Headers {
		i := slices.IndexFunc(b.Headers, func(o gatewayv1.HTTPHeaderMatch) bool { return strings.EqualFold(string(o.Name), string(h.Name)) })
		switch {
		case i < 0:
			out.Headers = append(out.Headers, h)
		case !reflect.DeepEqual(b.Headers[i], h):
			return out, false
		}
	}
	out.QueryParams = slices.Clone(b.QueryParams)
	for _, q := range a.QueryParams {
		i := slices.IndexFunc(b.QueryParams, func(o gatewayv1.HTTPQueryParamMatch) bool { return o.Name == q.Name })
		switch {
		case i < 0:
			out.QueryParams = append(out.QueryParams, q)
		case !reflect.DeepEqual(b.QueryParams[i], q):
			return out, false
		}
	}
	return out, len(out.Headers) <= mostConditions && len(out.QueryParams) <= mostConditions
}

// closes tells whether l, an earlier refusal, has the joined match of a and b.
func (l *line) closes(a, b gatewayv1.HTTPRouteMatch) bool {
	if !l.Action.Refuses() {
		return false
	}
	both, ok := joined(a, b)
	return ok && slices.ContainsFunc(l.matches, func(m gatewayv1.HTTPRouteMatch) bool { return reflect.DeepEqual(m, both) })
}
