package istiod

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	corsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/cors/v3"
	faultv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
)

// timeout bounds the whole request; 0 is none.
func timeout(a *routev3.RouteAction) string {
	if a.GetTimeout() == nil {
		return "15s" // Envoy's default
	}
	return bound(a.GetTimeout())
}

func bound(d *durationpb.Duration) string {
	if d.AsDuration() == 0 {
		return "none"
	}
	return d.AsDuration().String()
}

func (e *effect) retry(a *routev3.RouteAction) {
	p := a.GetRetryPolicy()
	if p == nil {
		p = e.host.GetRetryPolicy()
	}
	attempts := uint32(1)
	if p.GetNumRetries() != nil {
		attempts = p.GetNumRetries().GetValue()
	}
	if p == nil || attempts == 0 {
		e.set("retry", "never")
		return
	}
	e.set("retry", fmt.Sprintf("%d times", attempts))
	var on []string
	for c := range strings.SplitSeq(p.GetRetryOn(), ",") {
		if c = strings.TrimSpace(c); c != "" && c != "retriable-status-codes" {
			on = append(on, c)
		}
	}
	if strings.Contains(p.GetRetryOn(), "retriable-status-codes") {
		for _, code := range p.GetRetriableStatusCodes() {
			on = append(on, fmt.Sprint(code))
		}
	}
	slices.Sort(on)
	e.set("retryOn", strings.Join(slices.Compact(on), ","))
	if try, all := p.GetPerTryTimeout().AsDuration(), a.GetTimeout().AsDuration(); all == 0 || try < all { // else the whole ends first
		e.set("perTryTimeout", bound(p.GetPerTryTimeout()))
	}
	base := 25 * time.Millisecond
	if b := p.GetRetryBackOff().GetBaseInterval(); b != nil {
		base = b.AsDuration()
	}
	e.set("backoff", base.String())
}

func (e *effect) mirrors(a *routev3.RouteAction) {
	var out []string
	for _, m := range a.GetRequestMirrorPolicies() {
		share := percent(m.GetRuntimeFraction().GetDefaultValue())
		out = append(out, fmt.Sprintf("%.6g%% %s", share, e.pods(m.GetCluster(), a)))
	}
	slices.Sort(out)
	e.set("mirror", strings.Join(out, " + "))
}

// headerLevel is what one level of the configuration does to headers.
type headerLevel struct {
	add    []*corev3.HeaderValueOption
	remove []string
}

// The levels apply from the most specific to the widest.
func (e *effect) requestHeaders(c *routev3.WeightedCluster_ClusterWeight) string {
	return joint(
		headerLevel{c.GetRequestHeadersToAdd(), c.GetRequestHeadersToRemove()},
		headerLevel{e.route.GetRequestHeadersToAdd(), e.route.GetRequestHeadersToRemove()},
		headerLevel{e.host.GetRequestHeadersToAdd(), e.host.GetRequestHeadersToRemove()},
		headerLevel{e.config.GetRequestHeadersToAdd(), e.config.GetRequestHeadersToRemove()})
}

func (e *effect) responseHeaders(c *routev3.WeightedCluster_ClusterWeight) string {
	return joint(
		headerLevel{c.GetResponseHeadersToAdd(), c.GetResponseHeadersToRemove()},
		headerLevel{e.route.GetResponseHeadersToAdd(), e.route.GetResponseHeadersToRemove()},
		headerLevel{e.host.GetResponseHeadersToAdd(), e.host.GetResponseHeadersToRemove()},
		headerLevel{e.config.GetResponseHeadersToAdd(), e.config.GetResponseHeadersToRemove()})
}

