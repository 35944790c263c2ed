/**
 * A pair and its CA out of named objects, as a reading of a source; and what that needs of the API.
 *
 * **Invariant:** the first thing that is missing or wrong is the reading; nothing is guessed in its place.
 */
import type { SourceReading } from '../../agent/model/material.ts';
import type { PairPlace } from '../../agent/model/object-spec.ts';
import type { WatchTarget } from '../../agent/ports.ts';
import { readShape } from '../shapes/read-shape.ts';
import type { Source } from '../source.ts';
import { readCa } from './ca.ts';
import type { Keystore } from './keystore.ts';
import type { ObjectKind, ObjectReader, ReadObject } from './reader.ts';

/** @throws ApiError */
export const readPair = async (
  reader: ObjectReader,
  object: ReadObject,
  place: PairPlace,
  keystore: Keystore,
  source: string,
): Promise<SourceReading> => {
  const opened =
    place.pkcs12 === undefined ? undefined : await keystore.open(reader, object, place.pkcs12, source);
  if (opened !== undefined && 'reading' in opened) return opened.reading;
  const shape = opened ?? readShape(object.values, place.fields, object.about);
  if ('refusal' in shape) return { state: 'refused', source, refusal: shape.refusal };
  const named = place.ca === undefined ? undefined : await readCa(reader, place.ca, source);
  if (named !== undefined && 'reading' in named) return named.reading;
  const ca = named?.ca;
  const { certificatePem, key, anchorsPem } = shape.found;
  return {
    state: 'ready',
    raw: {
      source,
      version: [opened?.version ?? object.version, ca?.version]
        .filter((part) => part !== undefined)
        .join(', '),
      certificatePem,
      key,
      anchorsPem: ca?.pem ?? anchorsPem,
    },
    changedAt: Math.max(object.changedAt, opened?.changedAt ?? 0, ca?.changedAt ?? 0),
  };
};

/** Every object that {@link readPair} reads beside the one it is given. */
const others = ({
  pkcs12,
  ca,
}: PairPlace): readonly { readonly kind: ObjectKind; readonly name: string }[] => [
  ...(pkcs12 === undefined ? [] : [{ kind: 'Secret', name: pkcs12.password.secret } as const]),
  ...(ca === undefined ? [] : [{ kind: ca.kind, name: ca.name }]),
];

export const pairWatches = (
  namespace: string,
  objects: readonly { readonly kind: ObjectKind; readonly name: string }[],
  place: PairPlace,
): readonly WatchTarget[] =>
  [...objects, ...others(place)].map(({ kind, name }) => ({ kind, namespace, name }));

export const pairRights = (
  objects: readonly { readonly kind: ObjectKind; readonly name: string }[],
  place: PairPlace,
): Source['rights'] =>
  [...objects, ...others(place)].flatMap(({ kind, name }) =>
    ['get', 'watch'].map((verb) => ({ verb, group: '', resource: `${kind.toLowerCase()}s`, name })),
  );
