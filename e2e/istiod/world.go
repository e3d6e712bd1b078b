package istiod

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"google.golang.org/protobuf/proto"

	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config/schema/gvr"
	kubelib "istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/kube/kclient/clienttest"
)

// world is istiod with one side applied.
type world struct {
	t       *testing.T
	server  *xds.FakeDiscoveryServer
	cluster *cluster
	views   map[string]*view
}

// start brings istiod up over a cluster and waits until it has read all.
func start(t *testing.T, c *cluster) *world {
	server := xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
		KubernetesObjects: c.kube, Configs: c.istio,
		KubeClientModifier: func(client kubelib.Client) {
			clienttest.MakeCRD(t, client, gvr.BackendTLSPolicy)
			clienttest.MakeCRD(t, client, gvr.ListenerSet)
		},
	})
	w := &world{t: t, server: server, cluster: c}
	w.settle()
	return w
}

// settle waits until what istiod sends stays the same for a while: it computes
// in stages that feed one another without a sign of the end.
func (w *world) settle() {
	const pause, quiet = 40 * time.Millisecond, 5
	var last [sha256.Size]byte
	for same, deadline := 0, time.Now().Add(time.Minute); same < quiet; time.Sleep(pause) {
		if time.Now().After(deadline) {
			w.t.Fatal("istiod still changes its mind after a minute")
		}
		w.server.EnsureSynced(w.t)
		if now := w.fingerprint(); now == last {
			same++
		} else {
			last, same = now, 0
		}
	}
}

// fingerprint sums up what all gateways and one sidecar are sent, regardless of
// the order of resources.
func (w *world) fingerprint() (sum [sha256.Size]byte) {
	w.views = map[string]*view{}
	add := func(m proto.Message) {
		text, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		if err != nil {
			w.t.Fatal(err)
		}
		for i, b := range sha256.Sum256(text) {
			sum[i] += b
		}
	}
	views := []*view{w.sidecar(client{Namespace: "default"})}
	for _, g := range sorted(w.cluster.gateways) {
		views = append(views, w.gateway(g))
	}
	for _, v := range views {
		for _, l := range v.listeners {
			add(l)
		}
		for _, r := range v.routes {
			add(r)
		}
		for _, c := range v.clusters {
			add(c)
		}
		sum[0] += byte(len(fmt.Sprint(v.endpoints)))
	}
	return sum
}

// view is all that one proxy is sent.
type view struct {
	listeners []*listenerv3.Listener
	routes    map[string]*routev3.RouteConfiguration
	clusters  map[string]*clusterv3.Cluster
	endpoints map[string]string // by cluster: the Pods and their port, readable
}

// client is a calling workload of the mesh.
type client struct {
	Namespace string
	Labels    map[string]string
}

func (c client) String() string { return c.Namespace + "[" + labelText(c.Labels) + "]" }

// gateway is the view of the proxy that serves the Gateway of that name; nil
// when there is none.
func (w *world) gateway(name string) *view {
	p := w.cluster.gateways[name]
	if p == nil {
		return nil
	}
	return w.view("gateway "+p.name, &model.Proxy{
		Type: model.Router, ID: p.name + "." + p.namespace, IPAddresses: []string{p.ip}, ConfigNamespace: p.namespace, Labels: p.labels,
		Metadata: &model.NodeMetadata{Namespace: p.namespace, Labels: p.labels, ClusterID: "Kubernetes", IstioVersion: newest},
	})
}

// newest is the version that proxies claim, so that istiod makes no allowance.
const newest = "1.99.0"

// sidecar is the view of a client's proxy.
func (w *world) sidecar(c client) *view {
	return w.view("sidecar "+c.String(), &model.Proxy{
		Type: model.SidecarProxy, ID: "caller." + c.Namespace, IPAddresses: []string{"10.255.0.1"}, ConfigNamespace: c.Namespace, Labels: c.Labels,
		Metadata: &model.NodeMetadata{Namespace: c.Namespace, Labels: c.Labels, ClusterID: "Kubernetes", IstioVersion: newest},
	})
}

func (w *world) view(key string, p *model.Proxy) *view {
	if v := w.views[key]; v != nil {
		return v
	}
	p = w.server.SetupProxy(p)
	v := &view{
		listeners: w.server.Listeners(p), routes: map[string]*routev3.RouteConfiguration{},
		clusters: map[string]*clusterv3.Cluster{}, endpoints: map[string]string{},
	}
	for _, r := range w.server.RoutesFromListeners(p, v.listeners) {
		v.routes[r.Name] = r
	}
	for _, c := range w.server.Clusters(p) {
		v.clusters[c.Name] = c
		v.endpoints[c.Name] = w.cluster.readable(c.GetLoadAssignment())
	}
	for _, e := range w.server.Endpoints(p) {
		v.endpoints[e.ClusterName] = w.cluster.readable(e)
	}
	w.views[key] = v
	return v
}
