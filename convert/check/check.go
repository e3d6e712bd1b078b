// Package check says what a cluster with a given Gateway API bundle would say to an
// object, without a cluster: it runs the official CRDs through the code that
// Kubernetes' API server runs (unknown fields, defaults, OpenAPI schema, list types,
// CEL rules, metadata). Services, which have no CRD, get a check of our own.
//
// Whatever needs more than one object (does the Service exist, is there a
// ReferenceGrant) and whatever the CRDs only say in prose is not looked at.
package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/mesh2gw/mesh2gw/convert/check/internal/schema"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Problem is one reason to refuse an object.
type Problem struct {
	Field   string // "spec.rules[0].retry"; empty for the object as a whole
	Message string
	Absent  bool // the bundle has no such kind, version or field
}

// Rule is the rule to report p by.
func (p Problem) Rule() *finding.Rule {
	if p.Absent {
		return rule.OutputAbsent
	}
	return rule.OutputRejected
}

// String is field: message.
func (p Problem) String() string {
	if p.Field == "" {
		return p.Message
	}
	return p.Field + ": " + p.Message
}

// Checker checks objects against one bundle. It may be used from several goroutines
// at once. What a kind needs is compiled when the first object of the kind comes.
type Checker struct {
	bundle target.Bundle
	kinds  func() (map[kindName]*kind, error)
}

type kindName struct{ group, kind string }

// New returns a checker for b. It costs nothing until Check is called.
func New(b target.Bundle) *Checker {
	return &Checker{bundle: b, kinds: sync.OnceValues(func() (map[kindName]*kind, error) { return readKinds(b) })}
}

// Check returns why a cluster would refuse the object, given in JSON, ordered by the
// steps of the API server and within a step by field; none when it would take it.
// As in the API server, a status is not looked at. The error is for bugs: bytes that
// are not an object, or a failure of the libraries.
func (c *Checker) Check(jsonObject []byte) (problems []Problem, err error) {
	var obj map[string]any
	if err := json.Unmarshal(jsonObject, &obj); err != nil {
		return nil, fmt.Errorf("check object: %w", err)
	}
	if obj == nil {
		return nil, errors.New("check object: null")
	}
	id := identify(obj)
	// The libraries are made for a server, which survives a panic of theirs.
	defer func() {
		if r := recover(); r != nil {
			problems, err = nil, fmt.Errorf("check %s: %v", id, r)
		}
	}()
	if id.apiVersion == "v1" && id.kind == "Service" {
		return checkService(jsonObject, obj)
	}
	v, problem, err := c.version(id)
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", id, err)
	}
	if problem != nil {
		return []Problem{*problem}, nil
	}
	return v.check(context.Background(), obj), nil
}

// identity is what the API server looks at first.
type identity struct{ apiVersion, kind, name string }

func identify(obj map[string]any) identity {
	var id identity
	id.apiVersion, _ = obj["apiVersion"].(string)
	id.kind, _ = obj["kind"].(string)
	if metadata, ok := obj["metadata"].(map[string]any); ok {
		id.name, _ = metadata["name"].(string)
	}
	return id
}

func (id identity) String() string { return fmt.Sprintf("%s %q", id.kind, id.name) }

// version finds the schema for an object, or says that the bundle has none.
func (c *Checker) version(id identity) (*version, *Problem, error) {
	kinds, err := c.kinds()
	if err != nil {
		return nil, nil, err
	}
	group, name, _ := strings.Cut(id.apiVersion, "/")
	k := kinds[kindName{group, id.kind}]
	if k == nil {
		return nil, &Problem{
			Field: "kind", Absent: true,
			Message: fmt.Sprintf("Gateway API %s has no kind %q in API group %q", c.bundle, id.kind, group),
		}, nil
	}
	if !slices.Contains(k.Served, name) {
		return nil, &Problem{
			Field: "apiVersion", Absent: true,
			Message: fmt.Sprintf("Gateway API %s does not serve %s %q, but %s", c.bundle, id.kind, name, strings.Join(k.Served, " and ")),
		}, nil
	}
	v, err := k.versions[name]()
	return v, nil, err
}

// kind is a CRD of the bundle. Each version is compiled when first asked for.
type kind struct {
	schema.Kind
	versions map[string]func() (*version, error)
}

func readKinds(b target.Bundle) (map[kindName]*kind, error) {
	index, err := schema.Read(b)
	if err != nil {
		return nil, err
	}
	kinds := map[kindName]*kind{}
	for _, entry := range index.Kinds {
		k := &kind{Kind: entry, versions: map[string]func() (*version, error){}}
		crd := sync.OnceValues(func() (*apiextensionsv1.CustomResourceDefinition, error) { return entry.CRD(b) })
		for _, name := range entry.Served {
			k.versions[name] = sync.OnceValues(func() (*version, error) { return compileNamed(b, crd, name) })
		}
		kinds[kindName{entry.Group, entry.Kind}] = k
	}
	return kinds, nil
}

func compileNamed(b target.Bundle, read func() (*apiextensionsv1.CustomResourceDefinition, error), name string) (*version, error) {
	crd, err := read()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(crd.Spec.Versions, func(v apiextensionsv1.CustomResourceDefinitionVersion) bool { return v.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("the CRD of %s has no version %s", crd.Spec.Names.Kind, name)
	}
	return compile(b, crd, crd.Spec.Versions[i])
}
