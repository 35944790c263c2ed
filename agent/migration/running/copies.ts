/**
 * The values that a plan copies from what is there, read when they are needed.
 *
 * **Invariant:** what is read from is never written; a value that is gone is never taken from anywhere else.
 */
import type { Certificate } from '../../model/certificate.ts';
import { RotatorError } from '../../model/errors.ts';
import { short } from '../../model/fingerprint.ts';
import type { CopiedValue, KeptRoot } from '../../model/migration.ts';
import { type KeyPlace, keyPlaceText } from '../../model/migration-findings.ts';
import { SecretBytes } from '../../model/secret-bytes.ts';
import type { Cluster } from '../../ports.ts';
import { partsOf } from '../findings/value.ts';
import { copiedData } from '../planning/copies.ts';

/** @throws ApiError where it may not be read; `undefined` where it is not there */
const valueAt = async (cluster: Cluster, place: KeyPlace): Promise<SecretBytes | undefined> => {
  const { kind, namespace, name, key } = place;
  if (kind === 'Secret') return (await cluster.readSecret(namespace, name))?.data.get(key);
  const stored = await cluster.readConfigMap(namespace, name);
  const text = stored?.data[key];
  return text === undefined ? stored?.binaryData?.get(key) : SecretBytes.of(text);
};

/** The data of a made Secret. @throws ApiError; RotatorError `refused` where a value is gone */
export const readCopies = async (
  cluster: Cluster,
  copies: readonly CopiedValue[],
): Promise<ReadonlyMap<string, SecretBytes>> => {
  const values = new Map<string, SecretBytes | undefined>();
  for (const { from } of copies) values.set(keyPlaceText(from), await valueAt(cluster, from));
  return copiedData(copies, (place) => values.get(keyPlaceText(place)));
};

/** The root that the plan keeps, where it still stands where it stood. @throws ApiError, RotatorError */
export const keptRoot = async (
  cluster: Cluster,
  { from, fingerprint, subject }: KeptRoot,
): Promise<Certificate> => {
  const value = await valueAt(cluster, from);
  const found = value === undefined ? [] : partsOf(value).certificates;
  const root = found.find((certificate) => certificate.fingerprint === fingerprint);
  if (root !== undefined) return root;
  throw new RotatorError('refused', {
    what:
      value === undefined
        ? `${keyPlaceText(from)} is not there, where the plan found the root ${subject}.`
        : `${keyPlaceText(from)} does not hold the root ${subject} (${short(fingerprint)}) any more.`,
    effect: 'Nothing was written; traffic is as it was.',
    next: 'Look and plan anew (migrate look, migrate plan). Where this is another cluster or namespace, use its own plan.',
  });
};
