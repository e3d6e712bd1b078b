package hints

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

const (
	check = "/grpc.health.v1.Health/Check"
	watch = "/grpc.health.v1.Health/Watch"
	other = "/shop.Prices/Get"
)

// rpcServer fails the first calls, of whatever method.
type rpcServer struct {
	address string
	calls   atomic.Int32
	fail    int32
	code    codes.Code
	hold    time.Duration
}

func newRPCServer(t *testing.T, fail int32, code codes.Code, hold time.Duration) *rpcServer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &rpcServer{address: l.Addr().String(), fail: fail, code: code, hold: hold}
	server := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		n := s.calls.Add(1)
		time.Sleep(s.hold)
		if n <= s.fail {
			return status.Error(s.code, "told to")
		}
		if err := stream.RecvMsg(&emptypb.Empty{}); err != nil {
			return err
		}
		return stream.SendMsg(&emptypb.Empty{})
	}))
	go server.Serve(l)
	t.Cleanup(server.Stop)
	return s
}

// dial makes a client that has the config and all servers as addresses.
func dial(t *testing.T, config string, servers ...*rpcServer) *grpc.ClientConn {
	t.Helper()
	r := manual.NewBuilderWithScheme("pods")
	state := resolver.State{}
	for _, s := range servers {
		state.Addresses = append(state.Addresses, resolver.Address{Addr: s.address})
	}
	r.InitialState(state)
	client, err := grpc.NewClient("pods:///prices", grpc.WithResolvers(r), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultServiceConfig(config))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func invoke(client *grpc.ClientConn, method string) codes.Code {
	return status.Code(client.Invoke(context.Background(), method, &emptypb.Empty{}, &emptypb.Empty{}))
}

func serviceConfig(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	run(t, ".", buildTool(t), "hints", "testdata/mesh.yaml", "--lang", "grpc", "--out-dir", dir)
	data, err := os.ReadFile(filepath.Join(dir, "prices-shop.json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The numbers are those of testdata/mesh.yaml.
func TestServiceConfig(t *testing.T) {
	config := serviceConfig(t)
	for _, c := range []struct {
		name, method string
		fail         int32
		code, want   codes.Code
		calls        int32
	}{
		{"three retries help", check, 3, codes.Unavailable, codes.OK, 4},
		{"attempts 3 are 4 calls", check, 9, codes.Unavailable, codes.Unavailable, 4},
		{"another status is not retried", check, 1, codes.Internal, codes.Internal, 1},
		{"attempts 0", watch, 1, codes.Unavailable, codes.Unavailable, 1},
		{"attempts 9 are cut to 5 calls", other, 99, codes.Unavailable, codes.Unavailable, 5},
		{"the status of another rule", other, 2, codes.ResourceExhausted, codes.OK, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newRPCServer(t, c.fail, c.code, 0)
			if got := invoke(dial(t, config, server), c.method); got != c.want {
				t.Errorf("the client got %s, want %s", got, c.want)
			}
			if n := server.calls.Load(); n != c.calls {
				t.Errorf("the server got %d calls, want %d", n, c.calls)
			}
		})
	}
}

// The budget of 25 %, and 5 in any case, is 10 tokens: a failure takes one, and
// there are no retries from 5 on.
func TestServiceConfigBudget(t *testing.T) {
	server := newRPCServer(t, 999, codes.Unavailable, 0)
	client := dial(t, serviceConfig(t), server)
	for n, want := range []int32{4, 5, 6} {
		invoke(client, check)
		if got := server.calls.Load(); got != want {
			t.Errorf("after %d calls the server got %d, want %d", n+1, got, want)
		}
	}
}

func TestServiceConfigTimeout(t *testing.T) {
	server := newRPCServer(t, 0, codes.OK, 3*time.Second)
	begin := time.Now()
	if got := invoke(dial(t, serviceConfig(t), server), check); got != codes.DeadlineExceeded {
		t.Errorf("the client got %s, want a deadline that is over", got)
	}
	if took := time.Since(begin); took < 1900*time.Millisecond || took > 4*time.Second {
		t.Errorf("it took %s, want 2 s", took)
	}
}

// Every config is one that gRPC takes.
func TestServiceConfigForms(t *testing.T) {
	dir := t.TempDir()
	run(t, ".", buildTool(t), "hints", "testdata/forms.yaml", "--lang", "grpc", "--out-dir", dir)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		config, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		dial(t, string(config)) // fails for a config that it does not take
	}
}

// Calls go to all pods in turn.
func TestServiceConfigBalances(t *testing.T) {
	a, b := newRPCServer(t, 0, codes.OK, 0), newRPCServer(t, 0, codes.OK, 0)
	client := dial(t, serviceConfig(t), a, b)
	for begin := time.Now(); a.calls.Load() == 0 || b.calls.Load() == 0; { // until both connections are there
		invoke(client, check)
		if time.Since(begin) > 10*time.Second {
			t.Fatal("all calls go to one pod")
		}
	}
	a.calls.Store(0)
	b.calls.Store(0)
	for range 20 {
		invoke(client, check)
	}
	if a.calls.Load() != 10 || b.calls.Load() != 10 {
		t.Errorf("of 20 calls one pod got %d, the other %d", a.calls.Load(), b.calls.Load())
	}
}
