package main

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// docs/schema/config.json takes for the flags that the configuration file can set
// what the flags take.
func TestConfigSchemaWords(t *testing.T) {
	data, err := os.ReadFile("../../docs/schema/config.json")
	if err != nil {
		t.Fatal(err)
	}
	type value struct {
		Enum    []any
		Pattern string
	}
	var schema struct {
		Properties map[string]struct{ Properties map[string]value }
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for section, flags := range map[string][]string{
		"convert": {"namespace", "gateway-class", "target", "gateway-namespace", "gateway-api", "channel", "mesh", "prefix"},
		"lint":    {"fail-on", "format"},
	} {
		for _, flag := range flags {
			v := schema.Properties[section].Properties[flag]
			if v.Pattern == "" {
				allowed := words[flag]
				if section == "lint" && flag == "format" {
					allowed = words["lint format"]
				}
				var enum []string
				for _, word := range v.Enum {
					if s, ok := word.(string); ok { // versions are numbers, too
						enum = append(enum, s)
					}
				}
				if diff := cmp.Diff(allowed, enum); diff != "" {
					t.Errorf("%s.%s (-flag +schema):\n%s", section, flag, diff)
				}
				compared++
				continue
			}
			for _, s := range []string{
				"", "a", "shop", "Shop", "a-b.c", "-a", "a.", "a b", "gamma", "off", "gateway=a/b", "gateway=a", "gateway=/b", "gateway=a/B", "é", "a\n",
			} {
				if got, want := regexp.MustCompile(v.Pattern).MatchString(s), checkSetting(section, flag, s) == nil; got != want {
					t.Errorf("%s.%s %q: the schema takes it: %v, the flag: %v", section, flag, s, got, want)
				}
			}
			compared++
		}
	}
	if compared != 10 {
		t.Errorf("%d flags compared", compared)
	}
}
