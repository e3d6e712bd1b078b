package linkerd

import (
	"cmp"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// read types the objects, ordered by name. Of two with one name the later one
// counts, as with kubectl apply.
func (c *compiler) read(in *Input) ([]*profile, []*split) {
	profiles := map[route.Name]*profile{}
	splits := map[route.Name]*split{}
	for _, d := range in.profiles {
		r := &reader{doc: d, namespace: c.opts.Namespace}
		p := r.profile()
		c.findings = append(c.findings, r.findings...)
		if delete(profiles, r.name()); p != nil {
			profiles[p.Name] = p
		}
	}
	for _, d := range in.splits {
		r := &reader{doc: d, namespace: c.opts.Namespace}
		s := r.split()
		c.findings = append(c.findings, r.findings...)
		if delete(splits, r.name()); s != nil {
			splits[s.Name] = s
		}
	}
	return ordered(profiles), ordered(splits)
}

// ordered are the values in the order of their keys.
func ordered[T any](m map[route.Name]T) []T {
	names := make([]route.Name, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.SortFunc(names, route.Name.Compare)
	all := make([]T, len(names))
	for i, n := range names {
		all[i] = m[n]
	}
	return all
}

// apexKey is a Service as the callers of a namespace see it.
type apexKey struct {
	namespace string
	service   route.Name
}

// join writes the backends of the splits into the profiles of their Services, as
// SMI's adaptor does (linkerd-smi, pkg/adaptor/controller.go, syncHandler), and
// adds profiles for those that have none.
func (c *compiler) join(profiles []*profile, splits []*split) []*profile {
	of := map[apexKey]*profile{}
	for _, p := range profiles {
		of[apexKey{p.Namespace, p.service}] = p
	}
	first := map[apexKey]*split{}
	withheld := map[apexKey]bool{}
	for _, s := range splits {
		service, ok := serviceOf(s.service + "." + s.Namespace + ".svc.cluster.local")
		if !ok {
			c.note(rule.ProfileName, get(s.root, "spec").Get("service"), "%s applies to no Service, today or after: Linkerd takes %q for the name of a Service in namespace %s, without the namespace.", s.root.Document().Object(), s.service, s.Namespace)
			continue
		}
		key := apexKey{s.Namespace, service}
		switch {
		case ownedByController(s.root) != nil:
			withheld[key] = true
			c.note(rule.SplitOwned, ownedByController(s.root), "a rollout controller writes the weights of %s; neither it nor a profile of Service %s is converted.", s.root.Document().Object(), service)
			continue
		case first[key] != nil:
			c.add(finding.Finding{
				Rule: rule.SplitTwice, Place: s.root.Place(), Hint: rule.SplitTwice.Hint,
				Message: "Service " + service.String() + " is split by " + first[key].root.Document().Object() + " as well; whichever was written last holds today, and this one is not converted.",
				Related: []finding.Related{{Place: first[key].root.Place(), Message: "The other split."}},
			})
			continue
		}
		first[key] = s
		if made := c.written(of[key], s, service); made != nil {
			profiles = append(profiles, made)
		}
	}
	return slices.DeleteFunc(profiles, func(p *profile) bool { return withheld[apexKey{p.Namespace, p.service}] })
}

// written puts the backends of s into p, or into a profile of its own.
func (c *compiler) written(p *profile, s *split, service route.Name) *profile {
	switch {
	case p == nil:
		return &profile{Name: s.Name, service: service, root: s.root, overrides: s.backends, over: s.at, made: s.Name.Name}
	case p.skipsSplit:
		c.note(rule.LinkerdIdle, s.root, "%s carries the annotation %s, so this split has no effect, today or after.", p.root.Document().Object(), skipAnnotation)
		return nil
	case len(p.overrides) > 0:
		c.note(rule.SplitOverProfile, p.over, "SMI's adaptor writes the backends of %s in the place of these destinations; the route has those of the split.", s.root.Document().Object())
	}
	p.overrides, p.over = s.backends, s.at
	return nil
}

// ownedByController is the reference of an object to Flagger's Canary or Argo's
// Rollout, which goes on changing it; nil without.
func ownedByController(root *source.Node) *source.Node {
	refs := get(get(root, "metadata"), "ownerReferences")
	if refs == nil || refs.Kind != source.List {
		return nil
	}
	for i := range refs.Children() {
		n := &refs.Children()[i]
		if kind := n.Text("kind"); kind == "Canary" || kind == "Rollout" {
			return n
		}
	}
	return nil
}

// called is the name of the route that is made of p.
func (p *profile) called() string { return cmp.Or(p.made, p.service.Name) }
