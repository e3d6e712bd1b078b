package prove

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// describe says what a rule does with the witness of d, with regard to the
// aspects in which d differs.
func (p *prover) describe(r *rule, d *Difference) string {
	if r == nil {
		if p.protocol != route.HTTP {
			return "closes the connection, since no rule holds"
		}
		return "answers 404, since no rule holds"
	}
	did := &p.deeds[r.deed]
	a := r.Action
	var text string
	switch did.outcome {
	case forwards:
		text = "forwards to " + backendsText(a.Backends)
	case redirects:
		text = fmt.Sprintf("redirects with status %d to %s", a.Redirect.Code, p.target(r, d.Witness))
	case responds, refuses:
		text = p.answerText(did)
	}
	for _, more := range p.details(r, d) {
		text += ", " + more
	}
	return text
}

func (p *prover) answerText(did *deed) string {
	switch s := did.parts[status]; {
	case s == "closed":
		return "closes the connection"
	case strings.HasPrefix(s, "abort "):
		return strings.TrimSpace("aborts the request with " + strings.TrimPrefix(s, "abort "))
	default:
		return "answers " + s
	}
}

// target is the Location.
func (p *prover) target(r *rule, w route.Request) string {
	host, hostPort := splitPort(w.Authority)
	in := p.arrivals()[0]
	in.hostPort = hostPort
	to := locate(r.Action.Redirect, in)
	return strings.Replace(to, "HOST", host, 1) + r.effect.of(w.Path)
}

// backendsText names backends with their shares.
func backendsText(all []route.Backend) string {
	sum := uint64(0)
	for _, b := range all {
		sum += uint64(b.Weight)
	}
	var names []string
	for _, b := range all {
		if b.Weight == 0 {
			continue
		}
		name := backendText(&b)
		if uint64(b.Weight) < sum {
			name += fmt.Sprintf(" (%.4g %%)", 100*float64(b.Weight)/float64(sum))
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// podsText names the Pods that backends select.
func (s *side) podsText(all []route.Backend) string {
	var pods []string
	for i := range all {
		if all[i].Weight > 0 {
			pods = append(pods, s.target(&all[i]))
		}
	}
	if len(pods) == 0 {
		return ""
	}
	return ", reaching " + strings.Join(pods, ", ")
}

func backendText(b *route.Backend) string {
	name := cmp.Or(b.Host, "a destination without host")
	switch {
	case b.Refused != 0:
		return fmt.Sprintf("nothing, with status %d", b.Refused)
	case b.Service != route.Name{}:
		name = b.Service.Name + "." + b.Service.Namespace
	}
	if b.Port == 0 {
		return name
	}
	return fmt.Sprintf("%s:%d", name, b.Port)
}

// details says of the aspects in which d differs what is not said otherwise.
func (p *prover) details(r *rule, d *Difference) []string {
	did := &p.deeds[r.deed]
	var all []string
	for _, aspect := range d.Aspects {
		switch aspect {
		case finding.PathRewrite:
			all = append(all, "path "+r.effect.of(d.Witness.Path))
		case finding.HostRewrite:
			all = append(all, "Host "+orNone(did.parts[hostRewrite], "as it came"))
		case finding.RequestHeaders:
			all = append(all, "request headers "+headersText(did.parts[requestHeaders]))
		case finding.ResponseHeaders:
			all = append(all, "response headers "+headersText(did.parts[responseHeaders]))
		case finding.Timeout:
			all = append(all, "timeout "+orNone(did.parts[timeout], "none"))
		case finding.Retry:
			all = append(all, "retries "+orNone(did.parts[retry], "by default"))
		case finding.Mirror:
			all = append(all, "copies "+mirrorsText(r.Action.Mirrors))
		case finding.CORS:
			all = append(all, "cross-origin "+crossText(did))
		case finding.Fault:
			all = append(all, "fault "+orNone(did.parts[fault], "none"))
		case finding.Outcome, finding.Destinations, finding.Weights, finding.Redirect, finding.DirectResponse, finding.HostServed:
		default:
			panic(fmt.Sprintf("unhandled aspect %q", aspect))
		}
	}
	return all
}

func orNone(text, none string) string {
	if text == "" {
		return none
	}
	return strings.ReplaceAll(text, "\n", "; ")
}

func headersText(text string) string {
	if text == "" {
		return "as they came"
	}
	text = strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\x00\n", "; ")
	return strings.ReplaceAll(strings.ReplaceAll(strings.TrimSuffix(text, "\x00"), "\x00", ", "), "\n", "; ")
}

func crossText(did *deed) string {
	if did.parts[origins] == "" {
		return "none"
	}
	return "origins " + did.parts[origins] + " " + did.parts[cors]
}

func mirrorsText(all []route.Mirror) string {
	var names []string
	for i := range all {
		names = append(names, fmt.Sprintf("%v %% to %s", all[i].Percent, backendText(&all[i].Backend)))
	}
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// ruleText names a rule in a sentence.
func ruleText(r *rule) string {
	switch {
	case r == nil:
		return "no rule"
	case r.Where != "":
		return r.Where
	case r.From != nil:
		at := r.From.Place()
		return strings.TrimSpace(at.Object + " " + at.Field)
	case r.Name != "":
		return "rule " + r.Name
	}
	return "a rule"
}
