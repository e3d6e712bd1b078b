package istio

import (
	"encoding/base64"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// scalar reads n as a value of fd, as jsonpb does with which Istio reads its
// objects: numbers may be quoted, enums are names or numbers.
func (b *binder) scalar(fd protoreflect.FieldDescriptor, n *source.Node) (v protoreflect.Value, ok bool) {
	switch fd.Kind() {
	case protoreflect.StringKind:
		return b.text(n)
	case protoreflect.BoolKind:
		if n.Kind != source.Bool {
			return v, b.wrongType(n, "true or false")
		}
		return protoreflect.ValueOfBool(n.Value() == "true"), true
	case protoreflect.Int32Kind:
		i, ok := b.integer(n, math.MinInt32, math.MaxInt32)
		return protoreflect.ValueOfInt32(int32(i)), ok
	case protoreflect.Uint32Kind:
		i, ok := b.integer(n, 0, math.MaxUint32)
		return protoreflect.ValueOfUint32(uint32(i)), ok
	case protoreflect.Uint64Kind:
		i, ok := b.integer(n, 0, math.MaxUint64)
		return protoreflect.ValueOfUint64(uint64(i)), ok
	case protoreflect.DoubleKind:
		return b.double(n)
	case protoreflect.EnumKind:
		return b.enum(fd.Enum(), n)
	case protoreflect.BytesKind:
		return b.bytes(n)
	}
	panic(fmt.Sprintf("unhandled kind %s of %s", fd.Kind(), fd.FullName()))
}

func (b *binder) text(n *source.Node) (v protoreflect.Value, ok bool) {
	switch n.Kind {
	case source.String:
		return protoreflect.ValueOfString(n.Value()), true
	case source.Bool, source.Int, source.Float:
		b.broken(finding.New(rule.WrongType, n.Place(),
			"%s must be a string; without quotes it is %s in YAML (%s), and Istio refuses the whole object.", called(n), n.Kind, n.Value()).
			WithHint("Put quotes around it."))
		return v, false
	}
	return v, b.wrongType(n, "a string")
}

// integer reads a whole number between least and most. It is returned by its
// bits, so that one function serves signed and unsigned types.
func (b *binder) integer(n *source.Node, least int64, most uint64) (bits int64, ok bool) {
	want := "a whole number"
	if b.placeholder(n, want) {
		return 0, false
	}
	switch n.Kind {
	case source.Int, source.Float, source.String:
	default:
		return 0, b.wrongType(n, want)
	}
	if i, err := strconv.ParseInt(n.Value(), 0, 64); err == nil && i < 0 {
		if i >= least {
			return i, true
		}
		return 0, b.outOfRange(n, least, most)
	}
	u, err := unsigned(n)
	if err != nil {
		return 0, b.wrongType(n, want)
	}
	if u > most {
		return 0, b.outOfRange(n, least, most)
	}
	return int64(u), true
}

// unsigned reads 8080, 0x1f90 and 8.08e3, which YAML and JSON take for the same number.
func unsigned(n *source.Node) (uint64, error) {
	if u, err := strconv.ParseUint(n.Value(), 10, 64); err == nil {
		return u, nil
	}
	if u, err := strconv.ParseUint(n.Value(), 0, 64); err == nil && n.Kind == source.Int {
		return u, nil
	}
	f, err := strconv.ParseFloat(n.Value(), 64)
	if err != nil || f != math.Trunc(f) || f < 0 || f >= math.MaxUint64 {
		return 0, fmt.Errorf("%q is not a whole number", n.Value())
	}
	return uint64(f), nil
}

func (b *binder) double(n *source.Node) (v protoreflect.Value, ok bool) {
	if b.placeholder(n, "a number") {
		return v, false
	}
	switch n.Kind {
	case source.Int, source.Float, source.String:
	default:
		return v, b.wrongType(n, "a number")
	}
	f, err := strconv.ParseFloat(n.Value(), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return v, b.wrongType(n, "a number")
	}
	return protoreflect.ValueOfFloat64(f), true
}

func (b *binder) enum(ed protoreflect.EnumDescriptor, n *source.Node) (v protoreflect.Value, ok bool) {
	names := enumNames(ed)
	if b.placeholder(n, "one of "+strings.Join(names, ", ")) {
		return v, false
	}
	var value protoreflect.EnumValueDescriptor
	switch n.Kind {
	case source.String:
		value = ed.Values().ByName(protoreflect.Name(n.Value()))
	case source.Int:
		if i, err := strconv.ParseInt(n.Value(), 0, 32); err == nil {
			value = ed.Values().ByNumber(protoreflect.EnumNumber(i))
		}
	default:
		return v, b.wrongType(n, "one of "+strings.Join(names, ", "))
	}
	if value == nil {
		b.broken(finding.New(rule.UnknownEnum, n.Place(), "%s can't be %s: it is one of %s. Istio refuses the whole object.",
			called(n), n.Value(), strings.Join(names, ", ")).WithHint("%s", didYouMean(n.Value(), names, rule.UnknownEnum.Hint)))
		return v, false
	}
	return protoreflect.ValueOfEnum(value.Number()), true
}

func enumNames(ed protoreflect.EnumDescriptor) []string {
	names := make([]string, ed.Values().Len())
	for i := range names {
		names[i] = string(ed.Values().Get(i).Name())
	}
	return names
}

func (b *binder) bytes(n *source.Node) (v protoreflect.Value, ok bool) {
	if n.Kind != source.String {
		return v, b.wrongType(n, "base64 in a string")
	}
	raw, err := base64.StdEncoding.DecodeString(n.Value())
	if err != nil {
		return v, b.wrongType(n, "base64 in a string")
	}
	return protoreflect.ValueOfBytes(raw), true
}

// duration reads what Go's time.ParseDuration takes, as jsonpb does: 1.5s, 500ms, 1m30s.
func (b *binder) duration(m protoreflect.Message, n *source.Node) {
	const want = "a duration such as 1.5s, 500ms or 1m"
	if b.placeholder(n, want) {
		return
	}
	if n.Kind != source.String {
		b.wrongType(n, want)
		return
	}
	d, err := time.ParseDuration(n.Value())
	if err != nil {
		b.broken(finding.New(rule.BadDuration, n.Place(), "%s is not a duration: %q. Istio refuses the whole object.", called(n), n.Value()))
		return
	}
	read := m.Interface().(*durationpb.Duration)
	read.Seconds, read.Nanos = int64(d/time.Second), int32(d%time.Second)
}

// placeholders are what people leave in YAML for envsubst, Kustomize, Flux,
// Azure pipelines and readers to fill in.
var placeholders = regexp.MustCompile(`\$\{[^}]*\}|\$\([^)]*\)|\$[A-Za-z_][A-Za-z0-9_]*|<[^<>]+>|\{\{.*\}\}|#\{[^}]*\}#?|__[A-Za-z0-9_]+__|@[A-Za-z0-9_]+@`)

// placeholder reports n when a placeholder stands where no string may stand.
func (b *binder) placeholder(n *source.Node, want string) bool {
	if n.Kind != source.String || !placeholders.MatchString(n.Value()) {
		return false
	}
	b.broken(finding.New(rule.Placeholder, n.Place(), "%s is %s, to be filled in with %s; what it does to traffic is not known before.", called(n), n.Value(), want))
	return true
}

// wrongType reports that n is not what its field wants. It returns false, for
// callers that say so.
func (b *binder) wrongType(n *source.Node, want string) bool {
	b.broken(finding.New(rule.WrongType, n.Place(), "%s must be %s, not %s. Istio refuses the whole object.", called(n), want, shown(n)))
	return false
}

func (b *binder) outOfRange(n *source.Node, least int64, most uint64) bool {
	b.broken(finding.New(rule.OutOfRange, n.Place(), "%s is %s, which is not between %d and %d. Istio refuses the whole object.", called(n), n.Value(), least, most))
	return false
}

// shown is n as its author wrote it, as far as that fits into a sentence.
func shown(n *source.Node) string {
	switch n.Kind {
	case source.Map, source.List, source.Null:
		return n.Kind.String()
	case source.String:
		return strconv.Quote(n.Value())
	}
	return n.Value()
}

// called names n in a sentence.
func called(n *source.Node) string {
	if n.Key() != "" {
		return n.Key()
	}
	if field := n.Field(); field != "" {
		return field
	}
	return "the document"
}

// didYouMean is a hint that names the nearest of names, or otherwise.
func didYouMean(word string, names []string, otherwise string) string {
	if near := Nearest(word, names); near != "" {
		return fmt.Sprintf("Did you mean %s?", near)
	}
	return otherwise
}

// Nearest returns the name that differs from word in case only, or by at most
// two letters; "" when there is none.
func Nearest(word string, names []string) string {
	if i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, source.Camel(word)) }); i >= 0 {
		return names[i]
	}
	best, least := "", 3
	for _, name := range names {
		if d := distance(word, name); d < least && d < len(name)/2 {
			best, least = name, d
		}
	}
	return best
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
