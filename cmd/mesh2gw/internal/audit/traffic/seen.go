package traffic

import (
	"maps"
	"slices"
	"strings"
)

// Seen is what was counted of one service, or of one version of it. Flags are
// Envoy's response flags (Envoy docs, observability/access_log/usage, RESPONSE_FLAGS).
type Seen struct {
	Calls    float64            // requests, by the proxies of callers: sidecars, gateways, waypoints
	Arrived  float64            // requests, by the proxies of the service
	FromMesh float64            // of Arrived, those of callers that count too
	Open     bool               // there are series of connections, which may be older than the window
	TCP      float64            // connections, by whichever side counted more
	Flags    map[string]float64 // requests and connections, by callers
	Versions map[string]float64 // requests and connections, by callers, else as they arrived
	Envoy    map[string]float64 // Envoy's counters of callers' clusters; a metric that no proxy gives is missing

	tcpCalls, tcpArrived float64
	arrived              map[string]float64 // Versions, as they arrived
}

func newSeen() *Seen {
	return &Seen{Flags: map[string]float64{}, Versions: map[string]float64{}, Envoy: map[string]float64{}, arrived: map[string]float64{}}
}

// All is the greater of what callers and the service itself counted.
func (s *Seen) All() float64 { return max(s.Calls, s.Arrived) + s.TCP }

// Table is what was counted, by service.
type Table struct {
	Counted  *Counted
	Services map[string]*Seen // by Key
	Nowhere  *Seen            // what named no service
	Unnamed  float64          // of Nowhere, what lacks the label destination_service
	Secured  float64          // of what arrived, that with mutual TLS
	Arrived  float64
	of       map[string]*Seen
	wild     []string                         // services whose names are wildcards
	subsets  map[[2]string]map[string]float64 // Envoy's counters by service and subset
}

// Key is the host of a service without the domain of the cluster, which metrics and
// manifests may spell in different ways: reviews.shop.svc. A sidecar that knows no
// service for a request gives its Host header, with the port (istio/proxy,
// source/extensions/filters/http/istio_stats/istio_stats.cc).
func Key(host string) string {
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	host = strings.TrimSuffix(host, ".")
	if parts := strings.Split(host, "."); len(parts) > 3 && parts[2] == "svc" {
		return strings.Join(parts[:3], ".")
	}
	return host
}

// Tabulate sums series up by service.
func Tabulate(c *Counted) *Table {
	t := &Table{Counted: c, Services: map[string]*Seen{}, Nowhere: newSeen(), of: map[string]*Seen{}, subsets: map[[2]string]map[string]float64{}}
	for _, s := range c.Series {
		if s.Metric == Requests || s.Metric == Connections {
			t.telemetry(s)
			continue
		}
		t.envoy(s)
	}
	for key, s := range t.Services {
		if strings.HasPrefix(key, "*") {
			t.wild = append(t.wild, key)
		}
		s.TCP = max(s.tcpCalls, s.tcpArrived)
		for version, n := range s.arrived {
			s.Versions[version] = max(s.Versions[version], n)
		}
	}
	return t
}

func (t *Table) at(key string) *Seen {
	if t.Services[key] == nil {
		t.Services[key] = newSeen()
	}
	return t.Services[key]
}

func (t *Table) telemetry(s Series) {
	to := t.Nowhere
	if host := s.Labels["destination_service"]; host != "" && host != unknownLabel {
		to = t.at(Key(host))
	}
	if s.Labels["destination_service"] == "" {
		t.Unnamed += s.Count
	}
	version := s.Labels["destination_version"]
	to.Open = to.Open || s.Metric == Connections
	if s.Labels["reporter"] == "destination" {
		to.arrived[version] += s.Count
		t.Arrived += s.Count
		if s.Labels["connection_security_policy"] == "mutual_tls" {
			t.Secured += s.Count
		}
		if s.Metric == Connections {
			to.tcpArrived += s.Count
			return
		}
		to.Arrived += s.Count
		if s.Labels["source_workload"] != unknownLabel {
			to.FromMesh += s.Count
		}
		return
	}
	to.Versions[version] += s.Count
	for flag := range strings.SplitSeq(s.Labels["response_flags"], ",") {
		to.Flags[flag] += s.Count
	}
	if s.Metric == Connections {
		to.tcpCalls += s.Count
		return
	}
	to.Calls += s.Count
}

