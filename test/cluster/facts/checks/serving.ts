/**
 * What repo-server does about its serving pair.
 */
import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';
import { expect } from '@jest/globals';
import { makeCa, makeLeaf } from '../../../kit/pki/index.ts';
import { sleep } from '../../harness/wait.ts';
import {
  type Files,
  files,
  launchRepoServer,
  type RepoServer,
  SERVING,
  startRepoServer,
} from '../repo-server.ts';
import { A_WHILE, type Checks } from './check.ts';

const ca = makeCa({ name: 'server CA' });
const first = makeLeaf(ca, { name: 'first', dns: ['argocd-repo-server'] });
const second = makeLeaf(makeCa({ name: 'another server CA' }), {
  name: 'second',
  dns: ['argocd-repo-server'],
});

/** Names of the certificate that is shown: `first`, `second`, or the alternative names of one that repo-server made itself. */
function shown(server: RepoServer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host: '127.0.0.1',
      port: server.port,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const certificate = new X509Certificate(socket.getPeerCertificate().raw);
      socket.destroy();
      const own = certificate.subject.includes('O=Argo CD');
      resolve(own ? (certificate.subjectAltName ?? '') : certificate.subject.replace('CN=', ''));
    });
  });
}

const SELF_SIGNED = 'DNS:localhost, DNS:reposerver';

type Pair = { readonly certificate?: string; readonly key?: string };
const firstPair: Pair = { certificate: first.chainPem, key: first.keyPem };
const secondPair: Pair = { certificate: second.chainPem, key: second.keyPem };

function put(on: Files, { certificate, key }: Pair): void {
  if (certificate !== undefined) on.write(SERVING.certificate, certificate);
  if (key !== undefined) on.write(SERVING.key, key);
}

async function startWith(pair: Pair): Promise<{ readonly on: Files; readonly server: RepoServer }> {
  const on = files();
  put(on, pair);
  return { on, server: await startRepoServer(on) };
}

async function ignoredUntilRestart(
  before: Pair,
  change: (on: Files) => void,
  meanwhile: string,
  afterRestart: string | 'does-not-start',
): Promise<void> {
  const { on, server } = await startWith(before);
  expect(await shown(server)).toBe(meanwhile);
  change(on);
  await sleep(A_WHILE);
  expect(await shown(server)).toBe(meanwhile);
  await server.process.stop();
  if (afterRestart === 'does-not-start') {
    expect((await (await launchRepoServer(on)).process.ended()).code).not.toBe(0);
  } else {
    expect(await shown(await startRepoServer(on))).toBe(afterRestart);
  }
}

export const SERVING_CHECKS: Checks<void> = {
  'serving/good-at-start': async () => {
    expect(await shown((await startWith(firstPair)).server)).toBe('first');
  },
  'serving/absent-at-start': async () => {
    expect(await shown((await startWith({})).server)).toBe(SELF_SIGNED);
  },
  'serving/half-at-start': async () => {
    expect(await shown((await startWith({ certificate: first.chainPem })).server)).toBe(SELF_SIGNED);
    expect(await shown((await startWith({ key: first.keyPem })).server)).toBe(SELF_SIGNED);
  },
  'serving/bad-at-start': async () => {
    const bad: readonly Pair[] = [
      { certificate: 'garbage', key: first.keyPem },
      { certificate: first.chainPem, key: second.keyPem },
    ];
    for (const pair of bad) {
      const on = files();
      put(on, pair);
      const server = await launchRepoServer(on);
      expect((await server.process.ended()).code).not.toBe(0);
      expect(server.process.output()).toContain('unable to initialize TLS configuration');
    }
  },
  'serving/appears-later': () => ignoredUntilRestart({}, (on) => put(on, firstPair), SELF_SIGNED, 'first'),
  'serving/changes-later': () =>
    ignoredUntilRestart(firstPair, (on) => put(on, secondPair), 'first', 'second'),
  'serving/vanishes-later': () =>
    ignoredUntilRestart(
      firstPair,
      (on) => {
        on.remove(SERVING.certificate);
        on.remove(SERVING.key);
      },
      'first',
      SELF_SIGNED,
    ),
  'serving/turns-bad-later': () =>
    ignoredUntilRestart(firstPair, (on) => put(on, { key: second.keyPem }), 'first', 'does-not-start'),
};
