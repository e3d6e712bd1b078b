package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
)

// Kind is what a setting is for.
type Kind string

// The kinds whose effect may show in what proxies count.
const (
	Route          Kind = "route"
	Split          Kind = "split"
	Mirror         Kind = "mirror"
	Timeout        Kind = "timeout"
	Retries        Kind = "retries"
	Abort          Kind = "fault abort"
	Delay          Kind = "fault delay"
	CircuitBreaker Kind = "circuit breaker"
	Outlier        Kind = "outlier detection"
)

var kindsOfSettings = []Kind{Route, Split, Mirror, Timeout, Retries, Abort, Delay, CircuitBreaker, Outlier}

// destination is where requests go.
type destination struct {
	host, subset, version string // host as Istio resolves it; version is the label of the subset's pods
	weight                int32
}

func (d destination) String() string {
	name := strings.TrimSuffix(d.host, ".svc.cluster.local")
	if d.subset != "" {
		name += " " + d.subset
	}
	return name
}

// configured is a setting as it is written.
type configured struct {
	Setting

	to        []destination
	certain   bool // of a circuit breaker: Envoy flags every request that it refuses
	namespace bool // the object names its namespace
}

// reader gathers the settings of objects.
type reader struct {
	namespace string                       // of objects that name none
	versions  map[string]map[string]string // of subsets, by the host of their DestinationRule
	all       []configured
}

func (r *reader) in(o *istio.Object) string { return cmp.Or(o.Namespace, r.namespace) }

// subsets notes the version that each subset stands for.
func (r *reader) subsets(o *istio.Object, dr *networking.DestinationRule) {
	host := mesh.ResolveHost(dr.Host, r.in(o))
	if r.versions[host] == nil {
		r.versions[host] = map[string]string{}
	}
	for _, s := range dr.Subsets {
		version := s.Labels["version"]
		if other, there := r.versions[host][s.Name]; there && other != version || len(s.Labels) > 1 {
			version = "" // the label does not tell the pods of the subset apart
		}
		r.versions[host][s.Name] = version
	}
}

// version is that of a subset: of the DestinationRule for the host, else of the one
// with the longest wildcard (pilot/pkg/model/push_context.go, MostSpecificHostMatch).
func (r *reader) version(host, subset string) string {
	best, found := host, r.versions[host] != nil
	for of := range r.versions {
		if suffix, ok := strings.CutPrefix(of, "*"); ok && strings.HasSuffix(host, suffix) && (!found || strings.HasPrefix(best, "*") && len(of) > len(best)) {
			best, found = of, true
		}
	}
	return r.versions[best][subset]
}

func (r *reader) destination(o *istio.Object, d *networking.Destination, weight int32) destination {
	host := mesh.ResolveHost(d.GetHost(), r.in(o))
	return destination{host: host, subset: d.GetSubset(), version: r.version(host, d.GetSubset()), weight: weight}
}

// virtualService gathers what each route of a VirtualService sets.
func (r *reader) virtualService(o *istio.Object, vs *networking.VirtualService) {
	for i, route := range vs.Http {
		var to []destination
		for _, d := range route.Route {
			to = append(to, r.destination(o, d.Destination, d.Weight))
		}
		at := fmt.Sprintf("http[%d]", i)
		r.routes(o, route, "route", at, to)
		r.treatment(o, route, at, to)
		mirrors := []destination{}
		if route.Mirror != nil {
			mirrors = append(mirrors, r.destination(o, route.Mirror, 0))
		}
		for _, m := range route.Mirrors {
			mirrors = append(mirrors, r.destination(o, m.Destination, 0))
		}
		for _, m := range mirrors {
			r.add(o, route, cmp.Or(written(o, route, "mirror"), "mirrors"), Mirror, at, "to "+m.String(), []destination{m})
		}
	}
	for i, route := range vs.Tcp {
		r.routes(o, route, "route", fmt.Sprintf("tcp[%d]", i), r.plain(o, route.Route))
	}
	for i, route := range vs.Tls {
		r.routes(o, route, "route", fmt.Sprintf("tls[%d]", i), r.plain(o, route.Route))
	}
}

func (r *reader) plain(o *istio.Object, route []*networking.RouteDestination) (to []destination) {
	for _, d := range route {
		to = append(to, r.destination(o, d.Destination, d.Weight))
	}
	return to
}

