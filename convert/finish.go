package convert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"sync"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
)

// finisher does what is left to do with an object when it is built. It is used
// from several goroutines at once.
type finisher struct {
	Options
	unnamed bool // Namespace only resolved names

	once sync.Once
	err  error // the first
}

func (f *finisher) finish(o *gwapi.Object) []finding.Finding {
	if f.unnamed && o.Value.GetNamespace() == f.Namespace {
		o.Value.SetNamespace("") // the object goes where its source would have gone
	}
	unserved := f.unserved(*o)
	findings, err := f.check(*o)
	findings = append(unserved, findings...)
	if err == nil && f.Pack != nil {
		var data []byte
		if data, err = f.Pack(*o); err == nil {
			o.Pack(data)
		}
	}
	if err != nil {
		f.once.Do(func() { f.err = err })
	}
	return findings
}

// placeholder finds ${VAR}, $(VAR) and <placeholder>, which the output keeps.
var placeholder = regexp.MustCompile(`\$\{[^{}"]*\}|\$\([^()"]*\)|<[^<>"]*>`)

// check applies the schemas to what is written, with something valid in the
// place of each placeholder: validity holds after substitution.
func (f *finisher) check(o gwapi.Object) ([]finding.Finding, error) {
	if f.Checker == nil || o.Other {
		return nil, nil
	}
	encoded, err := encode(o)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", o.Key(), err)
	}
	problems, err := f.Checker.Check(placeholder.ReplaceAll(encoded, []byte("x")))
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", o.Key(), err)
	}
	var out []finding.Finding
	for _, p := range problems {
		at := finding.Place{Pos: o.Origin.Pos, Object: o.Origin.What}
		out = append(out, finding.New(p.Rule(), at, "%s %s is refused by the CRDs of Gateway API %s: %s.", o.Kind, o.Key().Name, f.bundle(), p))
	}
	return out, nil
}

// encode is JSON with < and > as they are, which hold placeholders.
func encode(o gwapi.Object) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(o.Value)
	return b.Bytes(), err
}
