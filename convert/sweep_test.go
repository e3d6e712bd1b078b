package convert_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/istio/istiotest"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// TestSweep proves the field table: for each field path it converts a document
// with the path and one without, and compares what the row says with what the
// conversion does.
//
//	kept    the output differs, or a finding stands on the key or goes
//	partly  the same, and for some value a finding of the row's rules stands there
//	lost    the output is the same, and exactly the row's rule stands there
//	moot    the output and the findings are the same
func TestSweep(t *testing.T) {
	spoken := map[string]bool{} // partly rows of which a finding of their rules was seen
	partly := map[string]bool{}
	for _, p := range istiotest.Paths() {
		before := sweep(t, p.Baseline)
		if before.output == "" && p.Kind != "ServiceEntry" {
			t.Errorf("%s %s: the baseline converts to nothing:\n%s", p.Kind, p.Path, p.Baseline)
		}
		for i, sample := range p.Samples {
			after := sweep(t, sample)
			s := swept{p: p, differs: before.output != after.output, added: after.added(before), gone: before.added(after), first: i == 0}
			if problem := s.problem(); problem != "" {
				t.Errorf("%s %s is %s: %s\nadded findings: %q\n%s", p.Kind, p.Path, p.Row.Verdict, problem, s.added, excerpt(sample))
			}
			if p.Row.Verdict == istio.Partly {
				partly[p.Row.Path] = true
				spoken[p.Row.Path] = spoken[p.Row.Path] || s.speaks()
			}
		}
	}
	for path := range partly {
		if !spoken[path] {
			t.Errorf("%s is partly, and no sample brings a finding of its rules", path)
		}
	}
}

// outcome is what a conversion gave, without positions: these shift by what is written.
type outcome struct {
	output   string
	findings []finding.Finding
}

func sweep(t *testing.T, text string) outcome {
	t.Helper()
	files := []source.File{{Name: "in.yaml", Data: []byte(text)}}
	res, err := convert.Convert(context.Background(), files, convert.Options{Version: target.V17, Channel: target.Experimental})
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	var b strings.Builder
	for _, o := range res.Objects {
		out, err := json.Marshal(o.Value)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(out, '\n'))
	}
	return outcome{b.String(), res.Findings}
}

// added are the findings that before does not have.
func (o outcome) added(before outcome) []finding.Finding {
	left := map[string]int{}
	for _, f := range before.findings {
		left[unplaced(f)]++
	}
	var added []finding.Finding
	for _, f := range o.findings {
		left[unplaced(f)]--
		if left[unplaced(f)] < 0 {
			added = append(added, f)
		}
	}
	return added
}

// lineNumber is what shifts in a message by what is written above.
var lineNumber = regexp.MustCompile(`line \d+`)

func unplaced(f finding.Finding) string {
	return fmt.Sprintf("%s|%s|%s|%s", f.Rule.ID, f.Place.Object, f.Place.Field, lineNumber.ReplaceAllString(f.Message, "line"))
}

// swept is one sample compared with its baseline.
type swept struct {
	p       istiotest.Path
	differs bool
	added   []finding.Finding
	gone    []finding.Finding
	first   bool
}

// here are the added findings on the row's key or below it.
func (s swept) here() []finding.Finding {
	return slices.DeleteFunc(slices.Clone(s.added), func(f finding.Finding) bool {
		return !strings.HasPrefix(f.Place.Object, s.p.Kind+" ") || !onKey(f.Place.Field, s.p.Key)
	})
}

func onKey(field, key string) bool {
	rest, ok := strings.CutPrefix(field, key)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// speaks tells whether a finding of the row's rules stands on the key, or in the
// message that holds it: ignoreUriCase is spoken of at uri.
func (s swept) speaks() bool {
	holder := s.p.Key[:strings.LastIndexByte(s.p.Key, '.')]
	return slices.ContainsFunc(s.added, func(f finding.Finding) bool {
		return slices.Contains(s.p.Row.Rules, f.Rule) && onKey(f.Place.Field, holder)
	})
}

func (s swept) problem() string {
	switch s.p.Row.Verdict {
	case istio.Kept, istio.Partly:
		if !s.differs && len(s.here()) == 0 && len(s.gone) == 0 && !s.speaks() {
			return "nothing in the output differs, and no finding stands on " + s.p.Key
		}
	case istio.Lost:
		switch {
		case s.differs:
			return "the output differs"
		case s.first && (len(s.here()) != 1 || !s.speaks()):
			return "one finding of its rule should stand on " + s.p.Key
		}
	case istio.Moot:
		if s.differs || len(s.added)+len(s.gone) > 0 {
			return "the output or the findings differ"
		}
	default:
		return "a leaf below no closing row"
	}
	return ""
}

// excerpt is the object that holds the path.
func excerpt(text string) string {
	first, _, _ := strings.Cut(text, "---\n")
	return first
}
