package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// linkerdPage is Linkerd's documentation; what follows is the rest of the path.
const linkerdPage = "https://linkerd.io/2/"

// splitPage is about TrafficSplits.
const splitPage = linkerdPage + "features/traffic-split/"

const profilePage = linkerdPage + "reference/service-profiles/"

// Objects of Linkerd and SMI.
var (
	ProfileOutranks = &finding.Rule{
		ID: "MG700", Severity: finding.Warning, Since: "0.1",
		Title: "profile outranks the route until it is deleted",
		Text:  "Linkerd's proxies decide by a ServiceProfile wherever one for the Service has routes or destinations, and look at HTTPRoutes only where there is none. SMI's adaptor makes such a profile of a TrafficSplit.",
		Hint:  "Apply the route, then delete the object; requests meet the route as soon as it is gone.",
		Links: []string{profilePage, linkerdPage + "reference/httproute/"},
	}
	LinkerdUnknownField = &finding.Rule{
		ID: "MG701", Severity: finding.Warning, Since: "0.1",
		Title: "unknown field in an object of Linkerd's",
		Text:  "The API server drops fields that the schema does not have, so what is written there has no effect. Often the field belongs a level higher: a retryBudget is for all routes of a profile.",
		Hint:  "Remove it, or correct its name.",
		Links: []string{profilePage},
	}
	LinkerdRefused = &finding.Rule{
		ID: "MG702", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "the cluster refuses the object",
		Text:  "Linkerd's schema or its webhook does not take the object as it stands, so that it has no effect today, unless it is older than the check. What it should do is not guessed at.",
		Hint:  "Correct the field, or remove the object.",
		Links: []string{profilePage},
	}
	ProfileName = &finding.Rule{
		ID: "MG703", Severity: finding.Warning, Since: "0.1",
		Title: "profile or split is for no Service",
		Text:  "A ServiceProfile is found by its name, which is the full name of a Service: web.shop.svc.cluster.local. A TrafficSplit names a Service of its own namespace. Under any other name neither has an effect, which is easily overlooked.",
		Hint:  "Give it the right name if it is meant to do something; in a cluster with a domain of its own write cluster.local for the conversion.",
		Links: []string{profilePage},
	}
	RoutesForMetrics = &finding.Rule{
		ID: "MG704", Severity: finding.Note, Since: "0.1",
		Title: "routes that only name requests are left out",
		Text:  "A route of a ServiceProfile without timeout and retries does nothing but name requests in metrics. It is written only where it keeps requests from a later route. Metrics by route go by the names of HTTPRoutes and their rules.",
		Links: []string{linkerdPage + "features/telemetry/"},
	}
	BudgetByNumber = &finding.Rule{
		ID: "MG705", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Retry},
		Title: "a number of retries stands for a retry budget",
		Text:  "Linkerd's profiles bound retries by a budget: requests that do not fail pay for retries, so that a service which is down gets few of them, while a single failure may be retried several times. A route bounds the retries of each request instead: where all requests fail, one retry each doubles the calls. Besides, the proxy retries no failed connection and no request of more than 64 KiB.",
		Hint:  "Choose the number by what the service stands when it fails; keep a budget in the callers (mesh2gw hints).",
		Links: []string{profilePage, gepPage + "1731/", gepPage + "3388/"},
	}
	RetryAnswers = &finding.Rule{
		ID: "MG707", Severity: finding.Warning, Since: "0.1", Admits: []finding.Aspect{finding.Retry},
		Title: "some failures are not retried any more",
		Text:  "Linkerd retries what it takes for a failure: by response classes, else every status from 500 on and some statuses of gRPC. A route lists HTTP statuses from 400 to 599.",
		Hint:  "Retry these in the callers.",
		Links: []string{profilePage, gepPage + "1731/"},
	}
	TimeoutOfHeaders = &finding.Rule{
		ID: "MG708", Severity: finding.Warning, Since: "0.1",
		Title: "timeout ends with the answer, not with its beginning",
		Text:  "The timeout of a profile's route ends when the head of the answer is there; a download or a stream may go on. The timeout of a route is for the whole answer.",
		Hint:  "Raise the time where answers are long, or leave it out and bound the callers.",
		Links: []string{profilePage, linkerdPage + "reference/timeouts/", gepPage + "1742/"},
	}
	LinkerdIdle = &finding.Rule{
		ID: "MG706", Severity: finding.Warning, Since: "0.1",
		Title: "the proxy ignores what is written",
		Text:  "Linkerd takes the object, and its proxy passes over a part of it. Conversion keeps that: what has no effect today has none afterwards.",
		Hint:  "Correct it if it is meant to do something, and convert again.",
		Links: []string{profilePage},
	}
	ExpressionLoose = &finding.Rule{
		ID: "MG709", Severity: finding.Warning, Since: "0.1",
		Title: "expression is not held to the whole path",
		Text:  "The proxy writes ^ and $ at the ends of a pathRegex as text. With alternatives at its top they hold for the first and the last one alone: /a|/b takes all that begins with /a and all that ends in /b. Conversion keeps that.",
		Hint:  "Write (/a|/b) if that is what is meant, and convert again.",
		Links: []string{profilePage},
	}
	ConditionUnread = &finding.Rule{
		ID: "MG710", Severity: finding.Warning, Since: "0.1",
		Title: "the proxy passes over a condition",
		Text:  "A pathRegex that Rust's regular expressions refuse, or a method that is none, is dropped by the proxy, and nobody is told: a route with another condition beside it takes more requests than it shows, a route with nothing else takes none. A path template such as /users/{id} is the usual case. Conversion keeps that.",
		Hint:  "Correct the condition (/users/[^/]*), and convert again.",
		Links: []string{profilePage},
	}
	ConditionUnsaid = &finding.Rule{
		ID: "MG711", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "a condition of the profile can't be said",
		Text:  "What a route takes decides what is left for those behind it, so that a profile with a condition that has no counterpart is not converted at all.",
		Hint:  "Write the condition with one expression for the path and with methods.",
		Links: []string{profilePage, typePage + "httproute/"},
	}
	LeafNotService = &finding.Rule{
		ID: "MG712", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "destination of a profile is no Service",
		Text:  "A destination is named as SERVICE.NAMESPACE.svc.cluster.local, with or without a port. Linkerd knows no pods for any other name, and a route has no way to name it, so that the profile is not converted.",
		Hint:  "Put a Service in front of it, and name that.",
		Links: []string{profilePage},
	}
	ProfileService = &finding.Rule{
		ID: "MG713", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "no port of the Service is known",
		Text:  "A profile applies to all ports of its Service on which Linkerd looks at requests; the backend of a route wants the number of a port. Without the Service it would be a guess.",
		Hint:  "Add the Service to the input: kubectl get svc -A -o yaml.",
		Links: []string{profilePage, linkerdPage + "features/protocol-detection/"},
	}
	SplitUnavailable = &finding.Rule{
		ID: "MG714", Severity: finding.Warning, Since: "0.1",
		Title: "share of a destination without pods",
		Text:  "Linkerd divides requests among the destinations that have pods. In Gateway API the share of a backend without pods is answered with an error.",
		Hint:  "Take a destination out of the route before its last pod goes.",
		Links: []string{splitPage, typePage + "httproute/"},
	}
	LeafMissing = &finding.Rule{
		ID: "MG715", Severity: finding.Warning, Since: "0.1",
		Title: "destination of a profile is not in the input",
		Text:  "Where the Service of a destination does not exist, Linkerd gives its share to the others; Gateway API answers the share with an error.",
		Hint:  "Add the Service to the input (kubectl get svc -o yaml), or take the destination out.",
		Links: []string{profilePage},
	}
	LeafPort = &finding.Rule{
		ID: "MG727", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Outcome, finding.Destinations, finding.Weights},
		Title: "destination of a profile lacks the port",
		Text:  "A destination without a port takes that of the request. Where its Service has no such port, Linkerd goes to the port of that number of its pods; a route names a port of the Service.",
		Hint:  "Add the port to the Service of the destination.",
		Links: []string{profilePage, typePage + "httproute/"},
	}
	SplitOverProfile = &finding.Rule{
		ID: "MG716", Severity: finding.Warning, Since: "0.1",
		Title: "a split replaces the destinations of a profile",
		Text:  "SMI's adaptor writes the backends of a TrafficSplit to dstOverrides of the ServiceProfile of that Service. What is written there in a file lasts until it does so again.",
		Hint:  "Keep one of the two.",
		Links: []string{linkerdPage + "tasks/linkerd-smi/", profilePage},
	}
	SplitMatches = &finding.Rule{
		ID: "MG717", Severity: finding.Warning, Since: "0.1",
		Title: "matches of a TrafficSplit have no effect",
		Text:  "SMI's adaptor for Linkerd reads service and backends of a TrafficSplit; HTTPRouteGroups are not looked at.",
		Hint:  "Write the conditions into the HTTPRoute.",
		Links: []string{linkerdPage + "tasks/linkerd-smi/", splitPage},
	}
	SplitTwice = &finding.Rule{
		ID: "MG718", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "two TrafficSplits for one Service",
		Text:  "Both are written to the same ServiceProfile, and the last one written holds. Which that is no file tells.",
		Hint:  "Keep one of the two.",
		Links: []string{splitPage},
	}
	ProfileConflict = &finding.Rule{
		ID: "MG719", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "two meshes decide for one Service",
		Text:  "A VirtualService holds for callers with Istio's proxy, a ServiceProfile for callers with Linkerd's. A route on the Service holds for all, so only one of them is converted.",
		Hint:  "Convert the objects of each mesh by themselves, and compare.",
		Links: []string{profilePage, gepPage + "1294/"},
	}
	ProfileOfCallers = &finding.Rule{
		ID: "MG720", Severity: finding.Note, Since: "0.1", Admits: finding.Decisions(), // the proof does not tell callers apart
		Title: "profile is for callers of its own namespace",
		Text:  "A ServiceProfile in another namespace than its Service applies to callers in that namespace, who then do not meet the one of the Service. A route in the namespace of the callers (a consumer route) does the same.",
		Hint:  "Make sure that the mesh serves consumer routes.",
		Links: []string{profilePage, gepPage + "1294/"},
	}
	LinkerdDefaults = &finding.Rule{
		ID: "MG721", Severity: finding.Note, Since: "0.1",
		Title: "no timeout and no retries is Linkerd's default",
		Text:  "Where a profile says nothing, Linkerd waits without end and repeats nothing. Other implementations bound requests in time, or retry failed connections (Istio: twice).",
		Hint:  "Name the implementation with --target, or write timeouts.request: 0s and retry.attempts: 0.",
		Links: []string{linkerdPage + "reference/timeouts/", linkerdPage + "reference/retries/"},
	}
	LinkerdOpaquePorts = &finding.Rule{
		ID: "MG722", Severity: finding.Warning, Since: "0.1",
		Title: "opaque ports of a profile are not carried over",
		Text:  "Connections to an opaque port are forwarded as they are. A route has no such list.",
		Hint:  "Write the ports into the annotation config.linkerd.io/opaque-ports of the Service.",
		Links: []string{linkerdPage + "features/protocol-detection/"},
	}
	SplitOwned = &finding.Rule{
		ID: "MG723", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "weights of a TrafficSplit belong to a controller",
		Text:  "Argo Rollouts or Flagger writes the weights of this TrafficSplit while it runs. A route with today's weights would stop every rollout halfway, so it is not converted.",
		Hint:  "Point the controller to the Gateway API: for Argo Rollouts its Gateway API plugin, for Flagger provider gatewayapi:v1; it then writes the route itself.",
		Links: []string{"https://rollouts-plugin-trafficrouter-gatewayapi.readthedocs.io/", "https://docs.flagger.app/main/tutorials/gatewayapi-progressive-delivery"},
	}
	LinkerdMesh = &finding.Rule{
		ID: "MG724", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "rules of Linkerd's become routes on Services only",
		Text:  "A ServiceProfile or TrafficSplit decides in the proxy of the caller. It becomes a route on the Service, which a mesh serves; with --mesh off or gateway it is reported and not converted.",
		Hint:  "Choose --mesh gamma, or handle it in the callers (mesh2gw hints).",
		Links: []string{gepPage + "1294/"},
	}
	LinkerdKind = &finding.Rule{
		ID: "MG725", Severity: finding.Warning, Since: "0.1",
		Title: "kind of Linkerd's or SMI's is not converted",
		Text:  "Of Linkerd and SMI the ServiceProfile and the TrafficSplit are converted. Others go on working as long as Linkerd is there, and protect nothing without it.",
		Hint:  "Keep Linkerd, or write what it does for the new mesh.",
		Links: []string{linkerdPage + "reference/authorization-policy/"},
	}
	RouteUncovered = &finding.Rule{
		ID: "MG728", Severity: finding.Warning, Since: "0.1",
		Title: "another route decides once the profile is gone",
		Text:  "Linkerd passes over HTTPRoutes and GRPCRoutes of a Service that a ServiceProfile decides for. Those that are there come into force when the profile goes, and the most specific match among all of them decides.",
		Hint:  "Join the two by hand, or delete the one that was never in force.",
		Links: []string{profilePage, linkerdPage + "reference/httproute/"},
	}
	LinkerdSchema = &finding.Rule{
		ID: "MG726", Severity: finding.Warning, Since: "0.1",
		Title: "condition that the schema of profiles does not take",
		Text:  "The CRD of ServiceProfiles says that not is a list, and Linkerd's webhook and controller read a condition. A condition directly below a route therefore can't say not; below all or any it can.",
		Hint:  "Write it below all: [{not: ...}].",
		Links: []string{profilePage},
	}
)

// MG700 to MG729: Linkerd and SMI as a source.
var linkerdRules = []*finding.Rule{
	ProfileOutranks, LinkerdUnknownField, LinkerdRefused, ProfileName, RoutesForMetrics, BudgetByNumber, LinkerdIdle, RetryAnswers, TimeoutOfHeaders,
	ExpressionLoose, ConditionUnread, ConditionUnsaid, LeafNotService, ProfileService, SplitUnavailable, LeafMissing, SplitOverProfile, SplitMatches,
	SplitTwice, ProfileConflict, ProfileOfCallers, LinkerdDefaults, LinkerdOpaquePorts, SplitOwned, LinkerdMesh, LinkerdKind, LinkerdSchema, LeafPort, RouteUncovered,
}
