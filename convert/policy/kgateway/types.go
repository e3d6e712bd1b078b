// Package kgateway says in kgateway's own resources what core Gateway API can't:
// TrafficPolicy and DirectResponse by reference from rules, BackendConfigPolicy
// for Services. What fields do is read from kgateway v2.4.0; "kgateway:" in
// comments is followed by a path below its module, where api is api/v1alpha1 and
// plugins is pkg/kgateway/extensions2/plugins.
package kgateway

import (
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// Version is the release of kgateway that the resources are written for.
const Version = "2.4.0"

const (
	group      = "gateway.kgateway.dev"
	apiVersion = group + "/v1alpha1"

	trafficPolicy       = "TrafficPolicy"
	directResponse      = "DirectResponse"
	backendConfigPolicy = "BackendConfigPolicy"
	backendKind         = "Backend"
)

// TrafficPolicy is what is done for the rules that refer to it.
type TrafficPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              TrafficPolicySpec `json:"spec"`
	Status            json.RawMessage   `json:"status,omitempty"`

	opaque bool // it was read, and has fields that are not known here
}

// TrafficPolicySpec is a part of kgateway: api/kgateway/traffic_policy_types.go.
type TrafficPolicySpec struct {
	TargetRefs      []TargetRef       `json:"targetRefs,omitempty"`
	TargetSelectors []json.RawMessage `json:"targetSelectors,omitempty"`
	Timeouts        *Timeouts         `json:"timeouts,omitempty"`
	Retry           *Retry            `json:"retry,omitempty"`
	URLRewrite      *URLRewrite       `json:"urlRewrite,omitempty"`
	FaultInjection  *FaultInjection   `json:"faultInjection,omitempty"`
}

// TargetRef names an object of the policy's namespace.
type TargetRef struct {
	Group       string `json:"group"`
	Kind        string `json:"kind"`
	Name        string `json:"name"`
	SectionName string `json:"sectionName,omitempty"`
}

// Timeouts bound a request with all its retries; 0s is no bound.
type Timeouts struct {
	Request gatewayv1.Duration `json:"request,omitempty"`
}

// Retry is Envoy's retry policy (kgateway: api/kgateway/retries.go).
type Retry struct {
	RetryOn             []string           `json:"retryOn,omitempty"`
	Attempts            *int32             `json:"attempts,omitempty"` // retries; 1 where unset
	PerTryTimeout       gatewayv1.Duration `json:"perTryTimeout,omitempty"`
	StatusCodes         []uint32           `json:"statusCodes,omitempty"`
	BackoffBaseInterval gatewayv1.Duration `json:"backoffBaseInterval,omitempty"` // 25ms where unset
}

// URLRewrite changes the path.
type URLRewrite struct {
	PathRegex *PathRegex `json:"pathRegex,omitempty"`
}

// PathRegex is Envoy's regex_rewrite.
type PathRegex struct {
	Pattern      string `json:"pattern"`
	Substitution string `json:"substitution"`
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
	Percentage *int32             `json:"percentage,omitempty"`
}

// FaultAbort answers in the place of the backend.
type FaultAbort struct {
	HTTPStatus *int32 `json:"httpStatus,omitempty"`
	GRPCStatus *int32 `json:"grpcStatus,omitempty"`
	Percentage *int32 `json:"percentage,omitempty"`
}

// DirectResponse answers without a backend.
type DirectResponse struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              DirectResponseSpec `json:"spec"`
	Status            json.RawMessage    `json:"status,omitempty"`

	opaque bool
}

// DirectResponseSpec is the answer.
type DirectResponseSpec struct {
	Status int32  `json:"status"`
	Body   string `json:"body,omitempty"`
}

// BackendConfigPolicy is how connections to Services are made.
type BackendConfigPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              BackendConfigPolicySpec `json:"spec"`
	Status            json.RawMessage         `json:"status,omitempty"`
}

// BackendConfigPolicySpec is a part of kgateway:
// api/kgateway/backend_config_policy_types.go.
type BackendConfigPolicySpec struct {
	TargetRefs            []TargetRef        `json:"targetRefs,omitempty"`
	ConnectTimeout        gatewayv1.Duration `json:"connectTimeout,omitempty"` // 5s where unset
	TCPKeepalive          *TCPKeepalive      `json:"tcpKeepalive,omitempty"`
	CommonHTTP            *CommonHTTP        `json:"commonHttpProtocolOptions,omitempty"`
	HTTP2                 *HTTP2             `json:"http2ProtocolOptions,omitempty"`
	LoadBalancer          *LoadBalancer      `json:"loadBalancer,omitempty"`
	OutlierDetection      *OutlierDetection  `json:"outlierDetection,omitempty"`
	CircuitBreakers       *CircuitBreakers   `json:"circuitBreakers,omitempty"`
	UpstreamProxyProtocol *ProxyProtocol     `json:"upstreamProxyProtocol,omitempty"`
}

// TCPKeepalive probes idle connections.
type TCPKeepalive struct {
	Probes   *int32             `json:"keepAliveProbes,omitempty"`
	Time     gatewayv1.Duration `json:"keepAliveTime,omitempty"`
	Interval gatewayv1.Duration `json:"keepAliveInterval,omitempty"`
}

