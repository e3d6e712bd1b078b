package istiotest

import "strings"

// template is the object into which a path is put.
func template(kind string, steps []step) string {
	switch first := string(steps[0].field.Name()); {
	case kind == "VirtualService" && first == "tls":
		return virtualService + "  tls:\n  - match: [{port: 443, sniHosts: [shop.example.com]}]\n    route: [{destination: {host: web, port: {number: 80}}}]\n"
	case kind == "VirtualService" && first == "tcp":
		return strings.ReplaceAll(virtualService, "edge", "plain") + "  tcp:\n  - match: [{port: 9000}]\n    route: [{destination: {host: web, port: {number: 80}}}]\n"
	case kind == "VirtualService" && len(steps) > 2 && strings.HasPrefix(string(steps[2].field.Name()), "source_"):
		// Without gateways: the condition is on callers in the mesh.
		return head + "kind: VirtualService\nmetadata: {name: web, namespace: shop}\nspec:\n  hosts: [web]\n" +
			"  http:\n  - match: [{}]\n    route: [{destination: {host: web, port: {number: 80}}}]\n"
	case kind == "VirtualService":
		return virtualService + "  http:\n  - match: [{}]\n    route: [{destination: {host: web, port: {number: 80}}}]\n"
	case kind == "DestinationRule":
		return destinationRule
	case kind == "Gateway" && len(steps) > 1 && string(steps[1].field.Name()) == "tls":
		return tlsGateway(steps)
	case kind == "Gateway":
		return head + "kind: Gateway\nmetadata: {name: edge, namespace: shop}\nspec:\n  selector: {istio: ingressgateway}\n" +
			"  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]\n"
	}
	return head + "kind: ServiceEntry\nmetadata: {name: api, namespace: shop}\nspec:\n  hosts: [api.example.com]\n" +
		"  ports: [{number: 443, name: https, protocol: HTTPS}]\n  resolution: DNS\n  location: MESH_EXTERNAL\n"
}

// tlsGateway is a Gateway whose server fits the field of its TLS settings:
// httpsRedirect on a plain port, client certificates with MUTUAL.
func tlsGateway(steps []step) string {
	start := head + "kind: Gateway\nmetadata: {name: edge, namespace: shop}\nspec:\n  selector: {istio: ingressgateway}\n  servers:\n  - hosts: [shop.example.com]\n"
	if len(steps) < 3 {
		return start + "    port: {number: 443, name: https, protocol: HTTPS}\n    tls: {mode: SIMPLE, credentialName: shop-cert}\n"
	}
	switch string(steps[2].field.Name()) {
	case "https_redirect":
		return start + "    port: {number: 80, name: http, protocol: HTTP}\n    tls: {}\n"
	case "ca_certificates", "ca_crl", "ca_cert_credential_name", "subject_alt_names", "verify_certificate_spki", "verify_certificate_hash", "insecure_skip_verify":
		return start + "    port: {number: 443, name: https, protocol: HTTPS}\n    tls: {mode: MUTUAL, credentialName: shop-cert}\n"
	}
	return start + "    port: {number: 443, name: https, protocol: HTTPS}\n    tls: {mode: SIMPLE, credentialName: shop-cert}\n"
}

const head = "apiVersion: networking.istio.io/v1\n"

const virtualService = head + `kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [edge, edge-2]
`

const destinationRule = head + `kind: DestinationRule
metadata: {name: web, namespace: shop}
spec:
  host: web
  subsets:
  - name: v1
    labels: {version: v1}
`

const services = `---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80}, {name: admin, port: 81}]
---
apiVersion: v1
kind: Service
metadata: {name: other, namespace: shop}
spec:
  selector: {app: other}
  ports: [{name: http, port: 80}, {name: admin, port: 81}]
---
apiVersion: v1
kind: Service
metadata: {name: third, namespace: shop}
spec:
  selector: {app: third}
  ports: [{name: http, port: 80}]
`

