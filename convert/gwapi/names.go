package gwapi

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Longest names: RFC 1123 subdomains for most kinds, labels where a DNS record
// or a label value is made of the name.
const (
	subdomainLimit = 253
	labelLimit     = 63
)

// names hands out names of objects, each once. Whoever asks first gets the name
// it wants, so callers ask in an order that does not depend on the input's.
type names struct {
	reserved map[Key]bool
	taken    map[Key]bool
}

func newNames(reserved map[Key]bool) *names {
	return &names{reserved: reserved, taken: map[Key]bool{}}
}

func (n *names) take(k Key) { n.taken[k] = true }

func (n *names) free(k Key) bool { return !n.reserved[k] && !n.taken[k] }

// name takes a name for an object: want, made valid, or with a hash of origin
// behind it when another object has that name.
func (n *names) name(kind, namespace, want, origin string) string {
	return n.group(want, origin, limit(kind), func(name string) []Key {
		return []Key{{kind, route.Name{Namespace: namespace, Name: name}}}
	})
}

// group finds the stem under which all keys that it leads to are free, and takes them.
func (n *names) group(want, origin string, limit int, keys func(stem string) []Key) string {
	for try := 0; ; try++ {
		stem := fit(want, "", limit)
		if try > 0 {
			// A hash of the origin and not a counter: the name must not depend on how
			// many others came before.
			stem = fit(want, "-"+hash(origin+strings.Repeat("'", try-1)), limit)
		}
		all := keys(stem)
		clash := false
		for _, k := range all {
			clash = clash || !n.free(k)
		}
		if clash {
			continue
		}
		for _, k := range all {
			n.take(k)
		}
		return stem
	}
}

// parts names the routes that were built for t: NAME, or NAME-SUFFIX where t has
// one, and -01, -02 behind it for several. The numbers have one width, since
// routes of one age are ranked by their names.
func (n *names) parts(t *route.Table, objects []Object) {
	if len(objects) == 0 {
		return
	}
	want := t.Name.Name
	if t.Suffix != "" {
		want += "-" + t.Suffix
	}
	width := 0
	if len(objects) > 1 {
		width = 1 + max(2, len(strconv.Itoa(len(objects)))) // with the hyphen
	}
	part := func(stem string, i int) string {
		if width == 0 {
			return stem
		}
		return fmt.Sprintf("%s-%0*d", stem, width-1, i+1)
	}
	stem := n.group(want, "routes of "+t.Name.String()+" "+t.Suffix, subdomainLimit-width, func(stem string) []Key {
		keys := make([]Key, len(objects))
		for i, obj := range objects {
			keys[i] = Key{obj.Kind, route.Name{Namespace: obj.Value.GetNamespace(), Name: part(stem, i)}}
		}
		return keys
	})
	for i, obj := range objects {
		obj.Value.SetName(part(stem, i))
	}
}

// limit is the length that a name of a kind may have. Implementations name a
// Service after the Gateway, and label it with the name.
func limit(kind string) int {
	switch kind {
	case "Service", "Gateway":
		return labelLimit
	}
	return subdomainLimit
}

// fit makes a valid name of want that ends in tail: within limit, and with a
// hash of the whole where something had to be cut off.
func fit(want, tail string, limit int) string {
	name := sanitize(want, limit == labelLimit)
	if name == "" {
		name = "x-" + hash(want)
	}
	if len(name)+len(tail) <= limit || placeholder.MatchString(name) {
		return name + tail
	}
	tail = "-" + hash(want+tail)
	return strings.TrimRight(name[:limit-len(tail)], "-.") + tail
}

// placeholder is what envsubst and its like, make or a reader fill in later.
// Such names stay as they are: no rule of ours holds before the substitution.
var placeholder = regexp.MustCompile(`\$\{[^{}]*\}|\$\([^()]*\)|\$[A-Za-z_][A-Za-z0-9_]*|<[^<>]+>`)

// sanitize spells want with the characters of RFC 1123: as a subdomain, or as a
// label, which has no dots.
func sanitize(want string, label bool) string {
	if placeholder.MatchString(want) {
		return want
	}
	invalid := notSubdomain
	if label {
		invalid = notLabel
	}
	var parts []string
	for part := range strings.SplitSeq(invalid.ReplaceAllString(strings.ToLower(want), "-"), ".") {
		if part = strings.Trim(part, "-"); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ".")
}

// Runs of characters that a name may not have.
var (
	notSubdomain = regexp.MustCompile(`[^a-z0-9.-]+`)
	notLabel     = regexp.MustCompile(`[^a-z0-9-]+`)
)

// hash is 8 hexadecimal digits that tell texts apart.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}
