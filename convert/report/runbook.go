package report

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// runbook is the cut-over in order. The new gateways have a data plane of their
// own, so that everything but the routes of the mesh can stand beside what serves
// today; an HTTPRoute and a VirtualService for one host of the mesh can't.
func (b *builder) runbook() []Step {
	p := b.plan()
	steps := []Step{p.checkCluster(), p.install(), p.convert(), p.verify()}
	if len(p.owned) > 0 {
		steps = append(steps, p.controllers())
	}
	if p.edge || !p.mesh {
		steps = append(steps, p.apply())
	}
	if len(p.gateways) > 0 {
		steps = append(steps, p.wait())
		if probe := p.probe(b); len(probe.Commands) > 0 {
			steps = append(steps, probe)
		}
		steps = append(steps, p.shift(), p.watch())
	}
	if p.mesh {
		steps = append(steps, p.switchMesh())
	}
	return append(steps, p.remove())
}

// plan is what the commands speak of.
type plan struct {
	class    string
	bundle   target.Bundle
	flags    []string // of convert, quoted
	input    []string // paths, quoted; none for standard input
	gateways []object // of the output
	old      []object // VirtualServices and Gateways of Istio that go
	owned    []object // those whose weights a controller writes
	kept     []object // those of which rules are lost
	oldPods  string   // namespace of the ingress gateway
	mesh     bool     // routes of the mesh are written
	edge     bool     // and something else
}

// object is an object by kind and name.
type object struct{ kind, namespace, name string }

// cluster is the form in which kubectl names an object, with its namespace. An
// object of no namespace is in that of the kubectl's context.
func (o object) cluster() string {
	text := route.ShellWord(o.kind + "/" + o.name)
	if o.namespace != "" {
		text += " --namespace=" + route.ShellWord(o.namespace)
	}
	return text
}

// possible is a name that an object in a cluster can have: what has another is
// in no cluster, and no command needs to name it (RFC 1123; placeholders such as
// ${NAME} are filled in by whoever fills in the input).
var possible = regexp.MustCompile(`^[A-Za-z0-9.\-_${}()<>]+$`)

func (o object) possible() bool {
	return possible.MatchString(o.name) && (o.namespace == "" || possible.MatchString(o.namespace))
}

func (b *builder) plan() plan {
	p := plan{
		class: cmp.Or(b.Convert.GatewayClass, "istio"), oldPods: cmp.Or(b.Convert.GatewayNamespace, "istio-system"), input: b.inputs(),
		bundle: target.Bundle{Version: cmp.Or(b.Convert.Version, target.V17), Channel: cmp.Or(b.Convert.Channel, target.Standard)},
	}
	for _, s := range b.Settings {
		p.flags = append(p.flags, "--"+s.Name+"="+route.ShellWord(s.Value))
	}
	for _, o := range b.result.Objects {
		k := o.Key()
		if g := (object{"gateways.gateway.networking.k8s.io", k.Namespace, k.Name.Name}); k.Kind == "Gateway" && g.possible() {
			p.gateways = append(p.gateways, g)
		}
	}
	for _, r := range b.result.Proof {
		p.mesh = p.mesh || r.After != nil && r.After.Entry.Mesh
		p.edge = p.edge || r.After != nil && !r.After.Entry.Mesh
	}
	p.mesh = p.mesh && cmp.Or(b.Convert.Mesh, mesh.GAMMA) == mesh.GAMMA
	b.sortOld(&p)
	return p
}

// sortOld says which of Istio's objects go at the end. A VirtualService stays
// where rules of it are lost, and so do the Gateways that it names.
func (b *builder) sortOld(p *plan) {
	owned, used := map[string]bool{}, map[object]bool{}
	for _, f := range b.original {
		owned[f.Place.Object] = owned[f.Place.Object] || f.Rule == rule.OwnedByController
	}
	var gateways []object
	for _, d := range b.docs {
		o := object{strings.ToLower(d.Kind) + "s.networking.istio.io", d.Namespace, d.Name}
		virtual := isNetworking(d, "VirtualService")
		switch {
		case !o.possible():
		case isNetworking(d, "Gateway"):
			gateways = append(gateways, o)
		case !virtual:
		case owned[d.Object()]:
			p.owned = append(p.owned, o)
		case slices.ContainsFunc(b.units.byObject[d.Object()], func(x *unit) bool { return x.status == Lost }):
			p.kept = append(p.kept, o)
		default:
			p.old = append(p.old, o)
			continue
		}
		for _, n := range items(d.Root.Get("spec").Get("gateways")) {
			used[gatewayOf(n.Value(), d.Namespace)] = true
		}
	}
	p.old = append(p.old, slices.DeleteFunc(gateways, func(o object) bool { return used[o] })...)
}

// gatewayOf resolves a reference to a Gateway of Istio (pilot/pkg/model/config.go
// resolveGatewayName).
func gatewayOf(ref, namespace string) object {
	o := object{"gateways.networking.istio.io", namespace, ref}
	if before, after, ok := strings.Cut(ref, "/"); ok {
		o.name = after
		if before != "." {
			o.namespace = before
		}
	}
	return o
}

// inputs are the paths of the input as words of a shell: those of the command
// line, else the files, or their folder when they are many.
func (b *builder) inputs() []string {
	words := slices.Clone(b.Paths)
	if len(words) == 0 {
		names := slices.Clone(b.files)
		slices.Sort(names)
		const few = 4
		if words = names; len(names) > few {
			words = []string{folder(names)}
		}
	}
	for i, w := range words {
		switch {
		case w == "-" || w == "<stdin>":
			return nil
		case strings.HasPrefix(w, "-"):
			w = "./" + w
		}
		words[i] = route.ShellWord(w)
	}
	return words
}

// folder is the one that holds all names.
func folder(names []string) string {
	common := path.Dir(names[0])
	for _, n := range names {
		for common != "." && common != "/" && !strings.HasPrefix(n, common+"/") {
			common = path.Dir(common)
		}
	}
	return common
}

// export writes what a cluster holds to the file that stands for standard input
// in the commands.
const export = "kubectl get virtualservices.networking.istio.io,destinationrules.networking.istio.io,gateways.networking.istio.io,serviceentries.networking.istio.io,services -A -o yaml > istio.yaml"

// before is the input as words of a shell.
func (p plan) before() string { return cmp.Or(strings.Join(p.input, " "), "istio.yaml") }

// converting is the command that made the output. An option that is given takes
// the place of the report's own.
func (p plan) converting(options ...string) string {
	words := []string{"mesh2gw convert", p.before()}
	for _, f := range p.flags {
		name, _, _ := strings.Cut(f, "=")
		if !slices.ContainsFunc(options, func(o string) bool { return strings.HasPrefix(o, name+"=") }) {
			words = append(words, f)
		}
	}
	return strings.Join(append(words, options...), " ")
}
