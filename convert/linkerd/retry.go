package linkerd

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// attempts is how often a request is retried afterwards: what Linkerd's own
// routes do where they name conditions and no limit (policy-controller,
// outbound/index/http.rs, parse_http_retry). A budget has no such number.
const attempts = 1

// defaultBudget is that of a profile without one
// (controller/api/destination/profile_translator.go).
var defaultBudget = budget{ratio: 0.2, perSecond: 10}

// failure tells whether the proxy takes an answer with a status for a failure:
// the first class that fits decides, and without one a status from 500 on is
// (linkerd/app/core/src/classify.rs).
func (r *profileRoute) failure(status uint32) bool {
	for i := range r.classes {
		if holds, ok := r.classes[i].condition.holds(status); ok && holds {
			return r.classes[i].failure
		}
	}
	return status >= 500
}

// holds evaluates a; ok is false where the proxy can't read it and leaves it out
// (linkerd/service-profiles/src/proto.rs, convert_rsp_match: a range whose end is
// not written ends at 0, which is no status).
func (a *answer) holds(status uint32) (holds, ok bool) {
	var parts []bool
	add := func(holds, ok bool) {
		if ok {
			parts = append(parts, holds)
		}
	}
	if a.hasAll {
		add(joinedAnswers(a.all, status, true))
	}
	if a.hasAny {
		add(joinedAnswers(a.any, status, false))
	}
	if r := a.status; r != nil {
		add(r.min <= status && status <= r.max, r.min != 0 && r.max != 0)
	}
	if a.not != nil {
		holds, ok := a.not.holds(status)
		add(!holds, ok)
	}
	if len(parts) == 0 {
		return false, false
	}
	return !containsFalse(parts), true
}

// joinedAnswers evaluates a list, of which what can't be read is left out; of
// nothing it is left out itself.
func joinedAnswers(list []answer, status uint32, conjunction bool) (holds, ok bool) {
	holds = conjunction
	for i := range list {
		one, read := list[i].holds(status)
		if !read {
			continue
		}
		ok = true
		if conjunction {
			holds = holds && one
		} else {
			holds = holds || one
		}
	}
	return holds, ok
}

func containsFalse(parts []bool) bool {
	for _, p := range parts {
		if !p {
			return true
		}
	}
	return false
}

// retries are the failures that a retryable route retries; none where it retries
// nothing.
type retries struct {
	codes  []uint32 // as a route lists them
	ranges string   // as Linkerd's annotation does, which has room for all; "" for other targets
}

// retries reads the failures of r.
func (c *compiler) retries(p *profile, r *profileRoute) retries {
	if r.retryable == nil || p.budget != nil && p.budget.ignored != "" {
		return retries{} // a finding on the budget says so
	}
	failures := r.failures()
	switch {
	case c.toLinkerd():
		return retries{failures, rangesText(failures)}
	case c.opts.Whole:
		return retries{codes: failures}
	}
	return retries{codes: listed(failures)}
}

// failures are the statuses that r takes for failures.
func (r *profileRoute) failures() []uint32 {
	var all []uint32
	for status := uint32(100); status < 600; status++ {
		if r.failure(status) {
			all = append(all, status)
		}
	}
	return all
}

// listed are those that a route lists: of the statuses that Gateway API has
// retried, 400 to 599, those that have a name.
func listed(failures []uint32) []uint32 {
	var all []uint32
	for _, status := range failures {
		if status >= 400 && http.StatusText(int(status)) != "" {
			all = append(all, status)
		}
	}
	return all
}

// rangesText lists statuses, which ascend, as policy-controller's
// parse_http_retry reads them.
func rangesText(codes []uint32) string {
	var spans []statusRange
	for _, code := range codes {
		if n := len(spans); n > 0 && spans[n-1].max == code-1 {
			spans[n-1].max = code
			continue
		}
		spans = append(spans, statusRange{code, code})
	}
	var words []string
	for _, s := range spans {
		switch {
		case s == statusRange{500, 599}:
			words = append(words, "5xx")
		case s.min == s.max:
			words = append(words, strconv.Itoa(int(s.min)))
		default:
			words = append(words, fmt.Sprintf("%d-%d", s.min, s.max))
		}
	}
	return strings.Join(words, ",")
}

// retry is the policy of a rule.
func (c *compiler) retry(from *source.Node, r retries) *route.Retry {
	switch {
	case len(r.codes) > 0:
		return &route.Retry{From: from, Attempts: attempts, Codes: r.codes, Annotated: r.ranges != ""}
	case c.opts.Explicit:
		return &route.Retry{From: from}
	}
	return nil
}

// noteBudget says what a number of attempts does in the place of a budget. A
// request that is answered well pays in, one that fails does not.
func (c *compiler) noteBudget(p *profile, r *profileRoute) {
	b := p.budget
	if b == nil {
		b = &defaultBudget
	}
	c.note(rule.BudgetByNumber, r.retryable, "a failed request is retried while the budget lasts today: %s, and %d a second besides, for all callers of one pod together; afterwards it is retried %s, however many fail.",
		ratioText(b.ratio), b.perSecond, timesText(attempts))
}

func ratioText(ratio float64) string {
	return strconv.FormatFloat(percent(ratio), 'f', -1, 64) + " retries for 100 requests that do not fail"
}

// percent is a share in hundredths, without what binary numbers add to it.
func percent(ratio float64) float64 { return math.Round(ratio*1e8) / 1e6 }

func timesText(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// noteAnswers reports the failures that are not retried any more.
func (c *compiler) noteAnswers(r *profileRoute) {
	var lost []string
	if failures := r.failures(); !c.toLinkerd() {
		below := len(slices.DeleteFunc(slices.Clone(failures), func(status uint32) bool { return status >= 400 }))
		if below > 0 {
			lost = append(lost, "answers below 400 that a response class calls failures")
		}
		if unnamed := len(failures) - below - len(listed(failures)); unnamed > 0 {
			lost = append(lost, fmt.Sprintf("answers with the %d statuses from 400 on that nobody has named", unnamed))
		}
	}
	lost = append(lost, "gRPC calls whose grpc-status is 2, 4, 7, 13, 14 or 15")
	c.note(rule.RetryAnswers, r.retryable, "%s are retried today as well, and not afterwards.", strings.Join(lost, ", and "))
}
