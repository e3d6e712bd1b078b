package report

import (
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/hint"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// hints are those of the command hints for the same input.
func (b *builder) hints() []hint.Record {
	found := hint.FromDocuments(b.docs, hint.Options{Namespace: b.Convert.Namespace, GatewayNamespace: b.Convert.GatewayNamespace}).Hints
	all := hint.RecordsOf(found)
	for i := range all {
		for j, ask := range found[i].Asks {
			if at := all[i].Asks[j].Place; at != nil {
				at.Row = b.row(ask.At)
			}
		}
	}
	return all
}

// hintsCommand prints the code for hints; the language is the reader's to choose.
func (b *builder) hintsCommand() string {
	if len(b.out.Hints) == 0 {
		return ""
	}
	p := b.plan()
	words := []string{"mesh2gw hints", p.before(), "--lang=go"}
	for _, f := range p.flags {
		if strings.HasPrefix(f, "--namespace=") || strings.HasPrefix(f, "--gateway-namespace=") {
			words = append(words, f)
		}
	}
	return strings.Join(words, " ")
}

// Ask is one thing that the clients of a Service, or of a host outside of the
// cluster, have to do.
type Ask struct {
	Service string // "reviews.shop", whom the clients call
	Setting string // retries, timeout, circuit breaker, connection pool, ...
	Value   string // "2 retries (3 calls) on 5xx, 1 s each"
	Advice  string
	Code    bool // the code that HintsCommand prints does it
	Place   *Place
}

// Asks are all of what the hints ask for, Service by Service.
func (r *Report) Asks() []Ask {
	var all []Ask
	for i := range r.Hints {
		for _, a := range r.Hints[i].Asks {
			own := Ask{Service: r.Hints[i].Callee(), Setting: a.Setting, Value: a.Value, Advice: a.Advice, Code: a.Code}
			if at := a.Place; at != nil {
				own.Place = &Place{File: at.File, Line: at.Line, Column: at.Column, Row: at.Row}
			}
			all = append(all, own)
		}
	}
	return all
}

// policies are the traffic policies of a DestinationRule's spec, those of subsets
// and ports included.
func policies(spec *source.Node) []*source.Node {
	var all []*source.Node
	add := func(n *source.Node) {
		if n != nil {
			all = append(all, n)
		}
		all = append(all, items(n.Get("portLevelSettings"))...)
	}
	add(spec.Get("trafficPolicy"))
	for _, subset := range items(spec.Get("subsets")) {
		add(subset.Get("trafficPolicy"))
	}
	return all
}
