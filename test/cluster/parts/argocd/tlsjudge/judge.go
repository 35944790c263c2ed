package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	argotls "github.com/argoproj/argo-cd/v3/util/tls"
)

const fine = "fine"

// serving is a repo-server's pair that nothing is wrong with, for questions about a client's.
type serving struct{ certificate, key string }

func newServing(folder string) (serving, error) {
	pair, err := argotls.GenerateX509KeyPair(argotls.CertOptions{Hosts: []string{"localhost"}, Organization: "Argo CD"})
	if err != nil {
		return serving{}, err
	}
	certificate, key := argotls.EncodeX509KeyPair(*pair)
	return serving{write(folder, "own.crt", certificate), write(folder, "own.key", key)}, nil
}

func write(folder, name string, content []byte) string {
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		fail(err)
	}
	return path
}

func judge(folder string, own serving, asked question) answer {
	certificate := write(folder, "asked.crt", []byte(asked.Certificate))
	key := write(folder, "asked.key", []byte(asked.Key))
	anchors := write(folder, "asked-ca.crt", []byte(asked.Anchors))
	now := func() time.Time { return time.UnixMilli(asked.At) }
	client, server := &tls.Config{Time: now}, &tls.Config{}
	said := answer{Client: fine, Server: fine}
	if asked.Role == "client" {
		// reposerver/server.go, NewServer; reposerver/apiclient/clientset.go, buildTLSClientConfig: v3.6.1
		client.InsecureSkipVerify = true
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			said.Client = err.Error()
		}
		client.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
		server, err = argotls.CreateServerTLSConfig(own.certificate, own.key, nil, anchors)
		if err != nil {
			said.Server = err.Error()
		}
	} else {
		pool, err := argotls.LoadX509CertPool(anchors)
		if err != nil {
			said.Client = err.Error()
		}
		client.RootCAs, client.ServerName = pool, asked.Host
		server, err = argotls.CreateServerTLSConfig(certificate, key, nil, "")
		if err != nil {
			said.Server = err.Error()
		}
	}
	if said.Client != fine || said.Server != fine {
		return said
	}
	server.Time = now
	server.MinVersion = tls.VersionTLS12
	return shakeHands(client, server)
}

// shakeHands has the client call once: under TLS 1.3 it knows only by the first answer that it was let in.
func shakeHands(client, server *tls.Config) answer {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	defer listener.Close()
	served := make(chan error, 1)
	go func() {
		raw, err := listener.Accept()
		if err != nil {
			fail(err)
		}
		defer raw.Close()
		served <- talk(tls.Server(raw, server), func(connection *tls.Conn) error {
			_, err := connection.Write([]byte("y"))
			return err
		})
	}()
	raw, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		fail(err)
	}
	called := talk(tls.Client(raw, client), func(connection *tls.Conn) error {
		_, err := io.ReadFull(connection, make([]byte, 1))
		return err
	})
	raw.Close()
	said := answer{Client: objection(called), Server: objection(<-served)}
	if called != nil && said.Client == fine && said.Server == fine {
		said.Client = called.Error()
	}
	return said
}

func talk(connection *tls.Conn, then func(*tls.Conn) error) error {
	_ = connection.SetDeadline(time.Now().Add(20 * time.Second))
	if err := connection.Handshake(); err != nil {
		return err
	}
	return then(connection)
}

// objection is what a side itself had against the other; that the other one ended it is not.
func objection(err error) string {
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fine
	case strings.Contains(err.Error(), "remote error: "):
		return fine
	}
	return fmt.Sprint(err)
}
