package plan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Options says what to plan.
type Options struct {
	NearMisses int // how many rules may get near misses; each costs a search for each condition
	Proof      prove.Options
}

// DefaultNearMisses is enough for the manifests of most teams, and takes seconds.
const DefaultNearMisses = 5000

// Left says what a plan does not cover.
type Left struct {
	Connections int      // rules of TLS and TCP, which decide on connections
	Unsendable  []string // requests that no client can send, each with why
	NearMisses  int      // rules without near misses, past Options.NearMisses
	Idle        int      // rules that no request reaches
	Reasons     []string // why rules may be missing, for each host that has such
}

// builder puts a plan together.
type builder struct {
	Options
	plan  *Plan
	asked []asked // for each request of plan
	left  Left
	seen  map[string]int // index of a request, by what is sent
	names map[string]bool
}

// asked is a request at a door.
type asked struct {
	door *route.Door
	prove.Decision
}

// Build makes a plan from what a routing decides: for each rule a request that it
// decides, and one that misses it by one condition. known are comparisons of
// before and after that are known: their witnesses come in too.
func Build(r *route.Routing, known []prove.Result, o Options) (*Plan, Left) {
	b := &builder{Options: o, plan: &Plan{Version: Version}, seen: map[string]int{}, names: map[string]bool{}}
	for _, d := range prove.Decide(r, o.Proof) {
		b.host(&d)
	}
	for _, k := range known {
		b.differences(k)
	}
	b.mark(known)
	return b.plan, b.left
}

// host plans the requests for a host at a door.
func (b *builder) host(d *prove.Decided) {
	if d.List == nil {
		return
	}
	if d.Door.Protocol != route.HTTP {
		b.left.Connections += len(d.List.Rules)
		return
	}
	b.left.Idle += len(d.Idle)
	if d.Reason != "" {
		b.left.Reasons = append(b.left.Reasons, fmt.Sprintf("%s, host %q: %s", d.Door.Title(), d.Host, d.Reason))
	}
	for _, x := range d.Requests {
		b.add(d.Door, x, "")
	}
	for _, x := range d.Requests {
		switch {
		case x.Rule == nil:
		case b.NearMisses == 0:
			b.left.NearMisses++
		default:
			b.NearMisses--
			for _, miss := range d.NearMisses(x.Index, b.Proof) {
				b.add(d.Door, miss, "")
			}
		}
	}
}

// differences plans the witnesses of what is known to change.
func (b *builder) differences(k prove.Result) {
	if k.Before == nil || k.Before.Protocol != route.HTTP {
		return
	}
	for _, d := range k.Differences {
		differs := fmt.Sprintf("%s today, %s afterwards", d.BeforeDoes, d.AfterDoes)
		b.add(k.Before, prove.Decision{Request: d.Witness, Rule: d.Before}, differs)
	}
}

// mark says of the other requests what is known to change: where the rules that
// decide one before and after are a pair that is known to act differently.
func (b *builder) mark(known []prove.Result) {
	for _, k := range known {
		if k.Verdict != prove.Differs || k.Before == nil || k.After == nil {
			continue
		}
		for i, a := range b.asked {
			if r := &b.plan.Requests[i]; r.Differs == "" && a.door.Entry == k.Before.Entry && a.door.Protocol == k.Before.Protocol && a.door.Secure == k.Before.Secure {
				r.Differs = knownTo(k, &a.Request)
			}
		}
	}
}

// knownTo says what is known to change for a request at the doors of k; "" for nothing.
func knownTo(k prove.Result, r *route.Request) string {
	before, after := deciding(k.Before, r), deciding(k.After, r)
	for _, d := range k.Differences {
		if d.Before == before && d.After == after {
			return fmt.Sprintf("%s today, %s afterwards", d.BeforeDoes, d.AfterDoes)
		}
	}
	return ""
}

// deciding is the rule that decides r; nil where none holds.
func deciding(d *route.Door, r *route.Request) *route.Rule {
	list := prove.ListFor(d, r.Authority)
	if list == nil {
		return nil
	}
	for _, rule := range list.Rules {
		if rule.Match.Holds(r) {
			return rule
		}
	}
	return nil
}

// add plans the request of x, once.
func (b *builder) add(door *route.Door, x prove.Decision, differs string) {
	r := newRequest(door, x)
	r.Differs = differs
	if why := unsendable(&r); why != "" {
		if text := r.title() + ": " + why; !slices.Contains(b.left.Unsendable, text) {
			b.left.Unsendable = append(b.left.Unsendable, text)
		}
		return
	}
	key := r.key()
	if i, ok := b.seen[key]; ok {
		if old := &b.plan.Requests[i]; differs != "" && old.Differs == "" {
			old.Differs = differs
		}
		return
	}
	b.seen[key] = len(b.plan.Requests)
	r.Name = b.name(r.title())
	b.plan.Requests, b.asked = append(b.plan.Requests, r), append(b.asked, asked{door, x})
}

