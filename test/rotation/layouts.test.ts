/**
 * A certificate for each client, in keys or Secrets of its own, and the ways from one layout to another: by the shipped engine on the
 * stand-in, with real handshakes between every pair all along.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { InstanceSettings } from '../../agent/model/settings.ts';
import type { ClientComponent } from '../../agent/model/terms.ts';
import type { Workload } from '../../agent/model/workload.ts';
import { install } from '../kit/argocd/install.ts';
import { optionA, optionB } from '../kit/argocd/projections.ts';
import { certificate, Installation, issue, MINUTE } from '../kit/installation/index.ts';
import { type Authority, makeCa, replaceCa } from '../kit/pki/index.ts';
import { endedRotations, expectAtRest, expectFinished } from './finished.ts';

const LIMIT = 90_000;
const NS = 'argocd';
const MTLS = 'argocd-repo-server-mtls';

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

const layout = (
  type: InstanceSettings['layout']['type'],
  previous?: InstanceSettings['layout']['type'],
): InstanceSettings['layout'] => ({ type, previous, keys: {}, names: {} });

const CLIENTS = {
  server: 'server-cert',
  'application-controller': 'controller-cert',
  'applicationset-controller': 'appset-cert',
  'notifications-controller': 'notifications-cert',
} as const satisfies Readonly<Record<ClientComponent, string>>;

/** Everybody but the default has a Certificate of its own. */
const own = {
  default: certificate('repo-client'),
  byComponent: Object.fromEntries(
    Object.entries(CLIENTS).map(([component, name]) => [component, certificate(name)]),
  ),
};

const issueAll = (ca: Authority) => {
  for (const name of Object.values(CLIENTS)) issue(installation.api, NS, name, ca, 'client');
};

const keysOf = (secret: string): readonly string[] => Object.keys(installation.secret(secret) ?? {}).sort();

const PROJECTIONS = { keys: optionA, secrets: optionB } as const;

/** What a user does who applies the patch: the templates change, and Kubernetes rolls the workloads. */
const project = async (projection: (workload: Workload) => Workload): Promise<void> => {
  for (const workload of install({ namespace: NS })) {
    if (workload.ref.name === 'argocd-repo-server') continue;
    const present = installation.api.objects.get(workload.ref.kind, NS, workload.ref.name);
    const replicas = Number((present?.spec as { replicas?: number } | undefined)?.replicas ?? 1);
    installation.put(projection({ ...workload, replicas }));
  }
  await installation.pass(MINUTE);
  await installation.quiet();
};