// routes adds the route, and its split where it has one.
func (r *reader) routes(o *istio.Object, m message, field, at string, to []destination) {
	if len(to) == 0 {
		return // a redirect, an answer of the proxy's own, or a delegate: no service stands for it
	}
	names := make([]string, len(to))
	weighted := 0
	for i, d := range to {
		names[i] = d.String()
		if len(to) > 1 {
			names[i] += fmt.Sprintf(" %d", d.weight)
		}
		if d.weight > 0 {
			weighted++
		}
	}
	r.add(o, m, field, Route, at, "to "+strings.Join(names, ", "), to)
	if weighted > 1 {
		r.add(o, m, field, Split, at, "to "+strings.Join(names, ", "), slices.DeleteFunc(slices.Clone(to), func(d destination) bool { return d.weight == 0 }))
	}
}

// treatment adds what a route does beside routing.
func (r *reader) treatment(o *istio.Object, route *networking.HTTPRoute, at string, to []destination) {
	if t := route.Timeout.AsDuration(); t > 0 {
		r.add(o, route, "timeout", Timeout, at, t.String(), to)
	}
	if retries := route.Retries; retries != nil && retries.Attempts > 0 {
		text := fmt.Sprintf("%d attempts", retries.Attempts)
		if t := retries.PerTryTimeout.AsDuration(); t > 0 {
			text += ", " + t.String() + " each"
		}
		if retries.RetryOn != "" {
			text += ", on " + retries.RetryOn
		}
		r.add(o, route, "retries", Retries, at, text, to)
	}
	if route.Fault.GetAbort() != nil {
		r.add(o, route, "fault", Abort, at, share(route.Fault.Abort.Percentage), to)
	}
	if route.Fault.GetDelay() != nil {
		r.add(o, route, "fault", Delay, at, share(route.Fault.Delay.Percentage), to)
	}
}

func share(p *networking.Percent) string {
	if p == nil {
		return "every request"
	}
	return fmt.Sprintf("%g %% of requests", p.Value)
}

// destinationRule gathers what guards the connections to a host or to a subset.
func (r *reader) destinationRule(o *istio.Object, dr *networking.DestinationRule) {
	host := mesh.ResolveHost(dr.Host, r.in(o))
	r.policy(o, dr.TrafficPolicy, "trafficPolicy", destination{host: host})
	for _, s := range dr.Subsets {
		r.policy(o, s.TrafficPolicy, fmt.Sprintf("subsets[%s].trafficPolicy", s.Name), destination{host: host, subset: s.Name, version: s.Labels["version"]})
	}
}

func (r *reader) policy(o *istio.Object, p *networking.TrafficPolicy, at string, to destination) {
	if p == nil {
		return
	}
	r.pool(o, p, at, p.ConnectionPool, p.OutlierDetection, to)
	for _, port := range p.PortLevelSettings {
		r.pool(o, port, fmt.Sprintf("%s.portLevelSettings[%d]", at, port.GetPort().GetNumber()), port.ConnectionPool, port.OutlierDetection, to)
	}
}

func (r *reader) pool(o *istio.Object, m message, at string, pool *networking.ConnectionPoolSettings, outlier *networking.OutlierDetection, to destination) {
	var limits []string
	certain := true
	for _, l := range []struct {
		name    string
		value   int32
		flagged bool // a request beyond it gets the flag UO
	}{
		{"maxConnections", pool.GetTcp().GetMaxConnections(), false}, // requests wait for a connection
		{"http1MaxPendingRequests", pool.GetHttp().GetHttp1MaxPendingRequests(), true},
		{"http2MaxRequests", pool.GetHttp().GetHttp2MaxRequests(), true},
		{"maxRetries", pool.GetHttp().GetMaxRetries(), false}, // the answer before is given
	} {
		if l.value > 0 {
			limits = append(limits, fmt.Sprintf("%s %d", l.name, l.value))
			certain = certain && l.flagged
		}
	}
	if len(limits) > 0 {
		r.add(o, m, "connectionPool", CircuitBreaker, at, strings.Join(limits, ", "), []destination{to})
		r.all[len(r.all)-1].certain = certain
	}
	if outlier != nil {
		r.add(o, m, "outlierDetection", Outlier, at, "to "+to.String(), []destination{to})
	}
}

// add notes a setting with its place.
func (r *reader) add(o *istio.Object, m message, field string, kind Kind, at, text string, to []destination) {
	place := o.At(m, field)
	r.all = append(r.all, configured{
		Setting: Setting{Kind: kind, Object: o.Object(), Field: at, File: place.Pos.File, Line: place.Pos.Line, Written: text},
		to:      to, namespace: o.Namespace != "",
	})
}

// written is field if the author wrote it.
func written(o *istio.Object, m message, field string) string {
	if o.Wrote(m, field) {
		return field
	}
	return ""
}
