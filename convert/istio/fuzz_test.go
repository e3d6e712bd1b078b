package istio_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/istio/istiotest"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// TestEveryKeyAccounted holds for each field path what FuzzBind holds for any bytes.
func TestEveryKeyAccounted(t *testing.T) {
	for _, p := range istiotest.Paths() {
		for _, sample := range p.Samples {
			accounted(t, []byte(sample))
		}
	}
}

// FuzzBind: no panic, the same findings every time, and no key that is passed
// over in silence.
func FuzzBind(f *testing.F) {
	for i, p := range istiotest.Paths() {
		if i%10 == 0 {
			f.Add([]byte(p.Samples[0]))
		}
	}
	f.Add([]byte("apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: [a], labels: 1}\nspec: {http: {a: 1}, hosts: [null, 1], tls: [{match: x}]}\nx: 1\n"))
	f.Add([]byte("apiVersion: networking.istio.io/v1\nkind: Gateway\nspec: [1]\n"))
	f.Add([]byte("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nspec: {selector: {matchLabels: [1]}, targetRefs: {a: b}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) { accounted(t, data) })
}

func accounted(t *testing.T, data []byte) {
	t.Helper()
	docs, _, err := source.Split(context.Background(), []source.File{{Name: "in.yaml", Data: data}})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		o, findings := judge(d)
		if o == nil {
			continue
		}
		if silent := istio.Unaccounted(o, findings); len(silent) > 0 {
			t.Errorf("passed over in silence: %q in\n%s", silent, data)
		}
		if _, again := judge(d); !reflect.DeepEqual(findings, again) {
			t.Errorf("findings differ from run to run in\n%s", data)
		}
		for _, f := range findings {
			if f.Place.Pos.Line == 0 || f.Message == "" {
				t.Errorf("finding without a line or message: %+v", f)
			}
		}
	}
}

func judge(d *source.Document) (*istio.Object, []finding.Finding) {
	o, findings := istio.Bind(d)
	if o != nil {
		findings = append(findings, istio.Account(o)...)
	}
	return o, findings
}
