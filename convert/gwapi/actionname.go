package gwapi

import (
	"fmt"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// actionName names what a does for a sentence: "reviews-v1", "a redirect".
func actionName(a *route.Action) string {
	switch {
	case a.Fault != nil && a.Fault.AbortPercent >= 100:
		return "an abort"
	case a.Redirect != nil:
		return "a redirect"
	case a.Direct != nil:
		return fmt.Sprintf("status %d", a.Direct.Status)
	}
	var names []string
	for _, b := range a.Backends {
		switch {
		case b.Service.Name != "":
			names = append(names, b.Service.Name)
		case b.Host != "":
			names = append(names, b.Host)
		}
	}
	switch names = compactStrings(names); len(names) {
	case 0:
		return "no backend"
	case 1, 2, 3:
		return strings.Join(names, " or ")
	}
	return fmt.Sprintf("%s or %d others", names[0], len(names)-1)
}

// hostList names the hosts of t, or its Services in the mesh, for a sentence.
func hostList(t *route.Table) string {
	hosts := t.Hosts
	if inMesh(t) {
		hosts = nil
		for _, e := range t.Entries {
			hosts = append(hosts, "Service "+e.Parent.String())
		}
	}
	switch hosts = compactStrings(hosts); {
	case len(hosts) == 0:
		return "all hosts"
	case len(hosts) > 3:
		return fmt.Sprintf("%s and %d others", hosts[0], len(hosts)-1)
	}
	return strings.Join(hosts, ", ")
}

func inMesh(t *route.Table) bool { return len(t.Entries) > 0 && t.Entries[0].Mesh }

// meshOpen says what a Service without routes does: it takes every request.
func meshOpen(t *route.Table) string {
	if inMesh(t) {
		return ", or straight to the Service"
	}
	return ""
}
