package target

import (
	"fmt"
	"slices"
	"strings"
)

// Weight is what becomes of a rule whose need is not met.
type Weight uint8

// The weights.
const (
	// Minor: requests are handled as written.
	Minor Weight = iota
	// Treatment: the rule takes its requests, and treats them otherwise.
	Treatment
	// Service: its requests are not served by it.
	Service
)

// Features that no conformance test asks about, by names of our own. The others
// have the names of conformance reports (sigs.k8s.io/gateway-api/pkg/features).
const (
	PathRegex              = "HTTPRoutePathRegularExpression"
	HeaderRegex            = "HTTPRouteHeaderRegularExpression"
	QueryRegex             = "HTTPRouteQueryParamRegularExpression"
	GRPCRegex              = "GRPCRouteRegularExpression"
	BackendResponseHeaders = "HTTPRouteBackendResponseHeaderModification"
	BackendURLRewrite      = "HTTPRouteBackendURLRewrite"
	MeshTLSRoute           = "MeshTLSRoute"
	MeshTCPRoute           = "MeshTCPRoute"
	MeshHTTPRoute          = "MeshHTTPRoute"
	MeshGRPCRoute          = "MeshGRPCRoute"
)

// Need is a feature that objects of the output can make use of.
type Need struct {
	Feature string
	Weight  Weight
	Says    string // what is written: "a condition on the method"
	Without string // what becomes of requests where it is not served, a sentence without a full stop
	profile string // the conformance profile whose core tests ask about it, if any
	mesh    string // the feature's name in reports about the mesh, if it has one
}