// name is a title that no other request of the plan has.
func (b *builder) name(title string) string {
	name := title
	for n := 2; b.names[name]; n++ {
		name = title + " #" + strconv.Itoa(n)
	}
	b.names[name] = true
	return name
}

// key is all of r that decides what is sent where.
func (r *Request) key() string {
	return strings.Join([]string{r.scheme(), r.Host, r.Verb(), r.Path, headerText(r.Headers), r.Caller}, "\x00")
}

// title names r for a reader: "GET shop.example.com/a [x-canary: 1]".
func (r *Request) title() string {
	text := r.Verb() + " " + r.Host + r.Path
	if r.scheme() == "https" {
		text = r.Verb() + " https://" + r.Host + r.Path
	}
	if len(r.Headers) > 0 {
		text += " [" + headerText(r.Headers) + "]"
	}
	if r.Caller != "" {
		text += " " + r.Caller
	}
	return text
}

func headerText(headers map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		all = append(all, name+": "+headers[name])
	}
	return strings.Join(all, ", ")
}

// newRequest spells the request of x at door, with what its rule makes of it.
func newRequest(door *route.Door, x prove.Decision) Request {
	r := Request{Why: why(x), Host: hostText(door, x.Request), Path: x.Request.Target(), Headers: maps.Clone(x.Request.Headers), Caller: strings.TrimSpace(x.Request.Caller())}
	if x.Request.Method != "GET" {
		r.Method = x.Request.Method
	}
	if door.Secure {
		r.Scheme = "https"
	}
	r.Expect = expected(door, x)
	return r
}

// hostText is what the client writes as the host: without a port, which the URL
// of a side has and which neither API looks at, unless the request names one.
func hostText(door *route.Door, r route.Request) string {
	name, _ := door.Host(r)
	return name
}

// why says what a request is for.
func why(x prove.Decision) string {
	decides := "no rule takes it"
	if x.Rule != nil {
		decides = ruleText(x.Rule) + " decides"
	}
	if x.Missed == nil {
		return decides
	}
	return fmt.Sprintf("%s; %s would, but for one condition: %s", decides, ruleText(x.Missed), x.Lacks)
}

// ruleText names a rule by its object, or by the place of the input.
func ruleText(r *route.Rule) string {
	if r.From == nil {
		return r.Where
	}
	at := r.From.Place()
	return fmt.Sprintf("%s %s (%s)", at.Object, strings.TrimPrefix(at.Field, "spec."), at.Pos)
}

// expected is what the deciding rule answers by itself, or where it sends.
func expected(door *route.Door, x prove.Decision) Expect {
	if x.Rule == nil {
		return Expect{Status: 404}
	}
	a := x.Rule.Action
	switch {
	case len(a.Opaque) > 0 || a.Fault != nil && a.Fault.AbortPercent > 0:
		return Expect{} // not known, or not the same each time
	case a.Direct != nil:
		return Expect{Status: int(a.Direct.Status), BodyContains: a.Direct.Body}
	case a.Redirect != nil:
		_, query, _ := strings.Cut(x.Request.Target(), "?")
		to := prove.Location(door, x.Rule, x.Request)
		if query != "" && !strings.Contains(to, "?") {
			to += "?" + query // Envoy keeps it
		}
		return Expect{Status: int(a.Redirect.Code), Redirect: to}
	}
	return forwarded(a.Backends)
}

// forwarded is one backend, or the shares of several.
func forwarded(backends []route.Backend) Expect {
	sum, shares := uint64(0), map[string]uint64{}
	for _, b := range backends {
		if b.Broken || b.Refused != 0 || b.Service == (route.Name{}) {
			return Expect{}
		}
		sum += uint64(b.Weight)
		if b.Weight > 0 {
			shares[fmt.Sprintf("%s.%s:%d", b.Service.Name, b.Service.Namespace, b.Port)] += uint64(b.Weight)
		}
	}
	names := slices.Sorted(maps.Keys(shares))
	if len(names) == 1 {
		return Expect{Backend: names[0]}
	}
	e := Expect{}
	for _, name := range names {
		if e.Shares == nil {
			e.Shares = map[string]float64{}
		}
		e.Shares[name] = float64(shares[name]) / float64(sum)
	}
	return e
}

// unsendable says why no client can send r; "" where one can. A claim of a JWT
// stands in a token that only its issuer can make.
func unsendable(r *Request) string {
	for name, value := range r.Headers {
		if strings.HasPrefix(name, "@request.auth.") {
			return "a token with that claim is needed"
		}
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return fmt.Sprintf("header %q: %q can't be sent", name, value)
		}
	}
	probe := *r
	probe.Expect = Expect{}
	if err := probe.valid(); err != nil {
		return err.Error()
	}
	return ""
}
