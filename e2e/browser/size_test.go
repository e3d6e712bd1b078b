package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The goals for a thousand VirtualServices. A browser under test has a slow machine to
// itself at best, so that the times are those of a laptop with some room.
const (
	mostBytes  = 5 << 20
	mostUsable = 1500 * time.Millisecond
	mostKey    = 100 * time.Millisecond
)

// TestLarge opens the report of a thousand VirtualServices and types into its
// searches.
func TestLarge(t *testing.T) {
	input := filepath.Join(t.TempDir(), "mesh.yaml")
	if err := os.WriteFile(input, []byte(large(1000)), 0o644); err != nil {
		t.Fatal(err)
	}
	file := report(t, input)
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d KB", info.Size()/1024)
	if info.Size() > mostBytes {
		t.Errorf("the page has %d bytes, more than %d", info.Size(), mostBytes)
	}
	o := open(t, file)
	usable := milliseconds(ask[float64](o, `performance.getEntriesByName("usable")[0].startTime`))
	elements := ask[int](o, `document.querySelectorAll("*").length`)
	t.Logf("usable after %v, %d elements, first paint %v", usable, elements, milliseconds(ask[float64](o, `(performance.getEntriesByName("first-contentful-paint")[0] || {}).startTime || 0`)))
	if usable > mostUsable {
		t.Errorf("usable after %v, later than %v", usable, mostUsable)
	}
	o.holds(`document.querySelector("#hosts-shown").textContent.startsWith("1001 of 1001")`)
	for _, typed := range []struct{ selector, text string }{
		{"#search", "connections svc-77"}, {"#search", "timeout"}, {"[data-key=host]", "svc-999"}, {"[data-key=host]", "team-3"},
	} {
		slowest := milliseconds(ask[float64](o, typing(typed.selector, typed.text)))
		t.Logf("%q in %s: the slowest key takes %v until it is painted", typed.text, typed.selector, slowest)
		if slowest > mostKey {
			t.Errorf("%q in %s: a key takes %v, longer than %v", typed.text, typed.selector, slowest, mostKey)
		}
	}
	o.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#files").scrollIntoView()`))
	began := time.Now()
	o.until(`document.querySelector("#source .line")`)
	t.Logf("source and output after %v", time.Since(began))
	began = time.Now()
	o.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#files?object=" + (document.querySelector("#object-name").options.length - 1) + "&line=1"`))
	o.until(`document.querySelector("#source .current")`)
	t.Logf("the last object's line in the input after %v", time.Since(began))
}

func milliseconds(ms float64) time.Duration {
	return time.Duration(ms * float64(time.Millisecond)).Round(100 * time.Microsecond)
}

// typing puts text into an input, letter by letter, and gives the longest time from a
// letter to the next frame, without the wait for the frame to begin.
func typing(selector, text string) string {
	return fmt.Sprintf(`(async () => {
		const input = document.querySelector(%s);
		input.value = "";
		let slowest = 0;
		for (const letter of %s) {
			await new Promise(requestAnimationFrame);
			const began = performance.now();
			input.value += letter;
			input.dispatchEvent(new Event("input"));
			document.body.getBoundingClientRect();
			slowest = Math.max(slowest, performance.now() - began);
		}
		input.value = "";
		input.dispatchEvent(new Event("input"));
		return slowest;
	})()`, quoted(selector), quoted(text))
}

// large is a mesh with n Services, each with a DestinationRule and a VirtualService of
// five rules, in ten namespaces behind one Gateway.
func large(n int) string {
	var b strings.Builder
	b.WriteString("apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: istio-system}\nspec:\n  selector: {istio: ingressgateway}\n" +
		"  servers:\n  - port: {number: 80, name: http, protocol: HTTP}\n    hosts: [\"*.example.com\"]\n")
	for i := range n {
		fmt.Fprintf(&b, service, fmt.Sprintf("svc-%d", i), fmt.Sprintf("team-%d", i%10))
	}
	return b.String()
}

const service = `---
apiVersion: v1
kind: Service
metadata: {name: %[1]s, namespace: %[2]s}
spec:
  selector: {app: %[1]s}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: %[1]s, namespace: %[2]s}
spec:
  host: %[1]s.%[2]s.svc.cluster.local
  trafficPolicy:
    connectionPool:
      tcp: {maxConnections: 100}
      http: {http1MaxPendingRequests: 64, maxRequestsPerConnection: 10}
    outlierDetection: {consecutive5xxErrors: 5, interval: 10s, baseEjectionTime: 30s}
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: %[1]s, namespace: %[2]s}
spec:
  hosts: [%[1]s.example.com]
  gateways: [istio-system/gw]
  http:
  - match: [{headers: {x-user: {exact: tester}}}]
    route: [{destination: {host: %[1]s, subset: v2}}]
  - match: [{uri: {prefix: /api}}]
    timeout: 3s
    route: [{destination: {host: %[1]s, subset: v2}}]
  - match: [{uri: {prefix: /old/}}]
    rewrite: {uri: /new/}
    route: [{destination: {host: %[1]s, subset: v1}}]
  - match: [{uri: {regex: "/u/[0-9]+/login"}}]
    retries: {attempts: 2, perTryTimeout: 1s, retryOn: "5xx"}
    route: [{destination: {host: %[1]s, subset: v1}}]
  - route:
    - {destination: {host: %[1]s, subset: v1}, weight: 90}
    - {destination: {host: %[1]s, subset: v2}, weight: 10}
`
