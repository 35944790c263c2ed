/**
 * External Secrets as a source: the contract of all sources, and what an ExternalSecret's conditions mean.
 */
import { describe, expect, test } from '@jest/globals';
import { admit } from '../../agent/admission/admit.ts';
import { NOTHING_PUBLISHED } from '../../agent/model/material.ts';
import type { ExternalSecretSpec } from '../../agent/model/object-spec.ts';
import type { ExternalSecret } from '../../agent/ports.ts';
import { createSource } from '../../integrations/registry.ts';
import type { Source } from '../../integrations/source.ts';
import { makeCa, makeLeaf } from '../kit/pki/index.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { runSourceContract } from './source-contract.ts';

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const NAMESPACE = 'argocd';
const NAME = 'repo-client-es';
const SECRET = 'repo-client-tls';

const sourceOf = (cluster: MemoryCluster, rest: Partial<ExternalSecretSpec> = {}): Source =>
  createSource(
    {
      type: 'externalSecret',
      name: NAME,
      target: SECRET,
      fields: {},
      pkcs12: undefined,
      ca: undefined,
      ...rest,
    },
    {
      cluster,
      namespace: NAMESPACE,
      clock: { now: () => NOW },
      purpose: 'client',
      pendingSecret: 'pending',
    },
  );

const condition = (status: string, reason: string, message = 'secret synced') => ({
  type: 'Ready',
  status,
  reason,
  message,
});

const external = (rest: Partial<ExternalSecret> = {}): ExternalSecret => ({
  namespace: NAMESPACE,
  name: NAME,
  target: SECRET,
  conditions: [condition('True', 'SecretSynced')],
  ...rest,
});

const ca = makeCa({ name: 'Repo CA' });
const leaf = makeLeaf(ca);
const WHOLE = { 'tls.crt': leaf.chainPem, 'tls.key': leaf.keyPem, 'ca.crt': ca.pem };

describe('an ExternalSecret', () => {
  runSourceContract({
    exceptions: {},
    make: () => {
      const cluster = new MemoryCluster();
      const until = (reason: 'forbidden' | 'timeout') => () => {
        cluster.failWith({ reason, resource: 'secrets' });
        return () => cluster.failWith(undefined);
      };
      const put = (data: Readonly<Record<string, string>>, at: number): void => {
        cluster.putExternalSecret(external());
        cluster.putSecret(NAMESPACE, SECRET, data, at, 'externalsecrets.external-secrets.io/repo-client-es');
      };
      return {
        source: sourceOf(cluster),
        deliver: ({ chainPem, keyPem }, authority, at) =>
          put({ 'tls.crt': chainPem, 'tls.key': keyPem, 'ca.crt': authority.root.pem }, at),
        tear: ({ chainPem }, authority, key) =>
          put({ 'tls.crt': chainPem, 'tls.key': key, 'ca.crt': authority.root.pem }, NOW),
        remove: () => {
          cluster.dropExternalSecret(NAMESPACE, NAME);
          cluster.dropSecret(NAMESPACE, SECRET);
        },
        forbid: until('forbidden'),
        stall: until('timeout'),
        hold: () => cluster.hold(),
        asked: () => cluster.asked,
      };
    },
  });

  test.each<[string, Partial<ExternalSecret>, RegExp]>([
    ['while it has no conditions', { conditions: [] }, /no Ready condition yet/],
    [
      'while it is not Ready, with reason and message, although its Secret is there',
      { conditions: [condition('False', 'SecretSyncedError', 'could not get secret data from provider')] },
      /not Ready: SecretSyncedError: could not get secret data/,
    ],
    [
      'where its Secret was deleted with what the store had',
      { conditions: [condition('True', 'SecretDeleted', 'secret deleted')] },
      /no Secret: SecretDeleted/,
    ],
    [
      'where it names a Secret that is not there',
      { target: 'elsewhere' },
      /Secret argocd\/elsewhere .*does not exist/,
    ],
  ])('is waited for %s', async (_, state, why) => {
    const cluster = new MemoryCluster();
    cluster.putSecret(NAMESPACE, SECRET, WHOLE, NOW);
    cluster.putExternalSecret(external(state));
    const reading = await sourceOf(cluster).read(NOTHING_PUBLISHED);
    expect(reading).toMatchObject({ state: 'waiting', why: expect.stringMatching(why) });
    expect(reading.state === 'waiting' && reading.next).toMatch(/\w{4,}/);
  });

  test('says itself which Secret it is, and rights and watches follow it', async () => {
    const cluster = new MemoryCluster();
    cluster.putSecret(NAMESPACE, 'moved', WHOLE, NOW);
    cluster.putExternalSecret(external({ target: 'moved' }));
    const source = sourceOf(cluster, { target: undefined });
    const reading = await source.read(NOTHING_PUBLISHED);
    expect(reading.state === 'ready' && admit(reading.raw, 'client', NOW)).toHaveProperty('material');
    expect(source.watches).toEqual([
      { kind: 'ExternalSecret', namespace: NAMESPACE, name: NAME },
      { kind: 'Secret', namespace: NAMESPACE, name: 'moved' },
    ]);
    expect(source.rights).toContainEqual({ verb: 'get', group: '', resource: 'secrets', name: 'moved' });
  });

  test('that may not be read is unreachable by its own name', async () => {
    const cluster = new MemoryCluster();
    cluster.failWith({ reason: 'forbidden', resource: 'externalsecrets' });
    expect(await sourceOf(cluster).read(NOTHING_PUBLISHED)).toMatchObject({
      state: 'unreachable',
      why: 'The agent may not get externalsecrets argocd/repo-client-es.',
    });
  });
});
