package mtls

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// authority signs certificates, as an Issuer does.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &authority{cert, key, pool}
}

// issue does what a Certificate asks for.
func (a *authority) issue(t *testing.T, c *Certificate) tls.Certificate {
	t.Helper()
	usages := map[string]x509.ExtKeyUsage{"server auth": x509.ExtKeyUsageServerAuth, "client auth": x509.ExtKeyUsageClientAuth}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		DNSNames: c.Spec.DNSNames, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	for _, u := range c.Spec.Usages {
		if ext, ok := usages[u]; ok {
			template.ExtKeyUsage = append(template.ExtKeyUsage, ext)
		}
	}
	for _, text := range c.Spec.URIs {
		uri, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		template.URIs = append(template.URIs, uri)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// What a Service's pods get lets a gateway verify them under the hostname of its
// BackendTLSPolicy, and lets them refuse who has no certificate.
func TestHandshake(t *testing.T) {
	p := &planner{Options: Options{Issuer: DefaultIssuer}}
	p.certify(&identity{Name: route.Name{Namespace: "shop", Name: "web"}, services: map[string]bool{"web": true}, workloads: []*workload{{kind: "Pod"}}})
	pod := p.result.Objects[0].Value.(*Certificate)
	gateway := p.certificate(route.Name{Namespace: "shop", Name: "edge"}, "spiffe://cluster.local/ns/shop/gateway/edge", nil, finding.Place{}).Value.(*Certificate)

	ca, stranger := newAuthority(t), newAuthority(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.TLS.PeerCertificates[0].URIs[0].String()))
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{ca.issue(t, pod)}, ClientCAs: ca.pool, ClientAuth: tls.RequireAndVerifyClientCert}
	server.StartTLS()
	defer server.Close()

	for _, c := range []struct {
		name, hostname string
		shown          []tls.Certificate
		trusted        *x509.CertPool
		works          bool
	}{
		{"gateway", "web.shop.svc.cluster.local", []tls.Certificate{ca.issue(t, gateway)}, ca.pool, true},
		{"another pod", "web", []tls.Certificate{ca.issue(t, pod)}, ca.pool, true},
		{"no certificate", "web.shop.svc.cluster.local", nil, ca.pool, false},
		{"certificate of another authority", "web.shop.svc.cluster.local", []tls.Certificate{stranger.issue(t, gateway)}, ca.pool, false},
		{"another Service's name", "cart.shop.svc.cluster.local", []tls.Certificate{ca.issue(t, gateway)}, ca.pool, false},
		{"server of another authority", "web.shop.svc.cluster.local", []tls.Certificate{ca.issue(t, gateway)}, stranger.pool, false},
	} {
		conn, err := tls.Dial("tcp", server.Listener.Addr().String(), &tls.Config{ServerName: c.hostname, RootCAs: c.trusted, Certificates: c.shown})
		if err == nil {
			err = answered(conn) // TLS 1.3 refuses clients after the handshake
		}
		if works := err == nil; works != c.works {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func answered(conn net.Conn) error {
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte("GET / HTTP/1.0\r\n\r\n")); err != nil {
		return err
	}
	_, err := conn.Read(make([]byte, 1))
	return err
}
