// Package lint finds what is wrong with a configuration today, whether anything
// is converted or not: rules that never decide, subsets and selectors that pick
// no pods, redirects that go round, policies that refuse each other's traffic.
//
// An input seldom holds a whole cluster. A check that has to know that something
// does not exist speaks only where the input shows that its kind and namespace
// are given.
package lint
