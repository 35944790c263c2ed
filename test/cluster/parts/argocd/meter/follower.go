package main

import (
	"context"
	"log"
	"sort"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// The four clients of repo-server, by the name label that upstream's manifests give them.
var clientComponents = map[string]bool{
	"argocd-server":                    true,
	"argocd-application-controller":    true,
	"argocd-applicationset-controller": true,
	"argocd-notifications-controller":  true,
}

// follower keeps one caller for each running client container: a restarted container is another one.
type follower struct {
	client     kubernetes.Interface
	namespaces []string
	interval   time.Duration
	tally      *tally

	mu      sync.Mutex
	callers map[string]*caller
	once    bool
	running sync.WaitGroup
}

type target struct {
	Namespace string `json:"namespace"`
	Component string `json:"component"`
	Pod       string `json:"pod"`
	Container string `json:"container"`
	Pid       int    `json:"pid"`
	Address   string `json:"address"`
	Verifies  bool   `json:"verifies"`
	Problem   string `json:"problem,omitempty"`
}

func newFollower(client kubernetes.Interface, namespaces []string, interval time.Duration, tally *tally) *follower {
	return &follower{client: client, namespaces: namespaces, interval: interval, tally: tally, callers: map[string]*caller{}}
}

func (f *follower) run(ctx context.Context) {
	for ctx.Err() == nil {
		seen := map[string]bool{}
		whole := true
		for _, namespace := range f.namespaces {
			if err := f.follow(ctx, namespace, seen); err != nil {
				// Which pods there are is not known now: the callers that are there go on.
				whole = false
				if ctx.Err() == nil {
					log.Printf("%s: %v", namespace, err)
				}
			}
		}
		if whole {
			f.forget(seen)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	f.forget(map[string]bool{})
}

func (f *follower) follow(ctx context.Context, namespace string, seen map[string]bool) error {
	pods, err := f.client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	address := ""
	for _, pod := range pods.Items {
		component := pod.Labels["app.kubernetes.io/name"]
		if !clientComponents[component] {
			continue
		}
		container := runningContainer(pod)
		if container == "" || pod.DeletionTimestamp != nil {
			continue
		}
		seen[container] = true
		f.mu.Lock()
		_, known := f.callers[container]
		f.mu.Unlock()
		if known {
			continue
		}
		if address == "" {
			service, err := f.client.CoreV1().Services(namespace).Get(ctx, "argocd-repo-server", metav1.GetOptions{})
			if err != nil {
				return err
			}
			address = service.Spec.ClusterIP + ":8081"
		}
		process, err := processOf(container)
		if err != nil {
			// Gone between the list and now, or not quite there yet: the next round will tell.
			log.Printf("%s/%s: %v", namespace, pod.Name, err)
			continue
		}
		one := newCaller(namespace, component, pod.Name, container, address, process, f.tally)
		callerCtx, cancel := context.WithCancel(ctx)
		one.cancel = cancel
		f.mu.Lock()
		f.callers[container] = one
		f.mu.Unlock()
		log.Printf("%s/%s: following container %.12s, process %d", namespace, pod.Name, container, process.pid)
		f.running.Add(1)
		go func() {
			defer f.running.Done()
			one.run(callerCtx, f.interval)
		}()
	}
	return nil
}

func (f *follower) forget(seen map[string]bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for container, one := range f.callers {
		if !seen[container] {
			log.Printf("%s/%s: container %.12s is gone", one.namespace, one.pod, container)
			one.cancel()
			delete(f.callers, container)
		}
	}
	f.once = true
}

func (f *follower) wait() { f.running.Wait() }

func (f *follower) listed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.once
}

func (f *follower) targets() []target {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := []target{}
	for _, one := range f.callers {
		all = append(all, one.describe())
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Namespace+all[i].Pod < all[j].Namespace+all[j].Pod })
	return all
}

// runningContainer answers the id of the pod's first container, where it runs.
func runningContainer(pod corev1.Pod) string {
	for _, status := range pod.Status.ContainerStatuses {
		if status.State.Running != nil && status.Name == pod.Spec.Containers[0].Name {
			return containerID(status.ContainerID)
		}
	}
	return ""
}
