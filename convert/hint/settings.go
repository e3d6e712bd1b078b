package hint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// setting is something that a DestinationRule says and a client can do. say gives
// what is written, "" for what asks nothing of anybody, and a sentence of advice
// in which {service} stands for whom the clients call.
type setting struct {
	name string
	path []string
	say  func(*source.Node) (value, advice string)
	pods bool // about the pods of a Service, not for a host outside
	code bool // what Language.Write makes does it, at least in some languages
}

// askable are those of a traffic policy. What no client can do by itself (how
// much of the pods may be taken out, TLS) is left to the findings.
var askable = []setting{
	{name: "connection pool", code: true, path: []string{"connectionPool", "tcp", "maxConnections"}, say: quantity("connection", "connections",
		"at most %s", "Bound the connection pool of each client of {service} to %s: Istio counts by calling pod, as a pool does.")},
	{name: "connect timeout", code: true, path: []string{"connectionPool", "tcp", "connectTimeout"}, say: duration(
		"%s", "Give up on a connection to {service} that is not there after %s.")},
	{name: "keepalive", path: []string{"connectionPool", "tcp", "tcpKeepalive"}, say: keepalive},
	{name: "connection age", path: []string{"connectionPool", "tcp", "maxConnectionDuration"}, say: duration(
		"at most %s", "Close connections to {service} after %s, in the client's pool or by the server.")},
	{name: "idle connections", path: []string{"connectionPool", "tcp", "idleTimeout"}, say: idleAfter},
	{name: "idle connections", code: true, path: []string{"connectionPool", "http", "idleTimeout"}, say: idleAfter},
	{name: "waiting requests", code: true, path: []string{"connectionPool", "http", "http1MaxPendingRequests"}, say: quantity("request", "requests",
		"at most %s", "Refuse calls to {service} in the client when %s wait for a connection (the queue of a bulkhead).")},
	{name: "concurrent requests", code: true, path: []string{"connectionPool", "http", "http2MaxRequests"}, say: quantity("call", "calls",
		"at most %s at a time", "Bound what is under way to {service} in each client to %s (a semaphore or bulkhead).")},
	{name: "requests per connection", path: []string{"connectionPool", "http", "maxRequestsPerConnection"}, say: quantity("request", "requests",
		"at most %s", "Renew connections to {service} after %s, so that new pods get their share.")},
	{name: "concurrent retries", path: []string{"connectionPool", "http", "maxRetries"}, say: quantity("retry", "retries",
		"at most %s at a time", "Bound what is under way to {service} in each client to %s, or use a retry budget of the library.")},
	{name: "retry budget", code: true, path: []string{"retryBudget"}, say: budget},
	{name: "circuit breaker", code: true, path: []string{"outlierDetection"}, say: breakerSaid},
	{name: "load balancing", path: []string{"loadBalancer", "simple"}, say: balancer, pods: true},
	{name: "session affinity", path: []string{"loadBalancer", "consistentHash"}, say: affinity, pods: true},
	{name: "locality", path: []string{"loadBalancer", "localityLbSetting"}, say: locality, pods: true},
	{name: "warm-up", path: []string{"loadBalancer", "warmup"}, say: warmup, pods: true},
	{name: "warm-up", path: []string{"loadBalancer", "warmupDurationSecs"}, say: warmup, pods: true},
}

// duration is for a time, which both texts name. Zero asks for nothing: Istio
// takes it for unset.
func duration(value, advice string) func(*source.Node) (string, string) {
	return func(n *source.Node) (string, string) {
		v := n.Value()
		if d, err := time.ParseDuration(v); err == nil {
			v = d.String() // 15.000s is 15s
		}
		if v == "" || v == "0s" {
			return "", ""
		}
		return fmt.Sprintf(value, v), fmt.Sprintf(advice, v)
	}
}

// quantity is for a number of something.
func quantity(one, many, value, advice string) func(*source.Node) (string, string) {
	return func(n *source.Node) (string, string) {
		v := n.Value()
		switch v {
		case "", "0":
			return "", ""
		case "1":
			v += " " + one
		default:
			v += " " + many
		}
		return fmt.Sprintf(value, v), fmt.Sprintf(advice, v)
	}
}

