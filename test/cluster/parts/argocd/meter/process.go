package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// process is a container's first process: its environment as it was started, and its view of the file system.
type process struct {
	pid         int
	environment map[string]string
}

func containerID(full string) string {
	_, id, found := strings.Cut(full, "://")
	if !found {
		return full
	}
	return id
}

func processOf(container string) (*process, error) {
	groups, err := filepath.Glob("/proc/[0-9]*/cgroup")
	if err != nil {
		return nil, err
	}
	lowest := 0
	for _, file := range groups {
		content, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(content), container) {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(file, "/")[2])
		if err == nil && (lowest == 0 || pid < lowest) {
			lowest = pid
		}
	}
	if lowest == 0 {
		return nil, fmt.Errorf("no process of container %.12s on this host", container)
	}
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", lowest))
	if err != nil {
		return nil, err
	}
	environment := map[string]string{}
	for _, entry := range strings.Split(string(raw), "\x00") {
		if name, value, found := strings.Cut(entry, "="); found {
			environment[name] = value
		}
	}
	// The very first process of a container is the runtime's own until it has become the image's entry point.
	if environment["KUBERNETES_SERVICE_HOST"] == "" {
		return nil, fmt.Errorf("container %.12s is still being set up", container)
	}
	return &process{pid: lowest, environment: environment}, nil
}

// path is where the host finds what the container calls so.
func (p *process) path(inside string) string { return fmt.Sprintf("/proc/%d/root%s", p.pid, inside) }

func (p *process) alive() bool {
	// A zombie has no root any more.
	_, err := os.Stat(fmt.Sprintf("/proc/%d/root/", p.pid))
	return err == nil
}

// named is the value of the variable that ends so, whichever component's prefix it has.
func (p *process) named(suffix, otherwise string) string {
	for name, value := range p.environment {
		if strings.HasPrefix(name, "ARGOCD_") && strings.HasSuffix(name, suffix) && value != "" {
			return value
		}
	}
	return otherwise
}
