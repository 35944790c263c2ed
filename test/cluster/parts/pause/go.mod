module argocd-mtls-rotator.test/cluster/parts/pause

go 1.26.0
