package istiod

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/mesh2gw/mesh2gw/convert"
)

// What DestinationRules say of connections is said of them afterwards: the
// clusters of Services are the same, and the cluster of a subset is that of the
// Service made for it. While both are there, each is as it is alone.
func TestPolicies(t *testing.T) {
	names, err := filepath.Glob("../../testdata/convert/istio-policies-*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range append(names, "../../testdata/rules/MG580.txtar") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			c := archived(t, name)
			before, after, _ := c.sides(t)
			for _, r := range slices.Concat(before.refused, after.refused) {
				t.Errorf("Istio refuses %s", r)
			}
			alone := compare(t, before, after)
			both := compare(t, before, c.merged(t))
			if n := alone.samePolicies(t, alone.newWorld); n == 0 {
				t.Error("no clusters to compare")
			}
			alone.samePolicies(t, both.newWorld)
			for _, d := range alone.proxies() {
				is, was := both.newWorld.viewOf(d), alone.oldWorld.viewOf(d)
				for _, name := range sorted(was.clusters) {
					if diff := different(was.clusters[name], is.clusters[name]); diff != "" && strings.HasPrefix(name, "outbound|") {
						t.Errorf("with both there, %s differs at %s:\n%s", name, d, diff)
					}
				}
			}
		})
	}
}

// merged is the side of a case while the old objects and the new are there.
func (c testCase) merged(t *testing.T) *side {
	t.Helper()
	var all []*unstructured.Unstructured
	for _, f := range c.files {
		objects, err := documents(f.Data)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, objects...)
	}
	result, err := convert.Convert(context.Background(), c.files, c.options)
	if err != nil {
		t.Fatal(err)
	}
	return newSide(append(all, written(t, result)...), c.namespace())
}

// proxies are a gateway for each of the new ones that the old world has too, and
// callers in the mesh: in the namespaces of DestinationRules and in another.
func (c *comparison) proxies() []door {
	namespaces := []string{elsewhere}
	for _, r := range destinationRules(c.old) {
		namespaces = append(namespaces, r.namespace)
	}
	slices.Sort(namespaces)
	var all []door
	for _, namespace := range slices.Compact(namespaces) {
		all = append(all, door{client: client{Namespace: namespace}}, door{client: client{Namespace: namespace, Labels: map[string]string{"app": "batch"}}})
	}
	for _, g := range sorted(c.oldWorld.cluster.gateways) {
		if c.newWorld.cluster.gateways[g] != nil {
			all = append(all, door{gateway: g})
		}
	}
	return all
}

// samePolicies compares the clusters of Services and subsets with those that
// stand for them in another world, and counts them.
func (c *comparison) samePolicies(t *testing.T, later *world) int {
	t.Helper()
	n := 0
	for _, d := range c.proxies() {
		was, is := c.oldWorld.viewOf(d), later.viewOf(d)
		for _, name := range sorted(was.clusters) {
			part := strings.Split(name, "|") // outbound|80|v1|web.shop.svc.cluster.local
			if part[0] != "outbound" {
				continue
			}
			then := name
			if part[2] != "" {
				service, rest, _ := strings.Cut(part[3], ".")
				then = strings.Join([]string{part[0], part[1], "", service + "-" + part[2] + "." + rest}, "|")
				if is.clusters[then] == nil {
					continue // nobody asks for the subset
				}
			}
			n++
			if diff := different(was.clusters[name], is.clusters[then]); diff != "" {
				t.Errorf("%s is %s at %s, and differs:\n%s", name, then, d, diff)
			}
		}
	}
	return n
}

// different tells in what two clusters differ but for their names and pods.
func different(a, b *clusterv3.Cluster) string {
	was, is := anonymous(a), anonymous(b)
	if was == is {
		return ""
	}
	at := 0
	for at < min(len(was), len(is)) && was[at] == is[at] {
		at++
	}
	excerpt := func(s string) string { return s[max(0, at-100):min(len(s), at+200)] }
	return excerpt(was) + "\n=>\n" + excerpt(is)
}

func anonymous(c *clusterv3.Cluster) string {
	c = proto.Clone(c).(*clusterv3.Cluster)
	name := c.GetName()
	c.Name, c.AltStatName, c.Metadata, c.EdsClusterConfig, c.LoadAssignment = "", "", nil, nil, nil
	text := prototext.MarshalOptions{Multiline: true, EmitASCII: true}.Format(c)
	text = strings.Join(strings.Fields(text), " ") // its spaces are random
	for _, part := range []string{name, strings.NewReplacer("|", "_.").Replace(name)} {
		text = strings.ReplaceAll(text, part, "NAME")
	}
	if at := strings.LastIndexByte(name, '|'); at >= 0 {
		text = strings.ReplaceAll(text, name[at+1:], "HOST")
	}
	return text
}
