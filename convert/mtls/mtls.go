// Package mtls keeps mutual TLS where the proxies that did it go away: a
// certificate for each identity, issued by cert-manager, policies by which
// gateways verify Services and show their own certificate, and what is left to the
// applications.
package mtls

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Issuer is who signs certificates: an Issuer or ClusterIssuer of cert-manager.
type Issuer struct{ Kind, Name string }

// DefaultIssuer is that of --mtls cert-manager.
var DefaultIssuer = Issuer{"ClusterIssuer", "mesh2gw"}

// ParseIssuer reads "cert-manager", or "cert-manager=KIND/NAME".
func ParseIssuer(text string) (Issuer, error) {
	tool, issuer, named := strings.Cut(text, "=")
	if tool != "cert-manager" {
		return Issuer{}, fmt.Errorf("want cert-manager, or cert-manager=ClusterIssuer/NAME")
	}
	if !named {
		return DefaultIssuer, nil
	}
	kind, name, ok := strings.Cut(issuer, "/")
	if !ok || kind != "ClusterIssuer" && kind != "Issuer" || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return Issuer{}, fmt.Errorf("issuer %q: want ClusterIssuer/NAME or Issuer/NAME", issuer)
	}
	return Issuer{kind, name}, nil
}

// Options say how to keep mutual TLS.
type Options struct {
	Issuer        Issuer
	RootNamespace string // whose PeerAuthentications are for the whole mesh
}

// Authorities is the ConfigMap with ca.crt by which peers are verified, in each
// namespace: trust-manager makes it, or a person.
const Authorities = "mesh2gw-ca"

// Result is what keeps mutual TLS.
type Result struct {
	Objects []gwapi.Object
	Clients map[route.Name]string // the Secret that a Gateway shows to Services, by Gateway
	// Demanded are the PeerAuthentications of whose workloads each has a certificate.
	Demanded map[finding.Place]int
}

// planner is one Plan.
type planner struct {
	Options
	model      *mesh.Model
	in         *Input
	findings   []finding.Finding
	identities map[route.Name]*identity // by namespace and ServiceAccount
	served     map[route.Name]bool      // Services that were looked at
	result     Result
}

// identity is a ServiceAccount with the Services whose pods run under it.
type identity struct {
	route.Name
	services  map[string]bool // names in its namespace; empty for workloads that only call
	workloads []*workload
}

// Plan gives certificates to the identities of the workloads that have a proxy
// today, and adds the policies by which gateways verify the Services that they
// send to to m.BackendTLS.
func Plan(m *mesh.Model, in *Input, o Options) (Result, []finding.Finding) {
	p := &planner{Options: o, model: m, in: in, served: map[route.Name]bool{}}
	p.result.Clients = map[route.Name]string{}
	for _, w := range in.workloads {
		w.outside = w.outside || slices.ContainsFunc(m.Gateways, func(g *mesh.Gateway) bool {
			return len(g.Spec.GetSelector()) > 0 && within(g.Spec.GetSelector(), w.labels)
		}) // Istio's gateways are proxies, and have none
	}
	p.identities = p.in.identities()
	for _, name := range slices.SortedFunc(maps.Keys(m.Services), route.Name.Compare) {
		p.serve(m.Services[name])
	}
	for _, t := range m.Tables {
		p.table(t)
	}
	slices.SortStableFunc(m.BackendTLS, func(a, b *mesh.BackendTLS) int { return a.Name.Compare(b.Name) })
	for _, name := range slices.SortedFunc(maps.Keys(p.identities), route.Name.Compare) {
		p.certify(p.identities[name])
	}
	for _, gateway := range slices.SortedFunc(maps.Keys(p.result.Clients), route.Name.Compare) {
		p.result.Objects = append(p.result.Objects, p.clientCertificate(gateway))
	}
	p.result.Demanded = in.demanded(o.RootNamespace)
	return p.result, p.findings
}

// table looks at the Services that a gateway's table sends to.
func (p *planner) table(t *route.Table) {
	var gateways []route.Entry
	for _, e := range t.Entries {
		if !e.Mesh {
			gateways = append(gateways, e)
		}
	}
	if len(gateways) == 0 || t.Protocol == route.TLS {
		return // the clients' own TLS goes through
	}
	secured := false
	for i := range t.Rules {
		for _, b := range t.Rules[i].Action.Backends {
			if !b.Broken && b.Service != (route.Name{}) {
				secured = p.backend(t, b.Service) || secured
			}
		}
	}
	for _, e := range gateways {
		switch {
		case !secured:
		case e.Unknown:
			p.note(rule.ClientCertificateByHand, t.From.Place(), "Gateway %s is not in the input: nothing says that it shows a certificate to Services, which refuse it then.", e.Parent)
		default:
			p.result.Clients[e.Parent] = e.Parent.Name + "-backend-tls"
		}
	}
}

