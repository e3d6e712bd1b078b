// Package field reads and writes what resources of implementations have in common:
// they stand for Envoy's settings, and their CRDs count in Kubernetes' terms.
package field

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Bind reads d into value, a pointer to a resource of its kind; false with a finding
// where it can't. opaque is set where a field is not known to value, so that nothing
// can be said of what the resource does.
func Bind(d *source.Document, value metav1.Object, opaque *bool) (gwapi.Object, []finding.Finding, bool) {
	text, err := d.Root.JSON()
	if err == nil {
		strict := json.NewDecoder(bytes.NewReader(text))
		strict.DisallowUnknownFields()
		if strict.Decode(value) != nil {
			*opaque = true
			err = json.Unmarshal(text, value)
		}
	}
	at := d.Place()
	if err != nil {
		return gwapi.Object{}, []finding.Finding{finding.New(rule.GatewayAPIType, at, "%s can't be read: %v.", d.Object(), err)}, false
	}
	return gwapi.Object{Kind: d.Kind, Value: value, Origin: gwapi.Origin{Pos: at.Pos, What: d.Object()}, Root: d.Root}, nil, true
}

// Duration is d as the CRDs take it; false for none, for one below least, and for
// one that they can't say.
func Duration(d *durationpb.Duration, least time.Duration) (gatewayv1.Duration, bool) {
	if d == nil || d.AsDuration() < least {
		return "", false
	}
	return gwapi.FormatDuration(d.AsDuration())
}

// Seconds is d in whole seconds, as the options of sockets count; "" for none.
func Seconds(d *durationpb.Duration) (gatewayv1.Duration, bool) {
	if d == nil {
		return "", true
	}
	if d.AsDuration()%time.Second != 0 {
		return "", false
	}
	return Duration(d, time.Second)
}

// Count is n as far as an int32 goes.
func Count(n uint32) int32 { return int32(min(n, math.MaxInt32)) }

// grpcCodes are the names of gRPC's status codes by number, as Istio reads them
// (pilot/pkg/networking/core/route/route.go, TranslateFault).
var grpcCodes = []string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
	"FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

const grpcPrefix = "grpc " // of route.Fault's Abort

// Abort reads route.Fault's Abort: a status of HTTP from 200 to 599, or of gRPC;
// false for any other.
func Abort(abort string) (http, grpc *int32, ok bool) {
	if name, isGRPC := strings.CutPrefix(abort, grpcPrefix); isGRPC {
		code := slices.Index(grpcCodes, name)
		return nil, new(int32(code)), code >= 0
	}
	status, err := strconv.Atoi(abort)
	return new(int32(status)), nil, err == nil && status >= 200 && status <= 599
}

// AbortOf is Abort's inverse.
func AbortOf(http, grpc *int32) (string, bool) {
	switch {
	case http != nil:
		return strconv.Itoa(int(*http)), true
	case grpc != nil && *grpc >= 0 && int(*grpc) < len(grpcCodes):
		return grpcPrefix + grpcCodes[*grpc], true
	}
	return "", false
}
