package report_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mesh2gw/mesh2gw/convert/report"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// hostile has names and values that try to leave the shell's words, JSON and
// the lines of a text. ATTACK is replaced.
const hostile = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ATTACK, namespace: ATTACK}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: ["*.example.com"]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: ["*"]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ATTACK, namespace: ATTACK}
spec:
  hosts: [a.example.com]
  gateways: [ATTACK]
  http:
  - match: [{uri: {prefix: /a}}]
    route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 80}}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web.example.com, ATTACK]
  gateways: [edge]
  http:
  - match: [{uri: {prefix: ATTACK}, headers: {x-user: {exact: ATTACK}, ATTACK: {exact: a}}, queryParams: {q: {exact: ATTACK}}}]
    rewrite: {uri: ATTACK}
    route: [{destination: {host: web, port: {number: 80}}, headers: {request: {set: {x: ATTACK}}}}]
    retries: {attempts: 2, retryOn: ATTACK}
  - match: [{uri: {exact: /b}, headers: {x-user: {exact: ATTACK}}}]
    directResponse: {status: 503, body: {string: ATTACK}}
  - route: [{destination: {host: ATTACK}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ATTACK, namespace: shop}
spec:
  host: ATTACK
  trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: ATTACK}}, connectionPool: {tcp: {maxConnections: 1}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80}]
`

var attacks = []string{
	`x'; touch pwned; '`, "$(touch pwned)", "`touch pwned`", "a\ntouch pwned\n", "--all", "-n", "a b", `"; touch pwned; "`, "x\x00y", "\x1b[31mred",
	"</script><script>alert(1)</script>", "::error::x", "${IFS}touch${IFS}pwned", "../../etc/passwd", "\u202egnp", "*", "~", "\\", "|touch pwned", "&touch pwned&", ">pwned",
}

// TestHostile runs the commands of the runbook with programs that do nothing:
// whatever the names are, nothing else may run, and no option be smuggled in.
func TestHostile(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	for _, attack := range attacks {
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\x00", `\0`, "\x1b", `\e`).Replace(attack) + `"`
		files := []source.File{{Name: attack + ".yaml", Data: []byte(strings.ReplaceAll(hostile, "ATTACK", quoted))}}
		r := build(t, files, report.Options{Settings: []report.Setting{{Name: "gateway-class", Value: attack}}})
		data := encoded(t, r)
		valid(t, "report.json", data)
		if !utf8.Valid(data) {
			t.Errorf("%q: the report is not UTF-8", attack)
		}
		if _, err := report.Read(data); err != nil {
			t.Errorf("%q: %v", attack, err)
		}
		harmless(t, shell, attack, r)
	}
}

func harmless(t *testing.T, shell, attack string, r *report.Report) {
	t.Helper()
	if strings.Contains(attack, "\x00") {
		return // no program can be given such a word
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"kubectl", "curl", "mesh2gw", "find"} {
		// a word that begins with a dash and is none of ours was smuggled in
		script := "#!" + shell + "\nfor word; do case $word in --all|-n) echo smuggled > " + dir + "/pwned;; esac; done\ncat > /dev/null < /dev/null\n"
		if err := os.WriteFile(filepath.Join(bin, program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var all []string
	for _, s := range r.Runbook {
		all = append(all, s.Commands...)
	}
	for _, h := range r.Hosts {
		for _, d := range h.Differences {
			all = append(all, d.Curl)
		}
	}
	c := exec.Command(shell, "-c", strings.Join(all, "\n"))
	c.Dir, c.Env = dir, []string{"PATH=" + bin + ":" + os.Getenv("PATH")}
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%q: %v: %s", attack, err, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
		t.Errorf("%q: a command did what a name says:\n%s", attack, strings.Join(all, "\n"))
	}
}

func FuzzBuild(f *testing.F) {
	f.Add([]byte(edge + routed("a", "a.example.com", delayed)))
	f.Add([]byte(hostile))
	f.Add([]byte("# Source: a/templates/b.yaml\n" + edge + "---\n# Source: a/templates/b.yaml\n" + routed("a", "a.example.com", prefixed)))
	f.Add([]byte(edge + routed("a", "a.example.com", "  - match: [{}, null]\n    delegate: {name: a}\n  - 1\n")))
	f.Fuzz(func(t *testing.T, data []byte) {
		files := []source.File{{Name: "a.yaml", Data: data}}
		r := build(t, files, report.Options{})
		linked(t, r)
		first := encoded(t, r)
		if string(first) != string(encoded(t, build(t, files, report.Options{}))) {
			t.Error("a second run differs")
		}
		valid(t, "report.json", first)
	})
}