// context is what the objects of a kind refer to.
var context = map[string]string{
	"VirtualService": services + `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: ["*.example.com"]
  - port: {number: 8080, name: http-alt, protocol: HTTP}
    hosts: ["*.example.com"]
  - port: {number: 443, name: tls, protocol: TLS}
    hosts: ["*.example.com"]
    tls: {mode: PASSTHROUGH}
  - port: {number: 8443, name: tls-alt, protocol: TLS}
    hosts: ["*.example.com"]
    tls: {mode: PASSTHROUGH}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge-2, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: ["*.example.com"]
  - port: {number: 443, name: tls, protocol: TLS}
    hosts: ["*.example.com"]
    tls: {mode: PASSTHROUGH}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: plain, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 9000, name: tcp, protocol: TCP}
    hosts: ["*.example.com"]
  - port: {number: 9001, name: tcp-alt, protocol: TCP}
    hosts: ["*.example.com"]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: plain-2, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 9000, name: tcp, protocol: TCP}
    hosts: ["*.example.com"]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec:
  host: web
  subsets: [{name: v1, labels: {version: v1}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: child, namespace: shop}
spec:
  http: [{route: [{destination: {host: other, port: {number: 80}}}]}]
`,
	"DestinationRule": services + `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
---
` + virtualService + `  http:
  - match: [{uri: {exact: /v1}}]
    route: [{destination: {host: web, subset: v1, port: {number: 80}}}]
  - route: [{destination: {host: web, port: {number: 80}}}]
`,
}

// skeletons are the least that messages hold wherever one is made.
var skeletons = map[string]string{
	"HTTPRoute":                "route: [{destination: {host: web, port: {number: 80}}}]",
	"HTTPRouteDestination":     "destination: {host: web, port: {number: 80}}",
	"RouteDestination":         "destination: {host: web, port: {number: 80}}",
	"Destination":              "{host: other, port: {number: 80}}",
	"PortSelector":             "number: 80",
	"HTTPRedirect":             "uri: /elsewhere",
	"HTTPDirectResponse":       "status: 503",
	"Delegate":                 "{name: child, namespace: shop}",
	"HTTPRewrite":              "authority: inner.example.com",
	"RegexRewrite":             "{match: ^/a(.*), rewrite: /b\\1}",
	"HTTPRetry":                "{attempts: 3, retryOn: gateway-error}",
	"HTTPFaultInjection.Delay": "{fixedDelay: 3s, percentage: {value: 10}}",
	"HTTPFaultInjection.Abort": "{httpStatus: 503, percentage: {value: 100}}",
	"HTTPMirrorPolicy":         "destination: {host: other, port: {number: 80}}",
	"Percent":                  "value: 10",
	"CorsPolicy":               "{allowOrigins: [{exact: \"https://shop.example.com\"}], maxAge: 60s}",
	"StringMatch":              "exact: sample",
	"L4MatchAttributes":        "port: 9000",

	"Subset":                                                     "{name: v1, labels: {version: v1}}",
	"ClientTLSSettings":                                          "{mode: SIMPLE, sni: web.example.com}",
	"TrafficPolicy.PortTrafficPolicy":                            "{port: {number: 80}}",
	"TrafficPolicy.TunnelSettings":                               "{targetHost: api.example.com, targetPort: 443}",
	"LoadBalancerSettings.ConsistentHashLB":                      "httpHeaderName: x-user",
	"LoadBalancerSettings.ConsistentHashLB.HTTPCookie":           "{name: user, ttl: 0s}",
	"LoadBalancerSettings.ConsistentHashLB.HTTPCookie.Attribute": "name: SameSite",
	"WarmupConfiguration":                                        "duration: 30s",

	"Port":                             "{number: 80, name: http, protocol: HTTP}",
	"ServerTLSSettings.TLSCertificate": "{serverCertificate: /etc/tls.crt, privateKey: /etc/tls.key}",
	"ServicePort":                      "{number: 443, name: https, protocol: HTTPS}",
	"WorkloadEntry":                    "address: 10.0.0.1",
}

