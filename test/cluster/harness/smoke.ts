/**
 * Shows on the running cluster that every piece of the harness works, before a test stands on it: a certificate is issued,
 * mTLS is enabled by hand in the safe order, hard refreshes go through, and the meter sees no failed call.
 */
import { Api, type Secret } from './api.ts';
import { applicationsSynced, hardRefresh } from './applications.ts';
import { restartWorkload, workloadReady } from './argocd.ts';
import { applicationPaths } from './git.ts';
import {
  createCa,
  createClientCertificate,
  fingerprintOf,
  issuedMaterial,
  renewCertificate,
  replaceCa,
} from './issuers.ts';
import { closeWindow, type MeterSummary, metersEveryClient, openWindow } from './meter.ts';
import { kubeconfig } from './settings.ts';
import { sleep } from './wait.ts';

const api = new Api(process.env.KUBECONFIG ?? kubeconfig);
const namespace = process.argv[2] ?? 'argocd-two';

await applicationsSynced(api, namespace, [...applicationPaths]);
await metersEveryClient(api, namespace);

await window('nothing is changed', async () => {
  await refreshAll();
  await sleep(5_000);
});

await createCa(api, { namespace, name: 'smoke-ca' });
await createClientCertificate(api, { namespace, name: 'smoke-client', issuer: 'smoke-ca' });
const first = await issuedMaterial(api, namespace, 'smoke-client');
console.log(
  `issued ${fingerprintOf(first.certificate).slice(0, 16)} under ${fingerprintOf(first.ca).slice(0, 16)}`,
);
await renewCertificate(api, namespace, 'smoke-client');
const leaf = await issuedMaterial(api, namespace, 'smoke-client');
console.log(
  `renewed ${fingerprintOf(leaf.certificate).slice(0, 16)} under ${fingerprintOf(leaf.ca).slice(0, 16)}`,
);

await window('mTLS is enabled', async () => {
  await publish({ 'client.crt': leaf.certificate, 'client.key': leaf.key });
  await sleep(25_000);
  await restartWorkload(api, namespace, 'deployments/argocd-notifications-controller');
  await workloadReady(api, namespace, 'deployments/argocd-notifications-controller');
  await publish({ 'client.crt': leaf.certificate, 'client.key': leaf.key, 'client-ca.crt': leaf.ca });
  await sleep(15_000);
  await restartWorkload(api, namespace, 'deployments/argocd-repo-server');
  await workloadReady(api, namespace, 'deployments/argocd-repo-server');
  await refreshAll();
});

await window(
  'the client certificate is of another CA than repo-server trusts: must fail by TLS',
  async () => {
    await replaceCa(api, namespace, 'smoke-ca');
    await renewCertificate(api, namespace, 'smoke-client');
    const other = await issuedMaterial(api, namespace, 'smoke-client');
    console.log(
      `replaced ${fingerprintOf(other.certificate).slice(0, 16)} under ${fingerprintOf(other.ca).slice(0, 16)}`,
    );
    await publish({ 'client.crt': other.certificate, 'client.key': other.key, 'client-ca.crt': leaf.ca });
    await sleep(20_000);
    await refreshAll();
  },
);

await api.remove(`/api/v1/namespaces/${namespace}/secrets/argocd-repo-server-mtls`);
await sleep(15_000);
await restartWorkload(api, namespace, 'deployments/argocd-repo-server');
await workloadReady(api, namespace, 'deployments/argocd-repo-server');
await restartWorkload(api, namespace, 'deployments/argocd-notifications-controller');
await workloadReady(api, namespace, 'deployments/argocd-notifications-controller');
await window('mTLS is off again', refreshAll);
for (const name of ['smoke-ca', 'smoke-client']) {
  await api.remove(`/apis/cert-manager.io/v1/namespaces/${namespace}/certificates/${name}`);
  await api.remove(`/apis/cert-manager.io/v1/namespaces/${namespace}/issuers/${name}`);
  await api.remove(`/api/v1/namespaces/${namespace}/secrets/${name}`);
}

async function window(what: string, work: () => Promise<void>): Promise<MeterSummary> {
  await openWindow(namespace);
  await work();
  const seen = await closeWindow();
  const { calls, failedByTls, failedByConnection, failedOtherwise, failedSpanSeconds } = seen;
  console.log(
    `${what}: ${calls} calls, ${failedByTls} failed by TLS, ${failedByConnection} by connection, ${failedOtherwise} otherwise, over ${failedSpanSeconds.toFixed(1)} s`,
  );
  for (const [error, times] of Object.entries(seen.errors)) console.log(`  ${times} × ${error}`);
  return seen;
}

async function refreshAll(): Promise<void> {
  for (const name of applicationPaths) {
    const { seconds, comparisonError } = await hardRefresh(api, namespace, name);
    console.log(
      `  hard refresh of ${name}: ${seconds.toFixed(1)} s, ${comparisonError ?? 'no ComparisonError'}`,
    );
  }
}

async function publish(text: Record<string, string>): Promise<void> {
  const data = Object.fromEntries(
    Object.entries(text).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  const metadata = { name: 'argocd-repo-server-mtls', namespace };
  await api.apply<Secret & Record<string, unknown>>({ apiVersion: 'v1', kind: 'Secret', metadata, data });
}
