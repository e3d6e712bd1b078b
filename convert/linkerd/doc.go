// Package linkerd reads what Linkerd's proxies route by before Gateway API came:
// ServiceProfiles (linkerd.io) and SMI's TrafficSplits (split.smi-spec.io), and
// compiles them to route tables beside those of Istio's objects. What they mean
// is taken from Linkerd's code: controller/api/destination and pkg/profiles of
// linkerd2, linkerd/service-profiles and linkerd/app/outbound of linkerd2-proxy
// (both as of August 2026), and pkg/adaptor of linkerd-smi, which turns a
// TrafficSplit into the dstOverrides of a ServiceProfile.
package linkerd
