/**
 * The contract: what the agent relies on of a Kubernetes API, as sentences that hold on the stand-in and on a real kube-apiserver.
 *
 * **Invariant:** no sentence knows which server it runs against.
 */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { applySentences } from './apply.ts';
import { certificateSentences } from './certificates.ts';
import { externalSecretSentences } from './external-secrets.ts';
import { failureSentences } from './failures.ts';
import { leaseSentences } from './leases.ts';
import { objectSentences } from './objects.ts';
import { ownObjectSentences } from './own-objects.ts';
import { rolloutSentences } from './rollouts.ts';
import { watchSentences } from './watches.ts';
import { workloadSentences } from './workloads.ts';
import type { ContractWorld } from './world.ts';

/** Hands the world to a test; throws before it is made. */
export type WorldOf = () => ContractWorld;

export const describeClusterContract = (name: string, makeWorld: () => Promise<ContractWorld>): void => {
  describe(`the cluster contract on ${name}`, () => {
    let world: ContractWorld | undefined;
    const worldOf: WorldOf = () => {
      if (world === undefined) throw new Error('the world has not been made');
      return world;
    };
    beforeAll(async () => {
      world = await makeWorld();
    }, 30_000);
    afterAll(async () => {
      await world?.close();
    }, 30_000);
    describe('server-side apply', () => applySentences(worldOf));
    describe('Secrets and ConfigMaps', () => objectSentences(worldOf));
    describe('workloads, pods and Events', () => workloadSentences(worldOf));
    describe('rollouts', () => rolloutSentences(worldOf));
    describe('Certificates', () => certificateSentences(worldOf));
    describe('ExternalSecrets', () => externalSecretSentences(worldOf));
    describe('Leases', () => leaseSentences(worldOf));
    describe('objects of a migration', () => ownObjectSentences(worldOf));
    describe('watches', () => watchSentences(worldOf));
    describe('failures and what they look like', () => failureSentences(worldOf));
  });
};
