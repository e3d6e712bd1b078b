package cost

// Figure is a number with where and when it was read.
type Figure struct {
	Resources
	Source string
}

const mib = 1 << 20

// The defaults. What a component reserves is what its chart requests; what it uses is
// measured for 1000 requests a second of 1 KB.
var (
	sidecarReserves  = Figure{Resources{0.1, 128 * mib}, "istio 1.31 manifests/charts/istio-control/istio-discovery/values.yaml, read 2026-11-22"}
	sidecarLimits    = Resources{2, 1024 * mib} // same source
	waypointReserves = Figure{Resources{0.1, 128 * mib}, sidecarReserves.Source}
	gatewayReserves  = Figure{Resources{0.1, 128 * mib}, sidecarReserves.Source}
	istiodReserves   = Figure{Resources{0.5, 2048 * mib}, sidecarReserves.Source}
	ztunnelReserves  = Figure{Resources{0.2, 512 * mib}, "istio 1.31 manifests/charts/ztunnel/values.yaml, read 2026-11-22"}
	cniReserves      = Figure{Resources{0.1, 100 * mib}, "istio 1.31 manifests/charts/istio-cni/values.yaml, read 2026-11-22"}
	linkerdReserves  = Figure{Resources{0.1, 20 * mib}, "linkerd2 charts/linkerd-control-plane/values-ha.yaml, read 2026-11-23; without it proxies reserve nothing"}

	performance  = "https://istio.io/latest/docs/ops/deployment/performance-and-scalability/ (Istio 1.24), read 2026-11-22"
	sidecarUses  = Figure{Resources{0.20, 60e6}, performance}
	waypointUses = Figure{Resources{0.25, 60e6}, performance}
	ztunnelUses  = Figure{Resources{0.06, 12e6}, performance}
)

// DefaultPrices are OpenCost's.
var DefaultPrices = Prices{CPU: 0.031611, Memory: 0.004237, Hours: 730}

// PriceSource is where they come from.
const PriceSource = "OpenCost configs/default.json (GCP us-central1), read 2026-11-22"

// DefaultSidecar is what a sidecar reserves where nothing else is written.
func DefaultSidecar() Resources { return sidecarReserves.Resources }