// needs are the features in the order of tables.
var needs = []Need{
	{Feature: "HTTPRoute", Weight: Service, Says: "HTTPRoutes at Gateways", Without: "nothing serves its requests", profile: "GATEWAY-HTTP"},
	{Feature: "GRPCRoute", Weight: Service, Says: "GRPCRoutes at Gateways", Without: "nothing serves its requests", profile: "GATEWAY-GRPC"},
	{Feature: "TLSRoute", Weight: Service, Says: "TLSRoutes at Gateways", Without: "nothing serves its connections", profile: "GATEWAY-TLS"},
	{Feature: "TCPRoute", Weight: Service, Says: "TCPRoutes at Gateways", Without: "nothing serves its connections", profile: "GATEWAY-TCP"},
	{Feature: MeshHTTPRoute, Weight: Service, Says: "HTTPRoutes on Services, inside of the mesh", Without: "calls between workloads go to the Service as if it were not there", profile: "MESH-HTTP"},
	{Feature: MeshGRPCRoute, Weight: Service, Says: "GRPCRoutes on Services, inside of the mesh", Without: "calls between workloads go to the Service as if it were not there", profile: "MESH-GRPC"},
	{Feature: MeshTLSRoute, Weight: Service, Says: "TLSRoutes on Services, inside of the mesh", Without: "connections between workloads go to the Service as if it were not there"},
	{Feature: MeshTCPRoute, Weight: Service, Says: "TCPRoutes on Services, inside of the mesh", Without: "connections between workloads go to the Service as if it were not there"},

	{Feature: "HTTPRouteMethodMatching", Weight: Service, Says: "conditions on the method", Without: "a rule for one method takes no request, or those of all methods"},
	{Feature: "HTTPRouteQueryParamMatching", Weight: Service, Says: "conditions on query parameters", Without: "a rule for some queries takes no request, or those with any query", mesh: "MeshHTTPRouteQueryParamMatching"},
	{Feature: PathRegex, Weight: Service, Says: "regular expressions on paths", Without: "the rule takes no request, or others"},
	{Feature: HeaderRegex, Weight: Service, Says: "regular expressions on headers", Without: "the rule takes no request, or others"},
	{Feature: QueryRegex, Weight: Service, Says: "regular expressions on query parameters", Without: "the rule takes no request, or others"},
	{Feature: GRPCRegex, Weight: Service, Says: "regular expressions in GRPCRoutes", Without: "the rule takes no request, or others"},
	{Feature: "HTTPRouteParentRefPort", Weight: Service, Says: "routes for one port of a Gateway", Without: "the route is served at all ports, or at none"},
	{Feature: "ListenerSet", Weight: Service, Says: "ListenerSets", Without: "nothing serves its hosts"},
	{Feature: "TLSRouteModeTerminate", Weight: Service, Says: "TLSRoutes where TLS ends at the Gateway", Without: "nothing serves its connections"},
	{Feature: "TLSRouteModeMixed", Weight: Service, Says: "listeners that end TLS beside others that pass it on", Without: "nothing serves the connections of one of them"},

	{Feature: "HTTPRouteRequestTimeout", Weight: Treatment, Says: "a timeout for the request", Without: "requests end later, or earlier, than is written"},
	{Feature: "HTTPRouteBackendTimeout", Weight: Treatment, Says: "a timeout for each try", Without: "a try ends later, or earlier, than is written"},
	{Feature: "HTTPRouteRetry", Weight: Treatment, Says: "retries", Without: "failed requests are not retried as is written"},
	{Feature: "HTTPRouteRetryBackendTimeout", Weight: Treatment, Says: "retries after a try that took too long", Without: "requests whose try takes too long are not retried as is written"},
	{Feature: "HTTPRouteCORS", Weight: Treatment, Says: "the CORS filter", Without: "browsers get no answer that lets pages of other origins in"},
	{Feature: "HTTPRouteRequestMirror", Weight: Treatment, Says: "mirrored requests", Without: "no copies are sent"},
	{Feature: "HTTPRouteRequestMultipleMirrors", Weight: Treatment, Says: "several mirrors", Without: "copies reach one of them at most"},
	{Feature: "HTTPRouteRequestPercentageMirror", Weight: Treatment, Says: "mirroring of a share of the requests", Without: "all requests are copied, or none"},
	{Feature: "HTTPRouteHostRewrite", Weight: Treatment, Says: "a rewritten host", Without: "the backend sees the caller's host"},
	{Feature: "HTTPRoutePathRewrite", Weight: Treatment, Says: "a rewritten path", Without: "the backend sees the caller's path", mesh: "MeshHTTPRouteRewritePath"},
	{Feature: "HTTPRouteResponseHeaderModification", Weight: Treatment, Says: "changed headers of responses", Without: "clients see the backend's headers"},
	{Feature: "HTTPRouteBackendRequestHeaderModification", Weight: Treatment, Says: "changed request headers for one of several backends", Without: "the backend sees the caller's headers", mesh: "MeshHTTPRouteBackendRequestHeaderModification"},
	{Feature: BackendResponseHeaders, Weight: Treatment, Says: "changed response headers of one of several backends", Without: "clients see the backend's headers"},
	{Feature: BackendURLRewrite, Weight: Treatment, Says: "a rewritten host for one of several backends", Without: "the backend sees the caller's host"},
	{Feature: "HTTPRouteSchemeRedirect", Weight: Treatment, Says: "redirects to another scheme", Without: "clients are not sent there", mesh: "MeshHTTPRouteSchemeRedirect"},
	{Feature: "HTTPRoutePortRedirect", Weight: Treatment, Says: "redirects to another port", Without: "clients are sent to another port", mesh: "MeshHTTPRouteRedirectPort"},
	{Feature: "HTTPRoutePathRedirect", Weight: Treatment, Says: "redirects to another path", Without: "clients are sent to another path", mesh: "MeshHTTPRouteRedirectPath"},
	{Feature: "HTTPRoute303RedirectStatusCode", Weight: Treatment, Says: "redirects with status 303", Without: "clients are not sent there, or with another status"},
	{Feature: "HTTPRoute307RedirectStatusCode", Weight: Treatment, Says: "redirects with status 307", Without: "clients are not sent there, or with another status"},
	{Feature: "HTTPRoute308RedirectStatusCode", Weight: Treatment, Says: "redirects with status 308", Without: "clients are not sent there, or with another status"},
	{Feature: "BackendTLSPolicy", Weight: Treatment, Says: "TLS to backends", Without: "connections to the backend are not encrypted, or fail"},
	{Feature: "BackendTLSPolicySANValidation", Weight: Treatment, Says: "names that a backend's certificate has to show", Without: "a backend that shows another name is trusted, or none is"},
	{Feature: "GatewayBackendClientCertificate", Weight: Treatment, Says: "a client certificate for backends", Without: "backends that ask for a certificate refuse the Gateway"},
	{Feature: "GatewayFrontendClientCertificateValidation", Weight: Treatment, Says: "validation of client certificates", Without: "clients without a certificate are let in"},
	{Feature: "GatewayFrontendClientCertificateValidationInsecureFallback", Weight: Treatment, Says: "optional client certificates", Without: "clients without a certificate are refused, or no certificate is asked for"},
	{Feature: "GatewayHTTPListenerIsolation", Weight: Treatment, Says: "listeners for a host beside one for a wildcard that takes it", Without: "routes at the wildcard's listener also get requests for the host"},
	{Feature: "GatewayStaticAddresses", Weight: Treatment, Says: "addresses of the Gateway", Without: "the Gateway gets other addresses"},

	{Feature: "GatewayInfrastructurePropagation", Weight: Minor, Says: "labels and annotations for what the Gateway runs on", Without: "what the Gateway runs on does not get them"},
	{Feature: "HTTPRouteNamedRouteRule", Weight: Minor, Says: "names of rules", Without: "logs and metrics don't show them", mesh: "MeshHTTPRouteNamedRouteRule"},
	{Feature: "GRPCRouteNamedRouteRule", Weight: Minor, Says: "names of rules in GRPCRoutes", Without: "logs and metrics don't show them"},
}

