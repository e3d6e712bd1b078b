package gwapi

import (
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// timeouts says the bound of a request and of one try. A timeout that nobody
// wrote is not written either (see noteUnset).
func (p *pass) timeouts(act *route.Action) *gatewayv1.HTTPRouteTimeouts {
	out := &gatewayv1.HTTPRouteTimeouts{}
	if act.Timeout != nil {
		out.Request = p.duration(act.Timeout.Request, act.Timeout.From.At("timeout"))
	}
	if r := act.Retry; r != nil && r.PerTry > 0 && r.Attempts > 0 {
		try, at := r.PerTry, r.From.At("perTryTimeout")
		if t := act.Timeout; t != nil && t.Request > 0 && try > t.Request {
			p.note(rule.PerTryClamped, at, "one try may take %s, but the whole request ends after %s; the shorter time is written for both.", try, t.Request)
			try = t.Request
		}
		out.BackendRequest = p.duration(try, at)
	}
	if out.Request == nil && out.BackendRequest == nil {
		return nil
	}
	return out
}

// noteUnset reports once for a table what Istio does where nothing is written,
// and Gateway API leaves open.
func (p *pass) noteUnset(forwarding []*route.Action) {
	forwarding = slices.DeleteFunc(forwarding, func(a *route.Action) bool { return !ofIstio(a) })
	if i := slices.IndexFunc(forwarding, func(a *route.Action) bool { return a.Timeout == nil }); i >= 0 {
		p.noteDefault(rule.NoTimeout, target.DefaultTimeout, forwarding[i], "no timeout is set: Istio waits without end", ", an implementation may not")
	}
	if i := slices.IndexFunc(forwarding, func(a *route.Action) bool { return a.Retry == nil }); i >= 0 {
		p.noteDefault(rule.NoRetries, target.DefaultRetries, forwarding[i], "no retries are set: Istio retries twice on connection failures", "; not every implementation does")
	}
}

// ofIstio tells whether a comes from an object of Istio's. Others have defaults of
// their own, of which their own package speaks.
func ofIstio(a *route.Action) bool {
	d := a.From.Document()
	return d == nil || strings.Contains(d.APIVersion, "istio.io/")
}

// noteDefault reports that nothing is written where implementations differ: what
// the chosen one does, unless that is what Istio does, or else who differs.
func (p *pass) noteDefault(r *finding.Rule, d target.Default, act *route.Action, today, open string) {
	switch t := p.shared().serves; {
	case t == nil: // facts that may change stand in the hint, which is not part of a finding's fingerprint
		p.add(finding.New(r, act.From.Place(), "%s%s.", today, open).WithHint("%s Known to differ: %s.", r.Hint, target.Others(d)))
	case !t.LikeIstio(d):
		p.note(r, act.From.Place(), "%s; %s.", today, t.Default(d))
	}
}
