package hint

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// page is what a template makes a file of.
type page struct {
	Words    []string // of its name
	Head     []string // lines of a comment: what the file is for
	Rules    []ruleset
	Connect  number // time for a connection, ms
	Idle     number // time until an idle connection is closed, ms; none: 0
	Pooled   number // connections; none: 0
	InFlight number // calls under way; none: 0
	Failures number // in a row that open the breaker; none: 0
	Only     string // the statuses that the breaker counts: "5xx" or "502, 503, 504"
	Open     number // time for which the breaker stays open, ms
	Budget   number // percent of the calls that may be retries; none: 0
	Least    number // retries that the budget always allows
}

// ruleset is how a kind of calls is bounded and repeated.
type ruleset struct {
	Words                      []string // of its name; empty for all other calls
	Head                       []string // lines of a comment: for which calls
	Timeout, PerTry            number   // ms; 0: none
	Retries, Calls, Base, Most number
	Connect, Reset             bool // retried failures without a status
	Statuses                   []span
}

// number is a constant in the code with the reason for it.
type number struct {
	Value int64
	Why   string // the line that it is from, or whose default it is
}

// span is a range of HTTP statuses.
type span struct{ Low, High uint32 }

// mostRetries bounds what is written: nobody means more, and the calls of all
// languages count in 32 bits.
const mostRetries = 1000

// mostFailures bounds what a breaker counts: some libraries keep a list of them.
const mostFailures = 10_000

func (p *page) Name() string  { return pascal(p.Words) }
func (p *page) Snake() string { return joinWords(p.Words, "_") }
func (p *page) Camel() string { return lowerFirst(p.Name()) }

// Name is Default for all other calls, else PathSlow and the like.
func (r *ruleset) Name() string {
	if len(r.Words) == 0 {
		return "Default"
	}
	return pascal(r.Words)
}

// Snake is Name in small letters.
func (r *ruleset) Snake() string {
	if len(r.Words) == 0 {
		return "default"
	}
	return joinWords(r.Words, "_")
}

// Upper is Name in capital letters.
func (r *ruleset) Upper() string { return strings.ToUpper(r.Snake()) }

// Camel is Name with a small first letter. No language of ours has rule1 as a word.
func (r *ruleset) Camel() string { return lowerFirst(r.Name()) }

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func newPage(l Language, h *Hint, names naming) *page {
	p := &page{Words: names.name(h), Connect: number{defaultConnect.Milliseconds(), "Istio's default"}}
	p.Rules = rulesets(h)
	pool, rest := h.pool()
	if pool != nil {
		p.limits(pool)
		p.breaker(pool.Breaker)
	}
	p.Head = head(l, h, p.Rules, pool, rest)
	return p
}

// pool is the one for the whole of what h speaks of, and those beside it; the
// Service of a subset has nothing beside it but its ports.
func (h *Hint) pool() (own *Pool, rest []Pool) {
	for i, p := range h.Pools {
		if p.Subset == h.Subset && (p.Port == 0 && own == nil || p.Port == h.Port && h.Port != 0) {
			own = &h.Pools[i]
		}
	}
	for i := range h.Pools {
		if &h.Pools[i] != own && (h.Subset == "" || h.Pools[i].Subset == h.Subset) {
			rest = append(rest, h.Pools[i])
		}
	}
	return own, rest
}

func (p *page) limits(pool *Pool) {
	p.Connect = numberOf(pool.ConnectTimeout.Milliseconds(), pool.At, "connectTimeout", "Istio's default")
	p.Idle = numberOf(pool.IdleTimeout.Milliseconds(), pool.At, "idleTimeout", "")
	p.Pooled = numberOf(int64(pool.MaxConnections), pool.At, "maxConnections", "")
	p.InFlight = numberOf(int64(pool.MaxRequests), pool.At, "http2MaxRequests", "")
	// Over HTTP/1 a connection carries one call, and MaxPending more wait for one.
	if n := int64(pool.MaxConnections) + int64(pool.MaxPending); pool.MaxConnections > 0 && pool.MaxPending > 0 && (p.InFlight.Value == 0 || n < p.InFlight.Value) {
		p.InFlight = number{min(n, math.MaxInt32), fmt.Sprintf("maxConnections and http1MaxPendingRequests, %s", from(pool.At["http1MaxPendingRequests"]))}
	}
	if pool.Budget > 0 {
		p.Budget = numberOf(int64(math.Ceil(pool.Budget)), pool.At, "retryBudget", "Istio's default")
		p.Least = numberOf(int64(pool.MinBudget), pool.At, "minRetryConcurrency", "Istio's default")
	}
}

