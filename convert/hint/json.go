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

type jsonHints struct {
	Version string     `json:"version"`
	Hints   []jsonHint `json:"hints"`
}

type jsonHint struct {
	Service   string       `json:"service"`
	Namespace string       `json:"namespace"`
	Port      uint32       `json:"port"` // 0: all ports
	Client    jsonClient   `json:"client"`
	GRPC      bool         `json:"grpc"`
	HTTP      bool         `json:"http"`
	Policies  []jsonPolicy `json:"policies"`
	Pools     []jsonPool   `json:"pools"`
}

type jsonClient struct {
	Labels    map[string]string `json:"labels"`
	Namespace string            `json:"namespace"`
}

type jsonPlace struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

type jsonPolicy struct {
	Calls   string               `json:"calls"` // in words
	Match   *jsonMatch           `json:"match"` // null: all calls that no policy before takes
	Timeout string               `json:"timeout"`
	Retry   jsonRetry            `json:"retry"`
	At      map[string]jsonPlace `json:"at"`
}

type jsonMatch struct {
	Method  *jsonString  `json:"method"`
	Path    *jsonString  `json:"path"`
	Scheme  *jsonString  `json:"scheme"`
	Host    *jsonString  `json:"host"`
	Headers []jsonString `json:"headers"`
	Without []jsonString `json:"without"`
	Query   []jsonString `json:"query"`
}

type jsonString struct {
	Name       string `json:"name"` // of the header or parameter; else ""
	Type       string `json:"type"`
	Value      string `json:"value"`
	IgnoreCase bool   `json:"ignoreCase"`
}

type jsonRetry struct {
	Retries     int         `json:"retries"`
	Calls       int         `json:"calls"`
	Default     bool        `json:"default"` // nobody wrote it
	PerTry      string      `json:"perTryTimeout"`
	BackoffBase string      `json:"backoffBase"`
	BackoffMost string      `json:"backoffMost"`
	On          []Condition `json:"on"`
	Statuses    []jsonSpan  `json:"statuses"`
	Unknown     []string    `json:"unknown"`
	Unsafe      bool        `json:"unsafe"`
}

type jsonSpan struct {
	From uint32 `json:"from"`
	To   uint32 `json:"to"`
}

type jsonPool struct {
	Subset         string               `json:"subset"`
	Port           uint32               `json:"port"`
	ConnectTimeout string               `json:"connectTimeout"`
	IdleTimeout    string               `json:"idleTimeout"`
	MaxConnections int                  `json:"maxConnections"`
	MaxPending     int                  `json:"maxPending"`
	MaxRequests    int                  `json:"maxRequests"`
	MaxRetries     int                  `json:"maxRetries"`
	Budget         *jsonBudget          `json:"retryBudget"`
	Breaker        *jsonBreaker         `json:"breaker"`
	At             map[string]jsonPlace `json:"at"`
}

type jsonBudget struct {
	Percent float64 `json:"percent"`
	Least   uint32  `json:"minRetryConcurrency"`
}

type jsonBreaker struct {
	Consecutive int                  `json:"consecutive5xxErrors"`
	Gateway     int                  `json:"consecutiveGatewayErrors"`
	Interval    string               `json:"interval"`
	Ejection    string               `json:"baseEjectionTime"`
	MaxPercent  int                  `json:"maxEjectionPercent"`
	At          map[string]jsonPlace `json:"at"`
}

// asJSON writes all hints, without what code needs.
func asJSON(_ Language, hints []Hint) ([]File, error) {
	all := jsonHints{Version: Version, Hints: []jsonHint{}}
	for i := range hints {
		all.Hints = append(all.Hints, jsonOf(&hints[i]))
	}
	var data bytes.Buffer
	e := json.NewEncoder(&data)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(all); err != nil {
		return nil, err
	}
	return []File{{"hints.json", data.Bytes()}}, nil
}

func jsonOf(h *Hint) jsonHint {
	out := jsonHint{
		Service: h.Service.Name, Namespace: h.Service.Namespace, Port: h.Port,
		Client: jsonClient{Labels: map[string]string{}, Namespace: h.Client.Namespace},
		GRPC:   h.GRPC, HTTP: h.HTTP, Policies: []jsonPolicy{}, Pools: []jsonPool{},
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
	return out
}

func policyJSON(p Policy) jsonPolicy {
	out := jsonPolicy{
		Calls: calls(p.Match), Match: matchJSON(p.Match), Timeout: bound(p.Timeout), At: placesJSON(p.At, p.Retry.At),
		Retry: jsonRetry{
			Retries: p.Retry.Retries, Calls: p.Retry.Retries + 1, Default: p.Retry.Assumed, PerTry: bound(p.Retry.PerTry),
			BackoffBase: p.Retry.Base.String(), BackoffMost: p.Retry.Most.String(), Unsafe: p.Retry.Unsafe,
			On: append([]Condition{}, p.Retry.On...), Statuses: []jsonSpan{}, Unknown: append([]string{}, p.Retry.Unknown...),
		},
	}
	for _, s := range spans(p.Retry.Codes) {
		out.Retry.Statuses = append(out.Retry.Statuses, jsonSpan{s.Low, s.High})
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

func matchJSON(m *route.Match) *jsonMatch {
	if m == nil {
		return nil
	}
	one := func(s route.StringMatch) *jsonString {
		if s.Kind == route.Any {
			return nil
		}
		return &jsonString{"", kindName(s.Kind), s.Value, s.IgnoreCase}
	}
	keyed := func(all []route.KeyMatch) []jsonString {
		out := []jsonString{}
		for _, k := range all {
			out = append(out, jsonString{k.Name, kindName(k.Kind), k.Value, k.IgnoreCase})
		}
		return out
	}
	return &jsonMatch{
		Method: one(m.Method), Path: one(m.Path), Scheme: one(m.Scheme), Host: one(m.Authority),
		Headers: keyed(m.Headers), Without: keyed(m.Without), Query: keyed(m.Query),
	}
}

func kindName(k route.StringKind) string {
	return map[route.StringKind]string{
		route.Any: "any", route.Exact: "exact", route.Prefix: "prefix", route.Element: "element", route.Regex: "regex", route.Present: "present",
	}[k]
}

func poolJSON(p Pool) jsonPool {
	out := jsonPool{
		Subset: p.Subset, Port: p.Port, ConnectTimeout: bound(p.ConnectTimeout), IdleTimeout: bound(p.IdleTimeout),
		MaxConnections: p.MaxConnections, MaxPending: p.MaxPending, MaxRequests: p.MaxRequests, MaxRetries: p.MaxRetries,
		At: placesJSON(p.At),
	}
	if p.Budget > 0 {
		out.Budget = &jsonBudget{p.Budget, p.MinBudget}
	}
	if b := p.Breaker; b != nil {
		out.Breaker = &jsonBreaker{b.Consecutive, b.Gateway, b.Interval.String(), b.Ejection.String(), b.MaxPercent, placesJSON(b.At)}
	}
	return out
}

func placesJSON(all ...Places) map[string]jsonPlace {
	out := map[string]jsonPlace{}
	for _, places := range all {
		for field, at := range places {
			out[field] = placeJSON(at)
		}
	}
	return out
}

func placeJSON(at finding.Place) jsonPlace { return jsonPlace{at.Pos.File, at.Pos.Line, at.Pos.Column} }
