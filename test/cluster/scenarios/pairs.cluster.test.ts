/**
 * Source × layout × change class, pairwise, under the layouts that give clients certificates of their own: no call lost in any cell.
 *
 * Four small Argo CD instances go through their cells at the same time, their clients with three sources at once and verifying repo-server,
 * whose certificates are from Vault PKI. Before that, Vault is sealed for a while under all of them. The full tier's alone.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { applicationsSynced, createApplications } from '../harness/applications.ts';
import { argoCdReady, installArgoCd, removeArgoCd } from '../harness/argocd.ts';
import { type ClusterUnderTest, clusterUnderTest } from '../harness/cluster-under-test.ts';
import { instances } from '../harness/everything.ts';
import { metersEveryClient } from '../harness/meter.ts';
import { kubernetesLogin } from '../harness/vault-kubernetes.ts';
import { createKubernetesRole } from '../harness/vault-logins.ts';
import { sleep, until } from '../harness/wait.ts';
import { AgentPod, filesFolder } from './agent-pod.ts';
import { type Change, Fleet, Lane } from './lane.ts';
import { projectLayout } from './layout-patches.ts';
import { LANES, PAIR_CASES, type PairLane } from './pair-cases.ts';
import { everyMountOf, pairCourse, rulesOf } from './pair-course.ts';
import { writeResults } from './results.ts';
import { SharedWindow } from './shared-window.ts';

const MINUTE = 60_000;
const REFRESHES = 12;
/** From the first change on. What has not begun by then is reported as that, and fails: the whole is to take twelve minutes at most. */
const NO_CHANGE_BEGINS_AFTER = 10 * MINUTE;
const AGENT = 'argocd-mtls-rotator';

const defaults = {
  mode: 'manage',
  propagationWait: '30s',
  mountMargin: '5s',
  settle: '3s',
  retry: '2s',
  budget: { restarts: 50, window: '1h' },
};

let cluster: ClusterUnderTest;
let agent: AgentPod;
const window = new SharedWindow();
const lanes = new Map<string, Lane>();
const notes: string[] = [];

const laneOf = (namespace: string): Lane => {
  const lane = lanes.get(namespace);
  if (lane === undefined) throw new Error(`no instance ${namespace} was set up`);
  return lane;
};

/** Its clients' volumes show what the layout will have, by the patches that `plan` prints; nothing is published yet. */
const installed = async ({ namespace, layout }: PairLane): Promise<void> => {
  const { api } = cluster;
  await installArgoCd(api, { namespace, preStopSleep: 6 });
  await projectLayout({ api, agent }, namespace, layout);
  await argoCdReady(api, namespace);
  await applicationsSynced(api, namespace, await createApplications(api, namespace));
};

/** What the agent may do in Vault, and its login as its own ServiceAccount. */
const allowAgent = async (): Promise<void> => {
  const { admin } = cluster.node.vault();
  await admin.policy(
    AGENT,
    Object.assign({}, ...LANES.map(({ namespace }) => rulesOf(namespace))) as ReturnType<typeof rulesOf>,
  );
  await createKubernetesRole(admin, kubernetesLogin, AGENT, {
    policies: [AGENT],
    serviceAccount: AGENT,
    namespace: AGENT,
  });
};

/** For all lanes together, however many of them ask for it. */
const sealedOnce = (): (() => Promise<void>) => {
  let asked: Promise<void> | undefined;
  const seal = async (): Promise<void> => {
    const { admin } = cluster.node.vault();
    await sleep(5_000);
    await admin.seal();
    try {
      // Every source that asks Vault is looked at each 2 s.
      await sleep(30_000);
      expect(await admin.isSealed()).toBe(true);
    } finally {
      await admin.unseal();
    }
    await until('Vault to answer again', 30, async () => ((await admin.isSealed()) ? undefined : true));
    await sleep(10_000);
  };
  return () => {
    asked ??= seal();
    return asked;
  };
};

/** The table so far: a run that is ended half-way leaves what it has measured. */
const written = (): string => {
  const rows = [...lanes.values()].flatMap((lane) => lane.rows);
  return rows.length > 0 ? writeResults('pairs', 'full', rows, notes) : '';
};

