package istio

import (
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// fields says what becomes of every field of VirtualService, DestinationRule,
// Gateway and ServiceEntry (istio.io/api v1.31.1), and of the envelope. A row
// other than inside speaks for all that stands below the field, which therefore
// is not listed. TestTotal compares the rows with the message types; the sweep
// (convert/sweep_test.go) proves the verdicts by conversion.
var fields = table{
	// The envelope.
	"apiVersion": moot("v1, v1beta1 and v1alpha3 mean the same"),
	"kind":       moot("decides what the object is"),
	"metadata":   inside(),
	"spec":       inside(),
	"status":     moot("a report of the cluster, not a wish of the author"),

	"metadata.name":                       kept("metadata.name"),
	"metadata.namespace":                  kept("metadata.namespace"),
	"metadata.labels":                     kept("metadata.labels"),
	"metadata.annotations":                partly("metadata.annotations", metadataRules...),
	"metadata.ownerReferences":            lost(rule.Owned, "Another object owns this one and keeps changing it; what is made from it here is not kept up to date."),
	"metadata.generateName":               moot("an object with a name does not use it; without a name it is withheld"),
	"metadata.creationTimestamp":          moot("tells which of several VirtualServices for one host is the oldest"),
	"metadata.deletionTimestamp":          moot("set by the cluster"),
	"metadata.deletionGracePeriodSeconds": moot("set by the cluster"),
	"metadata.finalizers":                 moot("about the life of this object, not about requests"),
	"metadata.generation":                 moot("set by the cluster"),
	"metadata.managedFields":              moot("set by the cluster"),
	"metadata.resourceVersion":            moot("set by the cluster"),
	"metadata.selfLink":                   moot("set by the cluster"),
	"metadata.uid":                        moot("set by the cluster"),
	"metadata.clusterName":                moot("never used by Kubernetes"),

	// VirtualService.
	"VirtualService.hosts": partly("hostnames; parentRefs to Services",
		rule.HostNotOnGateway, rule.MeshHostNotService, rule.MeshDuplicate, rule.MeshRoutes, rule.MeshMoved, rule.MeshOff),
	"VirtualService.gateways": partly("parentRefs", rule.GatewayUnknown, rule.HostNotOnGateway, rule.MeshRoutes),
	"VirtualService.http":     inside(),
	"VirtualService.tls":      inside(),
	"VirtualService.tcp":      inside(),
	"VirtualService.export_to": partly("nothing: a route serves whoever reaches its parent",
		rule.NotVisible),

	"HTTPRoute.name":              partly("rules[].name", rule.RuleNameChanged, rule.RuleNameLost),
	"HTTPRoute.match":             inside(),
	"HTTPRoute.route":             inside(),
	"HTTPRoute.redirect":          inside(),
	"HTTPRoute.direct_response":   partly("a rule without backends, for status 400 and above", rule.DirectResponse),
	"HTTPRoute.delegate":          partly("the delegate's rules, merged", rule.DelegateMissing, rule.DelegateConflict),
	"HTTPRoute.rewrite":           inside(),
	"HTTPRoute.timeout":           partly("rules[].timeouts.request", rule.DurationRounded, rule.PerTryClamped, rule.IdleSetting),
	"HTTPRoute.retries":           inside(),
	"HTTPRoute.fault":             inside(),
	"HTTPRoute.mirror":            inside(),
	"HTTPRoute.mirrors":           inside(),
	"HTTPRoute.mirror_percent":    partly("filters[].requestMirror.percent", rule.MirrorNone, rule.MirrorLost),
	"HTTPRoute.mirror_percentage": partly("filters[].requestMirror.percent or fraction", rule.MirrorNone, rule.MirrorLost),
	"HTTPRoute.cors_policy":       inside(),
	"HTTPRoute.headers":           inside(),

	"HTTPMatchRequest.name": moot("stands in access logs and statistics behind the name of the route"),
	"HTTPMatchRequest.uri": partly("matches[].path",
		rule.PrefixElement, rule.PrefixFragment, rule.PrefixSlash, rule.RegexPath, rule.NeverMatches, rule.ConditionLost),
	"HTTPMatchRequest.scheme":           partly("parentRefs[].sectionName", rule.SchemeByListener, rule.ConditionLost),
	"HTTPMatchRequest.method":           partly("matches[].method", rule.MethodsListed, rule.NeverMatches, rule.ConditionLost),
	"HTTPMatchRequest.authority":        partly("hostnames", rule.AuthorityByHost, rule.ConditionLost),
	"HTTPMatchRequest.headers":          partly("matches[].headers", rule.RegexValue, rule.ValueByRegex, rule.NeverMatches, rule.ConditionLost),
	"HTTPMatchRequest.port":             kept("parentRefs[].sectionName or port"),
	"HTTPMatchRequest.source_labels":    partly("nothing: the rule is withheld", rule.ConditionLost, rule.RefusalWidened),
	"HTTPMatchRequest.gateways":         kept("parentRefs"),
	"HTTPMatchRequest.query_params":     partly("matches[].queryParams", rule.RegexValue, rule.ValueByRegex, rule.NeverMatches, rule.ConditionLost),
	"HTTPMatchRequest.ignore_uri_case":  partly("matches[].path, a regular expression", rule.IgnoreCase, rule.ConditionLost),
	"HTTPMatchRequest.without_headers":  partly("nothing yet: the rule is withheld", rule.ConditionLost, rule.RefusalWidened),
	"HTTPMatchRequest.source_namespace": partly("nothing: the rule is withheld", rule.ConditionLost, rule.RefusalWidened),
	"HTTPMatchRequest.stat_prefix":      lost(rule.StatPrefix, "Statistics of these requests lose the name {value}.").unless("no name", ""),

	"HTTPRouteDestination.destination": inside(),
	"HTTPRouteDestination.weight":      partly("backendRefs[].weight", rule.SoleWeight, rule.WeightScaled),
	"HTTPRouteDestination.headers":     inside(),

	"Destination.host":    partly("backendRefs[].name and namespace", rule.DestinationNotService, rule.DestinationUnknown, rule.ServicesMissing),
	"Destination.subset":  partly("backendRefs[].name of a Service made for the subset", rule.SubsetUnknown, rule.SubsetNeedsService, rule.ForeignDestinationRule),
	"Destination.port":    inside(),
	"PortSelector.number": kept("backendRefs[].port", rule.PortUnknown),

	"Headers.request":                 inside(),
	"Headers.response":                inside(),
	"Headers.HeaderOperations.set":    partly("filters[].requestHeaderModifier.set", headerRules...),
	"Headers.HeaderOperations.add":    partly("filters[].requestHeaderModifier.add", headerRules...),
	"Headers.HeaderOperations.remove": partly("filters[].requestHeaderModifier.remove", headerRules...),

	"HTTPRedirect.uri":            partly("filters[].requestRedirect.path.replaceFullPath", rule.RegexRewrite, rule.RedirectDiffers, rule.RedirectLost),
	"HTTPRedirect.authority":      partly("filters[].requestRedirect.hostname", rule.RedirectLost, rule.RedirectDiffers),
	"HTTPRedirect.port":           kept("filters[].requestRedirect.port"),
	"HTTPRedirect.derive_port":    partly("filters[].requestRedirect.port", rule.RedirectPort, rule.RedirectHostPort),
	"HTTPRedirect.scheme":         partly("filters[].requestRedirect.scheme", rule.RedirectLost, rule.RedirectHostPort, rule.RedirectPort),
	"HTTPRedirect.redirect_code":  partly("filters[].requestRedirect.statusCode", rule.RedirectLost),
	"HTTPRedirect.prefix_rewrite": partly("filters[].requestRedirect.path.replacePrefixMatch", rule.RewriteDiffers, rule.RewriteDoubleSlash, rule.RedirectDiffers, rule.RedirectLost),

	"HTTPRewrite.uri":               partly("filters[].urlRewrite.path", rule.RewriteDoubleSlash, rule.RewriteDiffers),
	"HTTPRewrite.authority":         partly("filters[].urlRewrite.hostname", rule.HostRewrite),
	"HTTPRewrite.uri_regex_rewrite": partly("nothing: the rule is withheld", rule.RegexRewrite),

	"HTTPRetry.attempts":        kept("rules[].retry.attempts", rule.RetryUnavailable, rule.RetryImplied, rule.RetriesOff),
	"HTTPRetry.per_try_timeout": partly("rules[].timeouts.backendRequest", rule.DurationRounded, rule.PerTryClamped),
	"HTTPRetry.retry_on":        partly("rules[].retry.codes", rule.RetryCondition, rule.RetryImplied),
	"HTTPRetry.backoff":         partly("rules[].retry.backoff", rule.DurationRounded),
	"HTTPRetry.retry_remote_localities": lost(rule.RetryLocality, "Retries may go to pods of other zones today; afterwards it is the implementation's choice.").
		unless("Istio's default", "false"),
	"HTTPRetry.retry_ignore_previous_hosts": lostBy("", map[string]judge{
		"true":  say(rule.RetryLocality, "A retry goes to another pod than the one that failed; afterwards it is the implementation's choice."),
		"false": say(rule.RetryLocality, "A retry may go to the very pod that failed; afterwards it is the implementation's choice."),
	}),

	"HTTPFaultInjection.delay": (&Row{Verdict: Lost, Rules: []*finding.Rule{rule.FaultDelay, rule.FaultIdle}, judge: delayed}),
	"HTTPFaultInjection.abort": partly("a rule without backends, for aborts of all requests", rule.AbortAll).
		also(aborted, rule.FaultAbort, rule.FaultIdle),

	"HTTPMirrorPolicy.destination": inside(),
	"HTTPMirrorPolicy.percentage":  partly("filters[].requestMirror.percent or fraction", rule.MirrorNone, rule.MirrorLost),

	"CorsPolicy.allow_origin":         partly("filters[].cors.allowOrigins", corsRules...),
	"CorsPolicy.allow_origins":        partly("filters[].cors.allowOrigins", corsRules...),
	"CorsPolicy.allow_methods":        partly("filters[].cors.allowMethods", corsRules...),
	"CorsPolicy.allow_headers":        partly("filters[].cors.allowHeaders", corsRules...),
	"CorsPolicy.expose_headers":       partly("filters[].cors.exposeHeaders", corsRules...),
	"CorsPolicy.max_age":              partly("filters[].cors.maxAge", corsRules...),
	"CorsPolicy.allow_credentials":    kept("filters[].cors.allowCredentials", corsRules...),
	"CorsPolicy.unmatched_preflights": partly("nothing: Gateway API answers all preflights", corsRules...),

	"TLSRoute.match":                         inside(),
	"TLSRoute.route":                         inside(),
	"TLSMatchAttributes.sni_hosts":           partly("hostnames", rule.L4AnySNI),
	"TLSMatchAttributes.destination_subnets": partly("nothing: in the mesh the rule is withheld", rule.L4Condition, rule.L4ConditionIgnored),
	"TLSMatchAttributes.port":                kept("parentRefs[].sectionName or port"),
	"TLSMatchAttributes.source_labels":       partly("nothing: in the mesh the rule is withheld", rule.L4Condition, rule.L4ConditionIgnored),
	"TLSMatchAttributes.gateways":            kept("parentRefs"),
	"TLSMatchAttributes.source_namespace":    partly("nothing: in the mesh the rule is withheld", rule.L4Condition, rule.L4ConditionIgnored),
	"TCPRoute.match":                         inside(),
	"TCPRoute.route":                         inside(),
	"L4MatchAttributes.destination_subnets":  partly("nothing: in the mesh the rule is withheld", rule.L4Condition, rule.L4ConditionIgnored),
	"L4MatchAttributes.port":                 kept("parentRefs[].sectionName or port"),
	"L4MatchAttributes.source_subnet":        lost(rule.WithoutEffect, "Istio does not read sourceSubnet; the rule takes connections from everywhere, today and afterwards."),
	"L4MatchAttributes.source_labels":        partly("nothing: in the mesh the rule is withheld", rule.L4Condition, rule.L4ConditionIgnored),
	"L4MatchAttributes.gateways":             kept("parentRefs"),
	"L4MatchAttributes.source_namespace":     partly("nothing: in the mesh the rule is withheld", rule.L4Condition, rule.L4ConditionIgnored),
	"RouteDestination.destination":           inside(),
	"RouteDestination.weight":                partly("backendRefs[].weight", rule.SoleWeight, rule.WeightScaled),

	// DestinationRule.
	"DestinationRule.host":           kept("the Service that subsets and TLS are for"),
	"DestinationRule.traffic_policy": inside(),
	"DestinationRule.subsets":        inside(),
	"DestinationRule.export_to": lost(rule.PolicyScope, "This DestinationRule is shown to callers by exportTo ({value}) today; what is made of it is for all callers.").
		unless("Istio's default", "*", ""),
	"DestinationRule.workload_selector": lost(rule.PolicyScope, "Only the callers that workloadSelector picks stand under this DestinationRule today; what is made of it is for all callers."),

	"Subset.name":           kept("a Service made for the subset"),
	"Subset.labels":         kept("spec.selector of a Service made for the subset"),
	"Subset.traffic_policy": inside(),

	"TrafficPolicy.load_balancer":       inside(),
	"TrafficPolicy.connection_pool":     inside(),
	"TrafficPolicy.outlier_detection":   lost(rule.OutlierDetection, outlier),
	"TrafficPolicy.tls":                 inside(),
	"TrafficPolicy.port_level_settings": inside(),
	"TrafficPolicy.tunnel":              lost(rule.Tunnel, "Connections go through a forward proxy today; afterwards they go straight, or nowhere where the network forbids it."),
	"TrafficPolicy.proxy_protocol":      lost(rule.ProxyProtocol, "Connections begin with a PROXY header today and without one afterwards; a server that waits for it refuses them all."),
	"TrafficPolicy.retry_budget":        lost(rule.RetryBudget, "Retries are bounded to a share of the requests today; afterwards nothing bounds them when the Service fails."),

	"TrafficPolicy.PortTrafficPolicy.port":              moot("says for which port the rest of the element is"),
	"TrafficPolicy.PortTrafficPolicy.load_balancer":     inside(),
	"TrafficPolicy.PortTrafficPolicy.connection_pool":   inside(),
	"TrafficPolicy.PortTrafficPolicy.outlier_detection": lost(rule.OutlierDetection, outlier),
	"TrafficPolicy.PortTrafficPolicy.tls":               inside(),

	"LoadBalancerSettings.simple": lostBy("UNSPECIFIED leaves the choice to Istio", map[string]judge{
		"ROUND_ROBIN":   say(rule.LoadBalancing, "Requests go to the pods in turn (ROUND_ROBIN) today; afterwards the implementation chooses."),
		"LEAST_REQUEST": say(rule.LoadBalancing, "Requests go to the pod with the fewest under way (LEAST_REQUEST, Istio's default) today; afterwards the implementation chooses."),
		"LEAST_CONN":    say(rule.LoadBalancing, "Requests go to the pod with the fewest under way (LEAST_CONN, the old name of LEAST_REQUEST) today; afterwards the implementation chooses."),
		"RANDOM":        say(rule.LoadBalancing, "Requests go to pods at random (RANDOM) today; afterwards the implementation chooses."),
		"PASSTHROUGH":   say(rule.Passthrough, "Connections go on to the address that the client called (PASSTHROUGH) today; a route chooses among the pods of the Service."),
	}).byNumber(map[string]string{"1": "LEAST_CONN", "2": "RANDOM", "3": "PASSTHROUGH", "4": "ROUND_ROBIN", "5": "LEAST_REQUEST"}),
	"LoadBalancerSettings.consistent_hash":     (&Row{Verdict: Lost, Rules: []*finding.Rule{rule.ConsistentHash}, judge: hashed}),
	"LoadBalancerSettings.locality_lb_setting": inside(),
	"LoadBalancerSettings.zone_aware_lb_setting": lost(rule.LocalityFailover,
		"Requests prefer pods of the caller's zone today; afterwards the implementation chooses without regard to zones."),
	"LoadBalancerSettings.warmup_duration_secs": lost(rule.Warmup, "A new pod gets its share little by little over {value} today, and all at once afterwards.").unless("no warm-up", "0s"),
	"LoadBalancerSettings.warmup":               lost(rule.Warmup, "A new pod gets its share little by little today, and all at once afterwards."),

	"LocalityLoadBalancerSetting.distribute":        lost(rule.LocalityShares, "Regions and zones get the written shares of requests today; afterwards the implementation chooses without regard to them."),
	"LocalityLoadBalancerSetting.failover":          lost(rule.LocalityFailover, "When the pods of a region fail its requests go to the written one today; afterwards the implementation chooses."),
	"LocalityLoadBalancerSetting.failover_priority": lost(rule.LocalityFailover, "Requests prefer pods that share these labels with the caller ({value}) today; afterwards the implementation chooses."),
	"LocalityLoadBalancerSetting.enabled": lostBy("", map[string]judge{
		"true":  say(rule.LocalityFailover, "Requests prefer pods of the caller's zone and region today; afterwards the implementation chooses."),
		"false": say(rule.LocalityFailover, "Requests go to pods of all zones alike today; afterwards the implementation chooses."),
	}),

	"ConnectionPoolSettings.tcp":  inside(),
	"ConnectionPoolSettings.http": inside(),
	"ConnectionPoolSettings.TCPSettings.max_connections": lost(rule.MaxConnections, "Each proxy opens at most {value} connections today; Gateway API has no such limit, so the Service may have to hold more.").
		unless("0 is no limit", "0"),
	"ConnectionPoolSettings.TCPSettings.connect_timeout":         lost(rule.ConnectTimeout, "A connection that is not there after {value} counts as failed today; afterwards the implementation decides how long to wait."),
	"ConnectionPoolSettings.TCPSettings.tcp_keepalive":           lost(rule.Keepalive, "Idle connections are probed today; Gateway API has no keepalive, so firewalls may forget them and dead peers go unnoticed."),
	"ConnectionPoolSettings.TCPSettings.max_connection_duration": lost(rule.ConnectionAge, "Connections are closed after {value} today; afterwards they may stay as long as they like.").unless("no bound", "0s"),
	"ConnectionPoolSettings.TCPSettings.idle_timeout":            lost(rule.ConnectionAge, "Connections are closed after {value} without traffic today; afterwards the implementation decides."),
	"ConnectionPoolSettings.HTTPSettings.http1_max_pending_requests": lost(rule.PendingRequests, "At most {value} requests wait for a connection today; Gateway API has no such limit, so nothing sheds load.").
		unless("0 is no limit", "0"),
	"ConnectionPoolSettings.HTTPSettings.http2_max_requests": lost(rule.ActiveRequests, "At most {value} requests are under way at a time today; Gateway API has no such limit, so nothing sheds load.").
		unless("0 is no limit", "0"),
	"ConnectionPoolSettings.HTTPSettings.max_requests_per_connection": lost(rule.RequestsPerConnection, "A connection is closed after {value} requests today; afterwards it serves as many as the implementation likes.").
		unless("0 is no limit", "0"),
	"ConnectionPoolSettings.HTTPSettings.max_retries": lost(rule.ActiveRetries, "At most {value} retries are under way at a time today; Gateway API has no such limit, so retries may pile up on a failing Service.").
		unless("0 is no limit", "0"),
	"ConnectionPoolSettings.HTTPSettings.idle_timeout": lost(rule.ConnectionAge, "Connections are closed after {value} without a request today; afterwards the implementation decides."),
	"ConnectionPoolSettings.HTTPSettings.h2_upgrade_policy": lostBy("DEFAULT and DO_NOT_UPGRADE leave the protocol to the Service's port, as Gateway API does", map[string]judge{
		"UPGRADE": say(rule.HTTP2Upgrade, "Requests go to the Service over HTTP/2 today; afterwards over HTTP/1.1, unless the Service's port says otherwise."),
	}).byNumber(map[string]string{"2": "UPGRADE"}),
	"ConnectionPoolSettings.HTTPSettings.use_client_protocol": lost(rule.ClientProtocol, "Requests go to the Service by the HTTP version that the client used today; afterwards the Service's port decides.").
		unless("Istio's default", "false"),
	"ConnectionPoolSettings.HTTPSettings.max_concurrent_streams": lost(rule.ConcurrentStreams, "An HTTP/2 connection carries at most {value} requests at a time today; afterwards as many as the implementation likes.").
		unless("0 is no limit", "0"),
	"ConnectionPoolSettings.HTTPSettings.http2_keep_alive": lost(rule.Keepalive, "Idle HTTP/2 connections are pinged today; Gateway API has no keepalive, so firewalls may forget them and dead peers go unnoticed."),

	"ClientTLSSettings.mode": partly("BackendTLSPolicy, for SIMPLE and MUTUAL", rule.BackendHostname).
		also(clientMode, rule.AutoTLS, rule.PlainText, rule.ClientCertificate),
	"ClientTLSSettings.client_certificate": moot("what is shown with mode MUTUAL; the finding on the mode speaks of it"),
	"ClientTLSSettings.private_key":        moot("belongs to clientCertificate"),
	"ClientTLSSettings.ca_certificates":    partly("BackendTLSPolicy validation.caCertificateRefs", rule.BackendCA),
	"ClientTLSSettings.credential_name":    partly("BackendTLSPolicy validation.caCertificateRefs", rule.BackendCA),
	"ClientTLSSettings.subject_alt_names":  partly("BackendTLSPolicy validation.subjectAltNames", rule.BackendSANs),
	"ClientTLSSettings.sni":                partly("BackendTLSPolicy validation.hostname", rule.BackendHostname),
	"ClientTLSSettings.insecure_skip_verify": lostBy("false is what a BackendTLSPolicy always does", map[string]judge{
		"true": say(rule.SkipVerify, "The server is reached by TLS without verifying its certificate today; a policy always verifies, so requests fail unless the certificate is valid."),
	}),
	"ClientTLSSettings.ca_crl": lost(rule.BackendRevocation, "A server whose certificate was revoked is refused today and trusted afterwards."),

	// Gateway.
	"Gateway.servers":  inside(),
	"Gateway.selector": partly("gatewayClassName: a data plane of its own", rule.GatewayDataPlane),

	"Server.port": inside(),
	"Server.bind": lost(rule.ServerBind, "The port is open on address {value} only today, and on all addresses of the gateway afterwards.").
		unless("all addresses", "", "0.0.0.0", "::"),
	"Server.hosts":            partly("listeners[].hostname and allowedRoutes", rule.ListenerHost, rule.ListenerDuplicate),
	"Server.tls":              inside(),
	"Server.default_endpoint": lost(rule.WithoutEffect, "Istio's gateways do not read defaultEndpoint; nothing changes without it."),
	"Server.name":             moot("stands in Istio's statistics only"),

	"Port.number":      kept("listeners[].port", rule.ListenerPort),
	"Port.protocol":    partly("listeners[].protocol", rule.ListenerWithheld),
	"Port.name":        moot("Istio wants one, and reads the protocol elsewhere"),
	"Port.target_port": lost(rule.WithoutEffect, "Istio's gateways do not read targetPort; nothing changes without it."),

	"ServerTLSSettings.https_redirect": partly("an HTTPRoute with requestRedirect on the listener", rule.RedirectPort80, rule.HTTPSRedirectPort),
	"ServerTLSSettings.mode": partly("listeners[].tls.mode, spec.tls.frontend",
		rule.ListenerWithheld, rule.ClientCA, rule.ClientCheckWithheld, rule.OptionalClientCheck),
	"ServerTLSSettings.server_certificate":      partly("nothing: a listener wants a Secret", rule.CertificateFile),
	"ServerTLSSettings.private_key":             moot("belongs to serverCertificate"),
	"ServerTLSSettings.ca_certificates":         partly("nothing: a ConfigMap is wanted", rule.CertificateFile, rule.ClientCheckWithheld),
	"ServerTLSSettings.ca_crl":                  lost(rule.ServerRevocation, "A client whose certificate was revoked is refused today and gets in afterwards."),
	"ServerTLSSettings.credential_name":         partly("listeners[].tls.certificateRefs", rule.CredentialNamespace, rule.CredentialRefused),
	"ServerTLSSettings.credential_names":        partly("listeners[].tls.certificateRefs", rule.SeveralCertificates, rule.CredentialNamespace),
	"ServerTLSSettings.ca_cert_credential_name": partly("spec.tls.frontend validation.caCertificateRefs", rule.ClientCA, rule.ClientCheckWithheld),
	"ServerTLSSettings.tls_certificates":        partly("nothing: a listener wants Secrets", rule.CertificateFile),
	"ServerTLSSettings.subject_alt_names":       lost(rule.ClientCertificateNames, "Only clients with a certificate for {value} get in today; afterwards every certificate of the same authority does."),
	"ServerTLSSettings.verify_certificate_spki": lost(rule.ClientCertificateNames, "Only clients with one of the written keys get in today; afterwards every certificate of the same authority does."),
	"ServerTLSSettings.verify_certificate_hash": lost(rule.ClientCertificateNames, "Only clients with one of the written certificates get in today; afterwards every certificate of the same authority does."),
	"ServerTLSSettings.min_protocol_version": lostBy("TLS_AUTO is Istio's default", map[string]judge{
		"TLSV1_0": say(rule.TLSMinimum, "Clients with TLS 1.0 get in today; implementations refuse them by default."),
		"TLSV1_1": say(rule.TLSMinimum, "Clients with TLS 1.1 get in today; implementations refuse them by default."),
		"TLSV1_2": say(rule.TLSDefault, "TLS 1.2 is the lowest version today, as it is by Istio's default; Gateway API leaves it to the implementation."),
		"TLSV1_3": say(rule.TLSMinimum, "Clients without TLS 1.3 are refused today; implementations let TLS 1.2 in by default."),
	}).byNumber(tlsVersions),
	"ServerTLSSettings.max_protocol_version": lostBy("TLS_AUTO is Istio's default", map[string]judge{
		"TLSV1_0": say(rule.TLSMaximum, "TLS 1.0 is the highest version today; afterwards clients agree on a newer one, or are refused."),
		"TLSV1_1": say(rule.TLSMaximum, "TLS 1.1 is the highest version today; afterwards clients agree on a newer one, or are refused."),
		"TLSV1_2": say(rule.TLSMaximum, "TLS 1.2 is the highest version today; afterwards clients may agree on TLS 1.3."),
		"TLSV1_3": say(rule.TLSDefault, "TLS 1.3 is the highest version today, as it is by Istio's default; Gateway API leaves it to the implementation."),
	}).byNumber(tlsVersions),
	"ServerTLSSettings.cipher_suites": lost(rule.CipherSuites, "Clients agree on one of {value} today; afterwards on any suite that the implementation offers."),
	"ServerTLSSettings.insecure_skip_verify": lost(rule.TLSFallback, "Clients with a certificate that does not verify get in today and are refused afterwards.").
		unless("Istio's default", "false"),

	// ServiceEntry.
	"ServiceEntry.hosts":             lost(rule.ServiceEntry, "The mesh knows {value} by this ServiceEntry today; Gateway API has no counterpart."),
	"ServiceEntry.addresses":         moot(byHosts),
	"ServiceEntry.ports":             moot(byHosts),
	"ServiceEntry.location":          moot(byHosts),
	"ServiceEntry.resolution":        moot(byHosts),
	"ServiceEntry.endpoints":         moot(byHosts),
	"ServiceEntry.workload_selector": moot(byHosts),
	"ServiceEntry.export_to":         moot(byHosts),
	"ServiceEntry.subject_alt_names": moot(byHosts),
}

const (
	byHosts = "the finding on hosts speaks of the whole ServiceEntry"
	outlier = "A pod that keeps failing gets no requests for a while today; Gateway API has no passive health checks, so its share goes on failing."
)

var tlsVersions = map[string]string{"1": "TLSV1_0", "2": "TLSV1_1", "3": "TLSV1_2", "4": "TLSV1_3"}

// Rules that speak of several fields alike.
var (
	headerRules   = []*finding.Rule{rule.HeaderFormatter, rule.HeaderIdle, rule.HeaderTwice, rule.HeaderRefused, rule.HostRewrite, rule.BackendFilters}
	metadataRules = []*finding.Rule{
		rule.ExternalDNSSource, rule.ExternalDNSMoved, rule.ExternalDNSLost, rule.CertManagerGateway, rule.CertManagerIdle,
		rule.LoadBalancerMoved, rule.LoadBalancerIdentity, rule.LoadBalancerOverflow,
	}
	corsRules = []*finding.Rule{
		rule.CORSUnavailable, rule.CORSOrigin, rule.CORSOriginNarrowed, rule.CORSPreflight, rule.CORSMaxAge, rule.CORSValue, rule.CORSIdle,
	}
)

// delayed judges a delay by the share of requests that it hits (pilot
// core/route/route.go TranslateFault: the old percent counts where there is no
// percentage, and only a fixed delay is done).
func delayed(n *source.Node) (*finding.Rule, string) {
	share := share(n.Get("percentage"))
	if !n.Has("percentage") {
		share = n.Text("percent")
	}
	switch {
	case !n.Has("fixedDelay"):
		return rule.FaultIdle, "Istio delays by fixedDelay only, so no request is delayed today."
	case nothing(share):
		return rule.FaultIdle, "The delay has no percentage and so hits no request today; it is left out."
	}
	return rule.FaultDelay, n.Text("fixedDelay") + " delay on " + share + " % of requests is not carried over; Gateway API has no fault injection."
}

// aborted judges an abort; one of all requests is the route builder's, which
// keeps it closed.
func aborted(n *source.Node) (*finding.Rule, string) {
	share := share(n.Get("percentage"))
	switch percent, _ := strconv.ParseFloat(share, 64); {
	case !n.Has("httpStatus") && !n.Has("grpcStatus"):
		return rule.FaultIdle, "Istio aborts by httpStatus or grpcStatus only, so no request is aborted today."
	case nothing(share):
		return rule.FaultIdle, "The abort has no percentage and so hits no request today; it is left out."
	case percent >= 100:
		return nil, ""
	}
	status := n.Text("httpStatus")
	if status == "" {
		status = n.Text("grpcStatus")
	}
	return rule.FaultAbort, share + " % of requests are answered " + status + " on purpose today; Gateway API has no fault injection, so they reach the destination."
}

func share(percentage *source.Node) string { return percentage.Text("value") }

func nothing(percent string) bool {
	f, err := strconv.ParseFloat(percent, 64)
	return percent == "" || err == nil && f <= 0
}

// hashed names the key by which requests stay with a pod.
func hashed(n *source.Node) (*finding.Rule, string) {
	by := "the same key"
	switch {
	case n.Has("httpHeaderName"):
		by = "the same header " + n.Text("httpHeaderName")
	case n.Has("httpCookie"):
		by = "the same cookie " + n.Get("httpCookie").Text("name")
	case n.Has("httpQueryParameterName"):
		by = "the same query parameter " + n.Text("httpQueryParameterName")
	case n.Text("useSourceIp") == "true":
		by = "the same client address"
	}
	return rule.ConsistentHash, "Requests with " + by + " go to the same pod today; Gateway API has no consistent hashing, so they go to any pod."
}

// clientMode judges the modes of which BackendTLSPolicy knows nothing.
func clientMode(n *source.Node) (*finding.Rule, string) {
	switch strings.TrimSpace(n.Value()) {
	case "DISABLE", "0":
		return rule.PlainText, "Requests go in plain text today; afterwards the mesh decides, and automatic mTLS is used towards pods that have a proxy."
	case "ISTIO_MUTUAL", "3":
		return rule.AutoTLS, "The mesh sets up mutual TLS by itself between its pods, so nothing changes as long as both sides stay in the mesh."
	case "MUTUAL", "2":
		return rule.ClientCertificate, "A client certificate is shown to the server today and none afterwards; a server that demands one refuses every connection."
	}
	return nil, ""
}
