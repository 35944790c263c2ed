/**
 * SIGKILL before and after every write of a migration, and of taking it back: the process that goes on comes to the same end.
 *
 * **Invariant:** each process dies at the first write at which none has died yet, until one gets through; a new one knows the plan and the cluster.
 */
import { afterEach, expect, test } from '@jest/globals';
import type { Ended } from '../../agent/migration/running/tools.ts';
import type { MigrationPlan } from '../../agent/model/migration.ts';
import { Killed } from '../kit/installation/index.ts';
import { Migrating } from '../kit/migration/migrating.ts';
import { issuerPlan, MADE, movedTo, NEW } from '../kit/migration/plans.ts';
import { differences, snapshot } from '../kit/migration/snapshot.ts';
import { behindProxy, plainStaticSecret } from '../kit/migration/starts.ts';

const LIMIT = 180_000;

let migrating: Migrating;
afterEach(async () => {
  await migrating.close();
});

type Phase = 'before' | 'after';

/** @returns how many died */
const killedAllAlong = async (phase: Phase, work: () => Promise<Ended>): Promise<number> => {
  const deaths = new Set<string>();
  let made: string[] = [];
  migrating.installation.onWrite = (at, { verb, resource, name, body }) => {
    const what = `${verb} ${resource} ${name ?? JSON.stringify(body.metadata)}`;
    if (at === 'before') made.push(what);
    const place = `${made.at(-1)}, ${made.filter((one) => one === made.at(-1)).length}`;
    if (at !== phase || deaths.has(place)) return undefined;
    deaths.add(place);
    return 'kill';
  };
  for (;;) {
    made = [];
    try {
      expect(await work()).toEqual({ end: 'done' });
      migrating.installation.onWrite = undefined;
      return deaths.size;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      await migrating.installation.quiet();
    }
  }
};

const noCallFailed = (): void => {
  expect(migrating.installation.traffic.failed).toEqual([]);
  expect(migrating.installation.api.violations).toEqual([]);
};

const moving = async (): Promise<MigrationPlan> => {
  const start = plainStaticSecret();
  migrating = await Migrating.begin(start, [NEW.mtls, NEW.serving, ...MADE]);
  migrating.patching(movedTo);
  const keys = { certificate: 'ca.pem', key: 'ca-key.pem' };
  return issuerPlan(start, { namespace: 'security', name: 'corp-root' }, keys, 'moves');
};

test.each<Phase>(['before', 'after'])(
  'killed %s each write of a migration that moves workloads, and of its way back, it ends the same way',
  async (phase) => {
    const plan = await moving();
    const before = snapshot(migrating.installation);
    expect(await killedAllAlong(phase, () => migrating.run(plan))).toBeGreaterThan(15);
    noCallFailed();
    expect(migrating.installation.restarts()).toEqual({});
    expect(differences(before, snapshot(migrating.installation)).made).toHaveLength(10);
  },
  LIMIT,
);

test(
  'killed after each write of switching mTLS on where none was, and off again, everything is as before but for restarts',
  async () => {
    const { workloads: _proxied, ...start } = behindProxy();
    migrating = await Migrating.begin(start, MADE);
    const keys = { certificate: 'ca.pem', key: 'ca-key.pem' };
    const plan = issuerPlan(start, { namespace: 'argocd', name: 'corp-root' }, keys, 'in-place');
    const before = snapshot(migrating.installation);
    expect(
      await killedAllAlong('after', async () => {
        const ended = await migrating.run(plan, { until: 'prove' });
        return ended.end === 'reached' ? { end: 'done' } : ended;
      }),
    ).toBeGreaterThan(15);
    noCallFailed();
    expect(migrating.installation.restarts()).toEqual({ 'repo-server': 1, 'notifications-controller': 1 });
    expect(await killedAllAlong('after', () => migrating.undo(plan))).toBeGreaterThan(10);
    noCallFailed();
    const { made, changed, gone } = differences(before, snapshot(migrating.installation));
    expect({ made, gone }).toEqual({ made: [], gone: [] });
    const ours = 'spec.template.metadata.annotations.argocd-mtls-rotator.dev/';
    expect(
      changed.filter(({ paths }) =>
        paths.some((path) => path !== 'spec.template.metadata' && !path.startsWith(ours)),
      ),
    ).toEqual([]);
  },
  LIMIT,
);
