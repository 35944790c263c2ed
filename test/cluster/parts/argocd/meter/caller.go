package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// caller stands for one container of a client: what that loads once is loaded once here.
type caller struct {
	namespace, component, pod, container string

	address string // the Service's ClusterIP: the host has no cluster DNS
	dials   string // what the component calls it, and expects in the certificate
	process *process
	tally   *tally
	cancel  context.CancelFunc

	plaintext         bool
	strict            bool
	roots             *x509.CertPool
	problem           error // what would have kept the component from starting
	certFile, keyFile string

	cached                    *tls.Certificate
	certModified, keyModified time.Time
	loading                   sync.Mutex

	// notifications-controller only: one connection for its whole life, with or without a certificate as it was at its start.
	longLived      *grpc.ClientConn
	longLivedAlert *alert
	local          atomic.Value // net.Addr of the last connection
}

func newCaller(namespace, component, pod, container, address string, process *process, tally *tally) *caller {
	c := &caller{
		namespace: namespace, component: component, pod: pod, container: container,
		address: address, process: process, tally: tally,
		dials:     process.named("_CONTROLLER_REPO_SERVER", process.named("_SERVER_REPO_SERVER", "argocd-repo-server:8081")),
		plaintext: process.named("_REPO_SERVER_PLAINTEXT", "false") == "true",
		strict:    process.named("_REPO_SERVER_STRICT_TLS", "false") == "true",
		certFile:  process.path(process.named("_REPO_SERVER_CLIENT_CERT_PATH", "/app/config/reposerver/mtls/client.crt")),
		keyFile:   process.path(process.named("_REPO_SERVER_CLIENT_CERT_KEY_PATH", "/app/config/reposerver/mtls/client.key")),
	}
	// util/tls/tls.go, AddClientTLSFlagsToCmdWithPrefix: the pool is read once; a file that is missing is an empty pool.
	if ca := process.named("_REPO_SERVER_CA_CERT_PATH", ""); ca != "" {
		c.strict = true
		c.roots, c.problem = loadPool(process.path(ca))
	} else if c.strict {
		folder := map[string]string{"argocd-application-controller": "controller"}[component]
		if folder == "" {
			folder = "server"
		}
		if component == "argocd-applicationset-controller" || component == "argocd-notifications-controller" {
			folder = "reposerver"
		}
		c.roots, c.problem = loadPool(process.path("/app/config/"+folder+"/tls/tls.crt"), process.path("/app/config/"+folder+"/tls/ca.crt"))
	}
	if component == "argocd-notifications-controller" && c.problem == nil {
		var err error
		c.longLivedAlert = &alert{longLived: true}
		if c.longLived, err = c.dial(c.longLivedAlert); err != nil {
			c.problem = err
		}
	}
	return c
}

func (c *caller) describe() target {
	t := target{Namespace: c.namespace, Component: c.component, Pod: c.pod, Container: c.container, Pid: c.process.pid, Address: c.dials, Verifies: c.strict}
	if c.problem != nil {
		t.Problem = c.problem.Error()
	}
	return t
}

func (c *caller) run(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	var calls sync.WaitGroup
	for {
		select {
		case <-ctx.Done():
			calls.Wait()
			if c.longLived != nil {
				_ = c.longLived.Close()
			}
			return
		case <-ticker.C:
		}
		if !c.tally.counts(c.namespace) {
			continue
		}
		// A slow call must not thin out the next ones.
		calls.Add(1)
		go func() {
			defer calls.Done()
			c.one(ctx)
		}()
	}
}

func (c *caller) one(ctx context.Context) {
	began := time.Now()
	remote, err := c.call(ctx)
	// The pod's own end is not a failed call of it: a process that is gone would not have made one.
	if err != nil && (ctx.Err() != nil || !c.process.alive()) {
		return
	}
	entry := call{
		Time: began.UTC(), Namespace: c.namespace, Pod: c.pod, Component: c.component,
		Remote: remote, OK: err == nil, Class: classify(err), Millis: time.Since(began).Milliseconds(),
	}
	if err != nil {
		entry.Error = err.Error()
		entry.Target = answeringPod(c.local.Load())
	}
	c.tally.add(entry)
}

