// Package envoygateway says in Envoy Gateway's own resources what core Gateway
// API can't: HTTPRouteFilter by reference from rules, BackendTrafficPolicy for
// rules and whole routes, ClientTrafficPolicy for listeners. What fields do is
// read from Envoy Gateway v1.9.1; "envoygateway:" in comments is followed by a
// path below its module, where api is api/v1alpha1, gatewayapi is
// internal/gatewayapi and xds is internal/xds/translator.
package envoygateway

import (
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// Version is the release of Envoy Gateway that the resources are written for.
const Version = "1.9.1"

const (
	group      = "gateway.envoyproxy.io"
	apiVersion = group + "/v1alpha1"

	routeFilter   = "HTTPRouteFilter"
	trafficPolicy = "BackendTrafficPolicy"
	clientPolicy  = "ClientTrafficPolicy"
	backendKind   = "Backend"
)

// HTTPRouteFilter is what is done for the rules that refer to it.
type HTTPRouteFilter struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              HTTPRouteFilterSpec `json:"spec"`

	opaque bool // it was read, and has fields that are not known here
}

// HTTPRouteFilterSpec is a part of envoygateway: api/httproutefilter_types.go.
type HTTPRouteFilterSpec struct {
	URLRewrite     *URLRewrite     `json:"urlRewrite,omitempty"`
	DirectResponse *DirectResponse `json:"directResponse,omitempty"`
}

// URLRewrite changes the path.
type URLRewrite struct {
	Path *PathModifier `json:"path,omitempty"`
}

// PathModifier is Envoy's regex_rewrite.
type PathModifier struct {
	Type              string             `json:"type"` // ReplaceRegexMatch
	ReplaceRegexMatch *ReplaceRegexMatch `json:"replaceRegexMatch,omitempty"`
}

// ReplaceRegexMatch replaces what the pattern finds in the path.
type ReplaceRegexMatch struct {
	Pattern      string `json:"pattern"`
	Substitution string `json:"substitution"`
}

// DirectResponse answers without a backend.
type DirectResponse struct {
	StatusCode *int          `json:"statusCode,omitempty"` // 200 where unset
	Body       *ResponseBody `json:"body,omitempty"`
}

// ResponseBody is a text with Envoy's command operators, so that a percent sign
// is written twice.
type ResponseBody struct {
	Type   string `json:"type"` // Inline
	Inline string `json:"inline,omitempty"`
}

// BackendTrafficPolicy is how requests of rules and routes reach their backends.
type BackendTrafficPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              BackendTrafficPolicySpec `json:"spec"`
	Status            json.RawMessage          `json:"status,omitempty"`

	opaque bool
}

// BackendTrafficPolicySpec is a part of envoygateway: api/backendtrafficpolicy_types.go.
type BackendTrafficPolicySpec struct {
	TargetRef       *TargetRef        `json:"targetRef,omitempty"` // the old form of one targetRefs
	TargetRefs      []TargetRef       `json:"targetRefs,omitempty"`
	TargetSelectors []json.RawMessage `json:"targetSelectors,omitempty"`
	MergeType       string            `json:"mergeType,omitempty"`
	Traffic
}

// Traffic is what a BackendTrafficPolicy says of the requests that it is for.
type Traffic struct {
	Timeout        *Timeout        `json:"timeout,omitempty"`
	Retry          *Retry          `json:"retry,omitempty"`
	FaultInjection *FaultInjection `json:"faultInjection,omitempty"`
	Connections
}

// Connections is what a BackendTrafficPolicy says of the cluster that Envoy
// Gateway makes for a rule, but for its times, which stand in Timeout.
type Connections struct {
	CircuitBreaker    *CircuitBreaker `json:"circuitBreaker,omitempty"`
	LoadBalancer      *LoadBalancer   `json:"loadBalancer,omitempty"`
	HealthCheck       *HealthCheck    `json:"healthCheck,omitempty"`
	TCPKeepalive      *TCPKeepalive   `json:"tcpKeepalive,omitempty"`
	HTTP2             *HTTP2          `json:"http2,omitempty"`
	ProxyProtocol     *ProxyProtocol  `json:"proxyProtocol,omitempty"`
	UseClientProtocol bool            `json:"useClientProtocol,omitempty"`
}

// TargetRef names an object of the policy's namespace, or a section of it: a rule
// of a route, a listener of a Gateway.
type TargetRef struct {
	Group       string `json:"group"`
	Kind        string `json:"kind"`
	Name        string `json:"name"`
	SectionName string `json:"sectionName,omitempty"`
}

