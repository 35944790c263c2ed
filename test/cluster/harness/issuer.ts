/** cert-manager's Issuers themselves: the self-signed one, and when one is at work. */
import type { Api, KubeObject } from './api.ts';
import { until } from './wait.ts';

const group = 'cert-manager.io/v1';

interface Issuer extends KubeObject {
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

/** What it issues is its own root: a leaf signs itself. */
export async function createSelfSignedIssuer(
  api: Api,
  namespace: string,
  name = 'self-signed',
): Promise<void> {
  await api.apply({
    apiVersion: group,
    kind: 'Issuer',
    metadata: { name, namespace },
    spec: { selfSigned: {} },
  });
}

export async function issuerReady(api: Api, namespace: string, name: string): Promise<void> {
  await until(`Issuer ${namespace}/${name} to be Ready`, 60, async () => {
    const issuer = await api.get<Issuer>(`/apis/${group}/namespaces/${namespace}/issuers/${name}`);
    if (issuer.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
      return true;
    throw new Error(
      issuer.status?.conditions?.map(({ message }) => message).join('; ') ?? 'no condition yet',
    );
  });
}
