// Package behave says what an answer is, which parts of it change from one
// answer to the next without a cause, and in which parts two answers differ.
package behave

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
)

// Observation is an answer as a list of parts, each with a text. Parts are:
// "failure", "status", "grpc", "protocol", "redirect", "backend", "header NAME",
// "cookie NAME" (that it is set), "body" (a hash of it), "body $.path" (of JSON).
type Observation map[string]string

// Options say which parts of an answer count.
type Options struct {
	Headers []string // names of headers to compare; nil is DefaultHeaders
	NoBody  bool     // bodies do not count
	Backend *Backend // where an answer says which backend gave it; nil: nowhere
}

// String names the parts that count; equal for equal options.
func (o Options) String() string {
	parts := []string{"status"}
	if o.Headers == nil {
		parts = append(parts, "headers that decide how clients treat an answer")
	} else {
		parts = append(parts, "headers "+strings.ToLower(strings.Join(slices.Sorted(slices.Values(o.Headers)), " ")))
	}
	if !o.NoBody {
		parts = append(parts, "body")
	}
	if o.Backend != nil {
		parts = append(parts, "backend by "+o.Backend.String())
	}
	return strings.Join(parts, ", ")
}

// DefaultHeaders decide how clients treat an answer. Date, server, tracing and
// the like are for operators, and differ between any two proxies.
var DefaultHeaders = []string{
	"Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin",
	"Access-Control-Expose-Headers", "Access-Control-Max-Age", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language",
	"Content-Security-Policy", "Content-Type", "Location", "Retry-After", "Strict-Transport-Security", "Vary", "Www-Authenticate",
	"X-Content-Type-Options", "X-Frame-Options",
}

// Backend reads the name of the backend from an answer.
type Backend struct {
	header string
	body   *regexp.Regexp
}

// ParseBackend reads "header:NAME" or "body:EXPRESSION"; of an expression with a
// group, the group is the name.
func ParseBackend(text string) (*Backend, error) {
	kind, rest, _ := strings.Cut(text, ":")
	switch {
	case kind == "header" && rest != "":
		return &Backend{header: rest}, nil
	case kind == "body" && rest != "":
		expression, err := regexp.Compile(rest)
		if err != nil {
			return nil, err
		}
		return &Backend{body: expression}, nil
	}
	return nil, fmt.Errorf("%q names neither a header nor an expression: want header:NAME or body:EXPRESSION", text)
}

// String is what ParseBackend reads.
func (b *Backend) String() string {
	if b.header != "" {
		return "header:" + strings.ToLower(b.header)
	}
	return "body:" + b.body.String()
}

// Of is the name of the backend; "" where the answer, which was kept, does not say.
func (b *Backend) Of(a *client.Answer) string {
	switch {
	case b == nil:
		return ""
	case b.header != "":
		return a.Header.Get(b.header)
	}
	found := b.body.FindSubmatch(a.Body)
	switch len(found) {
	case 0:
		return ""
	case 1:
		return string(found[0])
	}
	return string(found[1])
}

// Observe lists the parts of an answer, which was kept.
func Observe(a *client.Answer, o Options) Observation {
	if a.Failure != client.None {
		return Observation{"failure": string(a.Failure)}
	}
	out := Observation{"status": strconv.Itoa(a.Status), "protocol": a.Proto}
	out.put("grpc", a.GRPC)
	out.put("redirect", a.Header.Get("Location"))
	out.put("backend", o.Backend.Of(a))
	names := o.Headers
	if names == nil {
		names = DefaultHeaders
	}
	for _, name := range names {
		name = http.CanonicalHeaderKey(name)
		if values := a.Header.Values(name); len(values) > 0 && name != "Location" {
			out["header "+name] = strings.Join(values, ", ")
		}
	}
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		out["cookie "+c.Name] = cookieText(c)
	}
	if !o.NoBody {
		out.body(a)
	}
	return out
}

func (o Observation) put(part, value string) {
	if value != "" {
		o[part] = value
	}
}

