package prove

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// outcome is what becomes of a request in the end.
type outcome uint8

const (
	forwards outcome = iota
	redirects
	responds // by itself, without error
	refuses  // by itself, with an error
)

// part is an aspect of a deed.
type part uint8

const (
	destinations part = iota
	weights
	location // of a redirect, the path apart
	status   // of an answer
	hostRewrite
	requestHeaders
	responseHeaders
	timeout
	retry
	mirror
	cors    // apart from the origins
	origins // of the cross-origin policy
	fault
	parts
)

// aspectOf says which aspect a part is.
var aspectOf = [parts]finding.Aspect{
	finding.Destinations, finding.Weights, finding.Redirect, finding.DirectResponse, finding.HostRewrite, finding.RequestHeaders,
	finding.ResponseHeaders, finding.Timeout, finding.Retry, finding.Mirror, finding.CORS, finding.CORS, finding.Fault,
}

// deed is what an action does, in a form in which equal actions are equal. What
// becomes of the path is apart, see effect.
type deed struct {
	outcome outcome
	opaque  bool
	parts   [parts]string
}

// noRule is the deed where no rule holds, which is always the first.
const noRule = 0

// manyDeeds are looked up in a map.
const manyDeeds = 16

// weigh finds out what all rules do.
func (p *prover) weigh() {
	nothing := deed{outcome: refuses}
	nothing.parts[status] = p.answer(404, "")
	p.deeds = append(p.deeds[:0], nothing)
	var numbers map[deed]int32
	if len(p.sides[0].rules)+len(p.sides[1].rules) > manyDeeds {
		numbers = map[deed]int32{nothing: noRule}
	}
	for k := range p.sides {
		s := &p.sides[k]
		done := map[*route.Action]int32(nil)
		if len(s.rules) > manyDeeds {
			done = make(map[*route.Action]int32, len(s.rules))
		}
		for i := range s.rules {
			r := &s.rules[i]
			r.effect = effectOf(r.Rule)
			if i > 0 && s.rules[i-1].Action == r.Action {
				r.deed = s.rules[i-1].deed
				continue
			}
			if n, ok := done[r.Action]; ok {
				r.deed = n
				continue
			}
			r.deed = p.number(numbers, s.deed(r.Action, p))
			if done != nil {
				done[r.Action] = r.deed
			}
		}
	}
}

// number gives equal deeds equal numbers; what can't be judged gets its own.
func (p *prover) number(numbers map[deed]int32, d deed) int32 {
	n := int32(len(p.deeds))
	if !d.opaque {
		if numbers != nil {
			if known, ok := numbers[d]; ok {
				return known
			}
			numbers[d] = n
		} else if known := slices.Index(p.deeds, d); known >= 0 {
			return int32(known)
		}
	}
	p.deeds = append(p.deeds, d)
	return n
}

func (p *prover) deedOf(r *rule) int32 {
	if r == nil {
		return noRule
	}
	return r.deed
}

// answer is an answer without a backend. Connections are closed without one.
func (p *prover) answer(status uint32, body string) string {
	if p.protocol != route.HTTP {
		return "closed"
	}
	if body == "" {
		return strconv.FormatUint(uint64(status), 10)
	}
	return fmt.Sprintf("%d %q", status, body)
}

// deed reads an action.
func (s *side) deed(a *route.Action, p *prover) deed {
	var d deed
	if a == nil {
		a = &route.Action{}
	}
	d.opaque = len(a.Opaque) > 0
	if f := a.Fault; f != nil && f.AbortPercent >= 100 {
		d.outcome = refuses
		d.parts[status] = "abort " + f.Abort
		return d
	}
	d.parts[fault] = faultText(a.Fault)
	switch {
	case a.Redirect != nil:
		d.outcome = redirects
		d.parts[location] = p.location(a.Redirect)
	case a.Direct != nil:
		d.refuse(a.Direct.Status)
		d.parts[status] = p.answer(a.Direct.Status, a.Direct.Body)
	default:
		s.forward(a, &d, p)
	}
	if d.outcome == forwards {
		return d
	}
	d.parts[responseHeaders] = headerText(a.Response(), route.HeaderOps{}, true)
	d.crossOrigin(a.CORS)
	return d
}

func (d *deed) refuse(status uint32) {
	d.outcome = responds
	if status >= 400 {
		d.outcome = refuses
	}
}

// share is a backend with its part of the requests.
type share struct {
	target  string
	weight  uint64
	backend *route.Backend
}

