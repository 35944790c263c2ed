/**
 * Certificate, key and CA found in a Secret, a ConfigMap, a Vault entry or a directory, by the table of accepted shapes or by names from the configuration.
 *
 * **Invariant:** names from the configuration win; where two shapes fit with different content none is chosen. Nothing here judges a certificate.
 */
import type { Refusal } from '../../agent/model/refusal.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { ShapeFields } from '../../agent/model/shape-fields.ts';
import { type Candidate, type Found, sameContent } from './candidate.ts';
import { fieldMissing, pairsTooMany, shapeAmbiguous, shapeUnknown, tooLarge } from './refusals.ts';
import { parted, partedBelow } from './split.ts';
import { NAMED_SHAPES, type NamedShape } from './table.ts';
import { certificatesIn, isBlank, isBlob, keysIn, unwrapped } from './text.ts';

export type { Found } from './candidate.ts';

export type ShapeReading = { readonly found: Found } | { readonly refusal: Refusal };

/** What a Secret or ConfigMap holds at most (Kubernetes core/v1 MaxSecretSize). */
export const LARGEST_ENTRIES = 1024 * 1024;

/** Every two are compared, certificate by certificate. */
const MOST_CANDIDATES = 8;

type Entries = ReadonlyMap<string, SecretBytes>;

/**
 * @param about whose entries these are, for messages: `Secret argocd/repo-client`.
 */
export const readShape = (entries: Entries, fields: ShapeFields = {}, about = 'The source'): ShapeReading => {
  const bytes = [...entries.values()].reduce((sum, value) => sum + value.length, 0);
  if (bytes > LARGEST_ENTRIES) return { refusal: tooLarge(about, bytes, LARGEST_ENTRIES) };
  const values = new Map([...entries].map(([name, value]) => [name, unwrapped(value)]));
  const wanted = [fields.certificate, fields.key, fields.ca].filter((name) => name !== undefined);
  const missing = wanted.filter((name) => !values.has(name));
  if (missing.length > 0) return { refusal: fieldMissing(about, missing, entries.keys()) };
  return fields.certificate === undefined
    ? overridden(byTable(values, about), values, fields)
    : byFields(values, { ...fields, certificate: fields.certificate }, about);
};

const overridden = (reading: ShapeReading, values: Entries, { key, ca }: ShapeFields): ShapeReading => {
  if ('refusal' in reading) return reading;
  return {
    found: {
      ...reading.found,
      ...(key === undefined ? {} : { key: keyAt(values, key) }),
      ...(ca === undefined ? {} : { anchorsPem: certificatesIn(values.get(ca)) }),
    },
  };
};

/** The keys in the value; a value without any goes on as it is, for admission to say what is wrong with it. */
const keyAt = (values: Entries, name: string): SecretBytes => {
  const value = values.get(name) ?? SecretBytes.of('');
  const keys = keysIn(value);
  return isBlank(keys) ? value : keys;
};

const blobOf = (value: SecretBytes): Found => ({ ...parted(certificatesIn(value)), key: keysIn(value) });

/** The certificate's place is given; what isn't given stands in the same value, or under one of the usual names. */
const byFields = (
  values: Entries,
  { certificate, key, ca }: ShapeFields & { readonly certificate: string },
  about: string,
): ShapeReading => {
  const value = values.get(certificate) ?? SecretBytes.of('');
  const blob = isBlob(value) ? blobOf(value) : undefined;
  const usualKeys = NAMED_SHAPES.map((shape) => shape.key);
  const usualCas = NAMED_SHAPES.flatMap((shape) => shape.ca);
  const keys = key !== undefined || blob !== undefined ? [] : distinct(values, usualKeys);
  const cas = ca !== undefined || (blob?.anchorsPem ?? '') !== '' ? [] : distinct(values, usualCas);
  if (keys.length > 1) return { refusal: shapeAmbiguous(about, keys) };
  if (cas.length > 1) return { refusal: shapeAmbiguous(about, cas) };
  const keyName = key ?? keys[0];
  const caName = ca ?? cas[0];
  return {
    found: {
      certificatePem: blob?.certificatePem ?? certificatesIn(value),
      key: keyName === undefined ? (blob?.key ?? SecretBytes.of('')) : keyAt(values, keyName),
      anchorsPem: caName === undefined ? (blob?.anchorsPem ?? '') : certificatesIn(values.get(caName)),
    },
  };
};

/** Those of the names that are there and not blank, without repetitions of content. */
const distinct = (values: Entries, names: readonly string[]): readonly string[] => {
  const found = names.filter((name) => !isBlank(values.get(name)));
  return found.filter((name, index) => {
    const value = values.get(name);
    return !found.slice(0, index).some((other) => value !== undefined && values.get(other)?.equals(value));
  });
};

const isWhole = (shape: NamedShape, values: Entries): boolean =>
  !isBlank(values.get(shape.certificate)) && !isBlank(values.get(shape.key));

const isHalf = (shape: NamedShape, values: Entries): boolean =>
  values.has(shape.certificate) || values.has(shape.key);

const candidateOf = (shape: NamedShape, values: Entries): Candidate => {
  const pem = certificatesIn(values.get(shape.certificate));
  const ca = shape.ca.find((name) => !isBlank(values.get(name)));
  const chain = shape.chain.map((name) => certificatesIn(values.get(name))).join('\n');
  const issuer = ca === undefined ? '' : certificatesIn(values.get(ca));
  return {
    named: `${shape.certificate} with ${shape.key} (${shape.of})`,
    key: keyAt(values, shape.key),
    ...(shape.chain.length === 0
      ? { certificatePem: pem, anchorsPem: issuer }
      : partedBelow(pem, issuer, chain)),
  };
};

const byTable = (values: Entries, about: string): ShapeReading => {
  const whole = NAMED_SHAPES.filter((shape) => isWhole(shape, values));
  const half = NAMED_SHAPES.filter((shape) => isHalf(shape, values));
  const taken = new Set(
    whole.flatMap(({ certificate, key, ca, chain, alongside }) => [
      ...[certificate, key, ...ca, ...chain],
      ...alongside,
    ]),
  );
  const blobs = [...values].filter(([name, value]) => !taken.has(name) && isBlob(value));
  const candidates: readonly Candidate[] = [
    ...whole.map((shape) => candidateOf(shape, values)),
    ...blobs.map(([name, value]) => ({ named: `${name} (one PEM text)`, ...blobOf(value) })),
  ];
  const [first] = candidates;
  if (first === undefined) {
    const [only, another] = half;
    return only === undefined || another !== undefined
      ? { refusal: shapeUnknown(about, [...values.keys()]) }
      : { found: candidateOf(only, values) };
  }
  if (candidates.length > MOST_CANDIDATES)
    return { refusal: pairsTooMany(about, candidates.length, MOST_CANDIDATES) };
  const differing = candidates.some(
    (one, index) => !candidates.slice(0, index).every((other) => sameContent(one, other)),
  );
  if (differing)
    return {
      refusal: shapeAmbiguous(
        about,
        candidates.map(({ named }) => named),
      ),
    };
  return { found: candidates.find(({ anchorsPem }) => anchorsPem !== '') ?? first };
};
