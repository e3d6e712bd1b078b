package lint_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/lint"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// What is said does not depend on which file comes first.
func TestOrderOfFiles(t *testing.T) {
	for name, files := range archives(t) {
		if name == "MG663.txtar" {
			continue // which names the first
		}
		forth := lines(config(t, files))
		slices.Reverse(files)
		if diff := cmp.Diff(forth, lines(config(t, files))); diff != "" {
			t.Errorf("%s: with the files in reverse order (-forth +back):\n%s", name, diff)
		}
		if again := lines(config(t, files)); again != lines(config(t, files)) {
			t.Errorf("%s: two runs differ", name)
		}
	}
}

// Every finding stands at a line of its file, and is of the group config.
func TestPlaces(t *testing.T) {
	for name, files := range archives(t) {
		for _, f := range config(t, files) {
			i := slices.IndexFunc(files, func(s source.File) bool { return s.Name == f.Place.Pos.File })
			if i < 0 || f.Place.Pos.Line < 1 || f.Place.Pos.Line > bytes.Count(files[i].Data, []byte("\n")) || f.Place.Object == "" {
				t.Errorf("%s: no place: %+v", name, f.Place)
			}
			if f.Rule.InGroup() != finding.Config || f.Hint == "" {
				t.Errorf("%s: %s is of group %s, hint %q", name, f.Rule.ID, f.Rule.InGroup(), f.Hint)
			}
			for _, r := range f.Related {
				if r.Place.Pos.Line == 0 || r.Message == "" {
					t.Errorf("%s: %s has a related place without a line or a message", name, f.Rule.ID)
				}
			}
		}
	}
}

// A certificate and a key that do not belong together are told, and a pair is not.
func TestKeyPair(t *testing.T) {
	cert, key := pair(t)
	_, other := pair(t)
	for _, c := range []struct {
		name, cert, key string
		want            bool
	}{
		{"a pair", cert, key, false},
		{"another key", cert, other, true},
		{"no text", "????", "????", false},
		{"still to come", "", "", false},
	} {
		encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
		in := fmt.Sprintf(`apiVersion: v1
kind: Secret
metadata: {name: cert, namespace: istio-system}
data: {tls.crt: %q, tls.key: %q}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    tls: {mode: SIMPLE, credentialName: cert}
    hosts: [shop.example.com]
`, encode(c.cert), encode(c.key))
		got := lines(config(t, []source.File{{Name: "in.yaml", Data: []byte(in)}}))
		if strings.Contains(got, "do not belong together") != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func pair(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"shop.example.com"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lint.Config(ctx, nil, lint.Options{}); err == nil {
		t.Error("no error, though the context is cancelled")
	}
}

// A thousand VirtualServices, each with rules for one host and some on a shared
// one, take a moment only.
func TestSpeed(t *testing.T) {
	files := thousand()
	start := time.Now()
	config(t, files)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("1000 VirtualServices took %s", took)
	}
}

func BenchmarkConfig(b *testing.B) {
	files := thousand()
	for b.Loop() {
		config(b, files)
	}
}

// thousand makes 1000 VirtualServices with their DestinationRules and Services.
func thousand() []source.File {
	var text strings.Builder
	for i := range 1000 {
		host := fmt.Sprintf("s%d.example.com", i)
		if i%4 == 0 {
			host = "shared.example.com"
		}
		fmt.Fprintf(&text, `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: v%[1]d, namespace: shop}
spec:
  hosts: [%[2]s]
  gateways: [istio-system/edge]
  http:
  - match: [{uri: {prefix: /a%[1]d/}, headers: {x-canary: {exact: "1"}}}]
    route: [{destination: {host: s%[1]d, subset: v2}}]
  - match: [{uri: {exact: /a%[1]d}}]
    redirect: {uri: /a%[1]d/}
  - match: [{uri: {prefix: /a%[1]d/}}]
    route: [{destination: {host: s%[1]d, subset: v1}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: s%[1]d, namespace: shop}
spec: {host: s%[1]d, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: v1
kind: Service
metadata: {name: s%[1]d, namespace: shop}
spec: {selector: {app: s%[1]d}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: s%[1]d, namespace: shop}
spec: {template: {metadata: {labels: {app: s%[1]d, version: v1}}}}
`, i, host)
	}
	return []source.File{{Name: "in.yaml", Data: []byte(text.String())}}
}

// FuzzConfig: arbitrary bytes make no panic, and the same findings twice.
func FuzzConfig(f *testing.F) {
	for _, files := range archives(f) {
		var all []byte
		for _, file := range files {
			all = append(append(all, "---\n"...), file.Data...)
		}
		f.Add(all)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		files := []source.File{{Name: "in.yaml", Data: data}}
		if one, two := lines(config(t, files)), lines(config(t, files)); one != two {
			t.Errorf("two runs differ:\n%s\n%s", one, two)
		}
	})
}

// archives are the inputs of all examples, by name.
func archives(t testing.TB) map[string][]source.File {
	t.Helper()
	all := map[string][]source.File{}
	for _, pattern := range []string{ruleExamples + "/MG6*.txtar", "testdata/*.txtar"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatal("no examples", err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range txtar.Parse(data).Files {
				if f.Name != "findings" {
					all[filepath.Base(name)] = append(all[filepath.Base(name)], source.File{Name: f.Name, Data: f.Data})
				}
			}
		}
	}
	return all
}
