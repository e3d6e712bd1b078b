package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
)

// lookEvery is how often conditions are looked at.
const lookEvery = 500 * time.Millisecond

// grace is how long the controller of a policy may take to say anything. Some never
// do, and what they are silent about is no reason to fail.
const grace = 10 * time.Second

// NotReady says what an object still lacks when the time is over.
type NotReady struct {
	Object string // Gateway shop/edge, with its place where it has one
	Why    string
}

func (e *NotReady) Error() string {
	return fmt.Sprintf("%s is not ready: %s. What was applied stays; run it again to go on waiting, or mesh2gw rollback to remove it", e.Object, e.Why)
}

// lacks says what an object still lacks; "" for nothing.
type lacks func(live *unstructured.Unstructured) string

// await waits until Gateways are programmed, and routes accepted with all references
// resolved, by every parent.
func (c *Client) await(ctx context.Context, items []*Item) error {
	for _, i := range items {
		var what lacks
		switch i.stage {
		case stageGateways:
			what = func(live *unstructured.Unstructured) string {
				return conditionsLack(live, conditionsOf(live.Object, "status"), "Accepted", "Programmed")
			}
		case stageRoutes:
			what = routeLacks
		default:
			continue
		}
		if err := c.awaitOne(ctx, i, what); err != nil {
			return err
		}
	}
	return nil
}

// settle waits, when all is there, for what needed all of it: policies whose target
// came after them, certificates, and the listeners of Gateways. A Gateway may be
// programmed with one that was not opened.
func (c *Client) settle(ctx context.Context, items []*Item) error {
	for _, i := range items {
		var what lacks
		switch {
		case i.stage == stageGateways:
			what = listenersLack
		case i.GroupVersionKind().Group == "cert-manager.io":
			what = func(live *unstructured.Unstructured) string {
				return conditionsLack(live, conditionsOf(live.Object, "status"), "Ready")
			}
		case strings.HasSuffix(i.GetKind(), "Policy"):
			what = c.policyLacks(i, time.Now().Add(grace))
		default:
			continue
		}
		if err := c.awaitOne(ctx, i, what); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) awaitOne(ctx context.Context, i *Item, what lacks) error {
	why, told := "", false
	err := wait.PollUntilContextCancel(ctx, lookEvery, true, func(context.Context) (bool, error) {
		live, err := c.get(ctx, i)
		if err != nil {
			return false, err
		}
		why = what(live)
		if why != "" && !told {
			told = true
			c.say("  waiting for %s: %s", i, why)
		}
		return why == "", nil
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded) && why != "":
		return &NotReady{fmt.Sprintf("%s: %s", place(i.Doc), i), why}
	}
	return fmt.Errorf("wait for %s: %w", i, err)
}

// gone waits until an object that is being deleted is no more.
func (c *Client) gone(ctx context.Context, at dynamic.ResourceInterface, o *unstructured.Unstructured) error {
	told, last := false, o
	err := wait.PollUntilContextCancel(ctx, lookEvery, true, func(context.Context) (bool, error) {
		err := c.again(ctx, func() error {
			live, err := at.Get(ctx, o.GetName(), metav1.GetOptions{})
			if err == nil {
				last = live
			}
			return err
		})
		switch {
		case apierrors.IsNotFound(err), err == nil && last.GetUID() != o.GetUID():
			return true, nil
		case err != nil:
			return false, err
		}
		if !told {
			told = true
			c.say("  waiting for %s to be gone", title(o))
		}
		return false, nil
	})
	if err == nil {
		return nil
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &NotReady{title(o), fmt.Sprintf("it is being deleted, and held back by the finalizers %s", strings.Join(last.GetFinalizers(), ", "))}
	}
	return fmt.Errorf("wait until %s is gone: %w", title(o), err)
}
