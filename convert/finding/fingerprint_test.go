package finding

import "testing"

// A fingerprint stays when lines and elements come before a finding, and changes
// with what it says.
func TestFingerprint(t *testing.T) {
	r := &Rule{ID: "MG999"}
	at := func(file string, line int, object, field, message string) Finding {
		return Finding{Rule: r, Place: Place{Pos: Pos{File: file, Line: line, Column: 1}, Object: object, Field: field}, Message: message}
	}
	one := at("a.yaml", 7, "VirtualService shop/web", "spec.http[0].timeout", "it goes to web:80 (line 9), see b.yaml:3:1.")
	for _, c := range []struct {
		name string
		f    Finding
		same bool
	}{
		{"moved", at("deep/b.yaml", 99, "VirtualService shop/web", "spec.http[4].timeout", "it goes to web:80 (line 12), see b.yaml:13:5."), true},
		{"another port", at("a.yaml", 7, "VirtualService shop/web", "spec.http[0].timeout", "it goes to web:81 (line 9), see b.yaml:3:1."), false},
		{"another field", at("a.yaml", 7, "VirtualService shop/web", "spec.http[0].retries", "it goes to web:80 (line 9), see b.yaml:3:1."), false},
		{"another object", at("a.yaml", 7, "VirtualService shop/api", "spec.http[0].timeout", "it goes to web:80 (line 9), see b.yaml:3:1."), false},
	} {
		if got := c.f.Fingerprint() == one.Fingerprint(); got != c.same {
			t.Errorf("%s: same is %v", c.name, got)
		}
	}
	if a, b := at("x/a.yaml", 1, "", "", "m").Fingerprint(), at("y/b.yaml", 1, "", "", "m").Fingerprint(); a == b {
		t.Error("without an object, files of two names share a fingerprint")
	}
}
