package cluster

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

const bookinfo = "../../testdata/bookinfo"

// ready is a server with the CRDs, a namespace and a GatewayClass.
func ready(t *testing.T, bundle string) *server {
	t.Helper()
	s := start(t)
	s.install(t, bundle)
	for _, name := range []string{"bookinfo", "istio-system"} {
		s.makes(t, namespaces, `{apiVersion: v1, kind: Namespace, metadata: {name: `+name+`}}`)
	}
	return s
}

// converted is the folder with the sample's conversion for a class.
func (s *server) converted(t *testing.T, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	s.as(t, nobody, append([]string{"convert", bookinfo, "--out-dir", dir, "--gateway-class", "demo", "--gateway-api", "1.6", "--mesh", "off", "--fail-on", "never"}, args...)...).wants(t, 0)
	return dir
}

var summary = regexp.MustCompile(`(\d+) created, (\d+) changed, (\d+) unchanged, (\d+) removed`)

// TestApply: applied once, all is there and accepted; applied again, nothing changes;
// what the input does not hold any more is pruned; a rollback leaves nothing, and
// Istio's objects are as they were.
func TestApply(t *testing.T) {
	s := ready(t, "")
	s.class(t, "demo")
	s.controller(t)
	s.makes(t, istioVS, `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: old, namespace: bookinfo}, spec: {hosts: [books.example.com], http: [{route: [{destination: {host: a}}]}]}}`)
	dir := s.converted(t)
	dry := s.as(t, admin, "apply", dir, "--dry-run=server")
	dry.wants(t, 0, "a dry run: ", "+  name: ", "Gateway API v1.6", "VirtualService bookinfo/old serves books.example.com too")
	if n := s.count(t, httpRoutes, ""); n != 0 {
		t.Fatalf("a dry run has made %d routes", n)
	}
	first := s.as(t, admin, "apply", dir)
	first.wants(t, 0, " changed, 0 unchanged, 0 removed", "does not say which features it supports")
	if m := summary.FindStringSubmatch(first.err); m == nil || m[1] == "0" || s.count(t, httpRoutes, "mesh2gw.io/set=default") == 0 {
		t.Fatalf("it applied nothing:\n%s", first.err)
	}
	s.as(t, admin, "apply", dir).wants(t, 0, "0 created, 0 changed, ")
	if diff := s.as(t, admin, "apply", dir, "--dry-run=server"); diff.out != "" {
		t.Errorf("nothing changes, and the diff is\n%s", diff.out)
	}

	routes := s.count(t, httpRoutes, "")
	victim, err := filepath.Glob(filepath.Join(dir, "*", "*route*.yaml"))
	if err != nil || len(victim) == 0 {
		t.Fatalf("no route in %s: %v", dir, err)
	}
	if err := os.Remove(victim[0]); err != nil {
		t.Fatal(err)
	}
	s.as(t, admin, "apply", dir, "--prune", "--set", "default", "--dry-run=server").wants(t, 0, "1 removed")
	// Whoever may apply and not remove is told so before, not half-way.
	s.makes(t, roles, `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: applies}, rules: [{apiGroups: ["*"], resources: ["*"], verbs: [get, list, create, patch]}, {apiGroups: [gateway.networking.k8s.io], resources: [httproutes, grpcroutes], verbs: [delete]}]}`)
	s.makes(t, bindings, `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: applies}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: applies}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: reader}]}`)
	s.until(t, "the reader may list", func(context.Context) (bool, error) { return s.as(t, reader, "apply", dir).code == 0, nil })
	empty := filepath.Join(dir, "..", "one")
	write(t, filepath.Join(empty, "service.yaml"), "{apiVersion: v1, kind: Service, metadata: {name: one, namespace: bookinfo}, spec: {ports: [{port: 80}]}}")
	s.as(t, reader, "apply", empty, "--prune", "--set", "default").wants(t, 1, "stop: --prune would fail: delete ", "nothing was applied")
	s.as(t, reader, "rollback").wants(t, 1, "forbidden", "\n0 removed")
	if n := s.count(t, httpRoutes, ""); n != routes {
		t.Errorf("%d routes of %d are left where not all could be removed", n, routes)
	}
	s.as(t, admin, "apply", dir, "--prune").wants(t, 2, "so name it: --set NAME")
	s.as(t, admin, "apply", dir, "--prune", "--set", "default").wants(t, 0, "1 removed")
	if n := s.count(t, httpRoutes, ""); n != routes-1 {
		t.Errorf("%d routes of %d are left", n, routes)
	}
	// A controller copies the labels of a Gateway to what it makes for it.
	s.makes(t, services, `{apiVersion: v1, kind: Service, metadata: {name: copied, namespace: bookinfo, labels: {app.kubernetes.io/managed-by: mesh2gw, mesh2gw.io/set: default}}, spec: {ports: [{port: 80}]}}`)
	s.as(t, admin, "rollback", "--set", "another").wants(t, 0, "\n0 removed")
	s.as(t, admin, "rollback", "--dry-run=server").wants(t, 0, "a dry run: ")
	if s.count(t, httpRoutes, "") != routes-1 {
		t.Error("a dry run has removed routes")
	}
	s.as(t, admin, "rollback").wants(t, 0, " removed")
	if n := s.count(t, httpRoutes, "") + s.count(t, gateways, "") + s.count(t, services, "mesh2gw.io/set"); n != 1 || s.count(t, istioVS, "") != 1 {
		t.Errorf("%d objects are left after the rollback where the controller's Service is to be, and %d VirtualServices", n, s.count(t, istioVS, ""))
	}
	s.as(t, admin, "rollback").wants(t, 0, "\n0 removed")
}

