/** Whole changes by sidecars alone: the shipped parts, real directories and certificates, an API server that evicts and rolls. */
import { afterEach, expect, test } from '@jest/globals';
import { newTruth, SidecarInstallation, type Truth } from './installation.ts';

const LIMIT = 60_000;

let installation: SidecarInstallation;
afterEach(async () => {
  expect(installation.api.violations).toEqual([]);
  await installation.close();
});

const begin = async (truth: Truth, rest?: string): Promise<void> => {
  installation = new SidecarInstallation(truth, rest);
  await installation.start();
  await installation.until(() => installation.isOn(truth), 'everybody begins');
  installation.done.length = 0;
  installation.fewestServers = Number.POSITIVE_INFINITY;
};
const evictions = (component: string): number =>
  installation.done.filter((each) => each === `${component} evict`).length;

test(
  'a leaf of the same CA is shown by every client, and nothing restarts',
  async () => {
    const first = newTruth();
    const second = newTruth(first.ca);
    await begin(first);
    await installation.remount(second);
    await installation.until(() => installation.isOn(second), 'the new leaf is shown');
    expect(installation.done.filter((each) => each.endsWith('evict'))).toEqual([]);
  },
  LIMIT,
);

test(
  'a client CA is replaced without one pair at odds: each repo-server goes twice, one after the other, and no client does',
  async () => {
    const [first, second] = [newTruth(), newTruth()];
    await begin(first);
    await installation.remount(second);
    await installation.until(() => installation.isOn(second), 'everybody is on the new CA');
    expect(evictions('repo-server')).toBe(4);
    expect(evictions('server')).toBe(0);
    expect(installation.fewestServers).toBe(1);
    installation.clock.advance(130_000);
    for (let round = 0; round < 5; round += 1) await installation.round();
    expect(evictions('repo-server')).toBe(4);
    // One rotation for all pods, whoever began and whoever ended it.
    expect(installation.begun).toHaveLength(1);
    expect(installation.ended).toMatchObject([{ id: installation.begun[0], changeClass: 'client-ca' }]);
    expect(installation.ended[0]?.restarts).toHaveLength(4);
  },
  LIMIT,
);

test(
  'an eviction that a PodDisruptionBudget forbids is waited for, and it is said',
  async () => {
    const [first, second] = [newTruth(), newTruth()];
    await begin(first);
    const budget = { name: 'repo-server', namespace: 'argocd' };
    installation.api.objects.put({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: budget,
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'argocd-repo-server' } } },
    });
    await installation.remount(second);
    await installation.until(
      () => installation.turns.some(({ hold }) => hold?.code === 'restart-blocked'),
      'the budget is in the way',
    );
    for (let round = 0; round < 5; round += 1) await installation.round();
    expect(evictions('repo-server')).toBe(0);
    expect(installation.refused()).toEqual([]);
    installation.api.objects.remove('PodDisruptionBudget', 'argocd', 'repo-server');
    await installation.until(() => installation.isOn(second), 'everybody is on the new CA');
  },
  LIMIT,
);

test(
  'without restarts of its own the change waits with both CAs, and says what is pending',
  async () => {
    const [first, second] = [newTruth(), newTruth()];
    await begin(first, 'restart: never\nsettle: 2s\n');
    await installation.remount(second);
    await installation.until(
      () => installation.turns.some(({ hold }) => hold?.code === 'restart-pending'),
      'a restart is pending',
    );
    for (let round = 0; round < 5; round += 1) await installation.round();
    expect(installation.refused()).toEqual([]);
    expect(
      installation.turns
        .slice(-4)
        .map(({ hold }) => hold?.code)
        .toSorted(),
    ).toEqual(['leaf-not-trusted', 'leaf-not-trusted', 'restart-pending', 'restart-pending']);
  },
  LIMIT,
);

test(
  'the shared record holds no key, and names whose it is',
  async () => {
    const first = newTruth();
    await begin(first);
    const record = JSON.stringify(
      installation.api.objects.get('ConfigMap', 'argocd', 'argocd-mtls-rotator-sidecars'),
    );
    expect(record).toContain(first.leaf.certificate.fingerprint);
    expect(record).not.toContain('PRIVATE KEY');
  },
  LIMIT,
);
