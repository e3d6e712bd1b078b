package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/check"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/mtls"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// words are the values of flags that take one of a few.
var words = map[string][]string{
	"gateway-api": {string(target.V14), string(target.V15), string(target.V16), string(target.V17)},
	"channel":     {string(target.Standard), string(target.Experimental)},
	"mesh":        {string(mesh.GAMMA), string(mesh.OnGateway) + "=NAMESPACE/NAME", string(mesh.Off)},
	"output":      {"yaml", "json"},
	"dry-run":     {"server"},
	"fail-on":     {"note", "warning", "error", "never"},
	"format":      {"text", "json"},
	"target":      target.Names(),
	"prefix":      {"element", "exact"},

	"mode":  {"lint", "convert"},
	"istio": {"replace", "keep"},

	"group":          {"config", "migration"},
	"lang":           languageNames(),
	"min-severity":   {"note", "warning", "error"},
	"rules format":   {"text", "md", "json"},
	"fields format":  {"text", "md"},
	"targets format": {"text", "md", "json"},
	"lint format":    {"text", "json", "sarif", "github", "gitlab", "junit", "checkstyle"},
	"report format":  {"text", "markdown", "json", "html"},
	"cutover format": {"text", "markdown"},
}

func convertFlags() []cli.Flag {
	flags := append(conversionFlags(),
		withAlias(wordFlag("output", "what to write: yaml or json", "yaml"), "o"),
		&cli.StringFlag{Name: "out-dir", Usage: "write one file per object and a kustomization.yaml into this folder", DefaultText: "standard output"},
		&cli.BoolFlag{Name: "force", Usage: "let --out-dir overwrite files", DisableDefaultText: true},
		&cli.BoolFlag{Name: "no-comments", Usage: "leave out the comments that say where an object comes from", DisableDefaultText: true},
		&cli.BoolFlag{Name: "check", Usage: "apply the official CRD schemas and their CEL rules to the output", DisableDefaultText: true},
		wordFlag("fail-on", "exit with 1 when a finding is at or above: note, warning, error or never", "error"),
		wordFlag("format", "of findings: text or json", "text"),
		&cli.StringFlag{Name: "findings", Usage: "write the findings to this file", DefaultText: "standard error"},
	)
	return append(append(flags, triageFlags()...), fromCluster()...)
}

// conversionFlags say what to convert for.
func conversionFlags() []cli.Flag {
	return []cli.Flag{
		nameFlag("namespace", "of objects that name none; resolves names, and is not written", "default"),
		nameFlag("gateway-class", "GatewayClass of the Gateways that are written", "istio"),
		targetFlag("follows --gateway-class"),
		nameFlag("gateway-namespace", "namespace of the ingress gateway's pods, where Istio reads its Secrets", "istio-system"),
		wordFlag("gateway-api", "write for this version of the CRDs: 1.4, 1.5, 1.6 or 1.7", "1.7"),
		wordFlag("channel", "write for this channel of the CRDs: standard or experimental", "standard"),
		&cli.StringFlag{
			Name:  "mesh",
			Usage: "what becomes of routes inside the mesh: gamma (routes on Services), gateway=NAMESPACE/NAME (on that Gateway) or off (reported only)",
			Value: string(mesh.GAMMA),
		},
		&cli.StringFlag{
			Name:        "mtls",
			Usage:       "keep mutual TLS for pods that lose their proxies: cert-manager, or cert-manager=KIND/NAME with the Issuer or ClusterIssuer that signs, writes a Certificate for each ServiceAccount and BackendTLSPolicies (docs/mtls.md)",
			DefaultText: "none is kept, and what is lost is reported",
		},
		wordFlag("prefix", "how a path prefix such as /api is compared, which in Istio takes /apix too: element (readable; findings name what changes) or exact (by a regular expression, where --target ranks it so that it is proved equal)", "element"),
	}
}

// wordFlag is a flag that takes one of words.
func wordFlag(name, usage, value string) *cli.StringFlag {
	return &cli.StringFlag{
		Name: name, Usage: usage, Value: value,
		Action: func(c *cli.Context, s string) error {
			if allowed := wordsOf(c.Command.Name, name); !slices.Contains(allowed, s) {
				return usagef(c, "--%s %s: want %s", name, s, alternatives(allowed))
			}
			return nil
		},
	}
}

