package mesh

import (
	"maps"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// tlsTarget is a Service with the policy that Istio applies to its traffic.
type tlsTarget struct {
	service *Service // whose ports count
	name    route.Name
	rule    *originator
	policy  *networking.TrafficPolicy
	subset  *networking.TrafficPolicy // over policy, where traffic goes to a subset
}

// backendTLS reads the TLS that DestinationRules originate towards Services,
// and towards those that stand for subsets.
func (l *linker) backendTLS() []*BackendTLS {
	var out []*BackendTLS
	used := map[*destinationRule]bool{}
	for _, name := range slices.SortedFunc(maps.Keys(l.services), route.Name.Compare) {
		for _, dr := range l.rulesFor(name) {
			if dr.tls == nil {
				continue
			}
			used[dr] = true
			policy := dr.tls.spec.TrafficPolicy
			out = append(out, l.originate(tlsTarget{l.services[name], name, dr.tls, policy, nil})...)
			for _, s := range dr.tls.spec.Subsets {
				if made := l.subsets[subsetKey{name, s.Name}]; made != nil {
					out = append(out, l.originate(tlsTarget{made.Base, made.Name, dr.tls, policy, s.TrafficPolicy})...)
				}
			}
		}
	}
	if l.opts.Policies {
		out = append(out, l.outsideTLS(used)...)
	}
	l.reportUntargeted(used)
	slices.SortStableFunc(out, func(a, b *BackendTLS) int { return a.Name.Compare(b.Name) })
	return out
}

// originate gives a policy for all ports, or one for each port where they
// differ. A port with settings of its own inherits nothing
// (istio.io/api destination_rule.proto, port_level_settings).
func (l *linker) originate(t tlsTarget) []*BackendTLS {
	general := t.policy.GetTls()
	if t.subset.GetTls() != nil {
		general = t.subset.Tls
	}
	byPort := map[uint32]*networking.ClientTLSSettings{}
	for _, p := range slices.Concat(t.policy.GetPortLevelSettings(), t.subset.GetPortLevelSettings()) {
		byPort[p.GetPort().GetNumber()] = p.GetTls()
	}
	if len(byPort) == 0 {
		return compactTLS(l.policyFor(t, general, ""))
	}
	var out []*BackendTLS
	for _, p := range t.service.Ports {
		settings, own := byPort[p.Port]
		if !own {
			settings = general
		}
		if b := l.policyFor(t, settings, p.Name); b != nil {
			b.Name.Name += "-" + p.Name
			out = append(out, b)
		}
	}
	return out
}

func compactTLS(b *BackendTLS) []*BackendTLS {
	if b == nil {
		return nil
	}
	return []*BackendTLS{b}
}

// policyFor reads one ClientTLSSettings; nil where it originates no TLS that a
// policy can say. Verification is by the system's authorities where nothing
// else is written (Istio's VERIFY_CERTIFICATE_AT_CLIENT), and where Istio is
// told not to verify, which fails closed.
func (l *linker) policyFor(t tlsTarget, s *networking.ClientTLSSettings, section string) *BackendTLS {
	mode := s.GetMode()
	if s == nil || mode != networking.ClientTLSSettings_SIMPLE && mode != networking.ClientTLSSettings_MUTUAL {
		return nil
	}
	b := &BackendTLS{
		Name: t.name, Service: t.service, Target: t.name.Name, SectionName: section, Hostname: s.Sni, SANs: s.SubjectAltNames,
		From: t.rule.Node(s),
	}
	switch {
	case s.CredentialName != "":
		b.CACert = s.CredentialName
	case s.CaCertificates != "" && s.CaCertificates != "system":
		b.CACert = t.service.Name.Name + "-ca"
	default:
		b.System = true
	}
	return b
}

// reportUntargeted names DestinationRules whose TLS no policy carries, since
// their host is no Service of the input.
func (l *linker) reportUntargeted(used map[*destinationRule]bool) {
	for _, host := range slices.Sorted(maps.Keys(l.rules)) {
		for _, dr := range l.rules[host] {
			if used[dr] || dr.tls == nil {
				continue
			}
			for _, s := range originated(dr.tls.spec) {
				l.note(rule.BackendTLSHost, dr.tls.At(s, "mode"), "connections to %s are no longer encrypted by the mesh: a policy needs a Service of the input to target.", dr.tls.spec.Host)
			}
		}
	}
}

// originated lists the settings of a DestinationRule that make TLS connections.
func originated(spec *networking.DestinationRule) []*networking.ClientTLSSettings {
	policies := []*networking.TrafficPolicy{spec.TrafficPolicy}
	for _, s := range spec.Subsets {
		policies = append(policies, s.TrafficPolicy)
	}
	var out []*networking.ClientTLSSettings
	for _, p := range policies {
		out = append(out, p.GetTls())
		for _, port := range p.GetPortLevelSettings() {
			out = append(out, port.GetTls())
		}
	}
	return slices.DeleteFunc(out, func(s *networking.ClientTLSSettings) bool {
		return s.GetMode() != networking.ClientTLSSettings_SIMPLE && s.GetMode() != networking.ClientTLSSettings_MUTUAL
	})
}