// TestConflicts: fields of another manager, and objects that were there before, are
// not taken over unless that is asked for.
func TestConflicts(t *testing.T) {
	s := ready(t, "")
	s.class(t, "demo")
	s.controller(t)
	dir := s.converted(t)
	s.as(t, admin, "apply", dir).wants(t, 0)
	list, err := s.of(httpRoutes).Namespace("bookinfo").List(context.Background(), metav1.ListOptions{})
	if err != nil || len(list.Items) == 0 {
		t.Fatal(err)
	}
	name, force := "", true
	for _, o := range list.Items {
		if hosts, _, _ := unstructured.NestedStringSlice(o.Object, "spec", "hostnames"); len(hosts) > 0 {
			name = o.GetName()
		}
	}
	patch := fmt.Sprintf(`{"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute","metadata":{"name":%q},"spec":{"hostnames":["other.example.com"]}}`, name)
	if _, err := s.of(httpRoutes).Namespace("bookinfo").Patch(context.Background(), name, types.ApplyPatchType, []byte(patch), metav1.PatchOptions{FieldManager: "argocd", Force: &force}); err != nil {
		t.Fatal(err)
	}
	s.as(t, admin, "apply", dir).wants(t, 1, "HTTPRoute bookinfo/"+name, `conflict with "argocd"`, "--force-conflicts")
	s.as(t, admin, "apply", dir, "--force-conflicts").wants(t, 0, "0 created, 1 changed")
	s.as(t, admin, "apply", dir, "--set", "second").wants(t, 1, "it is of the set default")
	s.as(t, admin, "rollback").wants(t, 0)

	s.makes(t, gateways, `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: bookinfo, namespace: bookinfo}, spec: {gatewayClassName: theirs, listeners: [{name: theirs, port: 1, protocol: TCP}]}}`)
	theirs, err := s.of(gateways).Namespace("bookinfo").List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.as(t, admin, "apply", dir); strings.Contains(got.err, "Gateway bookinfo/bookinfo") {
		got.wants(t, 1, "it is there, and not from mesh2gw", "--adopt")
		if s.count(t, httpRoutes, "") != 0 {
			t.Error("something was applied all the same")
		}
		return
	}
	t.Fatalf("the sample has no Gateway bookinfo any more: %v", theirs.Items)
}

// TestInterrupted: the API server is killed while objects are applied, and started
// again: the run goes on and ends well. A run that is killed itself is finished by the
// next.
func TestInterrupted(t *testing.T) {
	s := ready(t, "")
	s.class(t, "demo")
	s.controller(t)
	dir := s.converted(t)
	c := s.command(t, admin, "apply", dir, "--timeout", "3m")
	complaints, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(complaints)
	var said []string
	for killed := false; lines.Scan(); {
		said = append(said, lines.Text())
		if !killed && strings.HasSuffix(lines.Text(), " created") {
			killed = true
			s.kill()
			time.Sleep(500 * time.Millisecond)
			s.boot(t)
		}
	}
	if err := c.Wait(); err != nil {
		t.Fatalf("%v:\n%s", err, strings.Join(said, "\n"))
	}
	s.as(t, admin, "apply", dir).wants(t, 0, "0 created, 0 changed")
	s.as(t, admin, "rollback").wants(t, 0)

	c = s.command(t, admin, "apply", dir)
	if complaints, err = c.StderrPipe(); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for lines = bufio.NewScanner(complaints); lines.Scan() && !strings.HasSuffix(lines.Text(), " created"); {
	}
	_ = c.Process.Kill()
	_ = c.Wait()
	s.as(t, admin, "apply", dir).wants(t, 0, " created, ")
	s.as(t, admin, "apply", dir).wants(t, 0, "0 created, 0 changed")

	s.kill()
	s.as(t, admin, "rollback").wants(t, 3, "ask test (https://")
	s.boot(t)
	s.as(t, admin, "rollback").wants(t, 0, " removed")
}

