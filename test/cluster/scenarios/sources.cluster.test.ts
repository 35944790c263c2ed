/**
 * Every source and every layout once, by the agent in its own pod: a leaf renewed and a CA replaced under traffic, no call lost.
 *
 * Four small Argo CD instances go through it at the same time, three of them from one source to the next, one from layout to layout.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { applicationsSynced, createApplications } from '../harness/applications.ts';
import { argoCdReady, installArgoCd, removeArgoCd } from '../harness/argocd.ts';
import { type ClusterUnderTest, clusterUnderTest } from '../harness/cluster-under-test.ts';
import { instances } from '../harness/everything.ts';
import { metersEveryClient } from '../harness/meter.ts';
import { kubernetesLogin } from '../harness/vault-kubernetes.ts';
import { createAppRole, createKubernetesRole } from '../harness/vault-logins.ts';
import { AgentPod, filesFolder } from './agent-pod.ts';
import { CASES, LAYOUTS, SOURCES } from './cases.ts';
import { type Change, Fleet, type InstanceConfig, Lane } from './lane.ts';
import { layoutChanges } from './layout-changes.ts';
import { writeResults } from './results.ts';
import { SharedWindow } from './shared-window.ts';
import {
  certManagerWithVault,
  configMap,
  externalSecret,
  type SourceKind,
  staticSecret,
  vaultKv,
  vaultPki,
} from './source-kinds.ts';

const TIER = process.env.MTLS_ROTATOR_TIER === 'full' ? 'full' : 'ci';
const MINUTE = 60_000;
const REFRESHES = TIER === 'full' ? 20 : 8;

const defaults = {
  mode: 'manage',
  propagationWait: '30s',
  mountMargin: '5s',
  settle: '5s',
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

const MOUNTS = ['agent-pki-one', 'agent-pki-two', 'agent-kv', 'eso-kv', 'cert-manager-pki'];

/** What the agent may do in Vault, whichever way it logged in. */
const agentPolicy = async (): Promise<void> => {
  const ofMount = (mount: string) => ({
    [`${mount}/sign/client`]: ['create', 'update'] as const,
    [`${mount}/roles/client`]: ['read'] as const,
    [`${mount}/issuers`]: ['list'] as const,
    [`${mount}/issuer/+/json`]: ['read'] as const,
  });
  await cluster.node.vault().admin.policy('argocd-mtls-rotator', {
    ...ofMount('agent-pki-one'),
    ...ofMount('agent-pki-two'),
    'agent-kv/data/argocd/*': ['read'],
    'agent-kv/metadata/argocd/*': ['read'],
  });
};

const installed = async (namespace: string): Promise<void> => {
  const { api } = cluster;
  await installArgoCd(api, { namespace, preStopSleep: 6 });
  await argoCdReady(api, namespace);
  await applicationsSynced(api, namespace, await createApplications(api, namespace));
};

/** The sources of each lane, in its order, with their changes. */
const kindsOf = (namespace: string): readonly SourceKind[] => {
  const place = { api: cluster.api, vault: cluster.node.vault(), namespace };
  const all = [
    vaultPki(place, 'Vault PKI, Kubernetes login', 'by-account', 'agent-pki-one'),
    vaultPki(place, 'Vault PKI, AppRole', 'by-approle', 'agent-pki-two'),
    vaultKv(place, 'by-account', 'agent-kv'),
    externalSecret(place, 'eso-kv', 'eso'),
    staticSecret(place),
    configMap(place),
    certManagerWithVault(place, 'cert-manager-pki'),
  ];
  return (SOURCES[namespace] ?? []).map((name) => {
    const kind = all.find((one) => one.name === name);
    if (kind === undefined) throw new Error(`no such source: ${name}`);
    return kind;
  });
};

const changesOf = (lane: Lane, kinds: readonly SourceKind[]): readonly Change[] => {
  const names = CASES.filter(({ namespace }) => namespace === lane.namespace).map(({ change }) => change);
  const triggers = kinds.flatMap(({ source, renew, replaceCa }) => [
    () => lane.configure({ clients: { default: source } }),
    renew,
    replaceCa,
  ]);
  return names.map((change, index) => ({
    change,
    trigger: triggers[index] ?? (() => Promise.reject(new Error(`nothing triggers: ${change}`))),
    seconds: 420,
  }));
};

