package gwapi

import (
	"maps"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// impliedRetries are the conditions that a retry stanza stands for by itself:
// HTTPRouteRetry asks implementations to retry connection errors, and Istio
// adds the rest (pilot/pkg/config/kube/gateway/conversion.go).
var impliedRetries = []string{"connect-failure", "refused-stream", "unavailable", "cancelled"}

// retryCodes are the conditions that are status codes in other words. Gateway
// API wants 500, 502, 503 and 504 supported; of 5xx these are written.
var retryCodes = map[string][]uint32{
	"5xx":           {500, 502, 503, 504},
	"gateway-error": {502, 503, 504},
	"retriable-4xx": {409},
}

// retry says a written retry policy; nil where nothing is to be written.
func (p *pass) retry(r *route.Retry) *gatewayv1.HTTPRouteRetry {
	if r == nil {
		return nil
	}
	b := p.opts.Bundle
	if r.Attempts <= 0 {
		if b.Has(target.HTTPRouteRetry) && b.Has(target.RetryAttemptsZero) {
			none := 0
			return &gatewayv1.HTTPRouteRetry{Attempts: &none}
		}
		p.note(rule.RetriesOff, r.From.At("attempts"), "retries are switched off today; Gateway API %s can't say so, and what is not written is the implementation's choice (Istio: two retries).", b)
		return nil
	}
	if !b.Has(target.HTTPRouteRetry) {
		p.add(finding.New(rule.RetryUnavailable, r.From.Place(), "a failed request is retried up to %d times today; Gateway API %s has no retry in HTTPRoute, so the implementation's default decides afterwards.", r.Attempts, b).
			WithHint("Choose another --gateway-api or --channel: %s.", target.HTTPRouteRetry.Since()))
		return nil
	}
	attempts := int(r.Attempts)
	out := &gatewayv1.HTTPRouteRetry{Attempts: &attempts, Codes: p.retryOn(r)}
	if r.Backoff > 0 {
		out.Backoff = p.duration(r.Backoff, r.From.At("backoff"))
	}
	return out
}

// retryOn turns Envoy's conditions into status codes and reports the rest.
func (p *pass) retryOn(r *route.Retry) []gatewayv1.HTTPRouteRetryStatusCode {
	at := r.From.At("retryOn")
	codes := map[uint32]bool{}
	for _, c := range r.Codes {
		if c < 400 || c > 599 {
			p.note(rule.RetryCondition, at, "answers with status %d are retried today; Gateway API retries 400 to 599 only.", c)
			continue
		}
		codes[c] = true
	}
	implied := map[string]bool{}
	for _, word := range r.On {
		switch {
		case retryCodes[word] != nil:
			for _, c := range retryCodes[word] {
				codes[c] = true
			}
			if word == "5xx" {
				p.note(rule.RetryCondition, at, "5xx retries every answer from 500 to 599 and requests without an answer today; afterwards 500, 502, 503, 504 and failed connections are retried.")
			}
		case slices.Contains(impliedRetries, word):
			implied[word] = true
		case word == "reset-before-request", word == "retriable-status-codes":
			// A reset before the request was sent is a failed connection; the codes are listed.
		default:
			p.note(rule.RetryCondition, at, "requests are retried on %s today; Gateway API has no such condition.", word)
		}
	}
	if extra := slices.DeleteFunc(slices.Clone(impliedRetries), func(w string) bool { return implied[w] }); len(r.On)+len(r.Codes) > 0 && len(extra) > 0 {
		p.note(rule.RetryImplied, at, "an HTTPRoute with retry also retries on %s where Istio serves it; the stanza implies it.", strings.Join(extra, ", "))
	}
	var all []gatewayv1.HTTPRouteRetryStatusCode
	for _, c := range slices.Sorted(maps.Keys(codes)) {
		all = append(all, gatewayv1.HTTPRouteRetryStatusCode(c))
	}
	return all
}
