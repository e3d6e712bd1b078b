package gwapi

import (
	"cmp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Use is a feature that an object makes use of.
type Use struct {
	Need  target.Need
	Mesh  bool  // by a route on a Service
	Rules []int // indexes of the rules that do; none: the object as a whole
}

// Uses are the features that an object makes use of, beyond what every
// implementation that serves its kind has to have: in the order of target.Needs,
// those of Gateways first. The object must have its value.
func Uses(o Object) []Use {
	var u uses
	switch v := o.Value.(type) {
	case *gatewayv1.HTTPRoute:
		u.route("HTTPRoute", v.Spec.ParentRefs)
		for i := range v.Spec.Rules {
			u.httpRule(i, &v.Spec.Rules[i])
		}
	case *gatewayv1.GRPCRoute:
		u.route("GRPCRoute", v.Spec.ParentRefs)
		for i := range v.Spec.Rules {
			u.grpcRule(i, &v.Spec.Rules[i])
		}
	case *gatewayv1.TLSRoute:
		u.route("TLSRoute", v.Spec.ParentRefs)
	case *gatewayv1.TCPRoute:
		u.route("TCPRoute", v.Spec.ParentRefs)
	case *gatewayv1.Gateway:
		u.gateway(v)
	case *gatewayv1.ListenerSet:
		u.use(whole, "ListenerSet")
		var listeners []gatewayv1.Listener
		for _, l := range v.Spec.Listeners {
			listeners = append(listeners, gatewayv1.Listener(l))
		}
		u.listeners(listeners)
	case *gatewayv1.BackendTLSPolicy:
		u.use(whole, "BackendTLSPolicy")
		if len(v.Spec.Validation.SubjectAltNames) > 0 {
			u.use(whole, "BackendTLSPolicySANValidation")
		}
	case metav1.Object: // Services and ReferenceGrants ask nothing of an implementation
	}
	return u.sorted()
}

// whole stands for the object in the place of a rule.
const whole = -1

// uses collects what one object makes use of.
type uses struct {
	all               []Use
	atGateway, inMesh bool // where the route is attached
	routed            bool // the object is a route
}

// route adds what its kind and its parents ask for.
func (u *uses) route(kind string, parents []gatewayv1.ParentReference) {
	u.routed = true
	for _, p := range parents {
		if isService(p) {
			u.inMesh = true
			continue
		}
		u.atGateway = true
		if p.Port != nil {
			u.add(whole, "HTTPRouteParentRefPort", false)
		}
	}
	if u.atGateway {
		u.add(whole, kind, false)
	}
	if u.inMesh {
		u.add(whole, "Mesh"+kind, true)
	}
}

// use adds a feature wherever the object is attached.
func (u *uses) use(rule int, feature string) {
	if u.atGateway || !u.routed {
		u.add(rule, feature, false)
	}
	if u.inMesh {
		u.add(rule, feature, true)
	}
}

func (u *uses) add(rule int, feature string, mesh bool) {
	at := slices.IndexFunc(u.all, func(o Use) bool { return o.Need.Feature == feature && o.Mesh == mesh })
	if at < 0 {
		at = len(u.all)
		u.all = append(u.all, Use{Need: target.NeedOf(feature), Mesh: mesh})
	}
	if rule != whole && !slices.Contains(u.all[at].Rules, rule) {
		u.all[at].Rules = append(u.all[at].Rules, rule)
	}
}

func (u *uses) sorted() []Use {
	slices.SortStableFunc(u.all, func(a, b Use) int {
		if a.Mesh != b.Mesh {
			if b.Mesh {
				return -1
			}
			return 1
		}
		return cmp.Compare(target.IndexOf(a.Need), target.IndexOf(b.Need))
	})
	return u.all
}

func (u *uses) httpRule(i int, r *gatewayv1.HTTPRouteRule) {
	if r.Name != nil {
		u.use(i, "HTTPRouteNamedRouteRule")
	}
	for _, m := range r.Matches {
		u.match(i, m)
	}
	u.filters(i, r.Filters)
	for _, b := range r.BackendRefs {
		u.backendFilters(i, b.Filters)
	}
	if t := r.Timeouts; t != nil {
		if t.Request != nil {
			u.use(i, "HTTPRouteRequestTimeout")
		}
		if t.BackendRequest != nil {
			u.use(i, "HTTPRouteBackendTimeout")
		}
	}
	if r.Retry != nil && (r.Retry.Attempts == nil || *r.Retry.Attempts > 0) {
		u.use(i, "HTTPRouteRetry")
		if r.Timeouts != nil && r.Timeouts.BackendRequest != nil {
			u.use(i, "HTTPRouteRetryBackendTimeout")
		}
	}
}

func (u *uses) match(i int, m gatewayv1.HTTPRouteMatch) {
	if m.Method != nil {
		u.use(i, "HTTPRouteMethodMatching")
	}
	if m.Path != nil && deref(m.Path.Type) == gatewayv1.PathMatchRegularExpression {
		u.use(i, target.PathRegex)
	}
	for _, h := range m.Headers {
		if deref(h.Type) == gatewayv1.HeaderMatchRegularExpression {
			u.use(i, target.HeaderRegex)
		}
	}
	for _, q := range m.QueryParams {
		u.use(i, "HTTPRouteQueryParamMatching")
		if deref(q.Type) == gatewayv1.QueryParamMatchRegularExpression {
			u.use(i, target.QueryRegex)
		}
	}
}

// filters adds those of a rule. Changed request headers are core.
func (u *uses) filters(i int, all []gatewayv1.HTTPRouteFilter) {
	mirrors := 0
	for _, f := range all {
		switch f.Type {
		case gatewayv1.HTTPRouteFilterResponseHeaderModifier:
			u.use(i, "HTTPRouteResponseHeaderModification")
		case gatewayv1.HTTPRouteFilterCORS:
			u.use(i, "HTTPRouteCORS")
		case gatewayv1.HTTPRouteFilterURLRewrite:
			u.rewrite(i, f.URLRewrite)
		case gatewayv1.HTTPRouteFilterRequestRedirect:
			u.redirect(i, f.RequestRedirect)
		case gatewayv1.HTTPRouteFilterRequestMirror:
			mirrors++
			u.mirror(i, f.RequestMirror)
		}
	}
	if mirrors > 1 {
		u.use(i, "HTTPRouteRequestMultipleMirrors")
	}
}

func (u *uses) rewrite(i int, f *gatewayv1.HTTPURLRewriteFilter) {
	if f.Hostname != nil {
		u.use(i, "HTTPRouteHostRewrite")
	}
	if f.Path != nil {
		u.use(i, "HTTPRoutePathRewrite")
	}
}

// redirect adds what a redirect changes: a host, 301 and 302 are core.
func (u *uses) redirect(i int, f *gatewayv1.HTTPRequestRedirectFilter) {
	if f.Scheme != nil {
		u.use(i, "HTTPRouteSchemeRedirect")
	}
	if f.Port != nil {
		u.use(i, "HTTPRoutePortRedirect")
	}
	if f.Path != nil {
		u.use(i, "HTTPRoutePathRedirect")
	}
	switch deref(f.StatusCode) {
	case 303:
		u.use(i, "HTTPRoute303RedirectStatusCode")
	case 307:
		u.use(i, "HTTPRoute307RedirectStatusCode")
	case 308:
		u.use(i, "HTTPRoute308RedirectStatusCode")
	}
}

// mirror adds a mirror; all of the requests are no share.
func (u *uses) mirror(i int, f *gatewayv1.HTTPRequestMirrorFilter) {
	u.use(i, "HTTPRouteRequestMirror")
	if f.Percent != nil && *f.Percent < 100 || f.Fraction != nil {
		u.use(i, "HTTPRouteRequestPercentageMirror")
	}
}

func (u *uses) backendFilters(i int, all []gatewayv1.HTTPRouteFilter) {
	for _, f := range all {
		switch f.Type {
		case gatewayv1.HTTPRouteFilterRequestHeaderModifier:
			u.use(i, "HTTPRouteBackendRequestHeaderModification")
		case gatewayv1.HTTPRouteFilterResponseHeaderModifier:
			u.use(i, target.BackendResponseHeaders)
		case gatewayv1.HTTPRouteFilterURLRewrite:
			u.use(i, target.BackendURLRewrite)
		}
	}
}

// grpcRule adds what is optional for a GRPCRoute. No conformance test asks about
// its filters, other than changed request headers, so nothing is said of them.
func (u *uses) grpcRule(i int, r *gatewayv1.GRPCRouteRule) {
	if r.Name != nil {
		u.use(i, "GRPCRouteNamedRouteRule")
	}
	for _, m := range r.Matches {
		for _, h := range m.Headers {
			if deref(h.Type) == gatewayv1.GRPCHeaderMatchRegularExpression {
				u.use(i, target.GRPCRegex)
			}
		}
	}
}

func (u *uses) gateway(v *gatewayv1.Gateway) {
	u.listeners(v.Spec.Listeners)
	if len(v.Spec.Addresses) > 0 {
		u.use(whole, "GatewayStaticAddresses")
	}
	if x := v.Spec.Infrastructure; x != nil && len(x.Labels)+len(x.Annotations) > 0 {
		u.use(whole, "GatewayInfrastructurePropagation")
	}
	tls := v.Spec.TLS
	if tls == nil {
		return
	}
	if tls.Backend != nil {
		u.use(whole, "GatewayBackendClientCertificate")
	}
	if tls.Frontend == nil {
		return
	}
	checks := []gatewayv1.TLSConfig{tls.Frontend.Default}
	for _, p := range tls.Frontend.PerPort {
		checks = append(checks, p.TLS)
	}
	for _, c := range checks {
		if c.Validation == nil {
			continue
		}
		u.use(whole, "GatewayFrontendClientCertificateValidation")
		if c.Validation.Mode == gatewayv1.AllowInsecureFallback {
			u.use(whole, "GatewayFrontendClientCertificateValidationInsecureFallback")
		}
	}
}

// listeners adds what listeners ask for together and one by one.
func (u *uses) listeners(all []gatewayv1.Listener) {
	passes := map[gatewayv1.PortNumber]bool{}
	for _, l := range all {
		passes[l.Port] = passes[l.Port] || l.TLS != nil && deref(l.TLS.Mode) == gatewayv1.TLSModePassthrough
	}
	for i, l := range all {
		if l.Protocol == gatewayv1.TLSProtocolType && !(l.TLS != nil && deref(l.TLS.Mode) == gatewayv1.TLSModePassthrough) {
			u.use(whole, "TLSRouteModeTerminate")
		}
		if l.Protocol == gatewayv1.TLSProtocolType && passes[l.Port] && deref(l.TLS).Mode != nil && *l.TLS.Mode == gatewayv1.TLSModeTerminate {
			u.use(whole, "TLSRouteModeMixed")
		}
		if slices.ContainsFunc(all[i+1:], func(o gatewayv1.Listener) bool { return nested(l, o) }) {
			u.use(whole, "GatewayHTTPListenerIsolation")
		}
	}
}

// nested tells whether one of two listeners for HTTP takes the hosts of the other
// and more.
func nested(a, b gatewayv1.Listener) bool {
	forHTTP := a.Protocol == gatewayv1.HTTPProtocolType || a.Protocol == gatewayv1.HTTPSProtocolType
	if !forHTTP || a.Port != b.Port || a.Protocol != b.Protocol || deref(a.Hostname) == deref(b.Hostname) {
		return false
	}
	x, y := string(deref(a.Hostname)), string(deref(b.Hostname))
	return x == "" || y == "" || route.HostTakes(x, y) || route.HostTakes(y, x)
}

// Place is where the input makes o use a feature.
func (o Object) Place(u Use) finding.Place {
	if len(u.Rules) > 0 && u.Rules[0] < len(o.Sources) && o.Sources[u.Rules[0]] != nil {
		return o.Sources[u.Rules[0]].Place()
	}
	return finding.Place{Pos: o.Origin.Pos, Object: o.Origin.What}
}

// RuleCount is how many rules a route has; 0 for what is no route.
func RuleCount(o Object) int {
	switch v := o.Value.(type) {
	case *gatewayv1.HTTPRoute:
		return len(v.Spec.Rules)
	case *gatewayv1.GRPCRoute:
		return len(v.Spec.Rules)
	case *gatewayv1.TLSRoute:
		return len(v.Spec.Rules)
	case *gatewayv1.TCPRoute:
		return len(v.Spec.Rules)
	}
	return 0
}
