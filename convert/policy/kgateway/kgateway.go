package kgateway

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Extender writes kgateway's resources.
type Extender struct {
	made map[gwapi.Key]bool // of the resources for routes
}

// New returns the Extender of one conversion.
func New() *Extender { return &Extender{made: map[gwapi.Key]bool{}} }

// Rule refers from the rules of act to what its answer, its time, its retries,
// its faults and its rewrite need. GRPCRoutes carry none of these.
func (*Extender) Rule(kind string, t *route.Table, act *route.Action) gwapi.Extension {
	var x gwapi.Extension
	if kind != "HTTPRoute" {
		return x
	}
	d := planned(act)
	x.Does = d.does
	for _, o := range d.objects(t.Name) {
		x.Filters = append(x.Filters, gatewayv1.HTTPRouteFilter{
			Type: gatewayv1.HTTPRouteFilterExtensionRef,
			ExtensionRef: &gatewayv1.LocalObjectReference{
				Group: group, Kind: gatewayv1.Kind(o.Kind), Name: gatewayv1.ObjectName(o.Value.GetName()),
			},
		})
	}
	return x
}

// Routes makes the resources that the rules of routes refer to, each once.
func (e *Extender) Routes(_ *mesh.Model, routes []gwapi.Extended) gwapi.Made {
	var made gwapi.Made
	for _, rt := range routes {
		v, ok := rt.Value.(*gatewayv1.HTTPRoute)
		if !ok {
			continue
		}
		for i, act := range rt.Actions {
			if act == nil {
				continue
			}
			d := planned(act)
			objects := d.referred(v, i)
			for _, o := range objects {
				o.Origin = rt.Origin
				if !e.made[o.Key()] {
					e.made[o.Key()] = true
					made.Objects = append(made.Objects, o)
				}
			}
			if len(objects) > 0 {
				made.Findings = append(made.Findings, d.findings...)
				made.Carried = append(made.Carried, d.carried(objects)...)
			}
		}
	}
	return made
}

// plan is what resources do for an action.
type plan struct {
	does     gwapi.Does
	direct   *DirectResponseSpec
	traffic  []TrafficPolicySpec // merged by kgateway field by field
	answers  []answer
	findings []finding.Finding // of what they do in another way
}

// answer is a finding that is taken back.
type answer struct {
	rule *finding.Rule
	at   finding.Place
}

// objects are the resources, without a place that they come from. Their names
// follow from what they say, so that rules that need the same share them.
func (d *plan) objects(of route.Name) []gwapi.Object {
	var all []gwapi.Object
	if d.direct != nil {
		all = append(all, gwapi.Object{Kind: directResponse, Value: &DirectResponse{
			TypeMeta: typeMeta(directResponse), ObjectMeta: named(of, d.direct), Spec: *d.direct,
		}})
	}
	for _, spec := range d.traffic {
		all = append(all, gwapi.Object{Kind: trafficPolicy, Value: &TrafficPolicy{
			TypeMeta: typeMeta(trafficPolicy), ObjectMeta: named(of, spec), Spec: spec,
		}})
	}
	return all
}

// referred are those of objects that rule i of a route refers to: a rule that is
// withheld for another reason refers to none.
func (d *plan) referred(v *gatewayv1.HTTPRoute, i int) []gwapi.Object {
	var all []gwapi.Object
	for _, f := range v.Spec.Rules[i].Filters {
		if f.ExtensionRef == nil || f.ExtensionRef.Group != group {
			continue
		}
		name := string(f.ExtensionRef.Name)
		of := route.Name{Namespace: v.Namespace, Name: name[:max(0, len(name)-1-hashLength)]}
		for _, o := range d.objects(of) {
			if o.Kind == string(f.ExtensionRef.Kind) && o.Value.GetName() == name {
				all = append(all, o)
			}
		}
	}
	return all
}

// carried says that faults, of which alone accounting speaks, are done by the
// policy that has them.
func (d *plan) carried(objects []gwapi.Object) []gwapi.Carried {
	var all []gwapi.Carried
	for _, o := range objects {
		p, ok := o.Value.(*TrafficPolicy)
		if !ok || p.Spec.FaultInjection == nil {
			continue
		}
		for _, a := range d.answers {
			all = append(all, gwapi.Carried{Rule: a.rule, At: a.at, By: fmt.Sprintf("%s %s/%s", trafficPolicy, p.Namespace, p.Name)})
		}
	}
	return all
}

func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: apiVersion, Kind: kind}
}

const (
	hashLength = 8
	nameLength = 253 // of names in Kubernetes
)

// named is the name of a resource for rules of an object: what spec says decides
// its end.
func named(of route.Name, spec any) metav1.ObjectMeta {
	text, err := json.Marshal(spec)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", spec, err)) // own structs of strings and numbers
	}
	sum := sha256.Sum256(text)
	name := strings.TrimRight(of.Name[:min(len(of.Name), nameLength-1-hashLength)], "-.")
	return metav1.ObjectMeta{Namespace: of.Namespace, Name: name + "-" + hex.EncodeToString(sum[:])[:hashLength]}
}
