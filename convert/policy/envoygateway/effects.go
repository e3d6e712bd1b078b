package envoygateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/policy/field"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Effects reads what HTTPRouteFilters and BackendTrafficPolicies do for rules.
func Effects(objects []gwapi.Object) gwapi.Effect {
	r := &reader{filters: map[route.Name]*HTTPRouteFilter{}}
	for _, o := range objects {
		switch v := o.Value.(type) {
		case *HTTPRouteFilter:
			r.filters[route.Name{Namespace: v.Namespace, Name: v.Name}] = v
		case *BackendTrafficPolicy:
			r.policies = append(r.policies, v)
		}
	}
	if len(r.filters)+len(r.policies) == 0 {
		return nil
	}
	slices.SortStableFunc(r.policies, func(a, b *BackendTrafficPolicy) int {
		return route.Name{Namespace: a.Namespace, Name: a.Name}.Compare(route.Name{Namespace: b.Namespace, Name: b.Name})
	})
	r.index()
	return r.effect
}

// reader knows the resources of one side.
type reader struct {
	filters   map[route.Name]*HTTPRouteFilter
	policies  []*BackendTrafficPolicy // ordered by name
	aimed     map[aim][]*BackendTrafficPolicy
	selecting []*BackendTrafficPolicy // by labels, which are not looked up
}

// aim is what a policy is for.
type aim struct {
	kind string
	route.Name
	section string
}

func (r *reader) index() {
	r.aimed = map[aim][]*BackendTrafficPolicy{}
	for _, p := range r.policies {
		refs := p.Spec.TargetRefs
		if p.Spec.TargetRef != nil {
			refs = []TargetRef{*p.Spec.TargetRef} // it goes before (envoygateway: api/policy_helpers.go)
		}
		for _, ref := range refs {
			key := aim{ref.Kind, route.Name{Namespace: p.Namespace, Name: ref.Name}, ref.SectionName}
			r.aimed[key] = append(r.aimed[key], p)
		}
		if len(p.Spec.TargetSelectors) > 0 {
			r.selecting = append(r.selecting, p)
		}
	}
}

