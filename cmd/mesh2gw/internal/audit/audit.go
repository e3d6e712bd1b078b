// Package audit says what of a mesh is really used: which fields its manifests
// write, which pods have proxies and what these take, and which settings had an
// effect on requests.
package audit

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/audit/traffic"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/cost"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Version names the shape of Result in JSON; docs/schema/audit.json describes it.
const Version = "mesh2gw.io/audit/v1"

// Result is the audit.
type Result struct {
	Version    string      `json:"version"`
	Kinds      []KindCount `json:"kinds"`      // of Istio's objects, ordered by kind
	Features   []Feature   `json:"features"`   // ordered by field
	Namespaces []Namespace `json:"namespaces"` // those with pods, ordered by name
	Measured   Measured    `json:"measured"`
	Traffic    *Period     `json:"traffic"`  // null where no metrics were given
	Settings   []Setting   `json:"settings"` // ordered by place
	Notes      []string    `json:"notes"`    // what the numbers rest on
}

// KindCount counts objects.
type KindCount struct {
	Kind  string `json:"kind"`
	Count int    `json:"count"`
}

// Feature is a field of Istio's API, and how often it is written.
type Feature struct {
	Field   string `json:"field"`   // message and field, as in docs/fields.md: HTTPRoute.timeout
	Verdict string `json:"verdict"` // what becomes of it there
	Places  int    `json:"places"`
	Objects int    `json:"objects"`
}

// Setting is one that may have had an effect.
type Setting struct {
	Kind     Kind    `json:"kind"`
	Object   string  `json:"object"`
	Field    string  `json:"field"` // the element that it stands in: http[0]
	File     string  `json:"file"`
	Line     int     `json:"line"`
	Written  string  `json:"written"` // in a few words
	Verdict  Verdict `json:"verdict"` // empty where no metrics were given
	Evidence string  `json:"evidence"`
}

// Period is what proxies counted altogether.
type Period struct {
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	Steps      int       `json:"steps"`
	WithData   int       `json:"stepsWithData"`
	Requests   float64   `json:"requests"`  // and connections, that services received
	MutualTLS  float64   `json:"mutualTLS"` // of these
	NoRoute    float64   `json:"noRoute"`   // requests that no route was for (NR)
	Services   int       `json:"services"`  // that received any
	Configured int       `json:"servicesConfigured"`
}

// Options say how to audit.
type Options struct {
	Namespace string           // of objects that name none
	Nodes     int              // for DaemonSets; 0: those of the input
	Counted   *traffic.Counted // nil: no metrics
}

// Run audits files.
func Run(ctx context.Context, files []source.File, o Options) (*Result, error) {
	docs, unread, err := source.Split(ctx, files)
	if err != nil {
		return nil, err
	}
	r := &Result{Version: Version, Kinds: []KindCount{}, Features: []Feature{}, Namespaces: []Namespace{}, Settings: []Setting{}, Notes: []string{}}
	for _, f := range unread {
		r.note("%s: %s", f.Place.Pos, f.Message)
	}
	objects := r.objects(docs)
	if o.Nodes == 0 {
		o.Nodes = max(1, cost.MachinesOf(docs).Nodes)
	}
	r.pods(docs, o.Nodes)
	settings := read(objects, o.Namespace)
	if o.Counted != nil {
		r.traffic(settings, o.Counted)
	}
	for _, s := range settings {
		r.Settings = append(r.Settings, s.Setting)
	}
	return r, nil
}

func (r *Result) note(format string, a ...any) { r.Notes = append(r.Notes, fmt.Sprintf(format, a...)) }

// objects counts what manifests write.
func (r *Result) objects(docs []*source.Document) (all []*istio.Object) {
	kinds, features := map[string]int{}, map[string]*Feature{}
	for _, d := range docs {
		group, _, _ := strings.Cut(d.APIVersion, "/")
		if !strings.HasSuffix(group, "istio.io") {
			continue
		}
		kinds[d.Kind]++
		object, _ := istio.Bind(d)
		switch {
		case object == nil || object.Spec == nil:
			continue
		case object.Broken:
			r.note("%s:%d: %s can't be read, and is not counted below; mesh2gw lint says why", d.File, d.Place().Pos.Line, d.Object())
			continue
		}
		all = append(all, object)
		own := map[string]bool{}
		istio.Uses(object, func(row istio.Row, _ *source.Node) {
			if row.Verdict == istio.Moot {
				return
			}
			f := features[row.Path]
			if f == nil {
				f = &Feature{Field: row.Path, Verdict: row.Verdict.String()}
				features[row.Path] = f
			}
			f.Places++
			if !own[row.Path] {
				own[row.Path], f.Objects = true, f.Objects+1
			}
		})
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		r.Kinds = append(r.Kinds, KindCount{kind, kinds[kind]})
	}
	for _, field := range slices.Sorted(maps.Keys(features)) {
		r.Features = append(r.Features, *features[field])
	}
	return all
}

// read gathers the settings of objects, ordered by place.
func read(objects []*istio.Object, namespace string) []configured {
	r := &reader{namespace: namespace, versions: map[string]map[string]string{}}
	for _, o := range objects {
		if dr, ok := o.Spec.(*networking.DestinationRule); ok {
			r.subsets(o, dr)
		}
	}
	for _, o := range objects {
		switch spec := o.Spec.(type) {
		case *networking.VirtualService:
			r.virtualService(o, spec)
		case *networking.DestinationRule:
			r.destinationRule(o, spec)
		}
	}
	slices.SortStableFunc(r.all, func(a, b configured) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return r.all
}

// traffic judges settings by what was counted.
func (r *Result) traffic(settings []configured, c *traffic.Counted) {
	t := traffic.Tabulate(c)
	p := &Period{From: c.From.UTC(), To: c.To.UTC(), Steps: c.Steps, WithData: c.WithData, Requests: t.Arrived, MutualTLS: t.Secured, NoRoute: t.Nowhere.Flags["NR"]}
	ours, others := map[string]bool{}, routesOf(settings)
	for i := range settings {
		settings[i].Verdict, settings[i].Evidence = judge(settings[i], t, others)
		for _, d := range settings[i].to {
			ours[traffic.Key(d.host)] = true
		}
	}
	for key, s := range t.Services {
		p.NoRoute += s.Flags["NR"]
		if s.All() == 0 {
			continue
		}
		p.Services++
		if ours[key] {
			p.Configured++
		}
	}
	r.Traffic = p
	if !c.Has(traffic.Requests) && !c.Has(traffic.Connections) {
		r.note("the metrics hold neither %s nor %s: is this the Prometheus that scrapes the proxies?", traffic.Requests, traffic.Connections)
		for i := range settings {
			settings[i].Verdict, settings[i].Evidence = Untold, "the metrics hold nothing of Istio's"
		}
	}
	if p.WithData > 0 && p.WithData < p.Steps {
		r.note("only %d of %d days have data, so what is rarer may be missing (how long does Prometheus keep samples?)", p.WithData, p.Steps)
	}
	if p.WithData > 0 {
		r.note("what the first of these days counts may be older: a counter that begins there is taken as a whole")
	}
}
