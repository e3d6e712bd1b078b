package finding

// Aspect is one side of what is done with a request, by which two decisions can
// differ. The list is closed.
type Aspect string

// The aspects.
const (
	// Outcome: one forwards the request and the other redirects it, answers it or
	// refuses it.
	Outcome Aspect = "outcome"
	// Destinations: other pods are reached.
	Destinations Aspect = "destinations"
	// Weights: the same pods are reached with other shares.
	Weights Aspect = "weights"
	// Redirect: another Location or status.
	Redirect Aspect = "redirect"
	// DirectResponse: both answer by themselves, with another status or body.
	DirectResponse Aspect = "direct response"
	// PathRewrite: the backend sees another path.
	PathRewrite Aspect = "path rewrite"
	// HostRewrite: the backend sees another Host.
	HostRewrite Aspect = "host rewrite"
	// RequestHeaders: the backend sees other headers.
	RequestHeaders Aspect = "request headers"
	// ResponseHeaders: the client sees other headers.
	ResponseHeaders Aspect = "response headers"
	// Timeout: another bound of the whole request.
	Timeout Aspect = "timeout"
	// Retry: other retries, or another bound of one try.
	Retry Aspect = "retry"
	// Mirror: copies go elsewhere, or of another share of the requests.
	Mirror Aspect = "mirror"
	// CORS: another cross-origin policy.
	CORS Aspect = "cors"
	// Fault: requests are delayed or aborted on one side.
	Fault Aspect = "fault"
	// HostServed: only one side serves the host, or has the door.
	HostServed Aspect = "host served"
)

// Aspects returns all aspects, in the order in which they are told.
func Aspects() []Aspect { return append(Decisions(), HostServed) }

// Decisions are the aspects by which what two rules do can differ: what a finding
// admits that makes another rule decide.
func Decisions() []Aspect {
	return []Aspect{
		Outcome, Destinations, Weights, Redirect, DirectResponse, PathRewrite, HostRewrite, RequestHeaders,
		ResponseHeaders, Timeout, Retry, Mirror, CORS, Fault,
	}
}
