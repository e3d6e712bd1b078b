package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
)

// Manager is the field manager of what is applied, and managedBy and SetLabel say
// which objects a set is made of: those, and no others, are pruned and rolled back.
const (
	Manager   = "mesh2gw"
	managedBy = "app.kubernetes.io/managed-by"
	SetLabel  = "mesh2gw.io/set"
)

// Options steer an apply.
type Options struct {
	Set     string // its name, by which a later run finds it
	DryRun  bool   // the server judges, and changes nothing
	Force   bool   // take fields over that others manage
	Adopt   bool   // take objects over that were there before
	Wait    bool   // for Gateways and routes to be accepted
	Say     func(format string, args ...any)
	Timeout time.Duration // for waiting, and for a server that does not answer
}

// Change is what an apply did to an object.
type Change struct {
	Item   *Item
	Did    string // created, changed, unchanged
	Before *unstructured.Unstructured
	After  *unstructured.Unstructured
}

// What was done.
const (
	Created   = "created"
	Changed   = "changed"
	Unchanged = "unchanged"
)

// Conflict says that an object can't be applied as it is: others manage it or its
// fields, or the CRDs lack some.
type Conflict struct {
	Item *Item
	Why  string
}

func (e *Conflict) Error() string { return fmt.Sprintf("%s: %s: %s", place(e.Item.Doc), e.Item, e.Why) }

// Apply applies items stage by stage. Each step can be done again: when it is
// interrupted, the next run goes on. What was done is returned in any case.
func (c *Client) Apply(ctx context.Context, items []*Item, o Options) (changes []Change, err error) {
	ctx, stop := context.WithTimeout(ctx, o.Timeout)
	defer stop()
	if err := c.resolve(ctx, items); err != nil {
		return nil, err
	}
	if err := c.ours(ctx, items, o); err != nil {
		return nil, err
	}
	for s := stageServices; s <= stageRoutes; s++ {
		var of []*Item
		for _, i := range items {
			if i.stage == s {
				of = append(of, i)
			}
		}
		if len(of) == 0 {
			continue
		}
		o.Say("%s: %d", stages[s], len(of))
		for _, i := range of {
			change, err := c.apply(ctx, i, o)
			if err != nil {
				return changes, err
			}
			changes = append(changes, change)
		}
		if o.Wait && !o.DryRun {
			if err := c.await(ctx, of, o); err != nil {
				return changes, err
			}
		}
	}
	return changes, nil
}

// ours makes sure, before anything is written, that no object of the input is
// somebody else's.
func (c *Client) ours(ctx context.Context, items []*Item, o Options) error {
	for _, i := range items {
		live, err := c.get(ctx, i)
		switch {
		case apierrors.IsNotFound(err):
			continue
		case err != nil:
			return fmt.Errorf("%s: get %s: %w", place(i.Doc), i, err)
		}
		set, managed := live.GetLabels()[SetLabel], live.GetLabels()[managedBy] == Manager
		switch {
		case managed && set == o.Set:
		case managed && set != "" && !o.Adopt:
			return &Conflict{i, fmt.Sprintf("it is of the set %s: name that one (--set), or take it over with --adopt", set)}
		case !o.Adopt:
			return &Conflict{i, "it is there, and not from mesh2gw: a rollback would remove it. Rename yours, or take it over with --adopt"}
		}
	}
	return nil
}

func (c *Client) of(i *Item) dynamic.ResourceInterface {
	return c.Dynamic.Resource(i.gvr).Namespace(i.GetNamespace())
}

func (c *Client) get(ctx context.Context, i *Item) (live *unstructured.Unstructured, err error) {
	err = again(ctx, func() error {
		live, err = c.of(i).Get(ctx, i.GetName(), metav1.GetOptions{})
		return err
	})
	return live, err
}

// apply applies one object by server-side apply.
func (c *Client) apply(ctx context.Context, i *Item, o Options) (Change, error) {
	change := Change{Item: i, Did: Created}
	before, err := c.get(ctx, i)
	switch {
	case err == nil:
		change.Before = before
	case !apierrors.IsNotFound(err):
		return change, fmt.Errorf("%s: get %s: %w", place(i.Doc), i, err)
	}
	wanted := i.DeepCopy()
	labels := wanted.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[managedBy], labels[SetLabel] = Manager, o.Set
	wanted.SetLabels(labels)
	data, err := wanted.MarshalJSON()
	if err != nil {
		return change, fmt.Errorf("%s: %w", place(i.Doc), err)
	}
	// Strict: CRDs of an older bundle would drop the fields that they do not know.
	options := metav1.PatchOptions{FieldManager: Manager, Force: &o.Force, FieldValidation: metav1.FieldValidationStrict}
	if o.DryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	err = again(ctx, func() error {
		change.After, err = c.of(i).Patch(ctx, i.GetName(), types.ApplyPatchType, data, options)
		return err
	})
	switch {
	case apierrors.IsConflict(err):
		return change, &Conflict{i, fmt.Sprintf("%v. Settle it with who manages these fields, or take them over with --force-conflicts", err)}
	case err != nil && unknownField(err):
		return change, &Conflict{i, fmt.Sprintf("%v. The CRDs that are installed lack the field: convert for their release (--gateway-api, --channel), or update them", err)}
	case err != nil:
		return change, fmt.Errorf("%s: apply %s: %w", place(i.Doc), i, err)
	case change.Before == nil:
	case same(change.Before, change.After):
		change.Did = Unchanged
	default:
		change.Did = Changed
	}
	if change.Did != Unchanged {
		o.Say("  %s %s", i, change.Did)
	}
	return change, nil
}

// same tells whether an apply changed nothing: a dry run has no version of its own.
func same(before, after *unstructured.Unstructured) bool {
	return before.GetResourceVersion() == after.GetResourceVersion() && before.GetGeneration() == after.GetGeneration() && plain(before) == plain(after)
}

// plain is an object as YAML, without what the server keeps for itself.
func plain(o *unstructured.Unstructured) string {
	if o == nil {
		return ""
	}
	file, err := fileOf(o, "")
	if err != nil {
		return err.Error()
	}
	return string(file.Data)
}

// Texts are an object before and after, for a diff.
func (c Change) Texts() (before, after string) { return plain(c.Before), plain(c.After) }

// Refused tells whether err says that something is in the way, rather than that
// something failed.
func Refused(err error) bool {
	var conflict *Conflict
	var unserved *NotServed
	var waiting *NotReady
	return errors.As(err, &conflict) || errors.As(err, &unserved) || errors.As(err, &waiting) ||
		apierrors.IsForbidden(err) || apierrors.IsInvalid(err) || apierrors.IsBadRequest(err) || apierrors.IsNotFound(err) || apierrors.IsUnauthorized(err)
}
