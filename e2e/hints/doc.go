// Package hints runs what "mesh2gw hints" writes, in every language, against a
// server that fails as it is told to, and counts the calls.
//
// Needed are Python 3 with pip, Node with npm, a JDK with Maven, and cargo; libraries come from
// the public registries and are kept in the user's cache folder.
package hints
