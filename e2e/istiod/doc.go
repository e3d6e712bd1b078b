// Package istiod judges conversions by Istio's own control plane: istiod turns
// the Istio objects before, and the Gateway API objects after, into Envoy
// configuration, and both configurations decide the same requests.
//
// It reads the input with Istio's code and shares none with the converter, so
// that it can't repeat a misunderstanding. README.md says what it judges.
package istiod
