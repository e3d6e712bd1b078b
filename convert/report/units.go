package report

import (
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/linkerd"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// unit is what Counts count: a match block, or an http[], tls[] or tcp[] element
// without one.
type unit struct {
	place     finding.Place
	element   string // the field of the element
	namespace string
	status    Status
	known     bool // some list has it
	document  *source.Document
	delegates bool // its element hands requests on to a delegate
}

// units are all of the input, in its order.
type units struct {
	list     []*unit
	byPlace  map[finding.Place]*unit
	byObject map[string][]*unit // those of a namesake in another place as well
}

// unitsOf walks the VirtualServices, and the ServiceProfiles of Linkerd.
func (b *builder) unitsOf() *units {
	u := &units{byPlace: map[finding.Place]*unit{}, byObject: map[string][]*unit{}}
	for _, d := range b.docs {
		keys := rulesOf(d)
		namespace := b.namespaceOf(d.Object())
		for _, key := range keys {
			if elements := d.Root.Get("spec").Get(key); elements != nil && elements.Kind == source.List {
				for _, e := range items(elements) {
					u.element(e, namespace)
				}
			}
		}
	}
	return u
}

// rulesOf are the lists of rules that an object of a kind has.
func rulesOf(d *source.Document) []string {
	switch kind, _ := linkerd.Kind(d); {
	case isNetworking(d, "VirtualService"):
		return []string{"http", "tls", "tcp"}
	case kind == "ServiceProfile":
		return []string{"routes"}
	}
	return nil
}

func (u *units) element(e *source.Node, namespace string) {
	nodes := []*source.Node{e}
	if match := e.Get("match"); match != nil && match.Kind == source.List && len(match.Children()) > 0 {
		nodes = items(match)
	}
	field := e.Field()
	for _, n := range nodes {
		at := n.Place()
		if u.byPlace[at] != nil {
			continue // an object that is written twice, in one place
		}
		x := &unit{place: at, element: field, namespace: namespace, status: Exact, document: e.Document(), delegates: e.Has("delegate")}
		u.list, u.byPlace[at] = append(u.list, x), x
		u.byObject[at.Object] = append(u.byObject[at.Object], x)
	}
}

// note takes down what becomes of a rule of a list at one host. Where a delegate
// takes the match over from its root, the rule is the delegate's as well.
func (u *units) note(r *route.Rule, s Status) {
	nodes := []*source.Node{r.From}
	if r.Action != nil {
		nodes = append(nodes, r.Action.From)
	}
	for _, n := range nodes {
		if x := u.byPlace[n.Place()]; n != nil && x != nil {
			x.known, x.status = true, worse(x.status, s)
		}
	}
}

// settle decides about those that are in no list, and about what no list can
// show, by the findings on each object.
func (u *units) settle(on map[string][]finding.Finding) {
	for _, x := range u.list {
		if !x.known {
			x.status = u.unlisted(x, on[x.place.Object])
			continue
		}
		for _, f := range on[x.place.Object] {
			if f.Place.Pos.File == x.place.Pos.File {
				x.status = worse(x.status, x.touchedBy(f))
			}
		}
	}
	u.list = slices.DeleteFunc(u.list, func(x *unit) bool { return x.delegates && (x.known || x.status == Exact) })
}

// touchedBy is what an error means for a rule that is in a list: one that stands
// in it says that its requests are handled differently; one beside the rules that
// some place or host of the object is not served.
func (x *unit) touchedBy(f finding.Finding) Status {
	switch {
	case f.Rule.Severity < finding.Error || f.Rule.InGroup() != finding.Migration:
		return Exact
	case about(f.Place.Field, x) && f.Rule == rule.ConditionLost: // it is left out
		return Lost
	case about(f.Place.Field, x):
		return Differs
	case element.FindString(f.Place.Field) == "" && slices.Contains(f.Rule.Admits, finding.HostServed):
		return Lost
	}
	return Exact
}

// about tells whether a field lies in the rule, or in its element beside the
// match blocks.
func about(field string, x *unit) bool {
	switch {
	case within(field, x.place.Field):
		return true
	case !within(field, x.element):
		return false
	}
	return !strings.HasPrefix(field, x.element+".match[")
}

// idle are the rules of findings that say that something decides nothing today.
var (
	idle       = []*finding.Rule{rule.DeadRule, rule.NeverMatches, rule.DelegateConflict, rule.RoutesForMetrics, rule.ConditionUnread}
	idleObject = []*finding.Rule{rule.DelegateUnused, rule.HostNotOnGateway, rule.NoSuchGateway, rule.RulesOnPlainPort, rule.ProfileName}
)

// unlisted is the status of a rule that is in no list: nothing of it is written,
// which changes nothing where it decides nothing today.
func (u *units) unlisted(x *unit, findings []finding.Finding) Status {
	broken, unserved, missing := false, false, false
	for _, f := range findings {
		switch {
		case f.Place.Pos.File != x.place.Pos.File: // of a namesake
		case slices.Contains(idle, f.Rule) && (within(f.Place.Field, x.place.Field) || within(x.place.Field, f.Place.Field)):
			return Exact
		case slices.Contains(idleObject, f.Rule):
			unserved = true
		case f.Rule == rule.DelegateMissing && within(f.Place.Field, x.element):
			missing = true
		case f.Rule.Severity == finding.Error && f.Rule.InGroup() == finding.Migration && (element.FindString(f.Place.Field) == "" || about(f.Place.Field, x)):
			broken = true
		}
	}
	switch {
	case missing:
		return Lost
	case x.delegates: // its rules are the delegate's, which are counted there
		return Exact
	case broken:
		return Lost
	case unserved || u.cutOff(x) || u.replaced(x):
		return Exact
	}
	return Lost
}

// unlisted takes over the rules that are in no list.
func (b *builder) unlisted() {
	on := map[string][]int{}
	for i, f := range b.triaged.Findings {
		on[f.Place.Object] = append(on[f.Place.Object], i)
	}
	b.out.Unlisted = []Unlisted{}
	for _, x := range b.units.list {
		at := b.place(x.place)
		if x.known || at == nil {
			continue
		}
		u := Unlisted{Object: x.place.Object, Field: x.place.Field, Place: *at, Status: x.status, Findings: []int{}}
		for _, i := range on[x.place.Object] {
			f := b.triaged.Findings[i]
			if f.Place.Pos.File != x.place.Pos.File {
				continue
			}
			beside := element.FindString(f.Place.Field) == "" && (f.Rule.Severity == finding.Error || slices.ContainsFunc(idleObject, func(r *finding.Rule) bool { return r.ID == f.Rule.ID }))
			if beside || about(f.Place.Field, x) || within(x.place.Field, f.Place.Field) {
				u.Findings = append(u.Findings, i)
			}
		}
		b.out.Unlisted = append(b.out.Unlisted, u)
	}
}

// cutOff tells whether x stands behind a match of its own element that takes all
// requests: Istio drops it (pilot core/route/route.go), and no finding says so.
func (u *units) cutOff(x *unit) bool {
	return slices.ContainsFunc(u.byObject[x.place.Object], func(o *unit) bool {
		return o != x && o.known && o.element == x.element && o.document == x.document
	})
}

// within tells whether a field is outer, or a part of it.
func within(field, outer string) bool {
	rest, ok := strings.CutPrefix(field, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// replaced tells whether x is of an object that another of its name replaces, as
// kubectl does.
func (u *units) replaced(x *unit) bool {
	return slices.ContainsFunc(u.byObject[x.place.Object], func(o *unit) bool { return o.known && o.document != x.document })
}

// count adds up what became of the rules that pick chooses.
func (u *units) count(pick func(*unit) bool) Counts {
	var c Counts
	for _, x := range u.list {
		if !pick(x) {
			continue
		}
		switch x.status {
		case Exact:
			c.Exact++
		case Differs:
			c.Differs++
		case Lost:
			c.Lost++
		case Unproven:
			c.Unproven++
		default:
			panic("unhandled status " + string(x.status))
		}
	}
	return c
}
