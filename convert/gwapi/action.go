package gwapi

import (
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// action builds what the rules for group do, apart from matches and from what
// becomes of the path. A rule without filters and backends answers 500.
func (p *pass) action(t *route.Table, group []*line, x Extension) gatewayv1.HTTPRouteRule {
	act := group[0].Action
	r := gatewayv1.HTTPRouteRule{Name: p.ruleName(group[0])}
	switch {
	case act.Direct != nil && x.Does.Has(DoesDirect):
		p.noteIdle(act)
		r.Filters = append(p.responseFilters(act, x), x.Filters...)
		return r
	case act.Direct != nil, act.Refuses() && !x.Does.Has(DoesFault):
		p.noteRefusal(act)
		return r
	case act.Redirect != nil:
		p.noteIdle(act)
		redirect, ok := p.redirect(t, act.Redirect)
		if !ok {
			return r
		}
		r.Filters = append(p.responseFilters(act, x), gatewayv1.HTTPRouteFilter{Type: gatewayv1.HTTPRouteFilterRequestRedirect, RequestRedirect: redirect})
		r.Filters = append(r.Filters, x.Filters...)
		return r
	case act.Rewrite != nil && act.Rewrite.Regex != "" && !x.Does.Has(DoesRegexRewrite):
		p.note(rule.RegexRewrite, act.Rewrite.From.At("uriRegexRewrite"),
			"the path is rewritten by the regular expression %s today; Gateway API has no such rewrite, so the rule answers 500 instead of sending another path to %s.", act.Rewrite.Regex, actionName(act))
		return r
	}
	return p.forward(t, act, r, x)
}

// forward fills r for requests that go to backends.
func (p *pass) forward(t *route.Table, act *route.Action, r gatewayv1.HTTPRouteRule, x Extension) gatewayv1.HTTPRouteRule {
	refs, ok := p.backends(t, act)
	if !ok {
		return r
	}
	r.BackendRefs = refs
	request, response := p.ruleHeaders(act)
	if request != nil {
		r.Filters = append(r.Filters, gatewayv1.HTTPRouteFilter{Type: gatewayv1.HTTPRouteFilterRequestHeaderModifier, RequestHeaderModifier: request})
	}
	if response != nil {
		r.Filters = append(r.Filters, gatewayv1.HTTPRouteFilter{Type: gatewayv1.HTTPRouteFilterResponseHeaderModifier, ResponseHeaderModifier: response})
	}
	if cors := p.corsFilter(act, x); cors != nil {
		r.Filters = append(r.Filters, *cors)
	}
	if host := p.hostRewrite(act); host != nil {
		r.Filters = append(r.Filters, gatewayv1.HTTPRouteFilter{Type: gatewayv1.HTTPRouteFilterURLRewrite, URLRewrite: &gatewayv1.HTTPURLRewriteFilter{Hostname: host}})
	}
	r.Filters = append(r.Filters, p.mirrors(t, act, len(r.Filters))...)
	r.Filters = append(r.Filters, x.Filters...)
	if !x.Does.Has(DoesTimeout) {
		r.Timeouts = p.timeouts(act)
	}
	if !x.Does.Has(DoesRetry) && (act.Retry == nil || !act.Retry.Annotated) {
		r.Retry = p.retry(act.Retry)
	}
	return r
}

// corsFilter is nil where there is nothing to write.
func (p *pass) corsFilter(act *route.Action, x Extension) *gatewayv1.HTTPRouteFilter {
	if x.Does.Has(DoesCORS) {
		return nil
	}
	cors := p.cors(act.CORS)
	if cors == nil {
		return nil
	}
	return &gatewayv1.HTTPRouteFilter{Type: gatewayv1.HTTPRouteFilterCORS, CORS: cors}
}

// responseFilters are those that work on an answer without backend as well.
func (p *pass) responseFilters(act *route.Action, x Extension) []gatewayv1.HTTPRouteFilter {
	var all []gatewayv1.HTTPRouteFilter
	if response := p.headerFilter(false, headerLevel{act.Response()}); response != nil {
		all = append(all, gatewayv1.HTTPRouteFilter{Type: gatewayv1.HTTPRouteFilterResponseHeaderModifier, ResponseHeaderModifier: response})
	}
	if cors := p.corsFilter(act, x); cors != nil {
		all = append(all, *cors)
	}
	return all
}

// noteRefusal says what a rule without backends stands for.
func (p *pass) noteRefusal(act *route.Action) {
	if act.Fault != nil && act.Fault.AbortPercent >= 100 {
		p.note(rule.AbortAll, act.Fault.From.At("abort"), "every request is aborted today; Gateway API has no fault injection, so the rule has no backends and answers 500.")
		return
	}
	p.noteIdle(act)
	p.note(rule.DirectResponse, act.Direct.From.Place(), "the answer is status %d today; Gateway API has no direct response, so the rule has no backends and answers 500 without today's body.", act.Direct.Status)
}

// noteIdle reports what Istio ignores where no backend is reached
// (core/route/route.go: only applyHTTPRouteDestination reads it).
func (p *pass) noteIdle(act *route.Action) {
	idle := func(set bool, from *source.Node, what string) {
		if set {
			p.note(rule.IdleSetting, from.Place(), "%s nothing, since no request of this rule reaches a backend; left out.", what)
		}
	}
	idle(act.Timeout != nil, from(act.Timeout, func(t *route.Timeout) *source.Node { return t.From.Get("timeout") }), "the timeout does")
	idle(act.Retry != nil, from(act.Retry, func(r *route.Retry) *source.Node { return r.From }), "the retries do")
	idle(act.Rewrite != nil, from(act.Rewrite, func(r *route.Rewrite) *source.Node { return r.From }), "the rewrite does")
	idle(!act.Request().Empty(), act.Request().From, "the request headers do")
	for _, m := range act.Mirrors {
		idle(true, m.From, "the mirror does")
	}
}

// from is the node of part, or nil where there is no part.
func from[T any](part *T, node func(*T) *source.Node) *source.Node {
	if part == nil {
		return nil
	}
	return node(part)
}
