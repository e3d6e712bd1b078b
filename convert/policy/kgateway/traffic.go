package kgateway

import (
	"math"
	"slices"
	"time"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/policy/field"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// planned is what is done for act.
func planned(act *route.Action) *plan {
	d := &plan{}
	spec := TrafficPolicySpec{FaultInjection: d.fault(act.Fault)}
	switch {
	case act.Direct != nil:
		d.answerDirectly(act.Direct)
	case act.Redirect != nil:
	default:
		spec.URLRewrite = d.rewrite(act.Rewrite)
		spec.Timeouts = d.timeout(act.Timeout)
		spec.Retry = d.retry(act)
	}
	if spec.FaultInjection == nil && spec.Timeouts == nil {
		return d
	}
	// The CRD wants perTryTimeout below timeouts.request of the same policy, and
	// takes no bound (0s) for the shortest one (traffic_policy_types.go).
	if spec.Retry != nil && spec.Retry.PerTryTimeout != "" && spec.Timeouts.Request == noBound {
		d.traffic = append(d.traffic, TrafficPolicySpec{Retry: spec.Retry})
		spec.Retry = nil
	}
	d.traffic = append(d.traffic, spec)
	return d
}

// noBound is what switches a timeout off.
const noBound gatewayv1.Duration = "0s"

// longestBody and others are limits of the CRDs.
const (
	longestBody  = 4096
	longestRegex = 1024
	longestDelay = time.Hour
)

// answerDirectly: kgateway writes Envoy's direct_response, as Istio does
// (kgateway: plugins/directresponse).
func (d *plan) answerDirectly(in *route.Direct) {
	if in.Status < 200 || in.Status > 599 || len(in.Body) > longestBody {
		return
	}
	d.direct = &DirectResponseSpec{Status: int32(in.Status), Body: in.Body}
	d.does |= gwapi.DoesDirect
}

// rewrite: both write Envoy's regex_rewrite (kgateway: plugins/trafficpolicy/url_rewrite.go).
func (d *plan) rewrite(in *route.Rewrite) *URLRewrite {
	if in == nil || in.Regex == "" || in.Subst == "" || len(in.Regex) > longestRegex || len(in.Subst) > longestRegex {
		return nil
	}
	d.does |= gwapi.DoesRegexRewrite
	return &URLRewrite{&PathRegex{Pattern: in.Regex, Substitution: in.Subst}}
}

// timeout writes Istio's default out: without it, Envoy ends requests after 15 s.
func (d *plan) timeout(in *route.Timeout) *Timeouts {
	d.does |= gwapi.DoesTimeout
	if in == nil || in.Request <= 0 {
		return &Timeouts{Request: noBound}
	}
	return &Timeouts{Request: d.duration(in.Request, in.From.At("timeout"))}
}

// conditions are the words that kgateway takes (api/kgateway/retries.go).
var conditions = []string{
	"5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "envoy-ratelimited", "retriable-4xx", "refused-stream",
	"retriable-status-codes", "http3-post-connect-failure", "cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable",
}

// defaultConditions are Istio's where a policy names none (route/retry/retry.go).
var defaultConditions = []string{"cancelled", "connect-failure", "refused-stream", "unavailable"}

// unwrittenConditions are those of the policy of Istio's where nothing is written,
// as it writes them. The word without status codes does nothing, and shows that
// nobody wrote the policy.
var unwrittenConditions = append(slices.Clone(defaultConditions), codesWord)

const (
	codesWord       = "retriable-status-codes"
	defaultAttempts = 2 // route/retry/retry.go, defaultNumRetries
)

// retry writes Envoy's retry policy as Istio does (kgateway: pkg/pluginsdk/policy).
func (d *plan) retry(act *route.Action) *Retry {
	in := act.Retry
	d.does |= gwapi.DoesRetry
	if in == nil {
		return &Retry{Attempts: new(int32(defaultAttempts)), RetryOn: unwrittenConditions}
	}
	out := &Retry{Attempts: new(max(in.Attempts, 0))}
	if in.Attempts <= 0 {
		out.RetryOn = defaultConditions // the CRD wants some
		return out
	}
	d.retryOn(in, out)
	if t := act.Timeout; in.PerTry > 0 && (t == nil || t.Request <= 0 || in.PerTry < t.Request) {
		out.PerTryTimeout = d.duration(in.PerTry, in.From.At("perTryTimeout"))
	} // one that is no shorter than the whole request bounds nothing
	if in.Backoff > 0 {
		out.BackoffBaseInterval = d.duration(in.Backoff, in.From.At("backoff"))
	}
	return out
}

// retryOn writes the conditions, and reports those that have no word.
func (d *plan) retryOn(in *route.Retry, out *Retry) {
	for _, word := range in.On {
		switch {
		case word == codesWord && len(in.Codes) == 0: // does nothing
		case !slices.Contains(conditions, word):
			d.findings = append(d.findings, finding.New(rule.KgatewayRetry, in.From.At("retryOn"), "requests are retried on %s today; kgateway has no such condition, so they are not.", word))
		case !slices.Contains(out.RetryOn, word):
			out.RetryOn = append(out.RetryOn, word)
		}
	}
	for _, code := range in.Codes {
		switch {
		case code < 400 || code > 599:
			d.findings = append(d.findings, finding.New(rule.KgatewayRetry, in.From.At("retryOn"), "answers with status %d are retried today; kgateway retries 400 to 599 only.", code))
		case !slices.Contains(out.StatusCodes, code):
			out.StatusCodes = append(out.StatusCodes, code)
		}
	}
	if len(out.RetryOn) == 0 && len(out.StatusCodes) == 0 {
		if len(in.On)+len(in.Codes) > 0 {
			out.Attempts = new(int32(0)) // none of the written conditions is left
		}
		out.RetryOn = defaultConditions
	}
}

// fault writes the shares that are whole percents; another finding stays.
func (d *plan) fault(in *route.Fault) *FaultInjection {
	if in == nil {
		return nil
	}
	out := &FaultInjection{}
	if p, ok := percent(in.DelayPercent); ok && in.Delay >= time.Millisecond && in.Delay <= longestDelay {
		out.Delay = &FaultDelay{FixedDelay: d.duration(in.Delay, in.From.At("delay")), Percentage: p}
		d.answers = append(d.answers, answer{rule.FaultDelay, in.From.At("delay")})
	}
	if abort := abortOf(in); abort != nil {
		out.Abort = abort
		d.does |= gwapi.DoesFault
		d.answers = append(d.answers, answer{rule.FaultAbort, in.From.At("abort")})
	}
	if out.Delay == nil && out.Abort == nil {
		return nil
	}
	return out
}

// abortOf is nil where there is none, or none that kgateway can say.
func abortOf(in *route.Fault) *FaultAbort {
	p, ok := percent(in.AbortPercent)
	if !ok {
		return nil
	}
	http, grpc, ok := field.Abort(in.Abort)
	if !ok {
		return nil
	}
	return &FaultAbort{HTTPStatus: http, GRPCStatus: grpc, Percentage: p}
}

// percent is false for no share, and for one that is no whole number.
func percent(share float64) (*int32, bool) {
	if share <= 0 || share != math.Trunc(share) {
		return nil, false
	}
	return new(int32(min(share, 100))), true
}

// duration is d as the CRDs take it; rounding is reported.
func (d *plan) duration(of time.Duration, at finding.Place) gatewayv1.Duration {
	text, exact := gwapi.FormatDuration(of)
	if !exact {
		d.findings = append(d.findings, finding.New(rule.DurationRounded, at, "%s becomes %s, since Gateway API counts whole milliseconds, up to 99999 hours.", of, text))
	}
	return text
}
