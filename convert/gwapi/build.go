package gwapi

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/internal/parallel"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// pass is one translation: of one table, or of all that is not a route. Passes
// run side by side and share nothing that changes but the compiled
// expressions (see shared).
type pass struct {
	model    *mesh.Model
	opts     Options
	findings []finding.Finding
	grants   []grant  // ReferenceGrants that what was translated needs
	drawn    []*piece // the matches of the routes that were built
	common   *shared  // settled before the passes start; read only
	kind     string   // of the route that is built: "" is HTTPRoute
}

// note reports what r says at a place; the hint is the rule's.
func (p *pass) note(r *finding.Rule, at finding.Place, format string, args ...any) {
	p.add(finding.New(r, at, format, args...))
}

func (p *pass) add(f finding.Finding) { p.findings = append(p.findings, f) }

// Build makes the objects for m, ordered for reading: Services, Gateways,
// ListenerSets, routes by kind, policies and grants, each by namespace and name.
//
// It works through the tables a batch at a time and uses them up: the rules of a
// table, and with them the nodes of its object, are let go once its routes are
// done with. With Options.Finish making bytes of each object, a large input is
// never there as nodes, tables and objects at once, each of which fills several
// times the memory of the input.
func Build(m *mesh.Model, o Options) ([]Object, []finding.Finding) {
	b := newBuilder(m, o)
	b.infrastructure()
	batches := batches(m.Tables, cmp.Or(o.BatchSize, batchSize))
	for _, tables := range batches {
		b.batch(tables, len(batches) == 1)
	}
	b.batch(nil, len(batches) == 0)
	return b.finish()
}

// builder puts together what the passes make.
type builder struct {
	model    *mesh.Model
	opts     Options
	common   *shared
	names    *names
	context  []Object // all that is neither a route, nor a Service, nor a grant
	grants   []grant
	own      int // how many grants are the context's
	findings *finding.List
	recent   []finding.Finding // since Prove was called
	texts    finding.Texts
	proven   bool     // as a whole
	subsets  []bool   // which of the model's have their Service
	rest     []Object // the implementation's own resources that hang on no route
	objects  []named
}

// named is an object with the name that it is ordered by.
type named struct {
	Key
	Object
}

func newBuilder(m *mesh.Model, o Options) *builder {
	return &builder{model: m, opts: o, common: newShared(m, o), names: newNames(o.Reserved), subsets: make([]bool, len(m.Subsets)), texts: finding.Texts{}, findings: cmp.Or(o.Findings, &finding.List{})}
}

func (b *builder) tell(fs []finding.Finding) {
	b.texts.Share(fs)
	b.findings.Add(fs...)
	if b.opts.Prove != nil {
		b.recent = append(b.recent, fs...)
	}
}

// gather takes over what a pass has found.
func (b *builder) gather(p *pass) {
	b.tell(p.findings)
	b.grants = append(b.grants, p.grants...)
	p.findings, p.grants = nil, nil
}

// add takes objects about which nothing changes any more.
func (b *builder) add(objects []Object) {
	from := len(b.objects)
	for _, obj := range objects {
		b.objects = append(b.objects, named{obj.Key(), obj})
	}
	if b.opts.Finish == nil {
		return
	}
	added := b.objects[from:]
	found := make([][]finding.Finding, len(added))
	parallel.Each(len(added), func(i int) { found[i] = b.opts.Finish(&added[i].Object) })
	for _, fs := range found {
		b.tell(fs)
	}
}

// infrastructure builds the context. Services of subsets come with the routes
// that need them; their names are the linker's.
func (b *builder) infrastructure() {
	p := &pass{model: b.model, opts: b.opts, common: b.common}
	var rest Made
	if b.opts.Extend != nil {
		rest = b.opts.Extend.Rest(b.model)
		b.rest = b.made(rest)
	}
	b.context = append(p.gateways(), b.outsides()...)
	b.context = append(b.context, p.backendTLSPolicies(rest.TLS)...)
	b.context = append(b.context, others(b.opts.With)...)
	for _, obj := range b.context {
		b.names.take(obj.Key())
	}
	b.gather(p)
	b.own = len(b.grants)
	b.objects = make([]named, 0, len(b.model.Subsets)+len(b.model.Tables)+len(b.context))
}

