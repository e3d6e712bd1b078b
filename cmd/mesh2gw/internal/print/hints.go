package print

import (
	"bytes"
	"fmt"
	"io"
	"path"

	"github.com/mesh2gw/mesh2gw/convert/hint"
)

// HintsExample is an input with what is written for it.
type HintsExample struct {
	Input string
	Files []hint.File // in one language
}

// HintsMarkdown writes docs/hints.md.
func HintsMarkdown(w io.Writer, languages []hint.Language, e HintsExample) error {
	var b bytes.Buffer
	b.WriteString("# Hints for applications\n\nWritten by `mesh2gw hints --about`; `make docs` writes it anew.\n\n" + hintsIntroduction)
	b.WriteString("| `--lang` | what is used | it counts | run by a test |\n| --- | --- | --- | --- |\n")
	for _, l := range languages {
		tried := "yes"
		if l.Untried {
			tried = "**no**: only the form of what is written is tested, and no compiler has seen it"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", l.Name, cell(l.Library), l.Counts, tried)
	}
	b.WriteString(hintsMeaning)
	fmt.Fprintf(&b, "## Example\n\n```yaml\n%s```\n", e.Input)
	for _, f := range e.Files {
		fmt.Fprintf(&b, "\n`%s`:\n\n```%s\n%s```\n", f.Name, fence(f.Name), f.Data)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// fence is the language of a code block.
func fence(name string) string {
	if path.Ext(name) == ".json" {
		return "json"
	}
	return "text"
}

const hintsIntroduction = `Retries, timeouts, circuit breaking and limits of Istio are done by a proxy beside the client. Where no proxy is, no
Gateway API object does them: the client has to. ` + "`mesh2gw hints PATHS --lang LANGUAGE`" + ` writes its code, with the numbers of the
VirtualServices and DestinationRules as constants, each with the line that it is from. ` + "`--out-dir`" + ` writes files; without it they go to
standard output, told apart by lines ` + "`-- NAME --`" + ` where they are several.

There is a file for each Service that a VirtualService or DestinationRule speaks of, for each port where ports differ, and for each client
that rules single out by ` + "`sourceLabels` or `sourceNamespace`" + `. Services that speak gRPC get a service config under ` + "`--lang grpc`" + `; hosts
outside of the cluster (ServiceEntry) get no hints.

`

const hintsMeaning = `
Versions and counts are those that e2e/hints runs against a server that fails as it is told to, in November 2026: failsafe-go 0.9.8,
Resilience4j 2.4.0, tenacity 9.2.1 with pybreaker 1.4.1 and httpx 0.28.1, cockatiel 4.0.0 with undici 7.30.2, backon 1.6.0 with reqwest
0.13.5, grpc-go 1.85.0; cockatiel 4 asks for Node 22, and is run on 20, too. What is written for Polly follows its documentation and source (pollydocs.org,
App-vNext/Polly, read in November 2026). Go has one form, failsafe-go for HTTP: a retry library alone, such as cenkalti/backoff, has no breaker and no bound of a
single try, and counts calls where Istio counts retries.

## What is meant

| Istio | code |
| --- | --- |
| ` + "`attempts: N`" + ` | N retries after the first call, N+1 calls in all, however a library counts. Unset: Istio's default of 2 retries on connect-failure, refused-stream and gRPC's unavailable and cancelled. |
| ` + "`retryOn`" + ` | connections that do not come about are retried for every method, since the call was surely not carried out. Broken connections, tries that took too long and statuses are retried only for methods that do no harm twice (RFC 9110, 9.2.2: GET, HEAD, OPTIONS, TRACE, PUT, DELETE). The proxy repeated POST, too. |
| ` + "`5xx`, `gateway-error`, `reset`" + ` | cover calls without any answer, whatever the reason (Envoy, source/common/router/retry_state_impl.cc). |
| ` + "`perTryTimeout`" + ` | a bound of each try, inside of the retries, up to the headers of the answer. |
| ` + "`timeout`" + ` | a bound of the call with all its retries and waits, outside of them. In Go and Java it covers the body, too; in Python it bounds the wait for each part of the body; elsewhere it ends with the headers. |
| ` + "`backoff`" + ` | the wait before the n-th retry is random between 0 and the lesser of base*2^(n-1) and ten times the base; the base is 25 ms where none is written (Envoy, source/common/common/backoff_strategy.cc). |
| ` + "`outlierDetection`" + ` | a circuit breaker that opens after ` + "`consecutive5xxErrors`" + ` in a row for ` + "`baseEjectionTime`" + `. The proxy took one pod out; an application sees the Service only, so that its breaker stands before all pods, and one bad pod among good ones does not open it. |
| ` + "`maxConnections`, `connectTimeout`, `idleTimeout`" + ` | settings of the client's own pool. Java and Rust have no limit of connections: calls are limited instead, which is the same over HTTP/1.1. |
| ` + "`http2MaxRequests`, `http1MaxPendingRequests`" + ` | a limit of calls under way; what is above is refused at once, as by the proxy. |
| ` + "`retryBudget`" + ` | Go: failsafe-go's budget. gRPC: ` + "`retryThrottling`" + ` with twice ` + "`minRetryConcurrency`" + ` as tokens and the percentage as ratio (gRFC A6). Elsewhere a comment says that it is not there. |
| ` + "`maxRetries`" + `, settings of subsets and of other ports, conditions that only Envoy can tell | a comment says that they are not there. |

HTTP libraries may send a request again by themselves where a connection that was kept is found closed (RFC 9112, 9.3.1); that is beside
these counts.

Retries of a gateway and of the application behind it multiply: [MG540](rules.md#mg540) names the product on standard error.

## gRPC

A service config names methods, not paths: ` + "`exact: /pkg.Service/Method` and `prefix: /pkg.Service/`" + ` become names, and what has other
conditions is listed in the text beside the JSON. At most 5 calls are made (gRFC A6); a bound of each try is not part of it. A gRPC
client keeps one connection, so that behind a Service with a cluster IP all its calls go to one pod: ` + "`round_robin`" + ` needs a headless
Service and an address that begins with ` + "`dns:///`" + `.

`
