package envoygateway

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/policy/field"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// plan is what resources do for an action.
type plan struct {
	does     gwapi.Does
	filter   *HTTPRouteFilterSpec
	traffic  *Traffic // nil where no policy is needed
	forwards bool     // traffic is for requests that reach a backend
	text     string   // of traffic; equal for equal ones

	answers  []answer    // findings that traffic takes back
	open     []answer    // findings that stay, whatever other rules do
	counted  []*settings // of the backends, which limit what is under way
	findings []finding.Finding
}

// answer is a finding that a resource may take back.
type answer struct {
	rule *finding.Rule
	at   finding.Place
}

// planned is what is done for the rules of act in a route of a kind.
func (s *services) planned(kind string, act *route.Action) *plan {
	p := &plan{}
	t := Traffic{}
	if kind == "HTTPRoute" {
		t.FaultInjection = p.fault(act.Fault)
	}
	switch {
	case act.Direct != nil:
		p.answerDirectly(act.Direct)
	case act.Redirect != nil:
	default:
		p.forwards = true
		p.rewrite(act.Rewrite)
		p.connections(s, kind, act, &t)
		p.timeout(act, &t)
		t.Retry = p.retry(act)
	}
	if p.forwards || t.FaultInjection != nil {
		p.traffic, p.text = &t, encoded(t)
	}
	return p
}

// longestBody is how much Envoy Gateway lets Envoy answer by itself
// (envoygateway: xds/translator.go, DefaultCRDMaxSize).
const longestBody = 1 << 20

// answerDirectly: Envoy Gateway writes Envoy's direct_response with the text as a
// format (envoygateway: xds/route.go, buildXdsDirectResponseAction), in which two
// percent signs stand for one.
func (p *plan) answerDirectly(in *route.Direct) {
	body := strings.ReplaceAll(in.Body, "%", "%%")
	if in.Status < 200 || in.Status > 599 || len(body) > longestBody {
		return
	}
	out := &DirectResponse{StatusCode: new(int(in.Status))}
	if body != "" {
		out.Body = &ResponseBody{Type: inline, Inline: body}
	}
	p.filter = &HTTPRouteFilterSpec{DirectResponse: out}
	p.does |= gwapi.DoesDirect
}

const (
	inline       = "Inline"
	replaceRegex = "ReplaceRegexMatch"
)

// rewrite: both write Envoy's regex_rewrite. Envoy Gateway refuses the rule where
// Go does not compile the expression (envoygateway: gatewayapi/filters.go).
func (p *plan) rewrite(in *route.Rewrite) {
	if in == nil || in.Regex == "" {
		return
	}
	if _, err := regexp.Compile(in.Regex); err != nil {
		return
	}
	p.filter = &HTTPRouteFilterSpec{URLRewrite: &URLRewrite{&PathModifier{
		Type: replaceRegex, ReplaceRegexMatch: &ReplaceRegexMatch{Pattern: in.Regex, Substitution: in.Subst},
	}}}
	p.does |= gwapi.DoesRegexRewrite
}

// noBound is what switches a timeout off.
const noBound gatewayv1.Duration = "0s"

// timeout writes Istio's default out: without it, Envoy ends requests after 15 s.
// One that is written stands in the route, whose own goes before the policy's
// (envoygateway: xds/route.go, getEffectiveRequestTimeout); but where each try has
// a bound too, both are the policy's, since the route has none for a try beside
// retries of the policy (envoygateway: gatewayapi/route.go, processRouteTimeout).
func (p *plan) timeout(act *route.Action, t *Traffic) {
	if t.Timeout == nil {
		t.Timeout = &Timeout{}
	}
	if t.Timeout.HTTP == nil {
		t.Timeout.HTTP = &HTTPTimeout{}
	}
	t.Timeout.HTTP.RequestTimeout = noBound
	tries := act.Retry != nil && act.Retry.Attempts > 0 && act.Retry.PerTry > 0
	switch in := act.Timeout; {
	case in == nil:
		p.does |= gwapi.DoesTimeout
	case tries:
		p.does |= gwapi.DoesTimeout
		if in.Request > 0 {
			t.Timeout.HTTP.RequestTimeout = p.duration(in.Request, in.From.At("timeout"))
		}
	}
}

