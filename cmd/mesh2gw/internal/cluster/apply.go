package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	Prune   bool   // what the set holds beside the input is removed afterwards
	Wait    bool   // for Gateways and routes to be accepted, and for what is removed to be gone
	Timeout time.Duration
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

// Apply has the server judge all items before it writes the first, then applies
// them stage by stage. Each step can be done again: when it is interrupted, the next
// run goes on. What was done is returned in any case.
func (c *Client) Apply(ctx context.Context, items []*Item, o Options) (changes []Change, err error) {
	ctx, stop := context.WithTimeout(ctx, o.Timeout)
	defer stop()
	if err := c.resolve(ctx, items); err != nil {
		return nil, err
	}
	if err := c.ours(ctx, items, o); err != nil {
		return nil, err
	}
	judged, err := c.rehearse(ctx, items, o)
	if err != nil || o.DryRun {
		return judged, err
	}
	for s := range stage(len(stages)) {
		done, err := c.applyStage(ctx, s, judged, o)
		changes = append(changes, done...)
		if err != nil {
			return changes, err
		}
	}
	if o.Wait {
		return changes, c.settle(ctx, items)
	}
	return changes, nil
}

// rehearse has the server judge each item, with all of its validation and admission.
// It says of all items what is in the way, not of the first alone.
func (c *Client) rehearse(ctx context.Context, items []*Item, o Options) (judged []Change, err error) {
	var refused []error
	dry := o
	dry.DryRun = true
	for _, i := range items {
		change, err := c.apply(ctx, i, dry)
		switch {
		case err == nil:
		case !Refused(err):
			return judged, err
		case !o.DryRun && strings.Contains(err.Error(), "does not support dry run"): // of an admission webhook
			c.say("  %s can't be judged before it is applied: %v", i, err)
			change.Did = Changed
		default:
			refused = append(refused, err)
			continue
		}
		judged = append(judged, change)
	}
	if len(refused) > 0 && !o.DryRun {
		refused = append(refused, errors.New("nothing was applied"))
	}
	return judged, errors.Join(refused...)
}

// applyStage applies what the rehearsal says will change, and waits for all of it.
func (c *Client) applyStage(ctx context.Context, s stage, judged []Change, o Options) (done []Change, err error) {
	var of []*Item
	for _, change := range judged {
		if change.Item.stage == s {
			of = append(of, change.Item)
		}
	}
	if len(of) == 0 {
		return nil, nil
	}
	c.say("%s: %d", stages[s], len(of))
	for _, change := range judged {
		if change.Item.stage != s {
			continue
		}
		if change.Did != Unchanged {
			if change, err = c.apply(ctx, change.Item, o); err != nil {
				return done, err
			}
			c.say("  %s %s", change.Item, change.Did)
		}
		done = append(done, change)
	}
	if o.Wait {
		return done, c.await(ctx, of)
	}
	return done, nil
}

// ours makes sure, before anything is written, that no object of the input is
// somebody else's.
func (c *Client) ours(ctx context.Context, items []*Item, o Options) error {
	var theirs []error
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
		case o.Adopt || managed && set == o.Set:
		case managed && set != "":
			theirs = append(theirs, &Conflict{i, fmt.Sprintf("it is of the set %s: name that one (--set), or take it over with --adopt", set)})
		default:
			theirs = append(theirs, &Conflict{i, "it is there, and not from mesh2gw: a rollback would remove it. Rename yours, or take it over with --adopt"})
		}
	}
	return errors.Join(theirs...)
}

func (c *Client) of(i *Item) dynamic.ResourceInterface {
	return c.Dynamic.Resource(i.gvr).Namespace(i.GetNamespace())
}

func (c *Client) get(ctx context.Context, i *Item) (live *unstructured.Unstructured, err error) {
	err = c.again(ctx, func() error {
		live, err = c.of(i).Get(ctx, i.GetName(), metav1.GetOptions{})
		return err
	})
	return live, err
}

// apply applies one object by server-side apply. What is on its way out has to be
// gone first: the server would take the change, and then remove the object with it.
func (c *Client) apply(ctx context.Context, i *Item, o Options) (Change, error) {
	change := Change{Item: i, Did: Created}
	before, err := c.get(ctx, i)
	switch {
	case apierrors.IsNotFound(err):
	case err != nil:
		return change, fmt.Errorf("%s: get %s: %w", place(i.Doc), i, err)
	case before.GetDeletionTimestamp() == nil:
		change.Before = before
	case o.DryRun:
		return change, nil // it will be made anew, and the server can't judge that now
	default:
		if err := c.gone(ctx, c.of(i), before); err != nil {
			return change, err
		}
	}
	data, err := i.labelled(o.Set)
	if err != nil {
		return change, err
	}
	// Strict: CRDs of an older bundle would drop the fields that they do not know.
	options := metav1.PatchOptions{FieldManager: Manager, Force: &o.Force, FieldValidation: metav1.FieldValidationStrict}
	if o.DryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	err = c.again(ctx, func() error {
		change.After, err = c.of(i).Patch(ctx, i.GetName(), types.ApplyPatchType, data, options)
		return err
	})
	switch {
	case err != nil:
		return change, refusal(i, err)
	case change.Before == nil:
	case same(change.Before, change.After):
		change.Did = Unchanged
	default:
		change.Did = Changed
	}
	return change, nil
}

// labelled is the object as JSON with the labels of the set.
func (i *Item) labelled(set string) ([]byte, error) {
	wanted := i.DeepCopy()
	labels := wanted.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[managedBy], labels[SetLabel] = Manager, set
	wanted.SetLabels(labels)
	data, err := wanted.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", place(i.Doc), err)
	}
	return data, nil
}

// refusal says what the server has against an object, with a way out where there is
// one.
func refusal(i *Item, err error) error {
	switch {
	case apierrors.IsConflict(err):
		return &Conflict{i, fmt.Sprintf("%v. Settle it with who manages these fields, or take them over with --force-conflicts", err)}
	case unknownField(err):
		return &Conflict{i, fmt.Sprintf("%v. The CRDs that are installed lack the field: convert for their release (--gateway-api, --channel), or update them", err)}
	}
	return fmt.Errorf("%s: apply %s: %w", place(i.Doc), i, err)
}

// same tells whether an apply changes nothing, nor who manages what. A dry run has no
// version of its own.
func same(before, after *unstructured.Unstructured) bool {
	return before.GetResourceVersion() == after.GetResourceVersion() && before.GetGeneration() == after.GetGeneration() &&
		owned(before) == owned(after) && plain(before) == plain(after)
}

// owned are the fields that are managed here, as the server writes them.
func owned(o *unstructured.Unstructured) string {
	all := o.GetManagedFields()
	at := slices.IndexFunc(all, applied)
	if at < 0 || all[at].FieldsV1 == nil {
		return ""
	}
	text, err := json.Marshal(all[at].FieldsV1)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// applied tells whether an entry is that of an apply.
func applied(f metav1.ManagedFieldsEntry) bool {
	return f.Manager == Manager && f.Operation == metav1.ManagedFieldsOperationApply && f.Subresource == ""
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
