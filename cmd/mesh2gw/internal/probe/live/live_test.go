package live

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

// scrape reads what is served as Prometheus does.
func scrape(t *testing.T, address string) map[string]*dto.MetricFamily {
	t.Helper()
	resp, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	all, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %v", resp.StatusCode, err)
	}
	return all
}

// What many workers report at once is all there in the middle of a run, names with
// quotes and line ends included; failures have no response time, and what was not
// sent is nowhere.
func TestScrape(t *testing.T) {
	s, err := Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	name := "a \"b\"\n\\c"
	watch := s.Watch("after", name)
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			for range 100 {
				watch(&result.Sample{Outcome: result.Answered, Wait: 1e6, Service: 2e6}, time.Millisecond)
				watch(&result.Sample{Outcome: result.NoAnswer}, -time.Millisecond)
				watch(&result.Sample{Outcome: result.NotSent}, 0)
			}
		})
	}
	group.Wait()
	s.Compared(3, 7)
	all := scrape(t, s.Address())
	sent := all["mesh2gw_probe_sent_total"].GetMetric()[0]
	if got := fmt.Sprint(sent.GetLabel()[0].GetValue(), sent.GetLabel()[1].GetValue(), sent.GetCounter().GetValue()); got != name+"after2000" {
		t.Errorf("sent is %q", got)
	}
	if got := all["mesh2gw_probe_failures_total"].GetMetric()[0].GetCounter().GetValue(); got != 1000 {
		t.Errorf("%g failures", got)
	}
	took := all["mesh2gw_probe_response_seconds"].GetMetric()[0].GetHistogram()
	if took.GetSampleCount() != 1000 || took.GetSampleSum() < 2.999 || took.GetSampleSum() > 3.001 {
		t.Errorf("%d response times, %g s together", took.GetSampleCount(), took.GetSampleSum())
	}
	if lag := all["mesh2gw_probe_lag_seconds"].GetMetric()[0].GetHistogram(); lag.GetSampleCount() != 2000 || lag.GetSampleSum() < 0.999 || lag.GetSampleSum() > 1.001 {
		t.Errorf("%d lags, %g s together", lag.GetSampleCount(), lag.GetSampleSum())
	}
	if got := all["mesh2gw_probe_compared_requests"].GetMetric()[0].GetGauge().GetValue(); got != 3 {
		t.Errorf("%g compared", got)
	}
}

// The server ends with the run, and an address that is taken is an error at once.
func TestEnds(t *testing.T) {
	s, err := Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(context.Background(), s.Address()); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("a second one: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if resp, err := http.Get("http://" + s.Address() + "/metrics"); err == nil {
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		t.Errorf("it still serves: %s", body)
	}
	var none *Server
	if err := none.Close(); err != nil {
		t.Error(err)
	}
}
