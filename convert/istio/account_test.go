package istio

import "testing"

// TestAccount shows what is said of fields that have no counterpart, and that
// values which say nothing are passed over.
func TestAccount(t *testing.T) {
	for name, c := range map[string]struct{ kind, spec, want string }{
		"pending requests": {
			"DestinationRule", "  trafficPolicy:\n    connectionPool:\n      http: {http1MaxPendingRequests: 64}\n",
			"7:14 MG200 At most 64 requests wait for a connection today; Gateway API has no such limit, so nothing sheds load. Keep the DestinationRule (Istio as target), or write the implementation's own policy (Envoy Gateway: BackendTrafficPolicy, kgateway: BackendConfigPolicy).\n",
		},
		"no limit": {"DestinationRule", "  trafficPolicy: {connectionPool: {http: {http1MaxPendingRequests: 0, http2MaxRequests: 0, maxRetries: 0}, tcp: {maxConnections: 0}}}\n", ""},
		"outliers once": {
			"DestinationRule", "  trafficPolicy: {outlierDetection: {interval: 5s, baseEjectionTime: 30s}}\n",
			"5:19 MG226 A pod that keeps failing gets no requests for a while today; Gateway API has no passive health checks, so its share goes on failing. Keep the DestinationRule (Istio as target), or write the implementation's own policy (Envoy Gateway: BackendTrafficPolicy, kgateway: BackendConfigPolicy).\n",
		},
		"in subsets and ports": {
			"DestinationRule", "  subsets:\n  - trafficPolicy: {portLevelSettings: [{port: {number: 1}, tls: {mode: ISTIO_MUTUAL}}]}\n",
			"6:67 MG240 The mesh sets up mutual TLS by itself between its pods, so nothing changes as long as both sides stay in the mesh. Remove it, and require mTLS by a PeerAuthentication.\n",
		},
		"balancing": {
			"DestinationRule", "  trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}\n",
			"5:34 MG220 Requests go to the pods in turn (ROUND_ROBIN) today; afterwards the implementation chooses. Keep the DestinationRule (Istio as target), or write the implementation's own policy (Envoy Gateway: BackendTrafficPolicy, kgateway: BackendConfigPolicy).\n",
		},
		"balancing by number": {
			"DestinationRule", "  trafficPolicy: {loadBalancer: {simple: 3}}\n",
			"5:34 MG221 Connections go on to the address that the client called (PASSTHROUGH) today; a route chooses among the pods of the Service. Leave this Service without routes, or keep the DestinationRule.\n",
		},
		"balancing unspecified": {"DestinationRule", "  trafficPolicy: {loadBalancer: {simple: UNSPECIFIED}}\n", ""},
		"hash by cookie": {
			"DestinationRule", "  trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: user, ttl: 0s}}}}\n",
			"5:34 MG222 Requests with the same cookie user go to the same pod today; Gateway API has no consistent hashing, so they go to any pod. Keep the DestinationRule (Istio as target), or write the implementation's own policy (Envoy Gateway: BackendTrafficPolicy, kgateway: BackendConfigPolicy).\n",
		},
		"tls simple":      {"DestinationRule", "  trafficPolicy: {tls: {mode: SIMPLE}}\n", ""},
		"exported to all": {"DestinationRule", "  exportTo: [\"*\"]\n", ""},
		"delay": {
			"VirtualService", "  http:\n  - fault: {delay: {fixedDelay: 3s, percentage: {value: 10}}}\n",
			"6:13 MG100 3s delay on 10 % of requests is not carried over; Gateway API has no fault injection. Keep this VirtualService for the test, or drop the delay.\n",
		},
		"old delay": {
			"VirtualService", "  http:\n  - fault: {delay: {fixedDelay: 3s, percent: 10}}\n",
			"6:13 MG100 3s delay on 10 % of requests is not carried over; Gateway API has no fault injection. Keep this VirtualService for the test, or drop the delay.\n",
		},
		"delay of none": {
			"VirtualService", "  http:\n  - fault: {delay: {fixedDelay: 3s}}\n",
			"6:13 MG102 The delay has no percentage and so hits no request today; it is left out. Remove the fault.\n",
		},
		"abort of some": {
			"VirtualService", "  http:\n  - fault: {abort: {httpStatus: 503, percentage: {value: 0.5}}}\n",
			"6:13 MG101 0.5 % of requests are answered 503 on purpose today; Gateway API has no fault injection, so they reach the destination. Keep this VirtualService for the test, or drop the abort.\n",
		},
		"abort of all is the builder's": {"VirtualService", "  http:\n  - fault: {abort: {httpStatus: 503, percentage: {value: 100}}}\n", ""},
		"tls versions": {
			"Gateway", "  servers: [{tls: {minProtocolVersion: TLSV1_3, maxProtocolVersion: TLSV1_3}}]\n",
			"5:20 MG303 Clients without TLS 1.3 are refused today; implementations let TLS 1.2 in by default. Set it with the implementation's own policy or listener tls.options, and test with an old client.\n" +
				"5:49 MG305 TLS 1.3 is the highest version today, as it is by Istio's default; Gateway API leaves it to the implementation. Check the implementation's default.\n",
		},
		"bound to all":        {"Gateway", "  servers: [{bind: 0.0.0.0}]\n", ""},
		"service entry once":  {"ServiceEntry", "  hosts: [a.com, b.com]\n  location: MESH_EXTERNAL\n", "5:3 MG260 The mesh knows a.com, b.com by this ServiceEntry today; Gateway API has no counterpart. Keep it as long as the mesh runs; outside of a mesh put a Service with EndpointSlices in front of addresses that routes send to.\n"},
		"null is not written": {"DestinationRule", "  trafficPolicy: {outlierDetection: null, tunnel: }\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			o, findings := object(t, c.kind, c.spec)
			if len(findings) > 0 {
				t.Fatal(lines(findings))
			}
			if got := lines(Account(o)); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}
