package convert

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Carried says how much of a configuration an implementation carries.
type Carried struct {
	Target target.Target
	Rules  int // rules of the input that are written
	Full   int // of these: all that they make use of is served
	Open   int // whether all of it is served is not known
	Partly int // they take their requests, and treat some otherwise
	Lost   int // their requests are not served by them
	Lacks  []Lack
	// Ended and Retried are routes that set no timeout, or no retries, where the
	// implementation's default, or the lack of one, differs from Istio's or is not known.
	Ended, Retried int
	Errors         int // findings of the conversion that say so, whatever the implementation
}

// Lack is a feature that is not served, or of which that is not known.
type Lack struct {
	Use     gwapi.Use
	Support target.Support
	Rules   int // of the input; 0 for a feature of Gateways and policies
	Objects int // of the output
}

// Carry ranks targets by how much of files they carry, the best first. Each gets
// a conversion of its own, since the ranks of regular expressions shape what is
// written.
func Carry(ctx context.Context, files []source.File, o Options, targets []target.Target) ([]Carried, error) {
	var all []Carried
	for _, t := range targets {
		c, err := carry(ctx, files, o, t)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b Carried) int {
		return cmp.Or(cmp.Compare(b.Full, a.Full), cmp.Compare(a.Lost, b.Lost), cmp.Compare(a.Partly, b.Partly),
			cmp.Compare(a.missing(target.No), b.missing(target.No)), cmp.Compare(a.missing(target.Unknown), b.missing(target.Unknown)),
			cmp.Compare(a.Ended+a.Retried, b.Ended+b.Retried))
	})
	return all, nil
}

// missing counts the features with an answer.
func (c Carried) missing(s target.Support) int {
	n := 0
	for _, l := range c.Lacks {
		if l.Support == s {
			n++
		}
	}
	return n
}

func carry(ctx context.Context, files []source.File, o Options, t target.Target) (Carried, error) {
	l := load{target: t, rules: map[string]target.Weight{}, open: map[string]bool{}, lacks: map[lackKey]*lackCount{}}
	o.Target, o.Unproven = t.String(), true
	o.Pack = func(obj gwapi.Object) ([]byte, error) {
		l.add(obj)
		return nil, nil
	}
	result, err := Convert(ctx, files, o)
	if err != nil {
		return Carried{}, err
	}
	c := l.count()
	for _, f := range result.Findings {
		switch {
		case f.Rule == rule.NoTimeout:
			c.Ended++
		case f.Rule == rule.NoRetries:
			c.Retried++
		case f.Rule.Severity == finding.Error && f.Rule.InGroup() == finding.Migration && !rule.OfTarget(f.Rule):
			c.Errors++
		}
	}
	return c, nil
}

// load collects what one implementation carries, object by object, on several
// goroutines at once. All that it keeps is sets, whose order does not matter.
type load struct {
	target target.Target
	mutex  sync.Mutex
	rules  map[string]target.Weight // the worst that happens to a rule; Minor is nothing
	open   map[string]bool          // rules with a feature of which nothing is known
	lacks  map[lackKey]*lackCount
}

type lackKey struct {
	feature string
	mesh    bool
}

type lackCount struct {
	use     gwapi.Use
	support target.Support
	rules   map[string]bool
	objects int
}

func (l *load) add(o gwapi.Object) {
	keys := ruleKeys(o)
	uses := gwapi.Uses(o)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, k := range keys {
		l.rules[k] = max(l.rules[k], target.Minor)
	}
	for _, u := range uses {
		support := l.target.Has(u.Need, u.Mesh)
		if support == target.Yes || u.Need.Weight == target.Minor || !ofKind(u) && placeless(l.target, u) {
			continue // without a place, the route says it all
		}
		concerned := keys
		if len(u.Rules) > 0 {
			concerned = nil
			for _, i := range u.Rules {
				concerned = append(concerned, keys[i])
			}
		}
		l.lack(u, support, concerned)
	}
}

// lack notes that rules make use of what is not served.
func (l *load) lack(u gwapi.Use, support target.Support, rules []string) {
	key := lackKey{u.Need.Feature, u.Mesh}
	count := l.lacks[key]
	if count == nil {
		count = &lackCount{use: gwapi.Use{Need: u.Need, Mesh: u.Mesh}, support: support, rules: map[string]bool{}}
		l.lacks[key] = count
	}
	count.objects++
	for _, k := range rules {
		count.rules[k] = true
		if support == target.Unknown {
			l.open[k] = true
		} else {
			l.rules[k] = max(l.rules[k], l.target.Weight(u.Need))
		}
	}
}

// ruleKeys name the rules of the input that the rules of a route come from. What
// is no route has none.
func ruleKeys(o gwapi.Object) []string {
	count := gwapi.RuleCount(o)
	keys := make([]string, count)
	for i := range keys {
		keys[i] = fmt.Sprintf("%s %s %d", o.Kind, o.Key().Name, i)
		if i < len(o.Sources) && o.Sources[i] != nil {
			keys[i] = o.Sources[i].Place().Pos.String()
		}
	}
	return keys
}

func (l *load) count() Carried {
	c := Carried{Target: l.target, Rules: len(l.rules)}
	for k, worst := range l.rules {
		switch {
		case worst == target.Service:
			c.Lost++
		case worst == target.Treatment:
			c.Partly++
		case l.open[k]:
			c.Open++
		default:
			c.Full++
		}
	}
	for _, n := range l.lacks {
		c.Lacks = append(c.Lacks, Lack{Use: n.use, Support: n.support, Rules: len(n.rules), Objects: n.objects})
	}
	slices.SortFunc(c.Lacks, func(a, b Lack) int {
		return cmp.Or(cmp.Compare(b.Support, a.Support), cmp.Compare(b.Rules, a.Rules), cmp.Compare(target.IndexOf(a.Use.Need), target.IndexOf(b.Use.Need)), boolean(a.Use.Mesh)-boolean(b.Use.Mesh))
	})
	return c
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}
