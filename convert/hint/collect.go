package hint

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/linkerd"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Options steers Collect.
type Options struct {
	Namespace        string // of objects that name none; default "default"
	GatewayNamespace string // of the ingress gateway's pods; default "istio-system"
}

// Result is what Collect finds.
type Result struct {
	Read     int               // objects, all kinds
	Hints    []Hint            // ordered by Service, then client
	Findings []finding.Finding // of reading the input: what a broken object says is not among the hints; and of retries that multiply
}

// Collect says what the clients of each Service have to do themselves: of those
// that a VirtualService or DestinationRule speaks of, and those that speak gRPC;
// and the clients of hosts outside of the cluster that one speaks of. The error is
// for a cancelled context.
func Collect(ctx context.Context, files []source.File, o Options) (Result, error) {
	docs, findings, err := source.Split(ctx, files)
	if err != nil {
		return Result{}, err
	}
	result := FromDocuments(docs, o)
	result.Findings = finding.Sort(append(findings, result.Findings...))
	return result, ctx.Err()
}

// FromDocuments is Collect for files that are split already.
func FromDocuments(docs []*source.Document, o Options) Result {
	o.Namespace, o.GatewayNamespace = cmp.Or(o.Namespace, "default"), cmp.Or(o.GatewayNamespace, "istio-system")
	c := newCollector()
	objects := make([]*istio.Object, 0, len(docs))
	var findings []finding.Finding
	for _, d := range docs {
		object, found := istio.Bind(d)
		if object == nil {
			continue
		}
		findings = append(findings, found...)
		c.object(object, o.Namespace)
		objects = append(objects, object)
	}
	in := Scan(docs, o.Namespace)
	c.speaks = in.outside
	model, _ := mesh.Link(objects, mesh.Options{Namespace: o.Namespace, GatewayNamespace: o.GatewayNamespace, Mesh: mesh.GAMMA})
	c.linkerd(model, linkerd.Select(docs, o.Namespace), linkerd.Options{Namespace: o.Namespace, Whole: true, Explicit: true})
	c.model, c.made = model, map[route.Name][]*mesh.SubsetService{}
	for _, s := range model.Subsets {
		c.made[s.Base.Name] = append(c.made[s.Base.Name], s)
	}
	c.tables(model.Tables)
	c.outside(docs, o)
	hints := c.hints()
	return Result{Read: len(docs), Hints: hints, Findings: append(findings, in.multiply(model, hints, false)...)}
}

// linkerd adds what Linkerd's proxies do for their callers.
func (c *collector) linkerd(m *mesh.Model, in *linkerd.Input, o linkerd.Options) {
	linkerd.Add(m, in, o)
	for _, b := range linkerd.Budgets(in, o) {
		c.pools[b.Service] = append(c.pools[b.Service], Pool{
			From: b.From.Place(), ConnectTimeout: defaultConnect, Budget: b.Percent, MinBudget: b.PerSecond, PerSecond: true,
			At: Places{"retryBudget": b.From.Place(), "minRetryConcurrency": b.From.At("minRetriesPerSecond")},
		})
	}
}

// collector has what is known of each Service, and of each host outside, whose
// name has no namespace.
type collector struct {
	model  *mesh.Model
	calls  map[route.Name][]call
	pools  map[route.Name][]Pool
	asks   map[route.Name][]Ask // of DestinationRules
	speaks map[string]protocols // of ServiceEntries, by host
	made   map[route.Name][]*mesh.SubsetService
}

func newCollector() *collector {
	return &collector{model: &mesh.Model{}, calls: map[route.Name][]call{}, pools: map[route.Name][]Pool{}, asks: map[route.Name][]Ask{}}
}

// object takes down what a DestinationRule says.
func (c *collector) object(o *istio.Object, namespace string) {
	spec, ok := o.Spec.(*networking.DestinationRule)
	if !ok || o.Broken {
		return
	}
	name, ok := calleeOf(spec.Host, cmp.Or(o.Document.Namespace, namespace))
	if !ok {
		return
	}
	if all := pools(o, spec); len(all) > 0 {
		c.pools[name] = append(c.pools[name], all...)
	}
	c.asks[name] = append(c.asks[name], ruleAsks(o.Root.Get("spec"), name)...)
}

// tables takes down what calls in the mesh meet.
func (c *collector) tables(all []*route.Table) {
	for _, t := range all {
		for _, e := range t.Entries {
			if e.Mesh && t.Protocol == route.HTTP {
				c.calls[e.Parent] = append(c.calls[e.Parent], call{t, e.Port})
			}
		}
	}
}

// call is a table that calls to a port of a Service meet; port 0 is all ports.
type call struct {
	table *route.Table
	port  uint32
}

func (c *collector) hints() []Hint {
	names := map[route.Name]bool{}
	for name := range c.calls {
		names[name] = true
	}
	for name, asks := range c.asks {
		names[name] = names[name] || len(asks) > 0
	}
	for name, s := range c.model.Services {
		names[name] = names[name] || speaks(s, isGRPC)
	}
	maps.DeleteFunc(names, func(name route.Name, asked bool) bool { return !asked || partial(c.model, name) })
	var all []Hint
	for _, name := range slices.SortedFunc(maps.Keys(names), route.Name.Compare) {
		all = append(all, c.callee(name)...)
	}
	return all
}

