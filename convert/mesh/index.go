package mesh

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/internal/parallel"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// batch is how many objects are typed at a time.
const batch = 512

// read types objects that were put off, side by side.
func (l *linker) read(objects []*istio.Object) {
	found := make([][]finding.Finding, len(objects))
	parallel.Each(len(objects), func(i int) { found[i] = objects[i].Read() })
	for _, fs := range found {
		l.texts.Share(fs)
		l.findings.Add(fs...)
	}
}

// indexAll sorts the objects into the maps by kind and uses them up. Of a
// DestinationRule and most Services little is kept, and a VirtualService waits
// for its turn, so that the whole input is never there as messages.
func (l *linker) indexAll(objects []*istio.Object) {
	for some := range slices.Chunk(objects, batch) {
		l.read(slices.DeleteFunc(slices.Clone(some), func(o *istio.Object) bool { return o.Kind == "VirtualService" }))
		for _, o := range some {
			l.index(o)
		}
		clear(some)
	}
	l.readEarly()
}

// index sorts an object into the maps by kind. Of two objects with one name the
// later one counts, as with kubectl apply.
func (l *linker) index(o *istio.Object) {
	name := route.Name{Namespace: cmp.Or(o.Document.Namespace, l.opts.Namespace), Name: o.Document.Name}
	if l.broken(o) {
		return
	}
	if o.Unread() {
		l.virtualServices = append(l.virtualServices, &virtualService{Name: name, Object: o})
		return
	}
	switch spec := o.Spec.(type) {
	case *networking.VirtualService:
		l.virtualServices = append(l.virtualServices, &virtualService{name, o, spec})
	case *networking.DestinationRule:
		dr := newDestinationRule(name, o, spec)
		if l.opts.Policies {
			dr.whole = &spoken{o, spec}
		}
		l.rules[dr.host] = append(l.rules[dr.host], dr)
	case *networking.Gateway:
		l.gateways[name] = &Gateway{Name: name, Object: o, Spec: spec}
	case *networking.ServiceEntry:
		l.indexEntry(name, o, spec)
	default:
		if o.Kind == "Service" && o.APIVersion == "v1" {
			service := readService(o, name.Namespace)
			if why := service.refusedBy(); why != "" {
				l.note(rule.ServiceRefused, o.Place(), "Kubernetes refuses %s, since %s: it is taken as not being there.", o.Document.Object(), why)
				return
			}
			l.services[name] = service
			l.namespaces[name.Namespace] = true
			return
		}
		l.indexOwner(o, name.Namespace)
	}
}

// broken reports an object that can't be read whole. A ServiceEntry is not
// converted in any case.
func (l *linker) broken(o *istio.Object) bool {
	if o.Broken && o.Kind != "ServiceEntry" {
		l.note(rule.BrokenObject, o.Place(), "%s is not converted: a part of it can't be read.", o.Document.Object())
	}
	return o.Broken
}

// readEarly types the VirtualServices that others depend on: delegates, and those
// of which there are several with one name, since a broken one does not count.
func (l *linker) readEarly() {
	count := map[route.Name]int{}
	for _, vs := range l.virtualServices {
		count[vs.Name]++
	}
	var early []*virtualService
	for _, vs := range l.virtualServices {
		hosts := vs.Root.Get("spec").Get("hosts")
		if hosts == nil || len(hosts.Children()) == 0 || count[vs.Name] > 1 {
			early = append(early, vs)
		}
	}
	l.readVirtualServices(early)
	l.virtualServices = slices.DeleteFunc(l.virtualServices, func(vs *virtualService) bool { return vs.Broken })
}

// readVirtualServices types those that were not typed before, and reports the
// broken ones among them.
func (l *linker) readVirtualServices(list []*virtualService) {
	var unread []*istio.Object
	for _, vs := range list {
		if vs.Unread() {
			unread = append(unread, vs.Object)
		}
	}
	l.read(unread)
	for _, o := range unread {
		l.broken(o)
	}
	for _, vs := range list {
		vs.spec, _ = vs.Object.Spec.(*networking.VirtualService)
	}
}

// order makes the result independent of the order of the input: VirtualServices
// oldest first (pilot/pkg/model/config.go sortConfigByCreationTime), with names
// where the input has no creation times.
func (l *linker) order() {
	slices.SortStableFunc(l.virtualServices, func(a, b *virtualService) int {
		return cmp.Or(strings.Compare(created(a.Object), created(b.Object)),
			strings.Compare(a.Name.Name, b.Name.Name), strings.Compare(a.Name.Namespace, b.Name.Namespace))
	})
	for _, host := range slices.Sorted(maps.Keys(l.rules)) {
		rules := l.rules[host]
		slices.SortStableFunc(rules, func(a, b *destinationRule) int { return a.Name.Compare(b.Name) })
		if strings.HasPrefix(host, "*") {
			l.wildcardRules = append(l.wildcardRules, rules...)
		}
	}
	for _, vs := range l.virtualServices {
		if vs.spec != nil && len(vs.spec.Hosts) == 0 {
			l.delegates[vs.Name] = vs
		}
	}
}

// created is the creation time as kubectl get prints it (RFC 3339, so text
// order is time order), or "".
func created(o *istio.Object) string {
	return o.Root.Get("metadata").Text("creationTimestamp")
}

// dropRepeated keeps the last of several objects of one name.
func dropRepeated(list []*virtualService) []*virtualService {
	last := map[route.Name]*virtualService{}
	for _, vs := range list {
		last[vs.Name] = vs
	}
	return slices.DeleteFunc(list, func(vs *virtualService) bool { return last[vs.Name] != vs })
}

// forgetServices lets go of the documents of Services, but for those in the
// namespaces of gateway pods: what stands before these is looked at again.
func (l *linker) forgetServices() {
	front := map[string]bool{}
	for _, g := range l.gateways {
		front[g.PodNamespace] = true
	}
	for name, s := range l.services {
		if !front[name.Namespace] {
			s.Object = nil
		}
	}
}
