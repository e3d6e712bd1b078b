package rule_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

const longestTitle = 60

var (
	id      = regexp.MustCompile(`^MG[0-9]{3}$`)
	version = regexp.MustCompile(`^[0-9]+\.[0-9]+$`)
	text    = regexp.MustCompile(`[.]\)?$`)
	hint    = regexp.MustCompile(`^[A-Z].*[.]$`)
	// names may begin a title in upper case; all other titles begin in lower case.
	names = regexp.MustCompile(`^(AuthorizationPolicy|CORS|DestinationRule|EnvoyFilter|Gateway|Host|Istio|PeerAuthentication|PROXY|ProxyConfig|` +
		`RequestAuthentication|Service|ServiceEntry|Sidecar|SNI|Telemetry|TLS|VirtualService|YAML)\b`)
)

// The catalogue is read as one text, so its entries are made alike.
func TestStyle(t *testing.T) {
	last := ""
	for _, r := range rule.All() {
		if r.ID <= last {
			t.Errorf("%s comes after %s: ids are unique, and All sorts by them", r.ID, last)
		}
		last = r.ID
		for what, bad := range map[string]bool{
			"id":                  !id.MatchString(r.ID),
			"first version":       !version.MatchString(r.Since),
			"severity":            r.Severity < finding.Note || r.Severity > finding.Error,
			"length of the title": r.Title == "" || len([]rune(r.Title)) > longestTitle,
			"end of the title":    strings.HasSuffix(r.Title, "."),
			"case of the title":   strings.ToUpper(r.Title[:1]) == r.Title[:1] && !names.MatchString(r.Title),
			"text":                !text.MatchString(r.Text),
			"hint":                r.Hint == "" && r.Severity > finding.Note || r.Hint != "" && !hint.MatchString(r.Hint),
			"blanks":              strings.Contains(r.Title+r.Text+r.Hint, "  "),
		} {
			if bad {
				t.Errorf("%s: the %s is not as it should be:\n%s\n%s\n%s", r.ID, what, r.Title, r.Text, r.Hint)
			}
		}
	}
}
