package cluster

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// conditionsOf reads the conditions below a path.
func conditionsOf(o map[string]any, path ...string) []any {
	all, _, _ := unstructured.NestedSlice(o, append(path, "conditions")...)
	return all
}

// mapsIn reads a list of objects below a path.
func mapsIn(o map[string]any, path ...string) []map[string]any {
	list, _, _ := unstructured.NestedSlice(o, path...)
	var all []map[string]any
	for _, x := range list {
		if m, ok := x.(map[string]any); ok {
			all = append(all, m)
		}
	}
	return all
}

// conditionsLack names the first condition that does not hold for the generation
// that was applied; "" where all do.
func conditionsLack(live *unstructured.Unstructured, conditions []any, types ...string) string {
	for _, t := range types {
		at := slices.IndexFunc(conditions, func(c any) bool {
			condition, ok := c.(map[string]any)
			return ok && condition["type"] == t
		})
		if at < 0 {
			return t + " is not set yet"
		}
		condition := conditions[at].(map[string]any)
		observed, told, _ := unstructured.NestedInt64(condition, "observedGeneration")
		switch {
		case told && observed < live.GetGeneration():
			return t + " is of an earlier generation"
		case condition["status"] != "True":
			return fmt.Sprintf("%s is %v (%v: %v)", t, condition["status"], condition["reason"], condition["message"])
		}
	}
	return ""
}

// listenersLack names the first listener that does not serve. Implementations that
// say nothing of a listener, or of a condition, are taken at the word of their Gateway.
func listenersLack(live *unstructured.Unstructured) string {
	for _, l := range mapsIn(live.Object, "status", "listeners") {
		conditions := conditionsOf(l)
		for _, t := range []string{"Accepted", "ResolvedRefs", "Programmed"} {
			if !slices.ContainsFunc(conditions, func(c any) bool { m, ok := c.(map[string]any); return ok && m["type"] == t }) {
				continue
			}
			if why := conditionsLack(live, conditions, t); why != "" {
				return fmt.Sprintf("listener %s: %s", text(l, "name", ""), why)
			}
		}
	}
	return ""
}

// policyLacks looks at what each ancestor says of a policy (GEP-713). Until a
// controller has answered, or the time is over, it waits.
func (c *Client) policyLacks(i *Item, until time.Time) lacks {
	return func(live *unstructured.Unstructured) string {
		ancestors := mapsIn(live.Object, "status", "ancestors")
		for _, a := range ancestors {
			if why := conditionsLack(live, conditionsOf(a), "Accepted"); why != "" {
				ref, _ := a["ancestorRef"].(map[string]any)
				return fmt.Sprintf("at %s: %s", parentText(ref), why)
			}
		}
		switch {
		case len(ancestors) > 0:
		case time.Now().Before(until):
			return "no controller has answered for it"
		default:
			c.say("  %s: no controller has said anything of it in %s, so that it may be without effect", i, grace)
		}
		return ""
	}
}

// routeLacks looks at every parent of the route: a mesh's Service has a controller
// too. A parent may have several entries, of several controllers; one that is content
// will do.
func routeLacks(live *unstructured.Unstructured) string {
	for _, ref := range mapsIn(live.Object, "spec", "parentRefs") {
		why := "no controller has answered for it"
		for _, status := range mapsIn(live.Object, "status", "parents") {
			of, _ := status["parentRef"].(map[string]any)
			if !sameParent(ref, of, live.GetNamespace()) {
				continue
			}
			if why = conditionsLack(live, conditionsOf(status), "Accepted", "ResolvedRefs"); why == "" {
				break
			}
		}
		if why != "" {
			return fmt.Sprintf("parent %s: %s", parentText(ref), why)
		}
	}
	return ""
}

func sameParent(a, b map[string]any, namespace string) bool {
	for field, otherwise := range map[string]string{"group": gatewayAPI, "kind": "Gateway", "namespace": namespace, "name": "", "sectionName": "", "port": ""} {
		if text(a, field, otherwise) != text(b, field, otherwise) {
			return false
		}
	}
	return true
}

func text(m map[string]any, field, otherwise string) string {
	if v, ok := m[field]; ok && v != nil {
		return fmt.Sprint(v)
	}
	return otherwise
}

func parentText(ref map[string]any) string {
	parts := []string{text(ref, "kind", "Gateway"), text(ref, "name", "")}
	if section := text(ref, "sectionName", ""); section != "" {
		parts = append(parts, section)
	}
	return strings.Join(parts, " ")
}
