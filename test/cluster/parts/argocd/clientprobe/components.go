package main

import (
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/env"
	"github.com/argoproj/argo-cd/v3/util/tls"
	"github.com/spf13/cobra"
)

// component is one client as its command sets it up: cmd/argocd-{server,application-controller,applicationset-controller,notification}/commands.
type component struct {
	prefix       string // of its variables
	strictFolder string
	addressFlag  string
	addressEnv   string
	strictFlag   string
	strictEnv    string
	notifies     bool // builds the notification service at its start
	holds        bool // makes its calls over one connection

	config  func() (tls.Configuration, error)
	address string
	strict  bool
}

var components = map[string]*component{
	"server": {
		prefix: "SERVER", strictFolder: "/server/tls", notifies: true,
		addressFlag: "repo-server", addressEnv: "ARGOCD_SERVER_REPO_SERVER",
		strictFlag: "repo-server-strict-tls", strictEnv: "ARGOCD_SERVER_REPO_SERVER_STRICT_TLS",
	},
	"application-controller": {
		prefix: "APPLICATION_CONTROLLER", strictFolder: "/controller/tls",
		addressFlag: "repo-server", addressEnv: "ARGOCD_APPLICATION_CONTROLLER_REPO_SERVER",
		strictFlag: "repo-server-strict-tls", strictEnv: "ARGOCD_APPLICATION_CONTROLLER_REPO_SERVER_STRICT_TLS",
	},
	"applicationset-controller": {
		prefix: "APPLICATIONSET_CONTROLLER", strictFolder: "/reposerver/tls",
		addressFlag: "argocd-repo-server", addressEnv: "ARGOCD_APPLICATIONSET_CONTROLLER_REPO_SERVER",
		strictFlag: "repo-server-strict-tls", strictEnv: "ARGOCD_APPLICATIONSET_CONTROLLER_REPO_SERVER_STRICT_TLS",
	},
	"notifications-controller": {
		prefix: "NOTIFICATION_CONTROLLER", strictFolder: "/reposerver/tls", notifies: true, holds: true,
		addressFlag: "argocd-repo-server", strictFlag: "argocd-repo-server-strict-tls",
	},
}

func (c *component) flags(command *cobra.Command) {
	address, strict := "argocd-repo-server:8081", false
	if c.addressEnv != "" {
		address = env.StringFromEnv(c.addressEnv, address)
	}
	if c.strictEnv != "" {
		strict = env.ParseBoolFromEnv(c.strictEnv, strict)
	}
	command.Flags().StringVar(&c.address, c.addressFlag, address, "")
	command.Flags().BoolVar(&c.strict, c.strictFlag, strict, "")
	c.config = tls.AddClientTLSFlagsToCmdWithPrefix(command, c.prefix)
}

// start does what the component's command does between its flags and its first call.
func (c *component) start() (caller, error) {
	config, err := c.config()
	if err != nil {
		return nil, err
	}
	config.StrictValidation = config.StrictValidation || c.strict
	if c.strict && config.Certificates == nil {
		pool, err := strictPool(c.strictFolder)
		if err != nil {
			return nil, err
		}
		config.Certificates = pool.Certificates
	}
	clientset := apiclient.NewRepoServerClientset(c.address, 5, config)
	if c.notifies {
		if err := notificationService(clientset); err != nil {
			return nil, err
		}
	}
	if c.holds {
		return held(clientset)
	}
	return perCall(clientset), nil
}