// batch builds the routes of tables, which meet no others, with what they need.
// Routes are named in the order of the tables, so that names do not depend on
// which pass was done first.
func (b *builder) batch(tables []*route.Table, whole bool) {
	part := *b.model
	part.Tables = tables
	common := *b.common
	common.drafts = draftTogether(&part, b.opts, &common)
	passes, drafts := make([]*pass, len(tables)), make([][]Object, len(tables))
	parallel.Each(len(tables), func(i int) {
		p := &pass{model: &part, opts: b.opts, common: &common}
		passes[i], drafts[i] = p, p.routes(tables[i])
	})
	before := len(b.grants)
	for i, t := range tables {
		b.names.parts(t, drafts[i])
		b.gather(passes[i])
	}
	b.tell(checkAcross(&part, passes, drafts))
	all, fresh := b.services(tables)
	routes := slices.Concat(drafts...)
	extra := b.extend(&part, tables, drafts)
	if len(tables) == 0 {
		extra = append(extra, b.rest...) // and what hangs on no route
	}
	if b.opts.Prove != nil && !b.proven {
		b.proven = whole
		grants := referenceGrants(slices.Concat(b.grants[:b.own], b.grants[before:]), b.opts, newNames(b.opts.Reserved))
		found := b.opts.Prove(Batch{
			Tables: tables, Objects: slices.Concat(all, b.context, routes, extra, grants), Context: b.context,
			Findings: b.recent, Whole: whole,
		})
		b.recent = b.recent[:0]
		b.tell(found)
	}
	b.add(fresh)
	b.add(routes)
	b.add(extra)
	for _, t := range tables {
		t.From, t.Rules = nil, nil
	}
}

// services builds the Services of the subsets that tables send to; without
// tables, those that are left. fresh are those that were not built before.
func (b *builder) services(tables []*route.Table) (all, fresh []Object) {
	wanted := b.subsetsOf(tables)
	all = make([]Object, len(wanted))
	parallel.Each(len(wanted), func(i int) { all[i] = subsetService(b.model.Subsets[wanted[i]]) })
	for i, n := range wanted {
		if !b.subsets[n] {
			b.subsets[n] = true
			fresh = append(fresh, all[i])
		}
	}
	return all, fresh
}

// subsetsOf gives the subsets that tables send to, by index.
func (b *builder) subsetsOf(tables []*route.Table) []int {
	var found []int
	if len(tables) == 0 {
		for i, built := range b.subsets {
			if !built {
				found = append(found, i)
			}
		}
		return found
	}
	for name := range mesh.Targets(tables) {
		i, ok := slices.BinarySearchFunc(b.model.Subsets, name, func(s *mesh.SubsetService, n route.Name) int { return s.Name.Compare(n) })
		if ok {
			found = append(found, i)
		}
	}
	slices.Sort(found)
	return found
}

// finish adds the context and the grants, and orders the objects.
func (b *builder) finish() ([]Object, []finding.Finding) {
	b.add(b.context)
	b.add(referenceGrants(b.grants, b.opts, b.names))
	slices.SortStableFunc(b.objects, func(x, y named) int { return compareKeys(x.Key, y.Key) })
	objects := make([]Object, len(b.objects))
	for i, obj := range b.objects {
		objects[i] = obj.Object
	}
	if b.opts.Findings != nil {
		return objects, nil
	}
	return objects, b.findings.All()
}

// routes builds the routes for a table. They carry the table's namespace and no
// name yet; several are parts in the order of the table's rules.
func (p *pass) routes(t *route.Table) []Object {
	switch t.Protocol {
	case route.HTTP:
		return p.httpRoutes(t)
	case route.TLS:
		return p.tlsRoutes(t)
	case route.TCP:
		return p.tcpRoutes(t)
	}
	panic(fmt.Sprintf("unhandled protocol %q", t.Protocol))
}

// kindOrder is the order of kinds in the output: what others refer to first.
var kindOrder = []string{
	"Service", "Gateway", "ListenerSet", "XListenerSet", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "BackendTLSPolicy", "ReferenceGrant",
}

// compareKeys puts the kinds of others behind those of Gateway API, by name.
func compareKeys(a, b Key) int {
	place := func(kind string) int {
		if i := slices.Index(kindOrder, kind); i >= 0 {
			return i
		}
		return len(kindOrder)
	}
	return cmp.Or(cmp.Compare(place(a.Kind), place(b.Kind)), cmp.Compare(a.Kind, b.Kind), a.Name.Compare(b.Name))
}