// necessary are fields that every object of their kind has, so that the
// baseline keeps its own value.
var necessary = map[string]bool{
	"VirtualService.hosts": true, "VirtualService.gateways": true,
	"Destination.host": true, "PortSelector.number": true,
	"TLSMatchAttributes.sni_hosts": true,
	"DestinationRule.host":         true, "Subset.name": true, "Subset.labels": true,
	"Gateway.selector": true, "Server.hosts": true, "Port.number": true, "Port.protocol": true, "Port.name": true,
	"ServiceEntry.hosts": true,
}

// excludes are fields that go when one is written.
var excludes = map[string][]string{
	"HTTPRoute.redirect":        {"route", "rewrite", "mirror"},
	"HTTPRoute.direct_response": {"route"},
	"HTTPRoute.delegate":        {"route"},
	"HTTPRoute.mirrors":         {"mirror", "mirrorPercentage", "mirrorPercent"},

	"HTTPRedirect.prefix_rewrite":   {"uri"},
	"HTTPRewrite.uri_regex_rewrite": {"uri"},
	"CorsPolicy.allow_origin":       {"allowOrigins"},

	"ServerTLSSettings.ca_certificates":    {"credentialName"},
	"ServerTLSSettings.server_certificate": {"credentialName"},
	"ServerTLSSettings.credential_names":   {"credentialName"},
	"ServerTLSSettings.tls_certificates":   {"credentialName"},
	"ClientTLSSettings.ca_certificates":    {"credentialName"},
}

// requires are fields without which one has no effect.
var requires = map[string]map[string]any{
	"HTTPRoute.mirror_percent":         {"mirror": map[string]any{"host": "other", "port": map[string]any{"number": 80}}},
	"HTTPRoute.mirror_percentage":      {"mirror": map[string]any{"host": "other", "port": map[string]any{"number": 80}}},
	"HTTPMatchRequest.ignore_uri_case": {"uri": map[string]any{"exact": "/sample"}},
	"HTTPRedirect.derive_port":         {"scheme": "https"},

	"ServerTLSSettings.ca_certificates":    {"serverCertificate": "/etc/tls.crt", "privateKey": "/etc/tls.key"},
	"ClientTLSSettings.client_certificate": {"mode": "MUTUAL", "privateKey": "/etc/client.key"},
	"ClientTLSSettings.private_key":        {"mode": "MUTUAL", "clientCertificate": "/etc/client.crt"},
}

