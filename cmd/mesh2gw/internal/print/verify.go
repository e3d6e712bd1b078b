package print

import (
	"bytes"
	"fmt"
	"io"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Verification is a printer of comparisons.
type Verification func(w io.Writer, v convert.Verification) error

// VerificationText writes a line for each host and entry point, and below it
// each difference with a request that shows it.
func VerificationText(w io.Writer, v convert.Verification) error {
	var b bytes.Buffer
	var by [prove.NotProven + 1]int
	for _, r := range v.Results {
		by[r.Verdict]++
		result(&b, r)
	}
	fmt.Fprintf(&b, "%s of %d and %d objects: %d equal, %d differ, %d not proven\n",
		count(len(v.Results), "host"), v.Before.Read, v.After.Read, by[prove.Equal], by[prove.Differs], by[prove.NotProven])
	_, err := w.Write(b.Bytes())
	return err
}

func result(b *bytes.Buffer, r prove.Result) {
	fmt.Fprintf(b, "%s at %s: %s", hostText(r), door(r).Title(), r.Verdict)
	if r.Reason != "" {
		fmt.Fprintf(b, ": %s", r.Reason)
	}
	b.WriteByte('\n')
	for _, d := range r.Differences {
		perhaps := ""
		if d.Possible {
			perhaps = " (on some implementations)"
		}
		fmt.Fprintf(b, "  %s%s%s\n", appendLine(nil, door(r).Curl(d.Witness)), d.Witness.Caller(), perhaps)
		fmt.Fprintf(b, "    before: %s  [%s]\n", appendLine(nil, d.BeforeDoes), appendLine(nil, ruleText(d.Before)))
		fmt.Fprintf(b, "    after:  %s  [%s]\n", appendLine(nil, d.AfterDoes), appendLine(nil, ruleText(d.After)))
	}
}

// door is the one that both sides have, or the only one.
func door(r prove.Result) *route.Door {
	if r.Before != nil {
		return r.Before
	}
	return r.After
}

func hostText(r prove.Result) string {
	switch {
	case r.Host != "":
		return r.Host
	case door(r).Entry.Mesh:
		return "calls"
	case door(r).Protocol == route.TCP:
		return "connections"
	}
	return "any other host"
}

// The JSON shape of a comparison is fixed: scripts read it.
type (
	jsonVerification struct {
		Results []jsonResult `json:"results"`
		Unread  []string     `json:"unread"` // errors of reading, as one line each
	}
	jsonResult struct {
		Host        string           `json:"host"`
		Entry       string           `json:"entry"`
		Verdict     string           `json:"verdict"`
		Reason      string           `json:"reason"`
		Differences []jsonDifference `json:"differences"`
	}
	jsonDifference struct {
		Curl     string      `json:"curl"`
		Request  jsonRequest `json:"request"`
		Aspects  []string    `json:"aspects"`
		Possible bool        `json:"possible"` // only where the implementation ranks expressions that way
		Opens    bool        `json:"opens"`    // refused before, and not after
		Before   jsonAnswer  `json:"before"`
		After    jsonAnswer  `json:"after"`
	}
	jsonRequest struct {
		Method  string            `json:"method"`
		URL     string            `json:"url"`
		Headers map[string]string `json:"headers"`
	}
	jsonAnswer struct {
		Does string `json:"does"`
		Rule string `json:"rule"` // file:line:column, or where it stands in an object
	}
)

// VerificationJSON writes one object; every key is there.
func VerificationJSON(w io.Writer, v convert.Verification) error {
	out := jsonVerification{Results: []jsonResult{}, Unread: []string{}}
	for _, r := range v.Results {
		j := jsonResult{Host: r.Host, Entry: door(r).Title(), Verdict: r.Verdict.String(), Reason: r.Reason, Differences: []jsonDifference{}}
		for _, d := range r.Differences {
			j.Differences = append(j.Differences, jsonOf(door(r), d))
		}
		out.Results = append(out.Results, j)
	}
	for _, f := range v.Unread() {
		out.Unread = append(out.Unread, f.String())
	}
	return writeJSON(w, out)
}

func jsonOf(at *route.Door, d prove.Difference) jsonDifference {
	j := jsonDifference{
		Curl: at.Curl(d.Witness), Aspects: []string{}, Possible: d.Possible, Opens: d.Opens,
		Request: jsonRequest{Method: d.Witness.Method, URL: at.URL(d.Witness), Headers: d.Witness.Headers},
		Before:  jsonAnswer{d.BeforeDoes, ruleText(d.Before)},
		After:   jsonAnswer{d.AfterDoes, ruleText(d.After)},
	}
	if j.Request.Headers == nil {
		j.Request.Headers = map[string]string{}
	}
	for _, a := range d.Aspects {
		j.Aspects = append(j.Aspects, string(a))
	}
	return j
}

// ruleText says where a rule stands; nil is "no rule".
func ruleText(r *route.Rule) string {
	switch {
	case r == nil:
		return "no rule"
	case r.From != nil:
		return r.From.Place().Pos.String()
	}
	return r.Where
}