// conditions are the words that Envoy Gateway takes (envoygateway: api/retry_types.go).
var conditions = []string{
	"5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx", "refused-stream",
	"retriable-status-codes", "cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable",
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

// retry writes Envoy's retry policy as Istio does; without one, Envoy Gateway
// does not retry. Neither sends a retry to a pod that has failed the request
// (envoygateway: xds/route.go, buildRetryPolicy).
func (p *plan) retry(act *route.Action) *Retry {
	in := act.Retry
	p.does |= gwapi.DoesRetry
	if in == nil {
		return &Retry{NumRetries: new(int32(defaultAttempts)), RetryOn: &RetryOn{Triggers: unwrittenConditions}}
	}
	out := &Retry{NumRetries: new(max(in.Attempts, 0))}
	if in.Attempts <= 0 {
		return out
	}
	p.retryOn(in, out)
	each := &PerRetry{}
	if t := act.Timeout; in.PerTry > 0 && (t == nil || t.Request <= 0 || in.PerTry < t.Request) {
		each.Timeout = p.duration(in.PerTry, in.From.At("perTryTimeout"))
	} // one that is no shorter than the whole request bounds nothing
	if in.Backoff > 0 {
		each.BackOff = &BackOff{p.duration(in.Backoff, in.From.At("backoff"))}
	}
	if *each != (PerRetry{}) {
		out.PerRetry = each
	}
	return out
}

// retryOn writes the conditions, and reports those that have no word. Where none
// is written, Envoy Gateway would retry answers with 503 as well.
func (p *plan) retryOn(in *route.Retry, out *Retry) {
	on := &RetryOn{}
	for _, word := range in.On {
		switch {
		case word == codesWord: // follows from the codes
		case !slices.Contains(conditions, word):
			p.findings = append(p.findings, finding.New(rule.EnvoyGatewayRetry, in.From.At("retryOn"),
				"requests are retried on %s today; Envoy Gateway has no such condition, so they are not.", word))
		case !slices.Contains(on.Triggers, word):
			on.Triggers = append(on.Triggers, word)
		}
	}
	for _, code := range in.Codes {
		if !slices.Contains(on.HTTPStatusCodes, code) {
			on.HTTPStatusCodes = append(on.HTTPStatusCodes, code)
		}
	}
	slices.Sort(on.HTTPStatusCodes)
	switch {
	case len(on.HTTPStatusCodes) > 0:
		on.Triggers = append(on.Triggers, codesWord)
	case len(on.Triggers) == 0 && len(in.On)+len(in.Codes) > 0:
		out.NumRetries = new(int32(0)) // none of the written conditions is left
		return
	case len(on.Triggers) == 0:
		on.Triggers = defaultConditions
	}
	out.RetryOn = on
}

// fault writes the shares that Envoy Gateway reads as Istio does; another finding
// stays.
func (p *plan) fault(in *route.Fault) *FaultInjection {
	if in == nil {
		return nil
	}
	out := &FaultInjection{}
	if share, ok := share(in.DelayPercent); ok && in.Delay >= time.Millisecond {
		out.Delay = &FaultDelay{FixedDelay: p.duration(in.Delay, in.From.At("delay")), Percentage: share}
		p.answers = append(p.answers, answer{rule.FaultDelay, in.From.At("delay")})
	}
	if abort := abortOf(in); abort != nil {
		out.Abort = abort
		p.does |= gwapi.DoesFault
		p.answers = append(p.answers, answer{rule.FaultAbort, in.From.At("abort")})
	}
	if *out == (FaultInjection{}) {
		return nil
	}
	return out
}

// abortOf is nil where there is none, or none that Envoy Gateway can say.
func abortOf(in *route.Fault) *FaultAbort {
	share, ok := share(in.AbortPercent)
	if !ok {
		return nil
	}
	http, grpc, ok := field.Abort(in.Abort)
	if !ok {
		return nil
	}
	return &FaultAbort{HTTPStatus: http, GRPCStatus: grpc, Percentage: share}
}

// share is false for no share, and for one of which Envoy Gateway makes other
// millionths than Istio: it counts in float32 (envoygateway:
// internal/xds/utils/fractionalpercent), Istio in float64 (route/route.go,
// translatePercentToFractionalPercent).
func share(percent float64) (*float64, bool) {
	percent = min(percent, 100)
	today, afterwards := math.Floor(percent*10000), math.Floor(float64(float32(percent)*10000))
	if !(percent > 0) || today != afterwards || today == 0 {
		return nil, false
	}
	return &percent, true
}

// duration is d as the CRDs take it; rounding is reported.
func (p *plan) duration(of time.Duration, at finding.Place) gatewayv1.Duration {
	text, exact := gwapi.FormatDuration(of)
	if !exact {
		p.findings = append(p.findings, finding.New(rule.DurationRounded, at, "%s becomes %s, since Gateway API counts whole milliseconds, up to 99999 hours.", of, text))
	}
	return text
}
