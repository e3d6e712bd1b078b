package audit

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/audit/traffic"
)

type message = proto.Message

// Verdict is what the counters of proxies say of a setting. What they show of a
// service may come from another route to it: so Never can be relied on, while
// Triggered may be another's.
type Verdict string

// The verdicts.
const (
	Triggered Verdict = "triggered"
	Never     Verdict = "never triggered"
	NoSign    Verdict = "no sign"          // nothing points to it, and not everything would
	Idle      Verdict = "no requests seen" // nothing came to its service
	Untold    Verdict = "not to be told"   // no counter tells
)

const (
	moreThan   = 0.005 // of requests, by which counts of two proxies differ without reason
	fewCallers = 1.1   // as many times more arrives where the metrics of callers are missing, or after retries
	statsWay   = "Envoy's own counters tell, where meshConfig.defaultConfig.proxyStatsMatcher includes them"
)

// Verdicts are all, in the order of reports.
var Verdicts = []Verdict{Triggered, Never, NoSign, Idle, Untold}

// judge says what t shows of c. Others are all settings.
func judge(c configured, t *traffic.Table, others routes) (Verdict, string) {
	seen := make([]*traffic.Seen, len(c.to))
	total := 0.0
	for i, d := range c.to {
		seen[i] = t.Of(d.host)
		total += seen[i].All()
	}
	if len(c.to) == 0 {
		return Untold, "the route names no service, by which its requests could be known"
	}
	if total == 0 {
		if c.Kind == Mirror {
			return Untold, "only the proxies of " + hosts(c.to) + " count what is mirrored, and they count nothing"
		}
		if slices.ContainsFunc(seen, func(s *traffic.Seen) bool { return s.Open }) || !t.Counted.Has(traffic.Requests) {
			return Untold, "connections that are older than the window are not counted, or the metrics lack " + traffic.Requests
		}
		if t.Unnamed > 0 {
			return Untold, number(t.Unnamed) + " requests are counted without the label destination_service, and may be its"
		}
		if !c.namespace && unqualified(c) {
			return Untold, "the object names no namespace, so its service is not known: --namespace says which"
		}
		return Idle, "no proxy counted a request to " + hosts(c.to)
	}
	switch c.Kind {
	case Route:
		return judgeRoute(c, seen, others)
	case Split:
		return judgeSplit(c, seen)
	case Mirror:
		return judgeMirror(c, seen[0], others)
	case Retries:
		return judgeRetries(c, t, seen)
	case Timeout:
		return judgeFlag(t, seen, "UT", "ran into a timeout")
	case Abort:
		return judgeFlag(t, seen, "FI", "were aborted by a fault")
	case Delay:
		return judgeFlag(t, seen, "DI", "were delayed by a fault")
	case CircuitBreaker:
		return judgeBreaker(c, t, seen[0])
	case Outlier:
		return judgeOutlier(c, t, seen[0])
	}
	panic(fmt.Sprintf("unhandled kind %q", c.Kind))
}

func unqualified(c configured) bool {
	return slices.ContainsFunc(c.to, func(d destination) bool { return strings.HasSuffix(d.host, ".svc.cluster.local") })
}