const goThrough = async (lane: Lane, changes: readonly Change[]): Promise<void> => {
  for (const change of changes) {
    await lane.run([change]);
    written();
  }
};

const begunBefore = (deadline: number, changes: readonly Change[]): readonly Change[] =>
  changes.map((change) => ({
    ...change,
    trigger: async () => {
      if (Date.now() > deadline) throw new Error('it was too late to begin');
      await change.trigger();
    },
  }));

beforeAll(async () => {
  cluster = clusterUnderTest();
  const { api, node } = cluster;
  const { address, ca, admin } = node.vault();
  const namespaces = LANES.map(({ namespace }) => namespace);
  agent = new AgentPod(cluster, await node.agentImage());
  await agent.remove();
  for (const mount of namespaces.flatMap(everyMountOf)) await admin.disableEngine(mount);
  await Promise.all(LANES.map(installed));
  await node.startMeter(namespaces);
  for (const namespace of namespaces) await metersEveryClient(api, namespace);
  await allowAgent();

  const kubernetes = { mount: kubernetesLogin, role: AGENT };
  const vault = { address, caFile: `${filesFolder}/vault-ca.crt`, auth: { kubernetes } };
  const fleet = new Fleet(agent, { connections: { 'by-account': { vault } }, defaults });
  for (const namespace of namespaces) {
    lanes.set(namespace, new Lane(namespace, { api, fleet, window, refreshes: REFRESHES }));
  }
  const sealVaultForAWhile = sealedOnce();
  const courses = await Promise.all(
    LANES.map(async (table) => {
      const { namespace } = table;
      const lane = laneOf(namespace);
      const place = { api, vault: node.vault(), namespace };
      const course = pairCourse(place, lane, table, sealVaultForAWhile);
      await course.prepare();
      fleet.plan(namespace, course.before);
      return { lane, course };
    }),
  );
  await agent.deploy(fleet.config(), { 'vault-ca.crt': ca });
  await window.open();
  const deadline = Date.now() + NO_CHANGE_BEGINS_AFTER;
  // Vault is one for all: nobody may be in the middle of a change of its own when it is sealed.
  await Promise.all(courses.map(({ lane, course }) => goThrough(lane, [course.enabled])));
  await Promise.all(courses.map(({ lane, course }) => goThrough(lane, [course.sealed])));
  await Promise.all(courses.map(({ lane, course }) => goThrough(lane, begunBefore(deadline, course.cells))));
}, 40 * MINUTE);

afterAll(async () => {
  process.stdout.write(`${written()}\n`);
  if (process.env.MTLS_ROTATOR_KEEP_AGENT !== undefined) return;
  await agent.remove();
  await cluster.node.startMeter(instances.map(({ namespace }) => namespace));
  for (const namespace of lanes.keys()) {
    await removeArgoCd(cluster.api, namespace);
    await cluster.api.remove(`/api/v1/namespaces/${namespace}-applications`);
  }
}, 5 * MINUTE);

describe('each cell costs no call and no refresh, and restarts what the facts say', () => {
  test.each(PAIR_CASES)('$change', ({ change, namespace, changeClass, restarts }) => {
    const { row, rotation } = laneOf(namespace).outcome(change);
    const { failedByTls, failedByConnection, failedOtherwise, errors } = row.traffic;
    expect({ failedByTls, failedByConnection, failedOtherwise, errors }).toEqual({
      failedByTls: 0,
      failedByConnection: 0,
      failedOtherwise: 0,
      errors: {},
    });
    expect(row.comparisonErrors).toEqual([]);
    expect(row.refreshes).toBeGreaterThanOrEqual(REFRESHES);
    expect(row.restarts).toEqual(restarts);
    if (changeClass === 'none') expect(rotation).toBeUndefined();
    else expect(rotation).toMatchObject({ changeClass, proof: 'taken', result: 'succeeded' });
  });
});

test(
  'between and beside the cells no call failed either',
  async () => {
    const { calls, ok, errors } = await window.close();
    notes.push(`in the whole window, of all instances: ${calls} calls, ${calls - ok} failed`);
    expect(errors).toEqual({});
    expect(ok).toBe(calls);
  },
  MINUTE,
);
