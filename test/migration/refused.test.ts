/**
 * What a migration cannot be carried out with: each is named, and nothing is half-done.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { MigrationPlan } from '../../agent/model/migration.ts';
import type { Rule } from '../kit/api-server/index.ts';
import { Migrating } from '../kit/migration/migrating.ts';
import { issuerPlan, MADE, movedTo, NEW } from '../kit/migration/plans.ts';
import { differences, snapshot } from '../kit/migration/snapshot.ts';
import { plainStaticSecret } from '../kit/migration/starts.ts';
import { makeCa } from '../kit/pki/index.ts';

const LIMIT = 60_000;
const NOTHING = { made: [], changed: [], gone: [] };
const ROOT = { namespace: 'security', name: 'corp-root' };

let migrating: Migrating;
afterEach(async () => {
  await migrating.close();
});

const begun = async (): Promise<MigrationPlan> => {
  const start = plainStaticSecret();
  migrating = await Migrating.begin(start, [NEW.mtls, NEW.serving, ...MADE]);
  return issuerPlan(start, ROOT, { certificate: 'ca.pem', key: 'ca-key.pem' }, 'moves');
};

const put = (
  kind: 'Secret' | 'ConfigMap',
  name: string,
  data: Readonly<Record<string, string>>,
  namespace = 'argocd',
): void =>
  void migrating.installation.api.objects.put({
    apiVersion: 'v1',
    kind,
    metadata: { namespace, name },
    data,
  });

const removed = (kind: string, name: string, namespace = 'argocd'): void =>
  migrating.installation.api.objects.remove(kind, namespace, name);

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What it says, with nothing written. */
const refusal = async (work: () => Promise<unknown>): Promise<string> => {
  const before = snapshot(migrating.installation);
  const said = await work().then(
    () => 'it went on',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  expect(differences(before, snapshot(migrating.installation))).toEqual(NOTHING);
  expect(migrating.installation.traffic.failed).toEqual([]);
  return said;
};

const rule = (group: string, resources: readonly string[], verbs: readonly string[]): Rule => ({
  namespaces: ['*'],
  apiGroups: [group],
  resources,
  verbs,
});

test(
  'a migration does not begin with a plan that does not fit the cluster, names that are taken, no cert-manager, or too few rights',
  async () => {
    const plan = await begun();
    const { api } = migrating.installation;
    const run = () => migrating.run(plan);

    for (const name of ['kept-root', 'new-client', NEW.mtls]) {
      put('Secret', name, { mine: base64('somebody else wrote this') });
      expect(await refusal(run)).toMatch(`argocd/${name} is there already`);
      removed('Secret', name);
    }
    put('ConfigMap', 'argocd-mtls-rotator-test', { journal: '{}' });
    expect(await refusal(run)).toMatch(/journal of an agent that looks after/);
    removed('ConfigMap', 'argocd-mtls-rotator-test');

    api.setRules([
      rule('', ['secrets', 'configmaps'], ['*']),
      rule('', ['pods'], ['list']),
      rule('apps', ['deployments', 'statefulsets'], ['list']),
      rule('cert-manager.io', ['issuers'], ['*']),
      rule('cert-manager.io', ['certificates'], ['get', 'list']),
    ]);
    expect(await refusal(run)).toMatch(/cannot create resource "certificates"/);
    api.setRules([rule('*', ['*'], ['*'])]);

    const problem = {
      code: 'root-ambiguous',
      severity: 'blocking',
      about: 'two roots',
      what: 'Two CAs could be the root.',
      effect: 'None is chosen.',
      next: 'Name one.',
      patch: undefined,
    } as const;
    expect(await refusal(() => migrating.run({ ...plan, problems: [problem] }))).toMatch(/Two CAs could be/);
    expect(await refusal(() => migrating.run({ ...plan, steps: [] }))).toMatch(/no steps/);
    const elsewhere = { ...plan, instance: { ...plan.instance, namespace: 'elsewhere' } };
    expect(await refusal(() => migrating.run(elsewhere))).toMatch(
      /elsewhere, its configuration for test in argocd/,
    );

    put('Secret', ROOT.name, { 'ca.pem': base64(makeCa().pem) }, ROOT.namespace);
    expect(await refusal(run)).toMatch(/security\/corp-root\/ca\.pem does not hold the root/);
    removed('Secret', ROOT.name, ROOT.namespace);
    expect(await refusal(run)).toMatch(/corp-root\/ca\.pem is not there.*another cluster/s);

    api.unserve('cert-manager.io/v1');
    put('Secret', ROOT.name, { 'ca.pem': base64(migrating.start.root.pem) }, ROOT.namespace);
    expect(await refusal(run)).toMatch(/cert-manager, and this cluster does not know/);
  },
  LIMIT,
);

test(
  'a journal of a newer program, of another plan, or of none at all is left as it is',
  async () => {
    const plan = await begun();
    const journal = 'argocd-mtls-rotator-migration';
    put('ConfigMap', journal, { journal: '{"version":2}' });
    expect(await refusal(() => migrating.run(plan))).toMatch(/format 2, this program knows format 1/);
    expect(await refusal(() => migrating.undo(plan))).toMatch(/format 2, this program knows format 1/);
    put('ConfigMap', journal, { journal: 'somebody wrote here' });
    expect(await refusal(() => migrating.run(plan))).toMatch(/holds no journal of a migration/);
    removed('ConfigMap', journal);
    await migrating.run(plan, { until: 'make' });
    const another = { ...plan, at: '2026-06-02T00:00:00Z' };
    expect(await refusal(() => migrating.run(another))).toMatch(/Another migration of argocd is under way/);
    expect(await refusal(() => migrating.undo(another))).toMatch(/has another plan/);
  },
  LIMIT,
);

describe('nothing is published that anybody reads', () => {
  test(
    'where a leaf is issued below another root than the one that is kept',
    async () => {
      const plan = await begun();
      migrating.issuer = makeCa({ name: 'Another Root' });
      await expect(migrating.run(plan)).rejects.toThrow(/is not issued below the root/);
      expect(migrating.installation.secret(NEW.mtls)).toBeUndefined();
      expect(migrating.installation.traffic.failed).toEqual([]);
      expect(await migrating.undo(plan)).toEqual({ end: 'done' });
    },
    LIMIT,
  );

  test(
    'where the repo-servers that run trust another root than the one that lies there: no workload is asked to move',
    async () => {
      const plan = await begun();
      const { issuer } = migrating;
      // Somebody changed what is trusted, and restarted repo-server: the plan was made before.
      const other = makeCa({ name: 'Trusted Root' });
      put('Secret', 'argocd-repo-server-mtls', { 'client-ca.crt': base64(other.pem) });
      await migrating.installation.pass(100_000);
      for (const name of migrating.installation.podNames('repo-server'))
        migrating.installation.api.pods.stop('argocd', name);
      await migrating.installation.quiet();
      migrating.issuer = issuer;
      await expect(migrating.run(plan)).rejects.toThrow(/refuse the new leaf/);
      expect(migrating.told.some((telling) => telling.type === 'patches')).toBe(false);
    },
    LIMIT,
  );
});

test(
  'while a migration is taken back it does not go on',
  async () => {
    const plan = await begun();
    migrating.patching(movedTo);
    expect(await migrating.run(plan, { until: 'repo-server' })).toEqual({
      end: 'reached',
      step: 'repo-server',
    });
    expect(await migrating.undo(plan, { wait: 0 })).toMatchObject({ end: 'waiting' });
    expect(await refusal(() => migrating.run(plan))).toMatch(/being taken back/);
  },
  LIMIT,
);
