/**
 * The contract: what the Vault sources rely on of a Vault, as sentences that hold on the stand-in and on Vault's own core.
 */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { kvSentences } from './kv.ts';
import { loginSentences } from './logins.ts';
import { pkiSentences } from './pki.ts';
import { rotationSentences } from './rotations.ts';
import type { VaultWorld, WorldOf } from './world.ts';

export const describeVaultContract = (name: string, makeWorld: () => Promise<VaultWorld>): void => {
  describe(`the Vault contract on ${name}`, () => {
    let world: VaultWorld | undefined;
    const worldOf: WorldOf = () => {
      if (world === undefined) throw new Error('the world has not been made');
      return world;
    };
    beforeAll(async () => {
      world = await makeWorld();
    }, 600_000);
    afterAll(async () => {
      await world?.stop();
    }, 30_000);
    describe('certificates', () => pkiSentences(worldOf));
    describe('issuers that change', () => rotationSentences(worldOf));
    describe('KV version 2', () => kvSentences(worldOf));
    describe('logins', () => loginSentences(worldOf));
  });
};
