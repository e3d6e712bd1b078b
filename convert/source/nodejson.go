package source

import "encoding/json"

// JSON is what stands at n and below, as encoding/json reads it into a type:
// numbers as they are written, keys in order.
func (n *Node) JSON() ([]byte, error) { return json.Marshal(n.plain()) }

// plain is n in terms of encoding/json.
func (n *Node) plain() any {
	switch n.Kind {
	case Null:
		return nil
	case Bool, Int, Float:
		return json.RawMessage(n.Value())
	case String:
		return n.Value()
	case List:
		list := make([]any, 0, len(n.Children()))
		for i := range n.Children() {
			list = append(list, n.Children()[i].plain())
		}
		return list
	case Map:
		fields := map[string]any{}
		for i := range n.Children() {
			c := &n.Children()[i]
			fields[c.Key()] = c.plain()
		}
		return fields
	}
	panic("unhandled " + n.Kind.String())
}
