package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert/hint"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

const hintsDescription = `Writes what the proxies did for the callers of each Service as code of these callers: retries with Envoy's
backoff, timeouts, circuit breaking, limits. One file for each Service, and for each client that rules
single out. Paths are read as by convert. Several files on standard output are told apart by lines
"-- NAME --". More: docs/hints.md.

Exit codes: 0 done, 2 wrong command line, 3 mesh2gw failed.

Examples:
  mesh2gw hints istio/ --lang go
  mesh2gw hints istio/ --lang python --out-dir src/calls
  mesh2gw hints istio/ --lang json | jq '.hints[].policies'`

func hintsCommand() *cli.Command {
	return &cli.Command{
		Name:               "hints",
		Usage:              "write retries, timeouts and limits as application code",
		ArgsUsage:          "[PATH...]",
		Description:        hintsDescription,
		Flags:              hintsFlags(),
		Action:             hintsAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func hintsFlags() []cli.Flag {
	return append([]cli.Flag{
		wordFlag("lang", "`LANGUAGE`: "+alternatives(languageNames()), ""),
		nameFlag("namespace", "of objects that name none; resolves names", "default"),
		nameFlag("gateway-namespace", "namespace of the ingress gateway's pods", "istio-system"),
		&cli.StringFlag{Name: "out-dir", Usage: "write the files into this folder", DefaultText: "standard output"},
		&cli.BoolFlag{Name: "force", Usage: "let --out-dir overwrite files", DisableDefaultText: true},
		&cli.BoolFlag{Name: "about", Usage: "write docs/hints.md: what is written, and what it means", DisableDefaultText: true},
	}, triageFlags()...)
}

func languageNames() []string {
	var names []string
	for _, l := range hint.Languages() {
		names = append(names, l.Name)
	}
	return names
}

func hintsAction(c *cli.Context) error {
	if c.Bool("about") {
		return aboutHints(c)
	}
	s, err := settingsOf(c)
	if err != nil {
		return err
	}
	lang, _ := hint.LanguageNamed(c.String("lang")) // the flag takes no other words
	switch {
	case c.String("lang") == "":
		return usagef(c, "give a language: --lang %s", alternatives(languageNames()))
	case c.IsSet("out-dir") && c.String("out-dir") == "":
		return usagef(c, "--out-dir needs the name of a folder")
	case !c.IsSet("out-dir") && c.Bool("force"):
		return usagef(c, "--force is for --out-dir, which is not given")
	}
	input, err := readInput(c)
	if err != nil {
		return err
	}
	input = s.keep(input)
	boundMemory(size(input))
	result, err := hint.Collect(c.Context, input, hint.Options{Namespace: c.String("namespace"), GatewayNamespace: c.String("gateway-namespace")})
	if err != nil {
		return err
	}
	files, err := lang.Write(result.Hints)
	if err != nil {
		return err
	}
	var told bytes.Buffer
	if err := print.FindingsText(&told, s.judgeConverted(result.Findings, input).Findings); err != nil {
		return err
	}
	if err := writeHints(c, files); err != nil {
		return err
	}
	fmt.Fprintf(&told, "%s\n", tallyOf(lang, result, len(files)))
	return writeAll(c.App.ErrWriter, &told)
}

// tallyOf says how much was written, and where the rest is.
func tallyOf(lang hint.Language, result hint.Result, files int) string {
	text := fmt.Sprintf("%s, %s, from %s", plural(len(result.Hints), "hint"), plural(files, "file"), plural(result.Read, "object"))
	other := 0
	for _, h := range result.Hints {
		if !h.HTTP && lang.Name != "json" && lang.Name != "grpc" {
			other++
		}
	}
	if other > 0 {
		text += fmt.Sprintf("; %s about gRPC alone: --lang grpc", plural(other, "hint"))
	}
	return text
}

// hintsCommandFor is the command that prints hints for what convert has read.
func hintsCommandFor(c *cli.Context) string {
	words := []string{"mesh2gw hints"}
	for _, path := range c.Args().Slice() {
		if strings.HasPrefix(path, "-") && path != "-" {
			path = "./" + path
		}
		words = append(words, route.ShellWord(path))
	}
	const most = 80
	if len(strings.Join(words, " ")) > most {
		words = []string{words[0], "PATHS"}
	}
	for _, flag := range []string{"namespace", "gateway-namespace"} {
		if c.IsSet(flag) {
			words = append(words, "--"+flag+"="+route.ShellWord(c.String(flag)))
		}
	}
	return strings.Join(append(words, "--lang LANGUAGE"), " ")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// hintsExample is what docs/hints.md shows.
const hintsExample = `apiVersion: v1
kind: Service
metadata: {name: prices, namespace: shop}
spec: {selector: {app: prices}, ports: [{name: grpc, port: 50051}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: prices, namespace: shop}
spec:
  hosts: [prices]
  http:
  - match: [{uri: {prefix: /shop.Prices/}}]
    timeout: 2s
    retries: {attempts: 3, retryOn: "unavailable,reset"}
    route: [{destination: {host: prices}}]
  - retries: {attempts: 0}
    route: [{destination: {host: prices}}]
`

func aboutHints(c *cli.Context) error {
	if c.Args().Present() || c.IsSet("lang") {
		return usagef(c, "--about takes neither paths nor --lang")
	}
	result, err := hint.Collect(c.Context, []source.File{{Name: "prices.yaml", Data: []byte(hintsExample)}}, hint.Options{})
	if err != nil {
		return err
	}
	lang, _ := hint.LanguageNamed("grpc")
	files, err := lang.Write(result.Hints)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := print.HintsMarkdown(&out, hint.Languages(), print.HintsExample{Input: hintsExample, Files: files}); err != nil {
		return err
	}
	return writeAll(c.App.Writer, &out)
}

// writeHints writes files to --out-dir, else to standard output: one as it is,
// several in the form of txtar.
func writeHints(c *cli.Context, files []hint.File) error {
	if dir := c.String("out-dir"); dir != "" {
		all := make([]outFile, len(files))
		for i, f := range files {
			all[i] = outFile{f.Name, f.Data}
		}
		return writeOutDir(c, dir, all)
	}
	var out bytes.Buffer
	for _, f := range files {
		if len(files) > 1 {
			fmt.Fprintf(&out, "-- %s --\n", f.Name)
		}
		out.Write(f.Data)
	}
	return writeAll(c.App.Writer, &out)
}
