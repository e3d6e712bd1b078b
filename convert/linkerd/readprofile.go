package linkerd

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// maxDepth bounds conditions in conditions.
const maxDepth = 32

// skipAnnotation keeps SMI's adaptor from writing to a ServiceProfile
// (linkerd-smi, pkg/adaptor/controller.go).
const skipAnnotation = "smi.linkerd.io/skip"

// name is the object's, with its namespace resolved.
func (r *reader) name() route.Name {
	return route.Name{Namespace: cmp.Or(r.doc.Namespace, r.namespace), Name: r.doc.Name}
}

// envelope judges what stands around the spec.
func (r *reader) envelope() (spec *source.Node) {
	r.fields(r.doc.Root, "a "+r.doc.Kind, "apiVersion", "kind", "metadata", "spec", "status")
	if r.doc.Name == "" {
		r.refuse(r.doc.Root, "this %s has no name; the API server refuses it, and it is not converted.", r.doc.Kind)
	}
	if bad := istio.BadNames(r.doc.Root); len(bad) > 0 {
		r.findings, r.refused = append(r.findings, bad...), true
	}
	spec = get(r.doc.Root, "spec")
	if spec == nil {
		r.refuse(r.doc.Root, "%s has no spec; it is refused, and not converted.", r.doc.Object())
	}
	return spec
}

// profile reads a ServiceProfile; nil where it does nothing today.
func (r *reader) profile() *profile {
	spec := r.envelope()
	p := &profile{Name: r.name(), root: r.doc.Root, over: get(spec, "dstOverrides")}
	p.skipsSplit = get(get(get(r.doc.Root, "metadata"), "annotations"), skipAnnotation) != nil
	r.fields(spec, "a ServiceProfile", "routes", "retryBudget", "dstOverrides", "opaquePorts")
	routes := r.list(spec, "routes")
	for i := range routes {
		p.routes = append(p.routes, r.route(&routes[i]))
	}
	p.budget = r.budget(get(spec, "retryBudget"))
	overrides := r.list(spec, "dstOverrides")
	for i := range overrides {
		p.overrides = append(p.overrides, r.override(&overrides[i]))
	}
	if ports := get(spec, "opaquePorts"); ports != nil {
		r.note(rule.LinkerdOpaquePorts, ports, "requests to these ports are not looked at today; a route applies to all ports of its Service that speak HTTP.")
	}
	var ok bool
	if p.service, ok = serviceOf(p.Name.Name); !ok && !r.refused {
		r.note(rule.ProfileName, cmp.Or(get(get(r.doc.Root, "metadata"), "name"), r.doc.Root),
			"%s applies to no Service, today or after: Linkerd looks for a profile by a name of the form SERVICE.NAMESPACE.svc.cluster.local.", r.doc.Object())
		return nil
	}
	if r.refused {
		return nil
	}
	return p
}

// serviceOf reads the full name of a Service.
func serviceOf(host string) (route.Name, bool) {
	name, ok := mesh.ResolveService(host)
	return name, ok && host == name.Name+"."+name.Namespace+".svc.cluster.local"
}

func (r *reader) route(n *source.Node) profileRoute {
	out := profileRoute{node: n}
	if !r.fields(n, "a route", "name", "condition", "responseClasses", "isRetryable", "timeout") {
		r.refuse(n, "a route is empty; Linkerd's webhook refuses the object, and it is not converted.")
		return out
	}
	if out.name = r.text(n, "name"); out.name == "" {
		r.refuse(n, "a route has no name; the object is refused, and not converted.")
	}
	c := get(n, "condition")
	if c == nil {
		r.refuse(n, "a route has no condition; the object is refused, and not converted.")
		return out
	}
	out.condition = r.condition(c, 0)
	if not := out.condition.not; not != nil {
		r.note(rule.LinkerdSchema, not.node, "the CRD of ServiceProfiles takes a list here, and Linkerd a condition, so that neither form gets into a cluster; it is read as meant.")
	}
	classes := r.list(n, "responseClasses")
	for i := range classes {
		out.classes = append(out.classes, r.class(&classes[i]))
	}
	out.retryable = r.flag(n, "isRetryable")
	if out.timeout = r.duration(n, "timeout"); out.timeout < 0 {
		r.note(rule.LinkerdIdle, get(n, "timeout"), "a timeout below zero is none: requests wait without end today, and after.")
		out.timeout = 0
	}
	return out
}

func (r *reader) condition(n *source.Node, depth int) condition {
	out := condition{node: n}
	if depth > maxDepth {
		r.refuse(n, "conditions lie %d deep in each other; the object is not converted.", depth)
		return out
	}
	if !r.fields(n, "a condition", "all", "any", "not", "pathRegex", "method") {
		return out
	}
	all, some := r.list(n, "all"), r.list(n, "any")
	out.hasAll, out.hasAny = get(n, "all") != nil, get(n, "any") != nil
	for i := range all {
		out.all = append(out.all, r.condition(&all[i], depth+1))
	}
	for i := range some {
		out.any = append(out.any, r.condition(&some[i], depth+1))
	}
	if not := get(n, "not"); not != nil {
		c := r.condition(not, depth+1)
		out.not = &c
	}
	out.path, out.method = r.written(n, "pathRegex"), r.written(n, "method")
	if !out.hasAll && !out.hasAny && out.not == nil && out.path == nil && out.method == nil {
		r.refuse(n, "a condition says nothing; Linkerd's webhook refuses the object, and it is not converted.")
	}
	return out
}

