package gwapi

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/check"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// oneOf picks one of values.
func oneOf[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

func randomOps(r *rand.Rand) route.HeaderOps {
	var ops route.HeaderOps
	for range r.IntN(3) {
		name := oneOf(r, "x-a", "X-A", "host", ":authority", "bad name", "x-b")
		h := route.Header{Name: name, Value: oneOf(r, "", "v", "a%%b", "%REQ(x)%", " ä ", "a  b", "web.example.com", "web:80")}
		switch r.IntN(3) {
		case 0:
			ops.Set = append(ops.Set, h)
		case 1:
			ops.Add = append(ops.Add, h)
		default:
			ops.Remove = append(ops.Remove, name)
		}
	}
	return ops
}

func randomAction(r *rand.Rand) *route.Action {
	a := &route.Action{Headers: route.NewHeaders(randomOps(r), randomOps(r))}
	paths := []string{"/", "/b", "/b/", "b", "/b?x=1", ""}
	switch r.IntN(6) {
	case 0:
		a.Redirect = &route.Redirect{
			Scheme: oneOf(r, "", "http", "https", "ftp"), Authority: oneOf(r, "", "A.example.com", "a.example.com:8443", "1.2.3.4", "[::1]:80", "a_b"),
			Path: oneOf(r, paths...), Port: oneOf[uint32](r, 0, 0, 80, 443, 9000), PortSource: oneOf(r, route.HostPort, route.ListenerPort), Code: oneOf[uint32](r, 301, 303, 308, 305),
		}
		if r.IntN(2) == 0 {
			a.Redirect.Path, a.Redirect.Prefix = "", a.Redirect.Path
		}
		return a
	case 1:
		a.Direct = &route.Direct{Status: oneOf[uint32](r, 200, 403)}
		return a
	case 2:
		a.Rewrite = &route.Rewrite{Path: oneOf(r, paths...), Authority: oneOf(r, "", "a.example.com", "a:80"), Regex: oneOf(r, "", "", "a")}
	case 3:
		a.Timeout = &route.Timeout{Request: oneOf(r, 0, time.Second, 1500*time.Microsecond, 200000*time.Hour)}
		a.Retry = &route.Retry{
			Attempts: oneOf[int32](r, 0, 1, 3), PerTry: oneOf(r, 0, 2*time.Second, time.Microsecond), Backoff: oneOf(r, 0, time.Millisecond),
			On: []string{oneOf(r, "5xx", "gateway-error", "reset", "connect-failure")}, Codes: []uint32{oneOf[uint32](r, 503, 304, 404), 503},
		}
	case 4:
		age := oneOf(r, 0, time.Hour, 300*time.Millisecond)
		a.CORS = &route.CORS{
			Methods: []string{oneOf(r, "GET", "*", "PROPFIND"), "GET"}, Headers: []string{oneOf(r, "x", "*", "bad name"), "x"}, Expose: []string{"y", "y"}, MaxAge: &age,
			Origins: []route.StringMatch{
				{Kind: oneOf(r, route.Exact, route.Regex, route.Prefix), Value: oneOf(r, "*", "https://a.b", "null", `https://.*\.a\.b`, ".*", "https://*.a.b")},
				{Kind: route.Exact, Value: oneOf(r, "http://a.b:80", "https://a.b/")},
			},
		}
	case 5:
		a.Mirrors = []route.Mirror{{Percent: oneOf(r, 100, 0, 0.5, 33.333333, 0.00001), Backend: randomBackend(r)}, {Percent: 100, Backend: randomBackend(r)}}
	}
	for range 1 + r.IntN(3) {
		a.Backends = append(a.Backends, randomBackend(r))
	}
	return a
}

func randomBackend(r *rand.Rand) route.Backend {
	return route.Backend{
		Service: route.Name{Namespace: "shop", Name: "web"}, Port: oneOf[uint32](r, 80, 80, 80, 0), Weight: oneOf[uint32](r, 0, 1, 5000000),
		Headers: route.NewHeaders(randomOps(r), randomOps(r)),
	}
}

// Whatever the rules are, the CRDs of every bundle take the routes.
func TestRandomRoutesAreValid(t *testing.T) {
	for _, b := range target.Bundles() {
		r := rand.New(rand.NewPCG(9, 10))
		checker := check.New(b)
		routes := 0
		for range 60 {
			table := &route.Table{
				Protocol: route.HTTP, Name: route.Name{Namespace: "shop", Name: "web"}, Hosts: []string{"a.example.com"},
				Entries: []route.Entry{{Parent: route.Name{Namespace: "shop", Name: "edge"}, Port: oneOf[uint32](r, 80, 443, 8080), Unknown: true}},
			}
			for range 1 + r.IntN(8) {
				act := randomAction(r)
				for range 1 + r.IntN(3) {
					m := randomMatch(r)
					if r.IntN(5) == 0 {
						m.Path.Value = oneOf(r, "/a//b", "/ä", "/a/./b", "/a/..", "/a%2fb", "/a b", "/a#b", "a", "/a?b", "(", "", "/a[0-9]+")
					}
					table.Rules = append(table.Rules, route.Rule{Name: oneOf(r, "", "same", "Foo_1", "ü"), Match: *m, Action: act})
				}
			}
			p := &pass{model: &mesh.Model{Tables: []*route.Table{table}}, opts: Options{GatewayClass: "istio", Bundle: b}}
			p.common = newShared(p.model, p.opts)
			for _, o := range p.httpRoutes(table) {
				routes++
				o.Value.SetName("web")
				text, err := json.Marshal(o.Value)
				if err != nil {
					t.Fatal(err)
				}
				problems, err := checker.Check(text)
				if err != nil {
					t.Fatal(err)
				}
				for _, problem := range problems {
					t.Errorf("%s: %s\n%s", b, problem, text)
				}
			}
		}
		if routes < 40 {
			t.Errorf("%s: only %d routes: the test looks at nothing", b, routes)
		}
	}
}
