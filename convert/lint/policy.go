package lint

import (
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// claims is how a header condition on a claim of a JWT begins.
const claims = "@request.auth.claims"

// claimRoutes finds conditions on claims at a gateway whose pods check no tokens,
// where RequestAuthentications are given: without one no claim is ever known.
func (p *pass) claimRoutes() {
	var auths []document
	for _, d := range p.policies {
		if d.Document.Kind == "RequestAuthentication" {
			auths = append(auths, d)
		}
	}
	if len(auths) == 0 {
		return
	}
	for _, vs := range p.virtualServices {
		at, ok := claimCondition(vs)
		if !ok {
			continue
		}
		for _, ref := range vs.spec.Gateways {
			i := slices.IndexFunc(p.model.Gateways, func(g *mesh.Gateway) bool { return g.Name == mesh.ResolveGateway(ref, vs.Namespace) })
			if i < 0 || ref == "mesh" {
				continue
			}
			if g := p.model.Gateways[i]; !slices.ContainsFunc(auths, func(d document) bool { return p.covers(d, g) }) {
				p.note(rule.ClaimsUnknown, at, "this condition holds for no request: no RequestAuthentication applies to the pods of Gateway %s, so that no claim is known there.", g.Name)
				break
			}
		}
	}
}

// covers tells whether a policy may apply to the pods of g.
func (p *pass) covers(d document, g *mesh.Gateway) bool {
	if d.Name.Namespace != g.PodNamespace && d.Name.Namespace != p.opts.GatewayNamespace && !g.PodsAssumed {
		return false
	}
	selector, _ := texts(d.spec().Get("selector").Get("matchLabels"))
	if len(selector) == 0 || d.spec().Has("targetRefs") || d.spec().Has("targetRef") {
		return true
	}
	for k, v := range selector {
		if want, ok := g.Spec.Selector[k]; ok && want != v {
			return false
		}
	}
	return true
}

// claimCondition is the first condition on a claim in vs.
func claimCondition(vs virtualService) (at finding.Place, ok bool) {
	for _, h := range vs.spec.Http {
		for _, m := range h.Match {
			for _, list := range []map[string]*networking.StringMatch{m.Headers, m.WithoutHeaders} {
				for _, name := range sortedKeys(list) {
					if strings.HasPrefix(strings.ToLower(name), claims) {
						return vs.Node(m).Place(), true
					}
				}
			}
		}
	}
	return finding.Place{}, false
}

// serviceSelectors finds Services of routes that select none of the workloads of
// their namespace, where the manifest beside them shows workloads.
func (p *pass) serviceSelectors() {
	routed := map[route.Name]bool{}
	for _, vs := range p.virtualServices {
		for _, d := range destinations(vs.spec) {
			if name, svc := p.service(d.GetHost(), vs.Namespace); svc != nil {
				routed[name] = true
			}
		}
	}
	for _, s := range p.services {
		svc := p.model.Services[s.Name]
		if svc == nil || !routed[s.Name] || len(svc.Selector) == 0 || !settled(svc.Selector) || len(p.selected(s.Name.Namespace, svc.Selector)) > 0 {
			continue
		}
		if near := p.nearly(s.Name.Namespace, svc.Selector); near != "" {
			p.note(rule.ServiceWithoutPods, s.spec().At("selector"), "requests to Service %s get 503: no workload of the input makes pods labelled %s (%s).", s.Name, canonical(svc.Selector), near)
		}
	}
}

// nearly says of the workload that comes closest to a selector how it differs,
// if one has some of its labels: enough to tell that it was meant.
func (p *pass) nearly(namespace string, selector map[string]string) string {
	c := p.workloads[namespace]
	if c == nil {
		return ""
	}
	meant := map[int]int{}
	for k, v := range selector {
		for _, i := range c.by[[2]string{k, v}] {
			meant[i]++
		}
	}
	best := -1
	for i := range meant {
		if best < 0 || meant[i] > meant[best] || meant[i] == meant[best] && c.all[i].Compare(c.all[best].Name) < 0 {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	w := c.all[best]
	for _, k := range sortedKeys(selector) {
		switch got, ok := w.labels[k]; {
		case !ok:
			return w.Name.Name + " has no " + k
		case got != selector[k]:
			return w.Name.Name + " has " + k + "=" + got
		}
	}
	return ""
}

// policySelectors finds policies for pods that no workload of their namespace
// makes, where several of its workloads are given.
func (p *pass) policySelectors() {
	named := p.named()
	for _, d := range p.policies {
		at := d.spec().Get("selector").Get("matchLabels")
		if workload := d.spec().Get("workloadSelector").Get("labels"); workload != nil {
			at = workload
		}
		selector, _ := texts(at)
		if len(selector) == 0 || !settled(selector) || d.Name.Namespace == p.opts.GatewayNamespace {
			continue // in the root namespace it is for pods of all namespaces
		}
		if all := p.selected(d.Name.Namespace, nil); len(all) < 2 || len(p.selected(d.Name.Namespace, selector)) > 0 || !known(selector, all) || mentions(named, selector) {
			continue
		}
		p.note(rule.PolicyWithoutPods, at.Place(), "%s applies to nothing: no workload of namespace %s in the input makes pods labelled %s.", d.Document.Object(), d.Name.Namespace, canonical(selector))
	}
}

// named are the first labels of all hosts that the input speaks of.
func (p *pass) named() map[string]bool {
	all := map[string]bool{}
	add := func(host string) {
		first, _, _ := strings.Cut(host, ".")
		all[first] = true
	}
	for _, vs := range p.virtualServices {
		for _, h := range vs.spec.Hosts {
			add(h)
		}
		for _, d := range destinations(vs.spec) {
			add(d.GetHost())
		}
	}
	for _, dr := range p.rules {
		add(dr.spec.Host)
	}
	return all
}

// mentions tells whether a label that a selector asks for is the name of a host
// of the input: its pods are somewhere, then, and the input is a part only.
func mentions(named map[string]bool, selector map[string]string) bool {
	for _, v := range selector {
		if named[v] {
			return true
		}
	}
	return false
}

// known tells whether some workload has labels of all names of a selector, so
// that the others can be taken to be given too.
func known(selector map[string]string, all []workload) bool {
	return slices.ContainsFunc(all, func(w workload) bool {
		for k := range selector {
			if _, ok := w.labels[k]; !ok {
				return false
			}
		}
		return true
	})
}

// serviceEntries finds ServiceEntries of one host and port with different
// protocols, and those that take all TCP of a port.
func (p *pass) serviceEntries() {
	type hostPort struct {
		host string
		port uint32
	}
	type first struct {
		protocol string
		at       finding.Place
		entry    object[*networking.ServiceEntry]
	}
	seen := map[hostPort]first{}
	for _, e := range p.entries {
		if len(e.spec.ExportTo) > 0 && !slices.Contains(e.spec.ExportTo, "*") {
			continue // for callers of its own
		}
		for i, port := range e.spec.Ports {
			at := child(e.Root.Get("spec"), "ports", i)
			for _, host := range e.spec.Hosts {
				key := hostPort{strings.ToLower(host), port.Number}
				before, ok := seen[key]
				if !ok {
					seen[key] = first{spoken(port.Protocol), at.Place(), e}
					continue
				}
				if before.protocol != spoken(port.Protocol) {
					f := p.note(rule.EntriesClash, at.At("protocol"), "port %d of %s is %s here and %s by %s at %s: which one callers speak is left to chance.",
						port.Number, host, port.Protocol, before.protocol, before.entry.Document.Object(), spot(before.at, at.Place()))
					related(f, before.at, "another protocol")
					break
				}
			}
		}
	}
}

// spoken is a protocol as callers speak it: HTTPS is TLS to them.
func spoken(protocol string) string {
	if protocol = strings.ToUpper(protocol); protocol == "HTTPS" {
		return "TLS"
	}
	return protocol
}

// oldVersions notes once which objects are written in an old version.
func (p *pass) oldVersions() {
	kinds := []string{"VirtualService", "DestinationRule", "Gateway", "ServiceEntry", "Sidecar", "WorkloadEntry", "WorkloadGroup"}
	for _, d := range p.docs {
		if d.APIVersion == "networking.istio.io/v1alpha3" && slices.Contains(kinds, d.Document.Kind) {
			p.note(rule.OldVersion, d.Root.At("apiVersion"), "the input has objects of %s, of which this is the first; networking.istio.io/v1 means the same.", d.APIVersion)
			return
		}
	}
}
