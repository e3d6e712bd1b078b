package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/trial"
)

func probeDemoCommand() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "compare two small servers of its own, one of which is worse",
		Description: `Starts two servers on this machine and runs everything against them, in about 30 seconds: after the change one route sends to another backend,
another one redirects elsewhere, a third one splits its requests in another way, and the slowest answers are slower. The exit code is 1, since these are found.`,
		Flags: append([]cli.Flag{
			&cli.Float64Flag{Name: "rate", Value: 400, Usage: "requests a second to each server"},
			&cli.DurationFlag{Name: "duration", Value: 25 * time.Second, Usage: "how long to measure"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "of the schedule"},
			&cli.StringFlag{Name: "save", Usage: "write the result with all samples to `FILE`"},
			formatsFlag(probeFormats), outputFlag(),
		}, termFlags()...),
		Action:             probeDemoAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

// demoPlan is what the demo asks.
const demoPlan = `version: 1
requests:
- {name: front page, host: shop.example.com, path: /, weight: 3, expect: {status: 200, backend: web}}
- {name: cart, host: shop.example.com, path: /cart, expect: {status: 200, backend: cart}}
- {name: canary, host: shop.example.com, path: /cart, headers: {x-canary: "1"}, weight: -1, expect: {status: 200, backend: canary}}
- {name: split, host: shop.example.com, path: /split, weight: -1, expect: {status: 200, shares: {stable: 0.8, next: 0.2}}}
- {name: old page, host: shop.example.com, path: /old, weight: -1, expect: {status: 301, redirect: "http://shop.example.com/new"}}
`

func probeDemoAction(c *cli.Context) error {
	outputs, err := outputsOf(c, probePrinters, probeFormats)
	if err != nil {
		return err
	}
	t, err := termsOf(c)
	if err != nil {
		return err
	}
	load := trial.Load{Rate: c.Float64("rate"), Duration: c.Duration("duration"), Warmup: time.Second, Seed: c.Uint64("seed")}
	if !(load.Rate > 0 && load.Rate <= 2000) || load.Duration <= 0 || load.Duration > time.Hour {
		return usagef(c, "want a --rate above 0 and up to 2000, and a --duration above 0 and up to 1h")
	}
	p, err := plan.Read([]byte(demoPlan))
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
	defer stop()
	backend, err := behave.ParseBackend("header:x-served-by")
	if err != nil {
		return err
	}
	o := trial.Options{Repeats: 2, Workers: 4, Answers: 400, Behave: behave.Options{Backend: backend}}
	for i, name := range []string{"before", "after"} {
		u, end, err := demoServer(ctx, demoAnswers(i == 1))
		if err != nil {
			return err
		}
		defer end()
		o.Sides = append(o.Sides, &client.Side{Name: name, Base: map[string]*url.URL{"http": u}, Timeout: 5 * time.Second, Resolve: map[string]string{}})
	}
	fmt.Fprintf(c.App.ErrWriter, "two servers, before at %s and after at %s; %s a second to each for %s\n", o.Sides[0].Base["http"], o.Sides[1].Base["http"], plural(int(load.Rate), "request"), load.Duration)
	r, err := probeBoth(ctx, progressOn(c.App.ErrWriter), p, o, &load, t, nil)
	if r == nil {
		return err
	}
	r.Tool = "mesh2gw " + versionText()
	return finishProbe(c, r, outputs)
}

// demoServer serves on a port of this machine until end is called.
func demoServer(ctx context.Context, h http.Handler) (*url.URL, func(), error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return &url.URL{Scheme: "http", Host: listener.Addr().String()}, func() { _ = server.Close() }, nil
}

// demoAnswers are those of a gateway with three backends. Afterwards x-canary is
// forgotten, the redirect leads elsewhere, the split is another one, and one of 25
// answers takes twice as long.
func demoAnswers(changed bool) http.Handler {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(1, 2))
	takes := func() time.Duration {
		mu.Lock()
		defer mu.Unlock()
		d := 2*time.Millisecond + time.Duration(random.ExpFloat64()*float64(time.Millisecond))
		if slow := random.IntN(25) == 0; slow {
			d = 12 * time.Millisecond
			if changed {
				d *= 2
			}
		}
		return d
	}
	share := func() string { // of /split: one fifth, and half afterwards
		mu.Lock()
		defer mu.Unlock()
		if random.IntN(5) == 0 || changed && random.IntN(8) < 3 {
			return "next"
		}
		return "stable"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		backend := "web"
		switch {
		case r.URL.Path == "/old":
			to := "http://shop.example.com/new"
			if changed {
				to = "https://shop.example.com/new"
			}
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusMovedPermanently)
			return
		case strings.HasPrefix(r.URL.Path, "/cart") && r.Header.Get("X-Canary") != "" && !changed:
			backend = "canary"
		case strings.HasPrefix(r.URL.Path, "/cart"):
			backend = "cart"
		case r.URL.Path == "/split":
			backend = share()
		}
		time.Sleep(takes())
		w.Header().Set("X-Served-By", backend)
		_, _ = fmt.Fprintf(w, "hello from %s\n", backend)
	})
}
