/**
 * Which cluster the tests speak to: the harness's own, or the one that KUBECONFIG names.
 * What only the owner of a node can do is behind `NodeAccess`. Invariant: where it is not to be had, asking for it is an
 * error that says so; no test is skipped for want of it.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildAgentImage } from './agent-image.ts';
import { Api } from './api.ts';
import { setSyncFrequency } from './kubelet.ts';
import { startMeter } from './meter.ts';
import { otlpEndpoint, type ReceivedSpan, receivedSpans } from './otel.ts';
import { kubeconfig as ownKubeconfig } from './settings.ts';
import { clusterVault, type Vault } from './vault.ts';

export interface NodeAccess {
  /** The image of the agent as it stands, known to the nodes. */
  agentImage(): Promise<string>;
  /** A meter that sees files as pods see them: only from the node itself. */
  startMeter(namespaces: readonly string[]): Promise<void>;
  setSyncFrequency(frequency: string): Promise<void>;
  /** Reachable from pods. */
  readonly otlpEndpoint: string;
  receivedSpans(traceId?: string): ReceivedSpan[];
  /** Reachable from pods, and trusting the cluster's ServiceAccounts. */
  vault(): Vault;
}

export interface ClusterUnderTest {
  readonly api: Api;
  readonly kubeconfig: string;
  readonly own: boolean;
  readonly node: NodeAccess;
}

export function isForeign(): boolean {
  const given = process.env.KUBECONFIG;
  return given !== undefined && given !== '' && resolve(given) !== ownKubeconfig;
}

export function clusterUnderTest(): ClusterUnderTest {
  const foreign = isForeign();
  const kubeconfig = foreign ? (process.env.KUBECONFIG ?? '') : ownKubeconfig;
  if (!existsSync(kubeconfig)) throw new Error(`no cluster: ${kubeconfig} is not there (npm run cluster:up)`);
  const api = new Api(kubeconfig);
  return { api, kubeconfig, own: !foreign, node: foreign ? foreignNode() : ownNode(api) };
}

function ownNode(api: Api): NodeAccess {
  return {
    agentImage: buildAgentImage,
    startMeter: (namespaces) => startMeter(api, namespaces),
    setSyncFrequency,
    otlpEndpoint,
    receivedSpans,
    vault: clusterVault,
  };
}

function foreignNode(): NodeAccess {
  const missing = (what: string): never => {
    throw new Error(`the cluster of KUBECONFIG is not the harness's own: ${what}`);
  };
  return {
    agentImage: async () =>
      process.env.MTLS_ROTATOR_IMAGE ??
      missing('name the agent image that its nodes know in MTLS_ROTATOR_IMAGE'),
    startMeter: async () => missing("the traffic meter reads pods' files on the node and can't reach them"),
    setSyncFrequency: async () => missing("its kubelets' sync period is not ours to set"),
    get otlpEndpoint() {
      return (
        process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? missing('name a collector in OTEL_EXPORTER_OTLP_ENDPOINT')
      );
    },
    receivedSpans: () => missing("what its collector received can't be read"),
    vault: () => missing("no Vault of the harness's can be reached from its pods"),
  };
}
