/**
 * The ground that the other cluster tests stand on: cert-manager issues, Applications are refreshed over real calls,
 * the meter sees what a user would suffer (and nothing else), and the receiver gives back the spans it was sent.
 */
import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Secret } from './harness/api.ts';
import { hardRefresh } from './harness/applications.ts';
import { restartWorkload, workloadReady } from './harness/argocd.ts';
import { clusterUnderTest } from './harness/cluster-under-test.ts';
import { applicationPaths } from './harness/git.ts';
import {
  createCa,
  createClientCertificate,
  createServingCertificate,
  fingerprintOf,
  issuedMaterial,
  renewCaKeepingKey,
  renewCertificate,
  replaceCa,
} from './harness/issuers.ts';
import { closeWindow, meteredCalls, metersEveryClient, meterTargets, openWindow } from './harness/meter.ts';
import { sleep, until } from './harness/wait.ts';

const { api, node } = clusterUnderTest();
const namespace = 'argocd-two';
const notifications = 'deployments/argocd-notifications-controller';
const repoServer = 'deployments/argocd-repo-server';

describe('cert-manager', () => {
  test('issues under a CA, renews a leaf, renews the CA with its key, replaces the CA', async () => {
    const where = 'harness-certificates';
    await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: where } });
    try {
      await createCa(api, { namespace: where, name: 'ca' });
      await createClientCertificate(api, { namespace: where, name: 'client', issuer: 'ca' });
      await createServingCertificate(api, { namespace: where, name: 'serving', issuer: 'ca' });
      const serving = new X509Certificate((await issuedMaterial(api, where, 'serving')).certificate);
      expect(serving.subjectAltName).toContain('DNS:argocd-repo-server,');

      const first = await issuedMaterial(api, where, 'client');
      const ca = new X509Certificate(first.ca);
      expect(new X509Certificate(first.certificate).verify(ca.publicKey)).toBe(true);

      await renewCertificate(api, where, 'client');
      const renewed = await issuedMaterial(api, where, 'client');
      expect(renewed.certificate).not.toBe(first.certificate);
      expect(renewed.ca).toBe(first.ca);

      await renewCaKeepingKey(api, where, 'ca');
      const sameKey = new X509Certificate((await issuedMaterial(api, where, 'ca')).certificate);
      expect(sameKey.fingerprint256).not.toBe(ca.fingerprint256);
      expect(sameKey.publicKey.equals(ca.publicKey)).toBe(true);

      await replaceCa(api, where, 'ca');
      const other = new X509Certificate((await issuedMaterial(api, where, 'ca')).certificate);
      expect(other.publicKey.equals(ca.publicKey)).toBe(false);
      // Nobody has asked for the leaf: it is as it was.
      expect((await issuedMaterial(api, where, 'client')).certificate).toBe(renewed.certificate);
      await renewCertificate(api, where, 'client');
      const under = new X509Certificate((await issuedMaterial(api, where, 'client')).certificate);
      expect(under.verify(other.publicKey)).toBe(true);
    } finally {
      await api.remove(`/api/v1/namespaces/${where}`);
    }
  });
});

