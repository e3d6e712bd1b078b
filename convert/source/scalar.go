package source

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// scalar resolves y as sigs.k8s.io/yaml does, which is what kubectl sends:
// YAML 1.1 by go.yaml.in/yaml/v2, then JSON. So yes, on and y are booleans,
// 0777 and 0x1F are 511 and 31, 1e3 is the whole number 1000, and timestamps
// are strings. problem says why Kubernetes refuses the value.
func scalar(y *yaml.Node) (kind Kind, value, problem string) {
	if y.Style&yaml.TaggedStyle != 0 {
		return tagged(y)
	}
	return plain(y.Tag, y.Value)
}

// plain resolves an untagged scalar from the tag that yaml.v3 found, which
// knows fewer booleans than v2 and agrees on all else.
func plain(tag, value string) (kind Kind, text, problem string) {
	switch tag {
	case "!!str":
		return String, value, ""
	case "!!int":
		return integer(value)
	case "!!float":
		return float(value)
	case "!!bool":
		return Bool, strings.ToLower(value), ""
	case "!!null":
		return Null, "", ""
	case "!!timestamp", "!!merge":
		return String, value, ""
	}
	panic(fmt.Sprintf("unhandled tag %q", tag))
}

// oldBool knows the words that are booleans in YAML 1.1 only.
func oldBool(word string) (value string, ok bool) {
	switch word {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON":
		return "true", true
	case "n", "N", "no", "No", "NO", "off", "Off", "OFF":
		return "false", true
	}
	return "", false
}

// tagged resolves a scalar with a tag of its own. A tag must fit its value; one
// that is nobody's is ignored.
func tagged(y *yaml.Node) (kind Kind, value, problem string) {
	switch y.Tag {
	case "!!str", "!!merge":
		return String, y.Value, ""
	case "!!binary":
		data, err := base64.StdEncoding.DecodeString(y.Value)
		if err != nil {
			return 0, "", "its tag says !!binary, and it is not base64"
		}
		return String, strings.ToValidUTF8(string(data), "\ufffd"), ""
	case "!!int", "!!float", "!!bool", "!!null", "!!timestamp":
	default:
		return String, y.Value, ""
	}
	found := (&yaml.Node{Kind: yaml.ScalarNode, Value: y.Value}).ShortTag()
	if _, ok := oldBool(y.Value); ok {
		found = "!!bool"
	}
	if found != y.Tag && (found != "!!int" || y.Tag != "!!float") {
		return 0, "", fmt.Sprintf("its tag says %s, and %s is none", y.Tag, strconv.Quote(y.Value))
	}
	if found == "!!bool" {
		if v, ok := oldBool(y.Value); ok {
			return Bool, v, ""
		}
	}
	return plain(found, y.Value)
}

// integer gives the decimal text of a whole number that is written in base 2,
// 8, 10 or 16, with or without underscores.
func integer(value string) (kind Kind, text, problem string) {
	if isDecimal(value) {
		return Int, value, ""
	}
	digits := strings.ReplaceAll(value, "_", "")
	if n, err := strconv.ParseInt(digits, 0, 64); err == nil {
		return Int, strconv.FormatInt(n, 10), ""
	}
	if n, err := strconv.ParseUint(digits, 0, 64); err == nil {
		return Float, strconv.FormatUint(n, 10), "" // a JSON number past int64 is a float to Kubernetes
	}
	if bits, ok := strings.CutPrefix(digits, "0b"); ok { // a sign may stand behind the base
		if n, err := strconv.ParseInt(bits, 2, 64); err == nil {
			return Int, strconv.FormatInt(n, 10), ""
		}
	}
	if strings.HasPrefix(digits, "0o") { // likewise, but to v2 that is a string
		return String, value, ""
	}
	panic(fmt.Sprintf("unhandled whole number %q", value))
}

// isDecimal is the common case: up to 18 digits, no sign, no leading zero.
func isDecimal[T string | []byte](s T) bool {
	if len(s) == 0 || len(s) > 18 || s[0] == '0' && len(s) > 1 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func float(value string) (kind Kind, text, problem string) {
	f, err := parseFloat(value)
	if err != nil {
		panic(fmt.Sprintf("unhandled number %q", value))
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, "", "JSON has no number " + value
	}
	kind, text = number(f)
	return kind, text, ""
}

func parseFloat(value string) (float64, error) {
	switch strings.ToLower(strings.TrimLeft(value, "+-")) {
	case ".inf":
		return math.Inf(1 - 2*strings.Count(value, "-")), nil
	case ".nan":
		return math.NaN(), nil
	}
	return strconv.ParseFloat(strings.ReplaceAll(value, "_", ""), 64)
}

// number is f as JSON writes it. A number without point and exponent is whole
// to Kubernetes, however it was written in YAML.
func number(f float64) (Kind, string) {
	text, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	if _, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return Int, string(text)
	}
	return Float, string(text)
}

// keyText is the JSON key for y, as sigs.k8s.io/yaml spells it
// (convertToJSONableObject).
func keyText(y *yaml.Node) (text, problem string) {
	if word, ok := oldBool(y.Value); ok && y.Tag == "!!str" && y.Style == 0 {
		return word, ""
	}
	if y.Tag == "!!float" {
		if f, err := parseFloat(y.Value); err == nil {
			return floatKey(f), ""
		}
	}
	kind, text, problem := scalar(y)
	switch {
	case problem != "":
		return "", problem
	case kind == Null:
		return "", "a key is empty"
	case kind == Float:
		return "", "a key is a number past 64 bits"
	}
	return text, ""
}

func floatKey(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return ".inf"
	case math.IsInf(f, -1):
		return "-.inf"
	case math.IsNaN(f):
		return ".nan"
	}
	return strconv.FormatFloat(f, 'g', -1, 32)
}
