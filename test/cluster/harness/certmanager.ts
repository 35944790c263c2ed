/** cert-manager's CRDs and its controllers, under an identity of their own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Api, KubeObject } from './api.ts';
import { bindUser } from './coredns.ts';
import { daemonReady, logOf, startDaemon } from './daemon.ts';
import { kubeconfigOf } from './identities.ts';
import { moduleFolder, program } from './parts.ts';
import { until } from './wait.ts';

export async function startCertManager(api: Api): Promise<void> {
  const module = await moduleFolder('certmanager', 'github.com/cert-manager/cert-manager');
  const crds = join(module, 'deploy', 'crds');
  for (const file of readdirSync(crds).filter((name) => name.endsWith('.yaml'))) {
    await applyAll(api, readFileSync(join(crds, file), 'utf8'));
  }
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cert-manager' } });
  await bindUser(api, 'cert-manager', 'cluster-admin');
  await until('cert-manager API', 30, async () => {
    await api.list('/apis/cert-manager.io/v1/certificates');
    await api.list('/apis/cert-manager.io/v1/clusterissuers');
    await api.list('/apis/acme.cert-manager.io/v1/challenges');
    return true;
  });
  startDaemon({
    name: 'cert-manager',
    command: await program('certmanager'),
    args: ['--kubeconfig', kubeconfigOf('cert-manager')],
  });
  await daemonReady('cert-manager', 30, () =>
    readFileSync(logOf('cert-manager'), 'utf8').includes('starting'),
  );
}

/** Every document of a YAML text, server-side applied. */
export async function applyAll(api: Api, text: string): Promise<void> {
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as (KubeObject & Record<string, unknown>) | null;
    if (object !== null) await api.apply(object);
  }
}
