package page

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	gotime "time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

const hostile = `</style><script>alert(1)</script>"'><img src=x onerror=alert(1)>`

// run is one of both sides; response gives the time of an answer in ns, -1 for none.
func run(sides, seconds int, response func(side, i int) int64) *result.Run {
	r := &result.Run{
		Version: 1, Tool: hostile, Started: gotime.Date(2026, 11, 23, 12, 0, 0, 0, gotime.UTC),
		Requests: []result.Request{
			{Name: hostile, Verdict: result.Changed, Command: hostile, Why: hostile, Differences: []behave.Difference{{Part: hostile, Before: hostile, After: ""}}},
			{Name: "split", Verdict: result.Same, Shares: &result.Shares{
				Want: map[string]float64{hostile: 0.8, "b": 0.2}, Before: map[string]int{hostile: 80, "b": 20}, After: map[string]int{"c": 100}, P: map[string]float64{"sides": 0.01},
			}},
		},
		Skipped: []result.Skipped{{Name: hostile, Why: hostile}}, Invalid: []string{hostile},
	}
	l := &result.Latency{Rate: 100, Seconds: result.Seconds(seconds), Interleaved: true, Margin: 0.1, Floor: 1e6, Names: []string{hostile}}
	route := result.Route{Name: hostile}
	for side := range sides {
		name := sideClass(side)
		r.Sides = append(r.Sides, result.Side{Name: name, URLs: map[string]string{"http": "javascript:alert(1)"}})
		s := result.Samples{}
		for i := range 100 * seconds {
			s.Planned, s.Response, s.Request = append(s.Planned, int64(i)*1e7), append(s.Response, response(side, i)), append(s.Request, 0)
		}
		l.Sides, l.Samples = append(l.Sides, result.Sent{Name: name, Requests: 100 * seconds}), append(l.Samples, s)
		route.Counts = append(route.Counts, result.Count{Requests: 100 * seconds})
	}
	nan, forever := result.Number(math.NaN()), result.Number(math.Inf(1))
	ranges := [][]result.Number{{1e6, forever}, {nan, nan}}[:sides]
	route.Quantiles = []result.Quantile{{Quantile: 0.999, Before: 1e6, After: forever, Range: ranges, Ratio: nan, Low: nan, High: forever, P: nan, Smallest: nan}}
	if sides == 2 {
		route.Errors = &result.Errors{Changed: true}
		route.Quantiles[0].Decision, route.Quantiles[0].Why = "inconclusive", hostile
		route.Quantiles = append(route.Quantiles, result.Quantile{Quantile: 0.5, Before: 1e6, After: 2e6, Range: ranges, Ratio: 2, Low: 0, High: forever, Smallest: 1.2, Decision: "changed", Blocks: 3})
	}
	l.Routes = []result.Route{route}
	r.Latency = l
	r.Count()
	return r
}

func written(t *testing.T, r *result.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var runs = map[string]*result.Run{
	"both sides":   run(2, 20, func(side, i int) int64 { return int64(1+side) * (1e6 + int64(i)) }),
	"one side":     run(1, 3, func(_, i int) int64 { return int64(i) * 1e4 }),
	"half fail":    run(2, 10, func(side, i int) int64 { return []int64{1e6, -1}[side*(i%2)] }),
	"all fail":     run(2, 10, func(int, int) int64 { return -1 }),
	"all the same": run(2, 10, func(int, int) int64 { return 5e6 }),
	"one fails":    run(2, 10, func(side, _ int) int64 { return []int64{1, -1}[side] }),
	"few":          run(2, 0, func(int, int) int64 { return 1 }),
}

var insideStyle = regexp.MustCompile(`(?s)<style>.*?</style>`)

// Whatever was measured, and whatever names hold, the page is well formed, runs no
// script, asks for nothing, and has no number that is none in its pictures.
func TestPage(t *testing.T) {
	for name, r := range runs {
		text := written(t, r)
		body := insideStyle.ReplaceAllString(text, "")
		if len(insideStyle.FindAllString(text, -1)) != 1 {
			t.Errorf("%s: a style sheet comes from a name", name)
		}
		for _, bad := range []string{"<script", "<img", "href=\"java", "url(", "ZgotmplZ", "NaN", "+Inf", "%!"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s: the page has %q:\n%s", name, bad, body)
			}
		}
		_, body, _ = strings.Cut(body, "</head>")
		d := xml.NewDecoder(strings.NewReader(strings.TrimSuffix(strings.TrimSpace(body), "</html>")))
		d.Entity = xml.HTMLEntity
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v in\n%s", name, err, body)
			}
		}
	}
}

// Pictures are there where there is something to see, and not otherwise.
func TestPictures(t *testing.T) {
	for name, want := range map[string]int{"both sides": 2, "one side": 2, "half fail": 2, "all fail": 0, "all the same": 2, "one fails": 2, "few": 0} {
		if got := strings.Count(written(t, runs[name]), `<figure class="plot">`); got != want {
			t.Errorf("%s: %d pictures, want %d", name, got, want)
		}
	}
}

var numbers = regexp.MustCompile(`-?[0-9.]+`)

// Curves stay inside of their picture, rise from left to right, and the slower side
// lies above.
func TestCurves(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		factor := 1 + 4*random.Float64()
		r := run(2, 20, func(side, _ int) int64 {
			took := (1e6 + random.ExpFloat64()*1e6)
			if side == 1 {
				took *= factor
			}
			return int64(took)
		})
		c := quantileCurve("a", r.Latency, "")
		var ends [2]float64
		for i, l := range c.Lines {
			lastX, lastY := 0.0, c.Height
			found := numbers.FindAllString(l.D, -1)
			for k := 0; k+1 < len(found); k += 2 {
				x, y := parse(t, found[k]), parse(t, found[k+1])
				if x < c.Left-1 || x > c.Right+1 || y < c.Top-1 || y > c.Bottom+1 || x < lastX || y > lastY+0.11 {
					t.Fatalf("side %d goes from %g, %g to %g, %g", i, lastX, lastY, x, y)
				}
				lastX, lastY = x, y
			}
			ends[i] = lastY
		}
		if factor > 2 && ends[1] >= ends[0] {
			t.Errorf("after takes %.2f times as long, and ends at %g, before at %g", factor, ends[1], ends[0])
		}
	}
}

func parse(t *testing.T, s string) float64 {
	t.Helper()
	var f float64
	if err := xml.Unmarshal([]byte("<a>"+s+"</a>"), &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// What the picture shows is said in words too: the quantiles of what was made up.
func TestSays(t *testing.T) {
	c := quantileCurve("a", runs["all the same"].Latency, "")
	if want := "Before: p50 5ms, p90 5ms, p99 5ms. After: p50 5ms, p90 5ms, p99 5ms"; c.Says != want {
		t.Errorf("says %q, want %q", c.Says, want)
	}
	over := overTime("b", runs["half fail"].Latency, "")
	if len(over.Marks) == 0 {
		t.Error("spans whose p90 is a failure are not marked")
	}
	if shown := sharesOf(&runs["both sides"].Requests[1]); len(shown.Rows) != 3 || shown.Rows[0].Bars[0].Share != 0.8 || shown.Rows[2].Bars[2].Share != 1 || shown.Rows[2].Bars[1].Share != 0 {
		t.Errorf("shares are %+v", shown)
	}
}
