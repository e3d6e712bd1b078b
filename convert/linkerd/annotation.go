package linkerd

import (
	"strconv"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Linkerd reads retries from annotations of a route, for all of its rules
// (policy-controller/k8s/index/src/outbound/index/http.rs; since release 2.16).
const (
	retryOnAnnotation    = "retry.linkerd.io/http"
	retryLimitAnnotation = "retry.linkerd.io/limit"
)

func annotations(ranges string) map[string]string {
	if ranges == "" {
		return nil
	}
	return map[string]string{retryOnAnnotation: ranges, retryLimitAnnotation: strconv.Itoa(attempts)}
}

// group are lines of one list that have their annotations in common.
type group struct {
	ranges string // of statuses, see retries; "" for no retries
	lines  []decided
}

// gathered is the list with lines of the same annotations side by side, so that
// they need few routes. A line joins the last of those like it unless it would
// thereby overtake one that takes some of its requests.
func (m *made) gathered(list []decided) []decided {
	var groups []group
	for _, d := range list {
		ranges := ""
		if d.route != rest {
			ranges = m.retries[d.route].ranges
		}
		i := len(groups) - 1
		for i >= 0 && groups[i].ranges != ranges && !groups[i].meets(d) {
			i--
		}
		if i < 0 || groups[i].ranges != ranges {
			groups = append(groups, group{ranges: ranges})
			i = len(groups) - 1
		}
		groups[i].lines = append(groups[i].lines, d)
	}
	var all []decided
	for _, g := range groups {
		all = append(all, g.lines...)
	}
	return all
}

func (g *group) meets(d decided) bool {
	for i := range g.lines {
		if route.Overlap(&g.lines[i].match, &d.match) != route.No {
			return true
		}
	}
	return false
}