func (p *page) breaker(b *Breaker) {
	if b == nil {
		return
	}
	p.Open = numberOf(b.Ejection.Milliseconds(), b.At, "baseEjectionTime", "Istio's default")
	if b.Consecutive > 0 {
		p.Failures, p.Only = numberOf(int64(min(b.Consecutive, mostFailures)), b.At, "consecutive5xxErrors", "Istio's default"), "5xx"
		return
	}
	p.Failures, p.Only = numberOf(int64(min(b.Gateway, mostFailures)), b.At, "consecutiveGatewayErrors", ""), "502, 503, 504"
}

// numberOf makes a constant. What no timer and no 32 bits can hold is as good as
// what they can: 24 days, or two thousand million calls.
func numberOf(value int64, at Places, field, otherwise string) number {
	value = min(value, math.MaxInt32)
	if place, ok := at[field]; ok {
		return number{value, field + ", " + from(place)}
	}
	return number{value, otherwise}
}

// rulesets are the policies of h; those that say the same are one.
func rulesets(h *Hint) []ruleset {
	var all []ruleset
	var kinds []Policy
	for _, p := range h.Policies {
		line := calls(p.Match)
		if at := from(p.From); at != "" {
			line += " (" + at + ")"
		}
		i := slices.IndexFunc(kinds, p.same)
		if i < 0 {
			i = len(all)
			kinds, all = append(kinds, p), append(all, newRuleset(p))
			all[i].Words = []string{"rule", fmt.Sprint(i + 1)}
		}
		all[i].Head = append(all[i].Head, line)
		if p.Match == nil {
			all[i].Words = nil
		}
	}
	const most = 12
	for i := range all {
		if left := len(all[i].Head) - most; left > 0 {
			all[i].Head = append(all[i].Head[:most], fmt.Sprintf("and %d more", left))
		}
	}
	return all
}

func newRuleset(p Policy) ruleset {
	r := p.Retry
	assumed := "Istio's default"
	if !r.Assumed {
		assumed = "not written"
	}
	n := min(r.Retries, mostRetries)
	out := ruleset{
		Timeout: numberOf(p.Timeout.Milliseconds(), p.At, "timeout", "none is written"),
		PerTry:  numberOf(r.PerTry.Milliseconds(), r.At, "perTryTimeout", "none is written"),
		Retries: numberOf(int64(n), r.At, "attempts", assumed),
		Base:    numberOf(milliseconds(r.Base), r.At, "backoff", "Envoy's default"),
		Connect: slices.Contains(r.On, ConnectFailure), Reset: slices.Contains(r.On, Reset),
		Statuses: spans(r.Codes),
	}
	out.Calls = number{int64(n) + 1, out.Retries.Why}
	out.Most = number{min(milliseconds(r.Most), math.MaxInt32), "ten times the base, as Envoy does"}
	if n == 0 {
		out.Connect, out.Reset, out.Statuses = false, false, nil
	}
	return out
}

// milliseconds rounds up: a wait of less than one is none to the timers of most
// languages.
func milliseconds(d time.Duration) int64 { return max(1, d.Milliseconds()) }

func spans(codes []uint32) []span {
	var all []span
	for _, c := range codes {
		if n := len(all); n > 0 && all[n-1].High+1 == c {
			all[n-1].High = c
			continue
		}
		all = append(all, span{c, c})
	}
	return all
}

// head says what the file is for, and what no code can do.
func head(l Language, h *Hint, rules []ruleset, pool *Pool, rest []Pool) []string {
	title := "Calls to " + h.callee()
	if h.Port != 0 {
		title += fmt.Sprintf(" port %d", h.Port)
	}
	lines := []string{title + " by " + h.Client.String() + ", as the proxy beside it made them."}
	say := func(format string, args ...any) {
		lines = append(lines, wrapped("  ", "- "+fmt.Sprintf(format, args...))...)
	}
	h.remarks(say)
	if slices.ContainsFunc(rules, func(r ruleset) bool { return r.Retries.Value > 0 }) {
		say("The proxy hid failures: pods that restart, connections that break, and whatever else is retried below never reached the application where a retry helped. Without a proxy and without this code each of them is an error that users see.")
		say("Only calls that surely were not carried out are repeated for every method; the others only for methods that do no harm twice (RFC 9110, 9.2.2). The proxy did not care.")
		say("A retry may meet the same pod again, where the proxy took another.")
		say("If a gateway before the client retries as well, the calls multiply: retry in one place.")
	}
	if len(rules) > 1 {
		say("Which of the rules below is for a call: the first whose condition holds, in the order of the lines that they name.")
	}
	for _, r := range uniqueUnknown(h) {
		say("Retrying on %q is not here: only Envoy can tell it.", plain(r))
	}
	if tooMany(h) {
		say("More than %d retries are written; %d are made here.", mostRetries, mostRetries)
	}
	if pool != nil {
		poolRemarks(pool, say)
		budgetRemark(l, pool, say)
	}
	const most = 10
	for _, p := range rest[:min(most, len(rest))] {
		say("%s has settings of its own, which are not here (%s).%s", scopeOf(p), from(p.From), h.elsewhere(p))
	}
	if left := len(rest) - most; left > 0 {
		say("So have %d more subsets and ports.", left)
	}
	return lines
}

