package gwapi

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Extender says in an implementation's own resources what core Gateway API
// can't. Package policy has one for each implementation.
type Extender interface {
	// Rule says what the implementation does for the rules of act in a route of a
	// kind (HTTPRoute, GRPCRoute). It is called on several goroutines at once.
	Rule(kind string, t *route.Table, act *route.Action) Extension
	// Routes makes the resources for the routes of a batch, which have their names;
	// a rule without a name, where Rule asked for one, is one that none can point at.
	// It is called for one batch after the other.
	Routes(m *mesh.Model, routes []Extended) Made
	// Rest makes what hangs on no route. It is called once, before all others.
	Rest(m *mesh.Model) Made
	// Outside says how the implementation reaches a host outside of the cluster;
	// false where it can't. It says the same on every call.
	Outside(o *route.Outside) (Outside, bool)
	// Effects is of the type Effects.
	Effects(objects []Object) Effect
}

// Outside is how an implementation reaches a host outside of the cluster.
type Outside struct {
	Ref      gatewayv1.BackendObjectReference // from every namespace; one with a namespace needs a ReferenceGrant elsewhere
	Object   metav1.Object                    // what Ref refers to; nil for what is there already
	By       string                           // the resource, as in Carried
	Findings []finding.Finding
}

// Effects reads what resources of implementations do, of the objects of one side
// in any order; nil where there is nothing to read.
type Effects func(objects []Object) Effect

// Effect adds to act, which was read from rule index of a route, what resources
// do for that rule, and takes from act.Opaque what is thereby known.
type Effect func(rt Object, index int, act *route.Action)

// Extension is what an implementation's resources do for a rule.
type Extension struct {
	Filters []gatewayv1.HTTPRouteFilter // of the kind ExtensionRef, behind those of core
	Named   bool                        // the rule needs a name, since a resource points at it
	Does    Does
}

// Does is what core then neither has to say nor to report.
type Does uint16

// What resources do for a rule.
const (
	DoesDirect       Does = 1 << iota // answer by itself (Action.Direct)
	DoesRegexRewrite                  // rewrite the path by an expression (Action.Rewrite)
	DoesFault                         // delay and abort (Action.Fault)
	DoesRetry                         // retry (Action.Retry): rules[].retry is left out
	DoesTimeout                       // bound the time (Action.Timeout, and Action.Retry's for one try): rules[].timeouts is left out
	DoesCORS                          // cross-origin requests (Action.CORS): the filter is left out
)

// Has tells whether all of what is asked for is done.
func (d Does) Has(what Does) bool { return d&what == what }

// Extended is a route with what its rules do.
type Extended struct {
	Object
	Actions []*route.Action // of each rule; nil for one that answers 500
}

// Made is what an Extender makes.
type Made struct {
	Objects  []Object
	Findings []finding.Finding
	Carried  []Carried
	TLS      bool // of Rest: it originates TLS to Services too, and BackendTLSPolicies are left out
}

// Carried says that a resource does what a finding calls lost: the finding of
// Rule at the place is taken back.
type Carried struct {
	Rule *finding.Rule
	At   finding.Place
	By   string // the resource: "BackendTrafficPolicy shop/web"
}

// extension is what resources do for act.
func (p *pass) extension(t *route.Table, act *route.Action) Extension {
	if p.opts.Extend == nil || act == unanswered || slices.ContainsFunc(t.Entries, p.shared().foreign) {
		return Extension{}
	}
	kind := p.kind
	if kind == "" {
		kind = "HTTPRoute"
	}
	x := p.opts.Extend.Rule(kind, t, act)
	if x.Named && !p.opts.Bundle.Has(target.RuleNames) {
		return Extension{} // nothing can point at the rule
	}
	return x
}

// foreign tells whether somebody else serves an entry: routes of the mesh, where
// the implementation serves gateways alone. Its resources would mean nothing there.
func (s *shared) foreign(e route.Entry) bool {
	return e.Mesh && s.serves != nil && s.serves.Mesh == target.No
}

// extend makes the resources for the routes of a batch: those of each table.
func (b *builder) extend(m *mesh.Model, tables []*route.Table, drafts [][]Object) []Object {
	if b.opts.Extend == nil {
		return nil
	}
	var routes []Extended
	for i, t := range tables {
		if slices.ContainsFunc(t.Entries, b.common.foreign) {
			continue
		}
		for _, o := range drafts[i] {
			if o.Kind == "HTTPRoute" || o.Kind == "GRPCRoute" {
				routes = append(routes, Extended{o, o.actions})
			}
		}
	}
	return b.made(b.opts.Extend.Routes(m, routes))
}

func (b *builder) made(made Made) []Object {
	b.tell(made.Findings)
	if b.opts.Carried != nil {
		b.opts.Carried(made.Carried)
	}
	return others(made.Objects)
}

// others marks objects as being of other projects.
func others(objects []Object) []Object {
	for i := range objects {
		objects[i].Other = true
	}
	return objects
}

// actions are what rules do, in the order of the route.
func actions(rules []drawn) []*route.Action {
	all := make([]*route.Action, len(rules))
	for i, r := range rules {
		if r.action != unanswered {
			all[i] = r.action
		}
	}
	return all
}

// withDone is act as core has to say it, where resources do a part of it: what
// they do counts as written.
func withDone(act *route.Action, does Does) *route.Action {
	if act == nil || does&(DoesRetry|DoesTimeout) == 0 {
		return act
	}
	written := *act
	if does.Has(DoesRetry) && written.Retry == nil {
		written.Retry = &route.Retry{}
	}
	if does.Has(DoesTimeout) && written.Timeout == nil {
		written.Timeout = &route.Timeout{}
	}
	return &written
}
