/**
 * An issuer of somebody else's, as cert-manager lets them be: it signs CertificateRequests of its own group, and says nothing of its CA.
 * So are ACME's and many a company's: the Secret that comes of it has no `ca.crt`. Vault's PKI does the signing here.
 */
import type { Api, KubeObject } from './api.ts';
import type { VaultAdmin } from './vault-admin.ts';
import { sleep } from './wait.ts';

/** For `issuerRef.group`. */
export const foreignGroup = 'foreign-issuer.example';

interface CertificateRequest extends KubeObject {
  spec: { issuerRef: { group?: string }; request: string };
  status?: { certificate?: string; conditions?: { type: string; status: string }[] };
}

/** Answers requests in the namespace until it is stopped; a refusal of Vault's is thrown by `stop`. */
export function signForeignRequests(
  api: Api,
  admin: VaultAdmin,
  { namespace, mount, role }: { namespace: string; mount: string; role: string },
): { stop(): Promise<void> } {
  const path = `/apis/cert-manager.io/v1/namespaces/${namespace}/certificaterequests`;
  let stopped = false;
  const isOurs = ({ spec, status }: CertificateRequest): boolean =>
    spec.issuerRef.group === foreignGroup &&
    status?.certificate === undefined &&
    status?.conditions?.some(({ type, status: is }) => type === 'Approved' && is === 'True') === true;
  const signing = (async () => {
    while (!stopped) {
      for (const request of (await api.list<CertificateRequest>(path)).filter(isOurs)) {
        const csr = Buffer.from(request.spec.request, 'base64').toString();
        const { certificate } = await admin.write<{ certificate: string }>(`${mount}/sign/${role}`, { csr });
        const issued = {
          type: 'Ready',
          status: 'True',
          reason: 'Issued',
          message: 'signed by the foreign issuer',
          lastTransitionTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
        };
        await api.merge(`${path}/${request.metadata.name}/status`, {
          status: {
            certificate: Buffer.from(`${certificate}\n`).toString('base64'),
            conditions: [...(request.status?.conditions ?? []), issued],
          },
        });
      }
      await sleep(300);
    }
  })();
  signing.catch(() => undefined);
  return {
    stop: async () => {
      stopped = true;
      await signing;
    },
  };
}
