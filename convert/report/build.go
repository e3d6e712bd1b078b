package report

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/lint"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

// Options steers a report. YAML is needed.
type Options struct {
	Convert  convert.Options
	Settings []Setting // the options of the command line, as the report and the commands of its runbook name them
	Paths    []string  // of the input, for the commands; without any, they are guessed from the names of the files
	Tool     string    // version of mesh2gw
	Triage   triage.Options
	YAML     func(gwapi.Object) ([]byte, error) // prints an object as the convert command does
}

// Build converts files, and makes a report of it. The error is for a cancelled
// context and for failures of our own; whatever is wrong in the input is a
// finding.
func Build(ctx context.Context, files []source.File, o Options) (*Report, error) {
	o.Convert.Pack, o.Convert.Unproven = nil, false
	o.Convert.Namespace = cmp.Or(o.Convert.Namespace, "default")
	result, err := convert.Convert(ctx, files, o.Convert)
	if err != nil {
		return nil, err
	}
	all, err := withConfig(ctx, files, result.Findings, o)
	if err != nil {
		return nil, err
	}
	docs, _, err := source.Split(ctx, files)
	if err != nil {
		return nil, err
	}
	sorted := slices.SortedStableFunc(slices.Values(files), func(a, b source.File) int { return strings.Compare(a.Name, b.Name) })
	b := &builder{
		Options: o, result: result, original: all, triaged: triage.Apply(all, files, o.Triage),
		docs: inOrder(docs), text: source.NewText(sorted), objects: map[gwapi.Key]int{},
	}
	for _, f := range sorted {
		b.files = append(b.files, f.Name)
	}
	return b.report()
}

// builder makes one report.
type builder struct {
	Options
	result   convert.Result
	original []finding.Finding // before triage
	triaged  triage.Result
	docs     []*source.Document
	text     *source.Text
	files    []string // names
	units    *units
	objects  map[gwapi.Key]int // index in Report.Objects
	lines    [][]ruleLine      // of each object
	explains prove.Explainer   // knows the findings by their index in the report
	judges   prove.Explainer   // knows those before triage
	known    route.Expressions
	on       map[string][]finding.Finding // what convert and lint found, by object
	out      Report
}

// inOrder makes the report the same whatever the order of the files is.
func inOrder(docs []*source.Document) []*source.Document {
	return slices.SortedStableFunc(slices.Values(docs), func(a, b *source.Document) int {
		return cmp.Or(a.Place().Pos.Compare(b.Place().Pos), strings.Compare(a.Object(), b.Object()))
	})
}

func (b *builder) report() (*Report, error) {
	b.out = Report{Version: Version, Tool: b.Tool, Settings: orEmpty(slices.Clone(b.Settings))}
	b.judges.Add(b.original)
	b.on = map[string][]finding.Finding{}
	for _, f := range b.original {
		b.on[f.Place.Object] = append(b.on[f.Place.Object], f)
	}
	b.units = b.unitsOf()
	b.findings()
	if err := b.outputs(); err != nil {
		return nil, err
	}
	b.hosts()
	b.units.settle(b.on)
	b.unlisted()
	b.namespaces()
	b.summary()
	b.out.Sidecar = b.sidecar()
	b.out.Hints = b.hints()
	b.out.HintsCommand = b.hintsCommand()
	b.out.Runbook = b.runbook()
	b.sources()
	return &b.out, nil
}

// findings takes over what is left to act on, and what was set aside.
func (b *builder) findings() {
	b.out.Findings, b.out.Accepted = []Finding{}, []Accepted{}
	b.explains.Add(b.triaged.Findings)
	for _, f := range b.triaged.Findings {
		b.out.Findings = append(b.out.Findings, b.finding(f))
	}
	for _, a := range b.triaged.Accepted {
		b.out.Accepted = append(b.out.Accepted, Accepted{Finding: b.finding(a.Finding), By: string(a.By), Reason: a.Reason})
	}
}

func (b *builder) finding(f finding.Finding) Finding {
	return Finding{
		ID: f.Rule.ID, Severity: f.Rule.Severity.String(), Group: string(f.Rule.InGroup()), Title: f.Rule.Title,
		File: f.Place.Pos.File, Line: f.Place.Pos.Line, Column: f.Place.Pos.Column, Row: b.row(f.Place),
		Object: f.Place.Object, Field: f.Place.Field, Namespace: b.namespaceOf(f.Place.Object),
		Message: f.Message, Hint: f.Hint, Fingerprint: f.Fingerprint(),
	}
}

// clusterKinds are the kinds that live in no namespace.
var clusterKinds = []string{"Namespace", "GatewayClass", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding"}

// namespaceOf is the namespace of an object by its title, as in "VirtualService
// shop/reviews" and "DestinationRule reviews, subset v1".
func (b *builder) namespaceOf(object string) string {
	kind, name, _ := strings.Cut(object, " ")
	if object == "" || slices.Contains(clusterKinds, kind) {
		return ""
	}
	namespace, _, ok := strings.Cut(name, "/")
	if !ok {
		return b.Convert.Namespace
	}
	return namespace
}

// place is a place for the report; nil for what nobody wrote.
func (b *builder) place(at finding.Place) *Place {
	if at.Pos.File == "" || at.Pos.Line == 0 {
		return nil
	}
	return &Place{File: at.Pos.File, Line: at.Pos.Line, Column: at.Pos.Column, Row: b.row(at)}
}

// row is the line of a place in the text of its source, where it is another
// than the place says.
func (b *builder) row(at finding.Place) int {
	if i, ok := b.text.Index(at); ok && i+1 != at.Pos.Line {
		return i + 1
	}
	return 0
}

// sources takes over the text of what holds an object of Istio, or a finding.
func (b *builder) sources() {
	wanted := map[string]bool{}
	for _, d := range b.docs {
		if isIstio(d) {
			wanted[d.File] = true
		}
	}
	for _, f := range b.out.Findings {
		wanted[f.File] = true
	}
	for _, a := range b.out.Accepted {
		wanted[a.File] = true
	}
	b.out.Sources = []Source{}
	for _, name := range slices.Sorted(slices.Values(b.text.Names())) {
		if wanted[name] {
			lines := b.text.Lines(name)
			b.out.Sources = append(b.out.Sources, Source{name, strings.ToValidUTF8(strings.Join(lines, "\n"), "\uFFFD")})
		}
	}
}

// isIstio tells whether d is an object of Istio.
func isIstio(d *source.Document) bool {
	group, _, ok := strings.Cut(d.APIVersion, "/")
	return ok && (group == "istio.io" || strings.HasSuffix(group, ".istio.io"))
}

// isNetworking tells whether d is an object of networking.istio.io of that kind.
func isNetworking(d *source.Document, kind string) bool {
	return d.Kind == kind && strings.HasPrefix(d.APIVersion, "networking.istio.io/")
}

// orEmpty makes JSON write [] instead of null.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// withConfig adds what is wrong in the configuration of today.
func withConfig(ctx context.Context, files []source.File, found []finding.Finding, o Options) ([]finding.Finding, error) {
	today, err := lint.Config(ctx, files, lint.Options{Namespace: o.Convert.Namespace, GatewayNamespace: o.Convert.GatewayNamespace})
	if err != nil {
		return nil, err
	}
	return finding.Sort(slices.Concat(found, today)), nil
}