// written is a text under key that is not empty.
func (r *reader) written(n *source.Node, key string) *source.Node {
	if r.text(n, key) == "" {
		return nil
	}
	return get(n, key)
}

func (r *reader) class(n *source.Node) class {
	var out class
	if !r.fields(n, "a response class", "condition", "isFailure") || get(n, "condition") == nil {
		r.refuse(n, "a response class has no condition; the object is refused, and not converted.")
		return out
	}
	out.condition = r.answer(get(n, "condition"), 0)
	out.failure = r.flag(n, "isFailure") != nil
	return out
}

func (r *reader) answer(n *source.Node, depth int) answer {
	var out answer
	if depth > maxDepth {
		r.refuse(n, "conditions lie %d deep in each other; the object is not converted.", depth)
		return out
	}
	if !r.fields(n, "a condition on answers", "all", "any", "not", "status") {
		return out
	}
	all, some := r.list(n, "all"), r.list(n, "any")
	out.hasAll, out.hasAny = get(n, "all") != nil, get(n, "any") != nil
	for i := range all {
		out.all = append(out.all, r.answer(&all[i], depth+1))
	}
	for i := range some {
		out.any = append(out.any, r.answer(&some[i], depth+1))
	}
	if not := get(n, "not"); not != nil {
		a := r.answer(not, depth+1)
		out.not = &a
	}
	out.status = r.status(get(n, "status"))
	if !out.hasAll && !out.hasAny && out.not == nil && out.status == nil {
		r.refuse(n, "a condition on answers says nothing; Linkerd's webhook refuses the object, and it is not converted.")
	}
	return out
}

func (r *reader) status(n *source.Node) *statusRange {
	if !r.fields(n, "a range of statuses", "min", "max") {
		return nil
	}
	out := &statusRange{r.number(n, "min"), r.number(n, "max")}
	outside := func(v uint32) bool { return v != 0 && (v < 100 || v > 599) }
	if outside(out.min) || outside(out.max) || out.min != 0 && out.max != 0 && out.max < out.min {
		r.refuse(n, "a range of statuses lies within 100 and 599; Linkerd's webhook refuses the object, and it is not converted.")
	}
	return out
}

// budget reads a RetryBudget, with the limits of the proxy
// (linkerd/service-profiles/src/proto.rs, convert_retry_budget).
func (r *reader) budget(n *source.Node) *budget {
	if !r.fields(n, "a retry budget", "retryRatio", "minRetriesPerSecond", "ttl") {
		return nil
	}
	out := &budget{node: n, perSecond: r.number(n, "minRetriesPerSecond"), ttl: r.duration(n, "ttl")}
	for _, key := range []string{"retryRatio", "minRetriesPerSecond", "ttl"} {
		if get(n, key) == nil {
			r.refuse(n, "a retry budget lacks %s; the API server refuses the object, and it is not converted.", key)
		}
	}
	if c := r.scalar(n, "retryRatio", source.Float, source.Int); c != nil {
		ratio, err := strconv.ParseFloat(c.Value(), 64)
		if err != nil || ratio < 0 {
			r.refuse(c, "retryRatio %s is no share from 0 on; Linkerd's webhook refuses the object, and it is not converted.", c.Value())
		}
		out.ratio = ratio
	}
	switch {
	case out.ttl < time.Second || out.ttl > time.Minute:
		out.ignored = "its ttl has to be from 1s to 60s"
	case out.ratio > 1000:
		out.ignored = "its retryRatio has to be at most 1000"
	case out.perSecond > 1<<31-1:
		out.ignored = "its minRetriesPerSecond is too large"
	}
	return out
}

// elsewhere reports the kinds of Linkerd and SMI that are not converted.
func elsewhere(d *source.Document) (finding.Finding, bool) {
	group, _, _ := strings.Cut(d.APIVersion, "/")
	what, ok := otherKinds[group+"/"+d.Kind]
	if !ok {
		return finding.Finding{}, false
	}
	return finding.New(rule.LinkerdKind, d.Place(), "%s %s It is not converted.", d.Object(), what), true
}

// otherKinds are the kinds that shape traffic or protect something, with what
// they do. Linkerd's HTTPRoute is an early form of Gateway API's.
var otherKinds = map[string]string{
	"policy.linkerd.io/Server":                   "says which protocol its pods speak, and by default refuses whom no policy lets in.",
	"policy.linkerd.io/ServerAuthorization":      "says who gets in.",
	"policy.linkerd.io/AuthorizationPolicy":      "says who gets in.",
	"policy.linkerd.io/HTTPRoute":                "routes requests as Gateway API's HTTPRoute does.",
	"policy.linkerd.io/HTTPLocalRateLimitPolicy": "limits how many requests get in.",
	"policy.linkerd.io/EgressNetwork":            "says what is let out of the cluster.",
	"access.smi-spec.io/TrafficTarget":           "says who gets in.",
}
