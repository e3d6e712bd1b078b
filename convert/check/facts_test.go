package check

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"

	"github.com/mesh2gw/mesh2gw/convert/check/internal/schema"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Package target's facts are derived again from the schemas here, since target is
// what this package rests on.

// node is the schema at a path such as rules[].retry below spec, or nil.
func node(t *testing.T, b target.Bundle, kind, path string) *structuralschema.Structural {
	t.Helper()
	apiVersion, ok := b.APIVersion(kind)
	if !ok {
		return nil
	}
	return nodeOf(t, b, apiVersion, kind, path)
}

func nodeOf(t *testing.T, b target.Bundle, apiVersion, kind, path string) *structuralschema.Structural {
	t.Helper()
	v, problem, err := New(b).version(identity{apiVersion: apiVersion, kind: kind})
	if err != nil {
		t.Fatal(err)
	}
	if problem != nil {
		return nil
	}
	s := v.schema
	for _, name := range strings.Split("spec."+path, ".") {
		name, isList := strings.CutSuffix(name, "[]")
		below, ok := s.Properties[name]
		if !ok {
			return nil
		}
		if s = &below; isList {
			s = s.Items
		}
	}
	return s
}

// takes says whether a bundle takes an object, which settles what CEL rules decide.
func takes(t *testing.T, b target.Bundle, object string) bool {
	t.Helper()
	problems, err := New(b).Check(toJSON(t, object))
	if err != nil {
		t.Fatal(err)
	}
	return len(problems) == 0
}

// evidence says, for each feature, whether the CRDs of a bundle have it.
var evidence = map[target.Feature]func(*testing.T, target.Bundle) bool{
	target.HTTPRouteRetry: present("HTTPRoute", "rules[].retry.codes"),
	target.RetryAttemptsZero: func(t *testing.T, b target.Bundle) bool {
		return takes(t, b, routeHead+"  rules: [{retry: {attempts: 0}}]\n")
	},
	target.CORS:            present("HTTPRoute", "rules[].filters[].cors.allowOrigins"),
	target.MirrorFraction:  present("HTTPRoute", "rules[].filters[].requestMirror.fraction", "rules[].filters[].requestMirror.percent"),
	target.RequestTimeouts: present("HTTPRoute", "rules[].timeouts.request", "rules[].timeouts.backendRequest"),
	target.RuleNames: func(t *testing.T, b target.Bundle) bool {
		return present("HTTPRoute", "rules[].name")(t, b) && present("GRPCRoute", "rules[].name")(t, b)
	},
	target.RedirectCodes: func(t *testing.T, b target.Bundle) bool {
		object := routeHead + "  rules: [{filters: [{type: RequestRedirect, requestRedirect: {statusCode: %d}}]}]\n"
		taken := 0
		for _, code := range []int{303, 307, 308} {
			if takes(t, b, fmt.Sprintf(object, code)) {
				taken++
			}
		}
		if taken != 0 && taken != 3 {
			t.Errorf("%d of 3 status codes", taken)
		}
		return taken == 3
	},
	target.ParentRefPort: present("HTTPRoute", "parentRefs[].port"),
	target.ParentRefsByPort: func(t *testing.T, b target.Bundle) bool {
		return takes(t, b, routeHead+"  parentRefs: [{name: g, port: 80}, {name: g, port: 81}]\n")
	},
	target.AnyHeaderValue: func(t *testing.T, b target.Bundle) bool {
		match := takes(t, b, routeHead+"  rules: [{matches: [{headers: [{name: a, value: 'x  ü'}]}]}]\n")
		edit := takes(t, b, routeHead+"  rules: [{filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: 'x  ü'}]}}]}]\n")
		if match != edit {
			t.Errorf("in a match %t, in an edit %t", match, edit)
		}
		return match
	},
	target.Infrastructure: present("Gateway", "infrastructure.labels", "infrastructure.annotations"),
	target.FrontendTLS: present("Gateway", "tls.frontend.default.validation.caCertificateRefs[].name",
		"tls.frontend.perPort[].tls.validation.mode", "tls.frontend.perPort[].port"),
	target.BackendClientCertificate: present("Gateway", "tls.backend.clientCertificateRef.name"),
	target.SessionCookieConfig:      present("HTTPRoute", "rules[].sessionPersistence.cookieConfig.lifetimeType", "rules[].sessionPersistence.sessionName"),
	target.SessionCookie:            present("HTTPRoute", "rules[].sessionPersistence.cookie.name", "rules[].sessionPersistence.header.name"),
	target.EndpointSelector: func(t *testing.T, b target.Bundle) bool {
		s := nodeOf(t, b, target.GroupX+"/v1alpha1", "XBackend", "type")
		return s != nil && strings.Contains(fmt.Sprint(s.ValueValidation.Enum), "EndpointSelector")
	},
	target.GRPCRoutes: served("GRPCRoute"),
	target.TLSRoutes:  served("TLSRoute"),
	target.TCPRoutes:  served("TCPRoute"),
	target.ListenerSets: func(t *testing.T, b target.Bundle) bool {
		set := served("ListenerSet")(t, b) || served("XListenerSet")(t, b)
		if allowed := present("Gateway", "allowedListeners.namespaces.from")(t, b); allowed != set {
			t.Errorf("ListenerSet %t, allowedListeners %t", set, allowed)
		}
		return set
	},
	target.BackendTLSPolicies: served("BackendTLSPolicy"),
	target.ReferenceGrants:    served("ReferenceGrant"),
}

