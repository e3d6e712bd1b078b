package print

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	yamlv3 "go.yaml.in/yaml/v3"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	gatewayv1alpha2 "sigs.k8s.io/gateway-api/apis/v1alpha2"
	gatewayv1beta1 "sigs.k8s.io/gateway-api/apis/v1beta1"
	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
)

// sample is the HTTPRoute of a usual conversion.
func sample() gwapi.Object {
	port, weight, kind := gatewayv1.PortNumber(8080), int32(1), gatewayv1.Kind("Service")
	prefix, group := gatewayv1.PathMatchPathPrefix, gatewayv1.Group("")
	exact := gatewayv1.HeaderMatchExact
	root, timeout := "/", gatewayv1.Duration("2s")
	return gwapi.Object{
		Kind: "HTTPRoute",
		Value: &gatewayv1.HTTPRoute{
			TypeMeta: metav1.TypeMeta{Kind: "HTTPRoute", APIVersion: "gateway.networking.k8s.io/v1"},
			ObjectMeta: metav1.ObjectMeta{
				Name: "web", Namespace: "shop",
				Labels:            map[string]string{"team": "storefront", "y": "on", "1": "1"},
				Annotations:       map[string]string{"note": "first\nsecond: \"line\" # three"},
				CreationTimestamp: metav1.NewTime(time.Unix(0, 0)),
			},
			Spec: gatewayv1.HTTPRouteSpec{
				CommonRouteSpec: gatewayv1.CommonRouteSpec{ParentRefs: []gatewayv1.ParentReference{{Name: "shop"}}},
				Hostnames:       []gatewayv1.Hostname{"shop.example.com", "*.example.com"},
				Rules: []gatewayv1.HTTPRouteRule{{
					Matches: []gatewayv1.HTTPRouteMatch{{
						Path:    &gatewayv1.HTTPPathMatch{Type: &prefix, Value: &root},
						Headers: []gatewayv1.HTTPHeaderMatch{{Type: &exact, Name: "x-canary", Value: "1"}},
					}},
					Timeouts: &gatewayv1.HTTPRouteTimeouts{Request: &timeout},
					BackendRefs: []gatewayv1.HTTPBackendRef{{BackendRef: gatewayv1.BackendRef{
						BackendObjectReference: gatewayv1.BackendObjectReference{Group: &group, Kind: &kind, Name: "web", Port: &port},
						Weight:                 &weight,
					}}},
				}},
			},
			Status: gatewayv1.HTTPRouteStatus{RouteStatus: gatewayv1.RouteStatus{Parents: []gatewayv1.RouteParentStatus{{}}}},
		},
		Origin: gwapi.Origin{Pos: finding.Pos{File: "web.yaml", Line: 7, Column: 1}, What: "VirtualService shop/web"},
	}
}

