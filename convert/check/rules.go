package check

import (
	"context"
	"maps"
	"slices"
	"sync"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// ruleTree runs the CEL rules of a schema. A rule is compiled when the first object
// reaches its place: compiling all of HTTPRoute takes longer than a small conversion
// with all its stages, and a usual object needs a handful of them.
type ruleTree struct {
	own        func() *cel.Validator // the rules at this place; nil without any
	properties map[string]*ruleTree
	items      *ruleTree
	additional *ruleTree
}

// newRuleTree returns nil when there are no rules at s or below.
func newRuleTree(s *structuralschema.Structural, isRoot bool) *ruleTree {
	t := &ruleTree{properties: map[string]*ruleTree{}}
	if len(s.XValidations) > 0 || hasAllOf(s) {
		t.own = sync.OnceValue(func() *cel.Validator {
			return cel.NewValidator(alone(s), isRoot, celconfig.PerCallLimit)
		})
	}
	for name, property := range s.Properties {
		if below := newRuleTree(&property, property.XEmbeddedResource); below != nil {
			t.properties[name] = below
		}
	}
	if s.Items != nil {
		t.items = newRuleTree(s.Items, s.Items.XEmbeddedResource)
	}
	if a := additional(s); a != nil {
		t.additional = newRuleTree(a, a.XEmbeddedResource)
	}
	if t.own == nil && len(t.properties) == 0 && t.items == nil && t.additional == nil {
		return nil
	}
	return t
}

// check runs the rules on a value and on all that is in it, in the order of fields.
func (t *ruleTree) check(ctx context.Context, path *field.Path, value any) field.ErrorList {
	if t == nil || value == nil {
		return nil
	}
	var errs field.ErrorList
	if t.own != nil {
		errs, _ = t.own().Validate(ctx, path, nil, value, nil, celconfig.RuntimeCELCostBudget)
	}
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			errs = append(errs, t.items.check(ctx, path.Index(i), item)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			errs = append(errs, t.properties[key].check(ctx, path.Child(key), value[key])...)
			errs = append(errs, t.additional.check(ctx, path.Key(key), value[key])...)
		}
	}
	return errs
}

// alone is s with the same types below it and no rules there.
func alone(s *structuralschema.Structural) *structuralschema.Structural {
	rules := s.XValidations
	c := withoutRules(s)
	c.XValidations = rules
	return c
}

func withoutRules(s *structuralschema.Structural) *structuralschema.Structural {
	c := *s
	c.XValidations = nil
	if s.Properties != nil {
		c.Properties = make(map[string]structuralschema.Structural, len(s.Properties))
		for name, property := range s.Properties {
			c.Properties[name] = *withoutRules(&property)
		}
	}
	if s.Items != nil {
		c.Items = withoutRules(s.Items)
	}
	if a := additional(s); a != nil {
		c.AdditionalProperties = &structuralschema.StructuralOrBool{Structural: withoutRules(a)}
	}
	return &c
}

// hasAllOf says whether rules may be in an allOf of s. They run with those of s.
func hasAllOf(s *structuralschema.Structural) bool {
	return s.ValueValidation != nil && len(s.ValueValidation.AllOf) > 0
}

func additional(s *structuralschema.Structural) *structuralschema.Structural {
	if s.AdditionalProperties == nil {
		return nil
	}
	return s.AdditionalProperties.Structural
}
