// Package plan holds the requests that a probe sends, each with what is
// expected of its answer: made from the route tables of manifests, and edited
// by people.
package plan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/net/http/httpguts"
)

// Version is that of the plans that Write writes and Read takes.
const Version = 1

// Plan is a list of requests. docs/schema/probe-plan.json is its JSON schema.
type Plan struct {
	Version  int       `yaml:"version" json:"version"`
	Requests []Request `yaml:"requests" json:"requests"`
}

// Request is one request, with what is expected of its answer.
type Request struct {
	Name     string            `yaml:"name" json:"name"`                             // unique in the plan
	Why      string            `yaml:"why,omitempty" json:"why,omitempty"`           // what it shows: the rule that decides, or the one that is missed
	Method   string            `yaml:"method,omitempty" json:"method,omitempty"`     // "" is GET
	Scheme   string            `yaml:"scheme,omitempty" json:"scheme,omitempty"`     // "" is http; chooses among the URLs of a side
	Host     string            `yaml:"host" json:"host"`                             // Host header or :authority, and SNI; may carry a port
	Path     string            `yaml:"path" json:"path"`                             // with the query, as it is sent
	Headers  map[string]string `yaml:"headers,omitempty" json:"headers,omitempty"`   // beside Host
	Body     string            `yaml:"body,omitempty" json:"body,omitempty"`         // as it is sent
	Protocol string            `yaml:"protocol,omitempty" json:"protocol,omitempty"` // one of Protocols; "" is http/1.1
	Caller   string            `yaml:"caller,omitempty" json:"caller,omitempty"`     // who has to send it, where that decides; not sent by others
	Weight   int               `yaml:"weight,omitempty" json:"weight,omitempty"`     // share of the load; 0 is 1, and -1 none: asked for its behaviour alone
	Expect   Expect            `yaml:"expect,omitempty" json:"expect,omitempty"`
	// Differs says what is known to be different afterwards, where the plan was made
	// from manifests whose conversion has findings. Such a difference is reported,
	// and fails no run.
	Differs string `yaml:"differs,omitempty" json:"differs,omitempty"`
}

// Expect is what the answer has to be. What is empty is not asked for.
type Expect struct {
	Status       int                `yaml:"status,omitempty" json:"status,omitempty"`
	Headers      map[string]string  `yaml:"headers,omitempty" json:"headers,omitempty"`   // of the answer, by name
	Redirect     string             `yaml:"redirect,omitempty" json:"redirect,omitempty"` // the Location, as a whole URL
	Backend      string             `yaml:"backend,omitempty" json:"backend,omitempty"`   // as the probe is told to read it from answers: "reviews-v1.shop:9080"
	Shares       map[string]float64 `yaml:"shares,omitempty" json:"shares,omitempty"`     // of backends; they sum up to 1
	BodyContains string             `yaml:"bodyContains,omitempty" json:"bodyContains,omitempty"`
}

// Protocols are what a request may ask for.
var Protocols = []string{"http/1.1", "h2", "h2c", "grpc"}

// Verb is the method, with its default.
func (r *Request) Verb() string {
	if r.Method == "" {
		return "GET"
	}
	return r.Method
}

// Unsafe tells whether r may change state: all methods may that RFC 9110, 9.2.1
// does not call safe.
func (r *Request) Unsafe() bool {
	return !slices.Contains([]string{"GET", "HEAD", "OPTIONS", "TRACE"}, r.Verb())
}

// Read reads a plan. Unknown keys, and what can't be sent, are errors that name
// the line or the request.
func Read(data []byte) (*Plan, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	p := &Plan{}
	if err := decoder.Decode(p); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it is empty")
		}
		text := strings.TrimPrefix(err.Error(), "yaml: ")
		if several := new(yaml.TypeError); errors.As(err, &several) {
			text = strings.Join(several.Errors, "; ")
		}
		return nil, errors.New(strings.ReplaceAll(text, "plan.", ""))
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("it holds more than one document")
	}
	return p, p.valid()
}

// Write spells a plan.
func (p *Plan) Write(w io.Writer) error {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(p), encoder.Close()); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (p *Plan) valid() error {
	if p.Version != Version {
		return fmt.Errorf("version is %d, and this mesh2gw reads version %d", p.Version, Version)
	}
	if len(p.Requests) == 0 {
		return errors.New("it has no requests")
	}
	names := map[string]bool{}
	for i := range p.Requests {
		r := &p.Requests[i]
		if r.Name == "" {
			return fmt.Errorf("requests[%d] has no name", i)
		}
		if names[r.Name] {
			return fmt.Errorf("there are two requests named %q", r.Name)
		}
		names[r.Name] = true
		if err := r.valid(); err != nil {
			return fmt.Errorf("request %q: %w", r.Name, err)
		}
	}
	return nil
}

// valid tells what keeps r from being sent as it is written, such as a line break
// in a header (RFC 9112).
func (r *Request) valid() error {
	switch {
	case !httpguts.ValidHeaderFieldName(r.Verb()):
		return fmt.Errorf("method %q is no method", r.Method)
	case r.Scheme != "" && r.Scheme != "http" && r.Scheme != "https":
		return fmt.Errorf("scheme is %q: want http or https", r.Scheme)
	case r.Host == "" || !httpguts.ValidHostHeader(r.Host) || strings.ContainsAny(r.Host, "/@?#"):
		return fmt.Errorf("host %q is no host", r.Host)
	case !strings.HasPrefix(r.Path, "/") && r.Path != "*" || strings.ContainsFunc(r.Path, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '#' }):
		return fmt.Errorf("path %q can't be sent: it begins with / and has neither spaces nor #", r.Path)
	case r.Protocol != "" && !slices.Contains(Protocols, r.Protocol):
		return fmt.Errorf("protocol is %q: want %s", r.Protocol, strings.Join(Protocols, ", "))
	case r.Protocol == "h2c" && r.Scheme == "https", r.Protocol == "h2" && r.Scheme != "https":
		return fmt.Errorf("protocol %s does not go with scheme %s", r.Protocol, r.scheme())
	case r.Weight < -1:
		return fmt.Errorf("weight is %d: want -1 or more", r.Weight)
	}
	for name, value := range r.Headers {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return fmt.Errorf("header %q: %q can't be sent", name, value)
		}
	}
	return r.Expect.valid()
}

func (r *Request) scheme() string {
	if r.Scheme == "" {
		return "http"
	}
	return r.Scheme
}

func (e *Expect) valid() error {
	if e.Status != 0 && (e.Status < 200 || e.Status > 599) {
		return fmt.Errorf("expect.status is %d: want 200 to 599", e.Status)
	}
	sum := 0.0
	for name, share := range e.Shares {
		if share < 0 || share > 1 {
			return fmt.Errorf("expect.shares of %s is %g: want 0 to 1", name, share)
		}
		sum += share
	}
	if len(e.Shares) > 0 && (sum < 0.999 || sum > 1.001) {
		return fmt.Errorf("expect.shares sum up to %g: want 1", sum)
	}
	return nil
}
