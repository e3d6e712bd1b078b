package gwapi

import (
	"fmt"
	"testing"
)

// The annotations as Linkerd's policy-controller reads them; what it refuses says nothing.
func TestAnnotatedRetry(t *testing.T) {
	for _, c := range []struct{ conditions, limit, want string }{
		{"5xx", "", "1 times, 100 statuses, 500 to 599"},
		{"5XX", "3", "3 times, 100 statuses, 500 to 599"},
		{"gateway-error,404", "0", "1 times, 4 statuses, 404 to 504"},
		{"404,404-410", "1", "1 times, 7 statuses, 404 to 410"},
		{"503", "-1", "1 times, 1 statuses, 503 to 503"},
		{"504-503", "1", ""},
		{"99", "1", ""},
		{"600", "1", ""},
		{"5xx, 404", "1", ""},
		{"", "1", ""},
		{"reset", "1", ""},
	} {
		got := ""
		if r := annotatedRetry(map[string]string{"retry.linkerd.io/http": c.conditions, "retry.linkerd.io/limit": c.limit}); r != nil {
			got = fmt.Sprintf("%d times, %d statuses, %d to %d", r.Attempts, len(r.Codes), r.Codes[0], r.Codes[len(r.Codes)-1])
		}
		if got != c.want {
			t.Errorf("%q, %q: %q, want %q", c.conditions, c.limit, got, c.want)
		}
	}
	if annotatedRetry(map[string]string{"retry.linkerd.io/limit": "2"}) != nil {
		t.Error("a limit alone retries nothing")
	}
}
