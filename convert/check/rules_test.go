package check

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apimachinery/pkg/util/json"
	celconfig "k8s.io/apiserver/pkg/apis/cel"

	"github.com/mesh2gw/mesh2gw/convert/target"
)

func mustVersion(tb testing.TB, b target.Bundle, kind string) *version {
	tb.Helper()
	apiVersion, _ := b.APIVersion(kind)
	v, problem, err := New(b).version(identity{apiVersion: apiVersion, kind: kind})
	if err != nil || problem != nil {
		tb.Fatal(problem, err)
	}
	return v
}

// wholeValidator is what the API server runs: all rules, compiled at once.
func wholeValidator(v *version) *cel.Validator {
	return cel.NewValidator(v.schema, true, celconfig.PerCallLimit)
}

// The rules are compiled place by place; the outcome is that of the whole.
func TestRulesAsWhole(t *testing.T) {
	for _, b := range []target.Bundle{{Version: target.V17, Channel: target.Standard}, {Version: target.V14, Channel: target.Experimental}} {
		objects := map[string][][]byte{}
		for kind, object := range goodObjects(t, b) {
			objects[kind] = append(objects[kind], object)
		}
		for _, bad := range badObjects {
			object := toJSON(t, bad.object)
			kind := line(bad.object, "kind: ")
			objects[kind] = append(objects[kind], object)
		}
		for kind, list := range objects {
			if _, ok := b.APIVersion(kind); !ok {
				continue
			}
			t.Run(b.String()+"/"+kind, func(t *testing.T) {
				t.Parallel()
				v := mustVersion(t, b, kind)
				whole := wholeValidator(v)
				for _, object := range list {
					compareRules(t, v, whole, object)
				}
			})
		}
	}
}

func compareRules(t *testing.T, v *version, whole *cel.Validator, object []byte) {
	t.Helper()
	var obj map[string]any
	if err := json.Unmarshal(object, &obj); err != nil {
		t.Fatal(err)
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(obj, v.schema)
	defaulting.Default(obj, v.schema)
	want, _ := whole.Validate(context.Background(), nil, v.schema, obj, nil, celconfig.RuntimeCELCostBudget)
	got := v.rules.check(context.Background(), nil, obj)
	if diff := cmp.Diff(fromErrors(want), fromErrors(got)); diff != "" {
		t.Errorf("whole and place by place differ (-whole +ours) on %s:\n%s", object, diff)
	}
}
