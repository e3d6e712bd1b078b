// Package prove decides for all requests whether two decision lists act the
// same: Istio's before and Gateway API's after, or any two of either kind. The
// answer is equal, differs, with a smallest request for each pair of rules that
// act differently, or not proven.
//
// # How
//
// All conditions of both lists on one part of a request (the path, a header, ...)
// part its values into finitely many classes that no condition tells apart. A
// request is then a class of each part, a condition a set of classes, and what a
// rule takes a box. For each class of paths, and each pair of a rule before and a
// rule after that act differently, the prover looks for a request that both take
// and that no rule in front of them takes. Where there is none for any pair, the
// lists are equal.
//
// Where a list leaves the order of two rules open, each rule that no other is
// surely preferred to may decide, and each has to act the same.
//
// Conditions whose classes can't be found (an expression that RE2 can't read, two
// conditions on one claim of a JWT) are taken as if they had nothing to do with
// each other. What is equal so is equal; a difference that hangs on them is not
// proven.
//
// # What is compared
//
// Backends by the Pods that they select and the port there, and their shares as
// exact fractions; redirects and rewrites by what becomes of the path and the
// Location, for requests whose Host names no port or the door's; what is set, added and removed in headers; timeouts, retries, mirrors, cross-
// origin policies, faults; answers without a backend by their status and body.
//
// # What is assumed
//
//   - A host is answered by its most precise list alone: the exact name, then the
//     longest wildcard, which takes one or more labels, then all hosts. The case of
//     a host does not matter, nor does its port.
//   - A rule without timeout has none, and a rule without retries has the retries
//     of Istio by default, on both sides. An implementation may choose otherwise.
//   - Gateway API's filters work as its documents say: ReplacePrefixMatch joins by
//     one slash, and a redirect's port is that of the scheme or the listener.
//   - A Gateway whose ports are not known listens on the default port of the scheme.
//   - Where several backends have header filters, theirs run before the rule's.
//   - A reset before a request was sent is a failed connection; gateway-error is
//     502, 503 and 504, and retriable-4xx is 409.
//   - Services with equal selectors in one namespace reach the same Pods; a Service
//     that is not known, or has no selector, is told apart by its name.
//   - A Service of the mesh without a route sends requests to its own Pods.
//   - Paths are normalised and of the characters that a URL takes; header values
//     have no control characters; a name comes up once in a request.
//   - Lists of destination subnets have nothing to do with each other unless they
//     are the same.
//
// What a model of routes does not hold is not compared: limits and balancing of
// DestinationRules, TLS, policies, telemetry. Findings of other stages speak of
// those.
package prove
