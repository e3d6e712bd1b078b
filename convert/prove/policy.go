package prove

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// retryDefaults are the conditions of a policy that names none (Istio's
// route/retry/retry.go, without retriable-status-codes, which stands for codes
// that nobody lists).
var retryDefaults = []string{"cancelled", "connect-failure", "refused-stream", "unavailable"}

// retryText writes the retries. No policy is the implementation's default, which
// is taken to be Istio's.
func retryText(a *route.Action) string {
	r := a.Retry
	switch {
	case r == nil:
		return ""
	case r.Attempts <= 0:
		return "none"
	}
	on, codes := retryOn(r)
	try := r.PerTry
	if a.Timeout != nil && a.Timeout.Request > 0 && try >= a.Timeout.Request {
		try = 0 // the whole request ends before
	}
	bound := ""
	if try > 0 {
		bound = fmt.Sprintf(", each bounded by %v", try)
	}
	for _, code := range codes {
		on = append(on, strconv.Itoa(int(code)))
	}
	return fmt.Sprintf("%d times%s, backoff %v, on %s", r.Attempts, bound, cmp.Or(r.Backoff, 25*time.Millisecond), strings.Join(on, ", "))
}

// retryOn spells conditions in one way: those that are lists of status codes as
// codes. A reset before the request was sent is a failed connection.
func retryOn(r *route.Retry) (on []string, codes []uint32) {
	if len(r.On) == 0 && len(r.Codes) == 0 {
		return slices.Clone(retryDefaults), nil
	}
	codes = slices.Clone(r.Codes)
	for _, word := range r.On {
		switch word {
		case "gateway-error":
			codes = append(codes, 502, 503, 504)
		case "retriable-4xx":
			codes = append(codes, 409)
		case "reset-before-request":
			on = append(on, "connect-failure")
		case "retriable-status-codes":
		default:
			on = append(on, word)
		}
	}
	slices.Sort(on)
	slices.Sort(codes)
	return slices.Compact(on), slices.Compact(codes)
}

// crossOrigin writes a cross-origin policy. One that allows no origin does nothing.
func (d *deed) crossOrigin(c *route.CORS) {
	if c == nil {
		return
	}
	text, all := originsText(c.Origins)
	if text == "" {
		return
	}
	d.parts[origins] = text
	age := "none"
	if c.MaxAge != nil {
		age = c.MaxAge.String()
	}
	credentials := c.Credentials != nil && *c.Credentials
	ignore := all || c.IgnorePreflights // with all origins allowed no preflight is left unmatched
	d.parts[cors] = fmt.Sprintf("methods %s headers %s expose %s age %s credentials %v ignore %v",
		listText(c.Methods, false), listText(c.Headers, true), listText(c.Expose, true), age, credentials, ignore)
}

// originsText writes allowed origins; an asterisk takes all. One with an asterisk
// inside is a literal that no browser sends.
func originsText(list []route.StringMatch) (text string, all bool) {
	var lines []string
	for _, o := range list {
		switch {
		case o.Kind == route.Exact && o.Value == "*", o.Kind == route.Regex && (o.Value == ".*" || o.Value == ".+"):
			return "*", true
		case o.Kind == route.Exact && strings.Contains(o.Value, "*"):
			continue
		case o.Kind == route.Regex:
			lines = append(lines, "~"+plainExpression(o.Value))
		case o.Kind == route.Prefix:
			lines = append(lines, "^"+o.Value)
		default:
			lines = append(lines, o.Value)
		}
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), ","), false
}

// sameOrigins tells whether two lists take the same origins.
func (p *prover) sameOrigins(before, after []route.StringMatch) bool {
	literal := func(o route.StringMatch) bool { return o.Kind == route.Exact && strings.Contains(o.Value, "*") }
	conditions := slices.DeleteFunc(slices.Clone(before), literal)
	count := len(conditions)
	conditions = append(conditions, slices.DeleteFunc(slices.Clone(after), literal)...)
	classes, ok := p.options.Expressions.Partition(route.Dimension{Kind: route.InHeader, Name: "origin"}, conditions)
	if !ok {
		return false
	}
	for k := range classes.Len() {
		var takes [2]bool
		for i := range conditions {
			if classes.Holds(i, k) {
				if i < count {
					takes[0] = true
				} else {
					takes[1] = true
				}
			}
		}
		if takes[0] != takes[1] {
			return false
		}
	}
	return true
}

// plainExpression drops the anchors that a match of the whole value leaves idle.
func plainExpression(expression string) string {
	return strings.TrimSuffix(strings.TrimPrefix(expression, "^"), "$")
}

// listText writes a list of names, whose order does not matter.
func listText(names []string, fold bool) string {
	all := slices.Clone(names)
	for i, name := range all {
		if name == "*" {
			return "*"
		}
		if fold {
			all[i] = strings.ToLower(name)
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ",")
}
