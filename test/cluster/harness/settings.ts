/**
 * Where the cluster lives and which addresses it takes.
 * Invariant: everything it writes is below one temp folder (what is worth keeping between runs: below one cache folder).
 */
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const parts = join(import.meta.dirname, '..');

export const folders = {
  cluster: parts,
  repository: join(parts, '..', '..'),
  state: join(tmpdir(), 'mtls-rotator-cluster'),
  cache:
    process.env.MTLS_ROTATOR_CACHE ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'argocd-mtls-rotator'),
};

export const state = (...path: string[]): string => join(folders.state, ...path);

/** The bridge's own address: the one host address that pods can reach. */
export const network = {
  bridge: 'mtlsrot0',
  host: '10.177.0.1',
  pods: '10.177.0.0/24',
  services: '10.178.0.0/16',
  apiServerClusterIp: '10.178.0.1',
};

/** None of them a default, so that another cluster on this machine is not disturbed. */
export const ports = {
  etcd: 23790,
  etcdPeer: 23800,
  apiServer: 26443,
  controllerManager: 21257,
  scheduler: 21259,
  kubelet: 21250,
  kubeletHealth: 21248,
  kubeProxyHealth: 21256,
  kubeProxyMetrics: 21249,
  git: 28080,
  otlp: 24318,
  meter: 27070,
  vault: 28200,
  externalSecretsHealth: 28082,
};

export const nodeName = 'mtls-rotator-node';
export const kubeconfig = state('kubeconfig');
export const kubeletRoot = state('kubelet');
export const apiServer = `https://${network.host}:${ports.apiServer}`;
