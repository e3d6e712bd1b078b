package istiod

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Where the prover says that two sides decide alike, istiod must not show a
// request on which they don't. The prover's own witnesses are requests too.
func TestProver(t *testing.T) {
	var sum trial
	t.Cleanup(func() { t.Logf("all: %v", &sum) })
	for _, c := range cases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before, after, findings := c.sides(t)
			both := compare(t, before, after)
			said := proverSays(t, c)
			for _, q := range both.questions() {
				if both.hasBefore(q.door, q.host) {
					about := both.concerned(q.door, q.host)
					sum.hear(t, hearing{both, q, admitted(findings, about), outsideOfModel(findings, about)}, said)
				}
			}
		})
	}
}

// proverSays asks the prover about the input of a case, and what the conversion
// made of it.
func proverSays(t *testing.T, c testCase) []prove.Result {
	t.Helper()
	result, err := convert.Convert(context.Background(), c.files, c.options)
	if err != nil {
		t.Fatal(err)
	}
	var after bytes.Buffer
	for _, o := range result.Objects {
		text, err := json.Marshal(o.Value)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&after, "---\n%s\n", text)
	}
	ranking, _ := target.RankingOf(gatewayClass)
	v, err := convert.Verify(context.Background(), c.files, []source.File{{Name: "after.yaml", Data: after.Bytes()}}, convert.VerifyOptions{
		Namespace: c.options.Namespace, GatewayNamespace: c.options.GatewayNamespace, Ranking: ranking,
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.Results
}

// givens are the rules about what the prover takes as given: that Services exist,
// and that all callers see the same objects. MG142 is there for gRPC services,
// whose bare path no client sends.
var givens = []string{"MG134", "MG142", "MG198", "MG247", "MG503", "MG585"}

// outsideOfModel tells whether a finding says that something is not as the
// prover takes it.
func outsideOfModel(findings []finding.Finding, about concern) bool {
	return slices.ContainsFunc(findings, func(f finding.Finding) bool {
		return slices.Contains(givens, f.Rule.ID) && about.objects[f.Place.Object]
	})
}

// trial counts on what judge and prover agree.
type trial struct {
	sync.Mutex
	questions, equal, differs, open, silent int // by the prover's verdict; silent: it has none for the door and host
	contradicted, outside                   int // equal or silent, while istiod differs
	shown, notShown                         int // witnesses
}

func (s *trial) String() string {
	return fmt.Sprintf("%d questions: the prover says equal %d, differs %d, not proven %d, nothing %d; contradicted %d, and %d outside of its model; "+
		"of its witnesses istiod shows %d, and %d not", s.questions, s.equal, s.differs, s.open, s.silent, s.contradicted, s.outside, s.shown, s.notShown)
}

// hearing is a question with the worlds to ask.
type hearing struct {
	*comparison
	question
	known   admissions // what is withheld is no part of what the prover is given
	outside bool       // a difference has a reason that the prover does not look at
}

// hear compares prover and judge on one door and host.
func (s *trial) hear(t *testing.T, h hearing, said []prove.Result) {
	s.Lock()
	defer s.Unlock()
	s.questions++
	answer, ok := answerTo(h.question, said)
	switch {
	case !ok:
		s.silent++
		s.contradict(t, h, "nothing")
	case answer.Verdict == prove.Equal:
		s.equal++
		s.contradict(t, h, "equal")
	case answer.Verdict == prove.Differs:
		s.differs++
	default:
		s.open++
	}
	for _, d := range answer.Differences {
		s.witness(t, h, d)
	}
}

// contradict fails when the judge finds a difference. That a missing backend is
// 503 on one side and 500 on the other is none to the prover.
func (s *trial) contradict(t *testing.T, h hearing, verdict string) {
	for _, r := range h.requests {
		differing, err := h.differ(h.door, r)
		if d := differing["backends"]; strings.HasPrefix(d.was, "100% nothing") && strings.HasPrefix(d.is, "100% nothing") {
			delete(differing, "backends")
		}
		switch {
		case err != nil || len(differing) == 0:
			continue
		case h.outside, verdict == "nothing" && h.known.explain(r.Path, differing):
			s.outside++
			t.Logf("%s: %s: the prover says %s, which is outside of its model\n%s", h.door, r, verdict, describe(differing))
		default:
			s.contradicted++
			t.Errorf("%s: %s: the prover says %s, istiod differs\n%s", h.door, r, verdict, describe(differing))
		}
		return
	}
}

// witness sees whether the judge confirms a difference. Where it does not, the
// prover is stricter than Istio needs, which is allowed, and counted.
func (s *trial) witness(t *testing.T, h hearing, d prove.Difference) {
	door, r := h.door, requestOf(d.Witness, h.host)
	if door.gateway == "" && (d.Witness.SourceNamespace != "" || len(d.Witness.SourceLabels) > 0) {
		door.client.Labels = d.Witness.SourceLabels
		if d.Witness.SourceNamespace != "" {
			door.client.Namespace = d.Witness.SourceNamespace
		}
	}
	differing, err := h.differ(door, r)
	switch {
	case err != nil:
		t.Logf("%s: %s: %v", door, r, err)
	case len(differing) > 0:
		s.shown++
	default:
		s.notShown++
		t.Logf("%s: %s: the prover says %s, then %s; istiod sees no difference", door, r, d.BeforeDoes, d.AfterDoes)
	}
}

func requestOf(w route.Request, host string) request {
	r := request{Host: host, Method: "GET", Path: w.Path, Query: w.Query, Headers: w.Headers}
	if w.Method != "" {
		r.Method = w.Method
	}
	if w.Authority != "" {
		r.Host = w.Authority
	}
	return r
}

// answerTo finds the prover's result for a question: the door, and the most
// specific host.
func answerTo(q question, said []prove.Result) (best prove.Result, ok bool) {
	rank := 0
	for _, r := range said {
		host := r.Host
		if host == "" {
			host = "*"
		}
		at := slices.ContainsFunc([]*route.Door{r.Before, r.After}, func(d *route.Door) bool { return d != nil && opens(d, q) })
		if q.door.gateway == "" {
			host = "*" // the door is the host
		}
		if fit := domainFit(host, q.host); at && fit > rank {
			best, rank, ok = r, fit, true
		}
	}
	return best, ok
}

// opens tells whether a door of the prover is that of a question.
func opens(d *route.Door, q question) bool {
	parent := q.door.gateway
	if parent == "" {
		parent = serviceName(q.host)
	}
	return d.Entry.Mesh == (q.door.gateway == "") && d.Entry.Parent.String() == parent && d.Protocol == route.HTTP &&
		(d.Entry.Port == q.door.port || d.Entry.Port == 0)
}
