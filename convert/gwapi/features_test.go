package gwapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mesh2gw/mesh2gw/convert/gwapi"
)

const usesInput = `
kind: HTTPRoute
metadata: {name: edge}
spec:
  parentRefs: [{name: edge, port: 80}, {group: "", kind: Service, name: web}]
  rules:
  - name: first
    matches:
    - method: GET
    - path: {type: RegularExpression, value: "/[a-z]+"}
      headers: [{name: a, type: RegularExpression, value: ".*"}, {name: b, value: x}]
    filters:
    - {type: RequestMirror, requestMirror: {backendRef: {name: a, port: 80}}}
    - {type: RequestMirror, requestMirror: {backendRef: {name: b, port: 80}, percent: 100}}
    - {type: RequestHeaderModifier, requestHeaderModifier: {remove: [x]}}
    backendRefs: [{name: web, port: 80}]
    timeouts: {request: 3s, backendRequest: 1s}
    retry: {attempts: 2}
  - matches: [{queryParams: [{name: q, value: x}]}, {method: PUT}]
    filters:
    - {type: RequestMirror, requestMirror: {backendRef: {name: a, port: 80}, percent: 5}}
    - {type: URLRewrite, urlRewrite: {hostname: a.example.com}}
    - {type: CORS, cors: {allowOrigins: ["*"]}}
    backendRefs:
    - name: web
      port: 80
      filters:
      - {type: RequestHeaderModifier, requestHeaderModifier: {remove: [x]}}
      - {type: ResponseHeaderModifier, responseHeaderModifier: {remove: [x]}}
    retry: {attempts: 0}
  - filters: [{type: RequestRedirect, requestRedirect: {scheme: https, port: 8443, statusCode: 308, path: {type: ReplaceFullPath, replaceFullPath: /}}}]
---
kind: HTTPRoute
metadata: {name: plain}
spec:
  parentRefs: [{name: edge}]
  rules:
  - matches: [{path: {type: PathPrefix, value: /}, headers: [{name: b, value: x}]}]
    filters: [{type: RequestRedirect, requestRedirect: {hostname: b.example.com, statusCode: 301}}]
---
kind: Gateway
metadata: {name: isolated}
spec:
  gatewayClassName: x
  infrastructure: {annotations: {a: b}}
  addresses: [{value: 192.0.2.1}]
  tls: {frontend: {default: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}], mode: AllowInsecureFallback}}}}
  listeners:
  - {name: a, port: 80, protocol: HTTP, hostname: "*.example.com"}
  - {name: b, port: 80, protocol: HTTP, hostname: a.example.com}
  - {name: c, port: 443, protocol: TLS, hostname: a.example.com, tls: {mode: Passthrough}}
  - {name: d, port: 443, protocol: TLS, hostname: b.example.com, tls: {mode: Terminate}}
---
kind: Gateway
metadata: {name: apart}
spec:
  gatewayClassName: x
  listeners:
  - {name: a, port: 80, protocol: HTTP, hostname: "*.example.com"}
  - {name: b, port: 80, protocol: HTTP, hostname: example.com}
  - {name: c, port: 8080, protocol: HTTP}
  - {name: d, port: 443, protocol: TLS, tls: {mode: Passthrough}}
---
kind: GRPCRoute
metadata: {name: grpc}
spec:
  parentRefs: [{name: edge}]
  rules: [{matches: [{headers: [{name: a, type: RegularExpression, value: ".*"}]}]}]
---
kind: TCPRoute
metadata: {name: tcp}
spec:
  parentRefs: [{group: "", kind: Service, name: db}]
  rules: [{backendRefs: [{name: db, port: 80}]}]
`

const usesWanted = `HTTPRoute edge:
  HTTPRoute
  HTTPRouteMethodMatching 0 1
  HTTPRouteQueryParamMatching 1
  HTTPRoutePathRegularExpression 0
  HTTPRouteHeaderRegularExpression 0
  HTTPRouteParentRefPort
  HTTPRouteRequestTimeout 0
  HTTPRouteBackendTimeout 0
  HTTPRouteRetry 0
  HTTPRouteRetryBackendTimeout 0
  HTTPRouteCORS 1
  HTTPRouteRequestMirror 0 1
  HTTPRouteRequestMultipleMirrors 0
  HTTPRouteRequestPercentageMirror 1
  HTTPRouteHostRewrite 1
  HTTPRouteBackendRequestHeaderModification 1
  HTTPRouteBackendResponseHeaderModification 1
  HTTPRouteSchemeRedirect 2
  HTTPRoutePortRedirect 2
  HTTPRoutePathRedirect 2
  HTTPRoute308RedirectStatusCode 2
  HTTPRouteNamedRouteRule 0
  in the mesh the same, with MeshHTTPRoute
HTTPRoute plain:
  HTTPRoute
Gateway isolated:
  TLSRouteModeTerminate
  TLSRouteModeMixed
  GatewayFrontendClientCertificateValidation
  GatewayFrontendClientCertificateValidationInsecureFallback
  GatewayHTTPListenerIsolation
  GatewayStaticAddresses
  GatewayInfrastructurePropagation
Gateway apart:
GRPCRoute grpc:
  GRPCRoute
  GRPCRouteRegularExpression 0
TCPRoute tcp:
  in the mesh only: MeshTCPRoute
`

// Uses finds what each object makes use of, and by which of its rules; what every
// implementation has to serve is no use.
func TestUses(t *testing.T) {
	input := strings.ReplaceAll(usesInput, "\nkind:", "\napiVersion: gateway.networking.k8s.io/v1\nkind:")
	objects, found := bindAll(t, []byte(input))
	if len(found) > 0 {
		t.Fatal(found)
	}
	var b strings.Builder
	for _, o := range objects {
		fmt.Fprintf(&b, "%s %s:\n%s", o.Kind, o.Value.GetName(), usesText(gwapi.Uses(o)))
	}
	if diff := cmp.Diff(usesWanted, b.String()); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
}

// usesText lists those at Gateways; the others as far as they are not the same.
func usesText(all []gwapi.Use) string {
	var gateway, mesh []string
	for _, u := range all {
		line := "  " + u.Need.Feature
		for _, i := range u.Rules {
			line += fmt.Sprint(" ", i)
		}
		if u.Mesh {
			mesh = append(mesh, line)
		} else {
			gateway = append(gateway, line)
		}
	}
	text := ""
	for _, l := range gateway {
		text += l + "\n"
	}
	switch {
	case len(mesh) == 0:
	case len(gateway) == 0:
		text += "  in the mesh only: " + strings.TrimSpace(strings.Join(mesh, ",")) + "\n"
	default:
		same := append([]string{}, gateway[1:]...)
		same = append(same[:4:4], same[5:]...) // ports of Services are core
		if cmp.Equal(same, mesh[1:]) && mesh[0] == "  MeshHTTPRoute" {
			text += "  in the mesh the same, with MeshHTTPRoute\n"
		} else {
			text += strings.Join(mesh, "\n") + "\n"
		}
	}
	return text
}
