package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// dial opens a connection from within the pod's network, as the component does. From the host all pods would share one
// address and its ports, and a port that comes round again within minutes may meet what the connection tracker still
// remembers of a pod that is gone.
func (p *process) dial(ctx context.Context, address string) (net.Conn, error) {
	pod, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", p.pid))
	if err != nil {
		return nil, err
	}
	defer func() { _ = pod.Close() }()
	// A socket stays in the network in which it was made. The thread goes into the pod's and never comes back: it is
	// locked to a goroutine of its own, and ends with it.
	type dialled struct {
		conn net.Conn
		err  error
	}
	done := make(chan dialled, 1)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(pod.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- dialled{nil, fmt.Errorf("the network of process %d: %w", p.pid, err)}
			return
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		done <- dialled{conn, err}
	}()
	result := <-done
	return result.conn, result.err
}
