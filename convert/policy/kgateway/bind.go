package kgateway

import (
	"bytes"
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Bind types a document of kgateway that has a bearing on what rules do; false
// for any other. One with fields that are not known here is marked, so that
// nothing is said of the rules that it is for.
func Bind(d *source.Document) (gwapi.Object, []finding.Finding, bool) {
	if d.APIVersion != apiVersion || d.Root == nil {
		return gwapi.Object{}, nil, false
	}
	var value metav1.Object
	var mark *bool
	switch d.Kind {
	case trafficPolicy:
		v := &TrafficPolicy{}
		value, mark = v, &v.opaque
	case directResponse:
		v := &DirectResponse{}
		value, mark = v, &v.opaque
	default:
		return gwapi.Object{}, nil, false
	}
	text, err := json.Marshal(plain(d.Root))
	if err != nil {
		return gwapi.Object{}, []finding.Finding{finding.New(rule.GatewayAPIType, d.Place(), "%s can't be read: %v.", d.Object(), err)}, false
	}
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if strict.Decode(value) != nil {
		*mark = true
		if err := json.Unmarshal(text, value); err != nil {
			return gwapi.Object{}, []finding.Finding{finding.New(rule.GatewayAPIType, d.Place(), "%s can't be read: %v.", d.Object(), err)}, false
		}
	}
	at := d.Place()
	return gwapi.Object{Kind: d.Kind, Value: value, Origin: gwapi.Origin{Pos: at.Pos, What: d.Object()}, Root: d.Root}, nil, true
}

// plain is a node as encoding/json writes it.
func plain(n *source.Node) any {
	switch n.Kind {
	case source.Null:
		return nil
	case source.Bool, source.Int, source.Float:
		return json.RawMessage(n.Value())
	case source.String:
		return n.Value()
	case source.List:
		list := make([]any, 0, len(n.Children()))
		for i := range n.Children() {
			list = append(list, plain(&n.Children()[i]))
		}
		return list
	case source.Map:
		fields := map[string]any{}
		for i := range n.Children() {
			c := &n.Children()[i]
			fields[c.Key()] = plain(c)
		}
		return fields
	}
	panic("unhandled " + n.Kind.String())
}
