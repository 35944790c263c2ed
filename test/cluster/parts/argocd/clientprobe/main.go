// One of Argo CD's four repo-server clients, reduced to its connection: flags and variables are read, files loaded, the clientset
// and (where the component has one) the notification service built by Argo CD's own functions, in the order of the component's own
// command. What is left out is Kubernetes.
//
//	clientprobe <component> [the component's flags]
//
// Prints "started" once the component would be running, then makes one call for each line "call" on its input and prints a line:
// {"result":"answered"} or {"result":"failed","error":"…"}. Ends with code 1 where the component would not have started.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	service "github.com/argoproj/argo-cd/v3/util/notification/argocd"
	"github.com/argoproj/argo-cd/v3/util/tls"
	retry "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/emptypb"
	"k8s.io/client-go/kubernetes/fake"
)

// caller makes one call to repo-server, as the component makes them.
type caller func(context.Context) error

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("usage: clientprobe <component> [flags]"))
	}
	of, known := components[os.Args[1]]
	if !known {
		fail(fmt.Errorf("no such component: %s", os.Args[1]))
	}
	var call caller
	command := &cobra.Command{SilenceUsage: true, RunE: func(*cobra.Command, []string) error {
		var err error
		call, err = of.start()
		return err
	}}
	of.flags(command)
	command.SetArgs(os.Args[2:])
	if err := command.Execute(); err != nil {
		fail(err)
	}
	fmt.Println("started")
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		answer(call)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func answer(call caller) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	line := map[string]string{"result": "answered"}
	if err := call(ctx); err != nil {
		line = map[string]string{"result": "failed", "error": err.Error()}
	}
	_ = json.NewEncoder(os.Stdout).Encode(line)
}

// perCall opens a connection of its own, as server, application- and applicationset-controller do for each call
// (reposerver/apiclient/clientset.go, NewRepoServerClient). The call's own retries are switched off: they would only hide the first answer.
func perCall(clientset apiclient.Clientset) caller {
	return func(ctx context.Context) error {
		closer, client, err := clientset.NewRepoServerClient()
		if err != nil {
			return err
		}
		defer closer.Close()
		_, err = client.ListPlugins(ctx, &emptypb.Empty{}, retry.Disable())
		return err
	}
}

// held keeps one connection for its life (util/notification/argocd/service.go, NewArgoCDService, which keeps it to itself:
// built here in the same way from the same clientset).
func held(clientset apiclient.Clientset) (caller, error) {
	_, client, err := clientset.NewRepoServerClient()
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		_, err := client.ListPlugins(ctx, &emptypb.Empty{}, retry.Disable())
		return err
	}, nil
}

// notificationService is what server (server/server.go, NewServer) and notifications-controller build at their start.
func notificationService(clientset apiclient.Clientset) error {
	_, err := service.NewArgoCDService(fake.NewClientset(), nil, "argocd", clientset)
	return err
}

func strictPool(folder string) (tls.Configuration, error) {
	directory := os.Getenv("ARGOCD_APP_CONF_PATH")
	if directory == "" {
		directory = "/app/config"
	}
	pool, err := tls.LoadX509CertPool(directory+folder+"/tls.crt", directory+folder+"/ca.crt")
	return tls.Configuration{Certificates: pool}, err
}
