package hint

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// retrier is a rule of a gateway that repeats requests.
type retrier struct {
	calls   int
	assumed bool
	gateway route.Name
	at      finding.Place
	to      route.Name // the Service whose pods get them
}

// Multiply warns where a gateway, whose routes say so, retries what applications
// retry on.
func (in *Input) Multiply(model *mesh.Model) []finding.Finding {
	c := newCollector()
	c.model = model
	for _, t := range model.Tables {
		if slices.ContainsFunc(t.Rules, func(r route.Rule) bool { return r.Action.Retry != nil && r.Action.Retry.Attempts > 0 }) {
			c.tables([]*route.Table{t})
		}
	}
	if len(c.calls) == 0 {
		return nil
	}
	var hints []Hint
	for _, name := range slices.SortedFunc(maps.Keys(c.calls), route.Name.Compare) {
		hints = append(hints, c.callee(name)...)
	}
	return in.multiply(model, hints, true)
}

// multiply makes one finding for each object with routes of a gateway, with the
// largest product. If written, gateways that retry by Istio's default only are
// left out: what they become has no retries.
func (in *Input) multiply(model *mesh.Model, hints []Hint, written bool) []finding.Finding {
	gateways := slices.Clone(in.gateways)
	for _, t := range model.Tables {
		gateways = append(gateways, retriers(t)...)
	}
	sorted := mostFirst(hints)
	worst, product := map[string]finding.Finding{}, map[string]int{}
	for _, r := range gateways {
		if written && r.assumed {
			continue
		}
		h := callOf(model, r, sorted)
		if h == nil {
			continue
		}
		if n := r.calls * (h.mostRetries() + 1); n > product[r.at.Object] {
			worst[r.at.Object], product[r.at.Object] = r.found(h), n
		}
	}
	var all []finding.Finding
	for _, object := range slices.Sorted(maps.Keys(worst)) {
		all = append(all, worst[object])
	}
	return all
}

// found is the finding about r and calls as h says.
func (r retrier) found(h *Hint) finding.Finding {
	by := ""
	if r.assumed {
		by = ", Istio's default"
	}
	n := h.mostRetries() + 1
	return finding.New(rule.RetriesMultiply, r.at,
		"gateway %s sends a request for %s up to %d times%s; a pod that answers it by calling %s as its hint says makes up to %d calls each time, %d in all.",
		r.gateway, r.to, r.calls, by, strings.TrimPrefix(h.Service.String(), "/"), n, r.calls*n)
}

// httpRetriers are the rules of an HTTPRoute of a Gateway that it retries: those
// with a number of attempts, which is the retries after the first call (GEP-1731).
func httpRetriers(d *source.Document, namespace string) []retrier {
	if group, _, _ := strings.Cut(d.APIVersion, "/"); group != "gateway.networking.k8s.io" || d.Kind != "HTTPRoute" {
		return nil
	}
	namespace = cmp.Or(d.Namespace, namespace)
	spec := d.Root.Get("spec")
	parents := nodes(spec.Get("parentRefs"))
	i := slices.IndexFunc(parents, func(n *source.Node) bool { return cmp.Or(n.Text("kind"), "Gateway") == "Gateway" })
	if i < 0 {
		return nil
	}
	gateway := route.Name{Namespace: cmp.Or(parents[i].Text("namespace"), namespace), Name: parents[i].Text("name")}
	var all []retrier
	for _, r := range nodes(spec.Get("rules")) {
		attempts, err := strconv.Atoi(r.Get("retry").Text("attempts"))
		if err != nil || attempts < 1 {
			continue
		}
		for _, b := range nodes(r.Get("backendRefs")) {
			if cmp.Or(b.Text("kind"), "Service") == "Service" {
				to := route.Name{Namespace: cmp.Or(b.Text("namespace"), namespace), Name: b.Text("name")}
				all = append(all, retrier{calls: min(attempts, mostRetries) + 1, gateway: gateway, at: r.Get("retry").At("attempts"), to: to})
			}
		}
	}
	return all
}

// nodes are the elements of a list.
func nodes(n *source.Node) []*source.Node {
	if n == nil || n.Kind != source.List {
		return nil
	}
	var all []*source.Node
	for i := range n.Children() {
		all = append(all, &n.Children()[i])
	}
	return all
}

// retriers are the rules of t that a gateway retries, for each Service that they
// send to.
func retriers(t *route.Table) []retrier {
	i := slices.IndexFunc(t.Entries, func(e route.Entry) bool { return !e.Mesh })
	if i < 0 || t.Protocol != route.HTTP {
		return nil
	}
	var all []retrier
	for _, r := range t.Rules {
		own := retrier{calls: defaultRetries + 1, assumed: true, gateway: t.Entries[i].Parent, at: r.From.Place()}
		if w := r.Action.Retry; w != nil {
			own.calls, own.assumed, own.at = min(max(0, int(w.Attempts)), mostRetries)+1, false, w.From.At("attempts")
		}
		if own.calls == 1 {
			continue
		}
		for _, b := range r.Action.Backends {
			if b.Service != (route.Name{}) {
				own.to = b.Service
				all = append(all, own)
			}
		}
	}
	return all
}

// mostFirst are the hints that retry because somebody wrote it, those with most
// retries first.
func mostFirst(hints []Hint) []*Hint {
	var all []*Hint
	for i := range hints {
		if hints[i].mostRetries() > 0 {
			all = append(all, &hints[i])
		}
	}
	slices.SortStableFunc(all, func(a, b *Hint) int { return b.mostRetries() - a.mostRetries() })
	return all
}

// callOf is the first of hints that pods of r.to may follow. Hints for clients that
// are surely others are left out, and calls of a Service to itself.
func callOf(model *mesh.Model, r retrier, hints []*Hint) *Hint {
	s := model.Services[r.to]
	for _, h := range hints {
		if h.Service == r.to || h.Client.Namespace != "" && h.Client.Namespace != r.to.Namespace {
			continue
		}
		if s != nil && !(Client{Labels: s.Selector, Namespace: r.to.Namespace}).mayBe(h.Client) {
			continue
		}
		return h
	}
	return nil
}

// mayBe tells whether pods with the labels of c may be what o names: no label
// says otherwise.
func (c Client) mayBe(o Client) bool {
	for k, v := range o.Labels {
		if own, ok := c.Labels[k]; ok && own != v {
			return false
		}
	}
	return o.Namespace == "" || o.Namespace == c.Namespace
}

// mostRetries is the largest number that somebody wrote for calls to the Service:
// the default of two alone multiplies too, and says nothing about this one.
func (h *Hint) mostRetries() int {
	most := 0
	for _, p := range h.Policies {
		if !p.Retry.Assumed {
			most = max(most, min(p.Retry.Retries, mostRetries))
		}
	}
	return most
}
