// Package target holds facts about what the output is for: versions and
// channels of the Gateway API's CRDs, what each takes, and within which limits.
// It decides nothing. Every fact is read off the official CRD files; the tests
// derive each again from the schemas in package check.
package target

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

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

// Versions returns every version that can be written for, oldest first.
func Versions() []Version { return []Version{V14, V15, V16, V17} }

// Channels returns both channels; experimental holds nearly all of standard.
func Channels() []Channel { return []Channel{Standard, Experimental} }

// ParseVersion reads "1.6", "v1.6" or a patch release such as "1.6.3".
func ParseVersion(s string) (Version, error) {
	parts := strings.SplitN(strings.TrimPrefix(s, "v"), ".", 3)
	if len(parts) >= 2 {
		if v := Version(parts[0] + "." + parts[1]); slices.Contains(Versions(), v) && (len(parts) == 2 || number(parts[2])) {
			return v, nil
		}
	}
	return "", fmt.Errorf("unknown Gateway API version %q: want %s", s, choices(Versions()))
}

// ParseChannel reads standard or experimental.
func ParseChannel(s string) (Channel, error) {
	if c := Channel(s); slices.Contains(Channels(), c) {
		return c, nil
	}
	return "", fmt.Errorf("unknown Gateway API channel %q: want %s", s, choices(Channels()))
}

// Bundle is a set of CRDs as installed in a cluster.
type Bundle struct {
	Version Version
	Channel Channel
}

// Bundles returns every bundle, by version and then standard first.
func Bundles() []Bundle {
	var all []Bundle
	for _, v := range Versions() {
		for _, c := range Channels() {
			all = append(all, Bundle{v, c})
		}
	}
	return all
}

// String names b for a sentence that has said Gateway API: "1.6 (standard channel)".
func (b Bundle) String() string {
	return fmt.Sprintf("%s (%s channel)", b.Version, b.Channel)
}

// minor is the number behind the dot: 6 for 1.6.
func (v Version) minor() int {
	n, err := strconv.Atoi(strings.TrimPrefix(string(v), "1."))
	if err != nil {
		panic(fmt.Sprintf("unhandled Gateway API version %q", string(v)))
	}
	return n
}

// number says whether s is a patch number, with or without a suffix such as -rc.1.
func number(s string) bool {
	patch, _, _ := strings.Cut(s, "-")
	_, err := strconv.ParseUint(patch, 10, 16)
	return err == nil
}
