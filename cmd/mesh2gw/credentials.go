package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
)

// credentialFlags say whom to trust, and who asks.
func credentialFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "cacert", Usage: "certificate authorities to trust, a `FILE` in PEM", DefaultText: "the system's"},
		&cli.StringFlag{Name: "cert", Usage: "client certificate, a `FILE` in PEM"},
		&cli.StringFlag{Name: "key", Usage: "its key, a `FILE` in PEM"},
		&cli.BoolFlag{Name: "insecure", Usage: "do not verify certificates"},
		&cli.StringFlag{Name: "bearer-file", Usage: "send the token in this `FILE`"},
		&cli.StringFlag{Name: "bearer-env", Usage: "send the token in this environment `VARIABLE`"},
	}
}

// bearer reads the token. No message shows it.
func bearer(c *cli.Context) (string, error) {
	file, variable := c.String("bearer-file"), c.String("bearer-env")
	token := ""
	switch {
	case file != "" && variable != "":
		return "", usagef(c, "give --bearer-file or --bearer-env, not both")
	case file != "":
		data, err := os.ReadFile(file)
		if err != nil {
			return "", usagef(c, "--bearer-file: %v", err)
		}
		token = strings.TrimSpace(string(data))
	case variable != "":
		token = strings.TrimSpace(os.Getenv(variable))
	default:
		return "", nil
	}
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", usagef(c, "the token is empty, or no token: it has to be one word")
	}
	return token, nil
}

func tlsConfig(c *cli.Context) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: c.Bool("insecure")}
	if file := c.String("cacert"); file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, usagef(c, "--cacert: %v", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(data) {
			return nil, usagef(c, "--cacert %s: no certificate in PEM in it", file)
		}
	}
	cert, key := c.String("cert"), c.String("key")
	if (cert == "") != (key == "") {
		return nil, usagef(c, "--cert and --key go together")
	}
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, usagef(c, "--cert: %v", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}
