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
}

// note reports what r says at a place; the hint is the rule's.
func (p *pass) note(r *finding.Rule, at finding.Place, format string, args ...any) {
	p.add(finding.New(r, at, format, args...))
}

func (p *pass) add(f finding.Finding) { p.findings = append(p.findings, f) }

// Build makes the objects for m, ordered for reading: Services, Gateways,
// ListenerSets, routes by kind, policies and grants, each by namespace and name.
// It uses up the tables of m: the rules of a table, and with them the nodes of
// its object, are let go once its routes are built, since objects, tables and
// nodes of a large input would fill three times the memory of each.
func Build(m *mesh.Model, o Options) ([]Object, []finding.Finding) {
	passes := make([]*pass, len(m.Tables)+1)
	drafts := make([][]Object, len(passes))
	common := newShared(m, o)
	alone := apart(m.Tables)
	common.drafts = draftTogether(m, o, common)
	parallel.Each(len(passes), func(i int) {
		p := &pass{model: m, opts: o, common: common}
		passes[i] = p
		if i == len(m.Tables) {
			drafts[i] = p.infrastructure()
			return
		}
		t := m.Tables[i]
		drafts[i] = p.routes(t)
		if alone[i] {
			t.From, t.Rules, p.drawn = nil, nil, nil
		}
	})
	return assemble(m, o, passes, drafts)
}

// infrastructure builds all that is not a route.
func (p *pass) infrastructure() []Object {
	return slices.Concat(p.subsetServices(), p.gateways(), p.backendTLSPolicies())
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

// assemble names the routes in the order of the tables, so that names do not
// depend on which pass was done first, and adds the grants.
func assemble(m *mesh.Model, o Options, passes []*pass, drafts [][]Object) ([]Object, []finding.Finding) {
	names := newNames(o.Reserved)
	last := len(m.Tables)
	objects := slices.Concat(drafts...)[:0] // room for all
	for _, obj := range drafts[last] {
		names.take(obj.Key())
	}
	objects = append(objects, drafts[last]...)
	for i, t := range m.Tables {
		names.parts(t, drafts[i])
		objects = append(objects, drafts[i]...)
	}
	count := 0
	for _, p := range passes {
		count += len(p.findings)
	}
	findings := append(make([]finding.Finding, 0, count), checkAcross(m, passes, drafts)...)
	var grants []grant
	for _, p := range passes {
		findings = append(findings, p.findings...)
		p.findings = nil
		grants = append(grants, p.grants...)
	}
	objects = append(objects, referenceGrants(grants, o, names)...)
	slices.SortStableFunc(objects, compareObjects)
	return objects, findings
}

// kindOrder is the order of kinds in the output: what others refer to first.
var kindOrder = []string{
	"Service", "Gateway", "ListenerSet", "XListenerSet", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "BackendTLSPolicy", "ReferenceGrant",
}

func compareObjects(a, b Object) int {
	ka, kb := a.Key(), b.Key()
	return cmp.Or(
		cmp.Compare(slices.Index(kindOrder, ka.Kind), slices.Index(kindOrder, kb.Kind)),
		cmp.Compare(ka.Namespace, kb.Namespace),
		cmp.Compare(ka.Name.Name, kb.Name.Name))
}
