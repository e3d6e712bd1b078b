package main

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/krm"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
)

// configure sets the flags of c by the functionConfig. What is wrong with that
// is a result, too.
func configure(c *cli.Context, list *krm.List) error {
	settings, config, err := list.Config()
	if err != nil {
		err = usagef(c, "%v", err)
	}
	for _, s := range settings {
		if err == nil {
			err = setFlag(c, s)
		}
	}
	if err == nil {
		_, err = convertOptions(c)
	}
	switch {
	case err == nil:
	case config == nil:
		list.Results = append(list.Results, krm.Result{Message: err.Error(), Severity: "error"})
	default:
		list.Results = append(list.Results, krm.About(config, "error", "%v", err))
	}
	return err
}

// setFlag sets the flag that s names, and checks its value as the command line
// would.
func setFlag(c *cli.Context, s krm.Setting) error {
	f := flagNamed(c.Command, s.Name)
	if f == nil || f.Names()[0] == "help" {
		return usagef(c, "functionConfig: %s: there is no such option%s", s.Field, nearFlag(c, s.Name))
	}
	if err := c.Set(s.Name, s.Value); err != nil {
		return usagef(c, "functionConfig: %s: %q is no value of it", s.Field, s.Value)
	}
	if f, ok := f.(*cli.StringFlag); ok && f.Action != nil {
		if err := f.Action(c, s.Value); err != nil {
			return usagef(c, "functionConfig: %s: %s", s.Field, strings.TrimPrefix(err.Error(), "--"+s.Name+" "))
		}
	}
	return nil
}

// nearFlag suggests a flag; names may have been written in camel case.
func nearFlag(c *cli.Context, name string) string {
	plain := func(s string) string { return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(s)) }
	for _, f := range c.Command.Flags {
		if near := f.Names()[0]; plain(near) == plain(name) {
			return "; did you mean " + near + "?"
		}
	}
	near := strings.TrimLeft(cli.SuggestFlag(c.Command.Flags, name, true), "-")
	if near == "" || name == "" || near[0] != name[0] {
		return ""
	}
	return "; did you mean " + near + "?"
}

// replaceItems puts objects into the list. Istio's objects leave it all at once
// or not at all: a VirtualService that stays needs its DestinationRules and
// Gateways. With an error nothing leaves, since some request is handled
// differently without them.
func replaceItems(c *cli.Context, list *krm.List, objects []gwapi.Object, items map[string]*krm.Item, worst finding.Severity) error {
	if !slices.ContainsFunc(list.Items, (*krm.Item).Istio) {
		return nil
	}
	asked := c.String("istio") == "keep"
	keep := asked || worst >= finding.Error
	for _, item := range list.DropMade() {
		list.Results = append(list.Results, krm.About(item, "warning",
			"%s stays as it is: not all that it was made from is there any more (%s). Delete it, or its annotation %s once it is yours.",
			item.Object(), item.Annotation(krm.MadeKey), krm.MadeKey))
	}
	switch {
	case !keep:
		list.Items = slices.DeleteFunc(list.Items, (*krm.Item).Istio)
	case !asked:
		tellKept(list)
	}
	taken, pack := list.Paths(), print.PackYAML(false)
	for _, o := range objects {
		made, err := madeItem(o, pack, items)
		if err != nil {
			return err
		}
		if from := items[o.Origin.Pos.File]; from.Located() {
			made.Locate(freePath(from, o.Key(), taken), from)
		}
		if keep {
			made.Sources(sourcesOf(o, items))
		}
		list.Items = append(list.Items, made)
	}
	return nil
}

// madeItem is o as an item.
func madeItem(o gwapi.Object, pack print.Packer, items map[string]*krm.Item) (*krm.Item, error) {
	if items[o.Origin.Pos.File] == nil {
		return nil, fmt.Errorf("no item is the origin of %v", o.Key())
	}
	data, err := pack(o)
	if err != nil {
		return nil, err
	}
	made, err := krm.NewItem(data)
	if err != nil {
		return nil, fmt.Errorf("read back %v: %w", o.Key(), err)
	}
	return made, nil
}

// sourcesOf names the items that o comes from, each once.
func sourcesOf(o gwapi.Object, items map[string]*krm.Item) []string {
	names := []string{items[o.Origin.Pos.File].Object()}
	for _, n := range o.Sources {
		if item := items[n.Place().Pos.File]; item != nil && !slices.Contains(names, item.Object()) {
			names = append(names, item.Object())
		}
	}
	slices.Sort(names)
	return names
}

// tellKept says of each Istio object that it stays.
func tellKept(list *krm.List) {
	for _, item := range list.Items {
		if item.Istio() {
			list.Results = append(list.Results, krm.About(item, "info",
				"%s stays, as all of Istio's objects do while there is an error among the findings; the Gateway API objects are beside it.", item.Object()))
		}
	}
}

// freePath names the file of an object that comes from an item: in the same
// folder, where no other item is.
func freePath(from *krm.Item, k gwapi.Key, taken map[string]bool) string {
	base := path.Join(path.Dir(from.Path), strings.ToLower(k.Kind)+"-"+fileName(k.Name.Name))
	name := base + ".yaml"
	if taken[name] && cmp.Or(k.Namespace, from.Namespace) != "" {
		base += "-" + fileName(cmp.Or(k.Namespace, from.Namespace))
		name = base + ".yaml"
	}
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s-%d.yaml", base, n)
	}
	taken[name] = true
	return name
}
