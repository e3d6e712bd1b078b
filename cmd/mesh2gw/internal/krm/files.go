package krm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// MadeKey is the annotation of an object that a run has made beside the Istio
// objects that it comes from, and names these. The next run makes it anew.
const MadeKey = "mesh2gw.io/source"

const between = ", " // sources; no name holds it

// Sources marks i as made from objects.
func (i *Item) Sources(objects []string) { i.Annotate(MadeKey, strings.Join(objects, between)) }

// split divides what earlier runs have made: what this one will make again, since
// all that it comes from is there, and what is left of objects that are gone.
// Those may have been taken out by hand, after their routes had moved: what was
// made of them must not go by itself.
func (l *List) split() (again, left map[*Item]bool) {
	there := map[string]bool{}
	for _, item := range l.Items {
		if item.Annotation(MadeKey) == "" {
			there[item.Object()] = true
		}
	}
	again, left = map[*Item]bool{}, map[*Item]bool{}
	for _, item := range l.Items {
		made := item.Annotation(MadeKey)
		switch gone := func(source string) bool { return !there[source] }; {
		case made == "":
		case slices.ContainsFunc(strings.Split(made, between), gone):
			left[item] = true
		default:
			again[item] = true
		}
	}
	return again, left
}

// DropMade takes out what will be made again, and returns what is left of objects
// that are gone.
func (l *List) DropMade() []*Item {
	again, left := l.split()
	l.Items = slices.DeleteFunc(l.Items, func(i *Item) bool { return again[i] })
	return slices.DeleteFunc(slices.Clone(l.Items), func(i *Item) bool { return !left[i] })
}

// Istio tells whether i is of a kind that conversion replaces.
func (i *Item) Istio() bool {
	return strings.HasPrefix(i.APIVersion, "networking.istio.io/") &&
		slices.Contains([]string{"VirtualService", "DestinationRule", "Gateway"}, i.Kind)
}

// Object names i as findings do.
func (i *Item) Object() string {
	if i.Namespace == "" {
		return i.Kind + " " + i.Name
	}
	return i.Kind + " " + i.Namespace + "/" + i.Name
}

// Files are the items as the converter reads them, save those that it will make
// again: one file each, so that a finding's file names its item. Lines count within
// the item, since orchestrators don't tell where in a file it stands.
func (l *List) Files() ([]source.File, map[string]*Item, error) {
	var files []source.File
	byName := map[string]*Item{}
	again, _ := l.split()
	for i, item := range l.Items {
		if again[item] {
			continue
		}
		data, err := item.YAML()
		if err != nil {
			return nil, nil, err
		}
		name := item.fileName(i)
		for n := 2; byName[name] != nil; n++ {
			name = fmt.Sprintf("%s (%d)", item.fileName(i), n)
		}
		byName[name] = item
		files = append(files, source.File{Name: name, Data: data})
	}
	return files, byName, nil
}

// fileName names the i-th item in messages. A name must not end in .json, which
// would announce JSON.
func (i *Item) fileName(n int) string {
	switch {
	case i.Path == "":
		return fmt.Sprintf("items[%d]", n)
	case i.Index > 0, strings.HasSuffix(i.Path, ".json"):
		return fmt.Sprintf("%s#%d", i.Path, i.Index)
	}
	return i.Path
}

// Tell adds findings to the results, the worst first, since kpt shows the first
// few; else in their order.
func (l *List) Tell(findings []finding.Finding, items map[string]*Item) {
	worstFirst := slices.Clone(findings)
	slices.SortStableFunc(worstFirst, func(a, b finding.Finding) int { return cmp.Compare(b.Rule.Severity, a.Rule.Severity) })
	for _, f := range worstFirst {
		l.Results = append(l.Results, FromFinding(f, items[f.Place.Pos.File]))
	}
}

// Paths are the files that hold items.
func (l *List) Paths() map[string]bool {
	paths := map[string]bool{}
	for _, item := range l.Items {
		paths[item.Path] = true
	}
	return paths
}
