package gwapi_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// dump spells a routing for people.
func dump(r *route.Routing) string {
	var b strings.Builder
	for _, d := range r.Doors {
		fmt.Fprintf(&b, "door %s\n", doorText(d))
		for _, l := range d.Lists {
			fmt.Fprintf(&b, "  host %s\n", cmp.Or(l.Host, "any"))
			for i, x := range l.Rules {
				fmt.Fprintf(&b, "    %d %s%s\n", i, x.Where, lineText(x))
				fmt.Fprintf(&b, "      %s\n      -> %s\n", conditionsText(x.Match), actionText(x.Action))
			}
			if pairs := unsurePairs(l); pairs != "" {
				fmt.Fprintf(&b, "    order not sure:%s\n", pairs)
			}
		}
	}
	for _, name := range slices.SortedFunc(maps.Keys(r.Pods), route.Name.Compare) {
		p := r.Pods[name]
		fmt.Fprintf(&b, "pods %s selector %q ports %v\n", name, p.Selector, p.Ports)
	}
	return b.String()
}

func lineText(x *route.Rule) string {
	if line := x.From.Place().Pos.Line; line > 0 {
		return fmt.Sprintf(" (line %d)", line)
	}
	return ""
}

func unsurePairs(l *route.List) string {
	var b strings.Builder
	for j := range l.Rules {
		for i := range j {
			if l.Sure != nil && !l.Sure(i, j) {
				fmt.Fprintf(&b, " %d<%d", i, j)
			}
		}
	}
	return b.String()
}

func doorText(d *route.Door) string {
	kind, protocol := "gateway", string(d.Protocol)
	if d.Entry.Mesh {
		kind = "service"
	}
	if d.Secure {
		protocol += " within TLS"
	}
	text := fmt.Sprintf("%s of %s %s", protocol, kind, d.Entry.Parent)
	if d.Entry.Section != "" {
		text += " section " + d.Entry.Section
	}
	if d.Entry.Port != 0 {
		text += fmt.Sprintf(" port %d", d.Entry.Port)
	}
	if d.Entry.Unknown {
		text += ", unknown"
	}
	return text
}

func conditionsText(m route.Match) string {
	var words []string
	add := func(what string, c route.StringMatch) {
		if c.Kind != route.Any {
			kind := [...]string{"any", "exact", "prefix", "element", "regex", "present"}[c.Kind]
			words = append(words, fmt.Sprintf("%s %s %s", what, kind, c.Value))
		}
	}
	add("path", m.Path)
	add("method", m.Method)
	for _, h := range m.Headers {
		add("header "+h.Name, h.StringMatch)
	}
	for _, q := range m.Query {
		add("query "+q.Name, q.StringMatch)
	}
	if m.SourceNamespace != "" {
		words = append(words, "callers of namespace "+m.SourceNamespace)
	}
	return cmp.Or(strings.Join(words, ", "), "all requests")
}

func actionText(a *route.Action) string {
	var words []string
	add := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	for _, b := range a.Backends {
		add("%s", backendText(b))
	}
	if a.Direct != nil {
		add("answer %d", a.Direct.Status)
	}
	if d := a.Redirect; d != nil {
		add("redirect %d scheme=%q host=%q port=%d by %d path=%q prefix=%q change=%d", d.Code, d.Scheme, d.Authority, d.Port, d.PortSource, d.Path, d.Prefix, d.Change)
	}
	if w := a.Rewrite; w != nil {
		add("rewrite path=%q change=%d host=%q", w.Path, w.Change, w.Authority)
	}
	words = append(words, headersText(a.Headers)...)
	if a.Timeout != nil {
		add("timeout %s", a.Timeout.Request)
	}
	if t := a.Retry; t != nil {
		add("retry %d per try %s backoff %s on %v codes %v", t.Attempts, t.PerTry, t.Backoff, t.On, t.Codes)
	}
	for _, m := range a.Mirrors {
		add("mirror %v %% to %s", m.Percent, backendText(m.Backend))
	}
	if c := a.CORS; c != nil {
		add("cors %s", corsText(c))
	}
	if len(a.Opaque) > 0 {
		add("opaque %q", a.Opaque)
	}
	return strings.Join(words, "; ")
}

func backendText(b route.Backend) string {
	text := fmt.Sprintf("%s:%d weight %d", b.Host, b.Port, b.Weight)
	if b.Refused != 0 {
		text = fmt.Sprintf("refused %d weight %d", b.Refused, b.Weight)
	}
	for _, h := range headersText(b.Headers) {
		text += " (" + h + ")"
	}
	return text
}

func headersText(h *route.Headers) []string {
	var words []string
	for name, ops := range map[string]route.HeaderOps{"request": h.Request(), "response": h.Response()} {
		if !ops.Empty() {
			words = append(words, fmt.Sprintf("%s headers set %v add %v remove %v", name, ops.Set, ops.Add, ops.Remove))
		}
	}
	slices.Sort(words)
	return words
}

func corsText(c *route.CORS) string {
	var origins []string
	for _, o := range c.Origins {
		origins = append(origins, o.Value)
	}
	credentials := "unset"
	if c.Credentials != nil {
		credentials = fmt.Sprint(*c.Credentials)
	}
	return fmt.Sprintf("origins %v methods %v headers %v expose %v age %s credentials %s", origins, c.Methods, c.Headers, c.Expose, *c.MaxAge, credentials)
}
