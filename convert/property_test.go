package convert_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// istioRule is a rule of a random VirtualService, with an evaluator of its own.
type istioRule struct {
	path, value string // exact, prefix, regex or ""
	header      string // "", "present", "absent", or a value of header x
	method      string
}

func (r istioRule) yaml(i int) string {
	var parts []string
	if r.path != "" {
		parts = append(parts, fmt.Sprintf("uri: {%s: %q}", r.path, r.value))
	}
	switch r.header {
	case "":
	case "present":
		parts = append(parts, "headers: {x: {}}")
	case "absent":
		parts = append(parts, "withoutHeaders: {x: {}}")
	default:
		parts = append(parts, fmt.Sprintf("headers: {x: {exact: %q}}", r.header))
	}
	if r.method != "" {
		parts = append(parts, "method: {exact: "+r.method+"}")
	}
	match := ""
	if len(parts) > 0 {
		match = "match: [{" + strings.Join(parts, ", ") + "}], "
	}
	return fmt.Sprintf("  - {%sroute: [{destination: {host: to-%d, port: {number: 80}}}]}\n", match, i)
}

func (r istioRule) meets(q request) bool {
	value, present := q.headers["x"]
	switch {
	case r.method != "" && r.method != q.method,
		r.header == "present" && !present, r.header == "absent" && present,
		r.header != "" && r.header != "present" && r.header != "absent" && (!present || value != r.header):
		return false
	}
	switch r.path {
	case "exact":
		return q.path == r.value
	case "prefix":
		return strings.HasPrefix(q.path, r.value)
	case "regex":
		return regexp.MustCompile("^(?:" + r.value + ")$").MatchString(q.path)
	}
	return true
}

func decideToday(rules []istioRule, q request) string {
	for i, r := range rules {
		if r.meets(q) {
			return fmt.Sprintf("to-%d", i)
		}
	}
	return "404"
}

var backend = regexp.MustCompile(`"name":"(to-\d+)"`)

// decideWritten is decide in the words of decideToday.
func decideWritten(e *evaluator, parents []string, q request) string {
	if len(parents) == 0 {
		return "404"
	}
	text := e.decide(parents[0], q)
	if m := backend.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	if text == "404" {
		return text
	}
	return "500"
}

func randomRules(r *rand.Rand) []istioRule {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	rules := make([]istioRule, 1+r.IntN(8))
	for i := range rules {
		rule := istioRule{path: pick("exact", "prefix", "prefix", "regex", "")}
		switch rule.path {
		case "exact":
			rule.value = pick("/", "/a", "/a/", "/a/b", "/b")
		case "prefix":
			rule.value = pick("/", "/a", "/a/", "/a/b", "/b")
		case "regex":
			rule.value = pick("/a.*", "/[ab]", "/.*/b", "/(a|b)/.*")
		}
		rule.header, rule.method = pick("", "", "", "v", "w", "present", "absent"), pick("", "", "GET", "POST")
		rules[i] = rule
	}
	return rules
}

func alphabet() []request {
	var all []request
	for _, path := range []string{"/", "/a", "/a/", "/a/b", "/a/bc", "/a/b/c", "/ab", "/b", "/b/", "/b/b", "/bx", "/c"} {
		for _, header := range []string{"", "v", "w", "z"} {
			for _, method := range []string{"GET", "POST", "PUT"} {
				q := request{host: "a.example.com", method: method, path: path, headers: map[string]string{}}
				if header != "" {
					q.headers["x"] = header
				}
				all = append(all, q)
			}
		}
	}
	return all
}

// TestConversionsAgree converts random VirtualServices of up to 8 rules, and
// holds the proof against brute force over all requests of a small alphabet: what
// differs is proved to differ, what is called equal is equal, each witness
// shows a difference, and each difference has its finding.
func TestConversionsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	counts := map[prove.Verdict]int{}
	for i := range 1200 {
		target := []string{"istio", "envoy-gateway", "contour", "agentgateway"}[i%4]
		rules := randomRules(r)
		input := "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec:\n  hosts: [a.example.com]\n  gateways: [edge]\n  http:\n"
		for i, rule := range rules {
			input += rule.yaml(i)
		}
		result, err := convert.Convert(context.Background(), []source.File{{Name: "in.yaml", Data: []byte(input)}}, convert.Options{Target: target})
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Proof) != 1 {
			t.Fatalf("%d hosts compared for\n%s", len(result.Proof), input)
		}
		counts[result.Proof[0].Verdict]++
		if problems := disagreements(rules, result, target); len(problems) > 0 {
			t.Fatalf("%s: %s\nfor\n%s\n%s", target, strings.Join(problems, "\n"), input, text(result.Objects))
		}
	}
	t.Logf("equal %d, differ %d, not proven %d", counts[prove.Equal], counts[prove.Differs], counts[prove.NotProven])
	if counts[prove.Equal] < 50 || counts[prove.Differs] < 50 {
		t.Errorf("too few of a kind: %v", counts)
	}
}

func disagreements(rules []istioRule, result convert.Result, target string) []string {
	var problems []string
	e, parents := newEvaluator(result.Objects), allParents(result.Objects)
	e.target = target
	proof := result.Proof[0]
	for _, q := range alphabet() {
		if today, after := decideToday(rules, q), decideWritten(e, parents, q); today != after && proof.Verdict != prove.Differs {
			problems = append(problems, fmt.Sprintf("%v goes to %s today and to %s afterwards, and the proof says %s", q, today, after, proof.Verdict))
		}
	}
	for _, d := range proof.Differences {
		q := request{host: "a.example.com", method: d.Witness.Method, path: d.Witness.Path, headers: d.Witness.Headers}
		if today, after := decideToday(rules, q), decideWritten(e, parents, q); today == after {
			problems = append(problems, fmt.Sprintf("the proof says that %v differs (%s, %s), and it goes to %s", q, d.BeforeDoes, d.AfterDoes, today))
		}
	}
	for _, f := range result.Findings {
		if f.Rule.ID == "MG904" || f.Rule.ID == "MG905" {
			problems = append(problems, f.String())
		}
	}
	return problems
}
