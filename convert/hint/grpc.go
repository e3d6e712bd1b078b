package hint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// The service config of gRPC (grpc.io/docs/guides/service-config,
// grpc/service_config/service_config.proto).
type serviceConfig struct {
	Balancing  []map[string]struct{} `json:"loadBalancingConfig"`
	Methods    []methodConfig        `json:"methodConfig"`
	Throttling *throttling           `json:"retryThrottling,omitempty"`
}

type methodConfig struct {
	Names   []methodName `json:"name"`
	Timeout string       `json:"timeout,omitempty"`
	Retry   *retryPolicy `json:"retryPolicy,omitempty"`
}

// methodName without a method is all methods of the service, without a service
// all methods.
type methodName struct {
	Service string `json:"service,omitempty"`
	Method  string `json:"method,omitempty"`
}

type retryPolicy struct {
	Calls      int      `json:"maxAttempts"`
	Initial    string   `json:"initialBackoff"`
	Most       string   `json:"maxBackoff"`
	Multiplier float64  `json:"backoffMultiplier"`
	Statuses   []string `json:"retryableStatusCodes"`
}

type throttling struct {
	Tokens float64 `json:"maxTokens"`
	Ratio  float64 `json:"tokenRatio"`
}

const (
	mostCalls  = 5    // more are cut to it by every implementation (gRFC A6)
	mostTokens = 1000 // likewise
)

// serviceConfigs writes for each hint about gRPC the config, and a text about it:
// JSON has no comments.
func serviceConfigs(_ Language, hints []Hint) ([]File, error) {
	var files []File
	names := naming{}
	for i := range hints {
		h := &hints[i]
		if !h.GRPC {
			continue
		}
		name := joinWords(names.name(h), "-")
		config, about := newServiceConfig(h)
		var data bytes.Buffer
		e := json.NewEncoder(&data)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(config); err != nil {
			return nil, err
		}
		files = append(files, File{name + ".json", data.Bytes()}, File{name + ".txt", []byte(commented("", about) + "\n")})
	}
	return files, nil
}

// grpcWriter builds a config and what there is to say about it.
type grpcWriter struct {
	config serviceConfig
	about  []string
	taken  []methodName
}

func (w *grpcWriter) say(format string, args ...any) {
	w.about = append(w.about, wrapped("  ", "- "+fmt.Sprintf(format, args...))...)
}

func newServiceConfig(h *Hint) (serviceConfig, []string) {
	w := &grpcWriter{config: serviceConfig{Balancing: []map[string]struct{}{{"round_robin": {}}}, Methods: []methodConfig{}}}
	w.about = []string{"gRPC calls to " + h.callee() + " by " + h.Client.String() + ", as the proxy beside it made them.", ""}
	h.remarks(w.say)
	if h.Outside() {
		w.say("The proxy balanced each call. A gRPC client keeps one connection, so that all its calls go to one address: dial dns:///%s:PORT, whose addresses round_robin takes in turn.", hostOf(h.Service))
	} else {
		w.balancing(h)
	}
	w.say("Where clients find it: grpc.WithDefaultServiceConfig (Go), defaultServiceConfig (Java), the channel option grpc.service_config (Python, Ruby, C++, Node).")
	for _, p := range h.Policies {
		w.policy(p)
	}
	if pool, _ := h.pool(); pool != nil {
		w.pool(pool)
	}
	return w.config, w.about
}

// balancing says what round_robin needs.
func (w *grpcWriter) balancing(h *Hint) {
	w.say("The proxy balanced each call. A gRPC client keeps one connection, so that behind a Service with a cluster IP all its calls go to one pod. round_robin needs the addresses of the pods: make the Service headless (clusterIP: None), or add a headless one beside it, and dial dns:///%s:PORT.", hostOf(h.Service))
}

// hostOf is the DNS name of a Service; a name that is none is not written.
func hostOf(name route.Name) string {
	if name.Namespace == "" && outsideHost.MatchString(name.Name) && !strings.HasPrefix(name.Name, "*") {
		return name.Name
	}
	if !dnsName.MatchString(name.Name) || !dnsName.MatchString(name.Namespace) {
		return "SERVICE"
	}
	return name.Name + "." + name.Namespace + ".svc.cluster.local"
}

var (
	dnsName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	rpcPath = regexp.MustCompile(`^/([A-Za-z_][A-Za-z0-9_.]*)/([A-Za-z_][A-Za-z0-9_]*)?$`)
)

// policy adds what a rule says. A client looks for the method, then the service,
// then the default, and not for the first in a list: what a rule before takes
// whole is left out.
func (w *grpcWriter) policy(p Policy) {
	name, ok := methodOf(p.Match)
	where := ""
	if at := from(p.From); at != "" {
		where = " (" + at + ")"
	}
	switch {
	case !ok:
		w.say("Not in the config, which knows methods only: %s%s. Set deadlines and retries for them where they are made.", calls(p.Match), where)
		return
	case slices.ContainsFunc(w.taken, func(t methodName) bool { return t == name || t.Method == "" && t.Service == name.Service }):
		return // a rule before it takes all of them
	}
	w.taken = append(w.taken, name)
	what := "calls of " + strings.TrimSuffix(name.Service+"/"+name.Method, "/")
	if name.Service == "" {
		what = "all other calls"
	}
	w.say("%s%s: %s.", strings.ToUpper(what[:1])+what[1:], where, policyText(p))
	m := methodConfig{Names: []methodName{name}, Timeout: seconds(p.Timeout), Retry: w.retry(p.Retry)}
	if m.Timeout == "" && m.Retry == nil && name.Service == "" {
		return // the default of gRPC is nothing, too; a method needs an entry that keeps the default away
	}
	w.config.Methods = append(w.config.Methods, m)
}