// cookieText is what a cookie is for; its value is a session's, and its own.
func cookieText(c *http.Cookie) string {
	return fmt.Sprintf("path=%s domain=%s secure=%t httpOnly=%t sameSite=%d", c.Path, c.Domain, c.Secure, c.HttpOnly, c.SameSite)
}

// most is how many values of a JSON body are told apart; a larger body counts as
// a whole.
const most = 2000

// body lists the values of a JSON body, or hashes any other.
func (o Observation) body(a *client.Answer) {
	if int64(len(a.Body)) == a.Size && strings.Contains(a.Header.Get("Content-Type"), "json") {
		var value any
		decoder := json.NewDecoder(strings.NewReader(string(a.Body)))
		decoder.UseNumber()
		values := Observation{}
		if err := decoder.Decode(&value); err == nil && values.flatten("body $", value) {
			for part, text := range values {
				o[part] = text
			}
			return
		}
	}
	sum := sha256.Sum256(a.Body)
	o["body"] = fmt.Sprintf("%d bytes, sha256 %s", a.Size, hex.EncodeToString(sum[:6]))
}

// flatten lists the leaves of a JSON value by path; false where there are too many.
func (o Observation) flatten(path string, value any) bool {
	if len(o) > most {
		return false
	}
	switch v := value.(type) {
	case map[string]any:
		if len(v) == 0 {
			o[path] = "{}"
		}
		for key, item := range v {
			if !o.flatten(path+"."+key, item) {
				return false
			}
		}
	case []any:
		if len(v) == 0 {
			o[path] = "[]"
		}
		for i, item := range v {
			if !o.flatten(path+"["+strconv.Itoa(i)+"]", item) {
				return false
			}
		}
	default:
		text, err := json.Marshal(v)
		if err != nil {
			panic(fmt.Sprintf("%T is no JSON value", v)) // the decoder gives no other
		}
		o[path] = string(text)
	}
	return true
}

// Difference is a part in which two answers differ. What a side does not have is "".
type Difference struct {
	Part   string `json:"part"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Compare lists the parts in which answers differ, in the order of the alphabet.
func Compare(before, after Observation) []Difference {
	var all []Difference
	for part := range union(before, after) {
		if before[part] != after[part] || has(before, part) != has(after, part) {
			all = append(all, Difference{part, before[part], after[part]})
		}
	}
	slices.SortFunc(all, func(a, b Difference) int { return strings.Compare(a.Part, b.Part) })
	return all
}

func has(o Observation, part string) bool {
	_, ok := o[part]
	return ok
}

func union(all ...Observation) map[string]bool {
	parts := map[string]bool{}
	for _, o := range all {
		for part := range o {
			parts[part] = true
		}
	}
	return parts
}

// Volatile are the parts in which answers to one request from one side differ:
// what changes by itself says nothing about the other side. Whether there is an
// answer at all, and its status, are never volatile but reported as unsteady.
func Volatile(answers []Observation) (parts []string, unsteady []Difference) {
	seen := map[string]bool{}
	for i := 1; i < len(answers); i++ {
		for _, d := range Compare(answers[0], answers[i]) {
			switch {
			case seen[d.Part]:
			case d.Part == "status" || d.Part == "failure" || d.Part == "grpc":
				unsteady = append(unsteady, d)
			default:
				parts = append(parts, d.Part)
			}
			seen[d.Part] = true
		}
	}
	slices.Sort(parts)
	return parts, unsteady
}

// Without drops differences in parts that are volatile. A list in JSON that has
// another length each time is volatile in whatever stands in it.
func Without(all []Difference, volatile []string) []Difference {
	return slices.DeleteFunc(slices.Clone(all), func(d Difference) bool {
		return slices.ContainsFunc(volatile, func(part string) bool { return d.Part == part || sameList(d.Part, part) })
	})
}

var indexes = regexp.MustCompile(`\[\d+\]`)

// sameList tells whether two parts are alike but for the indexes of lists.
func sameList(a, b string) bool {
	return strings.Contains(a, "[") && indexes.ReplaceAllString(a, "[]") == indexes.ReplaceAllString(b, "[]")
}
