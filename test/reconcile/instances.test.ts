/**
 * Several instances of one agent: one's trouble is no other's.
 */
import { afterEach, expect, test } from '@jest/globals';
import type { Rule } from '../kit/api-server/index.ts';
import { Installation, issue } from '../kit/installation/index.ts';
import { makeCa, replaceCa } from '../kit/pki/index.ts';
import { run, told, until } from './help.ts';

const LIMIT = 120_000;

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

test(
  'two Argo CDs rotate side by side, each in its own namespace',
  async () => {
    const namespaces = ['argocd-a', 'argocd-b'] as const;
    installation = await Installation.start({
      namespaces,
      settings: { namespace: 'argocd-a' },
      repoServers: 1,
    });
    const running = namespaces.map((namespace) => run(installation.agent({ name: namespace, namespace })));
    const cas = namespaces.map(() => makeCa());
    for (const round of [1, 2]) {
      for (const [index, namespace] of namespaces.entries()) {
        const ca = cas[index] ?? makeCa();
        issue(installation.api, namespace, 'repo-client', round === 1 ? ca : replaceCa(ca), 'client');
      }
      for (const { reconciler } of running) reconciler.wake();
      await until(installation, () =>
        running.every(({ agent }) => told(agent, 'rotation-ended').length >= round),
      );
    }
    for (const { agent, reconciler } of running) {
      await reconciler.stop();
      expect(new Set(agent.told.map((happening) => happening.instance.namespace)).size).toBe(1);
    }
    for (const namespace of namespaces) expect(installation.site(namespace).traffic.failed).toEqual([]);
    expect(installation.api.violations).toEqual([]);
  },
  LIMIT,
);

test(
  'a namespace that is forbidden degrades its own instance, and it alone',
  async () => {
    const namespaces = ['argocd-a', 'argocd-b'] as const;
    const everything = ['*'];
    const rules: readonly Rule[] = [
      { namespaces: ['argocd-a'], apiGroups: everything, resources: everything, verbs: everything },
    ];
    installation = await Installation.start({
      namespaces,
      settings: { namespace: 'argocd-a' },
      repoServers: 1,
      rules,
    });
    for (const namespace of namespaces) issue(installation.api, namespace, 'repo-client', makeCa(), 'client');
    const [allowed, forbidden] = namespaces.map((namespace) =>
      run(installation.agent({ name: namespace, namespace })),
    );
    if (allowed === undefined || forbidden === undefined) throw new Error('two were started');
    await until(installation, () => told(allowed.agent, 'rotation-ended').length > 0);
    expect(told(allowed.agent, 'degraded')).toEqual([]);
    expect(told(forbidden.agent, 'degraded')[0]?.error).toMatch(/forbidden|not allowed|403/i);
    expect(told(forbidden.agent, 'rotation-started')).toEqual([]);
    expect(
      installation.api.writes.filter((write) => write.namespace === 'argocd-b' && write.status < 300),
    ).toEqual([]);
    await allowed.reconciler.stop();
    await forbidden.reconciler.stop();
    for (const namespace of namespaces) expect(installation.site(namespace).traffic.failed).toEqual([]);
  },
  LIMIT,
);
