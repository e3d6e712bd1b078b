// Package hint says what the clients of a Service have to do themselves once no
// proxy does it for them: retries, timeouts, circuit breaking, limits, and
// balancing of each call.
package hint

import (
	"time"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Hint is what the calls of one client to one Service, or host outside, need.
type Hint struct {
	Service route.Name // without a namespace: a host outside of the cluster
	Of      string     // the Service of Subset, for which Service is made: it is for who calls that one by its name
	Subset  string
	Port    uint32 // for which the policies are; 0 for all ports of the Service
	Client  Client // zero: every client
	GRPC    bool   // some port of the Service speaks gRPC
	HTTP    bool   // some port speaks HTTP that is no gRPC, or the ports are not in the input
	// Policies are the rules for calls, in the order in which they decide. The last
	// has no match: it is for all calls that no rule before it takes. A Service
	// without a VirtualService has that one alone, with Istio's defaults.
	Policies []Policy
	Pools    []Pool          // of DestinationRules, ordered by subset and port; the one for all of the Service first
	Subsets  []SubsetService // for which there are hints of their own
	Asks     []Ask           // what clients have to do, in words; what is for all clients stands in the first hint of a Service
}

// SubsetService is a Service that the conversion makes for a subset.
type SubsetService struct{ Subset, Name string }

// Ask is one thing that clients have to do.
type Ask struct {
	Setting string // retries, timeout, circuit breaker, connection pool, ...
	Value   string // what the proxy does today
	Advice  string
	Code    bool // the code that Language.Write makes does it
	At      finding.Place
}

// Outside tells whether clients call a host outside of the cluster.
func (h *Hint) Outside() bool { return h.Service.Namespace == "" }

// callee names whom clients call, for a sentence in the middle: "Service shop/web".
func (h *Hint) callee() string {
	if h.Outside() {
		return "host " + plain(h.Service.Name)
	}
	return "Service " + plain(h.Service.String())
}

// Client is the caller that rules single out.
type Client struct {
	Labels    map[string]string
	Namespace string
}

// Policy bounds and repeats the calls that a rule takes.
type Policy struct {
	Match   *route.Match  // nil: all calls
	Timeout time.Duration // of a call with all its retries; 0: none
	Retry   Retry
	From    finding.Place // where it is written; the zero place for what nobody wrote
	At      Places        // timeout
}

// Places say where the fields of Istio are written, by their names; those that
// nobody wrote are not among them.
type Places map[string]finding.Place

// Retry repeats failed calls.
type Retry struct {
	Retries int           // after the first call, so that there are Retries+1 calls at most
	Assumed bool          // nobody wrote it: Istio's default of two
	PerTry  time.Duration // bound of one call; 0: none but the total
	// Base and Most are the backoff's: the wait before the n-th retry is random
	// between 0 and the lesser of Base*2^(n-1) and Most (Envoy,
	// source/common/common/backoff_strategy.cc; its manual says 2^n-1).
	Base, Most time.Duration
	On         []Condition // ordered as in Conditions
	Codes      []uint32    // HTTP statuses that are retried besides, ordered
	Unknown    []string    // conditions that only Envoy can tell
	// Unsafe says that an HTTP call that is retried may have been carried out
	// already: then only methods may be repeated that do no harm twice (RFC 9110,
	// 9.2.2).
	Unsafe bool
	From   finding.Place
	At     Places // attempts, perTryTimeout, backoff, retryOn
}

// Condition is a kind of failure that is retried.
type Condition string

// The conditions, of Envoy's x-envoy-retry-on and x-envoy-retry-grpc-on.
const (
	ConnectFailure    Condition = "connect-failure"    // no connection: the call was not sent
	RefusedStream     Condition = "refused-stream"     // the server says that it did not look at the call
	Reset             Condition = "reset"              // the connection broke before an answer was there, or PerTry was over
	Unavailable       Condition = "unavailable"        // gRPC status 14
	Cancelled         Condition = "cancelled"          // gRPC status 1
	DeadlineExceeded  Condition = "deadline-exceeded"  // gRPC status 4
	Internal          Condition = "internal"           // gRPC status 13
	ResourceExhausted Condition = "resource-exhausted" // gRPC status 8
)

// Conditions returns all conditions in a fixed order.
func Conditions() []Condition {
	return []Condition{ConnectFailure, RefusedStream, Reset, Unavailable, Cancelled, DeadlineExceeded, Internal, ResourceExhausted}
}

// Pool is what a DestinationRule says about the connections to a Service.
type Pool struct {
	Subset string // "" for all of them
	Port   uint32 // 0 for all ports
	From   finding.Place

	Breaker        *Breaker
	ConnectTimeout time.Duration // 10 s where nothing is written
	MaxConnections int           // 0: no limit worth the name (Istio writes 2^32-1)
	MaxPending     int           // requests that wait for a connection; 0: no limit
	MaxRequests    int           // under way at a time; 0: no limit
	MaxRetries     int           // under way at a time; 0: no limit
	IdleTimeout    time.Duration // 0: one hour
	// Budget is the share of the calls under way that may be retries, in percent; 0: none is set.
	Budget    float64
	MinBudget uint32 // retries that are always allowed
	PerSecond bool   // MinBudget counts those of a second (Linkerd), not those under way
	At        Places // by the names of ConnectionPoolSettings and RetryBudget, whose percent is retryBudget
}

// Breaker takes a pod out that keeps failing. An application sees the Service,
// not its pods: its breaker stands before all of them.
type Breaker struct {
	Consecutive int           // failures in a row: 5xx, and connections that fail
	Gateway     int           // failures in a row that are 502, 503, 504 or no connection; 0: not counted apart
	Interval    time.Duration // between two sweeps
	Ejection    time.Duration // times the number of ejections
	MaxPercent  int           // of the pods
	From        finding.Place
	At          Places // by the names of OutlierDetection
}
