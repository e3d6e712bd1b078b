package kgateway

import (
	"math"
	"strconv"
	"time"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/policy/field"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// balance is how a pod is chosen: the fewest requests of two where nothing is
// written, as in Istio; kgateway's default is taking turns. nil for what it can't do.
func (b *backend) balance(in *networking.LoadBalancerSettings) *LoadBalancer {
	if hash := in.GetConsistentHash(); hash != nil {
		return b.hash(in, hash)
	}
	slow := b.slowStart(in)
	switch in.GetSimple() {
	case networking.LoadBalancerSettings_PASSTHROUGH:
		return nil
	case networking.LoadBalancerSettings_RANDOM:
		b.does(rule.LoadBalancing, in, "simple")
		return &LoadBalancer{Random: &Random{}}
	case networking.LoadBalancerSettings_ROUND_ROBIN:
		b.does(rule.LoadBalancing, in, "simple")
		return &LoadBalancer{RoundRobin: &RoundRobin{SlowStart: slow}}
	}
	if in != nil {
		b.does(rule.LoadBalancing, in, "simple")
	}
	return &LoadBalancer{LeastRequest: &LeastRequest{ChoiceCount: 2, SlowStart: slow}}
}

// slowStart is nil for none, and where the algorithm has none.
func (b *backend) slowStart(in *networking.LoadBalancerSettings) *SlowStart {
	if s := in.GetSimple(); s == networking.LoadBalancerSettings_RANDOM || s == networking.LoadBalancerSettings_PASSTHROUGH {
		return nil
	}
	w := in.GetWarmup()
	if w == nil {
		window, ok := field.Duration(in.GetWarmupDurationSecs(), time.Millisecond)
		if !ok {
			return nil
		}
		b.does(rule.Warmup, in, "warmupDurationSecs")
		return &SlowStart{Window: window}
	}
	window, ok := field.Duration(w.Duration, time.Millisecond)
	least := 10.0 // Istio's default (core/cluster_traffic_policy.go, setWarmup)
	if w.MinimumPercent != nil {
		least = w.MinimumPercent.Value
	}
	steep := 1.0
	if w.Aggression != nil {
		steep = w.Aggression.Value
	}
	if !ok || least != math.Trunc(least) || least < 0 || least > 100 || steep <= 0 || math.IsInf(steep, 0) || math.IsNaN(steep) {
		return nil
	}
	b.does(rule.Warmup, in, "warmup")
	return &SlowStart{Window: window, Aggression: strconv.FormatFloat(steep, 'f', -1, 64), MinWeightPercent: new(int32(least))}
}

// defaultRing is Istio's ring where no size is written (core/cluster_traffic_policy.go,
// ApplyRingHashLoadBalancer).
const defaultRing = 1024

// hash keeps requests of a key with a pod; nil for a key or table that kgateway
// has no field for.
func (b *backend) hash(in *networking.LoadBalancerSettings, hash *networking.LoadBalancerSettings_ConsistentHashLB) *LoadBalancer {
	policies := hashPolicies(hash)
	if policies == nil {
		return nil
	}
	out := &LoadBalancer{}
	switch size := ringSize(hash); {
	case hash.GetMaglev().GetTableSize() != 0, size > math.MaxInt64:
		return nil
	case hash.GetMaglev() != nil:
		out.Maglev = &Maglev{HashPolicies: policies}
	default:
		out.RingHash = &RingHash{MinimumRingSize: new(int64(size)), HashPolicies: policies}
	}
	b.does(rule.ConsistentHash, in, "consistentHash")
	return out
}

func ringSize(hash *networking.LoadBalancerSettings_ConsistentHashLB) uint64 {
	switch {
	case hash.GetRingHash().GetMinimumRingSize() != 0:
		return hash.GetRingHash().GetMinimumRingSize()
	//lint:ignore SA1019 Istio reads the old field too
	case hash.GetRingHash() == nil && hash.MinimumRingSize != 0:
		//lint:ignore SA1019 Istio reads the old field too
		return hash.MinimumRingSize
	}
	return defaultRing
}

// hashPolicies is nil for a query parameter, and for cookies with attributes.
func hashPolicies(hash *networking.LoadBalancerSettings_ConsistentHashLB) []HashPolicy {
	switch k := hash.HashKey.(type) {
	case *networking.LoadBalancerSettings_ConsistentHashLB_HttpHeaderName:
		if k.HttpHeaderName == "" {
			return nil
		}
		return []HashPolicy{{Header: &HashHeader{k.HttpHeaderName}}}
	case *networking.LoadBalancerSettings_ConsistentHashLB_HttpCookie:
		c := &HashCookie{Name: k.HttpCookie.GetName(), Path: k.HttpCookie.GetPath()}
		if c.Name == "" || len(k.HttpCookie.GetAttributes()) > 0 {
			return nil
		}
		if ttl := k.HttpCookie.GetTtl(); ttl != nil {
			var ok bool
			if c.TTL, ok = field.Duration(ttl, 0); !ok {
				return nil
			}
		}
		return []HashPolicy{{Cookie: c}}
	case *networking.LoadBalancerSettings_ConsistentHashLB_UseSourceIp:
		if k.UseSourceIp {
			return []HashPolicy{{SourceIP: &SourceIP{}}}
		}
	}
	return nil
}

// outlier ejects pods after 5xx answers in a row. Defaults are Envoy's, which
// Istio keeps, written out since those of the CRD need not be
// (core/cluster_traffic_policy.go, applyOutlierDetection).
func (b *backend) outlier(spec *BackendConfigPolicySpec, in *networking.OutlierDetection) {
	n := b.policy.Node(in)
	if in == nil || n == nil {
		return
	}
	out := &OutlierDetection{Consecutive5xx: new(int32(5)), Interval: "10s", BaseEjectionTime: "30s", MaxEjectionPercent: new(int32(10))}
	if e := in.Consecutive_5XxErrors; e != nil {
		out.Consecutive5xx = new(field.Count(e.Value))
	}
	if text, ok := field.Duration(in.Interval, time.Millisecond); ok {
		out.Interval = text
	} else if in.Interval != nil {
		return
	}
	if text, ok := field.Duration(in.BaseEjectionTime, time.Millisecond); ok {
		out.BaseEjectionTime = text
	} else if in.BaseEjectionTime != nil {
		return
	}
	if in.MaxEjectionPercent > 0 {
		out.MaxEjectionPercent = new(min(in.MaxEjectionPercent, 100))
	}
	spec.OutlierDetection = out
	b.panicBelow(spec, in)
	b.answers = append(b.answers, gwapi.Carried{Rule: rule.OutlierDetection, At: n.Place(), By: b.by})
	b.signs(in)
}

// panicBelow is the share of healthy pods below which all get requests: 0 in
// Istio where nothing is written, 50 % in kgateway.
func (b *backend) panicBelow(spec *BackendConfigPolicySpec, in *networking.OutlierDetection) {
	if in.MinHealthPercent < 0 {
		return // Istio leaves Envoy's default
	}
	if spec.LoadBalancer == nil {
		b.findings = append(b.findings, finding.New(rule.KgatewayEjection, b.place(in, "minHealthPercent"),
			"pods that are ejected get requests again when fewer than %d %% are left today, and when fewer than 50 %% are left afterwards, since kgateway can't choose pods as this rule does.", in.MinHealthPercent))
		return
	}
	spec.LoadBalancer.HealthyPanicThreshold = new(min(in.MinHealthPercent, 100))
}

// signs reports by what else pods are ejected today, or will be.
func (b *backend) signs(in *networking.OutlierDetection) {
	service := b.policy.Service
	if e := in.ConsecutiveGatewayErrors.GetValue(); e > 0 {
		b.findings = append(b.findings, finding.New(rule.KgatewayEjection, b.place(in, "consecutiveGatewayErrors"),
			"a pod of Service %s is ejected after %d gateway errors (502, 503, 504) in a row today; kgateway counts all 5xx answers alike.", service, e))
	}
	if in.SplitExternalLocalOriginErrors {
		b.findings = append(b.findings, finding.New(rule.KgatewayEjection, b.place(in, "splitExternalLocalOriginErrors"),
			"failed connections to a pod of Service %s are counted apart from its answers today; kgateway counts them as 5xx answers.", service))
	}
	b.findings = append(b.findings, finding.New(rule.KgatewayOutlier, b.place(in, "interval"),
		"pods of Service %s are ejected after errors in a row today; afterwards also for a success rate below that of their peers, where at least 5 pods get 100 requests in an interval.", service))
}

var _ gwapi.Extender = (*Extender)(nil)