// nameFlag is a flag that takes the name of a Kubernetes object.
func nameFlag(name, usage, value string) *cli.StringFlag {
	return &cli.StringFlag{
		Name: name, Usage: usage, Value: value,
		Action: func(c *cli.Context, s string) error {
			if !isName(s) {
				return usagef(c, "--%s %q is not a name: lower case letters, digits, - and . are allowed", name, s)
			}
			return nil
		},
	}
}

func withAlias(f *cli.StringFlag, alias string) *cli.StringFlag {
	f.Aliases = append(f.Aliases, alias)
	return f
}

// wordsOf returns what the flag of a command takes; --format of the catalogues
// differs from that of findings.
func wordsOf(command, flag string) []string {
	if own := words[command+" "+flag]; own != nil {
		return own
	}
	return words[flag]
}

// alternatives is "a, b or c".
func alternatives(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// convertOptions are the options of convert, which writes objects.
func convertOptions(c *cli.Context) (convert.Options, error) {
	options, err := conversionOptions(c)
	if err != nil {
		return options, err
	}
	if c.Bool("check") {
		options.Checker = check.New(target.Bundle{Version: options.Version, Channel: options.Channel})
	}
	switch outDir := c.IsSet("out-dir"); {
	case outDir && c.String("out-dir") == "":
		return options, usagef(c, "--out-dir needs the name of a folder")
	case c.IsSet("findings") && c.String("findings") == "":
		return options, usagef(c, "--findings needs the name of a file")
	case outDir && c.String("output") == "json":
		return options, usagef(c, "--out-dir writes YAML files: leave out --output json")
	case !outDir && c.Bool("force"):
		return options, usagef(c, "--force is for --out-dir, which is not given")
	}
	return options, nil
}

// conversionOptions say what to convert for.
func conversionOptions(c *cli.Context) (convert.Options, error) {
	options := convert.Options{
		Namespace:        c.String("namespace"),
		GatewayNamespace: c.String("gateway-namespace"),
		Target:           c.String("target"),
		Version:          target.Version(c.String("gateway-api")),
		Channel:          target.Channel(c.String("channel")),
	}
	if c.String("prefix") == "exact" {
		options.Prefix = gwapi.ExactPrefix
	}
	if c.IsSet("gateway-class") { // its default gets a note
		options.GatewayClass = c.String("gateway-class")
	}
	if c.IsSet("mtls") {
		issuer, err := mtls.ParseIssuer(c.String("mtls"))
		if err != nil {
			return options, usagef(c, "--mtls %s: %v", c.String("mtls"), err)
		}
		if target.NameOf(options.Target) == "istio" {
			return options, usagef(c, "--mtls is for implementations that are no part of Istio's mesh, and --target %s is: its gateways keep mutual TLS with the proxies of pods", options.Target)
		}
		options.MTLS = &issuer
	}
	var err error
	if options.Mesh, options.MeshGateway, err = parseMesh(c.String("mesh")); err != nil {
		return options, usagef(c, "--mesh %v", err)
	}
	return options, nil
}

// parseMesh reads gamma, off, or gateway=NAMESPACE/NAME.
func parseMesh(value string) (mesh.Mode, route.Name, error) {
	switch value {
	case string(mesh.GAMMA), string(mesh.Off):
		return mesh.Mode(value), route.Name{}, nil
	}
	gateway, found := strings.CutPrefix(value, string(mesh.OnGateway)+"=")
	namespace, name, _ := strings.Cut(gateway, "/")
	if !found || !isName(namespace) || !isName(name) {
		return "", route.Name{}, fmt.Errorf("%s: want gamma, gateway=NAMESPACE/NAME or off", value)
	}
	return mesh.OnGateway, route.Name{Namespace: namespace, Name: name}, nil
}

// isName tells whether s can be the name of a Kubernetes object (RFC 1123).
func isName(s string) bool {
	if s == "" || len(s) > 253 || strings.Trim(s, "-.") != s {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '.')
	}) < 0
}
