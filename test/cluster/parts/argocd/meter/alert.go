package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/credentials"
)

// alert is what the peer said when it refused. With TLS 1.3 a client learns of its refusal only when it reads: one that
// happens to write first sees a broken pipe, which would look like a restarted server.
type alert struct {
	longLived bool
	mu        sync.Mutex
	said      string
}

func (a *alert) text() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.said
}

func (a *alert) set(text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.said = text
}

type alertReading struct {
	credentials.TransportCredentials
	alert *alert
}

func (c alertReading) ClientHandshake(ctx context.Context, authority string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	// A connection of one call keeps what its first attempt was told, whatever the attempts after it run into.
	if c.alert.longLived {
		c.alert.set("")
	}
	conn, info, err := c.TransportCredentials.ClientHandshake(ctx, authority, raw)
	if err != nil {
		return conn, info, err
	}
	return &alertConn{conn, c.alert}, info, nil
}

func (c alertReading) Clone() credentials.TransportCredentials {
	return alertReading{c.TransportCredentials.Clone(), c.alert}
}

type alertConn struct {
	net.Conn
	alert *alert
}

func (c *alertConn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	c.note(err)
	return n, err
}

func (c *alertConn) Write(from []byte) (int, error) {
	n, err := c.Conn.Write(from)
	if err != nil {
		// Nothing more will be said on this connection: what was said before may still be read.
		_ = c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		_, readErr := c.Conn.Read(make([]byte, 1024))
		c.note(readErr)
		if c.alert.text() == "" {
			c.alert.set(fmt.Sprintf("no alert; write %d: %v; read: %v", len(from), err, readErr))
		}
	}
	return n, err
}

func (c *alertConn) note(err error) {
	if err != nil && strings.Contains(err.Error(), "tls:") {
		c.alert.set(err.Error())
	}
}
