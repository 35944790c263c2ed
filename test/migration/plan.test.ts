/** What `migrate plan` makes of each start: how the root stays, what is made, applied, and left. */
import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { planFiles } from '../../agent/cli/plan-files.ts';
import { renderMigration } from '../../agent/cli/render-migration.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import type { RootWay } from '../../agent/model/migration.ts';
import { planFor } from '../kit/migration/planned.ts';
import {
  beforeMtls,
  behindProxy,
  handWired,
  plainStaticSecret,
  STARTS,
  staticConfigMap,
  vaultAndExternalSecrets,
  withMount,
} from '../kit/migration/starts.ts';

const WAYS: Readonly<Record<keyof typeof STARTS, RootWay>> = {
  'a static Secret, in base64 twice': 'issuer',
  'a static Secret': 'issuer',
  'a static ConfigMap': 'trust-only',
  'cert-manager wired by hand, with Reloader': 'issuer',
  'Vault and External Secrets': 'trust-only',
  'Argo CD before 3.5': 'issuer',
  "a mesh's proxy": 'issuer',
};

describe.each(Object.entries(STARTS))('%s', (name, start) => {
  const known = start();
  const plan = planFor(known);

  test('keeps the root that is there', () => {
    expect(plan.root?.fingerprint).toBe(known.root.certificate.fingerprint);
    expect(plan.root?.kept).toBe(WAYS[name as keyof typeof STARTS]);
  });

  test('has a configuration that the agent takes', () => {
    const parsed = parseConfig(stringify(plan.config));
    expect(
      parsed.ok ? parsed.settings.instances.map(({ names }) => names.mtlsSecret) : parsed.problems,
    ).toEqual([plan.instance.mtlsSecret]);
  });

  test('fills no Secret that is there, and makes no object that is there', () => {
    const there = (known.secrets ?? []).map((secret) => `Secret ${secret.name}`);
    const ours = [
      `Secret ${plan.instance.mtlsSecret}`,
      ...(plan.instance.servingSecret === undefined ? [] : [`Secret ${plan.instance.servingSecret}`]),
      ...plan.objects.map(({ kind, name: object }) => `${kind} ${object}`),
    ];
    expect(ours.filter((each) => there.includes(each))).toEqual([]);
  });

  test('says of each step what it does to traffic, how it is taken back and what it waits for', () => {
    const ids = plan.steps.map(({ id }) => id);
    expect(ids.slice(-3)).toEqual(['settle', 'prove', 'hand-over']);
    for (const step of plan.steps)
      expect([step.traffic, step.undo, step.waitsFor].filter((text) => text === '')).toEqual([]);
    for (const { step } of [...plan.objects, ...plan.patches]) expect(ids).toContain(step);
  });

  test('is data that a file can hold, with no private key in any file of it', () => {
    const files = [...planFiles(plan).values()].join('\n');
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(files).not.toContain('PRIVATE KEY');
    for (const key of [known.client.keyPem, known.serving?.keyPem ?? '', keyOf(known.root)])
      expect(files).not.toContain(key.split('\n')[1] || 'nothing to find');
  });

  test('is shown in 100 columns, but for what is to be typed', () => {
    const wide = renderMigration(plan)
      .split('\n')
      .filter((line) => line.length > 100 && !line.includes('kubectl') && !line.includes('vault '));
    expect(wide).toEqual([]);
  });
});

const keyOf = ({ key }: { readonly key: { readonly privateKey: import('node:crypto').KeyObject } }): string =>
  key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('the steps', () => {
  test('before 3.5 the Secret is prepared, without what repo-server trusts, then comes the upgrade', () => {
    const plan = planFor(beforeMtls());
    expect(plan.steps.map(({ id }) => id)).toEqual([
      'make',
      'publish',
      'upgrade',
      'settle',
      'prove',
      'hand-over',
    ]);
    expect(plan.steps[1]?.does).toContain('what repo-server trusts and serves with comes after the upgrade');
    expect(plan.patches).toEqual([]);
  });

  test('where the workloads mount the new Secret already, nobody patches anything', () => {
    const plan = planFor(behindProxy());
    expect(plan.steps.map(({ id, by }) => [id, by])).toEqual([
      ['make', 'migrate'],
      ['publish', 'migrate'],
      ['settle', 'migrate'],
      ['prove', 'migrate'],
      ['hand-over', 'operator'],
    ]);
    expect(plan.removable.map(({ what }) => what)).toContain(
      'Injection of Linkerd into Deployment argocd/argocd-server',
    );
  });

  test('clients are moved before repo-server', () => {
    const ids = planFor(plainStaticSecret()).steps.map(({ id }) => id);
    expect(ids).toEqual(['make', 'publish', 'clients', 'repo-server', 'settle', 'prove', 'hand-over']);
  });
});

describe('what can go', () => {
  test("are the old Secrets with what makes them, and Reloader's annotations; never what holds the key of a CA", () => {
    const removable = planFor(handWired()).removable;
    expect(removable.map(({ what }) => what).slice(0, 2)).toEqual([
      'Secret argocd/repo-client-tls',
      'Secret argocd/argocd-repo-server-tls',
    ]);
    expect(removable[0]?.command).toBe(
      'kubectl -n argocd delete certificate repo-client-tls && kubectl -n argocd delete secret repo-client-tls',
    );
    expect(removable.filter(({ what }) => what.includes('reloader')).length).toBe(5);
    expect(removable.map(({ what }) => what)).not.toContain('Secret argocd/platform-ca');
  });

  test('are mounts before what they show, since no pod starts without what it mounts', () => {
    const start = handWired();
    const workloads = (start.workloads ?? []).map((workload) =>
      workload.ref.name === 'argocd-server' ? withMount(workload, 'repo-client-tls', '/old/certs') : workload,
    );
    const { removable } = planFor({ ...start, workloads });
    expect(removable.slice(0, 2).map(({ what }) => what)).toEqual([
      'Volume repo-client-tls of Deployment argocd/argocd-server',
      'Secret argocd/repo-client-tls',
    ]);
    expect(removable[1]?.why).toContain(
      'no pod starts without it before these are gone: volume repo-client-tls of Deployment argocd/argocd-server',
    );
  });

  test('is nothing that the agent goes on reading', () => {
    expect(planFor(vaultAndExternalSecrets()).removable).toEqual([]);
    expect(planFor(staticConfigMap()).removable).toEqual([]);
  });
});
