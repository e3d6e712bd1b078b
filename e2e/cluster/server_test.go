package cluster

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// version is that of k8s.io/kubernetes in apiserver/go.mod.
const version = "v1.37.2"

// programs builds kube-apiserver and etcd, unless it was done before for this go.sum.
var programs = sync.OnceValues(func() (string, error) {
	sum, err := os.ReadFile("apiserver/go.sum")
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "mesh2gw", fmt.Sprintf("apiserver-%x", sha256.Sum256(sum))[:26])
	if _, err := os.Stat(filepath.Join(dir, "built")); err == nil {
		return dir, nil
	}
	fmt.Fprintln(os.Stderr, "building kube-apiserver and etcd, which takes minutes the first time")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	stamp := "-s -w -X k8s.io/component-base/version.gitVersion=" + version + " -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=37"
	build := exec.Command("go", "build", "-ldflags", stamp, "-o", dir+"/", "k8s.io/kubernetes/cmd/kube-apiserver", "go.etcd.io/etcd/server/v3")
	build.Dir = "apiserver"
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build kube-apiserver and etcd: %w\n%s", err, out)
	}
	return dir, os.WriteFile(filepath.Join(dir, "built"), nil, 0o644)
})

// Accounts of the server, by token. Only admin may do anything at first.
const (
	admin  = "admin-token"
	reader = "reader-token"
	nobody = "nobody-token"
)

const accounts = admin + ",admin,1,\"system:masters\"\n" + reader + ",reader,2\n" + nobody + ",nobody,3\n"

// server is an API server with its store.
type server struct {
	dir, url  string
	etcd, api *exec.Cmd
	args      []string
	client    dynamic.Interface // of admin
}

// start starts one; it ends with the test.
func start(t *testing.T) *server {
	t.Helper()
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{dir: t.TempDir()}
	store, peer, port := "http://"+free(t), "http://"+free(t), free(t)
	s.etcd = exec.Command(filepath.Join(bin, "server"), "--data-dir", filepath.Join(s.dir, "etcd"), "--listen-client-urls", store, "--advertise-client-urls", store,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer, "--log-level", "error")
	run(t, s.etcd)
	write(t, filepath.Join(s.dir, "tokens.csv"), accounts)
	key := filepath.Join(s.dir, "accounts.key")
	write(t, key, signingKey(t))
	_, number, err := net.SplitHostPort(port)
	if err != nil {
		t.Fatal(err)
	}
	s.url = "https://" + port
	s.args = []string{
		filepath.Join(bin, "kube-apiserver"), "--etcd-servers", store, "--secure-port", number, "--bind-address", "127.0.0.1", "--advertise-address", "192.0.2.1", "--endpoint-reconciler-type", "none",
		"--cert-dir", filepath.Join(s.dir, "certs"), "--token-auth-file", filepath.Join(s.dir, "tokens.csv"), "--authorization-mode", "RBAC",
		"--service-account-issuer", "https://mesh2gw.test", "--service-account-key-file", key, "--service-account-signing-key-file", key,
		"--service-cluster-ip-range", "10.0.0.0/16", "--disable-admission-plugins", "ServiceAccount", "-v", "0",
	}
	s.boot(t)
	config := &rest.Config{Host: s.url, BearerToken: admin, QPS: 500, Burst: 500}
	config.CAFile = filepath.Join(s.dir, "certs", "apiserver.crt")
	config.WarningHandlerWithContext = rest.NoWarnings{}
	if s.client, err = dynamic.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	return s
}

// boot starts the API server, and waits until it is ready.
func (s *server) boot(t *testing.T) {
	t.Helper()
	s.api = exec.Command(s.args[0], s.args[1:]...)
	log, err := os.Create(filepath.Join(s.dir, "apiserver.log"))
	if err != nil {
		t.Fatal(err)
	}
	s.api.Stdout, s.api.Stderr = log, log
	run(t, s.api)
	for begun := time.Now(); !s.ready(); time.Sleep(100 * time.Millisecond) {
		if time.Since(begun) > 2*time.Minute {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("the API server is not ready:\n%s", text[max(0, len(text)-3000):])
		}
	}
}

func (s *server) ready() bool {
	pool := x509.NewCertPool()
	pem, err := os.ReadFile(filepath.Join(s.dir, "certs", "apiserver.crt"))
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		return false
	}
	config, err := rest.TLSConfigFor(&rest.Config{Host: s.url, TLSClientConfig: rest.TLSClientConfig{CAData: pem}})
	if err != nil {
		return false
	}
	c := http.Client{Transport: &http.Transport{TLSClientConfig: config}, Timeout: time.Second}
	req, err := http.NewRequest(http.MethodGet, s.url+"/readyz", nil)
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", "Bearer "+admin)
	resp, err := c.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// kill ends the API server at once, as a crash does.
func (s *server) kill() {
	_ = s.api.Process.Kill()
	_ = s.api.Wait()
}

// kubeconfig is a file for an account.
func (s *server) kubeconfig(t *testing.T, token string) string {
	t.Helper()
	name := filepath.Join(s.dir, token+".kubeconfig")
	write(t, name, fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: test
clusters: [{name: test, cluster: {server: %q, certificate-authority: %q}}]
users: [{name: me, user: {token: %q}}]
contexts: [{name: test, context: {cluster: test, user: me}}]
`, s.url, filepath.Join(s.dir, "certs", "apiserver.crt"), token))
	return name
}

// run starts a program that ends with the test.
func run(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if c.Stderr == nil {
		c.Stderr = os.Stderr
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
}

// free is an address that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func signingKey(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// mesh2gw is the program that is tested, built from this tree.
var mesh2gw = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "mesh2gw-cluster-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "mesh2gw")
	build := exec.Command("go", "build", "-o", path, "./cmd/mesh2gw")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build mesh2gw: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := mesh2gw(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// outcome is what a command wrote, and its exit code.
type outcome struct {
	out, err string
	code     int
}

// as runs mesh2gw with an account of the server.
func (s *server) as(t *testing.T, token string, args ...string) outcome {
	t.Helper()
	c := s.command(t, token, args...)
	var out, complaints bytes.Buffer
	c.Stdout, c.Stderr = &out, &complaints
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{out.String(), complaints.String(), c.ProcessState.ExitCode()}
}

func (s *server) command(t *testing.T, token string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := mesh2gw()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(stop)
	c := exec.CommandContext(ctx, path, args...)
	c.Env = append(os.Environ(), "KUBECONFIG="+s.kubeconfig(t, token))
	return c
}

// wants fails the test unless the exit code is as wanted and all texts are there.
func (o outcome) wants(t *testing.T, code int, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(o.out+o.err, text) {
			t.Errorf("it does not say %q", text)
		}
	}
	if o.code != code || t.Failed() {
		t.Fatalf("exit code %d, want %d:\n%s\n%s", o.code, code, o.out, o.err)
	}
}
