/**
 * Certificates by the place that an operator names.
 *
 * **Invariant:** the end of a place counts only at a `/`, so that `ca.pem` never means `other-ca.pem`.
 */
import {
  type FoundCertificate,
  type KeyPlace,
  keyPlaceText,
  objectPlaceText,
} from '../../model/migration-findings.ts';

const isMeant = (place: KeyPlace, named: string): boolean =>
  `/${keyPlaceText(place)}`.toLowerCase().endsWith(`/${named.toLowerCase()}`);

/** Certificates that stand at a place whose end is `named`. */
export const certificatesNamed = (
  certificates: readonly FoundCertificate[],
  named: string,
): readonly FoundCertificate[] =>
  certificates.filter(({ places }) => places.some((place) => isMeant(place, named)));

/** The place of a certificate that was named, else the one beside its key, else the one in this namespace, else the first. */
export const placeOf = (
  { places, keyPlaces }: Pick<FoundCertificate, 'places' | 'keyPlaces'>,
  namespace: string,
  named?: string | undefined,
): KeyPlace | undefined => {
  const withKey = new Set(keyPlaces.map(objectPlaceText));
  return (
    (named === undefined ? undefined : places.find((place) => isMeant(place, named))) ??
    places.find((place) => withKey.has(objectPlaceText(place))) ??
    places.find((place) => place.namespace === namespace) ??
    places[0]
  );
};

/** Each with all its places, for somebody who has to choose. */
export const listedForChoice = (certificates: readonly FoundCertificate[]): string =>
  certificates
    .map(
      ({ subject, notAfter, places }) =>
        `${subject || 'no subject'} until ${notAfter.slice(0, 10)} at ${places.map(keyPlaceText).join(' and ')}`,
    )
    .join('; ');
