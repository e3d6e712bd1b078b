package lint

import (
	"maps"
	"net"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// hops is how often a client is sent on before it is taken to go round; browsers
// give up after 20.
const hops = 20

// redirectLoops names redirects whose Location is redirected again, and so on
// without an end.
func (p *pass) redirectLoops() {
	said := map[*source.Node]bool{}
	x := &route.Expressions{}
	for _, d := range p.routing.Doors {
		if d.Protocol != route.HTTP {
			continue
		}
		for _, list := range d.Lists {
			for _, r := range list.Rules {
				if r.Action.Redirect == nil || said[r.Action.Redirect.From] || setsCookie(r.Action) {
					continue
				}
				w := &walk{expressions: x, door: d, list: list}
				if request, ok := w.goesRound(r); ok {
					said[r.Action.Redirect.From] = true
					p.note(rule.RedirectLoop, r.Action.Redirect.From.Place(), "GET %s is redirected to %s, which is redirected again, and so on: clients give up.",
						d.URL(request), w.first)
				}
			}
		}
	}
}

// setsCookie tells whether the redirect changes what the client sends next.
func setsCookie(a *route.Action) bool {
	ops := a.Response()
	return slices.ContainsFunc(slices.Concat(ops.Set, ops.Add), func(h route.Header) bool { return strings.EqualFold(h.Name, "set-cookie") })
}

// walk follows redirects within one list.
type walk struct {
	expressions *route.Expressions
	door        *route.Door
	list        *route.List
	first       string // Location of the first redirect
}

// goesRound follows a request that r takes. Requests that an earlier rule decides
// are left alone, since they are no example.
func (w *walk) goesRound(r *route.Rule) (request route.Request, ok bool) {
	request, empty := w.expressions.Empty(&r.Match)
	if empty != route.No || request.Method != "GET" && request.Method != "HEAD" {
		return request, false
	}
	if request.Authority == "" {
		request.Authority = strings.Replace(w.list.Host, "*.", "www.", 1)
	}
	at := request
	at.Headers, at.Query = maps.Clone(request.Headers), maps.Clone(request.Query)
	for hop := range hops {
		decides := w.decides(&at)
		if decides == nil || hop == 0 && decides != r || decides.Action.Redirect == nil || setsCookie(decides.Action) {
			return request, false
		}
		if !w.follow(&at, decides) {
			return request, false
		}
		if hop == 0 {
			w.first = w.door.URL(at)
		}
	}
	return request, true
}

func (w *walk) decides(request *route.Request) *route.Rule {
	for _, r := range w.list.Rules {
		if w.expressions.Holds(&r.Match, request) {
			return r
		}
	}
	return nil
}

// follow makes the request that a client sends next; false where it goes to
// another door or list.
func (w *walk) follow(request *route.Request, r *route.Rule) bool {
	to, scheme := r.Action.Redirect, map[bool]string{true: "https", false: "http"}[w.door.Secure]
	if to.Scheme != "" && to.Scheme != scheme || to.Port != 0 && to.Port != w.door.Entry.Port {
		return false
	}
	if to.Authority != "" {
		if _, _, err := net.SplitHostPort(to.Authority); err == nil {
			return false // whose port may be that of a proxy in front
		}
		host := strings.ToLower(to.Authority)
		if host != request.Authority && (w.door.Entry.Mesh || prove.ListFor(w.door, host) != w.list) {
			return false
		}
		request.Authority = host
	}
	switch {
	case to.Path != "":
		path, _, hasQuery := strings.Cut(to.Path, "?")
		if hasQuery || strings.ContainsAny(to.Path, "%#") {
			return false
		}
		request.Path = path
	case to.Prefix != "" && r.Match.Path.Kind == route.Prefix:
		if len(request.Path) < len(r.Match.Path.Value) || strings.ContainsAny(to.Prefix, "?%#") {
			return false
		}
		request.Path = to.Prefix + request.Path[len(r.Match.Path.Value):]
	case to.Prefix != "":
		return false
	}
	return strings.HasPrefix(request.Path, "/")
}
