/**
 * A PKCS#12 in an object, opened by the password in another.
 *
 * **Invariant:** the password is kept nowhere; an opened pair is remembered while both objects stay at their version, the last one only.
 */
import { getFips } from 'node:crypto';
import type { SourceReading } from '../../agent/model/material.ts';
import type { Pkcs12Place } from '../../agent/model/object-spec.ts';
import type { Refusal } from '../../agent/model/refusal.ts';
import type { Instant } from '../../agent/model/terms.ts';
import { readPkcs12 } from '../shapes/pkcs12.ts';
import type { Found } from '../shapes/read-shape.ts';
import { fieldMissing } from '../shapes/refusals.ts';
import type { ObjectReader, ReadObject } from './reader.ts';

export interface OpenedPair {
  readonly found: Found;
  /** Of both objects. */
  readonly version: string;
  readonly changedAt: Instant;
}

export class Keystore {
  /** Opening one takes a tenth of a second of JavaScript; an instance is looked at far more often than its keystore changes. */
  #last: OpenedPair | undefined;

  /** The pair, or why there is none. @throws ApiError */
  async open(
    reader: ObjectReader,
    object: ReadObject,
    { key, password }: Pkcs12Place,
    source: string,
  ): Promise<OpenedPair | { readonly reading: SourceReading }> {
    const refused = (refusal: Refusal) => ({ reading: { state: 'refused', source, refusal } as const });
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
    const version = `${object.version}, ${opener.version}`;
    if (this.#last?.version === version) return this.#last;
    const secret = opener.values.get(password.key);
    if (secret === undefined)
      return refused(fieldMissing(opener.about, [password.key], opener.values.keys()));
    const opened = readPkcs12(value, secret, {
      fips: getFips() === 0 ? 'off' : 'on',
      about: `${key} in ${object.about}`,
    });
    if ('refusal' in opened) return refused(opened.refusal);
    this.#last = {
      found: opened.found,
      version,
      changedAt: Math.max(object.changedAt, opener.changedAt),
    };
    return this.#last;
  }
}