func policyText(p Policy) string {
	var parts []string
	if p.Timeout > 0 {
		parts = append(parts, fmt.Sprintf("%s in all (timeout, %s)", p.Timeout, from(p.At["timeout"])))
	}
	r := p.Retry
	switch {
	case r.Retries == 0:
		parts = append(parts, "no retries")
	case r.Assumed:
		parts = append(parts, fmt.Sprintf("%d retries, so %d calls at most, Istio's default", r.Retries, r.Retries+1))
	default:
		parts = append(parts, fmt.Sprintf("%d retries, so %d calls at most (attempts, %s)", r.Retries, r.Retries+1, from(r.At["attempts"])))
	}
	return strings.Join(parts, "; ")
}

// methodOf reads /pkg.Service/Method and /pkg.Service/ (a prefix).
func methodOf(m *route.Match) (methodName, bool) {
	if m == nil {
		return methodName{}, true
	}
	parts := rpcPath.FindStringSubmatch(m.Path.Value)
	alone := len(m.Headers)+len(m.Without)+len(m.Query) == 0 && m.Authority.Kind == route.Any && m.Scheme.Kind == route.Any &&
		(m.Method.Kind == route.Any || m.Method.Kind == route.Exact && m.Method.Value == "POST") && !m.Path.IgnoreCase
	if parts == nil || !alone {
		return methodName{}, false
	}
	switch {
	case m.Path.Kind == route.Exact && parts[2] != "":
		return methodName{parts[1], parts[2]}, true
	case m.Path.Kind == route.Prefix && parts[2] == "":
		return methodName{Service: parts[1]}, true
	}
	return methodName{}, false
}

// retry gives the policy; nil where nothing is retried.
func (w *grpcWriter) retry(r Retry) *retryPolicy {
	if r.Retries == 0 {
		return nil
	}
	statuses := statusesOf(r)
	if len(statuses) == 0 {
		w.say("What is retried there is no status of gRPC, so nothing is.")
		return nil
	}
	if r.Retries+1 > mostCalls {
		w.say("Of %d calls %d are made: gRPC takes no more (grpc-go: WithMaxCallAttempts raises it).", r.Retries+1, mostCalls)
	}
	if r.PerTry > 0 {
		w.say("A bound of each try (%s; perTryTimeout, %s) is no part of a service config.", r.PerTry, from(r.At["perTryTimeout"]))
	}
	return &retryPolicy{
		Calls: min(r.Retries+1, mostCalls), Initial: seconds(r.Base), Most: seconds(r.Most), Multiplier: 2, Statuses: statuses,
	}
}

// statusesOf are the statuses of gRPC for what is retried. A call without an
// answer, and an answer of a proxy with 429, 502, 503 or 504, is UNAVAILABLE
// (grpc/doc/http-grpc-status-mapping.md).
func statusesOf(r Retry) []string {
	names := map[Condition]string{
		ConnectFailure: "UNAVAILABLE", RefusedStream: "UNAVAILABLE", Reset: "UNAVAILABLE", Unavailable: "UNAVAILABLE",
		Cancelled: "CANCELLED", DeadlineExceeded: "DEADLINE_EXCEEDED", Internal: "INTERNAL", ResourceExhausted: "RESOURCE_EXHAUSTED",
	}
	var all []string
	for _, c := range r.On {
		all = append(all, names[c])
	}
	if slices.ContainsFunc(r.Codes, func(c uint32) bool { return c == 429 || 502 <= c && c <= 504 }) {
		all = append(all, "UNAVAILABLE")
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// seconds is a duration as protobuf's JSON has it; "" for none.
func seconds(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.FormatFloat(max(d, time.Millisecond).Seconds(), 'f', -1, 64) + "s"
}

// pool turns a budget into tokens: retries stop when half of the tokens are gone, a
// failure takes one, a success gives the ratio back (gRFC A6).
func (w *grpcWriter) pool(p *Pool) {
	if p.Budget > 0 {
		w.config.Throttling = &throttling{Tokens: min(2*float64(max(p.MinBudget, 1)), mostTokens), Ratio: max(p.Budget/100, 0.001)}
		w.say("retryThrottling stands for the retry budget of %v %% (%s): at least %d retries, then one for each %v calls that succeed.",
			p.Budget, from(p.At["retryBudget"]), p.MinBudget, 100/max(p.Budget, 0.1))
	}
	if b := p.Breaker; b != nil {
		w.say("Outlier detection (%s) is not in the config: grpc-go and grpc-java know outlier_detection_experimental, which counts percentages, and not failures in a row.", from(b.From))
	}
	if p.MaxRequests > 0 {
		w.say("At most %d calls were under way at a time (http2MaxRequests, %s), which is no part of a service config.", p.MaxRequests, from(p.At["http2MaxRequests"]))
	}
	if _, ok := p.At["connectTimeout"]; ok {
		w.say("A connection had to come about within %s (connectTimeout, %s): grpc.WithConnectParams in Go.", p.ConnectTimeout, from(p.At["connectTimeout"]))
	}
}
