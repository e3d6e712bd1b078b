package trial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// world is a data plane that does what a routing says, with backends that name
// themselves.
type world struct {
	routing *route.Routing
	plant   func(w http.ResponseWriter, r *http.Request) bool // answers in place of the routing
}

// ServeHTTP decides as the first rule that holds.
func (w *world) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	if w.plant != nil && w.plant(out, in) {
		return
	}
	r := route.Request{Method: in.Method, Path: in.URL.Path, Authority: in.Host, Scheme: "http", Headers: map[string]string{}, Query: map[string]string{}}
	if in.TLS != nil {
		r.Scheme = "https"
	}
	for name, values := range in.Header {
		r.Headers[strings.ToLower(name)] = values[0]
	}
	for name, values := range in.URL.Query() {
		r.Query[name] = values[0]
	}
	for _, d := range w.routing.Doors {
		list := prove.ListFor(d, in.Host)
		if d.Entry.Mesh && in.Host != d.Entry.Parent.Name+"."+d.Entry.Parent.Namespace {
			continue
		}
		if d.Protocol != route.HTTP || d.Secure != (in.TLS != nil) || list == nil {
			continue
		}
		for _, rule := range list.Rules {
			if rule.Match.Holds(&r) {
				act(out, d, rule, r)
				return
			}
		}
	}
	out.WriteHeader(404)
}

// act does what a rule does.
func act(out http.ResponseWriter, d *route.Door, rule *route.Rule, r route.Request) {
	a := rule.Action
	switch {
	case a.Direct != nil:
		out.WriteHeader(int(a.Direct.Status))
		fmt.Fprint(out, a.Direct.Body)
	case a.Redirect != nil:
		out.Header().Set("Location", prove.Location(d, rule, r))
		out.WriteHeader(int(a.Redirect.Code))
	case len(a.Backends) == 0:
		out.WriteHeader(500)
	default:
		sum := uint32(0)
		for _, b := range a.Backends {
			sum += b.Weight
		}
		at := rand.Uint32N(sum)
		i := slices.IndexFunc(a.Backends, func(b route.Backend) bool {
			if at < b.Weight {
				return true
			}
			at -= b.Weight
			return false
		})
		b := a.Backends[i]
		out.Header().Set("X-Backend", fmt.Sprintf("%s.%s:%d", b.Service.Name, b.Service.Namespace, b.Port))
		fmt.Fprintf(out, "hello from %s", b.Service)
	}
}

// side serves w over HTTP and HTTPS.
func (w *world) side(t *testing.T, name string) *client.Side {
	t.Helper()
	s := &client.Side{Name: name, Base: map[string]*url.URL{}, TLS: &tls.Config{InsecureSkipVerify: true, RootCAs: x509.NewCertPool()}}
	for _, server := range []*httptest.Server{httptest.NewServer(w), httptest.NewTLSServer(w)} {
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		t.Cleanup(server.Close)
		u, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		s.Base[u.Scheme] = u
	}
	return s
}

// routings are what the sample decides, and what its conversion does.
func routings(t *testing.T, folder string) (before *route.Routing, known []prove.Result, after *route.Routing) {
	t.Helper()
	ctx := context.Background()
	files, err := source.Collect([]string{folder}, nil)
	if err != nil {
		t.Fatal(err)
	}
	side, err := convert.ReadSide(ctx, files, nil, convert.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	after = &route.Routing{}
	_, err = convert.Convert(ctx, files, convert.Options{Compared: func(all []prove.Result) {
		known = append(known, all...)
		for _, r := range all {
			if r.After != nil && !slices.Contains(after.Doors, r.After) {
				after.Doors = append(after.Doors, r.After)
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return side.Routing, known, after
}

// TestSampleAgainstItsConversion: a plan of the sample finds what is planted into
// the converted side, what is known to change, and nothing else.
func TestSampleAgainstItsConversion(t *testing.T) {
	before, known, after := routings(t, "../../../../../testdata/bookinfo")
	p, left := plan.Build(before, known, plan.Options{NearMisses: plan.DefaultNearMisses})
	if len(p.Requests) < 15 || len(left.Reasons) > 0 {
		t.Fatalf("%d requests planned: %+v", len(p.Requests), left)
	}
	backend, err := behave.ParseBackend("header:x-backend")
	if err != nil {
		t.Fatal(err)
	}
	run := func(plant func(http.ResponseWriter, *http.Request) bool) *result.Run {
		one, other := &world{routing: before}, &world{routing: after, plant: plant}
		r, err := Behaviour(context.Background(), p, Options{
			Sides: []*client.Side{one.side(t, "before"), other.side(t, "after")}, Workers: 4, Repeats: 2, Behave: behave.Options{Backend: backend},
		})
		if err != nil || len(r.Invalid) > 0 {
			t.Fatal(err, r.Invalid)
		}
		return r
	}
	clean := run(nil)
	if s := clean.Summary; s.Changed+s.Unclear+s.Failed > 0 || s.Known != 2 || s.Skipped > 0 {
		t.Errorf("without a plant: %+v", s)
	}
	for _, q := range clean.Requests {
		if len(q.Unexpected["before"]) > 0 {
			t.Errorf("%s is not as planned: %v", q.Name, q.Unexpected)
		}
	}
	for name, plant := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"another backend": func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/login" {
				w.Header().Set("X-Backend", "old.bookinfo:9080")
			}
			return r.URL.Path == "/login"
		},
		"a redirect that is lost": func(_ http.ResponseWriter, r *http.Request) bool { return r.URL.Path == "/index.html" },
		"a header of security": func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/logout" {
				w.Header().Set("Strict-Transport-Security", "max-age=1")
			}
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(plant)
			var changed []string
			for _, q := range r.Requests {
				if q.Verdict == result.Changed {
					changed = append(changed, q.Name)
				}
			}
			if r.Summary.Known != 2 || len(changed) != 1 {
				t.Errorf("found %v: %+v", changed, r.Summary)
			}
		})
	}
}