// Timeout bounds connections and requests.
type Timeout struct {
	TCP  *TCPTimeout  `json:"tcp,omitempty"`
	HTTP *HTTPTimeout `json:"http,omitempty"`
}

// TCPTimeout bounds how long a connection may take to stand; 10s where unset.
type TCPTimeout struct {
	ConnectTimeout gatewayv1.Duration `json:"connectTimeout,omitempty"`
}

// HTTPTimeout bounds requests and connections.
type HTTPTimeout struct {
	RequestTimeout        gatewayv1.Duration `json:"requestTimeout,omitempty"` // with all retries; 15s where unset, 0s is no bound
	ConnectionIdleTimeout gatewayv1.Duration `json:"connectionIdleTimeout,omitempty"`
	MaxConnectionDuration gatewayv1.Duration `json:"maxConnectionDuration,omitempty"`
}

// Retry is Envoy's retry policy.
type Retry struct {
	NumRetries *int32    `json:"numRetries,omitempty"` // 2 where unset
	RetryOn    *RetryOn  `json:"retryOn,omitempty"`
	PerRetry   *PerRetry `json:"perRetry,omitempty"`
}

// RetryOn are the conditions of retries.
type RetryOn struct {
	Triggers        []string `json:"triggers,omitempty"`
	HTTPStatusCodes []uint32 `json:"httpStatusCodes,omitempty"` // they count with the trigger retriable-status-codes
}

// PerRetry is for each try.
type PerRetry struct {
	Timeout gatewayv1.Duration `json:"timeout,omitempty"`
	BackOff *BackOff           `json:"backOff,omitempty"`
}

// BackOff is the time between tries; 25ms where unset.
type BackOff struct {
	BaseInterval gatewayv1.Duration `json:"baseInterval,omitempty"`
}

// FaultInjection delays and refuses a share of the requests. Percentages are 100
// where unset, so they are always written.
type FaultInjection struct {
	Delay *FaultDelay `json:"delay,omitempty"`
	Abort *FaultAbort `json:"abort,omitempty"`
}

// FaultDelay holds requests back.
type FaultDelay struct {
	FixedDelay gatewayv1.Duration `json:"fixedDelay"`
	Percentage *float64           `json:"percentage,omitempty"`
}

// FaultAbort answers in the place of the backend.
type FaultAbort struct {
	HTTPStatus *int32   `json:"httpStatus,omitempty"`
	GRPCStatus *int32   `json:"grpcStatus,omitempty"`
	Percentage *float64 `json:"percentage,omitempty"`
}

// CircuitBreaker limits what is under way; the first four are 1024 where unset.
type CircuitBreaker struct {
	MaxConnections           *int64       `json:"maxConnections,omitempty"`
	MaxPendingRequests       *int64       `json:"maxPendingRequests,omitempty"`
	MaxParallelRequests      *int64       `json:"maxParallelRequests,omitempty"`
	MaxParallelRetries       *int64       `json:"maxParallelRetries,omitempty"`
	MaxRequestsPerConnection *int64       `json:"maxRequestsPerConnection,omitempty"`
	RetryBudget              *RetryBudget `json:"retryBudget,omitempty"`
}

// RetryBudget bounds retries to a share of the requests under way.
type RetryBudget struct {
	Percent             Fraction `json:"percent"`
	MinRetryConcurrency *uint32  `json:"minRetryConcurrency,omitempty"`
}

// Fraction is a share; the denominator is 100 where unset.
type Fraction struct {
	Numerator   int32  `json:"numerator"`
	Denominator *int32 `json:"denominator,omitempty"`
}

// LoadBalancer is how a pod is chosen: LeastRequest where unset, as in Istio.
type LoadBalancer struct {
	Type           string          `json:"type"`
	ConsistentHash *ConsistentHash `json:"consistentHash,omitempty"`
	SlowStart      *SlowStart      `json:"slowStart,omitempty"`
}

// ConsistentHash is what of a request decides on the pod, by Maglev's table.
type ConsistentHash struct {
	Type        string      `json:"type"`
	Headers     []HashKey   `json:"headers,omitempty"`
	Cookie      *HashCookie `json:"cookie,omitempty"`
	QueryParams []HashKey   `json:"queryParams,omitempty"`
	TableSize   *uint64     `json:"tableSize,omitempty"` // 65537 where unset
}

