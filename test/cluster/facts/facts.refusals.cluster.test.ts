/**
 * Whom a real repo-server lets in and by which alert it refuses: what proofs and trust bundles rest on.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DialCredential } from '../../../agent/ports.ts';
import { makeCa, makeLeaf, renewCaSameKey, replaceCa, USAGE } from '../../kit/pki/index.ts';
import { cleanUp } from './process.ts';
import {
  as,
  CLIENT_CA,
  files,
  launchRepoServer,
  NOBODY,
  STRANGER,
  startRepoServer,
  verdict,
} from './repo-server.ts';

const DAY = 86_400_000;

const root = makeCa({ name: 'client CA' });
const replaced = replaceCa(root);
const leaf = makeLeaf(root);

async function whenTrusting(pem: string, credential: DialCredential): Promise<string> {
  const on = files();
  on.write(CLIENT_CA, pem);
  const server = await startRepoServer(on);
  return verdict((await server.call(credential)).outcome);
}

let now = 0;
beforeEach(() => {
  now = Date.now();
});
afterEach(cleanUp);

describe('a repo-server that requires client certificates', () => {
  test('refuses nobody by "certificate required"', async () => {
    expect(await whenTrusting(root.pem, NOBODY)).toBe('certificate-required');
  }, 60_000);

  test('refuses a stranger by "unknown ca"', async () => {
    expect(await whenTrusting(root.pem, STRANGER)).toBe('unknown-ca');
  }, 60_000);

  test('refuses a leaf of a CA that was replaced, although the names are the same', async () => {
    expect(await whenTrusting(replaced.pem, as(leaf))).toBe('unknown-ca');
  }, 60_000);

  test('lets in leafs of the old and the new CA of one name, side by side and in either order', async () => {
    for (const bundle of [root.pem + replaced.pem, replaced.pem + root.pem]) {
      expect(await whenTrusting(bundle, as(leaf))).toBe('accepted');
      expect(await whenTrusting(bundle, as(makeLeaf(replaced)))).toBe('accepted');
    }
  }, 60_000);

  test('refuses an expired leaf by "certificate expired"', async () => {
    const expired = makeLeaf(root, { notBefore: now - 2 * DAY, notAfter: now - DAY });
    expect(await whenTrusting(root.pem, as(expired))).toBe('certificate-expired');
  }, 60_000);

  test('refuses a leaf for servers only by "bad certificate"', async () => {
    expect(await whenTrusting(root.pem, as(makeLeaf(root, { usages: [USAGE.server] })))).toBe(
      'bad-certificate',
    );
  }, 60_000);

  test("counts an anchor's own dates: an expired CA lets nobody in", async () => {
    const old = makeCa({ name: 'expired CA', notBefore: now - 3 * DAY, notAfter: now - DAY });
    expect(await whenTrusting(old.pem, as(makeLeaf(old)))).toBe('certificate-expired');
  }, 60_000);

  test('lets an old leaf in under a CA that was renewed with the same key', async () => {
    expect(await whenTrusting(renewCaSameKey(root).pem, as(leaf))).toBe('accepted');
  }, 60_000);

  test('takes an intermediate as an anchor, without its root', async () => {
    const intermediate = makeCa({ name: 'intermediate', issuer: root });
    expect(await whenTrusting(intermediate.pem, as(makeLeaf(intermediate)))).toBe('accepted');
  }, 60_000);

  test('takes a new intermediate below a trusted root, where the leaf brings it along', async () => {
    const intermediate = makeCa({ name: 'new intermediate', issuer: root });
    expect(await whenTrusting(root.pem, as(makeLeaf(intermediate)))).toBe('accepted');
  }, 60_000);
});

test("gRPC's own log tells both kinds of refusal apart, where it is asked to", async () => {
  const on = files();
  on.write(CLIENT_CA, root.pem);
  const server = await startRepoServer(on);
  await server.call(NOBODY);
  await server.process.said("tls: client didn't provide a certificate");
  await server.call(STRANGER);
  await server.process.said('x509: certificate signed by unknown authority');
}, 60_000);

describe('--disable-tls', () => {
  test('refuses to start with the default client CA path, and starts with an empty one', async () => {
    const on = files();
    const refused = await launchRepoServer(on, ['--disable-tls']);
    expect((await refused.process.ended()).code).not.toBe(0);
    expect(refused.process.output()).toContain(
      '--client-ca-path cannot be used when --disable-tls is enabled',
    );
    await startRepoServer(on, ['--disable-tls', '--client-ca-path=']);
  }, 60_000);
});
