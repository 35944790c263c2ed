/**
 * What each client does about its pair.
 */
import { expect } from '@jest/globals';
import { outcome } from '../../../../agent/argocd/reading.ts';
import type { ClientComponent } from '../../../../agent/model/terms.ts';
import { sleep } from '../../harness/wait.ts';
import { endOfClient, LEAF, putLeaf, removeLeaf } from '../client.ts';
import { type Meeting, meet, NEW_LEAF, OLD_LEAF, repoServer } from '../meeting.ts';
import { type Files, files } from '../repo-server.ts';
import { A_WHILE, type Checks } from './check.ts';

const GARBAGE = { chainPem: 'no PEM\n', keyPem: 'no PEM\n' };
/** The new certificate beside the old key: what a pair torn in the middle of a change looks like. */
const TORN = { chainPem: NEW_LEAF.chainPem, keyPem: OLD_LEAF.keyPem };

async function startedWith(
  component: ClientComponent,
  put: (on: Files) => void,
): Promise<{ readonly on: Files; readonly meeting: Meeting }> {
  const on = files();
  put(on);
  return { on, meeting: await meet(component, on, true) };
}

const withOldLeaf = (component: ClientComponent) => startedWith(component, (on) => putLeaf(on, OLD_LEAF));

/** A pair that can't be loaded at start: an end, or a life in which each call fails. The table says which. */
async function badStart(
  component: ClientComponent,
  event: 'bad-at-start' | 'half-at-start',
  put: (on: Files) => void,
): Promise<void> {
  if (outcome(component, 'client-leaf', event) === 'does-not-start') {
    const on = files();
    put(on);
    const { server } = await repoServer({ mtls: true });
    const { code, output } = await endOfClient(component, on, server.port);
    expect(code).toBe(1);
    expect(output).toContain('failed to load initial client certificate');
  } else {
    const { meeting } = await startedWith(component, put);
    expect(await meeting.verdict()).toBe('cannot-load-its-pair');
  }
}

export const CLIENT_LEAF_CHECKS: Checks<ClientComponent> = {
  'client-leaf/good-at-start': async (component) => {
    const { meeting } = await withOldLeaf(component);
    expect(await meeting.verdict()).toBe('answered');
    expect(meeting.client.process.output()).toContain('Client certificate reloaded from');
  },
  'client-leaf/absent-at-start': async (component) => {
    const { meeting } = await startedWith(component, () => undefined);
    expect(await meeting.verdict()).toBe('shows-no-certificate');
  },
  'client-leaf/bad-at-start': async (component) => {
    await badStart(component, 'bad-at-start', (on) => putLeaf(on, GARBAGE));
    await badStart(component, 'bad-at-start', (on) => putLeaf(on, TORN));
  },
  'client-leaf/half-at-start': async (component) => {
    await badStart(component, 'half-at-start', (on) => putLeaf(on, { chainPem: OLD_LEAF.chainPem }));
  },
  'client-leaf/appears-later': async (component) => {
    const { on, meeting } = await startedWith(component, () => undefined);
    expect(await meeting.verdict()).toBe('shows-no-certificate');
    putLeaf(on, OLD_LEAF);
    const expected =
      outcome(component, 'client-leaf', 'appears-later') === 'ignored' ? 'shows-no-certificate' : 'answered';
    expect(await meeting.verdict()).toBe(expected);
    await sleep(A_WHILE);
    expect(await meeting.verdict()).toBe(expected);
  },
  'client-leaf/changes-later': async (component) => {
    const { on, meeting } = await withOldLeaf(component);
    expect(await meeting.verdict()).toBe('answered');
    putLeaf(on, NEW_LEAF);
    expect(await meeting.verdict()).toBe('shows-the-new-leaf');
    putLeaf(on, OLD_LEAF);
    expect(await meeting.verdict()).toBe('answered');
  },
  'client-leaf/vanishes-later': async (component) => {
    const { on, meeting } = await withOldLeaf(component);
    expect(await meeting.verdict()).toBe('answered');
    removeLeaf(on);
    expect(await meeting.verdict()).toBe('shows-no-certificate');
  },
  'client-leaf/turns-bad-later': async (component) => {
    for (const pair of [GARBAGE, TORN]) {
      const { on, meeting } = await withOldLeaf(component);
      expect(await meeting.verdict()).toBe('answered');
      putLeaf(on, pair);
      expect(await meeting.verdict()).toBe('cannot-load-its-pair');
      putLeaf(on, OLD_LEAF);
      expect(await meeting.verdict()).toBe('answered');
      on.remove(LEAF.key);
      expect(await meeting.verdict()).toBe('cannot-load-its-pair');
    }
  },
  'client-leaf/changes-with-older-time-later': async (component) => {
    const { on, meeting } = await withOldLeaf(component);
    expect(await meeting.verdict()).toBe('answered');
    putLeaf(on, NEW_LEAF, 'older');
    expect(await meeting.verdict()).toBe('answered');
    await sleep(A_WHILE);
    expect(await meeting.verdict()).toBe('answered');
  },
};
