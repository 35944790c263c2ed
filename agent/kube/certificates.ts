/**
 * cert-manager Certificates: read one, and ask for a new issuance.
 *
 * **Invariant:** of a Certificate only the Issuing condition is ever written; the other conditions go back as they were read.
 */
import { FIELD_MANAGER } from '../model/product.ts';
import type { Instant } from '../model/terms.ts';
import type { CertManagerCertificate } from '../ports.ts';
import { type ApiCall, type KubeClient, nameOf } from './client.ts';
import { apiError } from './errors.ts';
import { instantAt, type JsonObject, numberAt, objectAt, objectsAt, optionalTextAt, textAt } from './json.ts';
import { listObjects, readObject } from './read.ts';
import { RESOURCES } from './resources.ts';

const type = RESOURCES.Certificate;

const optionalNumber = (value: JsonObject, key: string): number | undefined =>
  typeof value[key] === 'number' ? numberAt(value, key) : undefined;

export const toCertificate = (object: JsonObject): CertManagerCertificate => {
  const metadata = objectAt(object, 'metadata');
  const spec = objectAt(object, 'spec');
  const status = objectAt(object, 'status');
  const issuer = objectAt(spec, 'issuerRef');
  return {
    namespace: textAt(metadata, 'namespace'),
    name: textAt(metadata, 'name'),
    resourceVersion: textAt(metadata, 'resourceVersion'),
    generation: numberAt(metadata, 'generation'),
    secretName: textAt(spec, 'secretName'),
    issuer: {
      kind: optionalTextAt(issuer, 'kind') ?? 'Issuer',
      name: textAt(issuer, 'name'),
      group: optionalTextAt(issuer, 'group') ?? 'cert-manager.io',
    },
    conditions: objectsAt(status, 'conditions').map((condition) => ({
      type: textAt(condition, 'type'),
      status: textAt(condition, 'status'),
      reason: textAt(condition, 'reason'),
      message: textAt(condition, 'message'),
      observedGeneration: optionalNumber(condition, 'observedGeneration'),
      lastTransition: instantAt(condition, 'lastTransitionTime'),
    })),
    revision: optionalNumber(status, 'revision'),
    notAfter: instantAt(status, 'notAfter'),
    renewalTime: instantAt(status, 'renewalTime'),
    lastFailure: instantAt(status, 'lastFailureTime'),
  };
};

export const readCertificate = async (
  client: KubeClient,
  namespace: string,
  name: string,
): Promise<CertManagerCertificate | undefined> => {
  const found = await readObject(client, type, namespace, name);
  return found === undefined ? undefined : toCertificate(found);
};

export const listCertificates = async (
  client: KubeClient,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Promise<readonly CertManagerCertificate[]> =>
  (await listObjects(client, type, namespace, labels)).map(toCertificate);

/** RFC 3339 without fractions: metav1.Time. */
const seconds = (at: Instant): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * Sets `Issuing=True` in the status, as `cmctl renew` does (cert-manager cmctl pkg/renew/renew.go: reason `ManuallyTriggered`,
 * observedGeneration set, UpdateStatus). A merge patch replaces a list as a whole, so the present conditions are read and sent back,
 * bound to their resourceVersion. Does nothing where an issuance is under way already.
 *
 * @throws {ApiError} `conflict` where the Certificate is not the one that was decided on, `not-found` where it is gone.
 */
export const requestIssuance = async (
  client: KubeClient,
  certificate: CertManagerCertificate,
  why: string,
  at: Instant,
): Promise<void> => {
  const { namespace, name, resourceVersion } = certificate;
  const call: ApiCall = { verb: 'patch', type, namespace, name, subresource: 'status' };
  const { body } = await client.request({ verb: 'get', type, namespace, name });
  const metadata = objectAt(body, 'metadata');
  if (textAt(metadata, 'resourceVersion') !== resourceVersion) {
    throw apiError(nameOf(call), 'conflict', 'the Certificate changed since it was read', { status: 409 });
  }
  const conditions = objectsAt(objectAt(body, 'status'), 'conditions');
  const isIssuing = (condition: JsonObject): boolean => textAt(condition, 'type') === 'Issuing';
  if (conditions.some((condition) => isIssuing(condition) && textAt(condition, 'status') === 'True')) return;
  const issuing = {
    type: 'Issuing',
    status: 'True',
    reason: 'ManuallyTriggered',
    message: why,
    lastTransitionTime: seconds(at),
    observedGeneration: numberAt(metadata, 'generation'),
  };
  await client.request({
    ...call,
    query: { fieldManager: FIELD_MANAGER },
    contentType: 'application/merge-patch+json',
    body: {
      metadata: { resourceVersion },
      status: { conditions: [...conditions.filter((condition) => !isIssuing(condition)), issuing] },
    },
  });
};
