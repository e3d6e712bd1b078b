package lint

import (
	"cmp"
	"crypto/tls"
	"encoding/base64"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// makers are kinds whose controllers make a Secret, and where its name stands;
// where nothing stands there it is that of the object.
var makers = map[string][]string{
	"SealedSecret":        {"spec", "template", "metadata", "name"},
	"Certificate":         {"spec", "secretName"},
	"ExternalSecret":      {"spec", "target", "name"},
	"VaultStaticSecret":   {"spec", "destination", "name"},
	"VaultPKISecret":      {"spec", "destination", "name"},
	"VaultDynamicSecret":  {"spec", "destination", "name"},
	"OnePasswordItem":     {"metadata", "name"},
	"AzureKeyVaultSecret": {"spec", "output", "secret", "name"},
	"BitwardenSecret":     {"spec", "secretName"},
	"InfisicalSecret":     {"spec", "managedSecretReference", "secretName"},
}

// openMakers are kinds that may make any Secret in their namespace.
var openMakers = []string{"PushSecret", "SecretGenerator", "ClusterExternalSecret", "SecretProviderClass", "HelmRelease", "SopsSecret"}

// addSecret notes d if it is a Secret, or becomes one.
func (in *input) addSecret(d document) {
	for _, kind := range openMakers {
		if d.Document.Kind == kind {
			in.openSecrets[d.Name.Namespace] = true
		}
	}
	name, content := d.Name.Name, (*source.Document)(nil)
	if path, ok := makers[d.Document.Kind]; ok {
		n := d.Root
		for _, key := range path[:len(path)-1] {
			n = n.Get(key)
		}
		name = cmp.Or(n.Text(path[len(path)-1]), name)
	} else if group(d.Document) != "" || d.Document.Kind != "Secret" {
		return
	} else {
		content = d.Document
	}
	if in.secrets[d.Name.Namespace] == nil {
		in.secrets[d.Name.Namespace] = map[string]*source.Document{}
	}
	if content != nil || in.secrets[d.Name.Namespace][name] == nil {
		in.secrets[d.Name.Namespace][name] = content
	}
}

// unfit says why Istio's gateways can't serve with a Secret, or "". They read
// tls.crt and tls.key, or cert and key (pilot/pkg/credentials/kube/secrets.go
// ExtractCertInfo). Values that a person or a template still fills in are not judged.
func unfit(d *source.Document) string {
	if d.Root.Has("sops") {
		return "" // encrypted, keys included or not
	}
	cert, hasCert := secretValue(d.Root, "tls.crt", "cert")
	key, hasKey := secretValue(d.Root, "tls.key", "key")
	switch {
	case !hasCert && !hasKey:
		return "holds neither tls.crt and tls.key nor cert and key"
	case !hasCert:
		return "holds a key and no certificate (tls.crt)"
	case !hasKey:
		return "holds a certificate and no key (tls.key)"
	case !strings.Contains(cert, "-----BEGIN ") || !strings.Contains(key, "-----BEGIN "):
		return ""
	}
	if _, err := tls.X509KeyPair([]byte(cert), []byte(key)); err != nil && strings.Contains(err.Error(), "does not match") {
		return "holds a certificate and a key that do not belong together"
	}
	return ""
}

// secretValue is what stands under one of keys; there tells whether any of them
// is written.
func secretValue(root *source.Node, keys ...string) (value string, there bool) {
	for _, key := range keys {
		if n := root.Get("stringData").Get(key); n != nil {
			return root.Get("stringData").Text(key), true
		}
		if n := root.Get("data").Get(key); n != nil {
			text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(root.Get("data").Text(key)), ""))
			if err != nil {
				return "", true
			}
			return string(text), true
		}
	}
	return "", false
}