func idleAfter(n *source.Node) (string, string) {
	return duration("closed after %s", "Let the client's pool close idle connections to {service} after %s; firewalls in between may close them earlier.")(n)
}

func keepalive(n *source.Node) (string, string) {
	return cmp.Or(joinedText(n, "time", "interval", "probes"), "on"), "Switch on TCP keepalive for connections to {service} in the clients, so that idle ones are not dropped on the way."
}

// breaker is Istio's outlier detection. It takes single pods out, which a client
// behind a Service does not see, so that a breaker of the whole is the nearest
// thing. Defaults: istio.io/api destination_rule.proto, OutlierDetection.
func breakerSaid(n *source.Node) (string, string) {
	failures, atGateway := cmp.Or(n.Text("consecutive5xxErrors"), "5"), cmp.Or(n.Text("consecutiveGatewayErrors"), "0")
	if failures == "0" {
		failures = atGateway
	}
	if failures == "0" {
		return "", ""
	}
	open := cmp.Or(n.Text("baseEjectionTime"), "30s")
	after := failures + " errors in a row"
	if failures == "1" {
		after = "1 error"
	}
	return fmt.Sprintf("after %s, for %s", after, open),
		fmt.Sprintf("Let clients of {service} stop calling for %s after %s; mind that a breaker in a client stops calls to all pods, where Istio takes out the one that fails.", open, after)
}

func budget(n *source.Node) (string, string) {
	percent, least := cmp.Or(n.Text("percent"), "20"), cmp.Or(n.Text("minRetryConcurrency"), "3")
	return fmt.Sprintf("%s %% of the requests, at least %s", percent, least),
		fmt.Sprintf("Bound retries to {service} to %s %% of the calls under way (at least %s), by the retry budget or throttling of the library.", percent, least)
}

// balancer passes over what a Service of Kubernetes does as well, connection by
// connection.
func balancer(n *source.Node) (string, string) {
	v := n.Value()
	if slices.Contains([]string{"", "UNSPECIFIED", "RANDOM"}, v) {
		return "", ""
	}
	if v == "PASSTHROUGH" {
		return v, "Let clients of {service} call the address that they mean: a Service picks a pod by itself."
	}
	return v, fmt.Sprintf("A Service picks a pod for each connection, at random; if %s matters for {service}, let clients balance over a headless Service.", v)
}

func affinity(n *source.Node) (string, string) {
	by := "a ring of pods"
	switch {
	case n.Has("httpHeaderName"):
		by = "header " + n.Text("httpHeaderName")
	case n.Has("httpCookie"):
		by = "cookie " + n.Get("httpCookie").Text("name")
	case n.Has("httpQueryParameterName"):
		by = "query parameter " + n.Text("httpQueryParameterName")
	case n.Has("useSourceIp"):
		by = "address of the caller"
	}
	if by == "address of the caller" {
		return "by " + by, "Set sessionAffinity: ClientIP on Service {service} for callers inside of the cluster, or keep what is remembered outside of the pods."
	}
	return "by " + by, fmt.Sprintf("Keep what pods of {service} remember by %s in a store that all of them reach, or let clients pick the pod over a headless Service.", by)
}

func locality(n *source.Node) (string, string) {
	if n.Text("enabled") == "false" {
		return "", ""
	}
	kinds := []string{}
	for _, key := range []string{"distribute", "failover", "failoverPriority"} {
		if n.Has(key) {
			kinds = append(kinds, key)
		}
	}
	return cmp.Or(strings.Join(kinds, ", "), "on"), "Set trafficDistribution: PreferClose on Service {service} to stay within a zone; shares and an order of regions are lost."
}

func warmup(n *source.Node) (string, string) {
	v := cmp.Or(n.Value(), n.Text("duration"), "on")
	return v, "Let new pods of {service} become ready only when they can take their full share: it comes at once."
}

// joined is what is written under keys: "time 2h0m0s, probes 3".
func joinedText(n *source.Node, keys ...string) string {
	var all []string
	for _, k := range keys {
		if v := n.Text(k); v != "" {
			all = append(all, k+" "+v)
		}
	}
	return strings.Join(all, ", ")
}
