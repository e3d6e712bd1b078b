package mesh

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Mode says what becomes of VirtualServices that apply in the mesh.
type Mode string

// The modes.
const (
	GAMMA     Mode = "gamma"   // routes on Services
	OnGateway Mode = "gateway" // routes on an internal Gateway
	Off       Mode = "off"     // reported only
)

// Options says how to link.
type Options struct {
	Namespace        string // of objects that name none
	GatewayNamespace string // of gateway pods that the input does not show
	Mesh             Mode
	MeshGateway      route.Name // for OnGateway
}

// virtualService is a VirtualService with its namespace resolved.
type virtualService struct {
	route.Name
	*istio.Object
	spec *networking.VirtualService
}

// destinationRule is a DestinationRule with its host resolved.
type destinationRule struct {
	route.Name
	*istio.Object
	spec *networking.DestinationRule
	host string
}

// linker holds the indexes while a model is made.
type linker struct {
	opts     Options
	findings []finding.Finding

	services        map[route.Name]*Service
	namespaces      map[string]bool // that have a Service in the input
	gateways        map[route.Name]*Gateway
	virtualServices []*virtualService // oldest first
	delegates       map[route.Name]*virtualService
	rules           map[string][]*destinationRule // by host, ordered by name
	wildcardRules   []*destinationRule
	owned           map[route.Name]bool // VirtualServices whose weights a rollout controller writes
	subsets         map[subsetKey]*SubsetService
	subsetNames     map[route.Name]bool
	subsetsAsked    map[subsetAsked]route.Name // that were made
	tables          []*route.Table
	claims          map[claim][]*virtualService // by host at a Gateway
	noServicesSaid  bool
	meshHosts       map[string]*virtualService // that serve a host in the mesh
	held            map[*source.Node]bool      // match blocks that hold somewhere
	failed          map[*source.Node]string    // and what is in the way of those that do not
}

// subsetKey names a subset of a Service.
type subsetKey struct {
	service route.Name
	subset  string
}

// Link resolves all references and compiles the tables.
func Link(objects []*istio.Object, o Options) (*Model, []finding.Finding) {
	l := &linker{
		opts:       o,
		services:   map[route.Name]*Service{},
		namespaces: map[string]bool{},
		gateways:   map[route.Name]*Gateway{},
		delegates:  map[route.Name]*virtualService{},
		rules:      map[string][]*destinationRule{},
		owned:      map[route.Name]bool{},
		subsets:    map[subsetKey]*SubsetService{},

		subsetNames:  map[route.Name]bool{},
		subsetsAsked: map[subsetAsked]route.Name{},
		meshHosts:    map[string]*virtualService{},
		held:         map[*source.Node]bool{},
		failed:       map[*source.Node]string{},
	}
	for _, obj := range objects {
		l.index(obj)
	}
	l.order()
	l.linkGateways()
	l.linkVirtualServices()
	m := &Model{
		Gateways: slices.SortedFunc(maps.Values(l.gateways), func(a, b *Gateway) int { return a.Name.Compare(b.Name) }),
		Tables:   l.tables,
		Services: l.services,
	}
	m.Subsets = slices.SortedFunc(maps.Values(l.subsets), func(a, b *SubsetService) int {
		return cmp.Or(a.Name.Compare(b.Name), strings.Compare(a.Subset, b.Subset))
	})
	m.BackendTLS = l.backendTLS()
	slices.SortStableFunc(m.Tables, func(a, b *route.Table) int {
		return cmp.Or(a.Name.Compare(b.Name), strings.Compare(a.Suffix, b.Suffix))
	})
	return m, l.findings
}

func (l *linker) note(r *finding.Rule, at finding.Place, format string, args ...any) {
	l.add(finding.New(r, at, format, args...))
}

func (l *linker) add(f finding.Finding) { l.findings = append(l.findings, f) }

// index sorts an object into the maps by kind. Of two objects with one name the
// later one counts, as with kubectl apply.
func (l *linker) index(o *istio.Object) {
	name := route.Name{Namespace: cmp.Or(o.Document.Namespace, l.opts.Namespace), Name: o.Document.Name}
	if o.Broken {
		l.note(rule.BrokenObject, o.Place(), "%s is not converted: a part of it can't be read.", o.Document.Object())
		return
	}
	switch spec := o.Spec.(type) {
	case *networking.VirtualService:
		l.virtualServices = append(l.virtualServices, &virtualService{name, o, spec})
	case *networking.DestinationRule:
		dr := &destinationRule{name, o, spec, fqdn(spec.Host, name.Namespace)}
		l.rules[dr.host] = append(l.rules[dr.host], dr)
	case *networking.Gateway:
		l.gateways[name] = &Gateway{Name: name, Object: o, Spec: spec}
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
		if len(vs.spec.Hosts) == 0 {
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

// child is the i-th element of the list under key.
func child(n *source.Node, key string, i int) *source.Node {
	c := n.Get(key)
	if c == nil || i >= len(c.Children()) {
		return n
	}
	return &c.Children()[i]
}
