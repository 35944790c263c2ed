/**
 * Material that can't be used, and Argo CDs that can't use it: nothing bad is ever published.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { UPDATE_TAKES } from '../../agent/admission/mid-update.ts';
import type { Workload } from '../../agent/model/workload.ts';
import { bySubPath, withoutMtls } from '../kit/argocd/variants.ts';
import { deliver, Installation, issue } from '../kit/installation/index.ts';
import { type Authority, makeCa, makeLeaf, replaceCa, USAGE } from '../kit/pki/index.ts';
import { expectFinished } from './finished.ts';

const LIMIT = 60_000;
const NS = 'argocd';

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

const secretWrites = () =>
  installation.api.writes.filter((write) => write.resource !== 'configmaps').map((write) => write.name);

const only =
  (name: string, change: (workload: Workload) => Workload) =>
  (workload: Workload): Workload =>
    workload.ref.name === `argocd-${name}` ? change(workload) : workload;

test(
  'a client that mounts nothing is never cut off: nothing is published, and the client is named',
  async () => {
    installation = await Installation.start({ workloads: only('application-controller', withoutMtls) });
    issue(installation.api, NS, 'repo-client', makeCa(), 'client');
    const agent = installation.agent();
    expect((await agent.run()).at(-1)).toMatch(/^held (no-safe-order|preflight)$/);
    const held = agent.told.findLast((happening) => happening.type === 'held');
    expect(held?.type === 'held' && held.hold.what).toContain('application-controller');
    expect(secretWrites()).toEqual([]);
    expect(installation.traffic.failed).toEqual([]);
  },
  LIMIT,
);

test(
  'a client with subPath mounts is restarted for a new leaf, and it alone',
  async () => {
    const files = ['client.crt', 'client.key', 'server-ca.crt'] as const;
    installation = await Installation.start({
      workloads: only('server', (workload) => bySubPath(workload, ...files)),
    });
    const ca = makeCa();
    issue(installation.api, NS, 'repo-client', ca, 'client');
    await installation.agent().run();
    await expectFinished(installation);
    expect(installation.restarts()).toEqual({ 'repo-server': 1, 'notifications-controller': 1, server: 1 });
    const writes = installation.api.writes.length;
    issue(installation.api, NS, 'repo-client', ca, 'client');
    await installation.agent().run();
    await expectFinished(installation);
    expect(installation.restarts(writes)).toEqual({ server: 1 });
    const later = installation.api.writes.length;
    issue(installation.api, NS, 'repo-client', replaceCa(ca), 'client');
    await installation.agent().run();
    await expectFinished(installation);
    expect(installation.restarts(later)).toEqual({ 'repo-server': 2, server: 1 });
  },
  LIMIT,
);

interface Bad {
  readonly what: string;
  readonly hold: string;
  /** What it is taken for before it has stood there for a minute. */
  readonly atFirst?: string;
  readonly make: (ca: Authority) => void;
}

const bad: readonly Bad[] = [
  {
    what: 'a key that does not belong to its leaf',
    hold: 'held material-refused',
    atFirst: 'held material-waiting',
    make: (ca) => {
      const [leaf, other] = [makeLeaf(ca), makeLeaf(ca)];
      deliver(installation.api, NS, 'repo-client', { ...leaf, keyPem: other.keyPem }, ca);
    },
  },
  {
    what: 'a leaf that may not identify a client',
    hold: 'held material-refused',
    make: (ca) => void issue(installation.api, NS, 'repo-client', ca, 'client', { usages: [USAGE.server] }),
  },
  {
    what: 'a leaf that is not yet valid',
    hold: 'held material-refused',
    make: (ca) =>
      void issue(installation.api, NS, 'repo-client', ca, 'client', { notBefore: Date.UTC(2040, 0, 1) }),
  },
  {
    what: 'a leaf that its CA did not sign',
    hold: 'held material-refused',
    atFirst: 'held material-waiting',
    make: (ca) => deliver(installation.api, NS, 'repo-client', makeLeaf(makeCa()), ca),
  },
  {
    what: 'a Certificate that is gone',
    hold: 'held material-waiting',
    make: () => installation.api.objects.remove('Certificate', NS, 'repo-client'),
  },
  {
    what: 'a Secret that is gone',
    hold: 'held material-waiting',
    make: () => installation.api.objects.remove('Secret', NS, 'repo-client'),
  },
];

describe('what is published stays, and nothing is restarted, for', () => {
  test(
    'everything that is no usable material, one after the other',
    async () => {
      installation = await Installation.start({ repoServers: 1 });
      const ca = makeCa();
      issue(installation.api, NS, 'repo-client', ca, 'client');
      await installation.agent().run();
      const before = installation.secret('argocd-repo-server-mtls');
      const writes = installation.api.writes.length;
      const outcomes: Record<string, string> = {};
      for (const { what, hold, atFirst, make } of bad) {
        issue(installation.api, NS, 'repo-client', ca, 'client');
        make(ca);
        const agent = installation.agent();
        expect((await agent.run()).join(', ')).toBe(atFirst ?? hold);
        installation.clock.advance(UPDATE_TAKES);
        outcomes[what] = (await agent.run()).join(', ');
        expect(installation.secret('argocd-repo-server-mtls')).toEqual(before);
      }
      expect(outcomes).toEqual(Object.fromEntries(bad.map(({ what, hold }) => [what, hold])));
      expect(installation.api.writes.slice(writes).map((write) => write.name)).toEqual([]);
      expect(installation.traffic.failed).toEqual([]);
      expect(installation.happenings.filter((happening) => happening.type === 'refused').length).toBe(
        bad.filter(({ hold }) => hold === 'held material-refused').length,
      );
      // And as soon as the material is good again, the agent goes on.
      issue(installation.api, NS, 'repo-client', ca, 'client');
      await installation.agent().run();
      await expectFinished(installation);
    },
    LIMIT,
  );
});
