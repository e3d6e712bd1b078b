package hints

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

// server fails as the query of a request says:
//
//	id=x         what is counted together
//	fail=2       the first two calls fail, and those after them get 200
//	how=503      with this status
//	how=reset    by a connection that breaks
//	how=slow     by an answer after three seconds
//	hold=100     an answer takes that many milliseconds
type server struct {
	*httptest.Server
	mu    sync.Mutex
	seen  map[string][]time.Time
	under int // calls under way
	most  int
}

func newServer(t *testing.T) *server {
	s := &server{seen: map[string][]time.Time{}}
	s.Server = httptest.NewUnstartedServer(s)
	// A client may send again what broke on a connection that it kept (RFC 9112, 9.3.1),
	// beside all that a hint does: no connection is kept.
	s.Config.SetKeepAlivesEnabled(false)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	id := q.Get("id")
	s.mu.Lock()
	s.seen[id] = append(s.seen[id], time.Now())
	n := len(s.seen[id])
	s.under++
	s.most = max(s.most, s.under)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.under--
		s.mu.Unlock()
	}()
	hold, _ := strconv.Atoi(q.Get("hold"))
	time.Sleep(time.Duration(hold) * time.Millisecond)
	if fail, _ := strconv.Atoi(q.Get("fail")); n > fail {
		w.Write([]byte("done"))
		return
	}
	switch how := q.Get("how"); how {
	case "reset":
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		connection.(*net.TCPConn).SetLinger(0)
		connection.Close()
	case "slow":
		select {
		case <-time.After(3 * time.Second):
		case <-r.Context().Done():
		}
	default:
		status, err := strconv.Atoi(how)
		if err != nil {
			panic(err)
		}
		w.WriteHeader(status)
		w.Write([]byte("failed"))
	}
}

// calls are the times of the calls with an id.
func (s *server) calls(id string) []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[id]
}

// closedPort is an address at which nobody listens, yet.
func closedPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
