/**
 * What each client does about its pair.
 */
import { expect } from '@jest/globals';
import { outcome } from '../../../../agent/argocd/reading.ts';
import { sleep } from '../../harness/wait.ts';
import { endOfClient, LEAF, putLeaf, removeLeaf, type Subject } from '../client.ts';
import { type Meeting, meet, NEW_LEAF, OLD_LEAF, repoServer } from '../meeting.ts';
import { type Files, files } from '../repo-server.ts';
import { A_WHILE, type Checks } from './check.ts';

const GARBAGE = { chainPem: 'no PEM\n', keyPem: 'no PEM\n' };
/** The new certificate beside the old key: what a pair torn in the middle of a change looks like. */
const TORN = { chainPem: NEW_LEAF.chainPem, keyPem: OLD_LEAF.keyPem };

async function startedWith(
  subject: Subject,
  put: (on: Files) => void,
): Promise<{ readonly on: Files; readonly meeting: Meeting }> {
  const on = files();
  put(on);
  return { on, meeting: await meet(subject, on, true) };
}

const withOldLeaf = (subject: Subject) => startedWith(subject, (on) => putLeaf(on, OLD_LEAF));

/** A pair that can't be loaded at start: an end, or a life in which each call fails. The table says which. */
async function badStart(
  subject: Subject,
  event: 'bad-at-start' | 'half-at-start',
  put: (on: Files) => void,
): Promise<void> {
  if (outcome(subject.component, 'client-leaf', event) === 'does-not-start') {
    const on = files();
    put(on);
    const { server } = await repoServer({ mtls: true });
    const { code, output } = await endOfClient(subject, on, server.port);
    expect(code).not.toBe(0);
    expect(output).toContain('failed to load initial client certificate');
  } else {
    const { meeting } = await startedWith(subject, put);
    expect(await meeting.verdict()).toBe('cannot-load-its-pair');
  }
}

export const CLIENT_LEAF_CHECKS: Checks<Subject> = {
  'client-leaf/good-at-start': async (subject) => {
    const { meeting } = await withOldLeaf(subject);
    expect(await meeting.verdict()).toBe('answered');
    expect(meeting.client.process.output()).toContain('Client certificate reloaded from');
  },
  'client-leaf/absent-at-start': async (subject) => {
    const { meeting } = await startedWith(subject, () => undefined);
    expect(await meeting.verdict()).toBe('shows-no-certificate');
  },
  'client-leaf/bad-at-start': async (subject) => {
    await badStart(subject, 'bad-at-start', (on) => putLeaf(on, GARBAGE));
    await badStart(subject, 'bad-at-start', (on) => putLeaf(on, TORN));
  },
  'client-leaf/half-at-start': async (subject) => {
    await badStart(subject, 'half-at-start', (on) => putLeaf(on, { chainPem: OLD_LEAF.chainPem }));
  },
  'client-leaf/appears-later': async (subject) => {
    const { on, meeting } = await startedWith(subject, () => undefined);
    expect(await meeting.verdict()).toBe('shows-no-certificate');
    putLeaf(on, OLD_LEAF);
    const ignored = outcome(subject.component, 'client-leaf', 'appears-later') === 'ignored';
    if (ignored) await sleep(A_WHILE);
    expect(await meeting.verdict()).toBe(ignored ? 'shows-no-certificate' : 'answered');
  },
  'client-leaf/changes-later': async (subject) => {
    const { on, meeting } = await withOldLeaf(subject);
    expect(await meeting.verdict()).toBe('answered');
    putLeaf(on, NEW_LEAF);
    expect(await meeting.verdict()).toBe('shows-the-new-leaf');
    putLeaf(on, OLD_LEAF);
    expect(await meeting.verdict()).toBe('answered');
  },
  'client-leaf/vanishes-later': async (subject) => {
    const { on, meeting } = await withOldLeaf(subject);
    expect(await meeting.verdict()).toBe('answered');
    removeLeaf(on);
    expect(await meeting.verdict()).toBe('shows-no-certificate');
  },
  'client-leaf/turns-bad-later': async (subject) => {
    for (const pair of [GARBAGE, TORN]) {
      const { on, meeting } = await withOldLeaf(subject);
      expect(await meeting.verdict()).toBe('answered');
      putLeaf(on, pair);
      expect(await meeting.verdict()).toBe('cannot-load-its-pair');
      putLeaf(on, OLD_LEAF);
      expect(await meeting.verdict()).toBe('answered');
      on.remove(LEAF.key);
      expect(await meeting.verdict()).toBe('cannot-load-its-pair');
    }
  },
  'client-leaf/changes-with-older-time-later': async (subject) => {
    const { on, meeting } = await withOldLeaf(subject);
    expect(await meeting.verdict()).toBe('answered');
    putLeaf(on, NEW_LEAF, 'older');
    expect(await meeting.verdict()).toBe('answered');
    await sleep(A_WHILE);
    expect(await meeting.verdict()).toBe('answered');
  },
};
