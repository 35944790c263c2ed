/**
 * What repo-server does about `client-ca.crt`.
 */
import { expect } from '@jest/globals';
import { makeCa, makeLeaf } from '../../../kit/pki/index.ts';
import { sleep } from '../../harness/wait.ts';
import {
  as,
  CLIENT_CA,
  type Files,
  files,
  launchRepoServer,
  NOBODY,
  type RepoServer,
  STRANGER,
  startRepoServer,
  verdict,
} from '../repo-server.ts';
import { A_WHILE, type Checks } from './check.ts';

const oldCa = makeCa({ name: 'client CA' });
const newCa = makeCa({ name: 'client CA' });
const oldLeaf = makeLeaf(oldCa);
const newLeaf = makeLeaf(newCa);

const GARBAGE = 'this is no PEM at all\n';
/** PEM by its frame, no certificate by its content. */
const MALFORMED = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

/** Who is let in, in the order nobody, stranger, old leaf, new leaf. */
async function letIn(server: RepoServer): Promise<readonly string[]> {
  const answers = [];
  for (const credential of [NOBODY, STRANGER, as(oldLeaf), as(newLeaf)]) {
    answers.push(verdict((await server.call(credential)).outcome));
  }
  return answers;
}

const EVERYONE = ['accepted', 'accepted', 'accepted', 'accepted'];
const OLD_ONLY = ['certificate-required', 'unknown-ca', 'accepted', 'unknown-ca'];
const NEW_ONLY = ['certificate-required', 'unknown-ca', 'unknown-ca', 'accepted'];
const BOTH = ['certificate-required', 'unknown-ca', 'accepted', 'accepted'];

async function with_(
  content: string | undefined,
): Promise<{ readonly on: Files; readonly server: RepoServer }> {
  const on = files();
  if (content !== undefined) on.write(CLIENT_CA, content);
  return { on, server: await startRepoServer(on) };
}

/** Changes the file under a running repo-server: nothing happens; a new process goes by the new content. */
async function ignoredUntilRestart(
  before: string | undefined,
  change: (on: Files) => void,
  meanwhile: readonly string[],
  afterRestart: readonly string[] | 'does-not-start',
): Promise<void> {
  const { on, server } = await with_(before);
  expect(await letIn(server)).toEqual(meanwhile);
  change(on);
  await sleep(A_WHILE);
  expect(await letIn(server)).toEqual(meanwhile);
  await server.process.stop();
  if (afterRestart === 'does-not-start') {
    expect((await (await launchRepoServer(on)).process.ended()).code).not.toBe(0);
  } else {
    expect(await letIn(await startRepoServer(on))).toEqual(afterRestart);
  }
}

export const CLIENT_CA_CHECKS: Checks<void> = {
  'client-ca/good-at-start': async () => {
    const { server } = await with_(oldCa.pem + newCa.pem);
    expect(await letIn(server)).toEqual(BOTH);
    expect(server.process.output()).toContain(
      'mTLS enabled for repo-server: requiring client certificates from CA=',
    );
    expect(server.process.output()).toContain('Generated ephemeral health-check client certificate (CN=)');
  },
  'client-ca/absent-at-start': async () => {
    const { server } = await with_(undefined);
    expect(await letIn(server)).toEqual(EVERYONE);
    expect(server.process.output()).not.toContain('mTLS enabled');
  },
  'client-ca/partly-bad-at-start': async () => {
    const { server } = await with_(MALFORMED + oldCa.pem);
    expect(await letIn(server)).toEqual(OLD_ONLY);
    expect(server.process.output()).not.toMatch(/"level":"warn|malformed/);
  },
  'client-ca/bad-at-start': async () => {
    for (const content of [GARBAGE, MALFORMED, '']) {
      const on = files();
      on.write(CLIENT_CA, content);
      const server = await launchRepoServer(on);
      expect((await server.process.ended()).code).not.toBe(0);
      expect(server.process.output()).toContain('invalid cert data');
    }
  },
  'client-ca/appears-later': () =>
    ignoredUntilRestart(undefined, (on) => on.write(CLIENT_CA, oldCa.pem), EVERYONE, OLD_ONLY),
  'client-ca/changes-later': () =>
    ignoredUntilRestart(oldCa.pem, (on) => on.write(CLIENT_CA, newCa.pem), OLD_ONLY, NEW_ONLY),
  'client-ca/vanishes-later': () =>
    ignoredUntilRestart(oldCa.pem, (on) => on.remove(CLIENT_CA), OLD_ONLY, EVERYONE),
  'client-ca/turns-bad-later': () =>
    ignoredUntilRestart(oldCa.pem, (on) => on.write(CLIENT_CA, GARBAGE), OLD_ONLY, 'does-not-start'),
};