// special are the values to try where the kind of a field says too little. The
// later ones are those that show where a field is kept in part only.
var special = map[string][]any{
	"VirtualService.hosts":     {"other.example.com", "outside.test"},
	"VirtualService.gateways":  {"missing"},
	"VirtualService.export_to": {"."},

	"HTTPRoute.name":               {"first", "The_First"},
	"HTTPRoute.timeout":            {"3s", "1.0000005s"},
	"HTTPRoute.mirror_percent":     {10, 0},
	"HTTPMatchRequest.port":        {8080},
	"HTTPMatchRequest.gateways":    {"shop/edge", "missing"},
	"TLSMatchAttributes.port":      {8443},
	"TLSMatchAttributes.gateways":  {"shop/edge", "missing"},
	"L4MatchAttributes.port":       {9001},
	"L4MatchAttributes.gateways":   {"shop/plain", "missing"},
	"TLSMatchAttributes.sni_hosts": {"other.example.com", "*"},

	"TLSMatchAttributes.destination_subnets": {"10.0.0.0/8"},
	"L4MatchAttributes.destination_subnets":  {"10.0.0.0/8"},
	"L4MatchAttributes.source_subnet":        {"10.0.0.0/8"},

	"StringMatch.exact":  {"/sample", ""},
	"StringMatch.prefix": {"/sample", "sam"},
	"StringMatch.regex":  {"/sample.*", "sample|other", "(?i)s[a-m]+x?"},

	"HTTPMatchRequest.scheme StringMatch.exact":    {"http", "https"},
	"HTTPMatchRequest.method StringMatch.exact":    {"GET", "BREW"},
	"HTTPMatchRequest.authority StringMatch.exact": {"shop.example.com", "shop.example.com:80"},

	"HTTPRouteDestination.weight": {7},
	"Destination.host":            {"third", "api.example.com"},
	"Destination.subset":          {"v1", "v9"},
	"PortSelector.number":         {81, 90},

	"Headers.HeaderOperations.set":    {"sample", "%REQ(x-other)%"},
	"Headers.HeaderOperations.add":    {"sample", "%REQ(x-other)%"},
	"Headers.HeaderOperations.remove": {"x-sample", ":path"},

	"HTTPRedirect.uri":            {"/elsewhere/else", "no slash"},
	"HTTPRedirect.authority":      {"new.example.com", "*.example.com"},
	"HTTPRedirect.scheme":         {"https", "ftp"},
	"HTTPRedirect.redirect_code":  {302, 304},
	"HTTPRedirect.prefix_rewrite": {"/new"},
	"HTTPRedirect.derive_port":    {"FROM_REQUEST_PORT"},
	"HTTPRewrite.uri":             {"/new", "/"},
	"HTTPRewrite.authority":       {"new.example.com", "new.example.com:8080"},
	"HTTPDirectResponse.status":   {503, 200},
	"Delegate.name":               {"child", "missing"},
	"Delegate.namespace":          {"shop", "missing"},

	"HTTPRetry.attempts":        {5},
	"HTTPRetry.retry_on":        {"gateway-error,503", "reset,cancelled"},
	"HTTPRetry.per_try_timeout": {"2s", "1.0000005s"},
	"HTTPRetry.backoff":         {"1s", "1.0000005s"},

	"HTTPFaultInjection.Abort.http_status": {503},
	"HTTPFaultInjection.Abort.grpc_status": {"UNAVAILABLE"},
	"Percent.value":                        {10, 0, 100, 0.3},

	"CorsPolicy.allow_origin":      {"https://old.example.com", "shop"},
	"CorsPolicy.allow_methods":     {"GET", "BREW"},
	"CorsPolicy.allow_headers":     {"x-sample", "*", "x sample"},
	"CorsPolicy.expose_headers":    {"x-sample", "*", "x sample"},
	"CorsPolicy.max_age":           {"90s", "0s"},
	"CorsPolicy.allow_credentials": {true, false},

	"DestinationRule.host":      {"other"},
	"DestinationRule.export_to": {"."},
	"Subset.name":               {"v2"},

	"LoadBalancerSettings.simple":                                      {"ROUND_ROBIN", "LEAST_REQUEST", "LEAST_CONN", "RANDOM", "PASSTHROUGH"},
	"ClientTLSSettings.mode":                                           {"SIMPLE", "MUTUAL", "ISTIO_MUTUAL", "DISABLE"},
	"ClientTLSSettings.sni":                                            {"other.example.com", "*.example.com"},
	"ClientTLSSettings.subject_alt_names":                              {"web.example.com", []any{"a.example.com", "b.example.com", "c.example.com", "d.example.com", "e.example.com", "f.example.com"}},
	"ConnectionPoolSettings.HTTPSettings.h2_upgrade_policy":            {"UPGRADE"},
	"TrafficPolicy.TunnelSettings.protocol":                            {"CONNECT"},
	"LoadBalancerSettings.ConsistentHashLB.RingHash.minimum_ring_size": {1024},
	"LoadBalancerSettings.ConsistentHashLB.MagLev.table_size":          {65537},

	"Gateway.selector":                       {"sample"},
	"Server.bind":                            {"127.0.0.1"},
	"Server.hosts":                           {"other.example.com", "*foo.example.com"},
	"Port.number":                            {8080},
	"Port.protocol":                          {"TCP", "UDP"},
	"ServerTLSSettings.mode":                 {"MUTUAL", "OPTIONAL_MUTUAL", "ISTIO_MUTUAL", "AUTO_PASSTHROUGH", "PASSTHROUGH"},
	"ServerTLSSettings.min_protocol_version": {"TLSV1_3", "TLSV1_2", "TLSV1_1", "TLSV1_0"},
	"ServerTLSSettings.max_protocol_version": {"TLSV1_2", "TLSV1_3", "TLSV1_1", "TLSV1_0"},
	"ServerTLSSettings.credential_name":      {"other-cert"},

	"ServiceEntry.hosts": {"other.example.com"},
}
