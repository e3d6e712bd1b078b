package gwapi

import (
	"fmt"
	"strings"
	"time"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// maxDuration is the longest duration of GEP-2257: five digits of hours.
const maxDuration = 99999*time.Hour + 59*time.Minute + 59*time.Second + 999*time.Millisecond

// formatDuration writes d as GEP-2257 wants it, largest unit first: 1m30s.
// exact is false when d is no whole number of milliseconds or too long; what is
// above 0 stays above 0, since 0s means no bound.
func formatDuration(d time.Duration) (text gatewayv1.Duration, exact bool) {
	rounded := min(max(d.Round(time.Millisecond), 0), maxDuration)
	if d > 0 && rounded == 0 {
		rounded = time.Millisecond
	}
	if rounded == 0 {
		return "0s", d == 0
	}
	rest := rounded
	var b strings.Builder
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if n := rest / unit.size; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, unit.name)
			rest -= n * unit.size
		}
	}
	return gatewayv1.Duration(b.String()), rounded == d
}

// duration is d as a route takes it; rounding is reported.
func (p *pass) duration(d time.Duration, at finding.Place) *gatewayv1.Duration {
	text, exact := formatDuration(d)
	if !exact {
		p.note(rule.DurationRounded, at, "%s becomes %s, since Gateway API counts whole milliseconds, up to 99999 hours.", d, text)
	}
	return &text
}

// FormatDuration writes d as resources of Gateway API and its implementations
// take it (GEP-2257), in whole milliseconds; exact is false where that is not d.
func FormatDuration(d time.Duration) (text gatewayv1.Duration, exact bool) { return formatDuration(d) }
