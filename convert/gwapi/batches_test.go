package gwapi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// TestTogether: tables that may meet stand in one batch, the others do not.
func TestTogether(t *testing.T) {
	at := func(gateway string, protocol route.Protocol, port uint32, hosts ...string) *route.Table {
		return &route.Table{Protocol: protocol, Hosts: hosts, Entries: []route.Entry{{Parent: route.Name{Name: gateway}, Port: port}}}
	}
	service := func(name string) *route.Table {
		return &route.Table{Protocol: route.HTTP, Entries: []route.Entry{{Mesh: true, Parent: route.Name{Name: name}}}}
	}
	unknown := func(host string) *route.Table {
		u := at("unknown", route.HTTP, 0, host)
		u.Entries[0].Unknown = true
		return u
	}
	for _, c := range []struct {
		name   string
		tables []*route.Table
		want   string
	}{
		{"hosts", []*route.Table{at("a", route.HTTP, 80, "x"), at("a", route.HTTP, 80, "y"), at("b", route.HTTP, 80, "x", "z"), at("c", route.TLS, 443, "z")}, "[0 2 3] [1]"},
		{"a wildcard ties its gateway", []*route.Table{at("a", route.HTTP, 80, "x"), at("b", route.HTTP, 80, "y"), at("a", route.HTTP, 80, "*.y"), at("a", route.TLS, 443, "z")}, "[0 2 3] [1]"},
		{"so do all hosts", []*route.Table{at("a", route.HTTP, 80, "x"), at("a", route.HTTP, 80)}, "[0 1]"},
		{"services", []*route.Table{service("a"), service("b"), service("a")}, "[0 2] [1]"},
		{"ports", []*route.Table{at("a", route.TCP, 1), at("a", route.TCP, 2), at("a", route.TCP, 1), at("b", route.TCP, 1), at("a", route.HTTP, 80, "x")}, "[0 2] [1] [3] [4]"},
		{"a gateway that is not known", []*route.Table{unknown("x"), unknown("y"), at("a", route.HTTP, 80, "z")}, "[0 1] [2]"},
		{"in a row", []*route.Table{at("a", route.HTTP, 80, "x"), at("a", route.HTTP, 80, "y"), at("a", route.HTTP, 80, "z"), at("a", route.HTTP, 80, "z", "y"), at("a", route.HTTP, 80, "y", "x")}, "[0 1 2 3 4]"},
	} {
		var groups []string
		for _, g := range together(c.tables) {
			groups = append(groups, fmt.Sprint(g))
		}
		if got := strings.Join(groups, " "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if all := batches(c.tables, 1); len(all) != len(groups) {
			t.Errorf("%s: %d batches for %d groups", c.name, len(all), len(groups))
		}
		if all := batches(c.tables, len(c.tables)); len(all) != 1 {
			t.Errorf("%s: %d batches of a small input", c.name, len(all))
		}
	}
}
