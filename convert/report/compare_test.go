package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/report"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

// edge is a Gateway with a Service; routes are added behind it.
const edge = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: ["*"]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80}]
---
`

// routed is a VirtualService on edge with http rules.
func routed(name, host, rules string) string {
	return "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: " + name + ", namespace: shop}\n" +
		"spec:\n  hosts: [" + host + "]\n  gateways: [edge]\n  http:\n" + rules + "---\n"
}

const (
	toWeb     = "  - route: [{destination: {host: web, port: {number: 80}}}]\n"
	exactPath = "  - match: [{uri: {exact: /a}}]\n    route: [{destination: {host: web, port: {number: 80}}}]\n"
	prefixed  = "  - match: [{uri: {prefix: /a}}]\n    route: [{destination: {host: web, port: {number: 80}}}]\n"
	delayed   = "  - fault: {delay: {percentage: {value: 10}, fixedDelay: 1s}}\n    route: [{destination: {host: web, port: {number: 80}}}]\n"
	outside   = "  - route: [{destination: {host: elsewhere.example.org}}]\n"
)

func of(t *testing.T, text string, o report.Options) *report.Report {
	t.Helper()
	return build(t, []source.File{{Name: "shop.yaml", Data: []byte(text)}}, o)
}

func TestCompare(t *testing.T) {
	base := edge + routed("a", "a.example.com", toWeb)
	tests := []struct {
		name, old, new, want string
	}{
		{"the same", base, base, "nothing changed"},
		{"moved by lines", base, "# a comment\n\n" + base, "nothing changed"},
		{"another order", base, edge + routed("a", "a.example.com", toWeb), "nothing changed"},
		{
			"a fault is injected", base, edge + routed("a", "a.example.com", delayed),
			"worse: 1 namespace is farther from its migration, 1 rule more differs, 1 host is served less as before, 1 error is new; nothing became better",
		},
		{
			"a fault is gone", edge + routed("a", "a.example.com", delayed), base,
			"nothing became worse; better: 1 namespace is nearer to its migration, 1 rule less differs, 1 host is served more as before, 1 error is gone",
		},
		{
			"a prefix becomes exact", edge + routed("a", "a.example.com", prefixed), edge + routed("a", "a.example.com", exactPath),
			"nothing became worse; better: 1 namespace is nearer to its migration, 1 rule less differs, 1 host is served more as before, 1 warning is gone",
		},
		{
			"a host that is not proved comes", base, base + routed("b", "b.example.com", prefixed),
			"worse: 1 namespace is farther from its migration, 1 rule more differs, 1 new host is not proved to be served as before, 1 warning is new; nothing became better",
		},
		{
			"a second of the same comes", edge + routed("a", "a.example.com", prefixed), edge + routed("a", "a.example.com", prefixed+strings.ReplaceAll(prefixed, "/a", "/b")),
			"worse: 1 rule more differs, 1 warning is new; nothing became better",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			old, new := of(t, test.old, report.Options{}), of(t, test.new, report.Options{})
			c := report.Compare(old, new)
			if got := c.String(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			valid(t, "comparison.json", encoded(t, c))
			mirrored := report.Compare(new, old)
			if len(mirrored.NewFindings) != len(c.GoneFindings) || len(mirrored.GoneFindings) != len(c.NewFindings) || len(mirrored.Hosts) != len(c.Hosts) {
				t.Error("turned round the comparison does not say the opposite")
			}
		})
	}
}

func TestCompareSettings(t *testing.T) {
	o := report.Options{Settings: []report.Setting{{Name: "channel", Value: "experimental"}}}
	c := report.Compare(of(t, edge, report.Options{}), of(t, edge, o))
	if !c.Indeterminate || len(c.Settings) != 1 || c.Settings[0] != (report.SettingWas{Name: "channel", New: "experimental"}) {
		t.Errorf("%+v", c.Settings)
	}
}

// TestTriage shows that what is set aside counts no more, and that the rule differs all the same.
func TestTriage(t *testing.T) {
	text := edge + routed("a", "a.example.com", delayed)
	r := of(t, text, report.Options{Triage: triage.Options{Severity: map[string]triage.Level{"MG100": triage.Off}}})
	if r.Summary.Findings.Errors != 0 || r.Summary.Accepted != 1 || r.Summary.Ready != report.Review || r.Summary.Rules.Differs != 1 {
		t.Errorf("%+v", r.Summary)
	}
	if r.Accepted[0].ID != "MG100" || r.Accepted[0].By != "configuration" {
		t.Errorf("%+v", r.Accepted[0])
	}
}

func TestRead(t *testing.T) {
	r := of(t, edge+routed("a", "a.example.com", delayed), report.Options{Convert: convert.Options{GatewayClass: "istio"}})
	data := encoded(t, r)
	again, err := report.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, encoded(t, again)) {
		t.Error("what is read is not what was written")
	}
	for _, test := range []struct{ name, data, want string }{
		{"nothing", "", "not a report: line 1: unexpected end of JSON input"},
		{"no JSON", "kind: List\n", "not a report: line 1: invalid character 'k'"},
		{"a list", "[]", "not a report: line 1: json: cannot unmarshal array"},
		{"findings", `{"findings": []}`, `not a report: it has no "version"`},
		{"another version", `{"version": "mesh2gw.io/report/v9"}`, `report of version "mesh2gw.io/report/v9": this mesh2gw reads mesh2gw.io/report/v1`},
		{"another key", "{\n\"version\": \"mesh2gw.io/report/v1\",\n\"hots\": []}", `not a report: json: unknown field "hots"`},
		{"another type", "{\n\"version\": \"mesh2gw.io/report/v1\",\n\"hosts\": 1}", "not a report: line 3: json: cannot unmarshal number"},
		{"cut off", string(data[:len(data)/2]), "unexpected end of JSON input"},
		{"two", string(data) + string(data), "not a report: line"},
	} {
		if _, err := report.Read([]byte(test.data)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
}