// joint is the effect of all levels on each header; within one, Envoy removes
// before it adds.
func joint(levels ...headerLevel) string {
	effects := map[string]string{}
	for _, l := range levels {
		for _, name := range l.remove {
			effects[strings.ToLower(name)] = "-"
		}
		for _, h := range l.add {
			name := strings.ToLower(h.GetHeader().GetKey())
			if h.GetHeader().GetValue() == "" && !h.GetKeepEmptyValue() {
				continue // as Envoy does
			}
			switch h.GetAppendAction() {
			case corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD:
				effects[name] = fmt.Sprintf("=%q", h.GetHeader().GetValue())
			case corev3.HeaderValueOption_APPEND_IF_EXISTS_OR_ADD:
				effect := fmt.Sprintf("+%q", h.GetHeader().GetValue())
				if effects[name] == "-" { // removed before: the new value stands alone
					effects[name], effect = "", "="+effect[1:]
				}
				effects[name] += effect
			default:
				panic(unsupported("header action " + h.GetAppendAction().String()))
			}
		}
	}
	var out []string
	for _, name := range sorted(effects) {
		out = append(out, name+effects[name])
	}
	return strings.Join(out, " ")
}

// filters reads what is set for HTTP filters on this route: CORS, faults.
func (e *effect) filters() {
	all := map[string]*anypb.Any{}
	for name, c := range e.host.GetTypedPerFilterConfig() {
		all[name] = c
	}
	for name, c := range e.route.GetTypedPerFilterConfig() {
		all[name] = c
	}
	for _, name := range sorted(all) {
		cors, fault := &corsv3.CorsPolicy{}, &faultv3.HTTPFault{}
		switch {
		case all[name].UnmarshalTo(cors) == nil:
			e.cors(cors)
		case all[name].UnmarshalTo(fault) == nil:
			e.fault(fault)
		default:
			e.set("filter "+name, text(all[name]))
		}
	}
}

func (e *effect) cors(c *corsv3.CorsPolicy) {
	if len(c.GetAllowOriginStringMatch()) == 0 {
		return // allows nothing, and so does nothing
	}
	var origins []string
	for _, o := range c.GetAllowOriginStringMatch() {
		origins = append(origins, originText(o))
	}
	slices.Sort(origins)
	forwards := c.GetForwardNotMatchingPreflights() == nil || c.GetForwardNotMatchingPreflights().GetValue()
	// Browsers keep a preflight for 5 seconds where no age is given (Fetch, 4.9).
	e.set("cors", fmt.Sprintf("origins %s, methods %s, headers %s, expose %s, max age %s, credentials %v", strings.Join(slices.Compact(origins), " "),
		list(c.GetAllowMethods()), list(strings.ToLower(c.GetAllowHeaders())), list(strings.ToLower(c.GetExposeHeaders())),
		cmp.Or(c.GetMaxAge(), "5"), c.GetAllowCredentials().GetValue()))
	e.set("corsPreflights", fmt.Sprintf("forwards unmatched preflights: %v", forwards))
}

// originText writes equal sets of origins alike: all are * or .*, a prefix is
// an expression too.
func originText(m *matcherv3.StringMatcher) string {
	switch p := m.GetMatchPattern().(type) {
	case *matcherv3.StringMatcher_Exact:
		return p.Exact
	case *matcherv3.StringMatcher_Prefix:
		return p.Prefix + "..."
	case *matcherv3.StringMatcher_SafeRegex:
		if p.SafeRegex.GetRegex() == ".*" {
			return "*"
		}
		return "~" + p.SafeRegex.GetRegex()
	}
	return text(m)
}

// list sorts the elements of a comma-separated list.
func list(s string) string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		out = append(out, strings.TrimSpace(part))
	}
	slices.Sort(out)
	return strings.Join(out, ",")
}

func (e *effect) fault(f *faultv3.HTTPFault) {
	var out []string
	if share := percent(f.GetDelay().GetPercentage()); f.GetDelay() != nil && share > 0 {
		out = append(out, fmt.Sprintf("delays %.6g%% by %s", share, f.GetDelay().GetFixedDelay().AsDuration()))
	}
	if share := percent(f.GetAbort().GetPercentage()); f.GetAbort() != nil && share > 0 {
		out = append(out, fmt.Sprintf("aborts %.6g%% with %d (gRPC %d)", share, f.GetAbort().GetHttpStatus(), f.GetAbort().GetGrpcStatus()))
	}
	e.set("fault", strings.Join(out, ", "))
}
