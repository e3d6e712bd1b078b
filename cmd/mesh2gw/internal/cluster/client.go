// Package cluster reads meshes from a cluster, and applies to it what was made of
// them.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
)

// Target says which cluster, as kubectl's flags of these names do.
type Target struct {
	Kubeconfig string    // "": $KUBECONFIG, ~/.kube/config, or the pod's own account
	Context    string    // "": the current one
	Warnings   io.Writer // takes what the server warns of; nil for nobody
}

// Client talks to a cluster.
type Client struct {
	Dynamic   dynamic.Interface
	Discovery discovery.CachedDiscoveryInterface
	Mapper    *restmapper.DeferredDiscoveryRESTMapper
	Host      string                           // for people: https://10.0.0.1:6443
	Context   string                           // its name; "" inside of a pod
	Say       func(format string, args ...any) // takes what happens on the way; nil for nobody
}

// The rate that the API server is asked at, at most: as kubectl's.
const (
	perSecond = 50
	atOnce    = 300
)

// requestTimeout is for one request: a page of 500 objects comes in less, and a
// server that takes a connection and never answers must not hold a run for good.
const requestTimeout = time.Minute

// Connect reads the configuration. Nothing is sent yet.
func Connect(t Target) (*Client, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = t.Kubeconfig
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: t.Context})
	config, err := loader.ClientConfig()
	if err != nil {
		if clientcmd.IsEmptyConfig(err) {
			err = errors.New("there is none; name one by --kubeconfig or $KUBECONFIG")
		}
		return nil, fmt.Errorf("kubeconfig: %w", err)
	}
	config.QPS, config.Burst, config.UserAgent, config.Timeout = perSecond, atOnce, "mesh2gw", requestTimeout
	config.WarningHandlerWithContext = rest.NoWarnings{}
	if t.Warnings != nil {
		config.WarningHandler = rest.NewWarningWriter(t.Warnings, rest.WarningWriterOptions{Deduplicate: true})
		config.WarningHandlerWithContext = nil
	}
	return clientOf(config, contextOf(loader, t))
}

func contextOf(loader clientcmd.ClientConfig, t Target) string {
	if raw, err := loader.RawConfig(); err == nil && t.Context == "" {
		return raw.CurrentContext
	}
	return t.Context
}

func clientOf(config *rest.Config, name string) (*Client, error) {
	c := &Client{Host: config.Host, Context: name}
	var err error
	if c.Dynamic, err = dynamic.NewForConfig(config); err != nil {
		return nil, err
	}
	found, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	c.Discovery = memory.NewMemCacheClient(found)
	c.Mapper = restmapper.NewDeferredDiscoveryRESTMapper(c.Discovery)
	return c, nil
}

// Name is the cluster in a sentence.
func (c *Client) Name() string {
	if c.Context == "" {
		return c.Host
	}
	return fmt.Sprintf("%s (%s)", c.Context, c.Host)
}

// The pauses between tries grow from the first to the longest.
const (
	firstPause   = 200 * time.Millisecond
	longestPause = 3 * time.Second
)

// patience is how long a server may not answer where nobody has set a limit.
const patience = 2 * time.Minute

// again calls what until it works, ctx ends, or it fails for a reason that waiting
// does not mend. The error is the last that what gave.
func (c *Client) again(ctx context.Context, what func() error) error {
	var tired <-chan time.Time
	for pause := firstPause; ; pause = min(pause*3/2, longestPause) {
		err := what()
		if err == nil || ctx.Err() != nil || !passing(err) {
			return err
		}
		if pause == firstPause {
			c.say("the server does not answer; trying again: %v", err)
			if _, limited := ctx.Deadline(); !limited {
				tired = time.After(patience)
			}
		}
		select {
		case <-ctx.Done():
			return err
		case <-tired:
			return err
		case <-time.After(pause):
		}
	}
}

func (c *Client) say(format string, args ...any) {
	if c.Say != nil {
		c.Say(format, args...)
	}
}

// Reach asks the server for its version, once: a wrong address or certificate does
// not get better by asking again.
func (c *Client) Reach() error {
	if _, err := c.Discovery.ServerVersion(); err != nil {
		return fmt.Errorf("ask %s for its version: %w", c.Name(), err)
	}
	return nil
}

// passing tells whether an error may go away by itself: a server that is not there,
// starts, or has too much to do.
func passing(err error) bool {
	var connection *url.Error
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled), unknownField(err):
		return false
	case apierrors.IsServerTimeout(err), apierrors.IsTimeout(err), apierrors.IsTooManyRequests(err), apierrors.IsServiceUnavailable(err),
		apierrors.IsInternalError(err), apierrors.IsUnexpectedServerError(err):
		return true
	}
	return errors.As(err, &connection) || errors.As(err, &network)
}

// unknownField tells whether the CRDs lack a field that was applied. The server has no
// reason of its own for it, only status 500 (apimachinery: managedfields).
func unknownField(err error) bool {
	return strings.Contains(err.Error(), "field not declared in schema")
}
