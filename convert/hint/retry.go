package hint

import (
	"math"
	"slices"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Istio's defaults (pilot/pkg/networking/core/route/retry/retry.go DefaultPolicy)
// and Envoy's base interval of 25 ms, whose tenfold bounds the wait.
const (
	defaultRetries = 2
	defaultBase    = 25 * time.Millisecond
	mostTimes      = 10
)

var defaultOn = []Condition{ConnectFailure, RefusedStream, Unavailable, Cancelled}

// retry reads a policy; nil is what nobody wrote.
func retry(r *route.Retry) Retry {
	if r == nil {
		return Retry{Retries: defaultRetries, Assumed: true, Base: defaultBase, Most: mostTimes * defaultBase, On: slices.Clone(defaultOn)}
	}
	out := Retry{Retries: max(0, int(r.Attempts)), PerTry: max(0, r.PerTry), Base: defaultBase, Codes: slices.Clone(r.Codes), From: r.From.Place(), At: places(r.From, "attempts", "perTryTimeout", "backoff", "retryOn")}
	if r.Backoff > 0 {
		out.Base = min(r.Backoff, math.MaxInt64/mostTimes)
	}
	out.Most = mostTimes * out.Base
	if len(r.On)+len(r.Codes) == 0 {
		out.On = slices.Clone(defaultOn)
	}
	for _, word := range r.On {
		out.condition(word)
	}
	slices.SortFunc(out.On, func(a, b Condition) int { return slices.Index(Conditions(), a) - slices.Index(Conditions(), b) })
	out.On = slices.Compact(out.On)
	slices.Sort(out.Codes)
	out.Codes = slices.Compact(out.Codes)
	out.Unsafe = len(out.Codes) > 0 || slices.Contains(out.On, Reset)
	return out
}

// condition adds what a word of retryOn stands for (Envoy, router filter,
// x-envoy-retry-on). To the first three a call without an answer is a 5xx, for
// whatever reason there is none (source/common/router/retry_state_impl.cc
// wouldRetryFromReset).
func (r *Retry) condition(word string) {
	switch word {
	case "5xx":
		r.On = append(r.On, ConnectFailure, RefusedStream, Reset)
		for code := uint32(500); code < 600; code++ {
			r.Codes = append(r.Codes, code)
		}
	case "gateway-error":
		r.On = append(r.On, ConnectFailure, RefusedStream, Reset)
		r.Codes = append(r.Codes, 502, 503, 504)
	case "reset":
		r.On = append(r.On, ConnectFailure, RefusedStream, Reset)
	case "retriable-4xx":
		r.Codes = append(r.Codes, 409)
	case "reset-before-request":
		r.On = append(r.On, ConnectFailure)
	case "retriable-status-codes": // names the list of codes, which are read apart
	default:
		if slices.Contains(Conditions(), Condition(word)) {
			r.On = append(r.On, Condition(word))
			return
		}
		r.Unknown = append(r.Unknown, word)
	}
}

// places are those of the fields that are written in n.
func places(n *source.Node, fields ...string) Places {
	at := Places{}
	for _, f := range fields {
		if n.Has(f) {
			at[f] = n.At(f)
		}
	}
	return at
}
