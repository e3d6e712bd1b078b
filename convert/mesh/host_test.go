package mesh

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
)

// FuzzPlainLabel: what looks plain is a label to Kubernetes too.
func FuzzPlainLabel(f *testing.F) {
	for _, s := range []string{"", "a", "-a", "a-", "a-b", "A", "a.b", "0", "a_b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if plainLabel(s) && len(validation.IsDNS1123Label(s)) > 0 {
			t.Errorf("%q is taken for a label", s)
		}
	})
}
