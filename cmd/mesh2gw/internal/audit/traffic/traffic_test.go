package traffic

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

func TestKey(t *testing.T) {
	for host, want := range map[string]string{
		"a.shop.svc.cluster.local": "a.shop.svc", "A.shop.svc.example.org.": "a.shop.svc", "a.shop.svc": "a.shop.svc",
		"api.example.com": "api.example.com", "*.shop.svc.cluster.local": "*.shop.svc", "svc.svc.svc.com": "svc.svc.svc", "": "", "A.shop:9080": "a.shop", "a.shop.svc.cluster.local:80": "a.shop.svc",
	} {
		if got := Key(host); got != want {
			t.Errorf("%q: got %q, want %q", host, got, want)
		}
	}
}

func TestWildcards(t *testing.T) {
	at := func(host string) Series {
		return Series{Metric: Requests, Count: 1, Labels: map[string]string{"reporter": "source", "destination_service": host}}
	}
	table := Tabulate(&Counted{Series: []Series{at("a.shop.svc.cluster.local"), at("b.shop.svc.cluster.local"), at("a.other.svc.cluster.local"), at("api.example.com"), at("*.wild.org"), at("c:80"), at("c.shop")}})
	for host, want := range map[string]float64{
		"*": 7, "x.wild.org": 1, "*.wild.org": 1, "x.y.wild.org": 1, "wild.org": 0, "c.shop.svc.cluster.local": 2, "c.other.svc.cluster.local": 1, "*.local": 5, "*.svc.cluster.local": 5, "*.cluster.local": 5, "*.shop.svc.cluster.local": 4, "*.other.svc.cluster.local": 2, "*.example.com": 1, "*.com": 1, "a.shop.svc.cluster.local": 1, "*.elsewhere.com": 0,
	} {
		if got := table.Of(host).Calls; got != want {
			t.Errorf("%s: got %g, want %g", host, got, want)
		}
	}
}

// TestSaved: what is written reads back, and several answers add up.
func TestSaved(t *testing.T) {
	to := time.Unix(1795000000, 0).UTC()
	s := &Saved{From: to.Add(-48 * time.Hour), To: to, Step: day, Matrix: model.Matrix{{
		Metric: model.Metric{"metric": Requests, "reporter": "source"},
		Values: []model.SamplePair{{Timestamp: model.TimeFromUnix(to.Unix() - 86400), Value: 3}, {Timestamp: model.TimeFromUnix(to.Unix()), Value: model.SampleValue(math.NaN())}},
	}}}
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	vector := fmt.Sprintf(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":%q,"cluster_name":"x"},"value":[1795000000,"4"]}]}}`, Retries)
	back, err := Read(strings.NewReader(b.String()+vector), 48*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	c, err := back.Counted()
	if err != nil || !c.From.Equal(s.From) || !c.To.Equal(s.To) || c.Steps != 2 || c.WithData != 2 || len(c.Series) != 2 || c.Series[0].Count != 3 || c.Series[1].Count != 4 || !c.Has(Retries) {
		t.Errorf("%+v, %v", c, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"metric":"istio_requests_total"},"values":[[1795000000,"1"],[1795086400,"NaN"]]}]}}`)
	f.Add(`{"status":"success","period":{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","stepSeconds":0},"data":{"resultType":"vector","result":[{"metric":{"metric":"envoy_cluster_upstream_rq_retry","cluster_name":"outbound|80||a"},"value":[1e300,"-1"]}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Read(strings.NewReader(text), day)
		if err != nil {
			return
		}
		c, err := s.Counted()
		if err != nil {
			return
		}
		if c.WithData > c.Steps || c.Steps < 0 {
			t.Errorf("%d of %d steps have data", c.WithData, c.Steps)
		}
		for host, seen := range Tabulate(c).Services {
			if !(seen.All() >= 0) {
				t.Errorf("%q has %g requests", host, seen.All())
			}
		}
	})
}