// HashKey is a header or a query parameter.
type HashKey struct {
	Name string `json:"name"`
}

// HashCookie is a cookie, which is made where it is missing and has a TTL.
type HashCookie struct {
	Name       string             `json:"name"`
	TTL        gatewayv1.Duration `json:"ttl,omitempty"`
	Attributes map[string]string  `json:"attributes,omitempty"`
}

// SlowStart lets new pods have their share little by little.
type SlowStart struct {
	Window gatewayv1.Duration `json:"window"`
}

// HealthCheck is which pods get requests.
type HealthCheck struct {
	Passive        *OutlierDetection `json:"passive,omitempty"`
	PanicThreshold *int32            `json:"panicThreshold,omitempty"` // 50 where unset
}

// OutlierDetection ejects pods that fail.
type OutlierDetection struct {
	SplitExternalLocalOriginErrors bool               `json:"splitExternalLocalOriginErrors,omitempty"`
	Interval                       gatewayv1.Duration `json:"interval,omitempty"` // 3s where unset
	ConsecutiveLocalOriginFailures *int32             `json:"consecutiveLocalOriginFailures,omitempty"`
	ConsecutiveGatewayErrors       *int32             `json:"consecutiveGatewayErrors,omitempty"`
	Consecutive5xxErrors           *int32             `json:"consecutive5XxErrors,omitempty"`
	BaseEjectionTime               gatewayv1.Duration `json:"baseEjectionTime,omitempty"`
	MaxEjectionPercent             *int32             `json:"maxEjectionPercent,omitempty"`
}

// TCPKeepalive probes idle connections; what is unset is the kernel's.
type TCPKeepalive struct {
	Probes   *int32             `json:"probes,omitempty"`
	IdleTime gatewayv1.Duration `json:"idleTime,omitempty"`
	Interval gatewayv1.Duration `json:"interval,omitempty"`
}

// HTTP2 are the options of connections that speak it.
type HTTP2 struct {
	MaxConcurrentStreams *int32          `json:"maxConcurrentStreams,omitempty"`
	ConnectionKeepalive  *HTTP2Keepalive `json:"connectionKeepalive,omitempty"`
}

// HTTP2Keepalive pings.
type HTTP2Keepalive struct {
	Interval gatewayv1.Duration `json:"interval,omitempty"`
	Timeout  gatewayv1.Duration `json:"timeout,omitempty"`
}

// ProxyProtocol is the version of the header before each connection: V1 or V2.
type ProxyProtocol struct {
	Version string `json:"version"`
}

// ClientTrafficPolicy is how listeners meet clients.
type ClientTrafficPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              ClientTrafficPolicySpec `json:"spec"`
}

// ClientTrafficPolicySpec is a part of envoygateway: api/clienttrafficpolicy_types.go.
type ClientTrafficPolicySpec struct {
	TargetRefs []TargetRef `json:"targetRefs,omitempty"`
	TLS        *ClientTLS  `json:"tls,omitempty"`
}

// ClientTLS is how TLS is agreed on: 1.2 to 1.3 where unset.
type ClientTLS struct {
	MinVersion string   `json:"minVersion,omitempty"`
	MaxVersion string   `json:"maxVersion,omitempty"`
	Ciphers    []string `json:"ciphers,omitempty"`
}

// Backend is where requests go instead of a Service.
type Backend struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              BackendSpec     `json:"spec"`
	Status            json.RawMessage `json:"status,omitempty"`

	opaque bool
}

// BackendSpec is a part of envoygateway: api/backend_types.go.
type BackendSpec struct {
	Type         string            `json:"type,omitempty"` // Endpoints where unset
	Endpoints    []BackendEndpoint `json:"endpoints,omitempty"`
	AppProtocols []string          `json:"appProtocols,omitempty"` // HTTP/1.1 where unset
}

// BackendEndpoint is a name for DNS, or an IP address.
type BackendEndpoint struct {
	FQDN *FQDNEndpoint `json:"fqdn,omitempty"`
	IP   *IPEndpoint   `json:"ip,omitempty"`
}

// FQDNEndpoint is a name that is looked up.
type FQDNEndpoint struct {
	Hostname string `json:"hostname"`
	Port     int32  `json:"port"`
}

// IPEndpoint is an address.
type IPEndpoint struct {
	Address string `json:"address"`
	Port    int32  `json:"port"`
}
