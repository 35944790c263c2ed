/**
 * `migrate run` and `migrate undo` on the stand-in, from a static Secret: every client calls every repo-server all along.
 */
import { afterEach, expect, test } from '@jest/globals';
import type { MigrationPlan, MigrationStepId } from '../../agent/model/migration.ts';
import { Migrating } from '../kit/migration/migrating.ts';
import { issuerPlan, MADE, movedTo, NEW } from '../kit/migration/plans.ts';
import { differences, snapshot } from '../kit/migration/snapshot.ts';
import { plainStaticSecret } from '../kit/migration/starts.ts';

const LIMIT = 120_000;

let migrating: Migrating;
afterEach(async () => {
  await migrating.close();
});

const begun = async (): Promise<MigrationPlan> => {
  const start = plainStaticSecret();
  migrating = await Migrating.begin(start, [NEW.mtls, NEW.serving, ...MADE]);
  return issuerPlan(
    start,
    { namespace: 'security', name: 'corp-root' },
    { certificate: 'ca.pem', key: 'ca-key.pem' },
    'moves',
  );
};

const patching = (): void => migrating.patching(movedTo);

const noCallFailed = (): void => {
  expect(migrating.installation.traffic.failed).toEqual([]);
  expect(migrating.installation.api.violations).toEqual([]);
};

test(
  'a static Secret is migrated from without a failed call; what it did not make is as before but for what the operator patched',
  async () => {
    const plan = await begun();
    const before = snapshot(migrating.installation);
    patching();
    expect(await migrating.run(plan)).toEqual({ end: 'done' });
    noCallFailed();
    expect(migrating.told.some((telling) => telling.type === 'removable')).toBe(true);
    const { made, changed, gone } = differences(before, snapshot(migrating.installation));
    expect(gone).toEqual([]);
    expect(made).toEqual([
      'Certificate argocd/new-client',
      'Certificate argocd/new-serving',
      'ConfigMap argocd/argocd-mtls-rotator-migration',
      'ConfigMap argocd/argocd-mtls-rotator-test',
      'Issuer argocd/kept-root',
      'Secret argocd/kept-root',
      'Secret argocd/new-client',
      'Secret argocd/new-serving',
      'Secret argocd/repo-mtls-new',
      'Secret argocd/repo-tls-new',
    ]);
    // The operator's patches: the engine found nothing left to restart.
    expect(changed.map(({ object, paths }) => `${object}: ${paths.join()}`)).toEqual(
      [
        'Deployment argocd/argocd-applicationset-controller',
        'Deployment argocd/argocd-notifications-controller',
        'Deployment argocd/argocd-repo-server',
        'Deployment argocd/argocd-server',
        'StatefulSet argocd/argocd-application-controller',
      ].map((object) => `${object}: spec.template.spec.volumes`),
    );
    expect(migrating.installation.restarts()).toEqual({});
    expect(await migrating.run(plan)).toEqual({ end: 'done' });
  },
  LIMIT,
);

test.each<MigrationStepId>(['make', 'publish', 'clients', 'prove'])(
  'after step %s it can be taken back: everything is as before, and no call fails',
  async (until) => {
    const plan = await begun();
    const before = snapshot(migrating.installation);
    const templates = new Map(
      (plan.patches ?? []).map(({ workload }) => [workload.name, migrating.workload(workload.name)]),
    );
    patching();
    expect(await migrating.run(plan, { until })).toEqual({ end: 'reached', step: until });
    migrating.operator = async () => {
      for (const name of ['argocd-repo-server', ...templates.keys()])
        await migrating.change([name], (workload) => ({
          ...workload,
          template: templates.get(name)?.template ?? workload.template,
        }));
    };
    expect(await migrating.undo(plan)).toEqual({ end: 'done' });
    noCallFailed();
    expect(differences(before, snapshot(migrating.installation))).toEqual({
      made: [],
      changed: [],
      gone: [],
    });
    expect(await migrating.undo(plan)).toEqual({ end: 'done' });
  },
  LIMIT,
);

test(
  'stopped in the middle of a step, the same command goes on from there',
  async () => {
    const plan = await begun();
    patching();
    let asked = 0;
    migrating.interruptAt = (telling) => {
      asked += 1;
      return telling.type === 'step-began' || asked % 3 === 0;
    };
    let ended = await migrating.run(plan);
    let commands = 1;
    while (ended.end === 'stopped' && commands < 60) {
      if (commands > 12) migrating.interruptAt = undefined;
      ended = await migrating.run(plan);
      commands += 1;
    }
    expect(ended).toEqual({ end: 'done' });
    expect(commands).toBeGreaterThan(5);
    noCallFailed();
  },
  LIMIT,
);
