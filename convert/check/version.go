package check

import (
	"context"
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mesh2gw/mesh2gw/convert/target"
)

// version is one served version of a kind.
type version struct {
	bundle        target.Bundle
	kind          string
	clusterScoped bool
	hasStatus     bool // the API server drops the status before it looks at the rest
	schema        *structuralschema.Structural
	openAPI       validation.SchemaValidator
	rules         *ruleTree
}

// compile prepares a served version of a CRD. Its rules are left for later.
func compile(b target.Bundle, crd *apiextensionsv1.CustomResourceDefinition, v apiextensionsv1.CustomResourceDefinitionVersion) (*version, error) {
	var in apiextensions.CustomResourceValidation
	if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(v.Schema, &in, nil); err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(in.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	openAPI, _, err := validation.NewSchemaValidator(in.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	return &version{
		bundle: b, kind: crd.Spec.Names.Kind,
		clusterScoped: crd.Spec.Scope == apiextensionsv1.ClusterScoped,
		hasStatus:     v.Subresources != nil && v.Subresources.Status != nil,
		schema:        structural, openAPI: openAPI, rules: newRuleTree(structural, true),
	}, nil
}

// check does what the API server does on create, in its order. It changes obj.
func (v *version) check(ctx context.Context, obj map[string]any) []Problem {
	if v.hasStatus {
		delete(obj, "status")
	}
	problems := checkMeta(obj, v.clusterScoped, apivalidation.NameIsDNSSubdomain)
	unknown := pruning.PruneWithOptions(obj, v.schema, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		problems = append(problems, Problem{
			Field: path, Absent: true,
			Message: fmt.Sprintf("%s of Gateway API %s has no such field; it would be dropped in silence", v.kind, v.bundle),
		})
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(obj, v.schema)
	defaulting.Default(obj, v.schema) // rules read fields that only the defaults set
	errs := validation.ValidateCustomResource(nil, obj, v.openAPI)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, v.schema, obj)...)
	if !malformed(errs) {
		errs = append(errs, v.rules.check(ctx, nil, obj)...)
	}
	return append(problems, fromErrors(errs)...)
}

// malformed says whether rules can't be run on an object because they could fail
// to read it. As in the API server, a value that does not fit its pattern is no reason.
func malformed(errs field.ErrorList) bool {
	for _, e := range errs {
		switch e.Type {
		case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
			return true
		}
	}
	return false
}
