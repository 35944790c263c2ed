/**
 * Which certificates Argo CD opens now, by the files of its workloads.
 */
import type { Fingerprint } from '../../model/fingerprint.ts';
import {
  type FoundCertificate,
  type FoundComponent,
  type FoundFile,
  type KeyPlace,
  keyPlaceText,
} from '../../model/migration-findings.ts';
import type { Looked } from './problems.ts';

/** Key that a file comes from; `undefined` where it comes from none. */
export const fileSource = (
  { origin }: Pick<FoundFile, 'origin'>,
  namespace: string,
): KeyPlace | undefined => {
  if (origin.from === 'secret') return { kind: 'Secret', namespace, name: origin.secret, key: origin.key };
  return origin.from === 'config-map'
    ? { kind: 'ConfigMap', namespace, name: origin.configMap, key: origin.key }
    : undefined;
};

type Seen = Pick<Looked, 'certificates' | 'components'>;

/** Certificates at a place, in the order in which they were found. */
export const certificatesAt = (
  { certificates }: Pick<Looked, 'certificates'>,
  place: KeyPlace | undefined,
): readonly FoundCertificate[] =>
  place === undefined
    ? []
    : certificates.filter(({ places }) => places.some((each) => keyPlaceText(each) === keyPlaceText(place)));

/** What the components open as one of the files. */
export const openedAs = (
  looked: Seen,
  file: FoundFile['file'],
  components: readonly FoundComponent[] = looked.components,
): readonly FoundCertificate[] => {
  const found = new Map<Fingerprint, FoundCertificate>();
  for (const { files, workload } of components) {
    for (const each of files) {
      if (each.file !== file) continue;
      for (const certificate of certificatesAt(looked, fileSource(each, workload.namespace)))
        found.set(certificate.fingerprint, certificate);
    }
  }
  return [...found.values()];
};

/** What repo-server accepts clients under, as far as its template tells: a leaf that signed itself may be among them. */
export const clientCas = (looked: Seen): readonly FoundCertificate[] => openedAs(looked, 'client-ca');

/** The components that show this leaf, or serve with it. */
export const usersOf = (looked: Seen, { fingerprint }: FoundCertificate): readonly FoundComponent[] =>
  looked.components.filter((component) =>
    (['client-certificate', 'serving-certificate'] as const).some((file) =>
      openedAs(looked, file, [component]).some((each) => each.fingerprint === fingerprint),
    ),
  );