// own are the features whose names are ours: no conformance test asks about them.
var own = []string{PathRegex, HeaderRegex, QueryRegex, GRPCRegex, BackendResponseHeaders, BackendURLRewrite, MeshTLSRoute, MeshTCPRoute, MeshHTTPRoute, MeshGRPCRoute}

// Listed tells whether an implementation that serves n says so in the status of
// its GatewayClass: features that Gateway API has no name for are in none.
func (n Need) Listed() bool { return !slices.Contains(own, n.Feature) }

// Needs are all features in the order of tables.
func Needs() []Need { return slices.Clone(needs) }

// NeedOf is the need for a feature, which has to be one of the table.
func NeedOf(feature string) Need {
	i := slices.IndexFunc(needs, func(n Need) bool { return n.Feature == feature })
	if i < 0 {
		panic(fmt.Sprintf("unhandled feature %q", feature))
	}
	return needs[i]
}

// Core tells whether n is what each implementation with the profile has to serve.
func (n Need) Core() bool { return n.profile != "" }

// Has says whether t serves a feature at a Gateway, or for routes on Services in
// the mesh.
func (t Target) Has(n Need, mesh bool) Support {
	switch {
	case strings.HasPrefix(n.Feature, "Mesh"):
		return t.core(n, t.Mesh)
	case mesh:
		return t.inMesh(n)
	case t.Gateways == No:
		return No
	case n.Core():
		return t.core(n, t.Gateways)
	}
	return t.atGateway(n)
}

// core is the answer for a kind of route. A report that lacks the profile tells
// nothing about an implementation that has the place where it belongs.
func (t Target) core(n Need, place Support) Support {
	switch {
	case place != Yes:
		return place
	case n.profile != "" && t.Report.profile(n.profile) == Yes, t.Also[n.Feature].Known():
		return Yes
	}
	return t.Report.feature(n.Feature)
}

func (t Target) atGateway(n Need) Support {
	if n.Feature == PathRegex {
		return t.Implementation.PathRegex
	}
	switch reported := t.Report.feature(n.Feature); {
	case reported != Unknown:
		return reported
	case t.Also[n.Feature].Known():
		return Yes
	case t.Seen[n.Feature].Known():
		return No
	}
	return Unknown
}

func (t Target) inMesh(n Need) Support {
	switch {
	case t.Mesh != Yes:
		return t.Mesh
	case n.mesh != "":
		return t.Report.feature(n.mesh)
	case t.MeshAlso[n.Feature].Known():
		return Yes
	case t.MeshAlike:
		return t.atGateway(n)
	case n.Feature == PathRegex:
		return t.Implementation.PathRegex
	}
	return Unknown
}

// Supporters are the titles of the implementations whose newest version serves a
// feature.
func Supporters(n Need, mesh bool) []string {
	var all []string
	for _, t := range Targets() {
		if t.Has(n, mesh) == Yes {
			all = append(all, t.Title)
		}
	}
	return all
}

// IndexOf is the place of n in the order of tables.
func IndexOf(n Need) int {
	return slices.IndexFunc(needs, func(o Need) bool { return o.Feature == n.Feature })
}

// InMesh tells whether routes on Services can make use of n.
func (n Need) InMesh() bool {
	switch {
	case strings.HasPrefix(n.Feature, "Mesh"):
		return true
	case n.Core(), n.Feature == "HTTPRouteParentRefPort", n.Feature == "TLSRouteModeTerminate", n.Feature == "TLSRouteModeMixed":
		return false
	}
	return strings.HasPrefix(n.Feature, "HTTPRoute") || strings.HasPrefix(n.Feature, "GRPCRoute")
}
