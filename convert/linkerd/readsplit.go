package linkerd

import (
	"net"
	"regexp"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// override reads a WeightedDst.
func (r *reader) override(n *source.Node) override {
	out := override{node: n}
	if !r.fields(n, "a destination", "authority", "weight") {
		r.refuse(n, "a destination is empty; the object is refused, and not converted.")
		return out
	}
	authority := r.text(n, "authority")
	out.host = authority
	if host, port, err := net.SplitHostPort(authority); err == nil {
		number, err := strconv.ParseUint(port, 10, 16)
		out.host, out.port = host, uint32(number)
		if err != nil || number == 0 {
			r.note(rule.LinkerdIdle, get(n, "authority"), "%q is no authority: the proxy passes over this destination today.", authority)
			return out
		}
	}
	out.service, out.known = serviceOf(strings.TrimSuffix(out.host, "."))
	out.weight = r.weight(n)
	return out
}

// endless are quantities with an exponent of more than two digits, which take longer
// to compute than anybody waits.
var endless = regexp.MustCompile(`[eE][+-]?0*[1-9][0-9]{2}`)

// mostWeight is what the proxy can count.
const mostWeight = (1<<32 - 1) / 10_000

// weight reads a quantity; the proxy gets ten-thousandths of it, in 32 bits
// (controller/api/destination/profile_translator.go, toDstOverrides).
func (r *reader) weight(n *source.Node) uint32 {
	c := r.scalar(n, "weight", source.Int, source.String, source.Float)
	if c == nil {
		return 0
	}
	if text := c.Value(); len(text) > 100 || endless.MatchString(text) {
		r.refuse(c, "weight %.100s is not to be counted; the object is not converted.", text)
		return 0
	}
	q, err := resource.ParseQuantity(c.Value())
	if err != nil || q.Sign() < 0 {
		r.refuse(c, "weight %q is no quantity from 0 on; the object is refused, and not converted.", c.Value())
		return 0
	}
	if q.CmpInt64(mostWeight) > 0 {
		r.refuse(c, "weight %s is more than the proxy counts, and it is not known what share that makes; the object is not converted.", c.Value())
		return 0
	}
	return uint32(q.MilliValue() * 10)
}

// split reads a TrafficSplit. SMI's adaptor takes the names of Services alone,
// in the namespace of the split.
func (r *reader) split() *split {
	spec := r.envelope()
	s := &split{Name: r.name(), root: r.doc.Root, at: get(spec, "backends")}
	r.fields(spec, "a TrafficSplit", "service", "backends", "matches")
	if s.service = r.text(spec, "service"); s.service == "" && !r.refused {
		r.refuse(spec, "a TrafficSplit names no service; the object is refused, and not converted.")
	}
	if m := get(spec, "matches"); m != nil {
		r.note(rule.SplitMatches, m, "Linkerd does not look at matches: all requests to Service %s are split today, and after.", s.service)
	}
	backends := r.list(spec, "backends")
	for i := range backends {
		n := &backends[i]
		if !r.fields(n, "a backend", "service", "weight") || get(n, "weight") == nil {
			r.refuse(n, "a backend has no weight; the object is refused, and not converted.")
			continue
		}
		host := r.text(n, "service") + "." + s.Namespace + ".svc.cluster.local"
		b := override{node: n, host: host, weight: r.weight(n)}
		b.service, b.known = serviceOf(host)
		s.backends = append(s.backends, b)
	}
	if r.refused {
		return nil
	}
	return s
}