func TestYAML(t *testing.T) {
	service := gwapi.Object{
		Kind: "Service",
		Value: &corev1.Service{
			TypeMeta:   metav1.TypeMeta{Kind: "Service", APIVersion: "v1"},
			ObjectMeta: metav1.ObjectMeta{Name: "web-v1", Namespace: "shop"},
			Spec: corev1.ServiceSpec{
				Selector: map[string]string{"version": "v1"},
				Ports: []corev1.ServicePort{
					{Name: "http", Port: 80, TargetPort: intstr.FromInt32(8080)},
					{Name: "admin", Port: 81, TargetPort: intstr.FromString("admin")},
				},
			},
		},
		Origin: gwapi.Origin{Pos: finding.Pos{File: "a\nb: c.yaml", Line: 3}, What: "DestinationRule shop/web, subset v1"},
	}
	var got bytes.Buffer
	if err := CommentedYAML(&got, []gwapi.Object{sample(), service}); err != nil {
		t.Fatal(err)
	}
	const want = `# from web.yaml:7 VirtualService shop/web
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: web
  namespace: shop
  labels:
    "1": "1"
    team: storefront
    "y": "on"
  annotations:
    note: "first\nsecond: \"line\" # three"
spec:
  parentRefs:
  - name: shop
  hostnames:
  - shop.example.com
  - "*.example.com"
  rules:
  - matches:
    - path:
        type: PathPrefix
        value: /
      headers:
      - type: Exact
        name: x-canary
        value: "1"
    backendRefs:
    - group: ""
      kind: Service
      name: web
      port: 8080
      weight: 1
    timeouts:
      request: 2s
---
# from a\nb: c.yaml:3 DestinationRule shop/web, subset v1
apiVersion: v1
kind: Service
metadata:
  name: web-v1
  namespace: shop
spec:
  ports:
  - name: http
    port: 80
    targetPort: 8080
  - name: admin
    port: 81
    targetPort: admin
  selector:
    version: v1
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestJSON(t *testing.T) {
	var got bytes.Buffer
	if err := JSON(&got, []gwapi.Object{sample()}); err != nil {
		t.Fatal(err)
	}
	var list struct {
		APIVersion, Kind string
		Items            []gatewayv1.HTTPRoute
	}
	if err := json.Unmarshal(got.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	want := *sample().Value.(*gatewayv1.HTTPRoute)
	want.Status, want.CreationTimestamp = gatewayv1.HTTPRouteStatus{}, metav1.Time{}
	if list.APIVersion != "v1" || list.Kind != "List" || !reflect.DeepEqual(list.Items, []gatewayv1.HTTPRoute{want}) {
		t.Errorf("got %s", got.Bytes())
	}
	got.Reset()
	if err := JSON(&got, nil); err != nil || !strings.Contains(got.String(), `"items": []`) {
		t.Errorf("no objects: %v %s", err, got.Bytes())
	}
}

// TestFilled writes objects of every kind with random values in every field, and
// compares what YAML readers make of them with encoding/json.
func TestFilled(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	values := []metav1.Object{
		&gatewayv1.Gateway{}, &gatewayv1.HTTPRoute{}, &gatewayv1.GRPCRoute{}, &gatewayv1.TLSRoute{}, &gatewayv1.ListenerSet{},
		&gatewayv1.BackendTLSPolicy{}, &gatewayv1beta1.ReferenceGrant{}, &gatewayv1alpha2.TCPRoute{}, &corev1.Service{},
		&corev1.Namespace{},
	}
	for _, v := range values {
		for range 30 {
			fresh := reflect.New(reflect.TypeOf(v).Elem())
			fill(random, fresh.Elem(), 0)
			compare(t, fresh.Interface().(metav1.Object))
		}
	}
}

// compare checks that our YAML of v reads as the JSON of v, without its status
// and creationTimestamp.
func compare(t *testing.T, v metav1.Object) {
	t.Helper()
	e := newEncoder()
	e.object(v)
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	prune(want)
	for name, read := range readers {
		got, err := read(e.buf)
		if err != nil {
			t.Fatalf("%s: %T: %v\n%s", name, v, err, e.buf)
		}
		if diff := cmp.Diff(any(want), got); diff != "" {
			t.Fatalf("%s: %T: -json +yaml:\n%s\n%s", name, v, diff, e.buf)
		}
	}
}

// prune drops what is never written: the status of the object, and when it or
// a template in it was made.
func prune(object map[string]any) {
	delete(object, "status")
	pruneTimestamps(object)
}

func pruneTimestamps(v any) {
	switch v := v.(type) {
	case map[string]any:
		if meta, ok := v["metadata"].(map[string]any); ok {
			delete(meta, "creationTimestamp")
		}
		for _, child := range v {
			pruneTimestamps(child)
		}
	case []any:
		for _, child := range v {
			pruneTimestamps(child)
		}
	}
}

// readers are the two YAML libraries of the Kubernetes world; each gives what
// encoding/json would for the same document.
var readers = map[string]func([]byte) (any, error){
	"sigs.k8s.io/yaml": func(data []byte) (v any, err error) {
		err = yaml.Unmarshal(data, &v)
		return v, err
	},
	"go.yaml.in/yaml/v3": func(data []byte) (any, error) {
		var v any
		if err := yamlv3.Unmarshal(data, &v); err != nil {
			return nil, err
		}
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		var out any
		err = json.Unmarshal(text, &out)
		return out, err
	},
}

// fill gives random values to all fields below v.
func fill(random *rand.Rand, v reflect.Value, depth int) {
	switch x := v.Addr().Interface().(type) {
	case *metav1.Time:
		*x = metav1.NewTime(time.Unix(random.Int64N(1<<31), 0))
		return
	case *intstr.IntOrString:
		*x = intstr.Parse(word(random))
		return
	case *metav1.FieldsV1:
		*x = *metav1.NewFieldsV1(`{"f:spec":{"f:a":1.5,"b":[[],[1,["x"]],{}],"c":null}}`)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(word(random))
	case reflect.Bool:
		v.SetBool(random.IntN(2) == 0)
	case reflect.Int32, reflect.Int64, reflect.Int:
		v.SetInt(int64(random.Int32()))
	case reflect.Pointer:
		if depth < 14 && random.IntN(4) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(random, v.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(random, v.Field(i), depth+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), random.IntN(3), 3))
		for i := range v.Len() {
			fill(random, v.Index(i), depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range random.IntN(3) {
			value := reflect.New(v.Type().Elem()).Elem()
			fill(random, value, depth+1)
			v.SetMapIndex(reflect.ValueOf(word(random)).Convert(v.Type().Key()), value)
		}
	}
}

// word is a string in which YAML's own characters are frequent.
func word(random *rand.Rand) string {
	letters := []rune("ab yYnNoOfFeExX01289.:-+_ /#*&!|>%@`\"'\\{}[],?~=$^()\t\n\r\x00\x1b\x7f\u0085\u00a0\u2028\ufeff\ufffdä€😀")
	n := random.IntN(8)
	out := make([]rune, n)
	for i := range out {
		out[i] = letters[random.IntN(len(letters))]
	}
	return string(out)
}

