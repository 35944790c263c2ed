import { expect, test } from '@jest/globals';
import type { RestartRecord } from '../../agent/model/journal-record.ts';
import { restartBudget } from '../../agent/rollout/budget.ts';

const NOW = 1_000_000;
const WINDOW = 1_000;
const REPO = 'Deployment argocd/argocd-repo-server';

const at = (instant: number, workload = REPO): RestartRecord => ({
  workload,
  component: 'repo-server',
  fingerprint: 'ab',
  attempt: 1,
  at: instant,
});
const verdict = (records: readonly RestartRecord[], restarts = 2) =>
  restartBudget(records, REPO, { restarts, window: WINDOW }, NOW);

test('restarts are allowed until the budget is spent', () => {
  expect(verdict([])).toEqual({ state: 'allowed', left: 2 });
  expect(verdict([at(NOW - 10)])).toEqual({ state: 'allowed', left: 1 });
});

test('a spent budget names when the next restart is allowed: when the oldest that counts leaves the window', () => {
  expect(verdict([at(NOW - 10), at(NOW - 400)])).toEqual({ state: 'exhausted', spent: 2, until: NOW + 600 });
  expect(verdict([at(NOW - 10), at(NOW - 400), at(NOW - 900)])).toEqual({
    state: 'exhausted',
    spent: 3,
    until: NOW + 600,
  });
});

test('the budget is free again exactly when it said so', () => {
  const records = [at(NOW - 10), at(NOW - 400)];
  const budget = { restarts: 2, window: WINDOW };
  expect(restartBudget(records, REPO, budget, NOW + 599).state).toBe('exhausted');
  expect(restartBudget(records, REPO, budget, NOW + 600).state).toBe('allowed');
});

test('neither old restarts nor those of other workloads count', () => {
  expect(verdict([at(NOW - WINDOW), at(NOW - 10, 'Deployment argocd/argocd-server')])).toEqual({
    state: 'allowed',
    left: 2,
  });
});

test('a restart recorded by a clock that ran ahead blocks for a window at most', () => {
  expect(verdict([at(NOW + 50_000), at(NOW + 60_000)])).toEqual({
    state: 'exhausted',
    spent: 2,
    until: NOW + WINDOW,
  });
});

test('a budget of none forbids every restart, for ever', () => {
  expect(verdict([], 0)).toEqual({ state: 'exhausted', spent: 0, until: undefined });
});
