package target

// Limits are the sizes that the CRDs of a bundle allow. Lengths of texts count
// characters, so that a length in bytes is on the safe side.
type Limits struct {
	ParentRefs       int // of any route
	Hostnames        int // of an HTTPRoute or GRPCRoute
	TLSHostnames     int // of a TLSRoute, which needs at least one
	Rules            int // of an HTTPRoute or GRPCRoute; a TLSRoute and a TCPRoute have one
	Matches          int // of one rule
	MatchesTotal     int // of all rules of a route
	Headers          int // of one match
	QueryParams      int // of one match
	Filters          int // of one rule or backendRef
	HeaderEdits      int // of one set, add or remove list
	BackendRefs      int // of one rule of any route
	PathLength       int // characters of a path match or replacement
	HeaderValue      int // characters of a header match or edit
	QueryValue       int // characters of a query match
	Listeners        int // of a Gateway or ListenerSet
	CertificateRefs  int // of one listener
	Annotations      int // of Gateway spec.infrastructure
	Labels           int // of Gateway spec.infrastructure
	CACertificates   int // caCertificateRefs of Gateway spec.tls.frontend
	FrontendPorts    int // perPort of Gateway spec.tls.frontend
	CORSList         int // allowOrigins, allowHeaders, exposeHeaders
	SubjectAltNames  int // of a BackendTLSPolicy
	BackendCAs       int // caCertificateRefs of a BackendTLSPolicy
	PolicyTargets    int // targetRefs of a BackendTLSPolicy
	GrantFrom        int // of a ReferenceGrant
	GrantTo          int // of a ReferenceGrant
	Weight           int // largest weight of a backendRef
	RedirectPrefixes int // matches of a rule that uses ReplacePrefixMatch
}

// Limits returns the sizes that b allows.
func (b Bundle) Limits() Limits {
	l := Limits{
		ParentRefs: 32, Hostnames: 16, TLSHostnames: 16,
		Rules: 16, Matches: 64, MatchesTotal: 128, Headers: 16, QueryParams: 16,
		Filters: 16, HeaderEdits: 16, BackendRefs: 16,
		PathLength: 1024, HeaderValue: 4096, QueryValue: 1024,
		Listeners: 64, CertificateRefs: 64, Annotations: 8, Labels: 8, CACertificates: 8, FrontendPorts: 64,
		CORSList: 64, SubjectAltNames: 5, BackendCAs: 8, PolicyTargets: 16, GrantFrom: 16, GrantTo: 16,
		Weight: 1000000, RedirectPrefixes: 1,
	}
	if b.Version.minor() >= 6 {
		l.Annotations, l.CACertificates, l.TLSHostnames = 16, 16, 1024
	}
	return l
}
