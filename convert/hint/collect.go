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
// that a VirtualService or DestinationRule speaks of, and those that speak gRPC.
// The error is for a cancelled context.
func Collect(ctx context.Context, files []source.File, o Options) (Result, error) {
	o.Namespace, o.GatewayNamespace = cmp.Or(o.Namespace, "default"), cmp.Or(o.GatewayNamespace, "istio-system")
	docs, findings, err := source.Split(ctx, files)
	if err != nil {
		return Result{}, err
	}
	c := collector{calls: map[route.Name][]call{}, pools: map[route.Name][]Pool{}}
	objects := make([]*istio.Object, 0, len(docs))
	var gateways []retrier
	for _, d := range docs {
		gateways = append(gateways, httpRetriers(d, o.Namespace)...)
		object, found := istio.Bind(d)
		if object == nil {
			continue
		}
		findings = append(findings, found...)
		if spec, ok := object.Spec.(*networking.DestinationRule); ok && !object.Broken {
			if name, ok := mesh.ResolveService(mesh.ResolveHost(spec.Host, cmp.Or(d.Namespace, o.Namespace))); ok {
				c.pools[name] = append(c.pools[name], pools(object, spec)...)
			}
		}
		objects = append(objects, object)
	}
	model, _ := mesh.Link(objects, mesh.Options{Namespace: o.Namespace, GatewayNamespace: o.GatewayNamespace, Mesh: mesh.GAMMA})
	c.linkerd(model, linkerd.Select(docs, o.Namespace), linkerd.Options{Namespace: o.Namespace, Whole: true, Explicit: true})
	c.model = model
	for _, t := range model.Tables {
		for _, e := range t.Entries {
			if e.Mesh && t.Protocol == route.HTTP {
				c.calls[e.Parent] = append(c.calls[e.Parent], call{t, e.Port})
			}
		}
	}
	hints := c.hints()
	return Result{Read: len(docs), Hints: hints, Findings: finding.Sort(append(findings, multiply(model, gateways, hints)...))}, ctx.Err()
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

// Asked returns the Services for calls to which rules of the mesh set timeouts or
// retries, ordered: what a command that only converts can say of hints. Limits of
// DestinationRules are not among it.
func Asked(tables []*route.Table) []route.Name {
	asked := map[route.Name]bool{}
	for _, t := range tables {
		for _, e := range t.Entries {
			if e.Mesh && t.Protocol == route.HTTP && slices.ContainsFunc(t.Rules, func(r route.Rule) bool { return r.Action.Timeout != nil || r.Action.Retry != nil }) {
				asked[e.Parent] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(asked), route.Name.Compare)
}

// collector has what is known of each Service.
type collector struct {
	model *mesh.Model
	calls map[route.Name][]call
	pools map[route.Name][]Pool
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
	for name := range c.pools {
		names[name] = true
	}
	for name, s := range c.model.Services {
		if speaks(s, isGRPC) {
			names[name] = true
		}
	}
	var all []Hint
	for _, name := range slices.SortedFunc(maps.Keys(names), route.Name.Compare) {
		ports := map[uint32][]*route.Table{}
		for _, k := range c.calls[name] {
			ports[k.port] = append(ports[k.port], k.table)
		}
		if len(ports) == 0 {
			ports[0] = nil
		}
		for _, port := range slices.Sorted(maps.Keys(ports)) {
			all = append(all, c.service(name, port, ports[port])...)
		}
	}
	return all
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
	s := c.model.Services[name]
	var all []Hint
	for _, client := range clients {
		all = append(all, Hint{
			Service: name, Port: port, Client: client, GRPC: speaks(s, isGRPC), HTTP: s == nil || speaks(s, isHTTP),
			Policies: policies(tables, client), Pools: c.pools[name],
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

// policies are those of the rules that may take a call of client.
func policies(tables []*route.Table, client Client) []Policy {
	var all []Policy
	for _, t := range tables {
		for i := range t.Rules {
			r := &t.Rules[i]
			if !client.isOf(clientOf(&r.Match)) {
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
	p.Retry.Assumed, q.Retry.Assumed = false, false
	return p.Timeout == q.Timeout && reflect.DeepEqual(p.Retry, q.Retry)
}