// forward reads what an action does that sends requests to backends. Without any
// the answer is 500.
func (s *side) forward(a *route.Action, d *deed, p *prover) {
	var few [4]share
	shares, sum := few[:0], uint64(0)
	refused := uint32(500)
	for i := range a.Backends {
		b := &a.Backends[i]
		if b.Weight == 0 {
			continue
		}
		shares, sum = append(shares, share{s.target(b), uint64(b.Weight), b}), sum+uint64(b.Weight)
	}
	if !slices.ContainsFunc(shares, func(x share) bool { return x.backend.Refused == 0 }) {
		if len(shares) > 0 {
			refused = shares[0].backend.Refused
		}
		d.refuse(refused)
		d.parts[status] = p.answer(refused, "")
		return
	}
	slices.SortStableFunc(shares, func(x, y share) int { return strings.Compare(x.target, y.target) })
	d.parts[destinations], d.parts[weights] = spread(shares, sum)
	sole := len(a.Backends) == 1
	d.parts[hostRewrite] = perBackend(shares, func(b *route.Backend) string { return hostRewriteText(a, b) })
	d.parts[requestHeaders] = perBackend(shares, func(b *route.Backend) string { return headerText(a.Request(), b.Request(), sole) })
	d.parts[responseHeaders] = perBackend(shares, func(b *route.Backend) string { return headerText(a.Response(), b.Response(), sole) })
	if a.Timeout != nil && a.Timeout.Request > 0 {
		d.parts[timeout] = a.Timeout.Request.String()
	}
	d.parts[retry] = retryText(a)
	d.parts[mirror] = s.mirrors(a.Mirrors)
	d.crossOrigin(a.CORS)
}

// target names the Pods that a backend stands for: two Services of one selector
// are the same. Where the Service is not known its name counts.
func (s *side) target(b *route.Backend) string {
	port := strconv.FormatUint(uint64(b.Port), 10)
	switch {
	case b.Refused != 0:
		return "status " + strconv.FormatUint(uint64(b.Refused), 10)
	case b.Outside != nil:
		return "host " + b.Outside.Target()
	case b.Service == route.Name{}:
		return "host " + strings.ToLower(b.Host) + ":" + port
	}
	for _, known := range s.pods {
		pods, ok := known[b.Service]
		if !ok {
			continue
		}
		if pods.Selector == "" {
			break
		}
		to, ok := pods.Ports[b.Port]
		switch {
		case !ok && b.Port == 0 && len(pods.Ports) == 1:
			for _, to = range pods.Ports { // the only one
			}
		case !ok:
			to = "?" + port
		}
		return "pods " + pods.Namespace + "/" + pods.Selector + ":" + to
	}
	return "service " + b.Service.String() + ":" + port
}

// spread writes the targets of shares, which are ordered by them, and what part
// of the requests each gets, as exact fractions.
func spread(shares []share, sum uint64) (targets, fractions string) {
	if len(shares) == 1 {
		return shares[0].target, ""
	}
	for i := 0; i < len(shares); {
		target, weight := shares[i].target, uint64(0)
		for ; i < len(shares) && shares[i].target == target; i++ {
			weight += shares[i].weight
		}
		if weight == sum {
			return target, ""
		}
		targets += target + "\n"
		fractions += fraction(weight, sum) + "\n"
	}
	return targets, fractions
}

func fraction(a, b uint64) string {
	g := gcd(a, b)
	return strconv.FormatUint(a/g, 10) + "/" + strconv.FormatUint(b/g, 10)
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// perBackend writes what is done for each share, once when it is the same.
func perBackend(shares []share, text func(*route.Backend) string) string {
	first := text(shares[0].backend)
	if len(shares) == 1 {
		return first
	}
	weightOf, sum := map[string]uint64{}, uint64(0)
	for _, x := range shares {
		sum += x.weight
		if x.backend.Refused == 0 {
			weightOf[x.target+"\n"+text(x.backend)] += x.weight
		}
	}
	lines := make([]string, 0, len(weightOf))
	same := true
	for line, weight := range weightOf {
		_, what, _ := strings.Cut(line, "\n")
		same = same && what == first
		lines = append(lines, line+" "+fraction(weight, sum))
	}
	if same {
		return first
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// mirrors writes where copies go. Envoy counts shares in millionths.
func (s *side) mirrors(all []route.Mirror) string {
	if len(all) == 0 {
		return ""
	}
	var lines []string
	for i := range all {
		m := &all[i]
		share := int64(math.Round(min(max(m.Percent, 0), 100) * 10000))
		if share > 0 && m.Backend.Refused == 0 {
			lines = append(lines, s.target(&m.Backend)+" "+strconv.FormatInt(share, 10))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func faultText(f *route.Fault) string {
	if f == nil || f.DelayPercent <= 0 && f.AbortPercent <= 0 {
		return ""
	}
	var parts []string
	if f.DelayPercent > 0 {
		parts = append(parts, fmt.Sprintf("%v%% delayed by %v", f.DelayPercent, f.Delay))
	}
	if f.AbortPercent > 0 {
		parts = append(parts, fmt.Sprintf("%v%% aborted with %s", f.AbortPercent, cmp.Or(f.Abort, "no status")))
	}
	return strings.Join(parts, ", ")
}
