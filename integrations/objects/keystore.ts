/**
 * A PKCS#12 in an object, opened by the password in another.
 *
 * **Invariant:** the password is read for each opening and kept nowhere.
 */
import { getFips } from 'node:crypto';
import type { SourceReading } from '../../agent/model/material.ts';
import type { Pkcs12Place } from '../../agent/model/object-spec.ts';
import type { Instant } from '../../agent/model/terms.ts';
import { readPkcs12 } from '../shapes/pkcs12.ts';
import type { Found } from '../shapes/read-shape.ts';
import { fieldMissing } from '../shapes/refusals.ts';
import type { ObjectReader, ReadObject } from './reader.ts';

export interface OpenedPair {
  readonly found: Found;
  readonly version: string;
  readonly changedAt: Instant;
}

/** The pair, or why there is none. @throws ApiError */
export const openKeystore = async (
  reader: ObjectReader,
  object: ReadObject,
  { key, password }: Pkcs12Place,
  source: string,
): Promise<OpenedPair | { readonly reading: SourceReading }> => {
  const refused = (refusal: Extract<SourceReading, { state: 'refused' }>['refusal']) => ({
    reading: { state: 'refused', source, refusal } as const,
  });
  const value = object.values.get(key);
  if (value === undefined) return refused(fieldMissing(object.about, [key], object.values.keys()));
  const opener = await reader.read('Secret', password.secret);
  if (opener === undefined)
    return {
      reading: {
        state: 'waiting',
        source,
        why: `Secret ${reader.asked}, which shall hold the password of the PKCS#12, does not exist.`,
        next: 'Create it, or correct `pkcs12.password` in the configuration.',
      },
    };
  const secret = opener.values.get(password.key);
  if (secret === undefined) return refused(fieldMissing(opener.about, [password.key], opener.values.keys()));
  const opened = readPkcs12(value, secret, {
    fips: getFips() === 0 ? 'off' : 'on',
    about: `${key} in ${object.about}`,
  });
  if ('refusal' in opened) return refused(opened.refusal);
  return {
    found: opened.found,
    version: opener.version,
    changedAt: Math.max(object.changedAt, opener.changedAt),
  };
};
