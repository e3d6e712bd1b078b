package gwapi

import (
	"math"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// mirrors builds the filters that send copies; used filters of the rule are
// counted against its limit.
func (p *pass) mirrors(t *route.Table, act *route.Action, used int) []gatewayv1.HTTPRouteFilter {
	var all []gatewayv1.HTTPRouteFilter
	for _, m := range act.Mirrors {
		if len(all)+used >= p.opts.Bundle.Limits().Filters {
			p.note(rule.MirrorLost, m.From.Place(), "a rule has at most %d filters, so %s gets no copies any more.", p.opts.Bundle.Limits().Filters, m.Backend.Host)
			continue
		}
		if f := p.mirror(t, m); f != nil {
			all = append(all, gatewayv1.HTTPRouteFilter{Type: gatewayv1.HTTPRouteFilterRequestMirror, RequestMirror: f})
		}
	}
	if len(all) > 0 {
		p.note(rule.MirrorHost, act.Mirrors[0].From.Place(), "copies have -shadow appended to their Host today; Gateway API does not say what theirs is.")
	}
	return all
}

func (p *pass) mirror(t *route.Table, m route.Mirror) *gatewayv1.HTTPRequestMirrorFilter {
	percent, fraction := mirrorShare(m.Percent)
	if percent == nil && fraction == nil {
		p.note(rule.MirrorNone, m.From.Place(), "%v %% of the requests are mirrored to %s today, which is none; left out.", m.Percent, m.Backend.Host)
		return nil
	}
	ref, ok := p.backendRef(m.Backend, t, "HTTPRoute")
	if !ok {
		p.note(rule.MirrorLost, m.From.Place(), "%v %% of the requests are mirrored to %s today, which is no Service port that a route can name; it gets no copies any more.", m.Percent, m.Backend.Host)
		return nil
	}
	f := &gatewayv1.HTTPRequestMirrorFilter{BackendRef: ref}
	if p.opts.Bundle.Has(target.MirrorFraction) {
		f.Percent, f.Fraction = percent, fraction
	} else if m.Percent < 100 {
		p.note(rule.MirrorLost, m.From.Place(), "%v %% of the requests are mirrored to %s today; Gateway API %s can only mirror all, so it gets no copies any more.", m.Percent, m.Backend.Host, p.opts.Bundle)
		return nil
	}
	return f
}

// mirrorShare is a share of requests as whole percents, or as a fraction by a
// power of ten. Envoy counts in millionths (core/route/route.go,
// translatePercentToFractionalPercent); less is nothing, and both are nil.
func mirrorShare(percent float64) (*int32, *gatewayv1.Fraction) {
	millionths := int32(math.Round(min(max(percent, 0), 100) * 10000))
	if millionths == 0 {
		return nil, nil
	}
	if millionths%10000 == 0 {
		whole := millionths / 10000
		return &whole, nil
	}
	denominator := int32(1000000)
	for millionths%10 == 0 {
		millionths, denominator = millionths/10, denominator/10
	}
	return nil, &gatewayv1.Fraction{Numerator: millionths, Denominator: &denominator}
}