// CommonHTTP is for HTTP/1.1 and HTTP/2.
type CommonHTTP struct {
	IdleTimeout              gatewayv1.Duration `json:"idleTimeout,omitempty"`
	MaxRequestsPerConnection *int32             `json:"maxRequestsPerConnection,omitempty"`
}

// HTTP2 works for Services whose port says HTTP/2, and on no other.
type HTTP2 struct {
	MaxConcurrentStreams *int32          `json:"maxConcurrentStreams,omitempty"`
	ConnectionKeepalive  *HTTP2Keepalive `json:"connectionKeepalive,omitempty"`
}

// HTTP2Keepalive pings connections.
type HTTP2Keepalive struct {
	Timeout  gatewayv1.Duration `json:"timeout"`
	Interval gatewayv1.Duration `json:"interval,omitempty"`
}

// LoadBalancer has exactly one of the algorithms.
type LoadBalancer struct {
	HealthyPanicThreshold *int32        `json:"healthyPanicThreshold,omitempty"` // percent
	LeastRequest          *LeastRequest `json:"leastRequest,omitempty"`
	RoundRobin            *RoundRobin   `json:"roundRobin,omitempty"`
	RingHash              *RingHash     `json:"ringHash,omitempty"`
	Maglev                *Maglev       `json:"maglev,omitempty"`
	Random                *Random       `json:"random,omitempty"`
}

// LeastRequest takes the pod with the fewest requests among some.
type LeastRequest struct {
	ChoiceCount int32      `json:"choiceCount,omitempty"` // 2 where unset
	SlowStart   *SlowStart `json:"slowStart,omitempty"`
}

// RoundRobin takes pods in turn.
type RoundRobin struct {
	SlowStart *SlowStart `json:"slowStart,omitempty"`
}

// Random takes any pod.
type Random struct{}

// SlowStart gives new pods their share little by little.
type SlowStart struct {
	Window           gatewayv1.Duration `json:"window,omitempty"`
	Aggression       string             `json:"aggression,omitempty"`
	MinWeightPercent *int32             `json:"minWeightPercent,omitempty"`
}

// RingHash keeps requests of a key with a pod.
type RingHash struct {
	MinimumRingSize *int64       `json:"minimumRingSize,omitempty"`
	HashPolicies    []HashPolicy `json:"hashPolicies,omitempty"`
}

// Maglev keeps requests of a key with a pod.
type Maglev struct {
	HashPolicies []HashPolicy `json:"hashPolicies,omitempty"`
}

// HashPolicy is where the key is taken from: exactly one of them.
type HashPolicy struct {
	Header   *HashHeader `json:"header,omitempty"`
	Cookie   *HashCookie `json:"cookie,omitempty"`
	SourceIP *SourceIP   `json:"sourceIP,omitempty"`
}

// HashHeader is a header of requests.
type HashHeader struct {
	Name string `json:"name"`
}

// HashCookie is a cookie, which is set where a request has none and there is a TTL.
type HashCookie struct {
	Name string             `json:"name"`
	Path string             `json:"path,omitempty"`
	TTL  gatewayv1.Duration `json:"ttl,omitempty"`
}

// SourceIP is the address of the client.
type SourceIP struct{}

// OutlierDetection ejects pods that answer with errors.
type OutlierDetection struct {
	Consecutive5xx     *int32             `json:"consecutive5xx,omitempty"`     // 5 where unset
	Interval           gatewayv1.Duration `json:"interval,omitempty"`           // 10s
	BaseEjectionTime   gatewayv1.Duration `json:"baseEjectionTime,omitempty"`   // 30s
	MaxEjectionPercent *int32             `json:"maxEjectionPercent,omitempty"` // 10
}

// CircuitBreakers are Envoy's thresholds: 1024, and 3 retries, where unset.
type CircuitBreakers struct {
	MaxConnections     *int32 `json:"maxConnections,omitempty"`
	MaxPendingRequests *int32 `json:"maxPendingRequests,omitempty"`
	MaxRequests        *int32 `json:"maxRequests,omitempty"`
	MaxRetries         *int32 `json:"maxRetries,omitempty"`
}

// ProxyProtocol begins connections with a PROXY header.
type ProxyProtocol struct {
	Version string `json:"version,omitempty"` // V1, V2
}

// Backend is where requests go instead of a Service.
type Backend struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              BackendSpec     `json:"spec"`
	Status            json.RawMessage `json:"status,omitempty"`

	opaque bool
}

// BackendSpec is a part of kgateway: api/v1alpha1/kgateway/backend_types.go.
type BackendSpec struct {
	Type   string         `json:"type,omitempty"` // deprecated there: what is set tells
	Static *StaticBackend `json:"static,omitempty"`
}

// StaticBackend is a list of names for DNS and of IP addresses.
type StaticBackend struct {
	Hosts       []Host `json:"hosts"`
	AppProtocol string `json:"appProtocol,omitempty"` // HTTP/1.1 where unset
}

// Host is one of them.
type Host struct {
	Host string `json:"host"`
	Port int32  `json:"port"`
}
