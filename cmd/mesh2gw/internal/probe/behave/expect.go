package behave

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
)

// Check lists in which parts an answer, which was kept, is not what was expected:
// Before is the expectation. Shares are a matter of many answers.
func Check(e *plan.Expect, a *client.Answer, o Options) []Difference {
	if a.Failure != client.None {
		if e.Status == 0 && e.Redirect == "" && e.Backend == "" && e.BodyContains == "" && len(e.Headers) == 0 {
			return nil // nothing was asked for
		}
		return []Difference{{"failure", "an answer", string(a.Failure)}}
	}
	var all []Difference
	expect := func(part, want, got string) {
		if want != got {
			all = append(all, Difference{part, want, got})
		}
	}
	if e.Status != 0 {
		expect("status", strconv.Itoa(e.Status), strconv.Itoa(a.Status))
	}
	if e.Redirect != "" {
		expect("redirect", e.Redirect, a.Header.Get("Location"))
	}
	if e.Backend != "" && o.Backend != nil {
		expect("backend", e.Backend, o.Backend.Of(a))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		expect("header "+http.CanonicalHeaderKey(name), e.Headers[name], strings.Join(a.Header.Values(name), ", "))
	}
	if e.BodyContains != "" && !strings.Contains(string(a.Body), e.BodyContains) {
		all = append(all, Difference{"body", "contains " + strconv.Quote(e.BodyContains), strconv.Quote(shortened(string(a.Body)))})
	}
	return all
}

// shortened is enough of a body to know it by.
func shortened(text string) string {
	const enough = 80
	if len(text) <= enough {
		return text
	}
	return strings.ToValidUTF8(text[:enough], "") + "…"
}
