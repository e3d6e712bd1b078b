package rule

// Pages that rules link to; what follows is an anchor or the rest of the path. A
// test holds the anchors of Istio's reference against the pages that its API
// module ships.
const (
	// gepPage is followed by the number of a Gateway API enhancement proposal.
	gepPage = "https://gateway-api.sigs.k8s.io/geps/gep-"
	// guidePage, typePage and conceptPage are Gateway API's own documentation.
	guidePage   = "https://gateway-api.sigs.k8s.io/guides/user-guides/"
	typePage    = "https://gateway-api.sigs.k8s.io/reference/api-types/"
	conceptPage = "https://gateway-api.sigs.k8s.io/docs/concepts/"

	virtualServicePage  = "https://istio.io/latest/docs/reference/config/networking/virtual-service/#"
	destinationRulePage = "https://istio.io/latest/docs/reference/config/networking/destination-rule/#"
	gatewayPage         = "https://istio.io/latest/docs/reference/config/networking/gateway/#"
	// networkingPage and securityPage are followed by the name of another kind.
	networkingPage = "https://istio.io/latest/docs/reference/config/networking/"
	securityPage   = "https://istio.io/latest/docs/reference/config/security/"
	// analysisPage is followed by a code of istioctl analyze, in lower case.
	analysisPage = "https://istio.io/latest/docs/reference/config/analysis/"
	istioPage    = "https://istio.io/latest/docs/"

	envoyPage      = "https://www.envoyproxy.io/docs/envoy/latest/"
	kubernetesPage = "https://kubernetes.io/docs/concepts/"
	yamlPage       = "https://yaml.org/spec/1.2.2/"
)
