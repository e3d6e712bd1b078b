package audit

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/cost"
)

// JSON writes all of r.
func JSON(w io.Writer, r *Result) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// Read reads what JSON wrote.
func Read(data []byte) (*Result, error) {
	r := &Result{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("no audit in JSON: %w", err)
	}
	if r.Version != Version {
		return nil, fmt.Errorf("it is %q, want %q: mesh2gw audit --format json writes it", r.Version, Version)
	}
	return r, nil
}

// Tally counts the settings of one kind by verdict.
type Tally struct {
	Kind   Kind
	All    int
	Counts map[Verdict]int
}

// Tallies are those of the kinds that occur.
func (r *Result) Tallies() []Tally {
	var all []Tally
	for _, kind := range kindsOfSettings {
		t := Tally{Kind: kind, Counts: map[Verdict]int{}}
		for _, s := range r.Settings {
			if s.Kind == kind {
				t.All++
				t.Counts[s.Verdict]++
			}
		}
		if t.All > 0 {
			all = append(all, t)
		}
	}
	return all
}

// Sum is what all namespaces hold together.
func (r *Result) Sum() Namespace {
	s := Namespace{Name: "all"}
	for _, n := range r.Namespaces {
		s.Pods, s.Sidecars, s.Classic, s.Native, s.Injected = s.Pods+n.Pods, s.Sidecars+n.Sidecars, s.Classic+n.Classic, s.Native+n.Native, s.Injected+n.Injected
		s.Ambient, s.Gateways, s.Measured = s.Ambient+n.Ambient, s.Gateways+n.Gateways, s.Measured+n.Measured
		s.Reserved, s.Limits, s.Used = s.Reserved.Plus(n.Reserved), s.Limits.Plus(n.Limits), s.Used.Plus(n.Used)
	}
	return s
}

// Text writes r for people.
func Text(w io.Writer, r *Result) error {
	t := &table{to: w}
	t.sidecars(r)
	t.effects(r)
	t.features(r)
	if len(r.Notes) > 0 {
		t.line("\nWhat the numbers rest on")
		for _, n := range r.Notes {
			t.line("  %s", n)
		}
	}
	return t.err
}

// table writes text until something fails.
type table struct {
	to  io.Writer
	err error
}

func (t *table) line(format string, a ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.to, format+"\n", a...)
	}
}

// columns aligns what fill writes.
func (t *table) columns(fill func(row func(format string, a ...any))) {
	if t.err != nil {
		return
	}
	w := tabwriter.NewWriter(t.to, 0, 0, 2, ' ', 0)
	fill(func(format string, a ...any) {
		if t.err == nil {
			_, t.err = fmt.Fprintf(w, "  "+format+"\n", a...)
		}
	})
	if t.err == nil {
		t.err = w.Flush()
	}
}

func (t *table) sidecars(r *Result) {
	if len(r.Namespaces) == 0 {
		t.line("Sidecars: the input holds no pods and no workloads (mesh2gw audit --from-cluster reads them)")
		return
	}
	t.line("Sidecars")
	t.columns(func(row func(string, ...any)) {
		row("namespace\tpods\tsidecars\tnative\tambient\tgateways\treserved\tlimits\tused (measured)")
		for _, n := range append(r.Namespaces, r.Sum()) {
			row("%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s", cmp.Or(n.Name, "(none)"), n.Pods, n.Sidecars, n.Native, n.Ambient, n.Gateways, n.Reserved, limits(n.Limits), used(n))
		}
	})
	if injected := r.Sum().Injected; injected > 0 {
		t.line("  %d of these sidecars are not written: their pods' labels have Istio inject one", injected)
	}
	if !r.Measured.To.IsZero() {
		t.line("  measured between %s and %s: a moment, not a month", r.Measured.From.UTC().Format("2006-01-02 15:04:05"), r.Measured.To.UTC().Format("15:04:05"))
	}
}

func limits(r cost.Resources) string {
	if r == (cost.Resources{}) {
		return "none"
	}
	return r.String()
}

func used(n Namespace) string {
	if n.Measured == 0 {
		return "not known"
	}
	return fmt.Sprintf("%s (%d)", n.Used, n.Measured)
}

func (t *table) effects(r *Result) {
	if r.Traffic == nil {
		t.line("\nSettings whose effect metrics would tell (--prometheus)")
		t.columns(func(row func(string, ...any)) {
			for _, one := range r.Tallies() {
				row("%s\t%d", one.Kind, one.All)
			}
		})
		return
	}
	p := r.Traffic
	t.line("\nWhat had an effect, %s to %s", p.From.Format("2006-01-02"), p.To.Format("2006-01-02"))
	t.columns(func(row func(string, ...any)) {
		row("\tsettings\ttriggered\tnever triggered\tno sign\tno requests seen\tnot to be told")
		for _, one := range r.Tallies() {
			row("%s\t%d\t%d\t%d\t%d\t%d\t%d", one.Kind, one.All, one.Counts[Triggered], one.Counts[Never], one.Counts[NoSign], one.Counts[Idle], one.Counts[Untold])
		}
	})
	t.line("  %s; %d had requests, and %d of these are in the input", services(p), p.Services, p.Configured)
	for _, verdict := range Verdicts {
		t.settings(r, verdict)
	}
}

func services(p *Period) string {
	if p.Requests == 0 {
		return "the proxies of services counted nothing, those of callers alone did (reporter)"
	}
	return fmt.Sprintf("services counted %s requests and connections, %.3g %% with mutual TLS, and %s found no route", number(p.Requests), 100*p.MutualTLS/p.Requests, number(p.NoRoute))
}

func (t *table) settings(r *Result, verdict Verdict) {
	first := true
	for _, s := range r.Settings {
		if s.Verdict != verdict || s.Kind == Route && verdict != Idle {
			continue // routes are many: those that may go are of interest
		}
		if first {
			t.line("\n%s", title(verdict))
			first = false
		}
		t.line("  %s:%d: %s of %s, %s: %s", s.File, s.Line, s.Kind, s.Object, s.Field, s.Written)
		t.line("      %s", s.Evidence)
	}
}

func title(v Verdict) string {
	switch v {
	case Triggered:
		return "Triggered: applications rely on these, or on others that act alike"
	case Never:
		return "Never triggered: these may go with the mesh"
	case NoSign:
		return "No sign: nothing points to these, and not everything would"
	case Idle:
		return "No requests seen: nobody uses these, or their callers have no proxies"
	case Untold:
		return "Not to be told: no counter tells"
	}
	return string(v)
}

func (t *table) features(r *Result) {
	t.line("\nObjects of Istio")
	if len(r.Kinds) == 0 {
		t.line("  none")
	}
	t.columns(func(row func(string, ...any)) {
		for _, k := range r.Kinds {
			row("%s\t%d", k.Kind, k.Count)
		}
	})
	if len(r.Features) == 0 {
		return
	}
	t.line("\nFields that they write, and what becomes of each (mesh2gw fields)")
	t.columns(func(row func(string, ...any)) {
		row("field\tplaces\tobjects\t")
		for _, f := range r.Features {
			row("%s\t%d\t%d\t%s", f.Field, f.Places, f.Objects, f.Verdict)
		}
	})
}
