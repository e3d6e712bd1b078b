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
	grants   []grant // ReferenceGrants that what was translated needs
	drawn    []*line // the rules of the HTTPRoutes that were built
	common   *shared // settled before the passes start; read only
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
	b.routes()
	return b.finish()
}

// batch is how many tables, or Services of subsets, are translated at a time.
const batch = 256

// builder puts together what the passes make.
type builder struct {
	model    *mesh.Model
	opts     Options
	common   *shared
	names    *names
	grants   []grant
	findings []finding.Finding
	objects  []named

	// By table, for those that are looked at again when all are built; nil for
	// the others.
	passes []*pass
	drafts [][]Object
}

// named is an object with the name that it is ordered by.
type named struct {
	Key
	Object
}

func newBuilder(m *mesh.Model, o Options) *builder {
	return &builder{model: m, opts: o, common: newShared(m, o), names: newNames(o.Reserved)}
}

// pass starts a translation.
func (b *builder) pass() *pass { return &pass{model: b.model, opts: b.opts, common: b.common} }

// gather takes over what a pass has found.
func (b *builder) gather(p *pass) {
	b.findings = append(b.findings, p.findings...)
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
		b.findings = append(b.findings, fs...)
	}
}

// infrastructure builds all that is neither a route nor a grant. Names of
// Services are the linker's, and nothing else here takes one.
func (b *builder) infrastructure() {
	for some := range slices.Chunk(b.model.Subsets, batch) {
		services := make([]Object, len(some))
		parallel.Each(len(some), func(i int) { services[i] = subsetService(some[i]) })
		b.add(services)
	}
	p := b.pass()
	objects := slices.Concat(p.gateways(), p.backendTLSPolicies())
	for _, obj := range objects {
		b.names.take(obj.Key())
	}
	b.gather(p)
	b.add(objects)
}

// routes builds the routes of all tables.
func (b *builder) routes() {
	tables, alone := b.model.Tables, apart(b.model.Tables)
	b.passes, b.drafts = make([]*pass, len(tables)), make([][]Object, len(tables))
	for from := 0; from < len(tables); from += batch {
		to := min(from+batch, len(tables))
		parallel.Each(to-from, func(i int) {
			p := b.pass()
			b.passes[from+i], b.drafts[from+i] = p, p.routes(tables[from+i])
		})
		b.settle(from, to)
		for i := from; i < to; i++ {
			if alone[i] {
				b.passes[i], b.drafts[i] = nil, nil
				tables[i].From, tables[i].Rules = nil, nil
			}
		}
	}
}

// settle names the routes of the tables in the order of these, so that names do
// not depend on which pass was done first, and finishes them.
func (b *builder) settle(from, to int) {
	var objects []Object
	for i := from; i < to; i++ {
		b.names.parts(b.model.Tables[i], b.drafts[i])
		b.gather(b.passes[i])
		objects = append(objects, b.drafts[i]...)
		for j, obj := range b.drafts[i] {
			b.drafts[i][j] = obj.nameOnly()
		}
	}
	b.add(objects)
}

// finish looks across the tables, adds the grants and orders the objects.
func (b *builder) finish() ([]Object, []finding.Finding) {
	b.findings = append(b.findings, checkAcross(b.model, b.passes, b.drafts)...)
	b.add(referenceGrants(b.grants, b.opts, b.names))
	slices.SortStableFunc(b.objects, func(x, y named) int { return compareKeys(x.Key, y.Key) })
	objects := make([]Object, len(b.objects))
	for i, obj := range b.objects {
		objects[i] = obj.Object
	}
	return objects, b.findings
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

func compareKeys(a, b Key) int {
	return cmp.Or(cmp.Compare(slices.Index(kindOrder, a.Kind), slices.Index(kindOrder, b.Kind)), a.Name.Compare(b.Name))
}
