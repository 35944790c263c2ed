/**
 * Secrets that somebody else made: left alone, or taken over without an outage, as the configuration says.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { certificate, deliver, Installation, issue } from '../kit/installation/index.ts';
import { type Authority, type Identity, makeCa, makeLeaf, replaceCa, USAGE } from '../kit/pki/index.ts';
import { expectFinished } from './finished.ts';

const LIMIT = 60_000;
const NS = 'argocd';

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/** What the announcement's recipe leaves behind. */
const byHand = (ca: Authority, leaf: Identity, type = 'Opaque', manager = 'kubectl-create') =>
  installation.api.objects.put(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'argocd-repo-server-mtls', namespace: NS },
      type,
      data: {
        'client-ca.crt': base64(ca.pem),
        'client.crt': base64(leaf.chainPem),
        'client.key': base64(leaf.keyPem),
      },
    },
    manager,
  );

/** An Argo CD whose mTLS was set up by hand, everything restarted since. */
const enabledByHand = async (
  ca: Authority,
  options: { readonly adopt: 'never' | 'existing'; type?: string },
) => {
  installation = await Installation.start({ settings: { adopt: options.adopt } });
  const leaf = makeLeaf(ca, { usages: [USAGE.client] });
  byHand(ca, leaf, options.type);
  // Everybody has seen the leafs before repo-server asks for them; then all are restarted.
  await installation.pass(100_000);
  for (const name of installation.podNames('notifications-controller')) installation.api.pods.stop(NS, name);
  await installation.quiet();
  for (const name of installation.podNames('repo-server')) installation.api.pods.stop(NS, name);
  await installation.quiet();
  await installation.pass(3_600_000);
  expect(installation.traffic.failed).toEqual([]);
  return leaf;
};

const typeOf = () => installation.api.objects.get('Secret', NS, 'argocd-repo-server-mtls')?.type;
const writtenSecrets = () =>
  installation.api.writes.filter((write) => write.resource === 'secrets').map((write) => write.name);

describe('a Secret that was made by hand', () => {
  test(
    'is not touched where adoption is off: the plan rests and names the owner',
    async () => {
      const ca = makeCa();
      await enabledByHand(ca, { adopt: 'never' });
      issue(installation.api, NS, 'repo-client', replaceCa(ca), 'client');
      const steps = await installation.agent().run();
      expect(steps.at(-1)).toBe('held foreign-owner');
      const held = installation.happenings.findLast((happening) => happening.type === 'held');
      expect(held?.type === 'held' && held.hold.what).toContain('kubectl-create');
      expect(writtenSecrets()).toEqual([]);
      expect(installation.restarts()).toEqual({});
      expect(installation.api.violations).toEqual([]);
    },
    LIMIT,
  );

  test(
    'holding the very leaf of cert-manager is adopted without a restart, and keeps its type',
    async () => {
      const ca = makeCa();
      const leaf = await enabledByHand(ca, { adopt: 'existing' });
      deliver(installation.api, NS, 'repo-client', leaf, ca);
      await installation.agent().run();
      expect(installation.restarts()).toEqual({});
      expect(installation.traffic.failed).toEqual([]);
      expect(installation.api.violations).toEqual([]);
    },
    LIMIT,
  );

  test(
    'with another CA than cert-manager: the old root stays in the bundle until nobody needs it',
    async () => {
      const old = makeCa({ name: 'made by hand' });
      await enabledByHand(old, { adopt: 'existing' });
      const next = makeCa({ name: 'cert-manager' });
      issue(installation.api, NS, 'repo-client', next, 'client');
      const bundles: string[] = [];
      installation.onWrite = (phase, request) => {
        if (phase === 'after' && request.name === 'argocd-repo-server-mtls')
          bundles.push(installation.secret('argocd-repo-server-mtls')?.['client-ca.crt'] ?? '');
        return undefined;
      };
      await installation.agent().run();
      const has = (text: string | undefined, ca: Authority) => text?.includes(ca.pem.trim());
      expect([has(bundles[0], old), has(bundles[0], next)]).toEqual([true, true]);
      expect(bundles.at(-1)).toBe(next.pem);
      expect(installation.restarts()).toEqual({ 'repo-server': 2 });
      await expectFinished(installation);
    },
    LIMIT,
  );

  test(
    'of another type is rotated in place: a type can never be changed',
    async () => {
      const ca = makeCa();
      await enabledByHand(ca, { adopt: 'existing', type: 'example.com/mtls' });
      issue(installation.api, NS, 'repo-client', ca, 'client');
      await installation.agent().run();
      expect(typeOf()).toBe('example.com/mtls');
      expect(installation.restarts()).toEqual({});
      await expectFinished(installation);
    },
    LIMIT,
  );
});

test(
  'a serving Secret that cert-manager itself writes is nobody else’s: managing it is refused and the owner named',
  async () => {
    installation = await Installation.start({
      settings: { serving: certificate('repo-serving') },
    });
    const ca = makeCa();
    issue(installation.api, NS, 'repo-client', ca, 'client');
    issue(installation.api, NS, 'repo-serving', ca, 'serving');
    const other = makeLeaf(ca, { dns: ['argocd-repo-server'], usages: [USAGE.server] });
    installation.api.objects.apply(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'argocd-repo-server-tls', namespace: NS },
        type: 'kubernetes.io/tls',
        data: {
          'tls.crt': base64(other.chainPem),
          'tls.key': base64(other.keyPem),
          'ca.crt': base64(ca.pem),
        },
      },
      'cert-manager-certificates-issuing',
      true,
    );
    const steps = await installation.agent().run();
    expect(steps.at(-1)).toBe('held foreign-owner');
    expect(writtenSecrets()).toEqual([]);
  },
  LIMIT,
);