func present(kind string, paths ...string) func(*testing.T, target.Bundle) bool {
	return func(t *testing.T, b target.Bundle) bool {
		found := 0
		for _, path := range paths {
			if node(t, b, kind, path) != nil {
				found++
			}
		}
		if found != 0 && found != len(paths) {
			t.Errorf("%d of %v", found, paths)
		}
		return found == len(paths)
	}
}

func served(kind string) func(*testing.T, target.Bundle) bool {
	return func(t *testing.T, b target.Bundle) bool { return len(servedVersions(t, b)[kind]) > 0 }
}

// servedVersions are the apiVersions that a bundle serves, by kind.
func servedVersions(t *testing.T, b target.Bundle) map[string][]string {
	t.Helper()
	index, err := schema.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string][]string{}
	for _, k := range index.Kinds {
		for _, v := range k.Served {
			versions[k.Kind] = append(versions[k.Kind], k.Group+"/"+v)
		}
	}
	return versions
}

func TestFeatures(t *testing.T) {
	for _, b := range target.Bundles() {
		t.Run(b.String(), func(t *testing.T) {
			t.Parallel()
			for _, f := range target.Features() {
				proof, ok := evidence[f]
				if !ok {
					t.Errorf("no evidence for %s", f)
					continue
				}
				if got, want := b.Has(f), proof(t, b); got != want {
					t.Errorf("%s: target says %t, the CRDs say %t", f, got, want)
				}
			}
		})
	}
}

// The apiVersion of a kind is served, and no newer one is: stable before beta
// before alpha, and higher before lower, as Kubernetes orders them.
func TestAPIVersions(t *testing.T) {
	kinds := []string{"GatewayClass", "Gateway", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "ListenerSet", "XListenerSet", "BackendTLSPolicy", "ReferenceGrant", "VirtualService"}
	for _, b := range target.Bundles() {
		versions := servedVersions(t, b)
		for _, kind := range kinds {
			newest := ""
			for _, v := range versions[kind] {
				newest = newer(newest, v)
			}
			got, ok := b.APIVersion(kind)
			if ok != (newest != "") || ok && got != newest {
				t.Errorf("%s in %s: target says %q %t, the CRDs serve %v", kind, b, got, ok, versions[kind])
			}
		}
	}
}

func newer(a, b string) string {
	rank := func(v string) int {
		switch {
		case v == "":
			return 0
		case strings.Contains(v, "alpha"):
			return 1
		case strings.Contains(v, "beta"):
			return 2
		}
		return 3
	}
	if cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) < 0 {
		return b
	}
	return a
}
