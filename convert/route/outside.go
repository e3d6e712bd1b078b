package route

import (
	"iter"
	"net/netip"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Outside is a port of a host that a ServiceEntry makes known to the mesh.
type Outside struct {
	From      *source.Node // the spec of the ServiceEntry
	Entry     Name         // the ServiceEntry
	Host      string       // as Istio knows it
	Port      uint32       // as callers name it
	HTTP2     bool         // the ServiceEntry says that HTTP/2 is spoken to it
	Endpoints []Endpoint   // in the order of the ServiceEntry; empty where Unsaid
	Unsaid    string       // why the addresses can't be listed, for a sentence; "" where they are
}

// Endpoint is where connections go: a name for DNS, or an IP address, and a port.
type Endpoint struct {
	Address string
	Port    uint32
}

// IP tells whether the address is one.
func (e Endpoint) IP() bool {
	_, err := netip.ParseAddr(e.Address)
	return err == nil
}

// String is host:port in lower case; equal for equal ones.
func (e Endpoint) String() string {
	return strings.ToLower(strings.TrimSuffix(e.Address, ".")) + ":" + strconv.FormatUint(uint64(e.Port), 10)
}

// Target names where requests go: equal where they go to the same.
func (o *Outside) Target() string {
	if o.Unsaid != "" {
		return Endpoint{o.Host, o.Port}.String()
	}
	all := make([]string, len(o.Endpoints))
	for i, e := range o.Endpoints {
		all[i] = e.String()
	}
	return strings.Join(all, " or ")
}

// Destinations are the backends of the rules of t, and what gets copies.
func (t *Table) Destinations() iter.Seq[*Backend] {
	return func(yield func(*Backend) bool) {
		for i := range t.Rules {
			act := t.Rules[i].Action
			for j := range act.Backends {
				if !yield(&act.Backends[j]) {
					return
				}
			}
			for j := range act.Mirrors {
				if !yield(&act.Mirrors[j].Backend) {
					return
				}
			}
		}
	}
}
