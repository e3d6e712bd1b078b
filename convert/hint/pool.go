package hint

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Defaults of what is not written: Istio's connect timeout
// (pkg/config/mesh/mesh.go), Envoy's outlier detection.
const (
	defaultConnect     = 10 * time.Second
	defaultConsecutive = 5
	defaultInterval    = 10 * time.Second
	defaultEjection    = 30 * time.Second
	defaultMaxPercent  = 10
	defaultBudget      = 20
	defaultMinBudget   = 3
)

// settings are the parts of a traffic policy that matter here, of all ports or
// of one.
type settings struct {
	pool    *networking.ConnectionPoolSettings
	outlier *networking.OutlierDetection
	budget  *networking.TrafficPolicy_RetryBudget
	port    uint32
}

// pools are the settings of a DestinationRule by subset and port. What a subset
// or a port says stands in the place of what is said above it, part by part
// (pilot/pkg/networking/util/util.go MergeTrafficPolicy); ports inherit nothing.
func pools(o *istio.Object, spec *networking.DestinationRule) []Pool {
	all := policyPools(o, "", nil, spec.TrafficPolicy)
	for _, s := range spec.Subsets {
		if s.TrafficPolicy != nil {
			all = append(all, policyPools(o, s.Name, spec.TrafficPolicy, s.TrafficPolicy)...)
		}
	}
	slices.SortStableFunc(all, func(a, b Pool) int {
		return cmp.Or(strings.Compare(a.Subset, b.Subset), cmp.Compare(a.Port, b.Port))
	})
	return all
}

func policyPools(o *istio.Object, subset string, above, p *networking.TrafficPolicy) []Pool {
	if p == nil {
		return nil
	}
	own := settings{
		pool:    cmp.Or(p.ConnectionPool, above.GetConnectionPool()),
		outlier: cmp.Or(p.OutlierDetection, above.GetOutlierDetection()),
		budget:  cmp.Or(p.RetryBudget, above.GetRetryBudget()),
	}
	var all []Pool
	if own.pool != nil || own.outlier != nil || own.budget != nil {
		all = append(all, pool(o, own, subset, o.Node(p)))
	}
	for _, s := range p.PortLevelSettings {
		if s.ConnectionPool != nil || s.OutlierDetection != nil {
			all = append(all, pool(o, settings{s.ConnectionPool, s.OutlierDetection, own.budget, s.GetPort().GetNumber()}, subset, o.Node(s)))
		}
	}
	return all
}

func pool(o *istio.Object, s settings, subset string, from *source.Node) Pool {
	tcp, http := s.pool.GetTcp(), s.pool.GetHttp()
	p := Pool{
		Subset: subset, Port: s.port, From: from.Place(), Breaker: breaker(o, s.outlier), ConnectTimeout: defaultConnect,
		MaxConnections: limit(tcp.GetMaxConnections()), MaxPending: limit(http.GetHttp1MaxPendingRequests()),
		MaxRequests: limit(http.GetHttp2MaxRequests()), MaxRetries: limit(http.GetMaxRetries()),
		IdleTimeout: max(0, http.GetIdleTimeout().AsDuration()),
		At:          poolPlaces(o, s),
	}
	if d := tcp.GetConnectTimeout().AsDuration(); d > 0 {
		p.ConnectTimeout = d
	}
	if b := s.budget; b != nil {
		p.Budget, p.MinBudget = defaultBudget, defaultMinBudget
		if b.Percent != nil {
			p.Budget = b.Percent.Value
		}
		if b.MinRetryConcurrency > 0 {
			p.MinBudget = b.MinRetryConcurrency
		}
	}
	return p
}

// limit is a written limit; what is not positive is none (Envoy has 2^32-1 then).
func limit(n int32) int { return int(max(0, n)) }

func poolPlaces(o *istio.Object, s settings) Places {
	at := Places{}
	if tcp := s.pool.GetTcp(); tcp != nil {
		maps.Copy(at, places(o.Node(tcp), "maxConnections", "connectTimeout"))
	}
	if http := s.pool.GetHttp(); http != nil {
		maps.Copy(at, places(o.Node(http), "http1MaxPendingRequests", "http2MaxRequests", "maxRetries", "idleTimeout"))
	}
	if s.budget != nil {
		n := o.Node(s.budget)
		maps.Copy(at, places(n, "minRetryConcurrency"))
		at["retryBudget"] = n.At("percent")
	}
	return at
}

// breaker reads outlier detection; nil where it is not configured, or counts
// nothing.
func breaker(o *istio.Object, d *networking.OutlierDetection) *Breaker {
	if d == nil {
		return nil
	}
	b := &Breaker{
		Consecutive: defaultConsecutive, Interval: defaultInterval, Ejection: defaultEjection, MaxPercent: defaultMaxPercent,
		Gateway: int(d.GetConsecutiveGatewayErrors().GetValue()), From: o.Node(d).Place(),
		At: places(o.Node(d), "consecutive5xxErrors", "consecutiveGatewayErrors", "interval", "baseEjectionTime", "maxEjectionPercent"),
	}
	if d.Consecutive_5XxErrors != nil {
		b.Consecutive = int(d.Consecutive_5XxErrors.Value)
	}
	if i := d.Interval.AsDuration(); i > 0 {
		b.Interval = i
	}
	if e := d.BaseEjectionTime.AsDuration(); e > 0 {
		b.Ejection = e
	}
	if d.MaxEjectionPercent > 0 {
		b.MaxPercent = int(d.MaxEjectionPercent)
	}
	if b.Consecutive == 0 && b.Gateway == 0 {
		return nil
	}
	return b
}