// callee makes the hints for a Service or host: those of each port, and of each
// subset that has settings of its own.
func (c *collector) callee(name route.Name) []Hint {
	ports := map[uint32][]*route.Table{}
	for _, k := range c.calls[name] {
		ports[k.port] = append(ports[k.port], k.table)
	}
	if len(ports) == 0 {
		ports[0] = nil
	}
	var all []Hint
	for _, port := range slices.Sorted(maps.Keys(ports)) {
		all = append(all, c.service(name, port, ports[port])...)
	}
	said := map[Ask]bool{}
	for i := range all {
		h := &all[i]
		asks := h.asks()
		if i == 0 {
			asks = append(asks, c.asks[name]...)
		}
		for _, a := range asks {
			if !said[a] {
				h.Asks = append(h.Asks, a)
			}
			said[a] = true
		}
	}
	subsets := c.subsets(name, ports)
	for i := range all {
		for _, s := range subsets {
			all[i].Subsets = append(all[i].Subsets, SubsetService{s.Subset, s.Service.Name})
		}
	}
	return append(all, subsets...)
}

func isGRPC(p mesh.ServicePort) bool { return p.L7 == "GRPC" || p.L7 == "GRPC-WEB" }

func isHTTP(p mesh.ServicePort) bool {
	return p.L7 == "" || p.L7 == "HTTP" || p.L7 == "HTTP2" || p.L7 == "HTTP_PROXY" || p.L7 == "HTTPS"
}

// speaks tells whether some port of s is of a kind. Connections of gRPC are few
// and long, so that without a proxy all calls go to one pod.
func speaks(s *mesh.Service, kind func(mesh.ServicePort) bool) bool {
	return s != nil && slices.ContainsFunc(s.Ports, kind)
}

// service makes a hint for each client that the rules single out, and one for
// the others.
func (c *collector) service(name route.Name, port uint32, tables []*route.Table) []Hint {
	clients := []Client{{}}
	for _, t := range tables {
		for i := range t.Rules {
			if own := clientOf(&t.Rules[i].Match); !slices.ContainsFunc(clients, func(k Client) bool { return reflect.DeepEqual(k, own) }) {
				clients = append(clients, own)
			}
		}
	}
	slices.SortFunc(clients, func(a, b Client) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(route.CanonicalSelector(a.Labels), route.CanonicalSelector(b.Labels)))
	})
	s := c.serviceOf(name)
	var all []Hint
	for _, client := range clients {
		all = append(all, Hint{
			Service: name, Port: port, Client: client, GRPC: speaks(s, isGRPC), HTTP: s == nil || speaks(s, isHTTP),
			Policies: policies(tables, client, nil), Pools: c.pools[name],
		})
	}
	return all
}

// isOf tells whether whoever is c is one of those that o names.
func (c Client) isOf(o Client) bool {
	for k, v := range o.Labels {
		if own, ok := c.Labels[k]; !ok || own != v {
			return false
		}
	}
	return o.Namespace == "" || o.Namespace == c.Namespace
}

func clientOf(m *route.Match) Client { return Client{m.SourceLabels, m.SourceNamespace} }

// policies are those of the rules that may take a call of client and, if only is
// given, may send it there.
func policies(tables []*route.Table, client Client, only *route.Name) []Policy {
	var all []Policy
	for _, t := range tables {
		for i := range t.Rules {
			r := &t.Rules[i]
			if !client.isOf(clientOf(&r.Match)) {
				continue
			}
			if only != nil && !slices.ContainsFunc(r.Action.Backends, func(b route.Backend) bool { return b.Service == *only }) {
				continue
			}
			if r.Action.Redirect != nil || r.Action.Direct != nil {
				continue // no call is made
			}
			all = append(all, policy(r))
			if all[len(all)-1].Match == nil {
				return joined(all)
			}
		}
	}
	return joined(append(all, Policy{Retry: retry(nil)}))
}

func policy(r *route.Rule) Policy {
	p := Policy{Match: &r.Match, Retry: retry(r.Action.Retry), From: r.From.Place(), At: Places{}}
	if t := r.Action.Timeout; t != nil {
		p.Timeout, p.At = max(0, t.Request), places(t.From, "timeout")
	}
	if m := r.Match; m.Method.Kind == route.Any && m.Scheme.Kind == route.Any && m.Authority.Kind == route.Any &&
		len(m.Headers)+len(m.Without)+len(m.Query) == 0 && (m.Path.Kind == route.Any || m.Path.Kind == route.Prefix && m.Path.Value == "/") {
		p.Match = nil
	}
	return p
}

// joined drops the policies before the last that say the same as it, as far as
// they stand together with it: whichever takes a call, the same is done.
func joined(all []Policy) []Policy {
	for n := len(all); n > 1; n-- {
		before, last := all[n-2], all[n-1]
		if !before.same(last) {
			break
		}
		all[n-2] = last
		all = all[:n-1]
	}
	return all
}

// same tells whether p and q do the same, wherever they are written.
func (p Policy) same(q Policy) bool {
	p.Retry.At, q.Retry.At = nil, nil
	p.Retry.From, q.Retry.From = finding.Place{}, finding.Place{}
	p.Retry.Assumed, q.Retry.Assumed = false, false
	return p.Timeout == q.Timeout && reflect.DeepEqual(p.Retry, q.Retry)
}
