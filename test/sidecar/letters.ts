/**
 * Situations in letters: the leaf `a1` is of the CA `A` and of no other.
 *
 * **Invariant:** nothing here decides; it only says who accepts whom.
 */
import type { Fingerprint } from '../../agent/model/fingerprint.ts';
import type { Bundle, Relations, Wanted } from '../../agent/sidecar/decision/situation.ts';

export const cas = (letters: string): Bundle => [...letters].map((letter) => letter as Fingerprint);
export const leaf = (name: string): Fingerprint => name as Fingerprint;
export const ready = <T>(value: T): Wanted<T> => ({ state: 'ready', value });

const caOf = (name: Fingerprint): string => name.slice(0, 1).toUpperCase();

export const LETTERS: Relations = {
  accepts: (bundle, name) => (bundle.some((ca) => ca === caOf(name)) ? 'yes' : 'no'),
  acceptedUnder: (name, among) => among.filter((ca) => ca === caOf(name)),
  vouchers: (name) => cas(caOf(name)),
  isExpired: () => false,
};
