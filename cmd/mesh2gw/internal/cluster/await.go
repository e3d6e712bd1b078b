package cluster

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
)

// lookEvery is how often conditions are looked at.
const lookEvery = 500 * time.Millisecond

// NotReady says what an object still lacks when the time is over.
type NotReady struct {
	Item *Item
	Why  string
}

func (e *NotReady) Error() string {
	return fmt.Sprintf("%s: %s is not ready: %s. What was applied stays; run it again to go on waiting, or mesh2gw rollback to remove it", place(e.Item.Doc), e.Item, e.Why)
}

// await waits until Gateways are programmed, and routes accepted with all references
// resolved, by every parent.
func (c *Client) await(ctx context.Context, items []*Item, o Options) error {
	for _, i := range items {
		lacks := lacking(i)
		if lacks == nil {
			continue
		}
		why, told := "", false
		err := wait.PollUntilContextCancel(ctx, lookEvery, true, func(context.Context) (bool, error) {
			live, err := c.get(ctx, i)
			if err != nil {
				return false, err
			}
			why = lacks(live)
			if why != "" && !told {
				told = true
				o.Say("  waiting for %s: %s", i, why)
			}
			return why == "", nil
		})
		switch {
		case err == nil:
		case ctx.Err() == context.DeadlineExceeded && why != "":
			return &NotReady{i, why}
		default:
			return fmt.Errorf("wait for %s: %w", i, err)
		}
	}
	return nil
}

// lacking says how to tell what an object still lacks; nil for one that has no
// conditions to wait for.
func lacking(i *Item) func(*unstructured.Unstructured) string {
	switch {
	case i.stage == stageRoutes:
		return routeLacks
	case i.stage == stageGateways:
		return func(live *unstructured.Unstructured) string {
			conditions, _, _ := unstructured.NestedSlice(live.Object, "status", "conditions")
			return conditionsLack(live, conditions, "Accepted", "Programmed")
		}
	}
	return nil
}

// conditionsLack names the first condition that does not hold for the generation
// that was applied; "" where all do.
func conditionsLack(live *unstructured.Unstructured, conditions []any, types ...string) string {
	for _, t := range types {
		found := "is not set yet"
		for _, c := range conditions {
			condition, _ := c.(map[string]any)
			if condition["type"] != t {
				continue
			}
			observed, _, _ := unstructured.NestedInt64(condition, "observedGeneration")
			switch {
			case condition["status"] != "True":
				found = fmt.Sprintf("is %v (%v: %v)", condition["status"], condition["reason"], condition["message"])
			case observed < live.GetGeneration():
				found = "is of an earlier generation"
			default:
				found = ""
			}
			break
		}
		if found != "" {
			return t + " " + found
		}
	}
	return ""
}

// routeLacks looks at every parent of the route: a mesh's Service has a controller
// too. A parent may have several entries, of several controllers; one that is content
// will do.
func routeLacks(live *unstructured.Unstructured) string {
	parents, _, _ := unstructured.NestedSlice(live.Object, "spec", "parentRefs")
	statuses, _, _ := unstructured.NestedSlice(live.Object, "status", "parents")
	for _, p := range parents {
		ref, _ := p.(map[string]any)
		why := "no controller has answered for it"
		for _, s := range statuses {
			status, _ := s.(map[string]any)
			of, _ := status["parentRef"].(map[string]any)
			if !sameParent(ref, of, live.GetNamespace()) {
				continue
			}
			conditions, _ := status["conditions"].([]any)
			if why = conditionsLack(live, conditions, "Accepted", "ResolvedRefs"); why == "" {
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
