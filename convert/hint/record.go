package hint

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Version names the shape of hints in JSON; a change that breaks readers makes a
// new one. docs/schema/hints.json describes it.
const Version = "mesh2gw.io/hints/v1"

// Records are hints in JSON.
type Records struct {
	Version string   `json:"version"`
	Hints   []Record `json:"hints"`
}

// Record is what the calls of one client to one Service, or host outside, need.
type Record struct {
	Service   string         `json:"service"`   // or the host, where it is none of the cluster
	Namespace string         `json:"namespace"` // empty: a host outside of the cluster
	Of        string         `json:"of"`        // the Service of which this one has a subset; or empty
	Subset    string         `json:"subset"`
	Port      uint32         `json:"port"` // for which the policies are; 0: all ports
	Client    RecordClient   `json:"client"`
	GRPC      bool           `json:"grpc"`     // a port speaks gRPC
	HTTP      bool           `json:"http"`     // a port speaks HTTP that is no gRPC, or the ports are not known
	Policies  []RecordPolicy `json:"policies"` // in the order in which they decide; the last is for all other calls
	Pools     []RecordPool   `json:"pools"`    // of DestinationRules, by subset and port
	Asks      []RecordAsk    `json:"asks"`     // what clients have to do, in words; what is for all clients stands in the first hint of a service
}

// RecordAsk is one thing that clients have to do.
type RecordAsk struct {
	Setting string       `json:"setting"` // retries, timeout, circuit breaker, connection pool, ...
	Value   string       `json:"value"`   // what the proxy does today
	Advice  string       `json:"advice"`
	Code    bool         `json:"code"` // the code of mesh2gw hints does it
	Place   *RecordPlace `json:"place"`
}

// RecordClient is the caller that rules single out; empty: every client.
type RecordClient struct {
	Labels    map[string]string `json:"labels"`
	Namespace string            `json:"namespace"`
}

// RecordPlace is a line of the input; line 0: the file as a whole.
type RecordPlace struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Row    int    `json:"row,omitempty"` // in reports: the line in the text of the source, where that is another one
}

// RecordPolicy bounds and repeats the calls that a rule takes.
type RecordPolicy struct {
	Calls   string                 `json:"calls"`   // the match in words
	Match   *RecordMatch           `json:"match"`   // null: all calls that no policy before takes
	Timeout string                 `json:"timeout"` // of a call with all its retries
	Retry   RecordRetry            `json:"retry"`
	At      map[string]RecordPlace `json:"at"`
}

// RecordMatch is a condition on calls: all of it holds.
type RecordMatch struct {
	Method  *RecordString  `json:"method"`
	Path    *RecordString  `json:"path"`
	Scheme  *RecordString  `json:"scheme"`
	Host    *RecordString  `json:"host"`
	Headers []RecordString `json:"headers"`
	Without []RecordString `json:"without"`
	Query   []RecordString `json:"query"`
}

// RecordString is a condition on one string.
type RecordString struct {
	Name       string `json:"name"` // of the header or parameter; else ""
	Type       string `json:"type"`
	Value      string `json:"value"`
	IgnoreCase bool   `json:"ignoreCase"`
}

// RecordRetry repeats failed calls.
type RecordRetry struct {
	Retries     int          `json:"retries"` // after the first call
	Calls       int          `json:"calls"`   // retries and the first call
	Default     bool         `json:"default"` // nobody wrote it
	PerTry      string       `json:"perTryTimeout"`
	BackoffBase string       `json:"backoffBase"` // the wait before the n-th retry is random up to the lesser of backoffBase*2^(n-1) and backoffMost
	BackoffMost string       `json:"backoffMost"`
	On          []Condition  `json:"on"`
	Statuses    []RecordSpan `json:"statuses"`
	Unknown     []string     `json:"unknown"` // conditions that only Envoy can tell
	Unsafe      bool         `json:"unsafe"`  // what is retried may have been carried out already
}

// RecordSpan is a range of statuses.
type RecordSpan struct {
	From uint32 `json:"from"`
	To   uint32 `json:"to"`
}

// RecordPool is what a DestinationRule says about connections; 0 is no limit.
type RecordPool struct {
	Subset         string                 `json:"subset"` // empty: the whole Service
	Port           uint32                 `json:"port"`   // 0: all ports
	ConnectTimeout string                 `json:"connectTimeout"`
	IdleTimeout    string                 `json:"idleTimeout"`
	MaxConnections int                    `json:"maxConnections"`
	MaxPending     int                    `json:"maxPending"`
	MaxRequests    int                    `json:"maxRequests"`
	MaxRetries     int                    `json:"maxRetries"`
	Budget         *RecordBudget          `json:"retryBudget"`
	Breaker        *RecordBreaker         `json:"breaker"`
	At             map[string]RecordPlace `json:"at"`
}

// RecordBudget is the share of calls that may be retries.
type RecordBudget struct {
	Percent float64 `json:"percent"`
	Least   uint32  `json:"minRetryConcurrency"`
}

// RecordBreaker is outlier detection.
type RecordBreaker struct {
	Consecutive int                    `json:"consecutive5xxErrors"`
	Gateway     int                    `json:"consecutiveGatewayErrors"`
	Interval    string                 `json:"interval"`
	Ejection    string                 `json:"baseEjectionTime"`
	MaxPercent  int                    `json:"maxEjectionPercent"`
	At          map[string]RecordPlace `json:"at"`
}

