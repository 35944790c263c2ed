// The traffic meter: for every client pod of Argo CD, a call to repo-server every 200 ms, as that component would make it and
// with the files that the pod's own process sees, without retry. It reads the container's environment and files through
// /proc/<pid>/root, so projected items, paths and subPath mounts are what they are for Argo CD.
//
// Controlled over HTTP: POST /start (counters to zero, calls begin), POST /stop and GET /summary answer the counts, GET /targets
// says which containers are followed. Containers are followed from the start of the program, whether calls are made or not:
// what a component loads once is loaded here when its container is first seen.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig of the meter's own identity")
	namespaces := flag.String("namespaces", "argocd", "namespaces of the Argo CD instances, comma-separated")
	listen := flag.String("listen", "127.0.0.1:27070", "control address")
	calls := flag.String("calls", "", "file that gets a JSON line a call")
	interval := flag.Duration("interval", 200*time.Millisecond, "time between two calls of one pod")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	config.QPS, config.Burst = 50, 100
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		log.Fatal(err)
	}
	tally, err := newTally(*calls)
	if err != nil {
		log.Fatal(err)
	}
	follower := newFollower(client, strings.Split(*namespaces, ","), *interval, tally)
	go follower.run(ctx)

	server := &http.Server{Addr: *listen, Handler: control(follower, tally), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	log.Printf("following %s, listening on %s", *namespaces, *listen)
	if err := server.ListenAndServe(); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
	follower.wait()
}

func control(follower *follower, tally *tally) http.Handler {
	answer := func(w http.ResponseWriter, value any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(value)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /start", func(w http.ResponseWriter, r *http.Request) {
		tally.begin(r.URL.Query().Get("namespace"))
		answer(w, map[string]string{"state": "started"})
	})
	mux.HandleFunc("POST /stop", func(w http.ResponseWriter, _ *http.Request) {
		tally.end()
		answer(w, tally.summary())
	})
	mux.HandleFunc("GET /summary", func(w http.ResponseWriter, _ *http.Request) { answer(w, tally.summary()) })
	mux.HandleFunc("GET /targets", func(w http.ResponseWriter, _ *http.Request) { answer(w, follower.targets()) })
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		if !follower.listed() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	return mux
}
