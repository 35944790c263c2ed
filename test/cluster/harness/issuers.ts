/** Issuers and Certificates of cert-manager, and what happens to them in real life: renewals and replaced CAs. */
import { X509Certificate } from 'node:crypto';
import type { Api, KubeObject, Secret } from './api.ts';
import { ApiError } from './api.ts';
import { createSelfSignedIssuer, issuerReady } from './issuer.ts';
import { until } from './wait.ts';

const group = 'cert-manager.io/v1';

export interface Certificate extends KubeObject {
  spec: Record<string, unknown> & { secretName: string };
  status?: {
    revision?: number;
    notAfter?: string;
    renewalTime?: string;
    conditions?: {
      type: string;
      status: string;
      reason?: string;
      message?: string;
      observedGeneration?: number;
    }[];
  };
}

export interface KeyChoice {
  readonly algorithm: 'RSA' | 'ECDSA' | 'Ed25519';
  readonly size?: number;
}

export interface CertificateOptions {
  readonly namespace: string;
  readonly name: string;
  /** The Issuer; in the same namespace. */
  readonly issuer: string;
  /** Of an issuer that is not cert-manager's own. */
  readonly issuerGroup?: string;
  /** Default: the Certificate's own name. */
  readonly secretName?: string;
  readonly commonName?: string;
  readonly duration?: string;
  readonly renewBefore?: string;
  readonly key?: KeyChoice;
  /** Default: Always, cert-manager's own. */
  readonly rotateKey?: boolean;
}

export const certificatePath = (namespace: string, name: string): string =>
  `/apis/${group}/namespaces/${namespace}/certificates/${name}`;
