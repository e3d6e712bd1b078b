package envoygateway

import (
	"math"
	"math/big"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/policy/field"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// balance is how a pod is chosen: by the fewest requests where nothing is written,
// as in Istio. What Envoy Gateway can't do keeps its finding.
func (s *settings) balance(in *networking.LoadBalancerSettings) {
	if in == nil {
		return
	}
	if hash := in.GetConsistentHash(); hash != nil {
		s.hash(in, hash)
		return
	}
	out := &LoadBalancer{}
	switch in.GetSimple() {
	case networking.LoadBalancerSettings_PASSTHROUGH:
		return
	case networking.LoadBalancerSettings_RANDOM:
		out.Type = "Random"
	case networking.LoadBalancerSettings_ROUND_ROBIN:
		out.Type, out.SlowStart = "RoundRobin", s.slowStart(in)
	default: // LEAST_CONN is LEAST_REQUEST's old name, and UNSPECIFIED the same (core/cluster_traffic_policy.go)
		out.Type, out.SlowStart = "LeastRequest", s.slowStart(in)
	}
	if in.GetSimple() == networking.LoadBalancerSettings_UNSPECIFIED && out.SlowStart == nil {
		return
	}
	s.traffic.LoadBalancer = out
	s.does(rule.LoadBalancing, in, "simple")
}

// slowStart is nil for none, and for another form than the straight one from 10 %,
// which is Envoy's default and Istio's (core/cluster_traffic_policy.go, setWarmup).
func (s *settings) slowStart(in *networking.LoadBalancerSettings) *SlowStart {
	name, window := "warmupDurationSecs", in.GetWarmupDurationSecs()
	if w := in.GetWarmup(); w != nil {
		name, window = "warmup", w.Duration
		if w.MinimumPercent != nil && w.MinimumPercent.Value != 10 || w.Aggression != nil && w.Aggression.Value != 1 {
			return nil
		}
	}
	text, ok := field.Duration(window, 1)
	if !ok {
		return nil
	}
	s.does(rule.Warmup, in, name)
	return &SlowStart{Window: text}
}

// largestTable is Envoy's limit for Maglev (envoygateway: api/loadbalancer_types.go).
const largestTable = 5000011

// hash keeps requests of a key with a pod, by Maglev in any case.
func (s *settings) hash(in *networking.LoadBalancerSettings, hash *networking.LoadBalancerSettings_ConsistentHashLB) {
	out := hashKey(hash)
	n := s.policy.Node(in).Get("consistentHash")
	if out == nil || n == nil {
		return
	}
	if size := hash.GetMaglev().GetTableSize(); size != 0 {
		if size > largestTable || size < 2 || !new(big.Int).SetUint64(size).ProbablyPrime(0) {
			return
		}
		out.TableSize = new(size)
	}
	s.traffic.LoadBalancer = &LoadBalancer{Type: "ConsistentHash", ConsistentHash: out}
	s.hashes = append(s.hashes, answer{rule.ConsistentHash, n.Place()})
	ring := "the key's pod is found in a ring today and in Maglev's table afterwards, so that more keys change their pod when pods come and go; "
	if hash.GetMaglev() != nil {
		ring = ""
	}
	s.told = append(s.told, finding.New(rule.EnvoyGatewayHash, n.Place(),
		"requests to Service %s stay with the pod of their key, but %sa retry stays with that pod today and goes to another one afterwards.", s.policy.Service, ring))
}

// hashKey is nil for a key that says nothing.
func hashKey(hash *networking.LoadBalancerSettings_ConsistentHashLB) *ConsistentHash {
	switch k := hash.HashKey.(type) {
	case *networking.LoadBalancerSettings_ConsistentHashLB_HttpHeaderName:
		if k.HttpHeaderName != "" {
			return &ConsistentHash{Type: "Headers", Headers: []HashKey{{k.HttpHeaderName}}}
		}
	case *networking.LoadBalancerSettings_ConsistentHashLB_HttpQueryParameterName:
		if k.HttpQueryParameterName != "" {
			return &ConsistentHash{Type: "QueryParams", QueryParams: []HashKey{{k.HttpQueryParameterName}}}
		}
	case *networking.LoadBalancerSettings_ConsistentHashLB_HttpCookie:
		if cookie := hashCookie(k.HttpCookie); cookie != nil {
			return &ConsistentHash{Type: "Cookie", Cookie: cookie}
		}
	case *networking.LoadBalancerSettings_ConsistentHashLB_UseSourceIp:
		if k.UseSourceIp {
			return &ConsistentHash{Type: "SourceIP"}
		}
	}
	return nil
}

// hashCookie writes the path as the attribute that it is in Set-Cookie: Envoy
// Gateway has no field for it.
func hashCookie(in *networking.LoadBalancerSettings_ConsistentHashLB_HTTPCookie) *HashCookie {
	out := &HashCookie{Name: in.GetName()}
	if out.Name == "" {
		return nil
	}
	if ttl := in.GetTtl(); ttl != nil {
		var ok bool
		if out.TTL, ok = field.Duration(ttl, 0); !ok {
			return nil
		}
	}
	attributes := map[string]string{}
	for _, a := range in.GetAttributes() {
		if _, twice := attributes[a.Name]; twice {
			return nil
		}
		attributes[a.Name] = a.Value
	}
	if in.GetPath() != "" {
		if _, twice := attributes["Path"]; twice {
			return nil
		}
		attributes["Path"] = in.GetPath()
	}
	if len(attributes) > 0 {
		out.Attributes = attributes
	}
	return out
}

// outlier ejects pods after errors in a row. Defaults are Envoy's, which Istio
// keeps (core/cluster_traffic_policy.go, applyOutlierDetection), written out since
// those of the CRD need not be.
func (s *settings) outlier(in *networking.OutlierDetection) {
	n := s.policy.Node(in)
	if in == nil || n == nil {
		return
	}
	out := &OutlierDetection{Consecutive5xxErrors: new(int32(5)), Interval: "10s", BaseEjectionTime: "30s", MaxEjectionPercent: new(int32(10))}
	if e := in.Consecutive_5XxErrors; e != nil {
		out.Consecutive5xxErrors = new(row(e.Value))
	}
	if e := in.ConsecutiveGatewayErrors; e.GetValue() > 0 {
		out.ConsecutiveGatewayErrors = new(field.Count(e.Value))
	}
	if in.SplitExternalLocalOriginErrors {
		out.SplitExternalLocalOriginErrors = true
		out.ConsecutiveLocalOriginFailures = new(int32(5))
		if e := in.ConsecutiveLocalOriginFailures; e.GetValue() > 0 {
			out.ConsecutiveLocalOriginFailures = new(field.Count(e.Value))
		}
	}
	var ok bool
	if in.Interval != nil {
		if out.Interval, ok = field.Duration(in.Interval, 1); !ok {
			return
		}
	}
	if in.BaseEjectionTime != nil {
		if out.BaseEjectionTime, ok = field.Duration(in.BaseEjectionTime, 1); !ok {
			return
		}
	}
	if in.MaxEjectionPercent > 0 {
		out.MaxEjectionPercent = new(min(in.MaxEjectionPercent, 100))
	}
	s.traffic.HealthCheck = &HealthCheck{Passive: out}
	if in.MinHealthPercent >= 0 { // below that, Istio leaves Envoy's default, as Envoy Gateway does
		s.traffic.HealthCheck.PanicThreshold = new(min(in.MinHealthPercent, 100))
	}
	s.answers = append(s.answers, answer{rule.OutlierDetection, n.Place()})
	s.limit(n.Place())
	s.findings = append(s.findings, finding.New(rule.EnvoyGatewayOutlier, n.Place(),
		"pods of Service %s are ejected after errors in a row today; afterwards also for a success rate below that of their peers, where at least 5 pods get 100 requests in an interval.", s.policy.Service))
}

// row is how many errors in a row eject a pod; Istio's 0 is none, for which there
// is no field.
func row(errors uint32) int32 {
	if errors == 0 {
		return math.MaxInt32
	}
	return field.Count(errors)
}
