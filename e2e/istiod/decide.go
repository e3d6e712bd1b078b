package istiod

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// decision is what a proxy does with a request, by aspect, in a normal form:
// two decisions are the same when all aspects are.
type decision map[string]string

// door is a place where requests come in: a Gateway's port, or, without
// gateway, the sidecar of a client.
type door struct {
	gateway string // namespace/name
	port    uint32
	client  client
}

// unserved is the outcome where no route, or no listener even, takes a request.
const unserved = "404"

func (d door) String() string {
	if d.gateway == "" {
		return fmt.Sprintf("caller %s to port %d", d.client, d.port)
	}
	return fmt.Sprintf("gateway %s port %d", d.gateway, d.port)
}

func (w *world) viewOf(d door) *view {
	if d.gateway == "" {
		return w.sidecar(d.client)
	}
	return w.gateway(d.gateway)
}

// decide sends a request through a door. The error says what could not be
// evaluated; the decision is then worth nothing.
func (w *world) decide(d door, r request) (out decision, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case unsupported:
			err = fmt.Errorf("not judged: %s", string(p))
		default:
			panic(p)
		}
	}()
	v := w.viewOf(d)
	if v == nil {
		return decision{"outcome": unserved}, nil
	}
	config := v.routesAt(d, r.Host)
	host := virtualHost(config, r.Host)
	if host == nil {
		return decision{"outcome": unserved}, nil
	}
	secure := v.secure(d, r.Host)
	r.scheme = "http"
	if secure {
		r.scheme = "https"
	}
	if host.GetRequireTls() == routev3.VirtualHost_ALL && !secure {
		return decision{"outcome": "redirect", "redirect": "301 " + (&url.URL{Scheme: "https", Host: r.Host, Path: r.Path, RawQuery: rawQuery(r)}).String()}, nil
	}
	for _, route := range host.GetRoutes() {
		if matches(route.GetMatch(), r) {
			e := effect{view: v, config: config, host: host, route: route, request: r, out: decision{}}
			e.run()
			return e.out, nil
		}
	}
	return decision{"outcome": unserved}, nil
}

// secure tells whether a gateway terminates TLS for a host.
func (v *view) secure(d door, host string) bool {
	for _, l := range v.listeners {
		if d.gateway != "" && l.GetAddress().GetSocketAddress().GetPortValue() == d.port {
			return chainFor(l.GetFilterChains(), host).GetTransportSocket() != nil
		}
	}
	return false
}

// effect works out what one route does with one request.
type effect struct {
	view    *view
	config  *routev3.RouteConfiguration
	host    *routev3.VirtualHost
	route   *routev3.Route
	request request
	out     decision
}

func (e *effect) set(aspect, value string) {
	if value != "" {
		e.out[aspect] = value
	}
}

func (e *effect) run() {
	e.filters()
	switch action := e.route.GetAction().(type) {
	case *routev3.Route_Redirect:
		e.set("outcome", "redirect")
		e.set("redirect", e.location(action.Redirect))
		e.set("responseHeaders", e.responseHeaders(nil))
	case *routev3.Route_DirectResponse:
		e.set("outcome", fmt.Sprint(action.DirectResponse.GetStatus()))
		e.set("body", action.DirectResponse.GetBody().GetInlineString())
		e.set("responseHeaders", e.responseHeaders(nil))
	case *routev3.Route_Route:
		e.set("outcome", "forward")
		e.forward(action.Route)
	default:
		panic(unsupported(fmt.Sprintf("route action %T", action)))
	}
	e.set("other", leftover(e.route, "name", "match", "route", "redirect", "direct_response", "metadata", "decorator", "typed_per_filter_config",
		"request_headers_to_add", "request_headers_to_remove", "response_headers_to_add", "response_headers_to_remove", "stat_prefix"))
}

func (e *effect) forward(a *routev3.RouteAction) {
	e.destinations(a)
	e.set("path", e.rewritten(a))
	e.set("timeout", timeout(a))
	e.retry(a)
	e.mirrors(a)
	for _, h := range a.GetHashPolicy() {
		if one := text(h) + ";"; !strings.Contains(e.out["hash"], one) { // for each destination of a Service, Istio says the same again
			e.out["hash"] += one
		}
	}
	e.set("otherAction", leftover(a, "cluster", "weighted_clusters", "cluster_not_found_response_code", "prefix_rewrite", "regex_rewrite",
		"host_rewrite_literal", "auto_host_rewrite", "append_x_forwarded_host", "timeout", "max_stream_duration", "max_grpc_timeout",
		"retry_policy", "request_mirror_policies", "hash_policy"))
}

