package kgateway

import (
	"fmt"
	"slices"
	"time"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/policy/field"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Effects reads what DirectResponses and TrafficPolicies do for rules.
func (*Extender) Effects(objects []gwapi.Object) gwapi.Effect { return Effects(objects) }

// Effects reads what DirectResponses and TrafficPolicies do for rules.
func Effects(objects []gwapi.Object) gwapi.Effect {
	r := &reader{answers: map[route.Name]*DirectResponse{}, policies: map[route.Name]*TrafficPolicy{}}
	for _, o := range objects {
		switch v := o.Value.(type) {
		case *DirectResponse:
			r.answers[route.Name{Namespace: v.Namespace, Name: v.Name}] = v
		case *TrafficPolicy:
			r.policies[route.Name{Namespace: v.Namespace, Name: v.Name}] = v
			if len(v.Spec.TargetRefs)+len(v.Spec.TargetSelectors) > 0 {
				r.aimed = append(r.aimed, v)
			}
		}
	}
	if len(r.answers)+len(r.policies) == 0 {
		return nil
	}
	slices.SortFunc(r.aimed, func(a, b *TrafficPolicy) int {
		return route.Name{Namespace: a.Namespace, Name: a.Name}.Compare(route.Name{Namespace: b.Namespace, Name: b.Name})
	})
	return r.effect
}

type reader struct {
	answers  map[route.Name]*DirectResponse
	policies map[route.Name]*TrafficPolicy
	aimed    []*TrafficPolicy // those that name what they are for
}

// effect adds what the filters of a rule refer to, and then what is aimed at its
// route: what a filter says goes before (kgateway: pkg/pluginsdk/policy).
func (r *reader) effect(rt gwapi.Object, index int, act *route.Action) {
	v, ok := rt.Value.(*gatewayv1.HTTPRoute)
	if !ok || index >= len(v.Spec.Rules) {
		return
	}
	in := v.Spec.Rules[index]
	for _, f := range in.Filters {
		ref := f.ExtensionRef
		if ref == nil || ref.Group != group {
			continue
		}
		name := route.Name{Namespace: v.Namespace, Name: string(ref.Name)}
		known := false
		switch string(ref.Kind) {
		case directResponse:
			known = r.answers[name].apply(act)
		case trafficPolicy:
			known = r.policies[name].apply(act)
		}
		if known {
			forget(act, fmt.Sprintf("filter ExtensionRef to %s %s", ref.Kind, ref.Name))
		}
	}
	for _, p := range r.aimed {
		if p.aims(v, in.Name) && !p.apply(act) {
			act.Opaque = append(act.Opaque, fmt.Sprintf("%s %s/%s", trafficPolicy, p.Namespace, p.Name))
		}
	}
}

// forget takes one entry of what is not known.
func forget(act *route.Action, what string) {
	if i := slices.Index(act.Opaque, what); i >= 0 {
		act.Opaque = slices.Delete(slices.Clone(act.Opaque), i, i+1)
	}
}

// aims tells whether p is for a rule. Selectors of labels are taken as hitting.
func (p *TrafficPolicy) aims(v *gatewayv1.HTTPRoute, rule *gatewayv1.SectionName) bool {
	if p.Namespace != v.Namespace {
		return false
	}
	return len(p.Spec.TargetSelectors) > 0 || slices.ContainsFunc(p.Spec.TargetRefs, func(t TargetRef) bool {
		switch t.Kind {
		case "HTTPRoute":
			return t.Name == v.Name && (t.SectionName == "" || rule != nil && t.SectionName == string(*rule))
		case "Gateway":
			return slices.ContainsFunc(v.Spec.ParentRefs, func(ref gatewayv1.ParentReference) bool {
				return string(ref.Name) == t.Name && (ref.Namespace == nil || string(*ref.Namespace) == v.Namespace)
			})
		}
		return false
	})
}

// apply is false where not all is known that the answer does.
func (d *DirectResponse) apply(act *route.Action) bool {
	if d == nil || d.opaque || d.Spec.Status < 200 || d.Spec.Status > 599 {
		return false
	}
	act.Backends, act.Rewrite = nil, nil
	act.Direct = &route.Direct{From: act.From, Status: uint32(d.Spec.Status), Body: d.Spec.Body}
	return true
}

// apply adds what p does and nothing before it has done; false where not all is known.
func (p *TrafficPolicy) apply(act *route.Action) bool {
	if p == nil || p.opaque || len(p.Spec.TargetSelectors) > 0 {
		return false
	}
	f, ok := p.Spec.FaultInjection.read(act)
	if !ok {
		return false
	}
	if act.Fault == nil {
		act.Fault = f
	}
	if act.Redirect != nil || act.Direct != nil && len(act.Backends) == 0 {
		return true // the rest is for requests that reach a backend
	}
	return p.forwarded(act)
}

// forwarded: what the route itself says goes before (kgateway:
// plugins/trafficpolicy/traffic_policy_plugin.go).
func (p *TrafficPolicy) forwarded(act *route.Action) bool {
	if t := p.Spec.Timeouts; t != nil && act.Timeout == nil {
		d, ok := parse(t.Request)
		if !ok {
			return false
		}
		act.Timeout = &route.Timeout{From: act.From, Request: d}
	}
	if in := p.Spec.Retry; in != nil && act.Retry == nil && !in.unwritten() {
		r, ok := in.read(act)
		if !ok {
			return false
		}
		act.Retry = r
	}
	if u := p.Spec.URLRewrite; u != nil && u.PathRegex != nil && (act.Rewrite == nil || act.Rewrite.Path == "" && act.Rewrite.Regex == "") {
		to := &route.Rewrite{From: act.From}
		if act.Rewrite != nil {
			*to = *act.Rewrite
		}
		to.Regex, to.Subst = u.PathRegex.Pattern, u.PathRegex.Substitution
		act.Rewrite = to
	}
	return true
}

// unwritten tells whether in is what Istio does where nothing is written.
func (in *Retry) unwritten() bool {
	return in.Attempts != nil && *in.Attempts == defaultAttempts && slices.Equal(in.RetryOn, unwrittenConditions) &&
		len(in.StatusCodes) == 0 && in.PerTryTimeout == "" && in.BackoffBaseInterval == ""
}

func (in *Retry) read(act *route.Action) (*route.Retry, bool) {
	out := &route.Retry{From: act.From, Attempts: 1, On: slices.Clone(in.RetryOn), Codes: slices.Clone(in.StatusCodes)}
	if in.Attempts != nil {
		out.Attempts = *in.Attempts
	}
	var try, backoff bool
	out.PerTry, try = parse(in.PerTryTimeout)
	out.Backoff, backoff = parse(in.BackoffBaseInterval)
	slices.Sort(out.Codes)
	return out, try && backoff
}

// read reads faults as Istio's are: a percentage that is not written is all.
func (in *FaultInjection) read(act *route.Action) (*route.Fault, bool) {
	if in == nil {
		return nil, true
	}
	out, ok := &route.Fault{From: act.From}, true
	if d := in.Delay; d != nil {
		out.DelayPercent = share(d.Percentage)
		out.Delay, ok = parse(d.FixedDelay)
	}
	if a := in.Abort; a != nil {
		out.AbortPercent = share(a.Percentage)
		if out.Abort, ok = field.AbortOf(a.HTTPStatus, a.GRPCStatus); !ok {
			return out, false
		}
	}
	return out, ok
}

func share(percentage *int32) float64 {
	if percentage == nil {
		return 100
	}
	return float64(*percentage)
}

// parse reads a duration; "" is 0.
func parse(d gatewayv1.Duration) (time.Duration, bool) {
	if d == "" {
		return 0, true
	}
	read, err := time.ParseDuration(string(d))
	return read, err == nil
}
