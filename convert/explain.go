package convert

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Explanation says what one list of rules does with a request.
type Explanation struct {
	Door  *route.Door
	Host  string // of the list that answers; "" for all hosts
	Known bool   // some list answers for the request's host
	Steps []Step // up to the rule that decides; none decides: 404
}

// Step is a rule that was asked.
type Step struct {
	Rule *route.Rule
	Why  string // the condition that does not hold; "" when the rule decides
	Then string // what the deciding rule does
	// Perhaps says that a later rule may be preferred: Gateway API leaves the rank
	// of regular expressions to the implementation.
	Perhaps bool
}

// Explain says for each door of s at which r can come in which rule decides, and
// why those before it did not. port 0 stands for the scheme's own.
func Explain(s Side, r route.Request, port uint32) []Explanation {
	var all []Explanation
	for _, d := range doorsFor(s.Routing, r, port) {
		e := Explanation{Door: d}
		list := prove.ListFor(d, r.Authority)
		if list != nil {
			e.Host, e.Known, e.Steps = list.Host, true, steps(list, &r)
		}
		all = append(all, e)
	}
	return all
}

func steps(list *route.List, r *route.Request) []Step {
	var all []Step
	first := -1
	for i, rule := range list.Rules {
		why := failing(&rule.Match, r)
		switch {
		case first < 0:
			all = append(all, Step{Rule: rule, Why: why})
			if why == "" {
				first = i
				all[len(all)-1].Then = prove.Describe(rule.Action)
			}
		case why == "" && list.Sure != nil && !list.Sure(first, i):
			all = append(all, Step{Rule: rule, Then: prove.Describe(rule.Action), Perhaps: true})
		}
	}
	return all
}

// doorsFor are the doors at which r can come in: those of its port and scheme,
// else, since gateways often listen on other ports than clients speak to, those
// of its scheme.
func doorsFor(routing *route.Routing, r route.Request, port uint32) []*route.Door {
	wanted := cmp.Or(port, map[string]uint32{"http": 80, "https": 443}[r.Scheme])
	var exact, scheme []*route.Door
	for _, d := range routing.Doors {
		switch {
		case d.Protocol != route.HTTP:
		case d.Entry.Mesh:
			if serves(d.Entry.Parent, r.Authority) && (port == 0 || d.Entry.Port == 0 || d.Entry.Port == port) {
				exact = append(exact, d)
			}
		case d.Entry.Port == wanted && d.Secure == (r.Scheme == "https"), d.Entry.Unknown:
			exact = append(exact, d)
		case d.Secure == (r.Scheme == "https"):
			scheme = append(scheme, d)
		}
	}
	if len(exact) > 0 || port != 0 {
		return exact
	}
	return scheme
}

// serves tells whether host is one of the names of a Service in the cluster.
func serves(service route.Name, host string) bool {
	name, rest, _ := strings.Cut(host, ".")
	namespace, domain, _ := strings.Cut(rest, ".")
	return name == service.Name && (rest == "" || namespace == service.Namespace && (domain == "" || domain == "svc" || strings.HasPrefix(domain, "svc.")))
}

// failing names the first condition of m that r does not meet, or "".
func failing(m *route.Match, r *route.Request) string {
	if m.Holds(r) {
		return ""
	}
	alone := func(part route.Match) bool { return !part.Holds(r) }
	switch {
	case alone(route.Match{Path: m.Path}):
		return "the path " + unmet(m.Path)
	case alone(route.Match{Method: m.Method}):
		return "the method " + unmet(m.Method)
	case alone(route.Match{Scheme: m.Scheme}):
		return "the scheme " + unmet(m.Scheme)
	case alone(route.Match{Authority: m.Authority}):
		return "the authority " + unmet(m.Authority)
	}
	for _, k := range m.Headers {
		if alone(route.Match{Headers: []route.KeyMatch{k}}) {
			return "header " + unmetKey(k, r.Headers[strings.ToLower(k.Name)], has(r.Headers, strings.ToLower(k.Name)))
		}
	}
	for _, k := range m.Query {
		if alone(route.Match{Query: []route.KeyMatch{k}}) {
			return "query parameter " + unmetKey(k, r.Query[k.Name], has(r.Query, k.Name))
		}
	}
	for _, k := range m.Without {
		if alone(route.Match{Without: []route.KeyMatch{k}}) {
			return fmt.Sprintf("header %s is there, and must not be", k.Name)
		}
	}
	return "it is for other callers" // labels, namespace
}

func has(values map[string]string, key string) bool {
	_, ok := values[key]
	return ok
}

func unmetKey(k route.KeyMatch, value string, present bool) string {
	if !present {
		return k.Name + " is absent"
	}
	return fmt.Sprintf("%s: %s %s", k.Name, value, unmet(k.StringMatch))
}

// unmet ends the sentence "the path ...".
func unmet(c route.StringMatch) string {
	folded := ""
	if c.IgnoreCase {
		folded = ", in upper or lower case"
	}
	switch c.Kind {
	case route.Exact:
		return fmt.Sprintf("is not %s%s", c.Value, folded)
	case route.Prefix:
		return fmt.Sprintf("does not begin with %s%s", c.Value, folded)
	case route.Element:
		return fmt.Sprintf("is not %s or below it%s", strings.TrimSuffix(c.Value, "/"), folded)
	case route.Regex:
		return fmt.Sprintf("does not match %s", c.Value)
	case route.Present:
		return "is absent"
	case route.Any:
		return "is refused" // Any holds always
	}
	panic(fmt.Sprintf("unhandled kind %d", c.Kind))
}

// ParseRequest reads "GET https://shop.example.com/api?x=1", the method being
// optional, and headers as in "name: value". port is 0 where the URL names none.
func ParseRequest(line string, headers []string) (r route.Request, port uint32, err error) {
	method, target, spaced := strings.Cut(strings.TrimSpace(line), " ")
	if !spaced {
		method, target = "GET", method
	}
	u, err := url.Parse(strings.TrimSpace(target))
	switch {
	case err != nil:
		return r, 0, fmt.Errorf("%q is not a URL: %w", target, err)
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return r, 0, fmt.Errorf("%q is not a URL with http:// or https:// and a host", target)
	}
	if u.Port() != "" {
		n, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil {
			return r, 0, fmt.Errorf("%q has no port that can be: %w", target, err)
		}
		port = uint32(n)
	}
	r = route.Request{
		Method: method, Path: cmp.Or(u.EscapedPath(), "/"), Scheme: u.Scheme, Authority: strings.ToLower(u.Hostname()),
		Headers: map[string]string{}, Query: map[string]string{},
	}
	query := u.Query()
	for _, k := range slices.Sorted(maps.Keys(query)) {
		r.Query[k] = query[k][0] // Envoy and Gateway API look at the first of several
	}
	for _, h := range headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return r, 0, fmt.Errorf("header %q is not of the form \"name: value\"", h)
		}
		name = strings.ToLower(strings.TrimSpace(name))
		if old, ok := r.Headers[name]; ok {
			value = old + "," + strings.TrimSpace(value) // RFC 9110, 5.3
		}
		r.Headers[name] = strings.TrimSpace(value)
	}
	return r, port, nil
}
