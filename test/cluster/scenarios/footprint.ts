/**
 * What the idle agent costs and how fast it is: printed, never asserted.
 */
import { readFileSync } from 'node:fs';
import type { Api, Secret } from '../harness/api.ts';
import { renewCertificate } from '../harness/issuers.ts';
import { shell } from '../harness/shell.ts';
import { until } from '../harness/wait.ts';

/** Resident memory of the agent's process, in MB, read on the node. */
export const residentMemory = async (): Promise<number> => {
  const pid = (await shell('pgrep', ['-f', '^node /app/dist/agent/main.js run'])).trim().split('\n')[0];
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(line ?? Number.NaN) / 1024;
};

const version = async (api: Api, namespace: string, name: string): Promise<string | undefined> =>
  (await api.get<Secret>(`/api/v1/namespaces/${namespace}/secrets/${name}`)).metadata.resourceVersion;

/** Milliseconds from the source Secret's change to the published Secret's change, both seen by polling every 20 ms. */
export const publishLatency = async (api: Api, namespace: string): Promise<number> => {
  const before = {
    source: await version(api, namespace, 'repo-client'),
    published: await version(api, namespace, 'argocd-repo-server-mtls'),
  };
  const changed = async (name: string, old: string | undefined): Promise<number> =>
    await until(
      `${name} to change`,
      90,
      async () => ((await version(api, namespace, name)) === old ? undefined : performance.now()),
      20,
    );
  const [source, published] = await Promise.all([
    changed('repo-client', before.source),
    changed('argocd-repo-server-mtls', before.published),
    renewCertificate(api, namespace, 'repo-client'),
  ]);
  return published - source;
};

/** Makes `count` Secrets of about 3 KB that are none of the agent's business. */
export const foreignSecrets = async (api: Api, namespace: string, count: number): Promise<void> => {
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const data = { filler: Buffer.alloc(3_000, 'x').toString('base64') };
  const names = Array.from({ length: count }, (_, index) => `foreign-${index}`);
  const make = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      await api.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data });
    }
  };
  await Promise.all(Array.from({ length: 16 }, make));
};
