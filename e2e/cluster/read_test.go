package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	roles      = schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterroles"}
	pods       = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	podMetrics = schema.GroupVersionResource{Group: "metrics.k8s.io", Version: "v1beta1", Resource: "pods"}
	bindings   = schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterrolebindings"}
)

// many is more than a page of a list.
const many = 1100

// TestSnapshot: an account that may list and nothing else reads a mesh, all pages of
// it, and no Secret; what is read from files or straight from the cluster converts
// alike.
func TestSnapshot(t *testing.T) {
	s := ready(t, "")
	for _, file := range []string{"gateway", "productpage", "reviews", "ratings", "details", "services"} {
		for _, o := range objects(t, filepath.Join(bookinfo, file+".yaml")) {
			if o.GetKind() == "Namespace" {
				s.create(t, namespaces, o)
				continue
			}
			if o.GetNamespace() == "" {
				o.SetNamespace("bookinfo")
			}
			gvr := schema.GroupVersionResource{Version: "v1", Resource: strings.ReplaceAll(strings.ToLower(o.GetKind())+"s", "entrys", "entries")}
			if group, _, ok := strings.Cut(o.GetAPIVersion(), "/"); ok {
				gvr.Group = group
			}
			o.SetAPIVersion(gvr.GroupVersion().String())
			s.create(t, gvr, o)
		}
	}
	for i := range many {
		s.makes(t, istioDR, fmt.Sprintf(`{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: dr-%04d, namespace: bookinfo, labels: {part: bulk}}, spec: {host: h%d.example.com}}`, i, i))
	}
	s.makes(t, secrets, `{apiVersion: v1, kind: Secret, metadata: {name: hidden, namespace: bookinfo}, stringData: {password: hunter2}}`)
	s.makes(t, roles, `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: lists}, rules: [{apiGroups: [networking.istio.io, gateway.networking.k8s.io, ""], resources: [virtualservices, destinationrules, gateways, serviceentries, services, httproutes], verbs: [list]}]}`)
	s.makes(t, bindings, `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: lists}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: lists}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: reader}]}`)
	dir := filepath.Join(t.TempDir(), "mesh")
	s.as(t, nobody, "snapshot", dir).wants(t, 3, "forbidden", "let the account list it")
	if _, err := os.Stat(dir); err == nil {
		t.Error("a snapshot that failed has left a folder")
	}
	s.as(t, reader, "snapshot", dir).wants(t, 0, "not read: peerauthentications.security.istio.io: ")
	files, err := filepath.Glob(filepath.Join(dir, "bookinfo", "destinationrules.networking.istio.io", "*.yaml"))
	if err != nil || len(files) < many {
		t.Fatalf("%d DestinationRules of %d are in the snapshot: %v", len(files), many, err)
	}
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, bad := range []string{"hunter2", "managedFields", "resourceVersion", "uid:", "kind: Secret"} {
			if strings.Contains(string(data), bad) {
				t.Errorf("%s holds %q", path, bad)
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	offline := s.as(t, nobody, "convert", dir, "--no-comments", "--fail-on", "never")
	online := s.as(t, reader, "convert", "--from-cluster", "--no-comments", "--fail-on", "never")
	if offline.code != 0 || online.code != 0 || offline.out != online.out || len(offline.out) < 1000 {
		t.Errorf("exit codes %d and %d; %d bytes offline, %d online\n%s", offline.code, online.code, len(offline.out), len(online.out), online.err)
	}
	some := s.as(t, reader, "lint", "--from-cluster", "--selector", "part=bulk", "--only-namespace", "bookinfo", "--fail-on", "never")
	some.wants(t, 0)
	s.as(t, reader, "convert", "--from-cluster", "--only-namespace", "kube-public").wants(t, 2, "nothing of a mesh is in test (https://")
	s.as(t, reader, "convert", "--from-cluster", dir).wants(t, 2, "--from-cluster reads no files")
	s.as(t, reader, "convert", "--from-cluster", "--context", "missing").wants(t, 2, `context "missing" does not exist`)
}

// TestCorpus: the API server takes what is made of real applications, in a dry run.
// The files are no part of the project; MESH2GW_CORPUS names a folder with one folder
// for each.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("MESH2GW_CORPUS")
	if dir == "" {
		dir = "../../../shared/corpus"
	}
	apps, err := os.ReadDir(dir)
	if err != nil {
		t.Skipf("no corpus at %s: set MESH2GW_CORPUS", dir)
	}
	s := ready(t, "")
	s.class(t, "demo")
	taken := 0
	for _, app := range apps {
		out := filepath.Join(t.TempDir(), "out")
		made := s.as(t, nobody, "convert", filepath.Join(dir, app.Name()), "--gateway-class", "demo", "--gateway-api", "1.6", "--fail-on", "never", "--out-dir", out)
		if made.code != 0 {
			if !strings.Contains(made.err, "no .yaml") {
				t.Errorf("%s: convert ends with %d: %s", app.Name(), made.code, made.err[max(0, len(made.err)-400):])
			}
			continue
		}
		files, err := filepath.Glob(filepath.Join(out, "*", "*.yaml"))
		if err != nil || len(files) == 0 {
			continue
		}
		seen, template := map[string]bool{}, false
		for _, f := range files {
			for _, o := range objects(t, f) {
				template = template || strings.ContainsAny(o.GetNamespace()+o.GetName(), "<>${}()")
				if ns := o.GetNamespace(); ns != "" && !seen[ns] && !template {
					seen[ns] = true
					s.makes(t, namespaces, `{apiVersion: v1, kind: Namespace, metadata: {name: `+ns+`}}`)
				}
			}
		}
		if template {
			continue // names that are filled in before anything is applied
		}
		applied := s.as(t, admin, "apply", out, "--dry-run=server", "--unsupported")
		if applied.code != 0 {
			t.Errorf("%s: %s", app.Name(), applied.err[max(0, len(applied.err)-600):])
			continue
		}
		taken++
	}
	t.Logf("the output of %d applications is taken", taken)
	if taken < 10 {
		t.Errorf("only %d of %d applications were tried", taken, len(apps))
	}
}

// metricsCRD has the server give what metrics-server gives, under the same paths.
const metricsCRD = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: pods.metrics.k8s.io
  annotations: {api-approved.kubernetes.io: "unapproved, for a test"}
spec:
  group: metrics.k8s.io
  scope: Namespaced
  names: {plural: pods, singular: pod, kind: PodMetrics}
  versions:
  - {name: v1beta1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`

// TestPods: audit and cost count Pods and what they use, straight from the cluster
// as from a snapshot with --pods, and say where an account may not see them.
func TestPods(t *testing.T) {
	s := ready(t, "")
	s.makes(t, namespaces, `{apiVersion: v1, kind: Namespace, metadata: {name: shop}}`)
	s.makes(t, istioVS, `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: a, namespace: shop}, spec: {hosts: [a], http: [{timeout: 1s, route: [{destination: {host: a}}]}]}}`)
	without := s.as(t, admin, "audit", "--from-cluster")
	without.wants(t, 0, "not read: pods.metrics.k8s.io: the cluster does not serve it")
	s.makes(t, crds, metricsCRD)
	s.until(t, "PodMetrics are served", func(ctx context.Context) (bool, error) {
		_, err := s.client.Resource(podMetrics).List(ctx, metav1.ListOptions{})
		return err == nil, nil
	})
	s.makes(t, schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}, `{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop}}`)
	for i, containers := range []string{
		`containers: [{name: a, image: a, env: [{name: PASSWORD, value: hunter2}]}, {name: istio-proxy, image: p, resources: {requests: {cpu: 100m, memory: 128Mi}}}]`,
		`containers: [{name: a, image: a}], initContainers: [{name: istio-proxy, image: p, restartPolicy: Always, resources: {requests: {cpu: 50m, memory: 64Mi}}}]`,
		`containers: [{name: a, image: a}]`,
	} {
		s.makes(t, pods, fmt.Sprintf(`{apiVersion: v1, kind: Pod, metadata: {name: a-%d, namespace: shop, annotations: {note: hunter2}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: a, uid: 0-0-0}]}, spec: {automountServiceAccountToken: false, %s}}`, i, containers))
		s.makes(t, podMetrics, fmt.Sprintf(`{apiVersion: metrics.k8s.io/v1beta1, kind: PodMetrics, metadata: {name: a-%d, namespace: shop}, timestamp: "2026-11-23T10:00:00Z", window: 15s, containers: [{name: a, usage: {cpu: "1", memory: 1Gi}}, {name: istio-proxy, usage: {cpu: %dm, memory: 32Mi}}]}`, i, 10*(i+1)))
	}
	online := s.as(t, admin, "audit", "--from-cluster")
	online.wants(t, 0)
	want := regexp.MustCompile(`(?m)^  shop +3 +2 +1 +0 +0 +0\.15 cores, 0\.1875 GiB +none +0\.03 cores, 0\.0625 GiB \(2\)$`)
	if !want.MatchString(online.out) {
		t.Errorf("no line %s in\n%s", want, online.out)
	}
	dir := filepath.Join(t.TempDir(), "mesh")
	s.as(t, admin, "snapshot", dir, "--pods").wants(t, 0)
	again := filepath.Join(t.TempDir(), "mesh")
	s.as(t, admin, "snapshot", again).wants(t, 0)
	s.makes(t, istioVS, `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: late, namespace: shop}, spec: {hosts: [late], http: [{route: [{destination: {host: a}}]}]}}`)
	if err := s.of(istioVS).Namespace("shop").Delete(context.Background(), "a", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	s.as(t, admin, "snapshot", again).wants(t, 2, "use --force")
	s.as(t, admin, "snapshot", again, "--force").wants(t, 0)
	if names, _ := filepath.Glob(filepath.Join(again, "shop", "virtualservices*", "*")); len(names) != 1 || filepath.Base(names[0]) != "late.yaml" {
		t.Errorf("the second snapshot holds %q", names)
	}
	s.as(t, admin, "snapshot", filepath.Dir(dir)).wants(t, 2, "are of no snapshot")
	if offline := s.as(t, nobody, "audit", dir); offline.code != 0 || !want.MatchString(offline.out) {
		t.Errorf("exit code %d, and no line %s in\n%s%s", offline.code, want, offline.out, offline.err)
	}
	s.makes(t, schema.GroupVersionResource{Version: "v1", Resource: "nodes"}, `{apiVersion: v1, kind: Node, metadata: {name: one, labels: {secret: hunter2}}, status: {allocatable: {cpu: "4", memory: 16Gi}}}`)
	s.as(t, admin, "cost", "--from-cluster").wants(t, 0, "counted 2 pods with a sidecar, 1 without", "1 node in the input, with 4 cores, 16 GiB each", "3 pods request 0.15 cores, 0.1875 GiB")
	s.as(t, admin, "cost", "--from-cluster", "--only-namespace", "shop", "--nodes", "3").wants(t, 0, "counted 2 pods")
	s.as(t, admin, "snapshot", dir, "--pods", "--force").wants(t, 0)
	s.as(t, nobody, "cost", dir).wants(t, 0, "counted 2 pods with a sidecar, 1 without", "1 node in the input")
	if out, err := exec.Command("grep", "-r", "hunter2", dir).CombinedOutput(); err == nil {
		t.Errorf("the snapshot holds what it should not: %s", out)
	}
	s.makes(t, roles, `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: lists}, rules: [{apiGroups: [networking.istio.io, ""], resources: [virtualservices, destinationrules, gateways, serviceentries, services], verbs: [list]}]}`)
	s.makes(t, bindings, `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: lists}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: lists}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: reader}]}`)
	s.as(t, reader, "audit", "--from-cluster").wants(t, 0, "not read: pods: ", "not read: pods.metrics.k8s.io: ")
}
