package result

// Conclusion is what a run says as a whole.
type Conclusion string

// The conclusions, the gravest first.
const (
	Void         Conclusion = "void"         // the run decides nothing
	Differ       Conclusion = "differ"       // something changed
	Inconclusive Conclusion = "inconclusive" // a side contradicts itself or does not answer, or more samples would decide
	Alike        Conclusion = "alike"
)

// Decisions about quantiles (package stats).
const (
	quantileChanged = "changed"
	quantileOpen    = "inconclusive"
)

// Conclusion is that of behaviour and latency together.
func (r *Run) Conclusion() Conclusion {
	latency := r.Latency.conclusion()
	switch {
	case len(r.Invalid) > 0:
		return Void
	case r.Summary.Changed > 0 || latency == Differ:
		return Differ
	case latency == Inconclusive || r.Summary.Unclear > 0 || r.Summary.Failed > 0:
		return Inconclusive
	}
	return Alike
}

// conclusion is that of latency; of single requests there are too many for all
// quantiles to be decided, so those of all together count.
func (l *Latency) conclusion() Conclusion {
	if l == nil || len(l.Sides) < 2 {
		return Alike
	}
	open := len(l.Routes) > 0 && len(l.Routes[0].Quantiles) == 0
	for i, r := range l.Routes {
		if r.Changed() {
			return Differ
		}
		for _, q := range r.Quantiles {
			open = open || i == 0 && q.Decision == quantileOpen
		}
	}
	if open {
		return Inconclusive
	}
	return Alike
}

// Changed tells whether a quantile of r, or its share of failures, is said to have
// changed.
func (r *Route) Changed() bool {
	if r.Errors != nil && r.Errors.Changed {
		return true
	}
	for _, q := range r.Quantiles {
		if q.Decision == quantileChanged {
			return true
		}
	}
	return false
}