func hosts(to []destination) string {
	var names []string
	for _, d := range to {
		if name := (destination{host: d.host}).String(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// judgeFlag looks for requests that ended with one of Envoy's response flags.
func judgeFlag(t *traffic.Table, seen []*traffic.Seen, flag, says string) (Verdict, string) {
	flagged, calls, arrived, unflagged := 0.0, 0.0, 0.0, 0.0
	for _, s := range distinct(seen) {
		flagged, calls, arrived, unflagged = flagged+s.Flags[flag], calls+s.Calls, arrived+s.FromMesh, unflagged+s.Flags[""]
		if flag == "UO" && s.Calls+s.Arrived == 0 { // connections have limits too, and no timeouts
			calls += s.TCP
		}
	}
	switch {
	case flagged > 0:
		return Triggered, fmt.Sprintf("%s of %s requests %s (%s)", number(flagged), number(calls), says, flag)
	case calls == 0:
		return Untold, "the proxies of callers count nothing, and only they would know"
	case arrived > fewCallers*calls:
		return Untold, fmt.Sprintf("callers counted %s of %s requests that arrived, so metrics of callers may be missing", number(calls), number(arrived))
	case t.Nowhere.Flags[flag] > 0:
		return Untold, fmt.Sprintf("%s requests that name no service %s (%s)", number(t.Nowhere.Flags[flag]), says, flag)
	case unflagged > 0:
		return Untold, number(unflagged) + " requests have no label response_flags"
	}
	return Never, fmt.Sprintf("none of %s requests %s (%s)", number(calls), says, flag)
}

func distinct(seen []*traffic.Seen) []*traffic.Seen {
	var all []*traffic.Seen
	for _, s := range seen {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// judgeRetries prefers Envoy's counter. Istio's metrics count a request once at its
// caller, whatever it took, and every attempt that arrives at its service.
func judgeRetries(c configured, t *traffic.Table, seen []*traffic.Seen) (Verdict, string) {
	n, there := envoy(c, t, traffic.Retries)
	if n > 0 {
		return Triggered, fmt.Sprintf("Envoy counted %s retries", number(n))
	}
	calls, arrived, spent := 0.0, 0.0, 0.0
	for _, s := range distinct(seen) {
		calls, arrived, spent = calls+s.Calls, arrived+s.FromMesh, spent+s.Flags["URX"]
	}
	switch {
	case spent > 0:
		return Triggered, fmt.Sprintf("%s of %s requests ran out of retries (URX)", number(spent), number(calls))
	case there && arrived-calls <= max(1, moreThan*calls):
		return NoSign, "Envoy counted no retry, where proxies give that counter"
	case calls == 0 || arrived == 0:
		return Untold, "one side counts nothing, so attempts can't be told from requests. " + statsWay
	case arrived-calls > max(1, moreThan*calls):
		return Triggered, fmt.Sprintf("%s requests arrived for %s that were sent: about %s retries", number(arrived), number(calls), number(arrived-calls))
	}
	return NoSign, fmt.Sprintf("none of %s requests ran out of retries (URX), and no more arrived than were sent; retries of connections that failed leave no trace. %s", number(calls), statsWay)
}

// envoy sums a counter of Envoy's over the clusters that c is about.
func envoy(c configured, t *traffic.Table, metric string) (sum float64, there bool) {
	for _, d := range c.to {
		counters := t.Of(d.host).Envoy
		if d.subset != "" {
			counters = t.OfSubset(d.host, d.subset)
		}
		n, ok := counters[metric]
		sum, there = sum+n, there || ok
	}
	return sum, there
}

func judgeBreaker(c configured, t *traffic.Table, s *traffic.Seen) (Verdict, string) {
	full := 0.0
	for _, metric := range []string{traffic.PendingFull, traffic.PoolFull, traffic.RetriesFull} {
		n, _ := envoy(c, t, metric)
		full += n
	}
	if full > 0 {
		return Triggered, fmt.Sprintf("Envoy counted %s requests or connections beyond a limit", number(full))
	}
	verdict, evidence := judgeFlag(t, []*traffic.Seen{s}, "UO", "were refused by a limit")
	if verdict == Never && !c.certain {
		return NoSign, evidence + "; maxConnections lets requests wait, and maxRetries gives the answer before, without a flag. " + statsWay
	}
	return verdict, evidence
}

func judgeOutlier(c configured, t *traffic.Table, s *traffic.Seen) (Verdict, string) {
	n, there := envoy(c, t, traffic.Ejections)
	switch {
	case n > 0:
		return Triggered, fmt.Sprintf("Envoy ejected endpoints %s times", number(n))
	case there && s.Flags["UH"] == 0:
		return NoSign, "Envoy ejected no endpoint, where proxies give that counter; outlier detection also has callers prefer endpoints of their own zone"
	case s.Flags["UH"] > 0:
		return Untold, fmt.Sprintf("%s requests found no healthy endpoint (UH): all were ejected, or there were none. %s", number(s.Flags["UH"]), statsWay)
	}
	return Untold, "an ejected endpoint leaves no trace while others answer. " + statsWay
}

// alone tells whether no other route sends to one of the places that c sends to.
func alone(c configured, others routes) bool {
	for _, own := range c.to {
		for _, o := range others[own.host] {
			if o.Kind == c.Kind && o.Object == c.Object && o.Field == c.Field {
				continue
			}
			if slices.ContainsFunc(o.to, func(d destination) bool {
				return own.host == d.host && (own.subset == d.subset || own.subset == "" || d.subset == "")
			}) {
				return false
			}
		}
	}
	return true
}

// routes are those settings that send requests, by host.
type routes map[string][]configured

func routesOf(all []configured) routes {
	by := routes{}
	for _, c := range all {
		if c.Kind != Route && c.Kind != Mirror {
			continue
		}
		for _, d := range c.to {
			if own := by[d.host]; len(own) == 0 || own[len(own)-1].Object != c.Object || own[len(own)-1].Field != c.Field || own[len(own)-1].Kind != c.Kind {
				by[d.host] = append(own, c)
			}
		}
	}
	return by
}

// at is what came to a destination; ok is false where its version can't be told.
func at(d destination, s *traffic.Seen) (n float64, ok bool) {
	switch {
	case d.subset == "":
		return s.All(), true
	case d.version == "" || !s.Knows():
		return 0, false
	}
	n = s.Versions[d.version]
	return n, n > 0 || s.Unversioned() == 0 // requests without a version may be its
}

func judgeRoute(c configured, seen []*traffic.Seen, others routes) (Verdict, string) {
	sum := 0.0
	for i, d := range c.to {
		n, ok := at(d, seen[i])
		if !ok {
			return Untold, "requests came to " + hosts(c.to) + ", and which versions got them is not counted"
		}
		sum += n
	}
	switch {
	case sum == 0:
		return Idle, "requests came to " + hosts(c.to) + ", and none to the subsets of this route"
	case !alone(c, others):
		return Untold, number(sum) + " requests came to where it sends, and other routes send there too"
	}
	return Triggered, number(sum) + " requests came to where no other route sends; callers without a route may be among them"
}

func judgeMirror(c configured, s *traffic.Seen, others routes) (Verdict, string) {
	switch {
	case s.Arrived == 0: // a mirrored request is counted where it arrives alone
		return Untold, "the proxies of " + hosts(c.to) + " count nothing, and only they would know"
	case !alone(c, others):
		return Untold, number(s.Arrived) + " requests arrived there, and routes send there too"
	}
	return Triggered, number(s.Arrived) + " requests arrived there"
}

func judgeSplit(c configured, seen []*traffic.Seen) (Verdict, string) {
	parts, sum, weights, got := make([]float64, len(c.to)), 0.0, int32(0), 0
	for i, d := range c.to {
		n, ok := at(d, seen[i])
		if !ok {
			return Untold, "which versions of " + hosts(c.to) + " got requests is not counted"
		}
		parts[i], sum, weights = n, sum+n, weights+d.weight
		if n > 0 {
			got++
		}
	}
	if sum == 0 {
		return Idle, "requests came to " + hosts(c.to) + ", and none to the subsets of this split"
	}
	var texts []string
	for i, d := range c.to {
		texts = append(texts, fmt.Sprintf("%s %.3g %% (weight %.3g %%)", d, 100*parts[i]/sum, 100*float64(d.weight)/float64(weights)))
	}
	if got > 1 {
		return Triggered, "requests went to " + strings.Join(texts, ", ")
	}
	return Never, "all requests went to one side: " + strings.Join(texts, ", ")
}

// number is for people: increase() gives fractions.
func number(n float64) string { return fmt.Sprintf("%.0f", math.Ceil(n)) }