// hard are strings that some reader of YAML takes for something else.
var hard = []string{
	"", " ", "a ", " a", "y", "Y", "n", "N", "yes", "No", "ON", "off", "true", "True", "FALSE", "null", "Null", "~", "-", "--", "---", "...", "?", ":",
	"0", "00", "08", "0x1f", "0o17", "0b11", "1_000", "1e3", "1E+3", "+1", "-1", ".5", "1.", "1.5", ".inf", "-.INF", ".nan", "NaN", "1:30", "190:20:30",
	"2001-12-14", "2001-12-14t21:59:43.10-05:00", "=", "<<", "a: b", "a:", ":a", "a #b", "#a", "a#b", "- a", "? a", "[a]", "{a: b}", "a, b", "*a", "&a", "!a",
	"|", ">", "%a", "@a", "`a", "'a'", "\"a\"", "a'b", "a\"b", "\\", "a\\nb", "a\nb", "\n", "a\tb", "\t", "a\r\nb", "\u2028", "\ufeff", "\x00", "\x7f", "\u0085",
	"/api", "/", ".*", "2s", "500ms", "1h30m", "v1", "*.example.com", "${HOST}", "api-${ENV}.example.com", "x=y;z", "GET", "10.0.0.1", "::1", "http://a/b?c=d&e#f",
}

func TestScalars(t *testing.T) {
	for _, s := range hard {
		readsAs(t, s)
	}
	for s, want := range map[string]string{
		"/api/v1": "/api/v1", "shop.example.com": "shop.example.com", "2s": "2s", "500ms": "500ms", "v1": "v1",
		"first words": "first words", "*": `"*"`, "8080": `"8080"`, ".*": `".*"`, "": `""`, "y": `"y"`, "ä": `"ä"`,
	} {
		if got := string(appendScalar(nil, s)); got != want {
			t.Errorf("%q is written %s, want %s", s, got, want)
		}
	}
}

func FuzzScalar(f *testing.F) {
	for _, s := range hard {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { readsAs(t, s) })
}

// readsAs checks s as a value, as an item and as a key.
func readsAs(t *testing.T, s string) {
	t.Helper()
	want := strings.ToValidUTF8(s, "\ufffd")
	if len([]rune(want)) != len([]rune(s)) { // ToValidUTF8 joins runs of bad bytes, JSON and we do not
		return
	}
	doc := append(appendScalar([]byte("value: "), s), "\nitems:\n- "...)
	doc = append(appendScalar(doc, s), '\n')
	expect := map[string]any{"value": want, "items": []any{want}}
	if len(s) < 200 && want != "value" && want != "items" { // readers bound the length of a key
		doc = append(appendScalar(doc, s), ": key\n"...)
		expect[want] = "key"
	}
	for name, read := range readers {
		got, err := read(doc)
		if err != nil || !reflect.DeepEqual(got, any(expect)) {
			t.Errorf("%s reads %q as %#v, %v", name, doc, got, err)
		}
	}
}

func BenchmarkYAML(b *testing.B) {
	objects := make([]gwapi.Object, 1000)
	for i := range objects {
		objects[i] = sample()
	}
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			if err := YAML(io.Discard, objects); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sigs", func(b *testing.B) {
		for b.Loop() {
			for _, o := range objects {
				if _, err := yaml.Marshal(o.Value); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
