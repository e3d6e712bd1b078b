package target

// read is the day on which the sources of hand-kept facts were read, unless a
// fact says another one.
const read = "2026-11-22"

// envoyTimeout is Envoy's own, which a control plane may change.
const envoyTimeout = "Envoy RouteAction.timeout (go-control-plane v1.37.0, route_components.pb.go); what the control plane sets was not read"

// fromEnvoy is Envoy's for implementations that may change it.
var fromEnvoy = Fact{"15 s", envoyTimeout, read, true}

func fact(says, source string) Fact { return Fact{Says: says, Source: source, Date: read} }
func guessed(says, source string) Fact {
	return Fact{Says: says, Source: source, Date: read, Inferred: true}
}

// implementations are the facts that no conformance report has, in the order of
// tables: those that serve most first. What is left empty is not known.
var implementations = []Implementation{
	{
		Name: "istio", Title: "Istio", Gateways: Yes, Mesh: Yes, MeshAlike: true,
		Timeout:   fact("none", "istio 1.31 pilot/pkg/config/kube/gateway/conversion.go, and pilot/pkg/networking/core/route/route.go"),
		Retries:   fact("2 on connection failures", "istio 1.31 pilot/pkg/networking/core/route/retry/retry.go, DefaultPolicy"),
		Paths:     fact("RE2", "Envoy safe_regex (go-control-plane v1.37.0, regex.pb.go)"),
		Anchoring: Whole, PathRegex: Yes,
		Rank:     fact("after every prefix, the longer first", "istio 1.31 pilot/pkg/config/kube/gateway/conversion.go, sortHTTPRoutes"),
		Sessions: fact("no, ignored", "istio 1.31 pilot/pkg/config/kube/gateway/conversion.go"),
		Auth:     fact("no, the route is refused", "istio 1.31 pilot/pkg/config/kube/gateway/conversion.go"),
		Also: map[string]Fact{
			HeaderRegex:            fact("yes", "istio 1.31 pilot/pkg/config/kube/gateway/conversion.go"),
			QueryRegex:             fact("yes", "istio 1.31 pilot/pkg/config/kube/gateway/conversion.go"),
			GRPCRegex:              fact("yes", "istio 1.31 pilot/pkg/config/kube/gateway/conversion.go"),
			BackendResponseHeaders: fact("yes", "istio 1.31 pilot/pkg/config/kube/gateway/conversion.go, filters of backendRefs"),
			MeshGRPCRoute:          fact("yes", "istio 1.31 pilot/pkg/config/kube/gateway/conversion.go"),
			MeshTLSRoute:           fact("yes", "istio 1.31 pilot/pkg/config/kube/gateway/conversion.go"),
			MeshTCPRoute:           fact("yes", "istio 1.31 pilot/pkg/config/kube/gateway/conversion.go"),
		},
		Breaks: []string{BackendURLRewrite},
		Seen: map[string]Fact{
			BackendURLRewrite: fact("the route as a whole is refused", "istio 1.31 pilot/pkg/config/kube/gateway/conversion.go, unsupported filter type"),
		},
	},
	{
		Name: "envoy-gateway", Title: "Envoy Gateway", Gateways: Yes, Mesh: No,
		Timeout:   fact("15 s", "https://gateway.envoyproxy.io/latest/tasks/traffic/http-timeouts/"),
		Retries:   fact("none", "envoyproxy/gateway v1.9.1 api/v1alpha1/shared_types.go, Retry"),
		Paths:     fact("RE2", "envoyproxy/gateway v1.9.1 internal/gatewayapi/route.go"),
		Anchoring: Whole, PathRegex: Yes,
		Rank:     fact("before every prefix, the longer first; a method counts as a header", "envoyproxy/gateway v1.9.1 internal/gatewayapi/sort.go"),
		Sessions: fact("cookie and header, in the shape of 1.6", "envoyproxy/gateway v1.9.1 internal/gatewayapi/route.go"),
		Auth:     fact("no, the route is refused", "envoyproxy/gateway v1.9.1 internal/gatewayapi/filters.go"),
		Also: map[string]Fact{
			HeaderRegex: fact("yes", "envoyproxy/gateway v1.9.1 internal/gatewayapi/route.go, processHTTPRouteRule"),
			QueryRegex:  fact("yes", "envoyproxy/gateway v1.9.1 internal/gatewayapi/route.go, processHTTPRouteRule"),
		},
	},
	{
		Name: "kgateway", Title: "kgateway", Gateways: Yes, Mesh: No,
		Timeout:   fact("15 s", "Envoy RouteAction.timeout (go-control-plane v1.37.0, route_components.pb.go), which kgateway v2.4.0 leaves as it is"),
		Retries:   fact("none", "kgateway v2.4.0 pkg/kgateway/translator/irtranslator/route.go"),
		Paths:     fact("RE2", "kgateway v2.4.0 pkg/kgateway/translator/irtranslator/route.go"),
		Anchoring: Whole, PathRegex: Yes,
		Rank:     fact("before every prefix, not by length", "kgateway v2.4.0 pkg/kgateway/translator/routeutils/sortable_route.go, lessPath"),
		Sessions: fact("behind an experimental switch", "kgateway v2.4.0 pkg/krtcollections/builtin.go"),
		Auth:     fact("no", "kgateway v2.4.0 pkg/krtcollections/builtin.go"),
		Also: map[string]Fact{
			HeaderRegex: fact("yes", "kgateway v2.4.0 pkg/kgateway/translator/irtranslator/route.go, envoyHeaderMatcher and envoyQueryMatcher"),
			QueryRegex:  fact("yes", "kgateway v2.4.0 pkg/kgateway/translator/irtranslator/route.go, envoyHeaderMatcher and envoyQueryMatcher"),
		},
	},
	{
		Name: "agentgateway", Title: "agentgateway", Gateways: Yes, Mesh: No,
		About:     "An expression matches where the first match that it finds is the whole path: a|ab does not take ab.",
		Paths:     fact("Rust regex", "agentgateway 75b4e6ce6 (behind v1.4.1) crates/agentgateway/src/http/route.rs"),
		Anchoring: Whole, PathRegex: Yes,
		Rank: fact("among prefixes, by length", "agentgateway 75b4e6ce6 (behind v1.4.1) crates/agentgateway/src/types/agent.rs, compare_route"),
		Auth: fact("yes", "agentgateway 75b4e6ce6 (behind v1.4.1), filters of routes"),
		Also: map[string]Fact{
			HeaderRegex: fact("yes", "kgateway v2.2.0, agentgateway's CreateAgwHeadersMatch"),
			QueryRegex:  fact("yes", "kgateway v2.2.0, agentgateway's buildQueryMatchFromGW"),
		},
	},
	{
		Name: "cilium", Title: "Cilium", Gateways: Yes, Mesh: Yes,
		Timeout:   fromEnvoy,
		Paths:     fact("RE2", "cilium v1.20.2 operator/pkg/model/translation/envoy_virtual_host.go"),
		Anchoring: Whole, PathRegex: Yes,
		Rank: fact("before every prefix, the longer first", "cilium v1.20.2 operator/pkg/model/translation/envoy_virtual_host.go, SortableRoute"),
		Auth: fact("no", "cilium v1.20.2 operator/pkg/gateway-api"),
		Also: map[string]Fact{
			HeaderRegex: fact("yes", "cilium v1.20.2 operator/pkg/model/ingestion/gateway.go"),
			QueryRegex:  fact("yes", "cilium v1.20.2 operator/pkg/model/ingestion/gateway.go"),
			GRPCRegex:   fact("yes", "cilium v1.20.2 operator/pkg/model/ingestion/gateway.go"),
		},
	},
	{
		Name: "nginx-gateway-fabric", Title: "NGINX Gateway Fabric", Gateways: Yes, Mesh: No,
		About:     "An expression has to begin with / and may hold no {, }, ; or space. Before 2.5 it was compared with any part of the path, and expressions were not ordered.",
		Timeout:   guessed("60 s between two reads", "NGINX proxy_read_timeout; what the control plane sets was not read"),
		Retries:   guessed("the next server, on errors and timeouts", "NGINX proxy_next_upstream; what the control plane sets was not read"),
		Paths:     fact("PCRE", "nginx/nginx-gateway-fabric e55bfe339 (behind v2.6.0) internal/controller/nginx/config/servers.go, createPath"),
		Anchoring: Start, NoCaret: true, PathRegex: Yes,
		Rank:     fact("before every prefix, the longer first", "nginx/nginx-gateway-fabric v2.5.0 internal/controller/state/dataplane/sort.go, sortPathRules"),
		Sessions: fact("cookie, NGINX Plus only", "nginx/nginx-gateway-fabric e55bfe339 (behind v2.6.0), documentation"),
		Also: map[string]Fact{
			HeaderRegex: fact("yes", "https://github.com/nginx/nginx-gateway-fabric/issues/1965, closed as done"),
			QueryRegex:  fact("yes", "https://github.com/nginx/nginx-gateway-fabric/issues/1965, closed as done"),
			GRPCRegex:   fact("yes", "https://github.com/nginx/nginx-gateway-fabric/issues/1965, closed as done"),
		},
	},
	{
		Name: "traefik", Title: "Traefik", Gateways: Yes, Mesh: No,
		About:     "A route with a filter that Traefik lacks is accepted all the same.",
		Paths:     fact("Go regexp", "traefik PathRegexp; seen with Traefik 3.7.13"),
		Anchoring: Nowhere, PathRegex: Yes,
		Rank:   fact("among prefixes, by length, and a method counts as 10 characters", "traefik v3.7.13 pkg/provider/kubernetes/gateway/httproute.go, buildPathRule and buildMatchRule"),
		Breaks: []string{"HTTPRouteRequestMirror", "HTTPRouteCORS"},
		Seen: map[string]Fact{
			"HTTPRouteRequestMirror":  fact("every request of the route is answered with 500, though the route is accepted", "seen with Traefik 3.7.13"),
			"HTTPRouteCORS":           fact("every request of the route is answered with 500, though the route is accepted", "seen with Traefik 3.7.13"),
			"HTTPRouteRequestTimeout": fact("the timeout is ignored, though the route is accepted", "seen with Traefik 3.7.13"),
		},
		Also: map[string]Fact{
			HeaderRegex: fact("yes", "seen with Traefik 3.7.13"),
		},
	},
	{
		Name: "contour", Title: "Contour", Gateways: Yes, Mesh: No,
		About:     "The newest report is of November 2025, and knows no feature that came later.",
		Timeout:   fromEnvoy,
		Paths:     fact("RE2", "projectcontour/contour v1.33.8 internal/dag"),
		Anchoring: Whole, PathRegex: Yes,
		Rank: fact("before every prefix, the longer first", "projectcontour/contour v1.33.8 internal/sorter"),
		Auth: fact("no", "projectcontour/contour v1.33.8 internal/dag"),
		Also: map[string]Fact{
			"TCPRoute":  fact("yes", "projectcontour/contour v1.33.8 internal/dag/gatewayapi_processor.go, computeTCPRouteForListener"),
			HeaderRegex: fact("yes", "projectcontour/contour v1.33.8 internal/dag/gatewayapi_processor.go"),
			QueryRegex:  fact("yes", "projectcontour/contour v1.33.8 internal/dag/gatewayapi_processor.go"),
			GRPCRegex:   fact("yes", "projectcontour/contour v1.33.8 internal/dag/gatewayapi_processor.go"),
		},
	},
	{
		Name: "kong", Title: "Kong", Gateways: Yes, Mesh: No,
		About:     "The router decides on the features: versions with -expressions are for its flavour expressions, others for traditional_compatible.",
		Timeout:   guessed("60 s between two reads", "Kong Gateway, read_timeout of a Service; what the operator sets was not read"),
		Retries:   guessed("5 on connection failures", "Kong Gateway, retries of a Service; what the operator sets was not read"),
		Paths:     fact("Rust regex or PCRE, by the router", "Kong/kubernetes-ingress-controller 1fa68f864 (behind v3.5.0), translation of paths"),
		Anchoring: Start, PathRegex: Yes,
	},
	{
		Name: "haproxy", Title: "HAProxy Ingress (N42)", Gateways: Yes, Mesh: No,
		About: "The community's HAProxy Ingress, renamed N42 Gateway; there is no report of HAProxy Technologies.",
	},
	{
		Name: "gke", Title: "GKE Gateway", Gateways: Yes, Mesh: No,
		About:   "Reported for the class gke-l7-regional-external-managed, and for HTTP alone.",
		Timeout: guessed("30 s", "Google Cloud, timeoutSec of a backend service"),
	},
	{
		Name: "linkerd", Title: "Linkerd", Gateways: No, Mesh: Yes,
		About:     "A mesh alone: another implementation serves the Gateways.",
		Timeout:   fact("none", "https://linkerd.io/2/reference/timeouts/"),
		Retries:   fact("none", "https://linkerd.io/2/reference/retries/"),
		Paths:     fact("Rust regex", "linkerd/linkerd2-proxy 29637b64f (behind v2.366.0), match/path.rs"),
		Anchoring: Whole, PathRegex: Yes,
		Rank: fact("by how much of the path was matched", "linkerd/linkerd2-proxy 29637b64f (behind v2.366.0), match/path.rs"),
		MeshAlso: map[string]Fact{
			"HTTPRouteRequestTimeout": fact("yes", "https://linkerd.io/2/reference/timeouts/"),
		},
	},
}