func (p *planner) note(r *finding.Rule, at finding.Place, format string, args ...any) {
	f := finding.New(r, at, format, args...)
	if !slices.ContainsFunc(p.findings, func(o finding.Finding) bool { return o.Rule == r && o.Place == at && o.Message == f.Message }) {
		p.findings = append(p.findings, f)
	}
}

// backend secures connections to a Service, or to that of a subset; false where
// they stay as they are.
func (p *planner) backend(t *route.Table, name route.Name) bool {
	if done, known := p.served[name]; known {
		return done
	}
	p.served[name] = false
	svc := p.model.Services[name]
	if i := slices.IndexFunc(p.model.Subsets, func(s *mesh.SubsetService) bool { return s.Name == name }); i >= 0 {
		svc = p.model.Subsets[i].Base
	}
	if svc == nil || svc.ExternalName != "" || slices.ContainsFunc(p.model.BackendTLS, func(b *mesh.BackendTLS) bool { return b.Namespace == name.Namespace && b.Target == name.Name }) {
		return false // nothing is known of it, or TLS is there already
	}
	workloads := p.in.selected(svc)
	if len(workloads) == 0 {
		p.note(rule.IdentityUnknown, t.From.Place(), "no workload of the input runs the pods of Service %s, so there is no certificate for it: the gateway goes on to it in plain text.", svc.Name)
		return false
	}
	ports := p.demanding(svc, workloads)
	for _, section := range ports {
		p.verify(t, svc, name, section)
	}
	p.served[name] = len(ports) > 0
	return len(ports) > 0
}

// demanding are the ports where the mesh may use TLS, as section names: "" alone
// for all of them. DISABLE is the author's word that there is none, and pods
// without a proxy have none.
func (p *planner) demanding(svc *mesh.Service, workloads []*workload) []string {
	var names []string
	for _, port := range svc.Ports {
		number := cmp.Or(port.TargetPort, strconv.Itoa(int(port.Port)))
		plain := slices.ContainsFunc(workloads, func(w *workload) bool {
			return w.outside || p.in.mode(w, number, p.RootNamespace) == "DISABLE"
		})
		if !plain {
			names = append(names, port.Name)
		}
	}
	if len(names) == len(svc.Ports) && len(names) > 0 {
		return []string{""}
	}
	return names
}

// serve has the identities of a Service's pods answer to its names.
func (p *planner) serve(svc *mesh.Service) {
	workloads := p.in.selected(svc)
	if len(p.demanding(svc, workloads)) == 0 {
		return
	}
	for _, w := range workloads {
		if id := p.identities[route.Name{Namespace: w.Namespace, Name: w.account}]; id != nil {
			id.services[svc.Name.Name] = true
		}
	}
}

// verify has gateways ask for the certificate of svc.
func (p *planner) verify(t *route.Table, svc *mesh.Service, name route.Name, section string) {
	own := name
	if section != "" {
		own.Name += "-" + section
	}
	p.model.BackendTLS = append(p.model.BackendTLS, &mesh.BackendTLS{
		Name: own, Service: svc, Target: name.Name, SectionName: section,
		Hostname: svc.Name.Name + "." + svc.Namespace + ".svc.cluster.local", CACert: Authorities, From: t.From, Mesh: true,
	})
}

// Settle makes of findings what they are with the plan r (nil without --mtls) for
// the implementation target: what the applications take over is demanded of them,
// and an implementation that is no part of the mesh loses what it does by itself.
func Settle(findings []finding.Finding, r *Result, name string) {
	name = target.NameOf(name)
	title := name
	if t, err := target.Parse(name); err == nil {
		title = t.Title
	}
	for i := range findings {
		f := &findings[i]
		switch {
		case r != nil && f.Rule == rule.PeerAuthentication && r.Demanded[f.Place] > 0:
			*f = finding.New(rule.DemandedByApplication, f.Place, "this policy refuses who shows no certificate of the mesh; without proxies the applications of its %s refuse them, or nobody does.", count(r.Demanded[f.Place], "workload"))
		case r != nil && f.Rule == rule.AutoTLS:
			*f = finding.New(rule.DemandedByApplication, f.Place, "proxies show the mesh's certificate to these pods today; gateways show theirs afterwards, and other callers have to do so themselves.")
		case r == nil && f.Rule == rule.AutoTLS && name != "" && name != "istio":
			*f = finding.New(rule.MutualTLSLost, f.Place, "Istio's gateway shows the mesh's certificate to these pods today; that of %s is no part of Istio's mesh, so its requests go on in plain text, and pods that demand mutual TLS refuse them.", title)
		}
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
