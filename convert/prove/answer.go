package prove

import (
	"fmt"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// ListFor returns the list of a door that answers for host, a name without port,
// or nil: then nothing does.
func ListFor(door *route.Door, host string) *route.List {
	return newDirectory(door).serving(strings.ToLower(host))
}

// Describe says what a does with a request, for people: "forwards to
// reviews.shop:9080". A difference tells more, of its own aspects.
func Describe(a *route.Action) string {
	switch {
	case len(a.Opaque) > 0:
		return "does what is not known here: " + strings.Join(a.Opaque, ", ")
	case a.Fault != nil && a.Fault.AbortPercent >= 100:
		return "aborts the request"
	case a.Direct != nil:
		return fmt.Sprintf("answers %d", a.Direct.Status)
	case a.Redirect != nil:
		return "redirects" + redirectText(a.Redirect)
	}
	if text := backendsText(a.Backends); text != "" {
		return "forwards to " + text
	}
	return "answers 500, since it has no backend"
}

func redirectText(r *route.Redirect) string {
	text := fmt.Sprintf(" with status %d", r.Code)
	if r.Scheme != "" {
		text += ", scheme " + r.Scheme
	}
	if r.Authority != "" {
		text += ", host " + r.Authority
	}
	if r.Port != 0 {
		text += fmt.Sprintf(", port %d", r.Port)
	}
	switch {
	case r.Path != "":
		text += ", path " + r.Path
	case r.Prefix != "":
		text += ", prefix " + r.Prefix
	}
	return text
}
