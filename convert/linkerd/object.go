package linkerd

import (
	"time"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// profile is a ServiceProfile.
type profile struct {
	route.Name                // the namespace is resolved
	service    route.Name     // by the name of the object
	root       *source.Node   // of the object
	routes     []profileRoute // the first one whose condition holds decides
	budget     *budget        // nil where none is written
	overrides  []override
	over       *source.Node // dstOverrides, or what stands for it in a TrafficSplit; nil without
	skipsSplit bool         // the annotation that keeps SMI's adaptor away
	made       string       // the name of the TrafficSplit that it is made of; "" where it is written
}

// profileRoute is an element of routes.
type profileRoute struct {
	node      *source.Node
	name      string
	condition condition
	classes   []class
	retryable *source.Node // isRetryable, where it is true
	timeout   time.Duration
}

// condition is a RequestMatch: all of what is written holds.
type condition struct {
	node   *source.Node
	all    []condition
	any    []condition
	not    *condition
	hasAll bool // also of nothing, which holds
	hasAny bool // also of nothing, which does not hold
	path   *source.Node
	method *source.Node
}

// class is a ResponseClass: whether answers that meet a condition are failures.
type class struct {
	condition answer
	failure   bool
}

// answer is a ResponseMatch: all of what is written holds.
type answer struct {
	all    []answer
	any    []answer
	not    *answer
	hasAll bool
	hasAny bool
	status *statusRange
}

// statusRange is of both ends.
type statusRange struct{ min, max uint32 }

// budget is a RetryBudget.
type budget struct {
	node      *source.Node
	ratio     float64
	perSecond uint32
	ttl       time.Duration
	// ignored says why the proxy does not take it, and then retries nothing.
	ignored string
}

// override is a WeightedDst, or a backend of a TrafficSplit.
type override struct {
	node    *source.Node
	host    string
	port    uint32 // 0: that of the request
	weight  uint32 // in ten-thousandths, as the proxy gets it
	service route.Name
	known   bool // host is the name of a Service
}

// split is a TrafficSplit.
type split struct {
	route.Name
	root     *source.Node
	service  string // the apex, as written
	backends []override
	at       *source.Node // spec.backends
}
