// What a repo-server and a client say of certificates, keys and CAs that are published as they are: files are loaded by Argo CD's own
// functions, then the two shake hands over loopback. One JSON question a line in, one JSON answer a line out.
//
// Invariant: no judgement here. A side is "fine", or it is what Argo CD or Go's crypto/tls said, in their words.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/sirupsen/logrus"
)

type question struct {
	Role        string // client: the pair is a client's; serving: it is repo-server's
	Certificate string
	Key         string
	Anchors     string // what the other side trusts
	Host        string // what the client dials
	At          int64  // milliseconds since 1970, for both sides
}

type answer struct {
	Client string `json:"client"`
	Server string `json:"server"`
}

func main() {
	logrus.SetOutput(io.Discard)
	folder, err := os.MkdirTemp("", "mtls-rotator-tlsjudge-")
	if err != nil {
		fail(err)
	}
	defer os.RemoveAll(folder)
	own, err := newServing(folder)
	if err != nil {
		fail(err)
	}
	out := json.NewEncoder(os.Stdout)
	in := bufio.NewReader(os.Stdin)
	for {
		line, readErr := in.ReadBytes('\n')
		if len(line) > 1 {
			var asked question
			if err := json.Unmarshal(line, &asked); err != nil {
				fail(err)
			}
			_ = out.Encode(judge(folder, own, asked))
		}
		if readErr != nil {
			return
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
