// Vault's own core as released, in memory, with the secrets engines and logins that the tests use (PKI, KV, AppRole,
// Kubernetes, JWT, tokens) behind Vault's own HTTP handler over TLS. Upstream's command is not used: it links every cloud.
package main

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	jwt "github.com/hashicorp/vault-plugin-auth-jwt"
	kubernetes "github.com/hashicorp/vault-plugin-auth-kubernetes"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/builtin/credential/approle"
	"github.com/hashicorp/vault/builtin/logical/pki"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

var engines = map[string]logical.Factory{"pki": pki.Factory, "kv": kv.Factory}

var logins = map[string]logical.Factory{"approle": approle.Factory, "kubernetes": kubernetes.Factory, "jwt": jwt.Factory}

// What may be mounted, for Vault's plugin catalog.
type builtins struct{}

func (builtins) factories(kind consts.PluginType) map[string]logical.Factory {
	switch kind {
	case consts.PluginTypeSecrets:
		return engines
	case consts.PluginTypeCredential:
		return logins
	}
	return nil
}

func (b builtins) Contains(name string, kind consts.PluginType) bool {
	_, known := b.factories(kind)[name]
	return known
}

func (b builtins) Get(name string, kind consts.PluginType) (func() (interface{}, error), bool) {
	factory, known := b.factories(kind)[name]
	return func() (interface{}, error) { return factory, nil }, known
}

func (b builtins) Keys(kind consts.PluginType) []string {
	var names []string
	for name := range b.factories(kind) {
		names = append(names, name)
	}
	return names
}

func (b builtins) DeprecationStatus(name string, kind consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, b.Contains(name, kind)
}

func (builtins) IsBuiltinEntPlugin(string, consts.PluginType) bool { return false }

func main() {
	listen := flag.String("listen", "127.0.0.1:8200", "address and port of the API")
	certificate := flag.String("tls-cert-file", "", "certificate of the API, PEM")
	key := flag.String("tls-key-file", "", "its key, PEM")
	rootToken := flag.String("root-token-file", "", "where the root token is written to, once Vault is unsealed and listens")
	unsealKey := flag.String("unseal-key-file", "", "where the one unseal key is written to, hex, as sys/unseal takes it")
	flag.Parse()
	if err := run(*listen, *certificate, *key, *rootToken, *unsealKey); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(listen, certificate, key, rootTokenFile, unsealKeyFile string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return err
	}
	core, initialized, err := start(ctx)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: vaulthttp.Handler.Handler(&vault.HandlerProperties{
			Core: core,
			ListenerConfig: &configutil.Listener{
				Type: "tcp", Address: listen,
				MaxRequestSize: vaulthttp.DefaultMaxRequestSize, MaxRequestDuration: vault.DefaultMaxRequestDuration,
			},
		}),
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}},
		ReadHeaderTimeout: 10 * time.Second,
	}
	served := make(chan error, 1)
	go func() { served <- server.ServeTLS(listener, "", "") }()

	if err := os.WriteFile(unsealKeyFile, []byte(hex.EncodeToString(initialized.SecretShares[0])), 0o600); err != nil {
		return err
	}
	// The last thing written: whoever finds it finds the rest.
	if err := os.WriteFile(rootTokenFile, []byte(initialized.RootToken), 0o600); err != nil {
		return err
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(ending); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return core.ShutdownWait()
}

// One key share, so that one call unseals it.
func start(ctx context.Context) (*vault.Core, *vault.InitResult, error) {
	logger := hclog.New(&hclog.LoggerOptions{Name: "vault", Level: hclog.Info, Output: os.Stdout})
	storage, err := inmem.NewInmem(nil, logger)
	if err != nil {
		return nil, nil, err
	}
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:           storage,
		StorageType:        "inmem",
		Logger:             logger,
		DisableMlock:       true,
		LogicalBackends:    engines,
		CredentialBackends: logins,
		BuiltinRegistry:    builtins{},
	})
	if err != nil {
		return nil, nil, err
	}
	one := &vault.SealConfig{SecretShares: 1, SecretThreshold: 1, StoredShares: 1}
	initialized, err := core.Initialize(ctx, &vault.InitParams{BarrierConfig: one, RecoveryConfig: one})
	if err != nil {
		return nil, nil, err
	}
	unsealed, err := vault.TestCoreUnseal(core, vault.TestKeyCopy(initialized.SecretShares[0]))
	if err != nil {
		return nil, nil, err
	}
	if !unsealed {
		return nil, nil, errors.New("Vault stays sealed after its one key was given")
	}
	return core, initialized, nil
}
