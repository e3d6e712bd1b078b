// Package report makes of a conversion what a person decides by: how much of
// the input is served as before, what changes for which requests, what is lost,
// and what to do in which order.
package report

import "github.com/mesh2gw/mesh2gw/convert/hint"

// Version names the shape of Report in JSON; a change that breaks readers makes a
// new one. docs/schema/report.json describes it.
const Version = "mesh2gw.io/report/v1"

// Report is the dry run of a migration. Its JSON is deterministic: the same input
// and options give the same bytes.
type Report struct {
	Version    string      `json:"version"` // see Version
	Tool       string      `json:"tool"`    // version of mesh2gw
	Settings   []Setting   `json:"settings"`
	Summary    Summary     `json:"summary"`
	Namespaces []Namespace `json:"namespaces"` // ordered by name
	Hosts      []Host      `json:"hosts"`      // ordered by entry, then host
	Unlisted   []Unlisted  `json:"unlisted"`   // rules of the input that are in no host's list; ordered by place
	Findings   []Finding   `json:"findings"`   // ordered by place
	Accepted   []Accepted  `json:"accepted"`   // set aside by the authors of the input
	Sidecar    []Unasked   `json:"sidecar"`    // what the sidecar did that no route can
	// Hints say what the applications have to do themselves: as mesh2gw hints --lang json writes them.
	Hints []hint.Record `json:"hints"`
	// HintsCommand prints the code for Hints, in one of several languages; empty where there are none.
	HintsCommand string   `json:"hintsCommand"`
	Runbook      []Step   `json:"runbook"` // in order
	Sources      []Source `json:"sources"` // the input
	Objects      []Object `json:"objects"` // the output
}

// Setting is an option that the conversion was run with.
type Setting struct {
	Name  string `json:"name"` // of the flag, without dashes
	Value string `json:"value"`
}

// Counts say what becomes of rules. A rule is a match block, or an http[], tls[] or
// tcp[] element without one; it counts once, by the worst that happens to it at
// any host.
type Counts struct {
	Exact    int `json:"exact"`    // all requests are handled as before
	Differs  int `json:"differs"`  // some request is handled differently
	Lost     int `json:"lost"`     // requests are no longer served, which is an error; or nothing of the rule is written
	Unproven int `json:"unproven"` // the comparison met its bound
}

// Total is the number of rules.
func (c Counts) Total() int { return c.Exact + c.Differs + c.Lost + c.Unproven }

// Tally counts findings by severity.
type Tally struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
}

// Summary is the report in a few numbers.
type Summary struct {
	Read     int         `json:"read"`    // objects of the input, all kinds
	Written  int         `json:"written"` // objects of the output
	Kinds    []KindCount `json:"kinds"`   // ordered by kind
	Rules    Counts      `json:"rules"`
	Hosts    HostCounts  `json:"hosts"`
	Findings Tally       `json:"findings"`
	Accepted int         `json:"accepted"` // findings set aside
	Ready    Readiness   `json:"ready"`    // the worst of the namespaces
}

// KindCount counts the objects of one kind.
type KindCount struct {
	Kind    string `json:"kind"`
	Read    int    `json:"read"`
	Written int    `json:"written"`
}

// HostCounts count hosts at entry points by verdict.
type HostCounts struct {
	Equal    int `json:"equal"`
	Differs  int `json:"differs"`
	Unproven int `json:"unproven"`
}

// Readiness says what stands between a namespace and its migration.
type Readiness string

// The states of readiness.
const (
	Ready   Readiness = "ready"   // no warning and no error, all rules exact
	Review  Readiness = "review"  // a person must look: warnings, rules that are not exact, errors of today's configuration
	Blocked Readiness = "blocked" // errors of the migration: some request is handled differently, or a protection is gone
)

// Namespace is the state of one namespace of the input.
type Namespace struct {
	Name     string    `json:"name"`
	Ready    Readiness `json:"ready"`
	Rules    Counts    `json:"rules"`
	Findings Tally     `json:"findings"`
	Objects  int       `json:"objects"` // of Istio, in the input
	Reasons  []Reason  `json:"reasons"` // what keeps it from being ready, the most frequent first
}

// Reason counts the findings of one rule.
type Reason struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Title    string `json:"title"`
	Count    int    `json:"count"`
}

// Host is what one host does at one entry point, before and after.
type Host struct {
	Host        string       `json:"host"`       // exact name, *.suffix, "*" for any other, the Service's name in the mesh
	Entry       string       `json:"entry"`      // "Gateway shop/edge port 443 (HTTPS)"
	Namespaces  []string     `json:"namespaces"` // of the objects that route it, ordered
	Verdict     string       `json:"verdict"`    // equal, differs or not proven
	Reason      string       `json:"reason"`     // why it is not proven; or empty
	Paired      string       `json:"paired"`     // how the entry was found on the other side, where the names differ
	Before      []Rule       `json:"before"`     // in the order in which they are preferred
	After       []Rule       `json:"after"`
	Differences []Difference `json:"differences"`
	Omitted     int          `json:"omitted"` // differences past the first hundred, which are not listed
}

