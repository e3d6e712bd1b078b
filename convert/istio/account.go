package istio

import (
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Account judges every key of o by the field table. Of fields that have a
// counterpart, whole or in part, the linker and the builders speak; of keys
// that no field has, Bind has spoken.
func Account(o *Object) []finding.Finding {
	if o.Spec == nil {
		return nil
	}
	a := &account{}
	a.envelope(o.Root)
	o.fields(func(_ string, r *Row, n *source.Node) { a.row(r, n) })
	return a.findings
}

// Uses calls visit for every field of the spec that o writes, with its row of the
// field table, as far as that table goes: not for messages whose fields are judged
// one by one, nor for what stands below a field that is judged as a whole.
func Uses(o *Object, visit func(Row, *source.Node)) {
	if o.Spec != nil {
		o.fields(func(path string, r *Row, n *source.Node) {
			row := *r
			row.Path = path
			visit(row, n)
		})
	}
}

func (o *Object) fields(visit func(string, *Row, *source.Node)) {
	if spec := o.nodes.get(o.Spec); spec != nil && spec != o.Root {
		writtenFields(schema()[o.Spec.ProtoReflect().Descriptor().FullName()], spec, visit)
	}
}

func writtenFields(t *message, n *source.Node, visit func(string, *Row, *source.Node)) {
	if n.Kind != source.Map {
		return // Bind has said so
	}
	for i := range n.Children() {
		c := &n.Children()[i]
		f := t.fields[c.Key()]
		switch {
		case f == nil || f.row == nil || c.Kind == source.Null:
		case f.row.Verdict != Inside:
			visit(t.path+"."+string(f.desc.Name()), f.row, c)
		case f.desc.IsList() || f.desc.IsMap():
			for j := range c.Children() {
				writtenFields(f.message, &c.Children()[j], visit)
			}
		default:
			writtenFields(f.message, c, visit)
		}
	}
}

type account struct {
	findings []finding.Finding
}

// envelope judges what stands around the spec.
func (a *account) envelope(root *source.Node) {
	for i := range root.Children() {
		c := &root.Children()[i]
		switch row := fields[c.Key()]; {
		case strings.Contains(c.Key(), ".") || row == nil:
			a.add(c, rule.StrayKey, c.Key()+" stands beside the spec, where the API server drops it; it has no effect today.")
		case row.Verdict == Inside && c.Key() == "metadata":
			a.metadata(c)
		}
	}
}

func (a *account) metadata(meta *source.Node) {
	for i := range meta.Children() {
		c := &meta.Children()[i]
		row := fields["metadata."+c.Key()]
		if row == nil {
			a.add(c, rule.UnknownMetadata, c.Key()+" is no part of an object's metadata; the API server drops it.")
			continue
		}
		a.row(row, c)
	}
}

func (a *account) row(r *Row, n *source.Node) {
	if r.judge == nil || n.Kind == source.Null {
		return
	}
	if said, message := r.judge(n); said != nil {
		a.add(n, said, message)
	}
}

func (a *account) add(n *source.Node, r *finding.Rule, message string) {
	a.findings = append(a.findings, finding.New(r, n.Place(), "%s", message))
}