// TestWait: a route that its parent does not accept is named with the reason when
// the time is over.
func TestWait(t *testing.T) {
	s := ready(t, "")
	s.class(t, "demo")
	dir := s.converted(t)
	s.as(t, admin, "apply", dir, "--timeout", "2s").wants(t, 1, "waiting for Gateway", "is not ready: Accepted is Unknown (Pending: Waiting for controller)")
	names, err := filepath.Glob(filepath.Join(dir, "*", "*route*.yaml"))
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	s.controller(t, objects(t, names[0])[0].GetName())
	s.as(t, admin, "apply", dir, "--timeout", "5s").wants(t, 1, "ResolvedRefs is False (BackendNotFound: no such Service)", "mesh2gw rollback")
	s.as(t, admin, "apply", dir, "--no-wait").wants(t, 0)
}

// TestChecks: what is in the way stops an apply before anything is written.
func TestChecks(t *testing.T) {
	s := ready(t, "")
	dir := s.converted(t)
	s.as(t, admin, "apply", dir).wants(t, 1, "there is no GatewayClass demo", "nothing was applied")
	s.class(t, "demo", "HTTPRoute", "Gateway")
	mirror := filepath.Join(t.TempDir(), "mirror.yaml")
	write(t, mirror, `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: bookinfo}
spec:
  hosts: [web.example.com]
  gateways: [edge]
  http: [{match: [{uri: {regex: "/a+"}}], mirror: {host: copies, port: {number: 80}}, route: [{destination: {host: web, port: {number: 80}}}]}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: bookinfo}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
`)
	out := filepath.Join(t.TempDir(), "out")
	s.as(t, nobody, "convert", mirror, "--gateway-class", "demo", "--gateway-api", "1.6", "--out-dir", out, "--fail-on", "never").wants(t, 0)
	s.as(t, admin, "apply", out).wants(t, 1, "does not list the feature HTTPRouteRequestMirror", "HTTPRoute bookinfo/web needs")
	if got := s.as(t, admin, "apply", out).err; strings.Contains(got, "RegularExpression") {
		t.Errorf("a feature without a name in Gateway API stops it:\n%s", got)
	}
	alone := filepath.Join(out, "bookinfo", "httproute-web.yaml")
	s.as(t, admin, "apply", alone).wants(t, 1, "stop: there is no Gateway bookinfo/edge, which HTTPRoute bookinfo/web names")
	s.makes(t, gateways, `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge, namespace: bookinfo}, spec: {gatewayClassName: demo, listeners: [{name: http, port: 80, protocol: HTTP}]}}`)
	s.as(t, admin, "apply", alone).wants(t, 1, "GatewayClass demo does not list the feature HTTPRouteRequestMirror")
	if err := s.of(gateways).Namespace("bookinfo").Delete(context.Background(), "edge", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	s.as(t, nobody, "apply", out).wants(t, 1, "forbidden")
	s.makes(t, roles, `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: reads}, rules: [{apiGroups: ["*"], resources: ["*"], verbs: [get, list]}]}`)
	s.makes(t, bindings, `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: reads}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reads}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: reader}]}`)
	s.until(t, "the reader may read", func(context.Context) (bool, error) {
		return !strings.Contains(s.as(t, reader, "apply", out).err, "forbidden"), nil
	})
	s.as(t, reader, "apply", out).wants(t, 1, "stop: the account may not create gateways.gateway.networking.k8s.io in namespace bookinfo; nor patch gateways")
	if n := s.count(t, gateways, "") + s.count(t, httpRoutes, ""); n != 0 {
		t.Errorf("%d objects were made", n)
	}
}

// TestOlderBundle: CRDs that lack a field of the output refuse the object, instead of
// dropping the field in silence.
func TestOlderBundle(t *testing.T) {
	s := ready(t, "v1.2.1")
	s.class(t, "demo")
	s.controller(t)
	file := filepath.Join(t.TempDir(), "retry.yaml")
	write(t, file, `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: bookinfo}
spec:
  hostnames: [web.example.com]
  parentRefs: [{name: edge}]
  rules: [{retry: {attempts: 2}, backendRefs: [{name: web, port: 80}]}]
`)
	s.as(t, admin, "apply", file, "--no-wait").wants(t, 1, "Gateway API v1.2.1, standard channel", ".spec.rules[0].retry: field not declared in schema. The CRDs that are installed lack the field")
	if n := s.count(t, httpRoutes, ""); n != 0 {
		t.Errorf("%d routes were made", n)
	}
}
