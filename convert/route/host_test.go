package route

import "testing"

func TestHosts(t *testing.T) {
	for _, c := range []struct {
		a, b, both string
		ok         bool
	}{
		{"", "", "", true},
		{"", "a.com", "a.com", true},
		{"a.com", "", "a.com", true},
		{"*", "*.com", "*.com", true},
		{"a.com", "a.com", "a.com", true},
		{"a.com", "b.com", "", false},
		{"*.com", "a.com", "a.com", true},
		{"*.com", "b.a.com", "b.a.com", true},
		{"*.a.com", "a.com", "", false},
		{"*.a.com", "ba.com", "", false},
		{"*.a.com", "*.com", "*.a.com", true},
		{"*.a.com", "*.b.com", "", false},
		{"*.a.com", ".a.com", "", false}, // no name
	} {
		if both, ok := NarrowerHost(c.a, c.b); ok != c.ok || both != c.both {
			t.Errorf("%q and %q: %q %v, want %q %v", c.a, c.b, both, ok, c.both, c.ok)
		}
		if both, ok := NarrowerHost(c.b, c.a); ok != c.ok || both != c.both {
			t.Errorf("%q and %q: %q %v, want %q %v", c.b, c.a, both, ok, c.both, c.ok)
		}
	}
}
