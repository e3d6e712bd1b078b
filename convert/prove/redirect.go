package prove

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// location writes a redirect apart from its path: where requests for a host are
// sent that name no port, and the port of the door. Ports that are the scheme's
// by default are left out, as in any URL.
//
// Envoy keeps the port of the Host header where a redirect names neither host
// nor port, and where it names a host without a port, the Location has none
// (RouteEntryImplBase::newUri).
func (p *prover) location(r *route.Redirect) string {
	var lines []string
	for _, in := range p.arrivals() {
		lines = append(lines, locate(r, in))
	}
	return fmt.Sprintf("%d %s", r.Code, strings.Join(lines, " "))
}

// arrivals are the ways in which requests come to the door: without a port in
// their Host header, and with that of the door. Clients have no other reason to
// name a port than that the door is there.
func (p *prover) arrivals() [2]request {
	port, secure := p.listening()
	if port == "" {
		port = defaultPort(scheme(secure))
	}
	in := request{scheme: scheme(secure), port: port}
	named := in
	named.hostPort = port
	return [2]request{in, named}
}

// showRedirect gives the witness the port that shows how two redirects differ.
func (p *prover) showRedirect(d *Difference, b, a *rule) {
	from, to := b.Action.Redirect, a.Action.Redirect
	if from.Code != to.Code || b.effect.of(d.Witness.Path) != a.effect.of(d.Witness.Path) {
		return
	}
	for _, in := range p.arrivals() {
		if locate(from, in) != locate(to, in) {
			if _, port := splitPort(d.Witness.Authority); port == "" && in.hostPort != "" {
				d.Witness.Authority += ":" + in.hostPort
			}
			return
		}
	}
}

// request is what a redirect looks at.
type request struct {
	scheme   string
	hostPort string // of the Host header; "" for none
	port     string // of the door
}

// locate returns scheme://host:port, with HOST for the host of the request.
func locate(r *route.Redirect, in request) string {
	to := in.scheme
	if r.Scheme != "" {
		to = strings.ToLower(r.Scheme)
	}
	host, port := "HOST", in.hostPort
	if r.Authority != "" {
		host, port = splitPort(strings.ToLower(r.Authority))
	}
	switch {
	case r.Port != 0:
		port = strconv.FormatUint(uint64(r.Port), 10)
	case r.PortSource == route.ListenerPort:
		port = in.port
	case r.Authority == "" && to != in.scheme && port == defaultPort(in.scheme):
		port = "" // Envoy drops the port that only the old scheme explains
	}
	if port == "" || port == defaultPort(to) {
		return to + "://" + host
	}
	return to + "://" + host + ":" + port
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}