// effect adds what the filters of a rule refer to, and then the policy that is
// closest to it: of the rule, of its route, or of what the route hangs on. No other
// counts (envoygateway: gatewayapi/backendtrafficpolicy.go).
func (r *reader) effect(rt gwapi.Object, index int, act *route.Action) {
	var parents []gatewayv1.ParentReference
	switch v := rt.Value.(type) {
	case *gatewayv1.HTTPRoute:
		parents = v.Spec.ParentRefs
	case *gatewayv1.GRPCRoute:
		parents = v.Spec.ParentRefs
	default:
		return
	}
	rules := shapes(rt)
	if index >= len(rules) {
		return
	}
	for _, name := range rules[index].filters {
		if r.filters[route.Name{Namespace: rt.Value.GetNamespace(), Name: name}].apply(act) {
			forget(act, fmt.Sprintf("filter ExtensionRef to %s %s", routeFilter, name))
		}
	}
	for _, p := range r.closest(rt, rules[index].name, parents) {
		if !p.apply(act) {
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

// closest is the policy for a rule. Where it is not settled which one that is, it
// is all that it may be, marked as not known.
func (r *reader) closest(rt gwapi.Object, section string, parents []gatewayv1.ParentReference) []*BackendTrafficPolicy {
	own := aim{kind: rt.Kind, Name: rt.Key().Name}
	var found []*BackendTrafficPolicy
	if section != "" {
		found = r.aimed[aim{own.kind, own.Name, section}]
	}
	if len(found) == 0 {
		found = r.aimed[own]
	}
	above := r.above(own.Namespace, parents)
	switch {
	case len(found) == 0:
		found = above
		if len(parents) > 1 {
			found = unsettled(found)
		}
	case len(above) > 0 && slices.ContainsFunc(found, func(p *BackendTrafficPolicy) bool { return p.Spec.MergeType != "" }):
		found = unsettled(found)
	}
	for _, p := range r.selecting {
		wide := slices.ContainsFunc(p.Spec.TargetSelectors, func(s json.RawMessage) bool { return bytes.Contains(s, []byte(`"namespaces"`)) })
		if p.Namespace == own.Namespace || wide {
			found = append(slices.Clip(found), unsettled([]*BackendTrafficPolicy{p})...)
		}
	}
	if len(found) > 1 {
		return unsettled(found) // the oldest one counts
	}
	return found
}

// above are the policies of what a route hangs on, whole or in part.
func (r *reader) above(namespace string, parents []gatewayv1.ParentReference) []*BackendTrafficPolicy {
	var all []*BackendTrafficPolicy
	for key, policies := range r.aimed {
		if !slices.ContainsFunc(parents, func(ref gatewayv1.ParentReference) bool {
			kind, in := "Gateway", namespace
			if ref.Kind != nil {
				kind = string(*ref.Kind)
			}
			if ref.Namespace != nil {
				in = string(*ref.Namespace)
			}
			return key.kind == kind && key.Namespace == in && key.Name.Name == string(ref.Name) &&
				(key.section == "" || ref.SectionName == nil || string(*ref.SectionName) == key.section)
		}) {
			continue
		}
		if key.section != "" {
			policies = unsettled(policies) // it is for one of the doors
		}
		all = append(all, policies...)
	}
	slices.SortStableFunc(all, func(a, b *BackendTrafficPolicy) int {
		return route.Name{Namespace: a.Namespace, Name: a.Name}.Compare(route.Name{Namespace: b.Namespace, Name: b.Name})
	})
	return all
}

// unsettled marks copies of policies as not known.
func unsettled(policies []*BackendTrafficPolicy) []*BackendTrafficPolicy {
	all := make([]*BackendTrafficPolicy, len(policies))
	for i, p := range policies {
		all[i] = new(*p)
		all[i].opaque = true
	}
	return all
}

// apply is false where not all is known that the filter does.
func (f *HTTPRouteFilter) apply(act *route.Action) bool {
	if f == nil || f.opaque {
		return false
	}
	if d := f.Spec.DirectResponse; d != nil {
		answer, ok := d.read(act)
		if !ok {
			return false
		}
		act.Backends, act.Rewrite, act.Direct = nil, nil, answer
		return true
	}
	if u := f.Spec.URLRewrite; u != nil && u.Path != nil {
		if u.Path.Type != replaceRegex || u.Path.ReplaceRegexMatch == nil || act.Rewrite != nil && act.Rewrite.Path != "" {
			return false
		}
		to := &route.Rewrite{From: act.From}
		if act.Rewrite != nil {
			*to = *act.Rewrite
		}
		to.Regex, to.Subst = u.Path.ReplaceRegexMatch.Pattern, u.Path.ReplaceRegexMatch.Substitution
		act.Rewrite = to
	}
	return true
}

// read is false for a text that is not fixed.
func (d *DirectResponse) read(act *route.Action) (*route.Direct, bool) {
	out := &route.Direct{From: act.From, Status: 200}
	if d.StatusCode != nil {
		out.Status = uint32(max(*d.StatusCode, 0))
	}
	if d.Body != nil {
		if d.Body.Type != "" && d.Body.Type != inline || strings.Contains(strings.ReplaceAll(d.Body.Inline, "%%", ""), "%") {
			return nil, false
		}
		out.Body = strings.ReplaceAll(d.Body.Inline, "%%", "%")
	}
	return out, out.Status >= 200 && out.Status <= 599
}

// apply is false where not all is known that p does.
func (p *BackendTrafficPolicy) apply(act *route.Action) bool {
	if p.opaque {
		return false
	}
	f, ok := p.Spec.FaultInjection.read(act)
	if !ok {
		return false
	}
	if f != nil {
		act.Fault = f
	}
	if act.Redirect != nil || act.Direct != nil {
		return true // the rest is for requests that reach a backend
	}
	return p.forwarded(act)
}

// forwarded: what the route itself says goes before (envoygateway:
// xds/route.go, getEffectiveRequestTimeout, and internal/ir/xds.go, GetRetry).
func (p *BackendTrafficPolicy) forwarded(act *route.Action) bool {
	if t := p.Spec.Timeout; t != nil && t.HTTP != nil && t.HTTP.RequestTimeout != "" && act.Timeout == nil {
		d, ok := parse(t.HTTP.RequestTimeout)
		if !ok {
			return false
		}
		act.Timeout = &route.Timeout{From: act.From, Request: d}
	}
	in := p.Spec.Retry
	if in == nil || act.Retry != nil || in.unwritten() {
		return true
	}
	r, ok := in.read(act)
	if ok {
		act.Retry = r
	}
	return ok
}

// unwritten tells whether in is what Istio does where nothing is written.
func (in *Retry) unwritten() bool {
	return in.NumRetries != nil && *in.NumRetries == defaultAttempts && in.PerRetry == nil &&
		in.RetryOn != nil && slices.Equal(in.RetryOn.Triggers, unwrittenConditions) && len(in.RetryOn.HTTPStatusCodes) == 0
}

func (in *Retry) read(act *route.Action) (*route.Retry, bool) {
	out := &route.Retry{From: act.From, Attempts: defaultAttempts}
	if in.NumRetries != nil {
		out.Attempts = *in.NumRetries
	}
	switch on := in.RetryOn; {
	case on == nil || len(on.Triggers) == 0:
		out.On, out.Codes = slices.Clone(unwrittenConditions), []uint32{503}
		if on != nil {
			out.Codes = slices.Clone(on.HTTPStatusCodes)
		}
	case slices.Contains(on.Triggers, codesWord):
		out.On, out.Codes = slices.Clone(on.Triggers), slices.Clone(on.HTTPStatusCodes)
	default:
		out.On = slices.Clone(on.Triggers)
	}
	slices.Sort(out.Codes)
	try, backoff := true, true
	if each := in.PerRetry; each != nil {
		out.PerTry, try = parse(each.Timeout)
		if each.BackOff != nil {
			out.Backoff, backoff = parse(each.BackOff.BaseInterval)
		}
	}
	return out, try && backoff
}

// read reads faults as Istio's are: a percentage that is not written is all.
func (in *FaultInjection) read(act *route.Action) (*route.Fault, bool) {
	if in == nil {
		return nil, true
	}
	out, ok := &route.Fault{From: act.From}, true
	if d := in.Delay; d != nil {
		out.DelayPercent = shareOf(d.Percentage)
		out.Delay, ok = parse(d.FixedDelay)
	}
	if a := in.Abort; a != nil {
		out.AbortPercent = shareOf(a.Percentage)
		if out.Abort, ok = field.AbortOf(a.HTTPStatus, a.GRPCStatus); !ok {
			return out, false
		}
	}
	return out, ok
}

func shareOf(percentage *float64) float64 {
	if percentage == nil {
		return 100
	}
	return *percentage
}

// parse reads a duration; "" is 0.
func parse(d gatewayv1.Duration) (time.Duration, bool) {
	if d == "" {
		return 0, true
	}
	read, err := time.ParseDuration(string(d))
	return read, err == nil
}
