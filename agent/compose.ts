/**
 * Puts one agent together from its parts: the only place that knows them all.
 *
 * **Invariant:** nothing here decides; it only hands each part what it asks for.
 */
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { createConnections, createSources } from '../integrations/registry.ts';
import { preflight } from './diagnosis/preflight.ts';
import { Instance } from './instance.ts';
import { createCluster } from './kube/cluster.ts';
import type { InstanceSettings } from './model/settings.ts';
import type { Clock, Cluster, Dialer, Random, Reporter } from './ports.ts';
import { createJournalStore } from './rotation/journal-store.ts';
import { ProofMemory } from './rotation/proof-memory.ts';
import type { RotationServices } from './rotation/services.ts';
import { createDialer } from './verification/handshake.ts';
import { strangers } from './verification/stranger.ts';

export interface Parts {
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  readonly random: Random;
  /** Who of several agents this is: the pod's name. */
  readonly identity: string;
  /** Of the process: a proxy towards what sources ask is named there. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onTrouble: (what: string) => void;
}

export interface Composition {
  readonly cluster: Cluster;
  readonly instance: (settings: InstanceSettings, reporter: Reporter) => Instance;
}

export const compose = (parts: Parts): Composition => {
  const { clock, random, kubeConfig, identity, onTrouble } = parts;
  const connections = createConnections(parts);
  const cluster = createCluster({
    kubeConfig,
    clock,
    random,
    reporter: identity,
    onTrouble: (target, error) =>
      onTrouble(
        `The watch of ${target.kind} in ${target.namespace} was cut off (${error instanceof Error ? error.message : String(error)}) and is started again.`,
      ),
  });
  const dialer: Dialer = createDialer(clock, strangers(clock, random));
  return {
    cluster,
    instance: (settings, reporter) => {
      const sources = createSources(settings, { cluster, clock, connections });
      const services: RotationServices = {
        settings,
        cluster,
        clock,
        random,
        dialer,
        reporter,
        journal: createJournalStore(cluster, settings, () =>
          onTrouble(
            `The journal of ${settings.name} could not be read and is begun anew; nothing that decides was in it.`,
          ),
        ),
        sources,
        proofs: new ProofMemory(),
        inspect: preflight,
      };
      return new Instance(
        services,
        sources.map(({ source }) => source),
      );
    },
  };
};
