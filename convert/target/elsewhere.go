package target

// Elsewhere is a resource of an implementation's own that does what core Gateway API
// can't say. mesh2gw does not write it.
type Elsewhere struct {
	Target string // its name
	Rules  []string
	Fact   // Says: the resource and its field, for a sentence
}

// readLater is a fact that was read after the others.
func readLater(says, source string) Fact {
	return Fact{Says: says, Source: source, Date: "2026-11-23"}
}

// elsewhere lists them, by target. Resources that mesh2gw writes are not here.
var elsewhere = []Elsewhere{
	{"agentgateway", []string{"MG226"}, readLater("AgentgatewayPolicy, spec.backend.health.eviction (consecutiveFailures, duration)", "agentgateway/agentgateway: controller/api/v1alpha1/agentgateway/agentgateway_policy_types.go")},
	{"agentgateway", []string{"MG242"}, readLater("AgentgatewayPolicy, spec.backend.tls.mtlsCertificateRef", "agentgateway/agentgateway: controller/api/v1alpha1/agentgateway/agentgateway_policy_types.go")},

	{"nginx-gateway-fabric", []string{"MG220"}, readLater("UpstreamSettingsPolicy, spec.loadBalancingMethod", "https://docs.nginx.com/nginx-gateway-fabric/traffic-management/upstream-settings")},
	{"nginx-gateway-fabric", []string{"MG222"}, readLater("UpstreamSettingsPolicy, spec.loadBalancingMethod: hash consistent, with hashMethodKey", "https://github.com/nginx/nginx-gateway-fabric/pull/4325")},
	{"nginx-gateway-fabric", []string{"MG204", "MG206"}, readLater("UpstreamSettingsPolicy, spec.keepAlive (requests, time, timeout)", "https://docs.nginx.com/nginx-gateway-fabric/traffic-management/upstream-settings")},

	{"traefik", []string{"MG172", "MG175"}, readLater("Middleware, spec.retry, by an ExtensionRef filter of the rule", "https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/retry/")},
	{"traefik", []string{"MG164", "MG166"}, readLater("Middleware, spec.replacePathRegex, by an ExtensionRef filter of the rule", "https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/replacepathregex/")},
	{"traefik", []string{"MG182", "MG183"}, readLater("Middleware, spec.headers.accessControlAllowOriginListRegex, by an ExtensionRef filter of the rule", "https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/headers/")},
	{"traefik", []string{"MG201"}, readLater("Middleware, spec.inFlightReq (for the rule, not for the Service), by an ExtensionRef filter of the rule", "https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/inflightreq/")},

	{"kong", []string{"MG220", "MG222"}, readLater("KongUpstreamPolicy, spec.algorithm and spec.hashOn, by the annotation konghq.com/upstream-policy of the Service", "Kong/kubernetes-configuration: api/configuration/v1beta1/kongupstreampolicy_types.go")},
	{"kong", []string{"MG226"}, readLater("KongUpstreamPolicy, spec.healthchecks.passive, by the annotation konghq.com/upstream-policy of the Service", "https://developer.konghq.com/kubernetes-ingress-controller/service-health-checks")},
	{"kong", []string{"MG153", "MG154"}, readLater("KongPlugin request-termination, by an ExtensionRef filter of the rule", "https://developer.konghq.com/plugins/request-termination/")},
	{"kong", []string{"MG182", "MG183"}, readLater("KongPlugin cors (origins may be expressions), by an ExtensionRef filter of the rule", "https://developer.konghq.com/plugins/cors/")},

	{"gke", []string{"MG222"}, readLater("GCPBackendPolicy, spec.default.sessionAffinity (CLIENT_IP, or a cookie that the load balancer makes)", "https://docs.cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources")},
	{"gke", []string{"MG171"}, readLater("GCPBackendPolicy, spec.default.timeoutSec (for the Service)", "https://docs.cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources")},
	{"gke", []string{"MG303", "MG304", "MG306"}, readLater("GCPGatewayPolicy, spec.default.sslPolicy, which names an SSL policy of Google Cloud", "https://docs.cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources")},

	{"linkerd", []string{"MG226"}, readLater("the annotation balancer.linkerd.io/failure-accrual: consecutive of the Service", "https://linkerd.io/2/reference/circuit-breaking/")},
	{"linkerd", []string{"MG172", "MG175", "MG177"}, readLater("the annotations retry.linkerd.io/http, /limit and /timeout of the route", "https://linkerd.io/2/features/retries-and-timeouts")},
	{"linkerd", []string{"MG171"}, readLater("the annotations timeout.linkerd.io/request, /response and /idle of the route", "https://linkerd.io/2/features/retries-and-timeouts")},
}

// Elsewhere lists the resources of t that do what findings say is lost.
func (i *Implementation) Elsewhere() []Elsewhere {
	var all []Elsewhere
	for _, e := range elsewhere {
		if e.Target == i.Name {
			all = append(all, e)
		}
	}
	return all
}

// Instead is the resource of t that does what a finding of a rule says is
// lost; false where none is known.
func (t Target) Instead(rule string) (Elsewhere, bool) {
	for _, e := range t.Elsewhere() {
		for _, r := range e.Rules {
			if r == rule {
				return e, true
			}
		}
	}
	return Elsewhere{}, false
}
