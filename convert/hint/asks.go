package hint

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// calleeText is whom clients call, as URLs and reports name it.
func calleeText(name route.Name) string {
	if name.Namespace == "" {
		return name.Name
	}
	return name.Name + "." + name.Namespace
}

// asks are those of the rules for the client of h, one for each place where it is
// written. What nobody wrote is not asked for here: the report says of the sidecar
// as a whole that it retried twice.
func (h *Hint) asks() []Ask {
	var all []Ask
	which := map[string][]string{} // calls, by setting and place
	add := func(a Ask, p Policy) {
		key := fmt.Sprint(a.Setting, a.At)
		if which[key] = append(which[key], calls(p.Match)); len(which[key]) == 1 {
			all = append(all, a)
		}
	}
	for _, p := range h.Policies {
		if at, ok := p.At["timeout"]; ok && p.Timeout > 0 {
			add(timeoutAsk(calleeText(h.Service), p.Timeout, at), p)
		}
		if !p.Retry.Assumed {
			add(retryAsk(calleeText(h.Service), p.Retry), p)
		}
	}
	for i, a := range all {
		all[i].Value += h.scope(which[fmt.Sprint(a.Setting, a.At)])
	}
	return all
}

// scope says for which calls a setting is: nothing where it is for all of them.
func (h *Hint) scope(which []string) string {
	const few = 3
	text := ""
	if len(h.Policies) > 1 {
		text = "; " + strings.Join(which[:min(few, len(which))], "; ")
		if left := len(which) - few; left > 0 {
			text += fmt.Sprintf("; and %d more rules", left)
		}
	}
	if h.Client.Namespace != "" || len(h.Client.Labels) > 0 {
		text += "; by " + h.Client.String()
	}
	return text
}

func timeoutAsk(to string, after time.Duration, at finding.Place) Ask {
	return Ask{
		Setting: "timeout", Value: after.String(), Code: true, At: at,
		Advice: fmt.Sprintf("Give each call to %s a deadline of %s, its retries included.", to, after),
	}
}

// retryAsk counts as libraries do: attempts of Istio are those after the first
// call (Envoy's NumRetries), many libraries count all calls.
func retryAsk(to string, r Retry) Ask {
	a := Ask{Setting: "retries", Code: true, At: r.From}
	if r.Retries == 0 {
		a.Value = "none"
		a.Advice = fmt.Sprintf("Switch off what clients of %s retry by default: today each request is sent once.", to)
		return a
	}
	on, each, again := conditionsText(r), "", "retries"
	if r.Retries == 1 {
		again = "retry"
	}
	a.Value = fmt.Sprintf("%d %s (%d calls) on %s", r.Retries, again, r.Retries+1, on)
	if r.PerTry > 0 {
		a.Value += ", " + r.PerTry.String() + " each"
		each = fmt.Sprintf(", bound each try to %s", r.PerTry)
	}
	a.Advice = fmt.Sprintf("Let clients of %s call up to %d times in all on %s%s, and only what may be repeated: libraries that count tries take %d, those that count retries %d.",
		to, r.Retries+1, on, each, r.Retries+1, r.Retries)
	return a
}

// conditionsText are what is retried: "connect-failure, reset, 500-599".
func conditionsText(r Retry) string {
	var all []string
	for _, c := range r.On {
		all = append(all, string(c))
	}
	for _, s := range spans(r.Codes) {
		text := strconv.FormatUint(uint64(s.Low), 10)
		if s.High > s.Low {
			text += "-" + strconv.FormatUint(uint64(s.High), 10)
		}
		all = append(all, text)
	}
	for _, word := range r.Unknown {
		all = append(all, plain(word))
	}
	return strings.Join(all, ", ")
}

// ruleAsks are those of a DestinationRule for a Service, or a host outside.
func ruleAsks(spec *source.Node, to route.Name) []Ask {
	all := policyAsks(spec.Get("trafficPolicy"), "", to)
	for _, subset := range nodes(spec.Get("subsets")) {
		all = append(all, policyAsks(subset.Get("trafficPolicy"), "subset "+plain(subset.Text("name")), to)...)
	}
	return all
}

// policyAsks are those of a traffic policy and of its ports.
func policyAsks(policy *source.Node, scope string, to route.Name) []Ask {
	if policy == nil {
		return nil
	}
	all := partAsks(policy, scope, to)
	for _, port := range nodes(policy.Get("portLevelSettings")) {
		number := "port " + plain(port.Get("port").Text("number"))
		if scope != "" {
			number = scope + ", " + number
		}
		all = append(all, partAsks(port, number, to)...)
	}
	return all
}

func partAsks(part *source.Node, scope string, to route.Name) []Ask {
	if scope != "" {
		scope = " (" + scope + ")"
	}
	var all []Ask
	for _, s := range askable {
		n := part
		for _, key := range s.path {
			n = n.Get(key)
		}
		if n == nil || s.pods && to.Namespace == "" {
			continue
		}
		if value, advice := s.say(n); value != "" {
			all = append(all, Ask{
				Setting: s.name, Value: value + scope, Code: s.code, At: n.Place(),
				Advice: strings.ReplaceAll(advice, "{service}", calleeText(to)),
			})
		}
	}
	return all
}
