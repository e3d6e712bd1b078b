package target

import (
	"maps"
	"slices"
)

// Ranking is where an implementation puts a regular expression path among the
// others of a host, which Gateway API leaves open (HTTPRouteRule.matches). An
// exact path comes before every expression in all that are known.
type Ranking uint8

// The rankings. Each names who has it, and where that was read.
const (
	// RankUnknown leaves the place of expressions open.
	RankUnknown Ranking = iota
	// RankPrefixFirst: every prefix before every expression, the bare / included,
	// then the longer value (Istio, pilot/pkg/config/kube/gateway/conversion.go,
	// sortHTTPRoutes).
	RankPrefixFirst
	// RankRegexFirst: every expression before every prefix, the longer expression
	// first; a method counts as one more header (Envoy Gateway,
	// internal/gatewayapi/sort.go).
	RankRegexFirst
	// RankRegexFirstUnordered: every expression before every prefix, and
	// expressions among themselves by method, headers and query parameters, not by
	// length (kgateway, pkg/kgateway/translator/routeutils/sortable_route.go).
	RankRegexFirstUnordered
	// RankRegexFirstByLength: every expression before every prefix, the longer
	// expression first, then as among prefixes (Contour, internal/sorter/sorter.go;
	// NGINX Gateway Fabric, internal/controller/state/dataplane/sort.go; Cilium,
	// operator/pkg/model/translation/envoy_virtual_host.go).
	RankRegexFirstByLength
	// RankByLength: prefixes and expressions together, the longer value first
	// (agentgateway, crates/agentgateway/src/types/agent.rs; Traefik,
	// pkg/provider/kubernetes/gateway/httproute.go).
	RankByLength
)

// rankings are the implementations whose ranking is known. Linkerd compares how
// much of the path was matched, which depends on the request; its ranking stays
// open, like that of those that nobody has looked at yet.
var rankings = map[string]Ranking{
	"istio":                RankPrefixFirst,
	"envoy-gateway":        RankRegexFirst,
	"kgateway":             RankRegexFirstUnordered,
	"contour":              RankRegexFirstByLength,
	"nginx-gateway-fabric": RankRegexFirstByLength,
	"cilium":               RankRegexFirstByLength,
	"agentgateway":         RankByLength,
	"traefik":              RankByLength,
	"linkerd":              RankUnknown,
	"kong":                 RankUnknown,
	"haproxy":              RankUnknown,
	"gke":                  RankUnknown,
}

// RankingOf returns the ranking of an implementation, by what --target takes, its
// version included or not, and whether the name is known.
func RankingOf(name string) (Ranking, bool) {
	r, ok := rankings[NameOf(name)]
	return r, ok
}

// Names are the implementations that RankingOf knows, in order.
func Names() []string { return slices.Sorted(maps.Keys(rankings)) }

// Known tells whether the place of expressions is settled.
func (r Ranking) Known() bool { return r != RankUnknown }
