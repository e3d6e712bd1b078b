package prove

import (
	"net"
	"regexp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// givens are the conditions that the authority of all requests for w meets. A
// port in it is ignored when the host is looked up, and matched by conditions.
func (w where) givens() []given {
	var all []given
	if w.host != "" {
		all = append(all, given{StringMatch: hostExpression(w.host)})
	}
	for _, host := range w.except {
		all = append(all, given{hostExpression(host), true})
	}
	return all
}

// hostExpression takes the authorities of a host, which is not empty.
func hostExpression(host string) route.StringMatch {
	before := ""
	if suffix, ok := strings.CutPrefix(host, "*"); ok {
		before, host = "[^:]+", suffix
	}
	return route.StringMatch{Kind: route.Regex, IgnoreCase: true, Value: before + regexp.QuoteMeta(host) + "(:[0-9]+)?"}
}

// directory finds the list of a door that answers for a name: the exact one, or
// that of the longest wildcard, or that of all hosts. There is no going on to a
// wider one where none of its rules holds: each host is a virtual host of Envoy.
type directory struct {
	exact map[string]*route.List
	wide  []*route.List // longest first
}

func newDirectory(d *route.Door) *directory {
	r := &directory{exact: map[string]*route.List{}}
	if d == nil {
		return r
	}
	for _, l := range d.Lists {
		if l.Host == "" || l.Host[0] == '*' {
			r.wide = append(r.wide, l)
		} else {
			r.exact[l.Host] = l
		}
	}
	slices.SortStableFunc(r.wide, func(a, b *route.List) int { return len(b.Host) - len(a.Host) })
	return r
}

func (r *directory) serving(name string) *route.List {
	if l := r.exact[name]; l != nil {
		return l
	}
	if i := slices.IndexFunc(r.wide, func(l *route.List) bool { return route.HostTakes(l.Host, name) }); i >= 0 {
		return r.wide[i]
	}
	return nil
}

// sample is a name that host covers and none of the narrower hosts among others
// does.
func sample(host string, others []string) string {
	suffix, wild := strings.CutPrefix(host, "*")
	switch {
	case host == "":
		suffix = ".example.com"
	case !wild:
		return host
	}
	taken := func(name string) bool {
		return slices.ContainsFunc(others, func(o string) bool {
			return route.HostTakes(o, name) && (o == name || len(o) > len(host))
		})
	}
	if host == "" && !taken("example.com") {
		return "example.com"
	}
	label := "x"
	for taken(label + suffix) {
		label += "x"
		if len(label) > 63 { // *.example.com itself is taken
			return "x.invalid"
		}
	}
	return label + suffix
}

func scheme(secure bool) string {
	if secure {
		return "https"
	}
	return "http"
}

// splitPort parts host:port; port is "" where there is none.
func splitPort(authority string) (host, port string) {
	if h, p, err := net.SplitHostPort(authority); err == nil {
		return h, p
	}
	return authority, ""
}
