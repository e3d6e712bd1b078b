package mesh

//lint:file-ignore SA1019 Istio still reads its deprecated fields, and so do we.

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// action compiles what r does for requests that come in at e. Only destinations
// that take the port of the listener make actions of one rule differ.
func (l *linker) action(r *httpRule, e entry) *route.Action {
	port := uint32(0)
	if l.portMatters(r) {
		port = e.Port
	}
	if a := r.actions[port]; a != nil {
		return a
	}
	if r.actions == nil {
		r.actions = map[uint32]*route.Action{}
	}
	a := l.compile(r, e)
	r.actions[port] = a
	return a
}

// compile reads an http[] element. A redirect excludes the rest, a direct
// response excludes destinations (route.go TranslateRoute).
func (l *linker) compile(r *httpRule, e entry) *route.Action {
	a := &route.Action{
		From:     r.node,
		Redirect: r.redirect(),
		Direct:   r.direct(),
		Rewrite:  r.rewrite(),
		Timeout:  r.timeout(),
		Retry:    r.retry(),
		CORS:     r.cors(),
		Fault:    r.fault(),
	}
	if h := r.part(func(m *networking.HTTPRoute) bool { return m.Headers != nil }); h.msg.Headers != nil {
		a.Headers = route.NewHeaders(headerOps(h.vs, h.msg.Headers.Request), headerOps(h.vs, h.msg.Headers.Response))
	}
	if a.Redirect != nil {
		a.Direct, a.Rewrite = nil, nil
		return a
	}
	if a.Direct == nil {
		a.Backends = l.backends(r, e)
		a.Mirrors = l.mirrors(r, e)
	}
	return a
}

func (r *httpRule) redirect() *route.Redirect {
	m := r.msg.Redirect // never the root's: virtualservice.go mergeHTTPRoute
	if m == nil {
		return nil
	}
	out := &route.Redirect{
		From: r.vs.Node(m), Scheme: m.Scheme, Authority: m.Authority,
		Path: m.Uri, Prefix: m.PrefixRewrite, Code: m.RedirectCode,
	}
	if out.Prefix != "" {
		out.Path = ""
	}
	if out.Code == 0 {
		out.Code = 301
	}
	switch p := m.RedirectPort.(type) {
	case *networking.HTTPRedirect_Port:
		out.Port = p.Port
	case *networking.HTTPRedirect_DerivePort:
		out.PortSource = route.ProtocolPort
		if p.DerivePort == networking.HTTPRedirect_FROM_REQUEST_PORT {
			out.PortSource = route.ListenerPort
		}
	}
	return out
}

func (r *httpRule) direct() *route.Direct {
	e := r.part(func(m *networking.HTTPRoute) bool { return m.DirectResponse != nil })
	if e.msg.DirectResponse == nil {
		return nil
	}
	body := e.msg.DirectResponse.GetBody()
	return &route.Direct{
		From: e.vs.Node(e.msg.DirectResponse), Status: e.msg.DirectResponse.Status,
		Body: body.GetString_() + string(body.GetBytes()),
	}
}

func (r *httpRule) rewrite() *route.Rewrite {
	e := r.part(func(m *networking.HTTPRoute) bool { return m.Rewrite != nil })
	m := e.msg.Rewrite
	if m == nil {
		return nil
	}
	out := &route.Rewrite{From: e.vs.Node(m), Path: m.Uri, Authority: m.Authority}
	if re := m.UriRegexRewrite; re != nil { // wins over uri: route.go applyHTTPRouteDestination
		out.Path, out.Regex, out.Subst = "", re.Match, re.Rewrite
	}
	return out
}

func (r *httpRule) timeout() *route.Timeout {
	e := r.part(func(m *networking.HTTPRoute) bool { return m.Timeout != nil })
	if e.msg.Timeout == nil {
		return nil
	}
	return &route.Timeout{From: e.node, Request: e.msg.Timeout.AsDuration()}
}

// retry reads a written policy. Words that are HTTP status codes are codes
// (route/retry/retry.go parseRetryOn).
func (r *httpRule) retry() *route.Retry {
	e := r.part(func(m *networking.HTTPRoute) bool { return m.Retries != nil })
	m := e.msg.Retries
	if m == nil {
		return nil
	}
	out := &route.Retry{
		From: e.vs.Node(m), Attempts: m.Attempts,
		PerTry: m.PerTryTimeout.AsDuration(), Backoff: m.Backoff.AsDuration(),
	}
	for word := range strings.SplitSeq(m.RetryOn, ",") {
		word = strings.TrimSpace(word)
		if code, err := strconv.ParseUint(word, 10, 16); err == nil && code >= 100 && code < 600 {
			out.Codes = append(out.Codes, uint32(code))
		} else if word != "" {
			out.On = append(out.On, word)
		}
	}
	return out
}

