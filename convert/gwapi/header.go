package gwapi

import (
	"regexp"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// headerLevel are operations that Envoy runs in one go: the removals of all of
// them, then what each sets and adds, in order (Envoy's HeaderParser; Istio joins
// the operations of a rule and of its sole destination so).
type headerLevel []route.HeaderOps

// headerEdit is what a sequence of operations does to one header.
type headerEdit struct {
	name    string
	replace bool     // the value of the message goes
	values  []string // these come
	at      finding.Place
}

// headerFilter says what levels do, one after the other, or nil for nothing.
// Gateway API wants one operation for a header, so their effects are computed.
func (p *pass) headerFilter(request bool, levels ...headerLevel) *gatewayv1.HTTPHeaderFilter {
	edits := map[string]*headerEdit{}
	for _, level := range levels {
		for _, ops := range level {
			for _, name := range ops.Remove {
				p.editHeader(edits, headerStep{name: name, at: ops.From.At("remove"), replace: true, request: request})
			}
		}
		for _, ops := range level {
			for _, h := range ops.Set {
				p.editHeader(edits, headerStep{name: h.Name, value: &h.Value, at: ops.From.Get("set").At(h.Name), replace: true, request: request})
			}
			for _, h := range ops.Add {
				p.editHeader(edits, headerStep{name: h.Name, value: &h.Value, at: ops.From.Get("add").At(h.Name), request: request})
			}
		}
	}
	return p.writeHeaders(edits)
}

// headerStep is one operation on one header.
type headerStep struct {
	name    string
	value   *string // nil removes
	at      finding.Place
	replace bool
	request bool
}

// editHeader adds s to what is done to its header.
func (p *pass) editHeader(edits map[string]*headerEdit, s headerStep) {
	if strings.HasPrefix(s.name, ":") || strings.EqualFold(s.name, "host") { // core/route/route.go, isInternalHeader
		if !s.request || s.value == nil || !isAuthority(s.name) {
			p.note(rule.HeaderIdle, s.at, "Istio leaves %s alone, so this operation does nothing; left out.", s.name)
		}
		return
	}
	if !tokenName.MatchString(s.name) {
		p.note(rule.HeaderRefused, s.at, "%q is no header name, so the operation is lost.", s.name)
		return
	}
	key := strings.ToLower(s.name)
	edit := headerEdit{name: s.name, at: s.at}
	if before := edits[key]; before != nil {
		edit = *before
	}
	if s.replace {
		edit.replace, edit.values = true, nil
	}
	if s.value != nil {
		plain, ok := p.headerValue(s)
		if !ok && !s.replace || ok && plain == "" {
			return
		}
		if ok {
			edit.values = append(slices.Clone(edit.values), plain)
		}
	}
	edits[key] = &edit
}

// headerValue is the value of s as it is sent; "" has no effect. A value that
// can't be said is reported, and ok is false.
func (p *pass) headerValue(s headerStep) (plain string, ok bool) {
	v := *s.value
	if v == "" {
		p.note(rule.HeaderIdle, s.at, "Envoy drops an empty value, so header %s is left as it is today too; left out.", s.name)
		return "", true
	}
	without := ""
	if s.replace {
		without = "; it is removed, so that no value of the sender's passes for it"
	}
	plain = strings.ReplaceAll(v, "%%", "\x00")
	if strings.Contains(plain, "%") {
		p.note(rule.HeaderFormatter, s.at, "header %s is set to %s today, which Envoy fills in for each request; Gateway API would send it as written, so the header is not set%s.", s.name, v, without)
		return "", false
	}
	plain = strings.ReplaceAll(plain, "\x00", "%")
	if len(plain) > p.opts.Bundle.Limits().HeaderValue || !p.opts.Bundle.Has(target.AnyHeaderValue) && !plainValue.MatchString(plain) {
		p.note(rule.HeaderRefused, s.at, "Gateway API %s refuses the value of header %s, so the header is not set%s.", p.opts.Bundle, s.name, without)
		return "", false
	}
	return plain, true
}

// writeHeaders lists the edits as set, add and remove, each ordered by name.
func (p *pass) writeHeaders(edits map[string]*headerEdit) *gatewayv1.HTTPHeaderFilter {
	if len(edits) == 0 {
		return nil
	}
	f := &gatewayv1.HTTPHeaderFilter{}
	limit := p.opts.Bundle.Limits().HeaderEdits
	for _, key := range sortedKeys(edits) {
		e := edits[key]
		full := len(f.Add) == limit
		switch {
		case e.replace && len(e.values) == 0:
			if full = len(f.Remove) == limit; !full {
				f.Remove = append(f.Remove, e.name)
			}
		case e.replace:
			if full = len(f.Set) == limit; !full {
				f.Set = append(f.Set, p.headerOut(e))
			}
		case !full:
			f.Add = append(f.Add, p.headerOut(e))
		}
		if full {
			p.note(rule.HeaderRefused, e.at, "a filter takes at most %d headers for each operation, so what is done to %s is lost.", limit, e.name)
		}
	}
	return f
}

func (p *pass) headerOut(e *headerEdit) gatewayv1.HTTPHeader {
	if len(e.values) > 1 {
		p.note(rule.HeaderTwice, e.at, "header %s gets %d lines today and one line with the values joined by commas afterwards.", e.name, len(e.values))
	}
	return gatewayv1.HTTPHeader{Name: gatewayv1.HTTPHeaderName(e.name), Value: strings.Join(e.values, ", ")}
}

var authorityName = regexp.MustCompile(`(?i)^(:authority|host)$`)

func isAuthority(name string) bool { return authorityName.MatchString(name) }

// headerAuthority is the Host that ops write: what is set comes before what is
// added (core/route/route.go, TranslateHeadersOperations).
func headerAuthority(ops route.HeaderOps) (host string, at finding.Place) {
	for _, list := range []struct {
		key     string
		headers []route.Header
	}{{"set", ops.Set}, {"add", ops.Add}} {
		for _, h := range list.headers {
			if isAuthority(h.Name) && h.Value != "" {
				host, at = h.Value, ops.From.Get(list.key).At(h.Name)
			}
		}
		if host != "" {
			break
		}
	}
	return host, at
}
