// Judges chains with Go's own crypto/x509, as Argo CD's programs do: one JSON question a line in, one word a line out.
// Invariant: nothing but the standard library decides.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"time"
)

type question struct {
	Leaf          string
	Intermediates []string
	Root          string
	At            int64
	Purpose       string
	Host          string
}

func certificate(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fmt.Errorf("no block")
	}
	return x509.ParseCertificate(block.Bytes)
}

func judge(q question) string {
	leaf, err := certificate(q.Leaf)
	if err != nil {
		return "no leaf: " + err.Error()
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(q.Root))
	for _, text := range q.Intermediates {
		between.AppendCertsFromPEM([]byte(text))
	}
	usage := map[string]x509.ExtKeyUsage{
		"client": x509.ExtKeyUsageClientAuth, "serving": x509.ExtKeyUsageServerAuth, "": x509.ExtKeyUsageAny,
	}[q.Purpose]
	_, err = leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: time.UnixMilli(q.At),
		KeyUsages: []x509.ExtKeyUsage{usage}, DNSName: q.Host,
	})
	if err != nil {
		return "no " + err.Error()
	}
	return "yes"
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<20)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			panic(err)
		}
		fmt.Println(judge(q))
	}
}
