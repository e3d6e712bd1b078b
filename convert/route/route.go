// Package route is the middle: tables of ordered rules, match -> action, to
// which Istio's objects are compiled and from which Gateway API objects are
// built. A table is a decision list: the first rule whose match holds decides.
//
// Every part keeps the node of the input that it came from, so that whoever
// reads it later can say where. A nil node means that nobody wrote it.
package route

import (
	"cmp"
	"strings"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Name is a namespaced name.
type Name struct{ Namespace, Name string }

// String returns namespace/name.
func (n Name) String() string { return n.Namespace + "/" + n.Name }

// Compare orders by namespace, then name.
func (n Name) Compare(o Name) int {
	return cmp.Or(strings.Compare(n.Namespace, o.Namespace), strings.Compare(n.Name, o.Name))
}

// Protocol is what a table decides on.
type Protocol string

// The protocols of tables.
const (
	HTTP Protocol = "HTTP" // requests; the listener may terminate TLS
	TLS  Protocol = "TLS"  // TLS connections by SNI, not terminated by a route
	TCP  Protocol = "TCP"  // connections by port
)

// Entry is a place where requests come in: a listener of a gateway, or a
// Service in the mesh.
type Entry struct {
	Mesh    bool   // Parent is a Service
	Parent  Name   // Gateway or Service
	Section string // listener name; "" for all listeners of the Gateway that fit, or for a Service
	Port    uint32 // listener or Service port; 0 for all
	Unknown bool   // the Gateway or Service is not in the input
	// Implied says that a route attaches to exactly the listeners of its table
	// without naming them.
	Implied bool
}

// Table is an ordered list of rules that serves all its entries and hosts alike.
type Table struct {
	Protocol Protocol
	From     *source.Node // the object (its root) that the rules come from
	Name     Name         // of that object; the namespace is where the route has to live
	Suffix   string       // tells several tables of one object apart: "mesh", "tls-443"; "" for the first
	Entries  []Entry
	// Hosts are exact names or *.suffix, as in Gateway API; empty for all. For
	// TLS they are SNI names. For mesh entries they are empty.
	Hosts []string
	Rules []Rule
}

// Rule is one line of a decision list. Rules that come from one element of the
// input (several match blocks of one route) share their Action.
type Rule struct {
	Name   string       // given by the author, or ""
	Match  Match        // all conditions hold
	Action *Action      // what is done with the request
	From   *source.Node // the match block, or the http[], tls[], tcp[] element without one
	Where  string       // for a rule that was read back from an object without a file: "HTTPRoute shop/edge rules[2]"
}

// Match is a conjunction of conditions; the zero value holds for all requests.
type Match struct {
	Path      StringMatch // Any, Exact, Prefix (of the string), Element (of the path), Regex
	Method    StringMatch // Any, Exact, Prefix, Regex
	Headers   []KeyMatch  // ordered by name
	Without   []KeyMatch  // none of these may hold; ordered by name
	Query     []KeyMatch  // ordered by name
	Scheme    StringMatch // what is left after the listener's protocol was looked at
	Authority StringMatch // what is left after the hosts were looked at

	SourceLabels    map[string]string // of the calling workload
	SourceNamespace string
	Subnets         []string // destination subnets of TCP and TLS
	From            *source.Node
}

// StringKind says how a StringMatch compares.
type StringKind uint8

// The kinds of string matches.
const (
	Any     StringKind = iota // holds always, also for what is absent
	Exact                     // the whole value
	Prefix                    // of the string: /foo holds for /foobar
	Element                   // of the path, element by element: /foo holds for /foo and /foo/x
	Regex                     // RE2, the whole value (Envoy's safe_regex)
	Present                   // any value, but not absent
)

// StringMatch is a condition on one string.
type StringMatch struct {
	Kind       StringKind
	IgnoreCase bool
	// OrAbsent says that what is absent is compared as the empty string. The
	// conditions of Match.Without are meant so, see Match.Conditions.
	OrAbsent bool
	Value    string
	From     *source.Node // the node that holds exact, prefix or regex
}

// KeyMatch is a condition on a header or query parameter. A header name that
// begins with @request.auth.claims is a claim of a JWT (Istio).
type KeyMatch struct {
	Name string
	StringMatch
}

// Action is what a rule does. At most one of Redirect and Direct is set; when
// neither is, the request is forwarded to Backends.
type Action struct {
	From     *source.Node // the http[], tls[] or tcp[] element
	Backends []Backend
	Redirect *Redirect
	Direct   *Direct
	Rewrite  *Rewrite
	*Headers // of all backends
	Timeout  *Timeout
	Retry    *Retry
	Mirrors  []Mirror
	CORS     *CORS
	Fault    *Fault
	// Annotations say to the implementation what a rule has no words for. They hold
	// for all rules of a route, so that those with others stand in another one.
	Annotations map[string]string
	// Opaque names what is done besides and nobody here can judge: an ExtensionRef,
	// a backend that is no Service. An action with it is not proven equal to any
	// other, whatever the other's Opaque says.
	Opaque []string
}

// Backend is a Service port that gets a share of the requests.
type Backend struct {
	From     *source.Node // the route[] element, or the mirror's destination
	Host     string       // as resolved by Istio: reviews.books.svc.cluster.local
	Service  Name         // the Service to send to, one made for a subset included
	Port     uint32       // 0: unknown, no backendRef can be written
	Weight   uint32       // share is Weight by the sum of all
	*Headers              // of this backend
	// Broken says that a finding already explains why the backend can't be
	// reached by a Service reference (external host, unknown port).
	Broken bool
	// Outside is what is known of a host that is no Service, and of the port; nil
	// where nothing is. Broken is set as well: core Gateway API can't refer to it.
	Outside *Outside
	// Refused is the status with which the share is answered, since the reference
	// is not allowed; 0 forwards. The rest of a refused backend is empty.
	Refused uint32
}

// Redirect answers with a Location.
type Redirect struct {
	From       *source.Node
	Scheme     string     // "" keeps
	Authority  string     // "" keeps; may carry a port
	Path       string     // replaces the whole path; "" keeps
	Prefix     string     // replaces the matched prefix; "" keeps
	Change     PathChange // what Prefix replaces
	Port       uint32     // 0: see PortSource
	PortSource PortSource
	Code       uint32 // 301, 302, 303, 307, 308
}

// PortSource is what Istio does about the port of a redirect that names none.
type PortSource uint8

// The sources of a redirect's port.
const (
	HostPort     PortSource = iota // the port of the Host header, default ports dropped (Envoy's default)
	ProtocolPort                   // derivePort: FROM_PROTOCOL_DEFAULT, the same to Envoy as HostPort
	ListenerPort                   // derivePort: FROM_REQUEST_PORT
)

// Direct answers without a backend.
type Direct struct {
	From   *source.Node
	Status uint32
	Body   string
}

// Rewrite changes the request before it is forwarded.
type Rewrite struct {
	From      *source.Node
	Path      string // replaces what Change says; "" keeps
	Change    PathChange
	Authority string
	Regex     string // pattern of a regular expression rewrite, with Subst
	Subst     string
}

// Headers says what happens to headers on the way to a backend and back. Few
// rules change any: where it is nil, nothing happens.
type Headers struct{ request, response HeaderOps }

// NewHeaders returns the changes to requests and responses.
func NewHeaders(request, response HeaderOps) *Headers { return &Headers{request, response} }

// Request returns what changes in the request.
func (h *Headers) Request() HeaderOps {
	if h == nil {
		return HeaderOps{}
	}
	return h.request
}

// Response returns what changes in the response.
func (h *Headers) Response() HeaderOps {
	if h == nil {
		return HeaderOps{}
	}
	return h.response
}

// HeaderOps changes headers; each list is ordered by name.
type HeaderOps struct {
	From   *source.Node // the request or response node
	Set    []Header
	Add    []Header
	Remove []string
}

// Empty tells whether o changes nothing.
func (o HeaderOps) Empty() bool { return len(o.Set)+len(o.Add)+len(o.Remove) == 0 }

// Header is a name and a value, which may hold Envoy formatters such as %REQ(x)%.
type Header struct{ Name, Value string }

// Timeout bounds a request with all its retries; 0 is no bound.
type Timeout struct {
	From    *source.Node // the element that holds the timeout key
	Request time.Duration
}

// Retry is a written retry policy (Istio retries twice where none is written).
type Retry struct {
	From     *source.Node
	Attempts int32 // retries after the first call; 0 turns retries off
	PerTry   time.Duration
	Backoff  time.Duration // base interval; 0 is Envoy's 25 ms
	On       []string      // Envoy's names of conditions; empty is Istio's default list
	Codes    []uint32
	// Annotated says that annotations of the route say so (Action.Annotations), and
	// the rule does not.
	Annotated bool
}

// Mirror sends a copy of a share of the requests elsewhere.
type Mirror struct {
	From    *source.Node // the node that holds the percentage, or the mirror
	Backend Backend
	Percent float64 // 0 to 100
}

// CORS is a cross-origin policy.
type CORS struct {
	From             *source.Node
	Origins          []StringMatch // Exact ("*" is a literal that means all), Prefix, Regex
	Methods          []string
	Headers          []string
	Expose           []string
	MaxAge           *time.Duration
	Credentials      *bool
	IgnorePreflights bool // unmatched preflights are answered, not forwarded
}

// Fault delays or refuses a share of the requests.
type Fault struct {
	From         *source.Node
	DelayPercent float64
	Delay        time.Duration
	AbortPercent float64
	Abort        string // the status, as "503", or with its protocol, as "grpc UNAVAILABLE"
}

// Refuses tells whether a refuses every request by itself: a direct response
// with an error status, or an abort of all requests.
func (a *Action) Refuses() bool {
	if a.Direct != nil && a.Direct.Status >= 400 {
		return true
	}
	return a.Fault != nil && a.Fault.AbortPercent >= 100
}
