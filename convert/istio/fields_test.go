package istio

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// TestTotal compares the field table with the message types: every field that
// can be reached through rows "inside" has a row, and no row is left over. After
// an upgrade of istio.io/api its output is the list of what to decide.
func TestTotal(t *testing.T) {
	want := map[string]bool{}
	seen := map[*message]bool{}
	var walk func(m *message)
	walk = func(m *message) {
		if seen[m] {
			return
		}
		seen[m] = true
		for _, name := range m.names {
			f := m.fields[name]
			path := m.path + "." + string(f.desc.Name())
			want[path] = true
			row := fields[path]
			if row == nil {
				t.Errorf("%s has no row in the field table: say what becomes of it", path)
				continue
			}
			if row.Verdict != Inside {
				continue
			}
			if f.message == nil {
				t.Errorf("%s is no message, so its row can't be inside()", path)
				continue
			}
			walk(f.message)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(roots)) {
		walk(schema()[roots[kind].Descriptor().FullName()])
	}
	for path := range fields {
		if first, _, _ := strings.Cut(path, "."); envelopeKeys[first] {
			continue
		}
		if !want[path] {
			t.Errorf("row %s is for no field, or for one below a closed row: remove it", path)
		}
	}
}

var envelopeKeys = map[string]bool{"apiVersion": true, "kind": true, "metadata": true, "spec": true, "status": true}

func TestRowsAreWhole(t *testing.T) {
	all := rule.All()
	for _, row := range Fields() {
		for _, r := range row.Rules {
			if !slices.Contains(all, r) {
				t.Errorf("%s: %s is not in rule.All", row.Path, r.ID)
			}
		}
		var missing string
		switch row.Verdict {
		case Kept:
			missing = need(row.Target != "", "a target")
		case Partly:
			missing = need(row.Target != "" && len(row.Rules) > 0, "a target and rules")
		case Lost:
			missing = need(len(row.Rules) > 0 && row.judge != nil, "a rule and a judge")
		case Moot:
			missing = need(row.Reason != "" && row.judge == nil, "a reason, and no judge")
		case Inside:
			missing = need(row.Target == "" && row.Rules == nil && row.judge == nil, "nothing but its verdict")
		default:
			missing = "a verdict"
		}
		if missing != "" {
			t.Errorf("%s (%s) wants %s", row.Path, row.Verdict, missing)
		}
	}
}

func need(ok bool, what string) string {
	if ok {
		return ""
	}
	return what
}