// destinations shares the requests among Pods; what is done to headers and host
// belongs to the share.
func (e *effect) destinations(a *routev3.RouteAction) {
	clusters := []*routev3.WeightedCluster_ClusterWeight{nil}
	if weighted := a.GetWeightedClusters(); weighted != nil {
		clusters = weighted.GetClusters()
	} else if a.GetCluster() == "" {
		panic(unsupported(fmt.Sprintf("cluster specifier %T", a.GetClusterSpecifier())))
	}
	shares, requests, responses, hosts := map[string]float64{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	total := 0.0
	for _, c := range clusters {
		name, weight := a.GetCluster(), 1.0
		if c != nil {
			name, weight = c.GetName(), float64(c.GetWeight().GetValue())
		}
		if weight == 0 {
			continue
		}
		total += weight
		pods := e.pods(name, a)
		shares[pods] += weight
		requests[pods+" gets "+e.requestHeaders(c)] = true
		responses[pods+" gets "+e.responseHeaders(c)] = true
		hosts[pods+" gets "+e.authority(a, c)] = true
	}
	var out []string
	for _, pods := range sorted(shares) {
		out = append(out, fmt.Sprintf("%.4g%% %s", 100*shares[pods]/total, pods))
	}
	e.set("backends", strings.Join(out, " + "))
	e.set("requestHeaders", perBackend(requests))
	e.set("responseHeaders", perBackend(responses))
	e.set("authority", perBackend(hosts))
}

// perBackend writes what holds for all backends once.
func perBackend(lines map[string]bool) string {
	same := map[string]bool{}
	for l := range lines {
		_, what, _ := strings.Cut(l, " gets ")
		same[what] = true
	}
	if len(same) == 1 {
		return sorted(same)[0]
	}
	return strings.Join(sorted(lines), "; ")
}

// pods are those behind a cluster.
func (e *effect) pods(cluster string, a *routev3.RouteAction) string {
	switch {
	case cluster == "PassthroughCluster" || cluster == "BlackHoleCluster":
		return cluster
	case e.view.clusters[cluster] == nil:
		return map[routev3.RouteAction_ClusterNotFoundResponseCode]string{
			routev3.RouteAction_SERVICE_UNAVAILABLE: "nothing (503)", routev3.RouteAction_NOT_FOUND: "nothing (404)",
			routev3.RouteAction_INTERNAL_SERVER_ERROR: "nothing (500)",
		}[a.GetClusterNotFoundResponseCode()]
	case e.view.endpoints[cluster] == "":
		return "nothing (503)"
	}
	return e.view.endpoints[cluster]
}

// authority is the Host that the backend sees.
func (e *effect) authority(a *routev3.RouteAction, c *routev3.WeightedCluster_ClusterWeight) string {
	switch {
	case c.GetHostRewriteLiteral() != "":
		return c.GetHostRewriteLiteral()
	case a.GetHostRewriteLiteral() != "":
		return a.GetHostRewriteLiteral()
	case a.GetAutoHostRewrite().GetValue():
		return "the backend's own"
	}
	return e.request.Host
}

// rewritten is the path that the backend sees.
func (e *effect) rewritten(a *routev3.RouteAction) string {
	path := e.request.Path
	switch {
	case a.GetPrefixRewrite() != "":
		part, _ := matchedPath(e.route.GetMatch(), path)
		return a.GetPrefixRewrite() + path[len(part):]
	case a.GetRegexRewrite() != nil:
		return substitute(a.GetRegexRewrite().GetPattern().GetRegex(), a.GetRegexRewrite().GetSubstitution(), path)
	}
	return path
}

// substitute replaces by RE2's notation, in which \1 is the first group.
func substitute(expression, by, path string) string {
	var template strings.Builder
	for i := 0; i < len(by); i++ {
		switch {
		case by[i] == '$':
			template.WriteString("$$")
		case by[i] == '\\' && i+1 < len(by) && by[i+1] >= '0' && by[i+1] <= '9':
			i++
			fmt.Fprintf(&template, "${%c}", by[i])
		default:
			template.WriteByte(by[i])
		}
	}
	return compiled(expression).ReplaceAllString(path, template.String())
}

// location is the redirect that the client gets.
func (e *effect) location(a *routev3.RedirectAction) string {
	to := url.URL{Scheme: e.request.scheme, Host: e.request.Host, RawQuery: rawQuery(e.request)}
	path := e.request.Path
	if a.GetHttpsRedirect() {
		to.Scheme = "https"
	}
	if a.GetSchemeRedirect() != "" {
		to.Scheme = a.GetSchemeRedirect()
	}
	if a.GetHostRedirect() != "" {
		to.Host = a.GetHostRedirect()
	}
	if p := a.GetPortRedirect(); p != 0 && fmt.Sprint(to.Scheme, p) != "http80" && fmt.Sprint(to.Scheme, p) != "https443" {
		to.Host = fmt.Sprintf("%s:%d", to.Hostname(), p)
	}
	switch p := a.GetPathRewriteSpecifier().(type) {
	case *routev3.RedirectAction_PathRedirect:
		path = cmp.Or(p.PathRedirect, path)
	case *routev3.RedirectAction_PrefixRewrite:
		part, _ := matchedPath(e.route.GetMatch(), path)
		path = p.PrefixRewrite + path[len(part):]
	case *routev3.RedirectAction_RegexRewrite:
		path = substitute(p.RegexRewrite.GetPattern().GetRegex(), p.RegexRewrite.GetSubstitution(), path)
	}
	if a.GetStripQuery() {
		to.RawQuery = ""
	}
	to.Path, to.RawPath = path, path
	code := map[routev3.RedirectAction_RedirectResponseCode]int{
		routev3.RedirectAction_MOVED_PERMANENTLY: 301, routev3.RedirectAction_FOUND: 302, routev3.RedirectAction_SEE_OTHER: 303,
		routev3.RedirectAction_TEMPORARY_REDIRECT: 307, routev3.RedirectAction_PERMANENT_REDIRECT: 308,
	}
	return fmt.Sprintf("%d %s", code[a.GetResponseCode()], to.String())
}

func rawQuery(r request) string {
	values := url.Values{}
	for k, v := range r.Query {
		values.Set(k, v)
	}
	return values.Encode()
}

// leftover is the text of a message without the fields that the caller reads,
// so that nothing passes unseen.
func leftover(m proto.Message, known ...protoreflect.Name) string {
	rest := ""
	m.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		if !slices.Contains(known, f.Name()) {
			rest += string(f.Name()) + " "
		}
		return true
	})
	if rest == "" {
		return ""
	}
	return rest + text(m)
}

// text is one line that is the same for equal messages.
func text(m proto.Message) string {
	return strings.Join(strings.Fields(prototext.MarshalOptions{}.Format(m)), " ")
}