// fault reads the shares of requests that are delayed and aborted. Without a
// percentage Istio touches none, but for the old integer percent of delays
// (route.go TranslateFault).
func (r *httpRule) fault() *route.Fault {
	e := r.part(func(m *networking.HTTPRoute) bool { return m.Fault != nil })
	m := e.msg.Fault
	if m == nil {
		return nil
	}
	out := &route.Fault{From: e.vs.Node(m), AbortPercent: m.GetAbort().GetPercentage().GetValue()}
	switch a := m.GetAbort().GetErrorType().(type) {
	case nil:
		out.AbortPercent = 0
	case *networking.HTTPFaultInjection_Abort_HttpStatus:
		out.Abort = strconv.Itoa(int(a.HttpStatus))
	case *networking.HTTPFaultInjection_Abort_GrpcStatus:
		out.Abort = "grpc " + a.GrpcStatus
	case *networking.HTTPFaultInjection_Abort_Http2Error:
		out.Abort = "http2 " + a.Http2Error
	}
	if d := m.Delay; d != nil {
		out.Delay = d.GetFixedDelay().AsDuration()
		out.DelayPercent = d.GetPercentage().GetValue()
		if d.Percentage == nil {
			out.DelayPercent = float64(d.Percent)
		}
	}
	return out
}

func (r *httpRule) cors() *route.CORS {
	e := r.part(func(m *networking.HTTPRoute) bool { return m.CorsPolicy != nil })
	m := e.msg.CorsPolicy
	if m == nil {
		return nil
	}
	out := &route.CORS{
		From: e.vs.Node(m), Methods: m.AllowMethods, Headers: m.AllowHeaders, Expose: m.ExposeHeaders,
		IgnorePreflights: m.UnmatchedPreflights == networking.CorsPolicy_IGNORE,
	}
	for _, o := range m.AllowOrigins {
		out.Origins = append(out.Origins, e.stringMatch(o))
	}
	if m.AllowOrigins == nil {
		old := e.vs.Node(m).Get("allowOrigin")
		for i, o := range m.AllowOrigin {
			out.Origins = append(out.Origins, route.StringMatch{Kind: route.Exact, Value: o, From: element0(old, i)})
		}
	}
	if m.MaxAge != nil {
		age := m.MaxAge.AsDuration().Truncate(time.Second)
		out.MaxAge = &age
	}
	if m.AllowCredentials != nil {
		out.Credentials = &m.AllowCredentials.Value
	}
	return out
}

// element0 is the i-th element of a list node, or the node.
func element0(n *source.Node, i int) *source.Node {
	if n == nil || i >= len(n.Children()) {
		return n
	}
	return &n.Children()[i]
}

func headerOps(vs *virtualService, m *networking.Headers_HeaderOperations) route.HeaderOps {
	if m == nil {
		return route.HeaderOps{}
	}
	return route.HeaderOps{
		From: vs.Node(m), Set: headers(m.Set), Add: headers(m.Add),
		Remove: slices.Compact(slices.Sorted(slices.Values(m.Remove))),
	}
}

func headers(m map[string]string) []route.Header {
	var out []route.Header
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, route.Header{Name: name, Value: m[name]})
	}
	return out
}

// mirrors reads mirror with its percentages, and mirrors (route.go MirrorPercent).
func (l *linker) mirrors(r *httpRule, in entry) []route.Mirror {
	var out []route.Mirror
	if e := r.part(func(m *networking.HTTPRoute) bool { return m.Mirror != nil }); e.msg.Mirror != nil {
		share := r.part(func(m *networking.HTTPRoute) bool { return m.MirrorPercentage != nil })
		old := r.part(func(m *networking.HTTPRoute) bool { return m.MirrorPercent != nil })
		m := route.Mirror{From: e.node.Get("mirror"), Percent: 100, Backend: l.backend(e.vs, e.msg.Mirror, in, e.node)}
		switch {
		case share.msg.MirrorPercentage != nil:
			m.From, m.Percent = share.node.Get("mirrorPercentage"), share.msg.MirrorPercentage.Value
		case old.msg.MirrorPercent != nil:
			m.From, m.Percent = old.node.Get("mirrorPercent"), float64(old.msg.MirrorPercent.Value)
		}
		out = append(out, m)
	}
	e := r.part(func(m *networking.HTTPRoute) bool { return m.Mirrors != nil })
	for _, p := range e.msg.Mirrors {
		if p.Destination == nil {
			continue
		}
		m := route.Mirror{From: e.vs.Node(p), Percent: 100, Backend: l.backend(e.vs, p.Destination, in, e.vs.Node(p))}
		if p.Percentage != nil {
			m.From, m.Percent = e.vs.Node(p).Get("percentage"), p.Percentage.Value
		}
		out = append(out, m)
	}
	return out
}

// backends reads the destinations. Istio does not look at the weight of a sole
// destination (route.go "len(in.Route) == 1"); with several, 0 is no traffic.
func (l *linker) backends(r *httpRule, e entry) []route.Backend {
	var out []route.Backend
	for _, d := range r.msg.Route {
		node := r.vs.Node(d)
		b := l.backend(r.vs, d.Destination, e, node)
		b.From, b.Weight = node, uint32(max(d.Weight, 0))
		if d.Headers != nil {
			b.Headers = route.NewHeaders(headerOps(r.vs, d.Headers.Request), headerOps(r.vs, d.Headers.Response))
		}
		out = append(out, b)
	}
	if len(out) == 1 {
		l.soleWeight(&out[0])
	}
	return out
}

func (l *linker) soleWeight(b *route.Backend) {
	if b.From.Has("weight") && b.Weight != 1 && b.Weight != 100 {
		l.note(rule.SoleWeight, b.From.At("weight"), "the sole destination gets all requests today, whatever its weight; weight 1 is written.")
	}
	b.Weight = 1
}
