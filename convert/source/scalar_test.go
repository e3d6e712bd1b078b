package source

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// scalars are texts whose meaning differs between YAML versions and readers.
var scalars = []string{
	"", "~", "null", "Null", "NULL", "nULL", "true", "True", "TRUE", "tRUE", "false", "False", "FALSE",
	"y", "Y", "yes", "Yes", "YES", "yES", "n", "N", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "oFF",
	"0", "-0", "+0", "1", "-1", "+1", "007", "0777", "0o17", "0o8", "08", "09.5", "0x1F", "0X1f", "-0x1F", "0b101", "0b-01", "0b+1", "0b-_1", "0b_-1", "0o-7", "0o+7", "-0b11", "0b2",
	"1_000", "1__0", "_1", "1_", "0x_1", "12e03", "1e3", "1E3", "1e+3", "1.e3", "1.", ".5", "5.0", "80.0", "1.10", "1.5e-7", "1e21", "1e20", "-1e-9",
	"-0.0", "0.0", "+1.5", "1_0.5", "._5", ".1_0", "1e400", "-", "+", ".", "-.5", "+.5", "1:30", "190:20:30", "1,000",
	"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "999999999999999999", "1000000000000000000",
	".inf", "-.inf", "+.Inf", ".NaN", "inf", "nan", "NaN",
	"2001-01-01", "2001-1-1", "2001-01-01T10:00:00Z", "2001-12-14 21:59:43", "2001-13-01",
	"10s", "5xx", "v1", "/api", "a b", "*.example.com", "\"on\"", "'0777'", "\"\"", "<<", "=", "\"a\\u00e9\\n\"",
	"!!str 1", "!!str on", "!!int \"5\"", "!!int 5", "!!int x", "!!int 1.5", "!!float 5", "!!float 1.5", "!!float x", "!!bool on", "!!bool true", "!!bool 1", "!!null ''", "!!null x",
	"!!binary aGVsbG8=", "!!binary ????", "!!binary /w==", "!!timestamp 2001-01-01", "!!timestamp x", "!mine 5", "!mine on", "!!str", "!!float 0x10", "!!int 0777",
	"|\n  on\n  off\n", ">\n  a\n  b\n", "[on, 0x1, ~]", "{a: on, b: 0777}", "[]", "{}",
}

// TestScalars compares every text, as a value and as a key, with what
// sigs.k8s.io/yaml makes of it, which is what kubectl sends.
func TestScalars(t *testing.T) {
	for _, s := range scalars {
		check(t, "value: "+s+"\n")
		if !strings.ContainsAny(s, "\n[{") {
			check(t, "value: {"+s+": x}\n")
			check(t, "value:\n  "+s+": x\n")
		}
	}
}

func check(t *testing.T, text string) {
	t.Helper()
	got, ok := ours(text)
	want, err := yaml.YAMLToJSON([]byte("v: 1\n" + text))
	switch {
	case !ok && err == nil:
		t.Errorf("%q is refused, Kubernetes reads %s", text, want)
	case ok && err != nil:
		t.Errorf("%q is read as %s, Kubernetes says %v", text, got, err)
	case ok && got != canonical(want):
		t.Errorf("%q is read as\n%s, Kubernetes reads\n%s", text, got, want)
	}
}

// canonical spells escapes as one encoder does.
func canonical(data []byte) string {
	var v any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return err.Error()
	}
	again, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(again)
}

// ours is text as JSON by way of this package.
func ours(text string) (string, bool) {
	c := chunk{text: []byte("v: 1\n" + text)}
	trees, failure := readYAML(&c, &arena{})
	if failure != nil || len(trees) != 1 {
		return "", false
	}
	data, err := json.Marshal(value(trees[0].root))
	return string(data), err == nil
}

// value is n for encoding/json.
func value(n *Node) any {
	switch n.Kind {
	case Null:
		return nil
	case Bool:
		return n.Value() == "true"
	case Int, Float:
		return json.RawMessage(n.Value())
	case String:
		return n.Value()
	case Map:
		m := map[string]any{}
		for i := range n.Children() {
			m[n.Children()[i].Key()] = value(&n.Children()[i])
		}
		return m
	case List:
		l := []any{}
		for i := range n.Children() {
			l = append(l, value(&n.Children()[i]))
		}
		return l
	}
	panic(fmt.Sprintf("unhandled kind %d", n.Kind))
}

// TestMerges compares anchors, aliases and merge keys with Kubernetes.
func TestMerges(t *testing.T) {
	base := "base: &base {x: 1, y: {z: 2}}\nother: &other {x: 3, w: 4}\n"
	for _, text := range []string{
		"a: *base\n",
		"a: {<<: *base}\n",
		"a: {<<: *base, x: 9}\n",
		"a: {x: 9, <<: *base}\n",
		"a: {<<: [*base, *other]}\n",
		"a: {<<: [*other, {x: 5}, *base], q: 1}\n",
		"a: {<<: {x: 7}, x: 8}\n",
		"a: &a {<<: *base, v: 1}\nb: {<<: *a, x: 0}\n",
		"a: {<<: *base, <<: *other}\n",
		"a: {\"<<\": *base}\n",
		"a: {!!str <<: *base}\n",
		"a: {<<: 1}\n",
		"a: {<<: [1]}\n",
		"a: {<<: [[*base]]}\n",
		"k: &k on\n*k : 1\n",
		"k: &k {a: 1}\n? *k\n: 1\n",
		"a: &a [1, *a]\n",
		"a: &a {<<: *a}\n",
		"a: &a {b: {<<: *a}}\n",
		"a: &b 1\nb: &b 2\nc: *b\n",
		"? [a]\n: b\n",
		"x: 1\nx: 2\n",
		"x: {a: 1}\nx: {b: 2}\ny: {}\nx: [3]\n",
		"1: a\n",
	} {
		check(t, base+text)
	}
}

// TestJSONNumbers reads numbers as JSON and as YAML, to the same end.
func TestJSONNumbers(t *testing.T) {
	for _, n := range []string{"0", "-0", "1", "80.0", "1e3", "1.5", "-1.5e-9", "1e21", "9223372036854775808", "123456789012345678901234567890"} {
		head := `"apiVersion": "v1", "kind": "Service", "v": `
		asJSON := one(t, "{"+head+n+"}")
		asYAML := one(t, "---\n{"+head+n+"}")
		if asJSON.Kind != asYAML.Kind || asJSON.Value() != asYAML.Value() {
			t.Errorf("%s is %s %s in JSON, %s %s in YAML", n, asJSON.Kind, asJSON.Value(), asYAML.Kind, asYAML.Value())
		}
	}
}

func one(t *testing.T, text string) *Node {
	t.Helper()
	docs, findings, err := Split(context.Background(), []File{{Name: "in", Data: []byte(text)}})
	if err != nil || len(docs) != 1 {
		t.Fatal(len(docs), findings, err)
	}
	return docs[0].Root.Get("v")
}
