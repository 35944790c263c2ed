/**
 * Files of the agent's own pod through whole rotations: enabled, a leaf renewed, a CA replaced, torn half-way, gone and back.
 *
 * **Invariant:** the agent works under exactly the rights that the configuration is said to need, which files add nothing to.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { rightsOf } from '../../agent/config/rights.ts';
import { Instance } from '../../agent/instance.ts';
import type { FilesSpec } from '../../agent/model/files-spec.ts';
import type { InstanceSettings } from '../../agent/model/settings.ts';
import { systemClock } from '../../agent/runtime/system-clock.ts';
import { systemRandom } from '../../agent/runtime/system-random.ts';
import { createConnections, createSources } from '../../integrations/registry.ts';
import { Mount } from '../kit/files/mount.ts';
import { Installation, testSettings } from '../kit/installation/index.ts';
import { ManualClock } from '../kit/manual-clock.ts';
import { type Authority, type Identity, makeCa, makeLeaf, replaceCa, USAGE } from '../kit/pki/index.ts';
import { told, until } from '../reconcile/help.ts';
import { expectFinished } from './finished.ts';

const LIMIT = 90_000;
const MTLS = 'argocd-repo-server-mtls';

let mount: Mount;
let installation: Installation;
let served: Mount;

const spec = ({ directory }: Mount): FilesSpec => ({
  type: 'files',
  directory,
  within: undefined,
  fields: {},
  pkcs12: undefined,
  caFile: undefined,
  poll: 1_000,
});

beforeEach(() => {
  mount = new Mount();
  served = new Mount();
});

const start = async (over: Partial<InstanceSettings> = {}): Promise<void> => {
  const clock = new ManualClock(systemClock.now());
  const settings = { clients: { default: spec(mount), byComponent: {} }, ...over };
  const rules = rightsOf(testSettings(settings)).map(({ group, resource, names, verbs }) => ({
    namespaces: ['argocd'],
    apiGroups: [group],
    resources: [resource],
    verbs,
    ...(names === 'any' ? {} : { resourceNames: names }),
  }));
  installation = await Installation.start({
    clock,
    settings,
    rules,
    // Events of the file system are real, and so is what waits for them.
    connections: createConnections({
      clock: { now: () => clock.now(), after: systemClock.after },
      random: systemRandom,
      environment: {},
    }),
  });
};

afterEach(async () => {
  await installation.close();
  mount.clear();
  served.clear();
});

const clientLeaf = (ca: Authority): Identity => makeLeaf(ca, { name: 'repo-client', usages: [USAGE.client] });

const filesOf = (identity: Identity, ca: Authority) => ({
  'tls.crt': identity.chainPem,
  'tls.key': identity.keyPem,
  'ca.crt': ca.pem,
});

test(
  'a swap of ..data renews a leaf without a restart and replaces a CA with two of repo-server, and no call fails',
  async () => {
    await start();
    const ca = makeCa();
    mount.swap(filesOf(clientLeaf(ca), ca));
    await installation.agent().run();
    await expectFinished(installation);
    expect(installation.restarts()).toEqual({ 'repo-server': 1, 'notifications-controller': 1 });
    const renewed = clientLeaf(ca);
    const afterEnabling = installation.api.writes.length;
    mount.swap(filesOf(renewed, ca));
    await installation.agent().run();
    await expectFinished(installation);
    expect(installation.restarts(afterEnabling)).toEqual({});
    expect(installation.secret(MTLS)).toMatchObject({
      'client.crt': renewed.pem,
      'client.key': renewed.keyPem,
    });
    const next = replaceCa(ca);
    const afterRenewal = installation.api.writes.length;
    mount.swap(filesOf(clientLeaf(next), next));
    await installation.agent().run();
    await expectFinished(installation);
    expect(installation.restarts(afterRenewal)).toEqual({ 'repo-server': 2 });
    expect(installation.secret(MTLS)).toMatchObject({ 'client-ca.crt': next.pem });
  },
  LIMIT,
);

test(
  'files are what clients and repo-server show, each from a volume of its own, and a serving certificate is renewed by a swap',
  async () => {
    await start({ serving: spec(served), verification: 'on' });
    const ca = makeCa();
    const serving = () =>
      makeLeaf(ca, { name: 'repo-server', usages: [USAGE.server], dns: ['argocd-repo-server'] });
    mount.swap(filesOf(clientLeaf(ca), ca));
    served.swap(filesOf(serving(), ca));
    await installation.agent().run();
    await expectFinished(installation);
    const renewed = serving();
    served.swap(filesOf(renewed, ca));
    await installation.agent().run();
    await expectFinished(installation);
    expect(installation.secret('argocd-repo-server-tls')).toMatchObject({ 'tls.crt': renewed.pem });
  },
  LIMIT,
);

test(
  'files that are torn, gone or unreadable change nothing that is published, and what comes back is taken',
  async () => {
    await start();
    const ca = makeCa();
    const [old, renewed] = [clientLeaf(ca), clientLeaf(ca)];
    mount.swap(filesOf(old, ca));
    await installation.agent().run();
    await expectFinished(installation);
    const before = installation.secret(MTLS);
    const writes = installation.api.writes.length;
    const breaks: readonly (readonly [() => void, string])[] = [
      [
        () => mount.swap({ ...filesOf(renewed, ca), 'tls.key': old.keyPem }, 0o640, installation.clock.now()),
        'held material-waiting',
      ],
      [() => mount.swap({}), 'held material-waiting'],
      [() => mount.remove(), 'held material-waiting'],
      [
        () => {
          mount.bringBack();
          mount.swap(filesOf(renewed, ca));
          mount.link('..data', '..data');
        },
        'held material-refused',
      ],
    ];
    for (const [happens, held] of breaks) {
      happens();
      expect(await installation.agent().run()).toEqual([held]);
      expect(installation.secret(MTLS)).toEqual(before);
      expect(installation.api.writes.length).toBe(writes);
    }
    mount.remove();
    mount.bringBack();
    mount.swap(filesOf(renewed, ca));
    await installation.agent().run();
    await expectFinished(installation);
    expect(installation.secret(MTLS)).toMatchObject({ 'client.crt': renewed.pem });
  },
  LIMIT,
);

test(
  'a running instance is woken by a change of files while no clock moves, and publishes it',
  async () => {
    await start();
    const ca = makeCa();
    const [old, renewed] = [clientLeaf(ca), clientLeaf(ca)];
    mount.swap(filesOf(old, ca));
    const agent = installation.agent();
    const { cluster, clock, settings } = agent.services;
    const { connections } = installation;
    const sources = createSources(settings, { cluster, clock, ...(connections && { connections }) });
    const instance = new Instance(
      { ...agent.services, sources },
      sources.map(({ source }) => source),
    );
    instance.start();
    await until(installation, () => told(agent, 'rotation-ended').length > 0);
    const before = installation.api.calls.length;
    mount.swap(filesOf(renewed, ca));
    while (installation.api.calls.length === before) await new Promise((resolve) => setTimeout(resolve, 2));
    await until(installation, () => installation.secret(MTLS)?.['client.crt'] === renewed.pem);
    await instance.stop();
  },
  LIMIT,
);
