// Argo CD as released: one binary that is the component whose name it is called by, like upstream's own.
// The components are imported by name from the pinned module; nothing of theirs is changed.
package main

import (
	"os"
	"path/filepath"

	appcontroller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	applicationset "github.com/argoproj/argo-cd/v3/cmd/argocd-applicationset-controller/commands"
	gitaskpass "github.com/argoproj/argo-cd/v3/cmd/argocd-git-ask-pass/commands"
	notification "github.com/argoproj/argo-cd/v3/cmd/argocd-notification/commands"
	reposerver "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	apiserver "github.com/argoproj/argo-cd/v3/cmd/argocd-server/commands"
	"github.com/argoproj/argo-cd/v3/util/grpc"
	"github.com/argoproj/argo-cd/v3/util/log"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"
)

var components = map[string]func() *cobra.Command{
	"argocd-server":                    apiserver.NewCommand,
	"argocd-application-controller":    appcontroller.NewCommand,
	"argocd-repo-server":               reposerver.NewCommand,
	"argocd-applicationset-controller": applicationset.NewCommand,
	"argocd-notifications":             notification.NewCommand,
	"argocd-git-ask-pass":              gitaskpass.NewCommand,
}

func main() {
	klog.SetLogger(log.NewLogrusLogger(log.NewWithCurrentConfig()))
	grpc.DisableSRVLookups()

	name := filepath.Base(os.Args[0])
	if named := os.Getenv("ARGOCD_BINARY_NAME"); named != "" {
		name = named
	}
	component, known := components[name]
	if !known {
		os.Stderr.WriteString("not built into the cluster tests: " + name + "\n")
		os.Exit(2)
	}
	if component().Execute() != nil {
		os.Exit(1)
	}
}
