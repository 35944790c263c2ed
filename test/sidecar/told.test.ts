/** What pods leave for one another, and for themselves: the shared record, the history beside the files, the rotation's note. */
import { describe, expect, test } from '@jest/globals';
import type { RotationRecord } from '../../agent/model/journal-record.ts';
import { bundlesOf, type Era, readAtStart, readHistory, readLately } from '../../agent/sidecar/history.ts';
import { Known } from '../../agent/sidecar/known.ts';
import {
  type PodRecord,
  readRecord,
  recordOf,
  stillNeeded,
  vouchedIn,
  writeRecord,
} from '../../agent/sidecar/record.ts';
import { nextNote, type OwnPart, readNote } from '../../agent/sidecar/rotation-note.ts';
import { makeCa, makeLeaf } from '../kit/pki/index.ts';
import { cas } from './letters.ts';

const AT = Date.UTC(2026, 5, 1);
const ca = makeCa();
const identity = makeLeaf(ca);

const knownPair = (): Known => {
  const known = new Known();
  known.learn([ca.certificate]);
  known.learnLeaf(identity, [ca.certificate.fingerprint]);
  return known;
};

describe('the shared record', () => {
  const record = recordOf(
    'argocd-server-x',
    'server',
    { shows: [identity.certificate.fingerprint], trusts: 'anything' },
    knownPair(),
    AT,
  );
  const data = writeRecord({ rotation: 'kept' }, { pods: new Map([['uid-1', record]]) }, knownPair());

  test('is read as it was written, with the certificates behind it and without any key', () => {
    const read = readRecord(data);
    expect(read.pods.get('uid-1')).toEqual(record);
    expect(read.certificates.map(({ fingerprint }) => fingerprint).toSorted()).toEqual(
      [ca.certificate.fingerprint, identity.certificate.fingerprint].toSorted(),
    );
    expect(JSON.stringify(data)).not.toContain('PRIVATE KEY');
    expect(data.rotation).toBe('kept');
  });

  test.each([
    ['is no JSON', 'nonsense'],
    ['is of another version', JSON.stringify({ ...record, version: 2 })],
    ['names no component', JSON.stringify({ ...record, version: 1, component: 'redis' })],
    ['trusts something odd', JSON.stringify({ ...record, version: 1, trusts: [[1]] })],
  ])('has no entry where it %s', (_, text) => {
    expect(readRecord({ ...data, 'pod.uid-2': text }).pods.has('uid-2')).toBe(false);
  });

  test('whose certificates are damaged keeps its entries and knows no certificate', () => {
    const read = readRecord({ ...data, certificates: '-----BEGIN CERTIFICATE-----' });
    expect([read.pods.size, read.certificates.length]).toEqual([1, 0]);
  });

  test('keeps what a pod that is gone trusted until a successor has told its own', () => {
    const server = (...bundles: string[]): PodRecord => ({
      name: 'r',
      component: 'repo-server',
      shows: 'unknown',
      trusts: bundles.length === 0 ? 'unknown' : bundles.map(cas),
      since: AT,
    });
    const gone = ['gone', server('A')] as const;
    const isLive = (uid: string): boolean => uid !== 'gone';
    const waiting = stillNeeded(new Map([gone, ['new', server()]]), isLive);
    expect([...waiting.keys()]).toEqual(['gone', 'new']);
    expect(vouchedIn(waiting, 'repo-server')).toEqual(['A']);
    expect([...stillNeeded(new Map([gone, ['new', server('AB')]]), isLive).keys()]).toEqual(['new']);
  });
});

describe('the history beside the files', () => {
  const era = (since: number, trust: string): Era => ({ since, trust: cas(trust), leaf: undefined });
  const eras = [era(0, 'A'), era(100_000, 'AB'), era(200_000, 'B')];

  test.each([
    ['started long after a write', { startedAt: 150_000, readyAt: 155_000 }, 'AB'],
    [
      'started right after one, and may have read the one before',
      { startedAt: 103_000, readyAt: 105_000 },
      'A AB',
    ],
    ['was not ready before the next one', { startedAt: 150_000, readyAt: 205_000 }, 'AB B'],
    ['is not ready yet', { startedAt: 150_000, readyAt: undefined }, 'AB B'],
    ['does not run', { startedAt: undefined, readyAt: undefined }, ''],
    ['is unknown', 'unknown', 'A AB B'],
  ] as const)('a process that %s', (_, reader, expected) => {
    const read = bundlesOf(readAtStart(eras, reader, 300_000));
    expect(read.map((bundle) => bundle.join('')).join(' ')).toBe(expected);
  });

  test('what was written a moment ago may still be shown beside what was before', () => {
    expect(bundlesOf(readLately(eras, 10_000, 205_000))).toHaveLength(2);
    expect(bundlesOf(readLately(eras, 10_000, 215_000))).toHaveLength(1);
  });

  test('that is damaged is none', () => {
    expect(readHistory('{"version":1,"eras":[{"since":"x"}],"leafs":[],"certificates":""}').eras).toEqual([]);
  });
});

describe("the rotation's note", () => {
  const rotation: RotationRecord = {
    id: 's1',
    changeClass: 'client-ca',
    traceId: '1',
    rootSpanId: '2',
    startedAt: AT,
    detectedAt: undefined,
    source: 'in',
    from: { leafs: [], clientCa: [] },
    to: { leafs: [], clientCa: [] },
    step: undefined,
    restarts: [],
    restartsAvoided: 0,
    callsAccepted: 0,
    callsRefused: 0,
    provedAt: undefined,
  };
  const own = (rest: Partial<OwnPart>): OwnPart => ({
    uid: 'me',
    work: 'idle',
    now: AT,
    lingers: 1_000,
    isLive: (uid) => uid !== 'gone',
    begin: () => rotation,
    restart: undefined,
    ...rest,
  });
  const note = { rotation, busy: ['me'], changedAt: AT, closing: undefined };

  test('is read as it was written; anything else is none', () => {
    expect(readNote(JSON.stringify(note))).toEqual(note);
    expect(readNote('{"rotation":{}}')).toBeUndefined();
    expect(readNote('nonsense')).toBeUndefined();
  });

  test('begins with the first pod that has something to do, and is joined by the others', () => {
    expect(nextNote(undefined, own({}))).toBeUndefined();
    expect(nextNote(undefined, own({ work: 'busy' }))).toMatchObject({ busy: ['me'] });
    expect(nextNote(note, own({ uid: 'other', work: 'busy' }))?.busy).toEqual(['me', 'other']);
  });

  test('is ended by one pod, a while after the last one was done; pods that are gone are not waited for', () => {
    const done = nextNote({ ...note, busy: ['me', 'gone'] }, own({}));
    expect(done?.busy).toEqual(['gone']);
    expect(nextNote(done, own({ now: AT + 500 }))).toBe(done);
    const closing = nextNote(done, own({ now: AT + 1_000 }));
    expect(closing?.closing).toBe('me');
    expect(nextNote(closing, own({ uid: 'other', now: AT + 2_000 }))).toBe(closing);
    expect(nextNote(closing && { ...closing, closing: 'gone' }, own({ now: AT + 2_000 }))?.closing).toBe(
      'me',
    );
  });
});
