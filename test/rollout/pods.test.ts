import { describe, expect, test } from '@jest/globals';
import { nextEviction } from '../../agent/rollout/pods.ts';
import { ASKED, newPod, podOf, workloadOf } from './builders.ts';

describe('the next eviction', () => {
  const onDelete = workloadOf({ kind: 'StatefulSet', strategy: { type: 'OnDelete' } });
  const next = (...pods: Parameters<typeof nextEviction>[1]) => nextEviction(onDelete, pods, ASKED)?.name;

  test('is the old pod with the highest ordinal', () => {
    expect(next(podOf('repo-2'), podOf('repo-10'))).toBe('repo-10');
    expect(next(podOf('repo-0'), newPod('repo-1'))).toBe('repo-0');
  });

  test('waits while another pod is going, missing or not ready', () => {
    expect(next(podOf('repo-0'), podOf('repo-1', { terminating: true }))).toBeUndefined();
    expect(next(podOf('repo-0'))).toBeUndefined();
    expect(next(podOf('repo-0'), newPod('repo-1', { ready: false }))).toBeUndefined();
  });

  test('is a broken old pod first, while the others are ready', () => {
    expect(next(podOf('repo-0', { ready: false }), podOf('repo-1'))).toBe('repo-0');
    expect(next(podOf('repo-0', { ready: false }), podOf('repo-1', { ready: false }))).toBeUndefined();
  });

  test('is none where no old pod is left', () => {
    expect(next(newPod('repo-0'), newPod('repo-1'))).toBeUndefined();
  });
});
