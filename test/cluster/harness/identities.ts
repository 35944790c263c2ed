/** Who may speak to the API server: a token each, so that every program works under its own RBAC. */
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { apiServer, nodeName, state } from './settings.ts';

const known = {
  admin: { user: 'admin', groups: ['system:masters'] },
  'kube-controller-manager': { user: 'system:kube-controller-manager', groups: [] },
  'kube-scheduler': { user: 'system:kube-scheduler', groups: [] },
  'kube-proxy': { user: 'system:kube-proxy', groups: [] },
  kubelet: { user: `system:node:${nodeName}`, groups: ['system:nodes'] },
  coredns: { user: 'coredns', groups: [] },
  'cert-manager': { user: 'cert-manager', groups: [] },
  'external-secrets': { user: 'external-secrets', groups: [] },
  meter: { user: 'meter', groups: [] },
};

export type Identity = keyof typeof known;

export const tokenFile = state('pki', 'tokens.csv');
export const serviceAccountKey = state('pki', 'service-account.key');
export const serviceAccountPublicKey = state('pki', 'service-account.pub');
/** The CA that the API server made for itself at its start. */
export const clusterCa = state('pki', 'ca.crt');

export const kubeconfigOf = (identity: Identity): string => state('pki', `${identity}.kubeconfig`);

export function makeIdentities(): void {
  mkdirSync(state('pki'), { recursive: true, mode: 0o700 });
  const lines: string[] = [];
  for (const identity of Object.keys(known) as Identity[]) {
    const { user, groups } = known[identity];
    const token = randomBytes(24).toString('hex');
    lines.push(`${token},${user},${user},"${groups.join(',')}"`);
    writeFileSync(kubeconfigOf(identity), kubeconfigFor(user, token), { mode: 0o600 });
  }
  writeFileSync(tokenFile, `${lines.join('\n')}\n`, { mode: 0o600 });

  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(serviceAccountKey, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(serviceAccountPublicKey, publicKey.export({ type: 'spki', format: 'pem' }));
}

/** The API server writes its own certificate and its CA into one file; a trust bundle must hold the CA only. */
export function extractClusterCa(): void {
  const chain = readFileSync(state('pki', 'apiserver.crt'), 'utf8');
  const certificates = chain.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n/g);
  const ca = certificates?.find((pem) => new X509Certificate(pem).ca);
  if (ca === undefined) throw new Error('the API server has not written its CA yet');
  writeFileSync(clusterCa, ca);
}

function kubeconfigFor(user: string, token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'cluster', cluster: { server: apiServer, 'certificate-authority': clusterCa } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'cluster', context: { cluster: 'cluster', user } }],
    'current-context': 'cluster',
  });
}
