package gwapi

import (
	"fmt"
	"strings"
	"testing"

	networking "istio.io/api/networking/v1alpha3"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// wide is a Gateway with more listeners than fit, of which https-0 asks for
// client certificates and others of its port do not.
func wide() *mesh.Gateway {
	g := &mesh.Gateway{Name: route.Name{Namespace: "infra", Name: "wide"}, Object: &istio.Object{Document: &source.Document{}}, Spec: &networking.Gateway{}}
	for i := range 70 {
		mode := networking.ServerTLSSettings_SIMPLE
		if i == 0 {
			mode = networking.ServerTLSSettings_MUTUAL
		}
		g.Listeners = append(g.Listeners, &mesh.Listener{
			Name: fmt.Sprintf("https-%d", i), Port: 443, Protocol: mesh.ListenHTTPS, Hostname: fmt.Sprintf("h%d.example.com", i),
			Server: &networking.Server{Tls: &networking.ServerTLSSettings{Mode: mode, CredentialName: "c"}},
		})
	}
	return g
}

func spellParents(refs []gatewayv1.ParentReference) string {
	var all []string
	for _, r := range refs {
		s := strings.TrimPrefix(string(deref(r.Group)), "gateway.networking.") + " " + string(deref(r.Kind)) + " " + string(deref(r.Namespace)) + "/" + string(r.Name)
		if r.SectionName != nil {
			s += " section " + string(*r.SectionName)
		}
		if r.Port != nil {
			s += fmt.Sprintf(" port %d", *r.Port)
		}
		all = append(all, s)
	}
	return strings.Join(all, "; ")
}

func TestParentRefs(t *testing.T) {
	infra := route.Name{Namespace: "infra", Name: "wide"}
	empty := &mesh.Gateway{Name: route.Name{Namespace: "infra", Name: "empty"}, Object: &istio.Object{Document: &source.Document{}}, Spec: &networking.Gateway{}}
	model := &mesh.Model{Gateways: []*mesh.Gateway{empty, wide()}}
	standard := target.Bundle{Version: target.V17, Channel: target.Standard}
	for _, c := range []struct {
		name    string
		entries []route.Entry
		bundle  target.Bundle
		want    string
	}{
		{"a listener of the Gateway", []route.Entry{{Parent: infra, Section: "https-1", Port: 443}}, standard, "k8s.io Gateway infra/wide section https-1"},
		{"without naming it", []route.Entry{{Parent: infra, Section: "https-1", Port: 443, Implied: true}}, standard, "k8s.io Gateway infra/wide"},
		{"two listeners without naming them", []route.Entry{{Parent: infra, Section: "https-2", Implied: true}, {Parent: infra, Section: "https-1", Implied: true}}, standard, "k8s.io Gateway infra/wide"},
		{"a listener of a ListenerSet", []route.Entry{{Parent: infra, Section: "https-64"}}, standard, "k8s.io ListenerSet infra/wide-listeners-2 section https-64"},
		{"of an XListenerSet", []route.Entry{{Parent: infra, Section: "https-64"}}, target.Bundle{Version: target.V14, Channel: target.Experimental}, "x-k8s.io XListenerSet infra/wide-listeners-2 section https-64"},
		{"past what the bundle takes", []route.Entry{{Parent: infra, Section: "https-64"}}, target.Bundle{Version: target.V14, Channel: target.Standard}, ""},
		{"a listener that checks no client certificate", []route.Entry{{Parent: infra, Section: "https-0"}}, standard, ""},
		{"all listeners", []route.Entry{{Parent: infra}}, standard, "k8s.io Gateway infra/wide; k8s.io ListenerSet infra/wide-listeners-2"},
		{"a Gateway that is not written", []route.Entry{{Parent: empty.Name}}, standard, ""},
		{
			"sorted",
			[]route.Entry{{Parent: infra, Section: "https-65"}, {Parent: infra, Section: "https-3"}, {Parent: infra, Section: "https-1"}},
			standard,
			"k8s.io Gateway infra/wide section https-1; k8s.io Gateway infra/wide section https-3; k8s.io ListenerSet infra/wide-listeners-2 section https-65",
		},
		{"an unknown Gateway", []route.Entry{{Parent: route.Name{Namespace: "shop", Name: "other"}, Unknown: true}}, standard, "k8s.io Gateway /other"},
		{"an unknown Gateway by port", []route.Entry{{Parent: route.Name{Namespace: "x", Name: "other"}, Port: 8080, Unknown: true}}, standard, "k8s.io Gateway x/other port 8080"},
		{"a Service", []route.Entry{{Mesh: true, Parent: route.Name{Namespace: "shop", Name: "web"}}}, standard, " Service /web"},
		{"a Service's port elsewhere", []route.Entry{{Mesh: true, Parent: route.Name{Namespace: "x", Name: "web"}, Port: 80}}, standard, " Service x/web port 80"},
	} {
		p := &pass{model: model, opts: Options{Bundle: c.bundle}}
		refs := p.parentRefs(&route.Table{Name: route.Name{Namespace: "shop", Name: "web"}, Entries: c.entries})
		if got := spellParents(refs); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// No combination of modes on a port serves a host that asks for client
// certificates without a check of them.
func TestClientChecksFailClosed(t *testing.T) {
	modes := []networking.ServerTLSSettings_TLSmode{networking.ServerTLSSettings_SIMPLE, networking.ServerTLSSettings_MUTUAL, networking.ServerTLSSettings_OPTIONAL_MUTUAL}
	for _, bundle := range target.Bundles() {
		for i := range 3 * 3 * 3 * 8 {
			g := &mesh.Gateway{}
			for j := range 3 {
				digit := i / []int{1, 3, 9}[j] % 3
				protocol := mesh.ListenHTTPS
				if i/27>>j&1 == 1 {
					protocol = mesh.ListenTLS
				}
				g.Listeners = append(g.Listeners, &mesh.Listener{Port: 443, Protocol: protocol, Server: &networking.Server{Tls: &networking.ServerTLSSettings{
					Mode: modes[digit], CredentialName: fmt.Sprintf("c%d", digit),
				}}})
			}
			checks := clientChecks(g, bundle)
			simple := false
			for _, n := range g.Listeners {
				simple = simple || n.Protocol == mesh.ListenHTTPS && n.Server.Tls.Mode == networking.ServerTLSSettings_SIMPLE
			}
			served := map[clientCheck]bool{}
			for _, n := range g.Listeners {
				c, asks := checks[n]
				if asks != (n.Server.Tls.Mode != networking.ServerTLSSettings_SIMPLE) {
					t.Fatalf("case %d: listener with mode %s asks: %v", i, n.Server.Tls.Mode, asks)
				}
				if asks && c.refusal == "" {
					served[c] = true
					if simple || n.Protocol != mesh.ListenHTTPS || !bundle.Has(target.FrontendTLS) {
						t.Errorf("%s case %d: a listener with mode %s is served where its check can't be said", bundle, i, n.Server.Tls.Mode)
					}
				}
			}
			if len(served) > 1 {
				t.Errorf("%s case %d: one port has %d checks", bundle, i, len(served))
			}
		}
	}
}
