// Package convert is the library's face: it turns Istio's VirtualService,
// DestinationRule and Gateway YAML into Gateway API objects, and tells with
// file, line and column about everything that can't be carried over.
package convert