// envoy reads outbound|9080|v1|reviews.shop.svc.cluster.local, as Istio names clusters
// (pilot/pkg/model/cluster_local.go, BuildSubsetKey).
func (t *Table) envoy(s Series) {
	parts := strings.SplitN(strings.TrimSuffix(s.Labels["cluster_name"], ";"), "|", 4)
	if len(parts) != 4 || parts[0] != "outbound" {
		return
	}
	key := Key(parts[3])
	t.at(key).Envoy[s.Metric] += s.Count
	by := [2]string{key, parts[2]}
	if t.subsets[by] == nil {
		t.subsets[by] = map[string]float64{}
	}
	t.subsets[by][s.Metric] += s.Count
}

// Of is what was counted of a host, the same for each call: of all services that a
// wildcard covers, of a service whose own name is a wildcard that covers the host
// (a ServiceEntry's), and under its short names, whoever used them.
func (t *Table) Of(host string) *Seen {
	key := Key(host)
	if s := t.of[key]; s != nil {
		return s
	}
	all, among := newSeen(), append([]string{key}, t.wild...)
	if parts := strings.Split(key, "."); len(parts) == 3 && parts[2] == "svc" {
		for _, short := range []string{parts[0], parts[0] + "." + parts[1]} {
			if s := t.Services[short]; s != nil {
				all.add(s)
			}
		}
	}
	if strings.HasPrefix(key, "*") {
		among = slices.Collect(maps.Keys(t.Services))
	}
	for _, one := range among {
		if s := t.Services[one]; s != nil && (one == key || covers(key, one) || covers(one, key) || mayCover(key, one)) {
			all.add(s)
		}
	}
	t.of[key] = all
	return all
}

// mayCover tells whether a wildcard may take the service that a short name is of: one
// without a namespace can be anywhere.
func mayCover(wildcard, short string) bool {
	switch strings.Count(short, ".") {
	case 0:
		return covers(wildcard, short+".svc") || strings.HasPrefix(wildcard, "*") && strings.HasSuffix(wildcard, ".svc")
	case 1:
		return covers(wildcard, short+".svc")
	}
	return false
}

// covers tells whether a wildcard, as Key makes it, takes a host.
func covers(wildcard, key string) bool {
	suffix, ok := strings.CutPrefix(wildcard, "*")
	return ok && (strings.HasSuffix(key, suffix) || strings.HasSuffix(key, ".svc") && strings.HasSuffix(key+".cluster.local", suffix))
}

// OfSubset is what Envoy counted for a subset, which has clusters of its own.
func (t *Table) OfSubset(host, subset string) map[string]float64 {
	return t.subsets[[2]string{Key(host), subset}]
}

func (s *Seen) add(o *Seen) {
	s.Open = s.Open || o.Open
	s.Calls, s.Arrived, s.FromMesh, s.TCP = s.Calls+o.Calls, s.Arrived+o.Arrived, s.FromMesh+o.FromMesh, s.TCP+o.TCP
	for _, pair := range [][2]map[string]float64{{s.Flags, o.Flags}, {s.Versions, o.Versions}, {s.Envoy, o.Envoy}} {
		for key, n := range pair[1] {
			pair[0][key] += n
		}
	}
}

// noVersion are what Istio writes for pods without the label, or without a proxy.
var noVersion = []string{"", unknownLabel, "latest"}

// Knows tells whether versions of a service are told apart.
func (s *Seen) Knows() bool {
	for version := range s.Versions {
		if !slices.Contains(noVersion, version) {
			return true
		}
	}
	return false
}

// Unversioned is the part of Versions whose version is not known.
func (s *Seen) Unversioned() (n float64) {
	for _, version := range noVersion {
		n += s.Versions[version]
	}
	return n
}
