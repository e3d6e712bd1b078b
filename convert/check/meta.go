package check

import (
	"cmp"
	"fmt"
	"slices"

	structuralmeta "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// checkMeta checks what every object has: name, namespace, labels, annotations.
// clusterScoped kinds must have no namespace; others may leave it to the client.
func checkMeta(obj map[string]any, clusterScoped bool, name apivalidation.ValidateNameFunc) []Problem {
	meta, found, unknown, err := structuralmeta.GetObjectMetaWithOptions(obj, structuralmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return []Problem{{Field: "metadata", Message: err.Error()}}
	}
	if !found {
		meta = &metav1.ObjectMeta{}
	}
	var problems []Problem
	for _, path := range unknown {
		problems = append(problems, Problem{Field: path, Absent: true, Message: "no such field; it would be dropped in silence"})
	}
	if meta.Namespace == "" && !clusterScoped {
		meta.Namespace = metav1.NamespaceDefault
	}
	errs := apivalidation.ValidateObjectMeta(meta, !clusterScoped, name, field.NewPath("metadata"))
	return append(sorted(problems), fromErrors(errs)...)
}

// fromErrors orders errors by field; libraries go over maps in any order.
func fromErrors(errs field.ErrorList) []Problem {
	problems := make([]Problem, len(errs))
	for i, e := range errs {
		problems[i] = Problem{Field: e.Field, Message: message(e)}
	}
	return sorted(problems)
}

// message is what the API server says, without the field, and without the value
// when that is long: it stands in the output already.
func message(e *field.Error) string {
	if _, omitted := e.BadValue.(field.OmitValueType); omitted && e.Type == field.ErrorTypeInvalid {
		return e.Detail // a sentence of the CRD
	}
	if body := e.ErrorBody(); len(body) <= 200 {
		return body
	}
	return fmt.Sprintf("%s: %s", e.Type, e.Detail)
}

func sorted(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(problems)
}