// Rule is a line of a decision list, in words.
type Rule struct {
	Match   string   `json:"match"`   // "GET /api*, header x-user: jason"; "any request"
	Action  string   `json:"action"`  // "forwards to reviews.shop:9080"
	Details []string `json:"details"` // "rewrites the path to /", "timeout 3s", ...
	Status  Status   `json:"status"`  // of a rule before; of a rule after: exact, or differs where it takes part in a difference
	Place   *Place   `json:"place"`   // in the input; null for what nobody wrote
	Object  *Line    `json:"object"`  // in the output; null for a rule before
	// Pairs are the indexes of the rules of the other side that serve requests of
	// this one: by origin, and by difference.
	Pairs []int `json:"pairs"`
}

// Unlisted is a rule of the input that is in no host's list: it is withheld, and
// lost, or decides nothing today, so that nothing of it is missed.
type Unlisted struct {
	Object   string `json:"object"` // "VirtualService shop/web"
	Field    string `json:"field"`  // "spec.http[0].match[1]"
	Place    Place  `json:"place"`
	Status   Status `json:"status"`   // lost or exact
	Findings []int  `json:"findings"` // indexes in Report.Findings of those that are about it
}

// Status is what becomes of a rule.
type Status string

// The states of rules.
const (
	Exact    Status = "exact"
	Differs  Status = "differs"
	Lost     Status = "lost"
	Unproven Status = "unproven"
)

// Place is a line of the input.
type Place struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	// Row is the line in the text of the source where that is another one: several
	// documents of one template bear one name, and each counts its own lines.
	Row int `json:"row,omitempty"`
}

// Line is a line of an object of the output.
type Line struct {
	Object int `json:"object"` // index in Report.Objects
	Line   int `json:"line"`   // of its YAML, from 1
}

// Difference is a request that is decided differently.
type Difference struct {
	Curl       string   `json:"curl"`
	Request    string   `json:"request"` // "GET https://shop.example.com/apix"
	Before     int      `json:"before"`  // index in Host.Before; -1: no rule, 404
	After      int      `json:"after"`   // index in Host.After; -1: no rule, 404
	BeforeDoes string   `json:"beforeDoes"`
	AfterDoes  string   `json:"afterDoes"`
	Aspects    []string `json:"aspects"`
	Possible   bool     `json:"possible"` // on some implementations only
	Opens      bool     `json:"opens"`    // refused before, and not after
	Findings   []int    `json:"findings"` // indexes in Report.Findings that explain it, if known
}

// Finding is a finding of the conversion or of the configuration.
type Finding struct {
	ID          string `json:"id"`
	Severity    string `json:"severity"`
	Group       string `json:"group"`
	Title       string `json:"title"`
	File        string `json:"file"`
	Line        int    `json:"line"`
	Column      int    `json:"column"`
	Row         int    `json:"row,omitempty"` // see Place
	Object      string `json:"object"`
	Field       string `json:"field"`
	Namespace   string `json:"namespace"` // of the object; "" without one
	Message     string `json:"message"`
	Hint        string `json:"hint"`
	Fingerprint string `json:"fingerprint"`
}

// Accepted is a finding that was set aside.
type Accepted struct {
	Finding
	By     string `json:"by"`     // comment, annotation, configuration or baseline
	Reason string `json:"reason"` // as the author wrote it
}

// Unasked is something that the sidecar did unasked.
type Unasked struct {
	Title  string  `json:"title"` // "mutual TLS between workloads"
	Text   string  `json:"text"`  // what is different without it
	Advice string  `json:"advice"`
	Where  string  `json:"where"`  // how this input is concerned: "14 of 20 routes set no retries"
	Places []Place `json:"places"` // some of them, at most 10
}

// Step is a step of the cut-over.
type Step struct {
	Title    string   `json:"title"`
	Text     string   `json:"text"`
	Commands []string `json:"commands"` // for a POSIX shell
	Back     string   `json:"back"`     // the way back from here
}

// Source is a file of the input.
type Source struct {
	File string `json:"file"`
	Text string `json:"text"`
}

// Object is an object of the output.
type Object struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Origin    *Place `json:"origin"`
	YAML      string `json:"yaml"`
	// Lines say for each rule of a route where it stands in YAML and what it comes from.
	Lines []Mapping `json:"lines"`
}

// Mapping links a line of the output to the input.
type Mapping struct {
	Line  int   `json:"line"` // of the YAML, from 1
	Place Place `json:"place"`
}
