package kgateway

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/policy/field"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// Rest makes a BackendConfigPolicy for each Service of which DestinationRules
// speak. A finding is taken back where every Service that it is about has a
// resource that does what it says is lost.
func (*Extender) Rest(m *mesh.Model) gwapi.Made {
	var made gwapi.Made
	var answers []gwapi.Carried
	open := map[answer]bool{}
	for _, t := range m.Policies {
		b := &backend{policy: t, ports: portsOf(m, t.Service), by: fmt.Sprintf("%s %s", backendConfigPolicy, t.Service)}
		if o, ok := b.object(); ok {
			made.Objects = append(made.Objects, o)
		}
		made.Findings = append(made.Findings, b.findings...)
		answers = append(answers, b.answers...)
		for _, a := range b.open {
			open[a] = true
		}
	}
	for _, a := range answers {
		if !open[answer{a.Rule, a.At}] {
			made.Carried = append(made.Carried, a)
		}
	}
	return made
}

// portsOf are the ports of a Service, or of the one that it is a subset of; nil
// where they are not known.
func portsOf(m *mesh.Model, name route.Name) []mesh.ServicePort {
	if s := m.Services[name]; s != nil {
		return s.Ports
	}
	for _, s := range m.Subsets {
		if s.Name == name {
			return s.Base.Ports
		}
	}
	return nil
}

// backend makes the policy of a Service.
type backend struct {
	policy   *mesh.TrafficPolicy
	ports    []mesh.ServicePort
	by       string
	findings []finding.Finding
	answers  []gwapi.Carried
	open     []answer // findings that stay
}

// object is the policy; false where there is none.
func (b *backend) object() (gwapi.Object, bool) {
	chosen := b.chosen()
	for i := range b.policy.Ports {
		if p := &b.policy.Ports[i]; p != chosen {
			b.leave(p)
		}
	}
	if chosen == nil {
		return gwapi.Object{}, false
	}
	name := b.policy.Service
	v := &BackendConfigPolicy{
		TypeMeta:   typeMeta(backendConfigPolicy),
		ObjectMeta: metav1.ObjectMeta{Namespace: name.Namespace, Name: name.Name},
		Spec:       b.spec(chosen),
	}
	v.Spec.TargetRefs = []TargetRef{{Kind: "Service", Name: name.Name}}
	at := b.policy.Rule.Place()
	return gwapi.Object{Kind: backendConfigPolicy, Value: v, Origin: gwapi.Origin{Pos: at.Pos, What: at.Object}}, true
}

// chosen is what the policy says: what is for all ports, or for the only one; nil
// where ports have nothing in common.
func (b *backend) chosen() *mesh.PortPolicy {
	if len(b.ports) == 1 {
		return b.policy.For(b.ports[0].Port)
	}
	general := b.policy.For(0)
	for i := range b.policy.Ports {
		p := &b.policy.Ports[i]
		if p.Port == 0 || general != nil && samePolicy(p, general) {
			continue
		}
		what := "they are not carried over"
		if general != nil {
			what = "it stands under those for all ports afterwards"
		}
		b.findings = append(b.findings, finding.New(rule.KgatewayPorts, b.policy.Rule.Place(),
			"port %d of Service %s has settings of its own today, which a BackendConfigPolicy can't say; %s.", p.Port, b.policy.Service, what))
	}
	return general
}

func samePolicy(a, b *mesh.PortPolicy) bool {
	return proto.Equal(a.LoadBalancer, b.LoadBalancer) && proto.Equal(a.ConnectionPool, b.ConnectionPool) && proto.Equal(a.OutlierDetection, b.OutlierDetection)
}

// leave keeps the findings of a port that no policy is made for.
func (b *backend) leave(p *mesh.PortPolicy) {
	dry := &backend{policy: b.policy, ports: b.ports}
	dry.spec(p)
	for _, a := range dry.answers {
		b.open = append(b.open, answer{a.Rule, a.At})
	}
	b.open = append(b.open, dry.open...)
}

// does says that the finding of a rule at a field of m is answered.
func (b *backend) does(r *finding.Rule, m proto.Message, field string) {
	if n := b.policy.Node(m).Get(field); n != nil {
		b.answers = append(b.answers, gwapi.Carried{Rule: r, At: n.Place(), By: b.by})
	}
}

// place is where a field of m stands.
func (b *backend) place(m proto.Message, field string) finding.Place {
	return b.policy.Node(m).At(field)
}

// Istio's defaults where kgateway has others. unlimited stands for 2^32-1 of
// getDefaultCircuitBreakerThresholds (core/cluster_traffic_policy.go): the CRD's
// numbers end here. defaultConnect is the mesh's (pkg/config/mesh/mesh.go); kgateway's is 5 s
// (pkg/kgateway/translator/irtranslator/backend.go).
const (
	unlimited      int32              = math.MaxInt32
	defaultConnect gatewayv1.Duration = "10s"
)

