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
	Policies         bool       // read the traffic policies of DestinationRules, which are kept whole for that
}

// virtualService is a VirtualService with its namespace resolved.
type virtualService struct {
	route.Name
	*istio.Object
	spec *networking.VirtualService // nil until its turn comes, and afterwards
}

// linker holds the indexes while a model is made.
type linker struct {
	opts     Options
	findings finding.List
	worst    finding.Severity // of the findings since it was set to 0
	texts    finding.Texts

	services        map[route.Name]*Service
	namespaces      map[string]bool // that have a Service in the input
	gateways        map[route.Name]*Gateway
	virtualServices []*virtualService // oldest first
	delegates       map[route.Name]*virtualService
	rules           map[string][]*destinationRule // by host, ordered by name
	wildcardRules   []*destinationRule
	outsideHosts    map[string][]*serviceEntry // by host in lower case
	outsides        map[outsideKey]*route.Outside
	owned           map[route.Name]bool // VirtualServices whose weights a rollout controller writes
	subsets         map[subsetKey]*SubsetService
	subsetNames     map[route.Name]bool
	subsetsAsked    map[subsetAsked]route.Name // that were made
	subsetsAwaited  map[subsetKey]route.Name   // whose Services the user has to make
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

// Link resolves all references and compiles the tables. It types the objects
// that istio.Later has put off, and uses them up: the list is empty afterwards.
func Link(objects []*istio.Object, o Options) (*Model, []finding.Finding) {
	l := &linker{
		opts:         o,
		texts:        finding.Texts{},
		services:     map[route.Name]*Service{},
		namespaces:   map[string]bool{},
		gateways:     map[route.Name]*Gateway{},
		delegates:    map[route.Name]*virtualService{},
		rules:        map[string][]*destinationRule{},
		outsideHosts: map[string][]*serviceEntry{},
		outsides:     map[outsideKey]*route.Outside{},
		owned:        map[route.Name]bool{},
		subsets:      map[subsetKey]*SubsetService{},

		subsetNames:  map[route.Name]bool{},
		subsetsAsked: map[subsetAsked]route.Name{}, subsetsAwaited: map[subsetKey]route.Name{},
		meshHosts: map[string]*virtualService{},
		held:      map[*source.Node]bool{},
		failed:    map[*source.Node]string{},
	}
	l.indexAll(objects)
	l.order()
	l.linkGateways()
	l.forgetServices()
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
	if o.Policies {
		m.Policies, m.DestinationRules, m.SubsetTargets = l.policies(), l.destinationRules(), l.subsetTargets()
	}
	slices.SortStableFunc(m.Tables, func(a, b *route.Table) int {
		return cmp.Or(a.Name.Compare(b.Name), strings.Compare(a.Suffix, b.Suffix))
	})
	return m, l.findings.All()
}

func (l *linker) note(r *finding.Rule, at finding.Place, format string, args ...any) {
	l.add(finding.New(r, at, format, args...))
}

func (l *linker) add(fs ...finding.Finding) {
	l.findings.Add(fs...)
	l.worst = max(l.worst, finding.Worst(fs))
}

// child is the i-th element of the list under key.
func child(n *source.Node, key string, i int) *source.Node {
	c := n.Get(key)
	if c == nil || i >= len(c.Children()) {
		return n
	}
	return &c.Children()[i]
}
