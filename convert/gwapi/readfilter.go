package gwapi

import (
	"regexp"
	"slices"
	"strings"
	"time"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// filter reads filter k of the rule.
func (a *actionReader) filter(out *route.Action, f gatewayv1.HTTPRouteFilter, k int) {
	path := []any{"filters", k}
	switch {
	case f.Type == gatewayv1.HTTPRouteFilterRequestHeaderModifier && f.RequestHeaderModifier != nil:
		request := a.headers(f.RequestHeaderModifier, append(path, "requestHeaderModifier"), route.HeaderOps{})
		out.Headers = route.NewHeaders(request, out.Response())
	case f.Type == gatewayv1.HTTPRouteFilterResponseHeaderModifier && f.ResponseHeaderModifier != nil:
		response := a.headers(f.ResponseHeaderModifier, append(path, "responseHeaderModifier"), route.HeaderOps{})
		out.Headers = route.NewHeaders(out.Request(), response)
	case f.Type == gatewayv1.HTTPRouteFilterRequestRedirect && f.RequestRedirect != nil:
		a.redirect(out, f.RequestRedirect, append(path, "requestRedirect"))
	case f.Type == gatewayv1.HTTPRouteFilterURLRewrite && f.URLRewrite != nil:
		a.rewrite(out, f.URLRewrite, append(path, "urlRewrite"))
	case f.Type == gatewayv1.HTTPRouteFilterRequestMirror && f.RequestMirror != nil:
		a.mirror(out, f.RequestMirror, append(path, "requestMirror"))
	case f.Type == gatewayv1.HTTPRouteFilterCORS && f.CORS != nil:
		out.CORS = a.cors(f.CORS, append(path, "cors"))
	default:
		a.opaque(out, f, path)
	}
}

// redirect reads a redirect. Its status is 302 where none is written, and its
// port the usual one of the scheme, or where no scheme is written the
// listener's (HTTPRequestRedirectFilter).
func (a *actionReader) redirect(out *route.Action, f *gatewayv1.HTTPRequestRedirectFilter, path []any) {
	to := &route.Redirect{
		From: a.from(path...), Scheme: deref(f.Scheme), Authority: string(deref(f.Hostname)),
		Port: uint32(deref(f.Port)), PortSource: route.ListenerPort, Code: 302,
	}
	if f.StatusCode != nil {
		to.Code = uint32(*f.StatusCode)
	}
	switch {
	case to.Port != 0:
	case to.Scheme == "https":
		to.Port = 443
	case to.Scheme == "http":
		to.Port = 80
	}
	if value, change, ok := a.pathChange(f.Path, append(path, "path")); ok {
		to.Change = change
		if change == route.WholePath {
			to.Path = value
		} else {
			to.Prefix = value
		}
	}
	out.Redirect = to
}

func (a *actionReader) rewrite(out *route.Action, f *gatewayv1.HTTPURLRewriteFilter, path []any) {
	to := &route.Rewrite{From: a.from(path...), Authority: string(deref(f.Hostname))}
	if value, change, ok := a.pathChange(f.Path, append(path, "path")); ok {
		to.Path, to.Change = value, change
	}
	if to.Authority != "" || to.Path != "" {
		out.Rewrite = to
	}
}

// pathChange reads what becomes of the path; false where it is kept. An empty
// replacement of a prefix is the same as a slash.
func (a *actionReader) pathChange(m *gatewayv1.HTTPPathModifier, path []any) (value string, change route.PathChange, ok bool) {
	if m == nil {
		return "", 0, false
	}
	switch {
	case m.Type == gatewayv1.FullPathHTTPPathModifier && m.ReplaceFullPath != nil:
		if *m.ReplaceFullPath == "" {
			return "/", route.WholePath, true // a request line has no empty path (RFC 9112, 3.2.1)
		}
		return *m.ReplaceFullPath, route.WholePath, true
	case m.Type == gatewayv1.PrefixMatchHTTPPathModifier && m.ReplacePrefixMatch != nil:
		if !a.prefixed {
			a.refuse(a.at(path...), "the matched prefix is replaced, and the rule does not have one match by PathPrefix; Kubernetes refuses the route.")
		}
		if *m.ReplacePrefixMatch == "" {
			return "/", route.ByElements, true
		}
		return *m.ReplacePrefixMatch, route.ByElements, true
	}
	a.refuse(a.at(path...), "the path is replaced by %s, without the field of that kind; Kubernetes refuses the route.", m.Type)
	return "", 0, false
}

// mirror reads where copies go. A backend that may not be reached gets none.
func (a *actionReader) mirror(out *route.Action, f *gatewayv1.HTTPRequestMirrorFilter, path []any) {
	m := route.Mirror{From: a.from(path...), Percent: 100}
	switch {
	case f.Percent != nil:
		m.Percent = float64(*f.Percent)
	case f.Fraction != nil:
		m.Percent = 100 * float64(f.Fraction.Numerator) / 100
		if d := f.Fraction.Denominator; d != nil && *d > 0 {
			m.Percent = 100 * float64(f.Fraction.Numerator) / float64(*d)
		}
	}
	m.Backend = a.backend(out, f.BackendRef, 1, append(path, "backendRef"))
	if m.Backend.Refused == 0 && m.Percent > 0 {
		out.Mirrors = append(out.Mirrors, m)
	}
}

// cors reads a cross-origin policy. Preflights are never forwarded, and their
// answers may be kept for 5 seconds where nothing is written (HTTPCORSFilter).
func (a *actionReader) cors(f *gatewayv1.HTTPCORSFilter, path []any) *route.CORS {
	age := 5 * time.Second
	if f.MaxAge > 0 {
		age = time.Duration(f.MaxAge) * time.Second
	}
	out := &route.CORS{From: a.from(path...), MaxAge: &age, Credentials: f.AllowCredentials, IgnorePreflights: true}
	for _, o := range f.AllowOrigins {
		out.Origins = append(out.Origins, originMatch(string(o)))
	}
	for _, m := range f.AllowMethods {
		out.Methods = append(out.Methods, string(m))
	}
	for _, h := range f.AllowHeaders {
		out.Headers = append(out.Headers, string(h))
	}
	for _, h := range f.ExposeHeaders {
		out.Expose = append(out.Expose, string(h))
	}
	return out
}

// originMatch: an asterisk alone is every origin, and one within an origin any
// letters (CORSOrigin).
func originMatch(origin string) route.StringMatch {
	if origin == "*" || !strings.Contains(origin, "*") {
		return route.StringMatch{Kind: route.Exact, Value: origin}
	}
	return route.StringMatch{Kind: route.Regex, Value: strings.ReplaceAll(regexp.QuoteMeta(origin), `\*`, ".*")}
}

// timeouts reads the bounds of a request and of each try, and the retries.
// Without retries the bound of a try is the bound of the request, as where
// Istio serves the route (pilot/pkg/config/kube/gateway/conversion.go).
func (a *actionReader) timeouts(out *route.Action, in gatewayv1.HTTPRouteRule) {
	var try time.Duration
	if t := in.Timeouts; t != nil {
		if d, ok := a.duration(t.Request, "timeouts", "request"); ok {
			out.Timeout = &route.Timeout{From: a.from("timeouts"), Request: d}
		}
		try, _ = a.duration(t.BackendRequest, "timeouts", "backendRequest")
	}
	if in.Retry != nil {
		out.Retry = a.retry(in.Retry, try)
		return
	}
	if try > 0 {
		out.Timeout = &route.Timeout{From: a.from("timeouts"), Request: try}
	}
	if out.Retry = annotatedRetry(a.route.Value.GetAnnotations()); out.Retry != nil {
		out.Retry.From = a.route.node("metadata", "annotations")
	}
}

func (a *actionReader) retry(in *gatewayv1.HTTPRouteRetry, try time.Duration) *route.Retry {
	out := &route.Retry{From: a.from("retry"), Attempts: 1, PerTry: try}
	if in.Attempts == nil {
		a.note(rule.RetryAttemptsOpen, a.at("retry"), "a failed request is retried, and how often is not written; once is assumed.")
	} else {
		out.Attempts = int32(min(max(*in.Attempts, 0), 1<<31-1))
	}
	if out.Attempts == 0 {
		return &route.Retry{From: out.From}
	}
	out.Backoff, _ = a.duration(in.Backoff, "retry", "backoff")
	out.On = slices.Clone(impliedRetries)
	for _, c := range in.Codes {
		out.Codes = append(out.Codes, uint32(c))
	}
	slices.Sort(out.Codes)
	out.Codes = slices.Compact(out.Codes)
	return out
}

// gatewayDuration is what the CRD takes (GEP-2257), a part of Go's durations.
var gatewayDuration = regexp.MustCompile(`^([0-9]{1,5}(h|m|s|ms)){1,4}$`)

// duration reads d, which stands at path; false where it is not written.
func (a *actionReader) duration(d *gatewayv1.Duration, path ...any) (time.Duration, bool) {
	if d == nil {
		return 0, false
	}
	read, err := time.ParseDuration(string(*d))
	if err != nil || !gatewayDuration.MatchString(string(*d)) {
		a.refuse(a.at(path...), "%q is no duration of up to four whole numbers with units, such as 1m30s; Kubernetes refuses the route.", *d)
		return 0, false
	}
	return read, true
}
