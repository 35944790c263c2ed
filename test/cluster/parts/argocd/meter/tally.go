package main

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"time"
)

type call struct {
	Time      time.Time `json:"time"`
	Namespace string    `json:"namespace"`
	Component string    `json:"component"`
	Pod       string    `json:"pod"`
	Remote    string    `json:"remote"`
	Target    string    `json:"target,omitempty"`
	OK        bool      `json:"ok"`
	Class     string    `json:"class"`
	Error     string    `json:"error,omitempty"`
	Millis    int64     `json:"millis"`
}

type counts struct {
	Calls            int `json:"calls"`
	OK               int `json:"ok"`
	FailedByTLS      int `json:"failedByTls"`
	FailedConnection int `json:"failedByConnection"`
	FailedOther      int `json:"failedOtherwise"`
}

type summary struct {
	counts
	Seconds float64 `json:"seconds"`
	// From the first failed call to the last.
	FailedSpan   float64            `json:"failedSpanSeconds"`
	FirstFailure *time.Time         `json:"firstFailure,omitempty"`
	LastFailure  *time.Time         `json:"lastFailure,omitempty"`
	Pods         map[string]*counts `json:"pods"`
	Errors       map[string]int     `json:"errors"`
}

// tally counts the calls of one window, and writes each of them down.
type tally struct {
	mu        sync.Mutex
	out       *bufio.Writer
	encoder   *json.Encoder
	open      bool
	namespace string
	began     time.Time
	ended     time.Time
	now       summary
}

func newTally(file string) (*tally, error) {
	t := &tally{now: empty()}
	if file == "" {
		return t, nil
	}
	opened, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	t.out = bufio.NewWriter(opened)
	t.encoder = json.NewEncoder(t.out)
	return t, nil
}

func empty() summary { return summary{Pods: map[string]*counts{}, Errors: map[string]int{}} }

// begin opens a window over one namespace, or over all where none is named.
func (t *tally) begin(namespace string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open, t.namespace, t.began, t.now = true, namespace, time.Now(), empty()
}

func (t *tally) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open {
		t.open, t.ended = false, time.Now()
	}
	if t.out != nil {
		_ = t.out.Flush()
	}
}

func (t *tally) counts(namespace string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open && (t.namespace == "" || t.namespace == namespace)
}

func (t *tally) add(c call) {
	t.mu.Lock()
	defer t.mu.Unlock()
	// A call that began before the window is not the window's.
	if !t.open || c.Time.Before(t.began) {
		return
	}
	if t.encoder != nil {
		_ = t.encoder.Encode(c)
		_ = t.out.Flush()
	}
	name := c.Namespace + "/" + c.Pod
	if t.now.Pods[name] == nil {
		t.now.Pods[name] = &counts{}
	}
	t.now.count(c.Class)
	t.now.Pods[name].count(c.Class)
	if c.OK {
		return
	}
	t.now.Errors[ephemeral.ReplaceAllString(c.Error, "$1")]++
	at := c.Time
	if t.now.FirstFailure == nil {
		t.now.FirstFailure = &at
	}
	if t.now.LastFailure == nil || at.After(*t.now.LastFailure) {
		t.now.LastFailure = &at
	}
	t.now.FailedSpan = t.now.LastFailure.Sub(*t.now.FirstFailure).Seconds()
}

func (t *tally) summary() summary {
	t.mu.Lock()
	defer t.mu.Unlock()
	copied := t.now
	end := t.ended
	if t.open {
		end = time.Now()
	}
	copied.Seconds = end.Sub(t.began).Seconds()
	copied.Pods, copied.Errors = map[string]*counts{}, map[string]int{}
	for name, one := range t.now.Pods {
		value := *one
		copied.Pods[name] = &value
	}
	for text, number := range t.now.Errors {
		copied.Errors[text] = number
	}
	return copied
}

func (c *counts) count(class string) {
	c.Calls++
	switch class {
	case "ok":
		c.OK++
	case "tls":
		c.FailedByTLS++
	case "connection":
		c.FailedConnection++
	default:
		c.FailedOther++
	}
}

// One local port a call would make each error text its own.
var ephemeral = regexp.MustCompile(`(\d+\.\d+\.\d+\.\d+):\d+`)

var source = regexp.MustCompile(`src=([\d.]+) dst=[\d.]+ sport=8081`)

// answeringPod asks the connection tracker which pod the Service's address was translated to.
func answeringPod(local any) string {
	address, ok := local.(*net.TCPAddr)
	if !ok {
		return ""
	}
	out, err := exec.Command("conntrack", "-L", "-p", "tcp",
		"--orig-src", address.IP.String(), "--orig-port-src", strconv.Itoa(address.Port)).Output()
	if err != nil {
		return ""
	}
	if found := source.FindSubmatch(out); found != nil {
		return string(found[1])
	}
	return ""
}
