package hint

import "testing"

// TestSettings gives each setting of a DestinationRule, and what it asks of clients.
func TestSettings(t *testing.T) {
	tests := []struct{ policy, setting, value string }{
		{"connectionPool: {tcp: {maxConnections: 1}}", "connection pool", "at most 1 connection"},
		{"connectionPool: {tcp: {maxConnections: 0}}", "", ""},
		{"connectionPool: {tcp: {connectTimeout: 15.000s}}", "connect timeout", "15s"},
		{"connectionPool: {tcp: {tcpKeepalive: {time: 60s, probes: 3}}}", "keepalive", "time 60s, probes 3"},
		{"connectionPool: {tcp: {tcpKeepalive: {}}}", "keepalive", "on"},
		{"connectionPool: {tcp: {maxConnectionDuration: 1h}}", "connection age", "at most 1h0m0s"},
		{"connectionPool: {tcp: {idleTimeout: 30s}}", "idle connections", "closed after 30s"},
		{"connectionPool: {http: {http1MaxPendingRequests: 64}}", "waiting requests", "at most 64 requests"},
		{"connectionPool: {http: {http2MaxRequests: 2}}", "concurrent requests", "at most 2 calls at a time"},
		{"connectionPool: {http: {maxRequestsPerConnection: 10}}", "requests per connection", "at most 10 requests"},
		{"connectionPool: {http: {maxRetries: 3}}", "concurrent retries", "at most 3 retries at a time"},
		{"retryBudget: {percent: 30}", "retry budget", "30 % of the requests, at least 3"},
		{"outlierDetection: {}", "circuit breaker", "after 5 errors in a row, for 30s"},
		{"outlierDetection: {consecutive5xxErrors: 1, baseEjectionTime: 1m}", "circuit breaker", "after 1 error, for 1m"},
		{"outlierDetection: {consecutive5xxErrors: 0}", "", ""},
		{"loadBalancer: {simple: LEAST_REQUEST}", "load balancing", "LEAST_REQUEST"},
		{"loadBalancer: {simple: RANDOM}", "", ""},
		{"loadBalancer: {consistentHash: {httpCookie: {name: sid}}}", "session affinity", "by cookie sid"},
		{"loadBalancer: {consistentHash: {useSourceIp: true}}", "session affinity", "by address of the caller"},
		{"loadBalancer: {localityLbSetting: {failover: []}}", "locality", "failover"},
		{"loadBalancer: {localityLbSetting: {enabled: false}}", "", ""},
		{"loadBalancer: {warmupDurationSecs: 20s}", "warm-up", "20s"},
		{"portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 2}}}]", "connection pool", "at most 2 connections (port 80)"},
	}
	for _, test := range tests {
		hints := settingsOf(t, "host: web\n  trafficPolicy: {"+test.policy+"}")
		switch {
		case test.setting == "" && len(hints) == 0:
		case len(hints) != 1 || hints[0].Setting != test.setting || hints[0].Value != test.value || hints[0].At.Pos.Line == 0:
			t.Errorf("%s: got %+v, want %s: %s", test.policy, hints, test.setting, test.value)
		}
	}
	for spec, want := range map[string]int{
		"host: web.shop.svc.cluster.local\n  subsets: [{name: v1, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}}]": 1,
		"host: api.example.com\n  trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}":                                   0,
		"host: api.example.com\n  trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}":                            1,
		"trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}":                                                            0,
		"host: [a]\n  trafficPolicy: [1]\n  subsets: {a: b}":                                                              0,
	} {
		if got := settingsOf(t, spec); len(got) != want {
			t.Errorf("%s: %d hints, want %d: %+v", spec, len(got), want, got)
		}
	}
}

func settingsOf(t *testing.T, spec string) []Ask {
	t.Helper()
	data := "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: a, namespace: shop}\nspec:\n  " + spec + "\n"
	var all []Ask
	for _, h := range collected(t, "a.yaml", []byte(data)).Hints {
		all = append(all, h.Asks...)
	}
	return all
}
