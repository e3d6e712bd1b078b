package rule_test

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// linkHosts are the sites that rules link to: those of the specifications and of
// the programs that a finding is about.
var linkHosts = []string{
	"gateway-api.sigs.k8s.io", "istio.io", "www.envoyproxy.io", "kubernetes.io", "yaml.org",
	"cert-manager.io", "kubernetes-sigs.github.io", "rollouts-plugin-trafficrouter-gatewayapi.readthedocs.io", "docs.flagger.app",
	"linkerd.io", "kgateway.dev", "gateway.envoyproxy.io",
}

// unlinked are the rules without a page to link to, with the reason.
var unlinked = map[*finding.Rule]string{
	rule.FileTooLarge:       ownLimit,
	rule.TooDeep:            ownLimit,
	rule.TemplateOfIstio:    ownReading,
	rule.TemplatePassedOver: ownReading,
	rule.NonObject:          ownReading,
	rule.Placeholders:       ownReading,
	rule.Placeholder:        ownReading,
	rule.BrokenObject:       "another finding says what is wrong",
	rule.IgnoreUnknown:      ownComments,
	rule.IgnoreReason:       ownComments,
	rule.IgnoreUnused:       ownComments,
	rule.IgnoreMalformed:    ownComments,
	rule.OutputRejected:     ownBug,
	rule.OutputAbsent:       ownBug,
	rule.Unexplained:        ownBug,
	rule.NotProven:          "it is a limit of the proof",
}

const (
	ownLimit    = "it is a limit of mesh2gw"
	ownReading  = "it is about how mesh2gw reads files"
	ownComments = "it is about comments for mesh2gw"
	ownBug      = "it is a bug of mesh2gw"
)

const mostLinks = 3

// gepLink has the form of a page of a Gateway API enhancement proposal.
var gepLink = regexp.MustCompile(`^/geps/gep-[1-9][0-9]*/$`)

func TestLinks(t *testing.T) {
	for _, r := range rule.All() {
		if (len(r.Links) == 0) != (unlinked[r] != "") || len(r.Links) > mostLinks {
			t.Errorf("%s has %d links, want 1 to %d; without any by the list: %q", r.ID, len(r.Links), mostLinks, unlinked[r])
		}
		for i, link := range r.Links {
			u, err := url.Parse(link)
			if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || u.RawQuery != "" || !slices.Contains(linkHosts, u.Hostname()) {
				t.Errorf("%s: %s is no https link to a known site", r.ID, link)
				continue
			}
			if slices.Contains(r.Links[:i], link) {
				t.Errorf("%s: %s stands there twice", r.ID, link)
			}
			if strings.HasSuffix(link, "#") || strings.ContainsAny(link, " <>\"'`()") {
				t.Errorf("%s: %s is cut short, or has characters that need escaping", r.ID, link)
			}
			if strings.HasPrefix(u.Path, "/geps/") && !gepLink.MatchString(u.Path) {
				t.Errorf("%s: %s is no page of a GEP", r.ID, link)
			}
		}
	}
}

var istCode = regexp.MustCompile(`^IST0[0-9]{3}$`)

// A code of istioctl analyze says that the same is wrong today, so that whoever
// silenced it there has silenced it here: that is never a loss by migration.
func TestISTCodes(t *testing.T) {
	for _, r := range rule.All() {
		for i, code := range r.IST {
			if !istCode.MatchString(code) || slices.Contains(r.IST[:i], code) {
				t.Errorf("%s: %q is no code of istioctl analyze, or stands there twice", r.ID, code)
			}
			if r.InGroup() != finding.Config {
				t.Errorf("%s has code %s and is not of group config", r.ID, code)
			}
		}
	}
}

func TestGroups(t *testing.T) {
	for _, r := range rule.All() {
		if g := r.InGroup(); g != finding.Config && g != finding.Migration {
			t.Errorf("%s is of group %q", r.ID, g)
		}
		// A gateway that no object can be is missing today, and what names it still
		// differs from a route, which can't name it.
		if r.InGroup() == finding.Config && len(r.Admits) > 0 && r != rule.NoSuchGateway {
			t.Errorf("%s is said to be wrong today, and explains what conversion changes (%v)", r.ID, r.Admits)
		}
	}
}

// referencePages are pages of Istio's reference that its API module ships.
var referencePages = map[string]string{
	"/latest/docs/reference/config/networking/virtual-service/":      "networking/v1alpha3/virtual_service.pb.html",
	"/latest/docs/reference/config/networking/destination-rule/":     "networking/v1alpha3/destination_rule.pb.html",
	"/latest/docs/reference/config/networking/gateway/":              "networking/v1alpha3/gateway.pb.html",
	"/latest/docs/reference/config/networking/service-entry/":        "networking/v1alpha3/service_entry.pb.html",
	"/latest/docs/reference/config/networking/sidecar/":              "networking/v1alpha3/sidecar.pb.html",
	"/latest/docs/reference/config/networking/envoy-filter/":         "networking/v1alpha3/envoy_filter.pb.html",
	"/latest/docs/reference/config/networking/workload-entry/":       "networking/v1alpha3/workload_entry.pb.html",
	"/latest/docs/reference/config/networking/workload-group/":       "networking/v1alpha3/workload_group.pb.html",
	"/latest/docs/reference/config/networking/proxy-config/":         "networking/v1beta1/proxy_config.pb.html",
	"/latest/docs/reference/config/security/authorization-policy/":   "security/v1beta1/authorization_policy.pb.html",
	"/latest/docs/reference/config/security/peer_authentication/":    "security/v1beta1/peer_authentication.pb.html",
	"/latest/docs/reference/config/security/request_authentication/": "security/v1beta1/request_authentication.pb.html",
	"/latest/docs/reference/config/proxy_extensions/wasm-plugin/":    "extensions/v1alpha1/wasm.pb.html",
	"/latest/docs/reference/config/telemetry/":                       "telemetry/v1alpha1/telemetry.pb.html",
	"/latest/docs/reference/config/istio.mesh.v1alpha1/":             "mesh/v1alpha1/istio.mesh.v1alpha1.pb.html",
}

// otherReference are pages of the reference that are not made from the API.
var otherReference = regexp.MustCompile(`^/latest/docs/reference/config/((networking/)?|analysis/ist0[0-9]{3}/)$`)

// The anchors of Istio's reference are those of the pages in its API module.
func TestReferenceAnchors(t *testing.T) {
	dir := apiModule(t)
	checked := 0
	for _, r := range rule.All() {
		for _, link := range r.Links {
			u, err := url.Parse(link)
			if err != nil || u.Hostname() != "istio.io" || !strings.HasPrefix(u.Path, "/latest/docs/reference/") || otherReference.MatchString(u.Path) {
				continue
			}
			file, ok := referencePages[u.Path]
			if !ok {
				t.Errorf("%s: %s is not a known page of Istio's reference", r.ID, link)
				continue
			}
			page, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
			if err != nil {
				t.Fatal(err)
			}
			if checked++; u.Fragment != "" && !strings.Contains(string(page), ` id="`+u.Fragment+`"`) {
				t.Errorf("%s: %s has no such anchor", r.ID, link)
			}
		}
	}
	if checked == 0 {
		t.Error("no link was looked at")
	}
}

// apiModule is the folder of Istio's API module.
func apiModule(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "istio.io/api").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := strings.TrimSpace(string(out))
	if dir == "" {
		t.Skip("Istio's API module is not on this machine")
	}
	return dir
}
