package source

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// TestAliasesKeepText expands aliases of two long strings that take turns, as
// keys and as values; each string is kept once for keys and once for values.
func TestAliasesKeepText(t *testing.T) {
	const long = 100_000
	var b strings.Builder
	fmt.Fprintf(&b, "%sx: {&a %s: &c %s, &b %s: &d %s}\nlist:\n", svc,
		"k"+strings.Repeat("1", 900)+"k", "v"+strings.Repeat("1", long)+"v", "k"+strings.Repeat("2", 900)+"k", "v"+strings.Repeat("2", long)+"v")
	for range 2000 {
		b.WriteString("- {*a : *c, *b : *d}\n")
	}
	docs, findings, err := Split(context.Background(), []File{{Name: "in.yaml", Data: []byte(b.String())}})
	if err != nil || len(findings) > 0 || len(docs) != 1 {
		t.Fatal(len(docs), findings, err)
	}
	if got := len(docs[0].text); got > 10*long {
		t.Errorf("%d bytes of text", got)
	}
	last := &docs[0].Root.Get("list").Children()[1999].Children()[1]
	if last.Key() != "k"+strings.Repeat("2", 900)+"k" || last.Value() != "v"+strings.Repeat("2", long)+"v" {
		t.Errorf("%.20s: %.20s", last.Key(), last.Value())
	}
}
