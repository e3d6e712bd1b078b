package policy

import "slices"

// carriers are the targets whose resources carry over what a finding of a rule says
// is lost, at least in some of its cases.
var carriers = map[string][]string{
	"MG100": {envoyGateway, kGateway}, "MG101": {envoyGateway, kGateway},
	"MG130": {envoyGateway, kGateway, istio},
	"MG153": {envoyGateway, kGateway}, "MG154": {envoyGateway, kGateway}, "MG164": {envoyGateway, kGateway}, "MG177": {envoyGateway, kGateway},

	"MG200": {envoyGateway, kGateway, istio}, "MG201": {envoyGateway, kGateway, istio}, "MG202": {envoyGateway, kGateway, istio},
	"MG203": {envoyGateway, kGateway, istio}, "MG204": {envoyGateway, kGateway, istio}, "MG205": {envoyGateway, kGateway, istio},
	"MG206": {envoyGateway, kGateway, istio}, "MG207": {envoyGateway, kGateway, istio},
	"MG208": {istio}, "MG209": {envoyGateway, istio}, "MG210": {kGateway, istio},
	"MG220": {envoyGateway, kGateway, istio}, "MG221": {istio}, "MG222": {envoyGateway, kGateway, istio}, "MG223": {istio}, "MG224": {istio},
	"MG225": {envoyGateway, kGateway, istio}, "MG226": {envoyGateway, kGateway, istio}, "MG227": {envoyGateway, istio},
	"MG242": {istio}, "MG243": {istio}, "MG244": {istio}, "MG245": {envoyGateway, kGateway, istio}, "MG246": {istio},
	"MG303": {envoyGateway}, "MG304": {envoyGateway}, "MG306": {envoyGateway},
}

const (
	envoyGateway = "envoy-gateway"
	kGateway     = "kgateway"
	istio        = "istio"
)

// Carriers are the targets, as --target takes them, whose own resources carry over
// what a finding of a rule says is lost, at least in some of its cases.
func Carriers(rule string) []string { return slices.Clone(carriers[rule]) }