// spec is what is said for a port.
func (b *backend) spec(p *mesh.PortPolicy) BackendConfigPolicySpec {
	spec := BackendConfigPolicySpec{ConnectTimeout: defaultConnect, CircuitBreakers: &CircuitBreakers{
		MaxConnections: new(unlimited), MaxPendingRequests: new(unlimited), MaxRequests: new(unlimited), MaxRetries: new(unlimited),
	}}
	b.tcp(&spec, p)
	b.http(&spec, p)
	spec.LoadBalancer = b.balance(p.LoadBalancer)
	b.outlier(&spec, p.OutlierDetection)
	if pp := p.ProxyProtocol; pp != nil {
		spec.UpstreamProxyProtocol = &ProxyProtocol{Version: pp.Version.String()} // V1, V2
		if n := b.policy.Node(pp); n != nil {
			b.answers = append(b.answers, gwapi.Carried{Rule: rule.ProxyProtocol, At: n.Place(), By: b.by})
		}
	}
	return spec
}

func (b *backend) tcp(spec *BackendConfigPolicySpec, p *mesh.PortPolicy) {
	in := p.ConnectionPool.GetTcp()
	if in == nil {
		return
	}
	if in.MaxConnections > 0 {
		spec.CircuitBreakers.MaxConnections = new(in.MaxConnections)
		b.does(rule.MaxConnections, in, "maxConnections")
	}
	if in.ConnectTimeout != nil {
		if text, ok := field.Duration(in.ConnectTimeout, time.Millisecond); ok {
			spec.ConnectTimeout = text
			b.does(rule.ConnectTimeout, in, "connectTimeout")
		}
	}
	if k := in.TcpKeepalive; k != nil {
		out := &TCPKeepalive{}
		var timeOK, intervalOK bool
		out.Time, timeOK = field.Seconds(k.Time)
		out.Interval, intervalOK = field.Seconds(k.Interval)
		if k.Probes > 0 {
			out.Probes = new(field.Count(k.Probes))
		}
		if timeOK && intervalOK {
			spec.TCPKeepalive = out
			b.does(rule.Keepalive, in, "tcpKeepalive")
		}
	}
	if in.IdleTimeout != nil && p.ConnectionPool.GetHttp().GetIdleTimeout() == nil {
		b.idle(spec, in, in.IdleTimeout)
	}
}

// idle is one time for HTTP/1.1 and HTTP/2; HTTP's own goes before TCP's
// (core/cluster_traffic_policy.go, applyConnectionPool).
func (b *backend) idle(spec *BackendConfigPolicySpec, m proto.Message, d *durationpb.Duration) {
	if text, ok := field.Duration(d, 0); ok {
		common(spec).IdleTimeout = text
		b.does(rule.ConnectionAge, m, "idleTimeout")
	}
}

func (b *backend) http(spec *BackendConfigPolicySpec, p *mesh.PortPolicy) {
	in := p.ConnectionPool.GetHttp()
	if in == nil {
		return
	}
	for _, limit := range []struct {
		value int32
		to    **int32
		rule  *finding.Rule
		field string
	}{
		{in.Http1MaxPendingRequests, &spec.CircuitBreakers.MaxPendingRequests, rule.PendingRequests, "http1MaxPendingRequests"},
		{in.Http2MaxRequests, &spec.CircuitBreakers.MaxRequests, rule.ActiveRequests, "http2MaxRequests"},
		{in.MaxRetries, &spec.CircuitBreakers.MaxRetries, rule.ActiveRetries, "maxRetries"},
	} {
		if limit.value > 0 {
			*limit.to = new(limit.value)
			b.does(limit.rule, in, limit.field)
		}
	}
	if in.MaxRequestsPerConnection > 0 {
		common(spec).MaxRequestsPerConnection = new(in.MaxRequestsPerConnection)
		b.does(rule.RequestsPerConnection, in, "maxRequestsPerConnection")
	}
	if in.IdleTimeout != nil {
		b.idle(spec, in, in.IdleTimeout)
	}
	if b.http2() {
		b.streams(spec, p)
	}
}

// http2 tells whether kgateway speaks HTTP/2 to all ports, for which alone it
// takes the options of HTTP/2 (pkg/pluginsdk/ir/backend.go, ParseAppProtocol).
func (b *backend) http2() bool {
	return len(b.ports) > 0 && !slices.ContainsFunc(b.ports, func(p mesh.ServicePort) bool {
		return !slices.Contains([]string{"http2", "grpc", "grpc-web", "kubernetes.io/h2c"}, strings.ToLower(p.AppProtocol))
	})
}

func (b *backend) streams(spec *BackendConfigPolicySpec, p *mesh.PortPolicy) {
	in, out := p.ConnectionPool.GetHttp(), &HTTP2{}
	if in.MaxConcurrentStreams > 0 {
		out.MaxConcurrentStreams = new(in.MaxConcurrentStreams)
		b.does(rule.ConcurrentStreams, in, "maxConcurrentStreams")
	}
	if k := in.Http2KeepAlive; k != nil {
		timeout, timeoutOK := field.Duration(k.Timeout, time.Millisecond)
		interval, intervalOK := field.Duration(k.Interval, time.Millisecond)
		if timeoutOK && (k.Interval == nil || intervalOK) {
			out.ConnectionKeepalive = &HTTP2Keepalive{Timeout: timeout, Interval: interval}
			b.does(rule.Keepalive, in, "http2KeepAlive")
		}
	}
	if *out != (HTTP2{}) {
		spec.HTTP2 = out
	}
}

func common(spec *BackendConfigPolicySpec) *CommonHTTP {
	if spec.CommonHTTP == nil {
		spec.CommonHTTP = &CommonHTTP{}
	}
	return spec.CommonHTTP
}
