package gwapi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// annotatedRetry reads the retries that Linkerd takes from annotations of an
// HTTPRoute, for all of its rules; nil where there are none that it can read
// (linkerd2, policy-controller/k8s/index/src/outbound/index/http.rs,
// parse_http_retry). Besides the statuses it retries what was refused before it
// was looked at (linkerd2-proxy, app/outbound/src/http/logical/policy/route/retry.rs).
func annotatedRetry(annotations map[string]string) *route.Retry {
	conditions, ok := annotations["retry.linkerd.io/http"]
	if !ok {
		return nil
	}
	out := &route.Retry{Attempts: 1, On: []string{"refused-stream"}, Annotated: true}
	if n, err := strconv.ParseUint(annotations["retry.linkerd.io/limit"], 10, 16); err == nil && n > 0 {
		out.Attempts = int32(n)
	}
	for word := range strings.SplitSeq(conditions, ",") {
		first, last, ok := annotatedStatuses(word)
		if !ok {
			return nil
		}
		for code := first; code <= last; code++ {
			out.Codes = append(out.Codes, code)
		}
	}
	slices.Sort(out.Codes)
	out.Codes = slices.Compact(out.Codes)
	return out
}

// annotatedStatuses reads one condition: 5xx, gateway-error, 503 or 500-504.
func annotatedStatuses(word string) (first, last uint32, ok bool) {
	switch strings.ToLower(word) {
	case "5xx":
		return 500, 599, true
	case "gateway-error":
		return 502, 504, true
	}
	from, to, ranged := strings.Cut(word, "-")
	if !ranged {
		to = from
	}
	low, err := strconv.ParseUint(from, 10, 16)
	high, also := strconv.ParseUint(to, 10, 16)
	return uint32(low), uint32(high), err == nil && also == nil && 100 <= low && low <= high && high < 600
}