describe.each(['keys', 'secrets'] as const)(
  'layout %s, each client with a certificate of its own',
  (type) => {
    const settings = { layout: layout(type), clients: own };

    const start = async (): Promise<Authority> => {
      installation = await Installation.start({ settings, workloads: PROJECTIONS[type] });
      const ca = makeCa();
      issueAll(ca);
      await installation.agent().run();
      return ca;
    };

    test(
      'enabling restarts repo-server and notifications-controller once; one leaf renewed changes its own place and nothing else',
      async () => {
        const ca = await start();
        expect(installation.restarts()).toEqual({ 'repo-server': 1, 'notifications-controller': 1 });
        await expectFinished(installation);
        const before = installation.api.writes.length;
        const secrets = type === 'keys' ? [MTLS] : [`${MTLS}-server`];
        const untouched = installation.secret(type === 'keys' ? MTLS : `${MTLS}-controller`);
        issue(installation.api, NS, CLIENTS.server, ca, 'client');
        await installation.agent().run();
        const published = installation.api.writes
          .slice(before)
          .filter(({ resource, name }) => resource === 'secrets' && name?.startsWith(MTLS));
        expect(published.map(({ name }) => name)).toEqual(secrets);
        const key = type === 'keys' ? 'controller-client.crt' : 'client.crt';
        const other = installation.secret(type === 'keys' ? MTLS : `${MTLS}-controller`);
        expect(other?.[key]).toBe(untouched?.[key]);
        expect(installation.restarts(before)).toEqual({});
        await expectFinished(installation);
      },
      LIMIT,
    );

    test(
      'one client under another CA: both are trusted in the end, repo-server is restarted once and no client',
      async () => {
        await start();
        const before = installation.api.writes.length;
        issue(installation.api, NS, CLIENTS['application-controller'], makeCa({ name: 'Other' }), 'client');
        await installation.agent().run();
        expect(endedRotations(installation).at(-1)?.rotation.changeClass).toBe('client-ca');
        expect(installation.secret(MTLS)?.['client-ca.crt']?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
        expect(installation.restarts(before)).toEqual({ 'repo-server': 1 });
        await expectFinished(installation);
      },
      LIMIT,
    );

    test(
      'the CA of all replaced: repo-server twice, no client, no call fails',
      async () => {
        const ca = await start();
        const before = installation.api.writes.length;
        issueAll(replaceCa(ca));
        await installation.agent().run();
        expect(installation.restarts(before)).toEqual({ 'repo-server': 2 });
        await expectFinished(installation);
      },
      LIMIT,
    );
  },
);

test(
  'a source that says nothing holds up its own client only: another leaf is renewed meanwhile',
  async () => {
    installation = await Installation.start({
      settings: { layout: layout('keys'), clients: own },
      workloads: optionA,
    });
    const ca = makeCa();
    issueAll(ca);
    await installation.agent().run();
    installation.api.objects.remove('Certificate', NS, CLIENTS['notifications-controller']);
    const before = installation.secret(MTLS);
    issue(installation.api, NS, CLIENTS.server, ca, 'client');
    await installation.agent().run();
    const after = installation.secret(MTLS);
    expect(after?.['server-client.crt']).not.toBe(before?.['server-client.crt']);
    expect(after?.['notifications-client.crt']).toBe(before?.['notifications-client.crt']);
    expect(after?.['client-ca.crt']).toBe(before?.['client-ca.crt']);
    expect(installation.traffic.failed).toEqual([]);
  },
  LIMIT,
);

test(
  'nobody is asked for a certificate while one client has none',
  async () => {
    installation = await Installation.start({
      settings: { layout: layout('keys'), clients: own },
      workloads: optionA,
    });
    const ca = makeCa();
    issueAll(ca);
    installation.api.objects.remove('Certificate', NS, CLIENTS.server);
    await installation.agent().run();
    expect(keysOf(MTLS)).not.toContain('client-ca.crt');
    expect(keysOf(MTLS)).toContain('controller-client.crt');
    issue(installation.api, NS, CLIENTS.server, ca, 'client');
    await installation.agent().run();
    expect(keysOf(MTLS)).toContain('client-ca.crt');
    expect(installation.traffic.failed).toEqual([]);
  },
  LIMIT,
);

describe('from one layout to another, without a failed call and without a restart of the agent’s', () => {
  const SHARED = { default: certificate('repo-client'), byComponent: {} };
  const keep = (workload: Workload) => workload;

  test.each([
    { from: 'shared', to: 'keys', before: keep, after: optionA, gone: [MTLS, 'client.crt'] },
    { from: 'keys', to: 'secrets', before: optionA, after: optionB, gone: [MTLS, 'server-client.crt'] },
    { from: 'secrets', to: 'shared', before: optionB, after: keep, gone: [`${MTLS}-server`, 'client.crt'] },
  ] as const)(
    'from $from to $to: the union first, the old places emptied when no pod reads them',
    async ({ from, to, before, after, gone: [secret, key] }) => {
      installation = await Installation.start({
        settings: { layout: layout(from), clients: SHARED },
        workloads: before,
      });
      issue(installation.api, NS, 'repo-client', makeCa(), 'client');
      await installation.agent().run();
      const writes = installation.api.writes.length;

      const settings = { layout: layout(to, from), clients: SHARED };
      await installation.agent(settings).run();
      expect(keysOf(secret)).toContain(key);
      await expectAtRest(installation, settings);

      // Nobody patches workloads in the second in which the Secret is written; the kubelet's cache needs a while.
      await installation.pass(MINUTE);
      await project(after);
      await installation.agent(settings).run();
      expect(keysOf(secret)).not.toContain(key);
      expect(installation.restarts(writes)).toEqual({});
      expect(endedRotations(installation).at(-1)?.rotation.changeClass).toBe('layout');
      await expectFinished(installation, settings);
    },
    LIMIT,
  );
});