func (c *caller) call(ctx context.Context) (string, error) {
	if c.problem != nil {
		return c.address, fmt.Errorf("tls: %w", c.problem)
	}
	connection, refusal := c.longLived, c.longLivedAlert
	if connection == nil {
		refusal = &alert{}
		fresh, err := c.dial(refusal)
		if err != nil {
			return c.address, err
		}
		defer func() { _ = fresh.Close() }()
		connection = fresh
	}
	// Argo CD's own time-out for a call is a minute; a call that takes this long has failed for a user already.
	callCtx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := grpc_health_v1.NewHealthClient(connection).Check(callCtx, &grpc_health_v1.HealthCheckRequest{})
	if text := refusal.text(); err != nil && text != "" && classify(err) != "tls" {
		err = fmt.Errorf("%w (%s)", err, text)
	}
	return c.address, err
}

// dial is reposerver/apiclient/clientset.go's NewConnection without its retries and telemetry.
func (c *caller) dial(refusal *alert) (*grpc.ClientConn, error) {
	transport := insecure.NewCredentials()
	if !c.plaintext {
		config, err := c.tlsConfig()
		if err != nil {
			return nil, fmt.Errorf("tls: %w", err)
		}
		transport = alertReading{credentials.NewTLS(config), refusal}
	}
	return grpc.NewClient("passthrough:///"+c.address,
		grpc.WithAuthority(c.dials),
		grpc.WithTransportCredentials(transport),
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			conn, err := c.process.dial(ctx, address)
			if err == nil {
				c.local.Store(conn.LocalAddr())
			}
			return conn, err
		}),
	)
}

// tlsConfig is clientset.go's buildTLSClientConfig: whether there is a certificate is decided when the connection is made.
func (c *caller) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{}
	if c.strict {
		config.RootCAs = c.roots
	} else {
		config.InsecureSkipVerify = true
	}
	if _, err := os.Stat(c.certFile); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return config, nil
		}
		return nil, err
	}
	if _, err := c.certificate(); err != nil {
		return nil, fmt.Errorf("failed to load initial client certificate: %w", err)
	}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		if _, err := os.Stat(c.certFile); errors.Is(err, os.ErrNotExist) {
			return new(tls.Certificate), nil
		}
		return c.certificate()
	}
	return config, nil
}

// certificate is clientset.go's getClientCertFromCache: loaded again only when a file's mtime is newer than the cached one.
func (c *caller) certificate() (*tls.Certificate, error) {
	certInfo, err := os.Stat(c.certFile)
	if err != nil {
		return nil, err
	}
	keyInfo, err := os.Stat(c.keyFile)
	if err != nil {
		return nil, err
	}
	c.loading.Lock()
	defer c.loading.Unlock()
	if c.cached != nil && !certInfo.ModTime().After(c.certModified) && !keyInfo.ModTime().After(c.keyModified) {
		return c.cached, nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return nil, err
	}
	c.cached, c.certModified, c.keyModified = &pair, certInfo.ModTime(), keyInfo.ModTime()
	return c.cached, nil
}

func loadPool(files ...string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	for _, file := range files {
		content, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(content) {
			return nil, fmt.Errorf("invalid cert data in %s", file)
		}
	}
	return pool, nil
}

// classify tells the failures that a rotation is to blame for from those that any rolling restart makes.
func classify(err error) string {
	if err == nil {
		return "ok"
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "tls:"), strings.Contains(text, "x509:"):
		return "tls"
	case strings.Contains(text, "code = Unavailable"), strings.Contains(text, "code = DeadlineExceeded"),
		strings.Contains(text, "connection"), strings.Contains(text, "EOF"):
		return "connection"
	default:
		return "other"
	}
}
