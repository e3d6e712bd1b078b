package gwapi

import "testing"

func TestTracks(t *testing.T) {
	for _, c := range []struct {
		key, value string
		want       bool
	}{
		{"app.kubernetes.io/managed-by", "Helm", true},
		{"app.kubernetes.io/managed-by", "shop-team", false},
		{"app.kubernetes.io/name", "shop", false},
		{"app.kubernetes.io/instance", "shop", false},
		{"argocd.argoproj.io/instance", "shop", true},
		{"argocd.argoproj.io/tracking-id", "x", true},
		{"argocd.argoproj.io/sync-wave", "1", false},
		{"argocd.argoproj.io/sync-options", "Prune=false", false},
		{"kustomize.toolkit.fluxcd.io/name", "apps", true},
		{"helm.toolkit.fluxcd.io/namespace", "apps", true},
		{"meta.helm.sh/release-name", "shop", true},
		{"helm.sh/chart", "shop-1.2", true},
		{"helm.sh/resource-policy", "keep", false},
		{"checksum/config", "0a", true},
		{"kubectl.kubernetes.io/last-applied-configuration", "{}", true},
		{"kustomize.config.k8s.io/behavior", "merge", true},
		{"mesh2gw.io/ignore", "MG123", true},
		{"mesh2gw.io/ignore-reason", "x", true},
		{"galley.istio.io/analyze-suppress", "IST0130", true},
		{"team", "storefront", false},
		{"istio.io/rev", "canary", false},
	} {
		if got := tracks(c.key, c.value); got != c.want {
			t.Errorf("tracks(%q, %q) = %v, want %v", c.key, c.value, got, c.want)
		}
	}
}

func TestLoadBalancerOf(t *testing.T) {
	for _, c := range []struct {
		key  string
		want loadBalancer
	}{
		{"service.beta.kubernetes.io/aws-load-balancer-scheme", setting},
		{"service.beta.kubernetes.io/aws-load-balancer-eip-allocations", identity},
		{"service.beta.kubernetes.io/azure-load-balancer-internal", setting},
		{"service.beta.kubernetes.io/azure-pip-name", identity},
		{"cloud.google.com/load-balancer-type", setting},
		{"networking.gke.io/load-balancer-ip-addresses", identity},
		{"metallb.universe.tf/loadBalancerIPs", identity},
		{"metallb.io/address-pool", setting},
		{"load-balancer.hetzner.cloud/location", setting},
		{"load-balancer.hetzner.cloud/name", identity},
		{"lbipam.cilium.io/ips", identity},
		{"prometheus.io/scrape", notLoadBalancer},
		{"external-dns.alpha.kubernetes.io/hostname", notLoadBalancer},
	} {
		if got := loadBalancerOf(c.key); got != c.want {
			t.Errorf("%s: got %d, want %d", c.key, got, c.want)
		}
	}
}

// The cases are those of Istio's own parser
// (pilot/pkg/model/credentials/resource.go).
func TestParseCredential(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"cert", "Secret pods/cert"},
		{"kubernetes://cert", "Secret pods/cert"},
		{"kubernetes://pods/cert", "Secret pods/cert"},
		{"kubernetes://other/cert", "Secret other/cert refused"},
		{"kubernetes-gateway://other/cert", "Secret other/cert"},
		{"kubernetes-gateway://cert", "file kubernetes-gateway://cert"},
		{"configmap://other/ca", "ConfigMap other/ca"},
		{"configmap://ca", "file configmap://ca"},
		{"builtin://", "file builtin://"},
		{"${CERT}", "Secret pods/${CERT}"},
	} {
		got := parseCredential(c.name, "pods")
		text := got.kind + " " + got.name.String()
		if got.kind == "" {
			text = "file " + got.file
		}
		if got.foreign {
			text += " refused"
		}
		if text != c.want {
			t.Errorf("%s: got %q, want %q", c.name, text, c.want)
		}
	}
}
