/**
 * A CA that stands in an object of its own: a copy of the issuer's Secret, a ConfigMap that trust-manager writes.
 *
 * **Invariant:** of the object one key is looked at; a CA's private key beside it, or even in it, is neither kept nor parsed.
 */
import type { SourceReading } from '../../agent/model/material.ts';
import type { KeyReference } from '../../agent/model/object-spec.ts';
import type { Instant } from '../../agent/model/terms.ts';
import { fieldMissing } from '../shapes/refusals.ts';
import { certificatesIn, isBlank, unwrapped } from '../shapes/text.ts';
import type { ObjectReader } from './reader.ts';

export interface ReadCa {
  readonly pem: string;
  readonly version: string;
  readonly changedAt: Instant;
}

/** The CA, or why it is not there. @throws ApiError */
export const readCa = async (
  reader: ObjectReader,
  { kind, name, key }: KeyReference,
  source: string,
): Promise<{ readonly ca: ReadCa } | { readonly reading: SourceReading }> => {
  const object = await reader.read(kind, name);
  if (object === undefined)
    return {
      reading: {
        state: 'waiting',
        source,
        why: `${kind} ${reader.asked}, which shall hold the CA, does not exist.`,
        next: 'Create it, or correct `ca` in the configuration.',
      },
    };
  const value = object.values.get(key);
  if (value === undefined || isBlank(value))
    return {
      reading: {
        state: 'refused',
        source,
        refusal: fieldMissing(object.about, [key], object.values.keys()),
      },
    };
  const { version, changedAt } = object;
  return { ca: { pem: certificatesIn(unwrapped(value)), version, changedAt } };
};