const secretPath = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${namespace}/secrets/${name}`;

/** A self-signed CA (Certificate `name`, Secret `name`) and the Issuer `name` that issues under it. */
export async function createCa(
  api: Api,
  options: { namespace: string; name: string; commonName?: string; duration?: string; key?: KeyChoice },
): Promise<void> {
  const { namespace, name, commonName = name, duration = '87600h', key } = options;
  await createSelfSignedIssuer(api, namespace);
  await applyCertificate(api, namespace, name, {
    isCA: true,
    commonName,
    duration,
    secretName: name,
    issuerRef: { kind: 'Issuer', name: 'self-signed' },
    // A renewed CA keeps its key: that a new one takes over is said by replacing it.
    privateKey: privateKey(key, false),
  });
  await api.apply({
    apiVersion: group,
    kind: 'Issuer',
    metadata: { name, namespace },
    spec: { ca: { secretName: name } },
  });
  await certificateReady(api, namespace, name);
  await issuerReady(api, namespace, name);
}

/** What repo-server's clients show: `clientAuth`, a CN, no SAN that matters. */
export async function createClientCertificate(api: Api, options: CertificateOptions): Promise<void> {
  const { commonName = options.name } = options;
  await applyCertificate(api, options.namespace, options.name, {
    ...common(options),
    commonName,
    usages: ['digital signature', 'key encipherment', 'client auth'],
  });
  await certificateReady(api, options.namespace, options.name);
}

/** What repo-server shows, for every name that a client may dial. */
export async function createServingCertificate(api: Api, options: CertificateOptions): Promise<void> {
  const service = 'argocd-repo-server';
  const { namespace, commonName = service } = options;
  await applyCertificate(api, namespace, options.name, {
    ...common(options),
    commonName,
    dnsNames: [
      service,
      `${service}.${namespace}`,
      `${service}.${namespace}.svc`,
      `${service}.${namespace}.svc.cluster.local`,
    ],
    usages: ['digital signature', 'key encipherment', 'server auth'],
  });
  await certificateReady(api, namespace, options.name);
}

/** Re-issued now, as `cmctl renew` asks for it; answers when it is Ready with another certificate. */
export async function renewCertificate(api: Api, namespace: string, name: string): Promise<void> {
  const before = await issued(api, namespace, name);
  await askForIssue(api, namespace, name);
  await until(`Certificate ${namespace}/${name} to be renewed`, 60, async () => {
    const now = await issued(api, namespace, name);
    return now.certificate !== before.certificate && now.ready ? true : undefined;
  });
}

/** A new certificate for the CA's own key. The leafs it has issued go on being valid under it. */
export const renewCaKeepingKey = renewCertificate;

/**
 * Another CA under the same name: a new key, hence a new root. What it issued before is not re-issued by this:
 * cert-manager leaves the leafs alone until somebody renews them.
 */
export async function replaceCa(api: Api, namespace: string, name: string): Promise<void> {
  const path = certificatePath(namespace, name);
  await api.merge(path, { spec: { privateKey: { rotationPolicy: 'Always' } } });
  await settled(api, namespace, name);
  await renewCertificate(api, namespace, name);
  await api.merge(path, { spec: { privateKey: { rotationPolicy: 'Never' } } });
  await settled(api, namespace, name);
}

export async function certificateReady(
  api: Api,
  namespace: string,
  name: string,
  seconds = 60,
): Promise<void> {
  await until(`Certificate ${namespace}/${name} to be Ready`, seconds, async () => {
    const certificate = await api.get<Certificate>(certificatePath(namespace, name));
    const ready = certificate.status?.conditions?.find((condition) => condition.type === 'Ready');
    if (ready?.status === 'True' && ready.observedGeneration === certificate.metadata.generation) return true;
    throw new Error(ready?.message ?? 'no condition yet');
  });
}

/** The Secret's three files as text, as cert-manager wrote them. */
export async function issuedMaterial(
  api: Api,
  namespace: string,
  secretName: string,
): Promise<{ certificate: string; key: string; ca: string }> {
  const { data = {} } = await api.get<Secret>(secretPath(namespace, secretName));
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
  return { certificate: text('tls.crt'), key: text('tls.key'), ca: text('ca.crt') };
}

/** SHA-256 of the first certificate of a PEM text, hex without colons. */
export function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}

function common(options: CertificateOptions): Record<string, unknown> & { secretName: string } {
  const {
    name,
    issuer,
    issuerGroup,
    secretName = name,
    duration = '2160h',
    renewBefore,
    key,
    rotateKey = true,
  } = options;
  return {
    secretName,
    duration,
    ...(renewBefore === undefined ? {} : { renewBefore }),
    issuerRef: { kind: 'Issuer', name: issuer, ...(issuerGroup === undefined ? {} : { group: issuerGroup }) },
    privateKey: privateKey(key, rotateKey),
  };
}

function privateKey(
  key: KeyChoice = { algorithm: 'ECDSA', size: 256 },
  rotate: boolean,
): Record<string, unknown> {
  return {
    algorithm: key.algorithm,
    ...(key.size === undefined ? {} : { size: key.size }),
    rotationPolicy: rotate ? 'Always' : 'Never',
  };
}

function applyCertificate(
  api: Api,
  namespace: string,
  name: string,
  spec: Record<string, unknown> & { secretName: string },
): Promise<unknown> {
  return api.apply({ apiVersion: group, kind: 'Certificate', metadata: { name, namespace }, spec });
}

async function issued(
  api: Api,
  namespace: string,
  name: string,
): Promise<{ certificate: string; ready: boolean }> {
  const certificate = await api.get<Certificate>(certificatePath(namespace, name));
  const secret = await api.find<Secret>(secretPath(namespace, certificate.spec.secretName));
  const ready = isTrue(certificate, 'Ready') && !isTrue(certificate, 'Issuing');
  return { certificate: secret?.data?.['tls.crt'] ?? '', ready };
}

/** The Issuing condition, on the status that is there now. */
async function askForIssue(api: Api, namespace: string, name: string): Promise<void> {
  const path = certificatePath(namespace, name);
  for (;;) {
    const { metadata, status } = await api.get<Certificate>(path);
    const others = (status?.conditions ?? []).filter((condition) => condition.type !== 'Issuing');
    const issuing = {
      type: 'Issuing',
      status: 'True',
      reason: 'ManuallyTriggered',
      message: 'Certificate re-issuance manually triggered',
      lastTransitionTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
      observedGeneration: metadata.generation,
    };
    try {
      await api.merge(`${path}/status`, {
        metadata: { resourceVersion: metadata.resourceVersion },
        status: { conditions: [...others, issuing] },
      });
      return;
    } catch (problem) {
      if (!(problem instanceof ApiError && problem.code === 409)) throw problem;
    }
  }
}

async function settled(api: Api, namespace: string, name: string): Promise<void> {
  await certificateReady(api, namespace, name);
  await until(`Certificate ${namespace}/${name} to be at rest`, 60, async () =>
    (await issued(api, namespace, name)).ready ? true : undefined,
  );
}

function isTrue(object: Certificate, type: string): boolean {
  return object.status?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false;
}
