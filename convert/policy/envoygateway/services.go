package envoygateway

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/policy/field"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// services are what DestinationRules say of connections to the ports of Services.
type services struct {
	model *mesh.Model
	mu    sync.Mutex
	known map[wanted]*settings
}

// wanted is what settings are made for.
type wanted struct {
	policy *mesh.PortPolicy // nil for the defaults
	http2  bool             // Envoy Gateway speaks HTTP/2 to the port
}

// settings is what a policy says of connections to one port.
type settings struct {
	policy   *mesh.TrafficPolicy
	traffic  Traffic
	text     string   // equal for equal ones
	answers  []answer // findings that traffic takes back
	hashes   []answer // those that it takes back for rules with no other backend
	findings []finding.Finding
	told     []finding.Finding // of the consistent hash
	limits   finding.Place     // of the first limit of what is under way, or ejection; zero for none
}

// of are the settings for a backend.
func (s *services) of(kind string, b route.Backend) *settings {
	key := wanted{http2: kind == "GRPCRoute" || s.http2(b)}
	t, p := s.model.PolicyOf(b.Service, b.Port)
	if p != nil && t.Scoped == "" { // others are not for gateways; their findings stay
		key.policy = p
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	made, ok := s.known[key]
	if !ok {
		made = newSettings(t, key)
		s.known[key] = made
	}
	return made
}

// http2 tells whether Envoy Gateway speaks HTTP/2 to a port (envoygateway:
// gatewayapi/route.go, resolveBackendProtocol).
func (s *services) http2(b route.Backend) bool {
	var ports []mesh.ServicePort
	if service := s.model.Services[b.Service]; service != nil {
		ports = service.Ports
	} else if i, ok := slices.BinarySearchFunc(s.model.Subsets, b.Service, func(s *mesh.SubsetService, n route.Name) int { return s.Name.Compare(n) }); ok && s.model.Subsets[i].Base != nil {
		ports = s.model.Subsets[i].Base.Ports
	}
	return slices.ContainsFunc(ports, func(p mesh.ServicePort) bool {
		return p.Port == b.Port && slices.Contains([]string{"kubernetes.io/h2c", group + "/h2c", "grpc"}, p.AppProtocol)
	})
}

// connections adds to t what the DestinationRules of the backends of act say. Envoy
// Gateway makes one cluster for all backends of a rule (envoygateway:
// xds/translator.go), so they have to agree.
func (p *plan) connections(s *services, kind string, act *route.Action, t *Traffic) {
	var all []*settings
	for _, b := range act.Backends {
		if !b.Broken || b.Outside != nil {
			all = append(all, s.of(kind, b))
		}
	}
	if len(all) == 0 {
		return
	}
	if i := slices.IndexFunc(all, func(o *settings) bool { return o.text != all[0].text }); i >= 0 {
		p.disagree(act, all, i)
		t.Connections = defaultConnections()
		return
	}
	*t = Traffic{FaultInjection: t.FaultInjection, Timeout: cloned(all[0].traffic.Timeout), Connections: all[0].traffic.Connections}
	if len(all) > 1 && t.LoadBalancer != nil && t.LoadBalancer.ConsistentHash != nil {
		t.LoadBalancer = nil // Maglev's table would not heed the weights of the backends
	}
	for _, o := range all {
		p.answers = append(p.answers, o.answers...)
		p.findings = append(p.findings, o.findings...)
		p.counted = append(p.counted, o)
		if len(all) == 1 {
			p.answers = append(p.answers, o.hashes...)
			p.findings = append(p.findings, o.told...)
		} else {
			p.open = append(p.open, o.hashes...)
		}
	}
}

// disagree keeps the findings of backends that stand under different settings.
func (p *plan) disagree(act *route.Action, all []*settings, other int) {
	for _, o := range all {
		p.open = append(append(p.open, o.answers...), o.hashes...)
	}
	written := slices.DeleteFunc(slices.Clone(act.Backends), func(b route.Backend) bool { return b.Broken })
	p.findings = append(p.findings, finding.New(rule.EnvoyGatewayBackends, act.From.At("route"),
		"Services %s and %s of this rule stand under different settings today; a BackendTrafficPolicy is for all of a rule, so those of DestinationRules are not carried over for it.",
		written[0].Service, written[other].Service))
}

func cloned(t *Timeout) *Timeout {
	if t == nil {
		return nil
	}
	out := &Timeout{TCP: t.TCP}
	if t.HTTP != nil {
		out.HTTP = new(*t.HTTP)
	}
	return out
}

// unlimited is Istio's default of limits (core/cluster_traffic_policy.go,
// getDefaultCircuitBreakerThresholds), where Envoy Gateway's is 1024.
const unlimited int64 = math.MaxUint32

func defaultConnections() Connections {
	return Connections{CircuitBreaker: &CircuitBreaker{
		MaxConnections: new(unlimited), MaxPendingRequests: new(unlimited), MaxParallelRequests: new(unlimited), MaxParallelRetries: new(unlimited),
	}}
}

func newSettings(t *mesh.TrafficPolicy, key wanted) *settings {
	s := &settings{policy: t, traffic: Traffic{Connections: defaultConnections()}}
	if p := key.policy; p != nil {
		s.tcp(p)
		s.http(p, key.http2)
		s.budget(p)
		s.balance(p.LoadBalancer)
		s.outlier(p.OutlierDetection)
		if pp := p.ProxyProtocol; pp != nil {
			s.traffic.ProxyProtocol = &ProxyProtocol{Version: pp.Version.String()} // V1, V2
			s.doesAll(rule.ProxyProtocol, pp)
		}
	}
	s.text = encoded(s.traffic)
	return s
}

// does says that the finding of a rule at a field of m is answered.
func (s *settings) does(r *finding.Rule, m proto.Message, field string) {
	if n := s.policy.Node(m).Get(field); n != nil {
		s.answers = append(s.answers, answer{r, n.Place()})
	}
}

// doesAll says that the finding of a rule at m is answered.
func (s *settings) doesAll(r *finding.Rule, m proto.Message) {
	if n := s.policy.Node(m); n != nil {
		s.answers = append(s.answers, answer{r, n.Place()})
	}
}

// place is where a field of m stands.
func (s *settings) place(m proto.Message, field string) finding.Place {
	return s.policy.Node(m).At(field)
}

// limit notes that a field counts what is under way.
func (s *settings) limit(at finding.Place) {
	if s.limits == (finding.Place{}) {
		s.limits = at
	}
}

func (s *settings) tcp(p *mesh.PortPolicy) {
	in := p.ConnectionPool.GetTcp()
	if in == nil {
		return
	}
	if in.MaxConnections > 0 {
		s.traffic.CircuitBreaker.MaxConnections = new(int64(in.MaxConnections))
		s.does(rule.MaxConnections, in, "maxConnections")
		s.limit(s.place(in, "maxConnections"))
	}
	if text, ok := field.Duration(in.ConnectTimeout, time.Millisecond); ok {
		s.timeout().TCP = &TCPTimeout{text}
		s.does(rule.ConnectTimeout, in, "connectTimeout")
	}
	if text, ok := field.Duration(in.MaxConnectionDuration, time.Millisecond); ok {
		s.httpTimeout().MaxConnectionDuration = text
		s.does(rule.ConnectionAge, in, "maxConnectionDuration")
	}
	if k := in.TcpKeepalive; k != nil {
		idle, idleOK := field.Seconds(k.Time)
		interval, intervalOK := field.Seconds(k.Interval)
		if idleOK && intervalOK {
			s.traffic.TCPKeepalive = &TCPKeepalive{IdleTime: idle, Interval: interval}
			if k.Probes > 0 {
				s.traffic.TCPKeepalive.Probes = new(field.Count(k.Probes))
			}
			s.does(rule.Keepalive, in, "tcpKeepalive")
		}
	}
	if p.ConnectionPool.GetHttp().GetIdleTimeout() == nil {
		s.idle(in, in.IdleTimeout)
	}
}

// idle is one time for HTTP/1.1 and HTTP/2; HTTP's own goes before TCP's
// (core/cluster_traffic_policy.go, applyConnectionPool). 0s is no bound.
func (s *settings) idle(m proto.Message, d *durationpb.Duration) {
	if text, ok := field.Duration(d, 0); ok {
		s.httpTimeout().ConnectionIdleTimeout = text
		s.does(rule.ConnectionAge, m, "idleTimeout")
	}
}

func (s *settings) timeout() *Timeout {
	if s.traffic.Timeout == nil {
		s.traffic.Timeout = &Timeout{}
	}
	return s.traffic.Timeout
}

func (s *settings) httpTimeout() *HTTPTimeout {
	if s.timeout().HTTP == nil {
		s.timeout().HTTP = &HTTPTimeout{}
	}
	return s.timeout().HTTP
}

func (s *settings) http(p *mesh.PortPolicy, http2 bool) {
	in, breaker := p.ConnectionPool.GetHttp(), s.traffic.CircuitBreaker
	if in == nil {
		return
	}
	for _, limit := range []struct {
		value int32
		to    **int64
		rule  *finding.Rule
		field string
	}{
		{in.Http1MaxPendingRequests, &breaker.MaxPendingRequests, rule.PendingRequests, "http1MaxPendingRequests"},
		{in.Http2MaxRequests, &breaker.MaxParallelRequests, rule.ActiveRequests, "http2MaxRequests"},
		{in.MaxRetries, &breaker.MaxParallelRetries, rule.ActiveRetries, "maxRetries"},
	} {
		if limit.value > 0 {
			*limit.to = new(int64(limit.value))
			s.does(limit.rule, in, limit.field)
			s.limit(s.place(in, limit.field))
		}
	}
	if in.MaxRequestsPerConnection > 0 {
		breaker.MaxRequestsPerConnection = new(int64(in.MaxRequestsPerConnection))
		s.does(rule.RequestsPerConnection, in, "maxRequestsPerConnection")
	}
	s.idle(in, in.IdleTimeout)
	if in.UseClientProtocol {
		s.traffic.UseClientProtocol = true
		s.does(rule.ClientProtocol, in, "useClientProtocol")
	}
	if http2 && !in.UseClientProtocol { // Istio applies them where it speaks HTTP/2 in any case
		s.streams(p)
	}
}

func (s *settings) streams(p *mesh.PortPolicy) {
	in, out := p.ConnectionPool.GetHttp(), &HTTP2{}
	if in.MaxConcurrentStreams > 0 {
		out.MaxConcurrentStreams = new(in.MaxConcurrentStreams)
		s.does(rule.ConcurrentStreams, in, "maxConcurrentStreams")
	}
	if k := in.Http2KeepAlive; k != nil {
		timeout, timeoutOK := field.Duration(k.Timeout, time.Millisecond)
		interval, intervalOK := field.Duration(k.Interval, time.Millisecond)
		// The CRD wants an answer before the next ping (api/shared_types.go).
		if timeoutOK && (k.Interval == nil || intervalOK && k.Timeout.AsDuration() < k.Interval.AsDuration()) {
			out.ConnectionKeepalive = &HTTP2Keepalive{Interval: interval, Timeout: timeout}
			s.does(rule.Keepalive, in, "http2KeepAlive")
		}
	}
	if *out != (HTTP2{}) {
		s.traffic.HTTP2 = out
	}
}

// budget writes Istio's defaults out, 20 % and 3 retries
// (core/cluster_traffic_policy.go, applyRetryBudget).
func (s *settings) budget(p *mesh.PortPolicy) {
	in := p.RetryBudget
	if in == nil || in.BudgetInterval != nil {
		return
	}
	percent := 20.0
	if in.Percent != nil {
		percent = in.Percent.Value
	}
	out := &RetryBudget{Percent: Fraction{Numerator: int32(percent)}, MinRetryConcurrency: new(uint32(3))}
	if in.MinRetryConcurrency > 0 {
		out.MinRetryConcurrency = new(in.MinRetryConcurrency)
	}
	switch millionths := percent * 10000; {
	case !(percent >= 0 && percent <= 100), millionths != math.Trunc(millionths), *out.MinRetryConcurrency > math.MaxInt32:
		return
	case percent != math.Trunc(percent):
		out.Percent = Fraction{Numerator: int32(millionths), Denominator: new(int32(1000000))}
	}
	s.traffic.CircuitBreaker.RetryBudget = out
	s.doesAll(rule.RetryBudget, in)
	s.limit(s.policy.Node(in).Place())
}

// encoded is equal for equal values.
func encoded(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err)) // own structs of strings and numbers
	}
	return string(text)
}
