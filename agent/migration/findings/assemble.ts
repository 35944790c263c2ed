/**
 * From what was read to what `look` shows.
 *
 * **Invariant:** pure: the same objects at the same moment give the same findings.
 */
import type { Discovery } from '../../argocd/discover.ts';
import { foreignOwner } from '../../diagnosis/owners.ts';
import {
  type FoundComponent,
  type FoundObject,
  type MigrationFindings,
  objectPlaceText,
} from '../../model/migration-findings.ts';
import type { Instant } from '../../model/terms.ts';
import type { CertManagerCertificate } from '../../ports.ts';
import { classifyCertificates, classifyKeys } from './classify.ts';
import { type Collected, collect, type ReadObject } from './collect.ts';
import { dialledNames, foundComponents, openedObjects } from './components.ts';
import { type Looked, problemsOf, type Unreadable } from './problems.ts';
import { otherPurpose } from './purpose.ts';

export interface Sight {
  readonly namespace: string;
  readonly searched: readonly string[];
  readonly at: Instant;
  readonly discovery: Discovery;
  readonly params: Readonly<Record<string, string>>;
  readonly objects: readonly ReadObject[];
  readonly certificates: readonly CertManagerCertificate[];
  readonly certManager: MigrationFindings['certManager'];
  readonly unreadable: readonly Unreadable[];
  /** Namespaces that were searched and hold nothing. */
  readonly empty: readonly string[];
}

const placeOf = ({ kind, stored: { namespace, name } }: ReadObject) => ({ kind, namespace, name });

interface Judged {
  readonly object: ReadObject;
  readonly otherPurpose: string | undefined;
}

const describeObject = (
  { object, otherPurpose: purpose }: Judged,
  collected: Collected,
  components: readonly FoundComponent[],
): FoundObject => {
  const { stored } = object;
  const place = placeOf(object);
  const text = objectPlaceText(place);
  return {
    place,
    type: 'type' in stored ? stored.type : undefined,
    keys: collected.places.filter((each) => objectPlaceText(each) === text).map(({ key }) => key),
    otherPurpose: purpose,
    owner: foreignOwner(stored)?.owner,
    ownerReferences: stored.ownerReferences,
    managers: [
      ...new Set(stored.owners.filter(({ dataKeys }) => dataKeys.length > 0).map(({ manager }) => manager)),
    ],
    mountedBy: components
      .filter(({ mounts }) => mounts.some((mount) => objectPlaceText(mount.object) === text))
      .map(({ component }) => component),
  };
};

export const assemble = (sight: Sight): MigrationFindings => {
  const { discovery, params, at, namespace } = sight;
  const components = foundComponents(discovery, params);
  const opened = openedObjects(components);
  const judged = sight.objects.map((object): Judged => {
    const isOpened = opened.has(objectPlaceText(placeOf(object)));
    return { object, otherPurpose: isOpened ? undefined : otherPurpose(object.kind, object.stored) };
  });
  const collected = collect(judged.flatMap((each) => (each.otherPurpose === undefined ? [each.object] : [])));
  const certificates = classifyCertificates(collected, { at, dialled: dialledNames(components) });
  const objects = judged
    .map((each) => describeObject(each, collected, components))
    .filter(
      ({ keys, otherPurpose: purpose, place }) =>
        keys.length > 0 || purpose !== undefined || opened.has(objectPlaceText(place)),
    );
  const relevant = new Set([
    ...opened,
    ...objects.flatMap(({ keys, place }) => (keys.length > 0 ? [objectPlaceText(place)] : [])),
  ]);
  const looked: Looked = {
    version: 1,
    namespace,
    searched: [...new Set([namespace, ...sight.searched])],
    at: new Date(at).toISOString(),
    certManager: sight.certManager,
    issuances: sight.certificates.map(({ name, secretName, issuer }) => ({
      certificate: name,
      secretName,
      issuer,
    })),
    components: components.map((component) => ({
      ...component,
      mounts: component.mounts.filter(({ object }) => relevant.has(objectPlaceText(object))),
    })),
    objects,
    certificates,
    keys: classifyKeys(collected, certificates),
    bundles: collected.bundles,
    stores: collected.stores,
    wrapped: collected.wrapped,
  };
  return { ...looked, problems: problemsOf(looked, sight) };
};
