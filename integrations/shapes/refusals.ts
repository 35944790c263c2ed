/**
 * Why no pair was found in what a source holds, in words.
 *
 * **Invariant:** names of keys are told, values never.
 */
import { refuse } from '../../agent/admission/refuse.ts';
import type { Refusal } from '../../agent/model/refusal.ts';
import { NAMED_SHAPES } from './table.ts';

const WITHOUT = 'Without certificate and key there is nothing to show.';

/** At most so many names are told. */
const MOST = 20;

export const listed = (names: Iterable<string>): string => {
  const all = [...names].toSorted();
  if (all.length === 0) return 'no keys at all';
  const told = all.slice(0, MOST).map((name) => (name.length > 80 ? `${name.slice(0, 80)}…` : name));
  return `${told.join(', ')}${all.length > MOST ? ` and ${all.length - MOST} more` : ''}`;
};

const ACCEPTED = NAMED_SHAPES.map(({ certificate, key }) => `${certificate} with ${key}`).join(', ');

export const fieldMissing = (about: string, wanted: readonly string[], names: Iterable<string>): Refusal =>
  refuse(
    'field-missing',
    `${about} has no ${wanted.join(' and no ')}, which the configuration names; found: ${listed(names)}.`,
    WITHOUT,
    'Correct the name in the configuration, or have that key written.',
  );

export const shapeUnknown = (about: string, names: readonly string[]): Refusal =>
  refuse(
    'shape-unknown',
    `${about} has none of the accepted shapes (${ACCEPTED}, or one PEM text with both); found: ${listed(names)}.`,
    WITHOUT,
    names.some((name) => /\.(p12|pfx)$/i.test(name))
      ? 'Name the PKCS#12 and its password (`pkcs12`), or the keys of a PEM pair (`fields`).'
      : 'Name the keys in the configuration: `fields: { certificate: …, key: …, ca: … }`.',
  );

export const shapeAmbiguous = (about: string, named: readonly string[]): Refusal =>
  refuse(
    'shape-ambiguous',
    `${about} fits ${named.length} accepted shapes with different content: ${named.join('; ')}.`,
    'The wrong one could be refused by the other side.',
    'Choose one in the configuration by `fields`, or take the others away.',
  );

export const pairsTooMany = (about: string, pairs: number, most: number): Refusal =>
  refuse(
    'shape-ambiguous',
    `${about} holds ${pairs} pairs; at most ${most} are held against each other.`,
    'The wrong one could be refused by the other side.',
    'Choose one in the configuration by `fields`, or take the others away.',
  );

export const tooLarge = (about: string, bytes: number, most: number): Refusal =>
  refuse(
    'too-large',
    `${about} holds ${bytes} bytes; at most ${most} are taken.`,
    'Published, it could exceed what a Secret holds.',
    'Look at what writes it: a pair with its CA is a few kilobytes.',
  );

/** What node-forge's error comes to. */
export type Pkcs12Fault = 'password' | 'unsupported' | 'damaged';

export const pkcs12Unreadable = (about: string, why: string): Refusal =>
  refuse(
    'pkcs12-unreadable',
    `${about} can't be opened as PKCS#12: ${why}.`,
    WITHOUT,
    'Write it anew with one key and its certificates: `openssl pkcs12 -export -keypbe AES-256-CBC -certpbe AES-256-CBC`.',
  );

export const pkcs12WrongPassword = (about: string): Refusal =>
  refuse(
    'pkcs12-password',
    `The password does not open the PKCS#12 of ${about}.`,
    WITHOUT,
    'Correct what the configuration names as its password (`pkcs12`), or write the PKCS#12 anew with that password.',
  );

export const pkcs12NotUnderFips = (about: string): Refusal =>
  refuse(
    'not-under-fips',
    `${about} is a PKCS#12, and OpenSSL is in FIPS mode here: what would open it is not validated.`,
    WITHOUT,
    'Deliver the pair as PEM, or run the agent without FIPS mode.',
  );
