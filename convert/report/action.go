package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// details say what a does besides what prove.Describe tells.
func details(a *route.Action) []string {
	all := []string{}
	if a == nil {
		return all
	}
	all = append(all, rewrites(a.Rewrite)...)
	all = append(all, headerTexts("request", a.Request())...)
	all = append(all, headerTexts("response", a.Response())...)
	for i := range a.Backends {
		b := &a.Backends[i]
		for _, text := range slices.Concat(headerTexts("request", b.Request()), headerTexts("response", b.Response())) {
			if len(a.Backends) > 1 {
				text = "to " + b.Service.Name + ": " + text
			}
			all = append(all, text)
		}
	}
	if a.Timeout != nil && a.Timeout.Request > 0 {
		all = append(all, "timeout "+a.Timeout.Request.String())
	}
	if a.Retry != nil {
		all = append(all, retryText(a.Retry))
	}
	for i := range a.Mirrors {
		all = append(all, mirrorText(&a.Mirrors[i]))
	}
	if a.CORS != nil && len(a.CORS.Origins) > 0 {
		all = append(all, corsText(a.CORS))
	}
	all = append(all, faults(a.Fault)...)
	if a.Direct != nil && a.Direct.Body != "" {
		all = append(all, "body "+strconv.Quote(short(a.Direct.Body)))
	}
	return all
}

// short cuts a text that nobody wants to see whole in a table.
func short(s string) string {
	const most = 120
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return s
}

func rewrites(r *route.Rewrite) []string {
	if r == nil {
		return nil
	}
	var all []string
	switch {
	case r.Regex != "":
		all = append(all, fmt.Sprintf("rewrites what matches %s in the path to %s", r.Regex, r.Subst))
	case r.Path != "" && r.Change == route.WholePath:
		all = append(all, "rewrites the path to "+r.Path)
	case r.Path != "":
		all = append(all, "rewrites the matched path to "+r.Path)
	}
	if r.Authority != "" {
		all = append(all, "rewrites Host to "+r.Authority)
	}
	return all
}

func headerTexts(side string, o route.HeaderOps) []string {
	var all []string
	for _, h := range o.Set {
		all = append(all, fmt.Sprintf("sets %s header %s: %s", side, h.Name, short(h.Value)))
	}
	for _, h := range o.Add {
		all = append(all, fmt.Sprintf("adds %s header %s: %s", side, h.Name, short(h.Value)))
	}
	for _, name := range o.Remove {
		all = append(all, fmt.Sprintf("removes %s header %s", side, name))
	}
	return all
}

func retryText(r *route.Retry) string {
	if r.Attempts <= 0 {
		return "no retries"
	}
	text := count(int(r.Attempts), "retry", "retries")
	if on := retryOn(r); on != "" {
		text += " on " + on
	}
	if r.PerTry > 0 {
		text += ", " + r.PerTry.String() + " each"
	}
	if r.Backoff > 0 {
		text += ", " + r.Backoff.String() + " apart"
	}
	return text
}

// retryOn names the conditions and codes of r; "" stands for Istio's default.
func retryOn(r *route.Retry) string {
	all := slices.Clone(r.On)
	for _, c := range r.Codes {
		all = append(all, strconv.FormatUint(uint64(c), 10))
	}
	return strings.Join(all, ", ")
}

func mirrorText(m *route.Mirror) string {
	to := m.Backend.Host
	if m.Backend.Service != (route.Name{}) {
		to = m.Backend.Service.Name + "." + m.Backend.Service.Namespace
	}
	if m.Backend.Port != 0 {
		to = fmt.Sprintf("%s:%d", to, m.Backend.Port)
	}
	return fmt.Sprintf("copies %v %% of the requests to %s", m.Percent, to)
}

func corsText(c *route.CORS) string {
	var origins []string
	for _, o := range c.Origins {
		switch o.Kind {
		case route.Regex:
			origins = append(origins, "matching "+o.Value)
		case route.Prefix:
			origins = append(origins, o.Value+"*")
		case route.Any, route.Exact, route.Element, route.Present:
			origins = append(origins, o.Value)
		default:
			panic(fmt.Sprintf("unhandled kind %d", o.Kind))
		}
	}
	text := "allows cross-origin requests from " + strings.Join(origins, ", ")
	if len(c.Methods) > 0 {
		text += ", methods " + strings.Join(c.Methods, " ")
	}
	if len(c.Headers) > 0 {
		text += ", headers " + strings.Join(c.Headers, " ")
	}
	if c.Credentials != nil && *c.Credentials {
		text += ", with credentials"
	}
	return text
}

func faults(f *route.Fault) []string {
	var all []string
	if f == nil {
		return nil
	}
	if f.DelayPercent > 0 {
		all = append(all, fmt.Sprintf("delays %v %% of the requests by %v", f.DelayPercent, f.Delay))
	}
	if f.AbortPercent > 0 {
		all = append(all, strings.TrimSpace(fmt.Sprintf("aborts %v %% of the requests with %s", f.AbortPercent, f.Abort)))
	}
	return all
}

// count is "1 retry" or "2 retries".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