interface Course {
  readonly prepare: () => Promise<void>;
  readonly first: InstanceConfig;
  readonly changes: readonly Change[];
}

const courseOf = (lane: Lane): Course => {
  if (lane.namespace === LAYOUTS) return layoutChanges(cluster.api, lane);
  const kinds = kindsOf(lane.namespace);
  return {
    prepare: async () => {
      for (const { prepare } of kinds) await prepare();
    },
    first: { clients: { default: kinds[0]?.source } },
    changes: changesOf(lane, kinds),
  };
};

beforeAll(async () => {
  cluster = clusterUnderTest();
  const { api, node } = cluster;
  const { address, ca, admin } = node.vault();
  const namespaces = [...Object.keys(SOURCES), LAYOUTS];
  agent = new AgentPod(cluster, await node.agentImage());
  await agent.remove();
  for (const mount of MOUNTS) await admin.disableEngine(mount);
  await Promise.all(namespaces.map(installed));
  await node.startMeter(namespaces);
  for (const namespace of namespaces) await metersEveryClient(api, namespace);

  const policies = ['argocd-mtls-rotator'];
  await agentPolicy();
  await createKubernetesRole(admin, kubernetesLogin, 'argocd-mtls-rotator', {
    policies,
    serviceAccount: 'argocd-mtls-rotator',
    namespace: 'argocd-mtls-rotator',
  });
  const appRole = await createAppRole(admin, 'approle', 'argocd-mtls-rotator', { policies });
  const kubernetes = { mount: kubernetesLogin, role: 'argocd-mtls-rotator' };
  const secretIdFile = `${filesFolder}/secret-id`;
  const common = { address, caFile: `${filesFolder}/vault-ca.crt` };
  const fleet = new Fleet(agent, {
    connections: {
      'by-account': { vault: { ...common, auth: { kubernetes } } },
      'by-approle': {
        vault: { ...common, auth: { appRole: { roleId: appRole.roleId, secretIdFile } } },
      },
    },
    defaults,
  });
  for (const namespace of namespaces) {
    lanes.set(namespace, new Lane(namespace, { api, fleet, window, refreshes: REFRESHES }));
  }
  const courses = await Promise.all(
    namespaces.map(async (namespace) => {
      const course = courseOf(laneOf(namespace));
      await course.prepare();
      // Not touched yet: that it is enabled is the first change.
      fleet.plan(namespace, { ...course.first, state: 'disabled' });
      return { lane: laneOf(namespace), changes: course.changes };
    }),
  );
  await agent.deploy(fleet.config(), { 'vault-ca.crt': ca, 'secret-id': appRole.secretId });
  await window.open();
  await Promise.all(courses.map(({ lane, changes }) => lane.run(changes)));
}, 30 * MINUTE);

afterAll(async () => {
  const rows = [...lanes.values()].flatMap((lane) => lane.rows);
  if (rows.length > 0) process.stdout.write(`${writeResults('sources', TIER, rows, notes)}\n`);
  if (process.env.MTLS_ROTATOR_KEEP_AGENT !== undefined) return;
  await agent.remove();
  await cluster.node.startMeter(instances.map(({ namespace }) => namespace));
  for (const namespace of lanes.keys()) {
    await removeArgoCd(cluster.api, namespace);
    await cluster.api.remove(`/api/v1/namespaces/${namespace}-applications`);
  }
}, 5 * MINUTE);

describe('each change costs no call and no refresh, and restarts what the facts say', () => {
  test.each(CASES)('$change', ({ change, namespace, changeClass, restarts }) => {
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
    expect(rotation).toMatchObject({ changeClass, proof: 'taken', result: 'succeeded' });
  });
});

test(
  'between and beside the changes no call failed either',
  async () => {
    const { calls, ok, errors } = await window.close();
    notes.push(`in the whole window, of all instances: ${calls} calls, ${calls - ok} failed`);
    expect(errors).toEqual({});
    expect(ok).toBe(calls);
  },
  MINUTE,
);
