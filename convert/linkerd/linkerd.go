package linkerd

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Options says how to compile.
type Options struct {
	Namespace string    // of objects that name none
	Mesh      mesh.Mode // the zero value is mesh.GAMMA
	Target    string    // implementation that serves the output, see target.Names; "" for any

	// Whole names all statuses that are retried, those that an HTTPRoute is not
	// given included: for readers who write none.
	Whole bool
	// Explicit says of each rule that retries nothing that it does so, for readers
	// to whom silence means Istio's retries.
	Explicit bool
}

// Input is what Linkerd routes by among some documents; nil for nothing.
type Input struct {
	profiles, splits []*source.Document
	others           []finding.Finding // kinds that are not converted
	opaque           map[route.Name]opaquePorts
	attached         map[route.Name][]finding.Place // routes that are there already, by their Service
}

// Select finds the objects of Linkerd's among docs. It keeps none of the others.
func Select(docs []*source.Document, namespace string) *Input {
	in := &Input{opaque: map[route.Name]opaquePorts{}, attached: map[route.Name][]finding.Place{}}
	for _, d := range docs {
		switch kind, _ := Kind(d); kind {
		case "ServiceProfile":
			in.profiles = append(in.profiles, d)
		case "TrafficSplit":
			in.splits = append(in.splits, d)
		default:
			if f, ok := elsewhere(d); ok {
				in.others = append(in.others, f)
			}
			for _, service := range servicesOf(d, namespace) {
				in.attached[service] = append(in.attached[service], d.Place())
			}
			if ports, ok := readOpaque(d); ok && d.Kind == "Service" && d.APIVersion == "v1" {
				in.opaque[route.Name{Namespace: cmp.Or(d.Namespace, namespace), Name: d.Name}] = ports
			}
		}
	}
	if len(in.profiles)+len(in.splits)+len(in.others) == 0 {
		return nil
	}
	return in
}

// Count is how many objects there are, those included that are not converted.
func (in *Input) Count() int {
	if in == nil {
		return 0
	}
	return len(in.profiles) + len(in.splits) + len(in.others)
}

// servicesOf are the Services that an HTTPRoute or GRPCRoute is attached to.
func servicesOf(d *source.Document, namespace string) []route.Name {
	group, _, _ := strings.Cut(d.APIVersion, "/")
	if group != "gateway.networking.k8s.io" && group != "policy.linkerd.io" || d.Kind != "HTTPRoute" && d.Kind != "GRPCRoute" {
		return nil
	}
	refs := get(get(d.Root, "spec"), "parentRefs")
	if refs == nil || refs.Kind != source.List {
		return nil
	}
	var all []route.Name
	for i := range refs.Children() {
		if ref := &refs.Children()[i]; ref.Text("kind") == "Service" {
			all = append(all, route.Name{Namespace: cmp.Or(ref.Text("namespace"), d.Namespace, namespace), Name: ref.Text("name")})
		}
	}
	return all
}

// Kind is the kind of an object that is converted; all versions mean the same.
func Kind(d *source.Document) (kind string, ok bool) {
	if d == nil {
		return "", false
	}
	switch group, _, _ := strings.Cut(d.APIVersion, "/"); {
	case group == "linkerd.io" && d.Kind == "ServiceProfile", group == "split.smi-spec.io" && d.Kind == "TrafficSplit":
		return d.Kind, true
	}
	return "", false
}

// Add compiles in to route tables and puts them among those of m, which
// mesh.Link has made.
func Add(m *mesh.Model, in *Input, o Options) []finding.Finding {
	if in == nil {
		return nil
	}
	c := &compiler{model: m, opts: o, input: in, findings: slices.Clone(in.others)}
	c.opts.Mesh = cmp.Or(o.Mesh, mesh.GAMMA)
	profiles, splits := c.read(in)
	if c.opts.Mesh != mesh.GAMMA {
		for _, d := range slices.Concat(in.profiles, in.splits) {
			c.add(finding.New(rule.LinkerdMesh, d.Place(), "calls to its Service no longer meet the routes of %s.", d.Object()))
		}
		return c.findings
	}
	c.profiles = c.join(profiles, splits)
	for _, p := range c.profiles {
		c.profile(p)
	}
	m.Tables = append(m.Tables, c.tables...)
	slices.SortStableFunc(m.Tables, func(a, b *route.Table) int {
		return cmp.Or(a.Name.Compare(b.Name), strings.Compare(a.Suffix, b.Suffix))
	})
	return c.findings
}

// Budget is what bounds the retries of calls to a Service.
type Budget struct {
	Service   route.Name
	Percent   float64      // retries for 100 calls that do not fail
	PerSecond uint32       // and retries besides
	From      *source.Node // retryBudget, or the profile where none is written
}

// Budgets are those of the profiles that retry something, ordered by the names of
// the profiles.
func Budgets(in *Input, o Options) []Budget {
	if in == nil {
		return nil
	}
	c := &compiler{opts: o}
	profiles, _ := c.read(in)
	var all []Budget
	for _, p := range profiles {
		b := p.budget
		if b == nil {
			b = &defaultBudget
		}
		retried := func(r profileRoute) bool { return r.retryable != nil }
		if b.ignored == "" && slices.ContainsFunc(p.routes, retried) {
			all = append(all, Budget{p.service, percent(b.ratio), b.perSecond, cmp.Or(b.node, p.root)})
		}
	}
	return all
}
