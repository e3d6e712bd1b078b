package cost

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Machines are the nodes of a cluster, as far as they are in the input.
type Machines struct {
	Nodes   int
	Uneven  bool      // they are not of one size
	Each    Resources // what a node has for pods (status.allocatable), on average
	Pods    int       // living ones, in all namespaces of the input
	Request Resources // what all of these request
}

// MachinesOf reads Nodes, and Pods with an owner.
func MachinesOf(docs []*source.Document) (m Machines) {
	var sum, first Resources
	for _, d := range docs {
		data, err := d.Root.JSON()
		if err != nil {
			continue
		}
		switch d.Kind {
		case "Node":
			var n corev1.Node
			if json.Unmarshal(data, &n) != nil {
				continue
			}
			has := resourcesOf(n.Status.Allocatable)
			if m.Nodes == 0 {
				first = has
			}
			m.Nodes, m.Uneven, sum = m.Nodes+1, m.Uneven || has != first, sum.Plus(has)
		case "Pod":
			var p corev1.Pod
			if json.Unmarshal(data, &p) != nil || p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
				continue
			}
			m.Pods, m.Request = m.Pods+1, m.Request.Plus(requests(p.Spec))
		}
	}
	if m.Nodes > 0 {
		m.Each = sum.Times(1 / float64(m.Nodes))
	}
	return m
}

// requests is what a pod needs of a node, as the scheduler sees it: containers and
// sidecars together, or the init container that needs more beside the sidecars that
// run by then (KEP-753).
func requests(spec corev1.PodSpec) Resources {
	var running, starting Resources
	for _, c := range spec.InitContainers {
		own := resourcesOf(c.Resources.Requests)
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			running = running.Plus(own)
			starting = starting.Most(running)
			continue
		}
		starting = starting.Most(running.Plus(own))
	}
	for _, c := range spec.Containers {
		running = running.Plus(resourcesOf(c.Resources.Requests))
	}
	return running.Most(starting)
}

func resourcesOf(list corev1.ResourceList) Resources {
	return Resources{list.Cpu().AsApproximateFloat64(), list.Memory().AsApproximateFloat64()}
}