// asJSON writes all hints, without what code needs.
func asJSON(_ Language, hints []Hint) ([]File, error) {
	all := Records{Version: Version, Hints: RecordsOf(hints)}
	var data bytes.Buffer
	e := json.NewEncoder(&data)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(all); err != nil {
		return nil, err
	}
	return []File{{"hints.json", data.Bytes()}}, nil
}

// RecordsOf is what JSON says of hints.
func RecordsOf(hints []Hint) []Record {
	all := make([]Record, len(hints))
	for i := range hints {
		all[i] = recordOf(&hints[i])
	}
	return all
}

func recordOf(h *Hint) Record {
	out := Record{
		Service: h.Service.Name, Namespace: h.Service.Namespace, Port: h.Port,
		Client: RecordClient{Labels: map[string]string{}, Namespace: h.Client.Namespace},
		GRPC:   h.GRPC, HTTP: h.HTTP, Of: h.Of, Subset: h.Subset, Policies: []RecordPolicy{}, Pools: []RecordPool{}, Asks: []RecordAsk{},
	}
	for k, v := range h.Client.Labels {
		out.Client.Labels[k] = v
	}
	for _, p := range h.Policies {
		out.Policies = append(out.Policies, policyJSON(p))
	}
	for _, p := range h.Pools {
		out.Pools = append(out.Pools, poolJSON(p))
	}
	for _, a := range h.Asks {
		ask := RecordAsk{Setting: a.Setting, Value: a.Value, Advice: a.Advice, Code: a.Code}
		if a.At.Pos.File != "" {
			at := placeJSON(a.At)
			ask.Place = &at
		}
		out.Asks = append(out.Asks, ask)
	}
	return out
}

// Callee names whom the clients call: reviews.shop, or a host outside.
func (r *Record) Callee() string {
	if r.Namespace == "" {
		return r.Service
	}
	return r.Service + "." + r.Namespace
}

func policyJSON(p Policy) RecordPolicy {
	out := RecordPolicy{
		Calls: calls(p.Match), Match: matchJSON(p.Match), Timeout: bound(p.Timeout), At: placesJSON(p.At, p.Retry.At),
		Retry: RecordRetry{
			Retries: p.Retry.Retries, Calls: p.Retry.Retries + 1, Default: p.Retry.Assumed, PerTry: bound(p.Retry.PerTry),
			BackoffBase: p.Retry.Base.String(), BackoffMost: p.Retry.Most.String(), Unsafe: p.Retry.Unsafe,
			On: append([]Condition{}, p.Retry.On...), Statuses: []RecordSpan{}, Unknown: append([]string{}, p.Retry.Unknown...),
		},
	}
	for _, s := range spans(p.Retry.Codes) {
		out.Retry.Statuses = append(out.Retry.Statuses, RecordSpan{s.Low, s.High})
	}
	if p.From.Pos.File != "" {
		out.At["rule"] = placeJSON(p.From)
	}
	return out
}

// bound is "none" where nothing is bounded.
func bound(d time.Duration) string {
	if d == 0 {
		return "none"
	}
	return d.String()
}

func matchJSON(m *route.Match) *RecordMatch {
	if m == nil {
		return nil
	}
	one := func(s route.StringMatch) *RecordString {
		if s.Kind == route.Any {
			return nil
		}
		return &RecordString{"", kindName(s.Kind), s.Value, s.IgnoreCase}
	}
	keyed := func(all []route.KeyMatch) []RecordString {
		out := []RecordString{}
		for _, k := range all {
			out = append(out, RecordString{k.Name, kindName(k.Kind), k.Value, k.IgnoreCase})
		}
		return out
	}
	return &RecordMatch{
		Method: one(m.Method), Path: one(m.Path), Scheme: one(m.Scheme), Host: one(m.Authority),
		Headers: keyed(m.Headers), Without: keyed(m.Without), Query: keyed(m.Query),
	}
}

func kindName(k route.StringKind) string {
	return map[route.StringKind]string{
		route.Any: "any", route.Exact: "exact", route.Prefix: "prefix", route.Element: "element", route.Regex: "regex", route.Present: "present",
	}[k]
}

func poolJSON(p Pool) RecordPool {
	out := RecordPool{
		Subset: p.Subset, Port: p.Port, ConnectTimeout: bound(p.ConnectTimeout), IdleTimeout: bound(p.IdleTimeout),
		MaxConnections: p.MaxConnections, MaxPending: p.MaxPending, MaxRequests: p.MaxRequests, MaxRetries: p.MaxRetries,
		At: placesJSON(p.At),
	}
	if p.Budget > 0 {
		out.Budget = &RecordBudget{p.Budget, p.MinBudget}
	}
	if b := p.Breaker; b != nil {
		out.Breaker = &RecordBreaker{b.Consecutive, b.Gateway, b.Interval.String(), b.Ejection.String(), b.MaxPercent, placesJSON(b.At)}
	}
	return out
}

func placesJSON(all ...Places) map[string]RecordPlace {
	out := map[string]RecordPlace{}
	for _, places := range all {
		for field, at := range places {
			out[field] = placeJSON(at)
		}
	}
	return out
}

func placeJSON(at finding.Place) RecordPlace {
	return RecordPlace{File: at.Pos.File, Line: at.Pos.Line, Column: at.Pos.Column}
}