// remarks say who is called, where it is no Service of the input.
func (h *Hint) remarks(say func(string, ...any)) {
	switch {
	case h.Subset != "":
		say("The conversion makes this Service for subset %s of %s. This is for calls to it by its own name; who calls %s meets pods of all subsets, and the rules that picked one of them are not in force without a proxy.", plain(h.Subset), plain(h.Of), plain(h.Of))
	case h.Outside():
		say("The host is outside of the cluster: the proxy knew it by a ServiceEntry, and did this for calls over plain HTTP, or for which it made the TLS connection itself. To a call that was encrypted by the application it did nothing of it but the limits of connections.")
	}
}

// elsewhere says where settings of a subset are.
func (h *Hint) elsewhere(p Pool) string {
	if i := slices.IndexFunc(h.Subsets, func(s SubsetService) bool { return s.Subset == p.Subset }); p.Subset != "" && i >= 0 {
		return fmt.Sprintf(" There is a hint for who calls its Service, %s.", plain(h.Subsets[i].Name))
	}
	return ""
}

func tooMany(h *Hint) bool {
	return slices.ContainsFunc(h.Policies, func(p Policy) bool { return p.Retry.Retries > mostRetries })
}

func uniqueUnknown(h *Hint) []string {
	var all []string
	for _, p := range h.Policies {
		all = append(all, p.Retry.Unknown...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return all[:min(len(all), 10)]
}

// poolRemarks say what of a pool an application can't have.
func poolRemarks(p *Pool, say func(string, ...any)) {
	if b := p.Breaker; b != nil {
		say("The proxy took a failing pod out of the Service for a while, %d %% of the pods at most. An application does not see pods: the breaker here stands before all of them, and one bad pod among good ones does not open it.", b.MaxPercent)
		if b.Consecutive > 0 && b.Gateway > 0 {
			say("The proxy counted 502, 503 and 504 apart, %d in a row (%s); here all 5xx are counted together.", b.Gateway, from(b.At["consecutiveGatewayErrors"]))
		}
	}
	if b := p.Breaker; b != nil && max(b.Consecutive, b.Gateway) > mostFailures {
		say("The breaker opens after %d failures already.", mostFailures)
	}
	if p.MaxPending > 0 && p.MaxConnections == 0 {
		say("http1MaxPendingRequests %d (%s) has no counterpart here, since connections are not limited.", p.MaxPending, from(p.At["http1MaxPendingRequests"]))
	}
	if p.MaxRetries > 0 {
		say("At most %d retries were under way at a time (maxRetries, %s), which is not here.", p.MaxRetries, from(p.At["maxRetries"]))
	}
}

// budgetRemark says what became of a retry budget.
func budgetRemark(l Language, p *Pool, say func(string, ...any)) {
	switch {
	case p.Budget == 0:
	case l.budget && p.PerSecond:
		say("The proxy's budget is %v retries for 100 calls that do not fail, and %d a second besides (retryBudget, %s); here the numbers count calls that are under way.", p.Budget, p.MinBudget, from(p.At["retryBudget"]))
	case p.PerSecond:
		say("At most %v retries were made for 100 calls that did not fail, and %d a second besides (retryBudget, %s), which is not here: the library knows no budget, and nothing bounds the retries of all calls together.", p.Budget, p.MinBudget, from(p.At["retryBudget"]))
	case l.budget:
		say("Where the retry budget is used up, a call that would be retried ends with an error of the budget, and not with the last answer.")
	default:
		say("At most %v %% of the calls under way could be retries, and %d in any case (retryBudget, %s), which is not here: the library knows no budget, and nothing bounds the retries of all calls together.", p.Budget, p.MinBudget, from(p.At["retryBudget"]))
	}
}

func scopeOf(p Pool) string {
	switch {
	case p.Subset != "" && p.Port != 0:
		return fmt.Sprintf("Port %d of subset %s", p.Port, plain(p.Subset))
	case p.Subset != "":
		return "Subset " + plain(p.Subset)
	case p.Port != 0:
		return fmt.Sprintf("Port %d", p.Port)
	}
	return "Another DestinationRule of the host"
}
