// Package target holds facts about what the output is for: versions and
// channels of the Gateway API's CRDs. It decides nothing.
package target

// Version is a minor version of the Gateway API's CRD bundle.
type Version string

// The versions that can be written for.
const (
	V14 Version = "1.4"
	V15 Version = "1.5"
	V16 Version = "1.6"
	V17 Version = "1.7"
)

// Channel is a release channel of the CRD bundle.
type Channel string

// The channels.
const (
	Standard     Channel = "standard"
	Experimental Channel = "experimental"
)

// Bundle is a set of CRDs as installed in a cluster.
type Bundle struct {
	Version Version
	Channel Channel
}
