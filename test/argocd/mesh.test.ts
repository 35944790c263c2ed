import { describe, expect, test } from '@jest/globals';
import { proxiesIn, proxyOf } from '../../agent/argocd/mesh.ts';
import type { Container } from '../../agent/model/workload.ts';
import { workloadOf } from '../kit/argocd/install.ts';
import { podOf } from '../kit/argocd/pods.ts';

const container = (name: string): Container => ({
  name,
  image: 'proxy',
  command: [],
  args: [],
  env: [],
  mounts: [],
  preStop: undefined,
});

const { template } = workloadOf('repo-server');

describe('a proxy shows', () => {
  test.each([
    ['istio-proxy', 'Istio'],
    ['linkerd-proxy', 'Linkerd'],
    ['consul-dataplane', 'Consul'],
    ['consul-dataplane-repo-server', 'Consul'],
    ['envoy-sidecar', 'Consul'],
    ['kuma-sidecar', 'Kuma'],
    ['envoy', 'Envoy'],
  ])('by container %s, a sidecar or a native one', (name, mesh) => {
    const sidecar = { ...template, containers: [...template.containers, container(name)] };
    const native = { ...template, initContainers: [container('copyutil'), container(name)] };
    expect(proxiesIn(sidecar)).toEqual([{ mesh, name, fact: `container ${name}` }]);
    expect(proxiesIn(native)).toEqual([{ mesh, name, fact: `init container ${name}` }]);
  });

  test.each([
    ['sidecar.istio.io/status', '{"containers":["istio-proxy"]}', 'istio-proxy'],
    ['ambient.istio.io/redirection', 'enabled', 'ztunnel'],
    ['linkerd.io/proxy-version', 'edge-25.1.1', 'linkerd-proxy'],
    ['consul.hashicorp.com/connect-inject-status', 'injected', 'consul-dataplane'],
    ['kuma.io/sidecar-injected', 'true', 'kuma-sidecar'],
  ])('by annotation %s of the pod', (name, value, proxy) => {
    const pod = podOf(workloadOf('repo-server'), 0, { annotations: { [name]: value } });
    expect(proxyOf(pod)).toMatchObject({ name: proxy, fact: `annotation ${name}` });
  });
});

test.each([
  ['ambient.istio.io/redirection', 'disabled'],
  ['kuma.io/sidecar-injected', 'false'],
  ['sidecar.istio.io/inject', 'true'],
])('%s: %s is none', (name, value) => {
  const pod = podOf(workloadOf('repo-server'), 0, { annotations: { [name]: value } });
  expect(proxyOf(pod)).toBeUndefined();
});

test('a default install has none, nor have containers that are called otherwise', () => {
  expect(proxiesIn(template)).toEqual([]);
  const init = { ...template, initContainers: [container('istio-init'), container('linkerd-init')] };
  expect(proxiesIn(init)).toEqual([]);
});
