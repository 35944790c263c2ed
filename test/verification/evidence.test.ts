import { describe, expect, test } from '@jest/globals';
import type { Alert, Call, CallOutcome, Credential, PodProof } from '../../agent/model/evidence.ts';
import type { Fingerprint } from '../../agent/model/fingerprint.ts';
import {
  type CandidateTrust,
  consistent,
  grade,
  type ProofGoal,
  remaining,
  stillStanding,
} from '../../agent/verification/evidence.ts';
import { podOf } from '../rollout/builders.ts';

const OLD = 'aa' as Fingerprint;
const NEW = 'bb' as Fingerprint;

const nobody: Credential = { as: 'nobody' };
const stranger: Credential = { as: 'stranger' };
const leaf = (fingerprint: Fingerprint): Credential => ({ as: 'leaf', leaf: fingerprint });

const accepted: CallOutcome = { result: 'accepted' };
const refused = (alert: Alert = 'unknown-ca'): CallOutcome => ({ result: 'refused', alert, detail: '' });
const unknown: CallOutcome = { result: 'unknown', why: 'reset' };

const call = (credential: Credential, outcome: CallOutcome): Call => ({
  credential,
  outcome,
  presented: undefined,
  at: 0,
  duration: 1,
});

const off: CandidateTrust = { kind: 'off' };
const bundle = (...leafs: readonly Fingerprint[]): CandidateTrust => ({
  kind: 'bundle',
  accepts: (one) => leafs.includes(one),
});

const goal = (
  trust: CandidateTrust,
  mustAccept: Fingerprint[] = [],
  mustRefuse: Fingerprint[] = [],
): ProofGoal => ({
  trust,
  mustAccept,
  mustRefuse,
});

describe('a process could have loaded', () => {
  test('nothing at all only if everybody is let in', () => {
    expect(
      consistent(off, [call(nobody, accepted), call(stranger, accepted), call(leaf(OLD), accepted)]),
    ).toBe(true);
    expect(consistent(off, [call(nobody, refused('certificate-required'))])).toBe(false);
  });

  test('a bundle only if nobody and strangers are refused, and exactly its own leafs let in', () => {
    const calls = [
      call(nobody, refused('certificate-required')),
      call(stranger, refused()),
      call(leaf(OLD), accepted),
      call(leaf(NEW), refused()),
    ];
    expect(consistent(bundle(OLD), calls)).toBe(true);
    expect(consistent(bundle(OLD, NEW), calls)).toBe(false);
    expect(consistent(bundle(NEW), calls)).toBe(false);
    expect(consistent(bundle(OLD), [call(nobody, accepted)])).toBe(false);
    expect(consistent(bundle(OLD), [call(stranger, accepted)])).toBe(false);
  });

  test('anything, as far as calls without a result tell', () => {
    const calls = [call(nobody, unknown), call(stranger, unknown), call(leaf(OLD), unknown)];
    expect([off, bundle(OLD), bundle(NEW), bundle()].every((trust) => consistent(trust, calls))).toBe(true);
  });

  test('either bundle, where a leaf is refused because it has expired', () => {
    const calls = [call(leaf(OLD), refused('certificate-expired'))];
    expect(consistent(bundle(OLD), calls)).toBe(true);
    expect(consistent(bundle(NEW), calls)).toBe(true);
  });

  test('one of the candidates that no call excludes', () => {
    const candidates = [
      { id: 'off', trust: off },
      { id: 'old', trust: bundle(OLD) },
      { id: 'both', trust: bundle(OLD, NEW) },
      { id: 'new', trust: bundle(NEW) },
    ];
    const ids = (calls: readonly Call[]) => remaining(candidates, calls).map(({ id }) => id);
    expect(ids([])).toEqual(['off', 'old', 'both', 'new']);
    expect(ids([call(nobody, refused('certificate-required'))])).toEqual(['old', 'both', 'new']);
    expect(ids([call(leaf(OLD), accepted), call(leaf(NEW), accepted), call(nobody, refused())])).toEqual([
      'both',
    ]);
    expect(ids([call(nobody, accepted), call(leaf(OLD), refused())])).toEqual([]);
  });
});

describe('a bundle', () => {
  const required = call(nobody, refused('certificate-required'));

  test('is proven by the refusal of nobody and the acceptance of the leaf', () => {
    expect(grade(goal(bundle(NEW), [NEW]), [required, call(leaf(NEW), accepted)])).toBe('proven');
  });

  test.each<[string, readonly Call[]]>([
    ['no call was made', []],
    ['nobody was not asked', [call(leaf(NEW), accepted)]],
    ["nobody's call had no result", [call(nobody, unknown), call(leaf(NEW), accepted)]],
    ['the leaf was not shown', [required]],
    ["the leaf's call had no result", [required, call(leaf(NEW), unknown)]],
    ['only another leaf was let in', [required, call(leaf(OLD), accepted)]],
  ])('is unknown while %s', (_why, calls) => {
    expect(grade(goal(bundle(OLD, NEW), [NEW]), calls)).toBe('unknown');
  });

  test('is unknown where no leaf is there to prove it by', () => {
    expect(grade(goal(bundle(NEW)), [required])).toBe('unknown');
  });

  test.each<[string, readonly Call[]]>([
    ['nobody was let in', [call(nobody, accepted), call(leaf(NEW), accepted)]],
    ['a stranger was let in', [required, call(stranger, accepted), call(leaf(NEW), accepted)]],
    ['the leaf was refused', [required, call(leaf(NEW), refused())]],
    ['the old leaf was let in', [required, call(leaf(NEW), accepted), call(leaf(OLD), accepted)]],
  ])('is disproven where %s', (_why, calls) => {
    expect(grade(goal(bundle(NEW), [NEW], [OLD]), calls)).toBe('disproven');
  });

  test('is proven to have forgotten an old leaf only by its refusal, and not for its age', () => {
    const calls = [required, call(leaf(NEW), accepted)];
    const dropped = goal(bundle(NEW), [NEW], [OLD]);
    expect(grade(dropped, calls)).toBe('unknown');
    expect(grade(dropped, [...calls, call(leaf(OLD), refused('certificate-expired'))])).toBe('unknown');
    expect(grade(dropped, [...calls, call(leaf(OLD), refused())])).toBe('proven');
  });
});

test('that certificates are not asked for is proven by nobody being let in', () => {
  expect(grade(goal(off), [call(nobody, accepted)])).toBe('proven');
  expect(grade(goal(off), [call(leaf(OLD), accepted)])).toBe('unknown');
  expect(grade(goal(off), [call(nobody, refused('certificate-required'))])).toBe('disproven');
});

test('a proof stands as long as its container, not its name, lives', () => {
  const proof: PodProof = { pod: 'repo-0', podUid: 'uid-repo-0', containerId: 'containerd://1', calls: [] };
  const container = {
    name: 'repo',
    id: 'containerd://1',
    startedAt: 0,
    ready: true,
    restartCount: 0,
    waiting: undefined,
  };
  const pod = podOf('repo-0', { containers: [container] });
  expect(stillStanding([proof], [pod], 'repo')).toEqual([proof]);
  expect(
    stillStanding([proof], [{ ...pod, containers: [{ ...container, id: 'containerd://2' }] }], 'repo'),
  ).toEqual([]);
  expect(stillStanding([proof], [{ ...pod, uid: 'another' }], 'repo')).toEqual([]);
  expect(stillStanding([proof], [pod], 'sidecar')).toEqual([]);
  expect(stillStanding([proof], [], 'repo')).toEqual([]);
});
