package gwapi

import (
	"regexp/syntax"
	"strings"
	"testing"
)

// FuzzPlainHead: no match of an expression lacks its plain head.
func FuzzPlainHead(f *testing.F) {
	for _, pattern := range []string{"/u/[0-9]+/x", "/ab?c", "/a|/b", "^/x$", `/a\.b`, "/é*", "(/a)?b", "/a{0}b"} {
		f.Add(pattern, "/a")
		f.Add(pattern, pattern)
	}
	f.Fuzz(func(t *testing.T, pattern, value string) {
		re, err := fullMatch(pattern)
		if err != nil {
			return
		}
		if _, err := syntax.Parse(pattern, syntax.Perl); err == nil && re.MatchString(value) && !strings.HasPrefix(value, plainHead(pattern)) {
			t.Errorf("%q matches %q, which does not begin with %q", pattern, value, plainHead(pattern))
		}
	})
}