describe('traffic', () => {
  test('the meter follows every client; with nothing changed no call fails and every hard refresh goes through', async () => {
    await metersEveryClient(api, 'argocd');
    await metersEveryClient(api, namespace);
    const followed = (await meterTargets()).map((target) => `${target.namespace} ${target.component}`).sort();
    expect(followed).toEqual([
      'argocd argocd-application-controller',
      'argocd argocd-application-controller',
      'argocd argocd-applicationset-controller',
      'argocd argocd-notifications-controller',
      'argocd argocd-server',
      'argocd argocd-server',
      'argocd-two argocd-application-controller',
      'argocd-two argocd-applicationset-controller',
      'argocd-two argocd-notifications-controller',
      'argocd-two argocd-server',
    ]);
    await openWindow();
    for (const instance of ['argocd', namespace]) {
      for (const name of applicationPaths) {
        expect(await hardRefresh(api, instance, name)).not.toHaveProperty('comparisonError');
      }
    }
    await sleep(3_000);
    const seen = await closeWindow();
    expect(seen.calls).toBeGreaterThan(100);
    expect(seen).toMatchObject({ failedByTls: 0, failedByConnection: 0, failedOtherwise: 0, errors: {} });
    expect(Object.keys(seen.pods)).toHaveLength(10);
  });

  test('a certificate that repo-server does not trust is seen as TLS failures by the meter and as ComparisonErrors by users', async () => {
    await createCa(api, { namespace, name: 'trusted' });
    await createCa(api, { namespace, name: 'stranger' });
    await createClientCertificate(api, { namespace, name: 'trusted-client', issuer: 'trusted' });
    await createClientCertificate(api, { namespace, name: 'strange-client', issuer: 'stranger' });
    const trusted = await issuedMaterial(api, namespace, 'trusted-client');
    const strange = await issuedMaterial(api, namespace, 'strange-client');
    expect(fingerprintOf(trusted.ca)).not.toBe(fingerprintOf(strange.ca));
    try {
      await publish({
        'client.crt': trusted.certificate,
        'client.key': trusted.key,
        'client-ca.crt': trusted.ca,
      });
      await restart(repoServer);
      await restart(notifications);
      await metersEveryClient(api, namespace);
      await until('a window without a failure', 60, async () => {
        await openWindow(namespace);
        await sleep(3_000);
        const { calls, ok } = await closeWindow();
        return calls > 0 && calls === ok ? true : undefined;
      });
      expect(await hardRefresh(api, namespace, 'one')).not.toHaveProperty('comparisonError');

      const since = new Date();
      await openWindow(namespace);
      await publish({
        'client.crt': strange.certificate,
        'client.key': strange.key,
        'client-ca.crt': trusted.ca,
      });
      await sleep(25_000);
      const { comparisonError } = await hardRefresh(api, namespace, 'two');
      const seen = await closeWindow();
      expect(comparisonError).toBeDefined();
      expect(seen.failedByTls).toBeGreaterThan(20);
      // Also where the client wrote before it read the alert. What was lost with the connection can't be told apart.
      expect(seen.failedByConnection).toBeLessThan(seen.failedByTls / 10);
      expect(seen.failedOtherwise).toBe(0);
      const errors = meteredCalls(since).filter((call) => call.class === 'tls');
      expect(errors.every((call) => call.error?.includes('unknown certificate authority'))).toBe(true);
      // The long-lived connection of notifications-controller is none the worse for it.
      expect(errors.some((call) => call.component === 'argocd-notifications-controller')).toBe(false);
    } finally {
      await api.remove(`/api/v1/namespaces/${namespace}/secrets/argocd-repo-server-mtls`);
      for (const name of ['trusted', 'stranger', 'trusted-client', 'strange-client']) {
        await api.remove(`/apis/cert-manager.io/v1/namespaces/${namespace}/certificates/${name}`);
        await api.remove(`/apis/cert-manager.io/v1/namespaces/${namespace}/issuers/${name}`);
        await api.remove(`/api/v1/namespaces/${namespace}/secrets/${name}`);
      }
      await sleep(15_000);
      await restart(repoServer);
      await restart(notifications);
    }
    expect(await hardRefresh(api, namespace, 'two')).not.toHaveProperty('comparisonError');
  });
});

describe('the span receiver', () => {
  test('gives back what it was sent', async () => {
    const traceId = '5b8efff798038103d269b633813fc60c';
    const span = {
      traceId,
      spanId: 'eee19b7ec3c1b174',
      name: 'rotation',
      kind: 1,
      startTimeUnixNano: '1544712660000000000',
      endTimeUnixNano: '1544712661000000000',
      attributes: [{ key: 'restarts', value: { intValue: '2' } }],
    };
    const answer = await fetch(`${node.otlpEndpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans: [span] }] }] }),
    });
    expect(answer.status).toBe(200);
    const received = await until('the span', 10, () => {
      const spans = node.receivedSpans(traceId);
      return spans.length > 0 ? spans : undefined;
    });
    expect(received[0]).toMatchObject({ name: 'rotation', parentSpanId: '', attributes: { restarts: 2 } });
  });
});

async function restart(workload: string): Promise<void> {
  await restartWorkload(api, namespace, workload);
  await workloadReady(api, namespace, workload);
}

async function publish(text: Record<string, string>): Promise<void> {
  const data = Object.fromEntries(
    Object.entries(text).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  const metadata = { name: 'argocd-repo-server-mtls', namespace };
  await api.apply<Secret & Record<string, unknown>>({ apiVersion: 'v1', kind: 'Secret', metadata, data });
}
