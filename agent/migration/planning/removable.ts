/**
 * What can go after the proof. Listed for the operator; a migration removes none of it.
 *
 * **Invariant:** nothing that the agent reads from then on is listed, and nothing that holds the key of the root: that is for its owner to keep.
 */
import { nameOf } from '../../diagnosis/input.ts';
import type { Removable } from '../../model/migration.ts';
import {
  type FoundCertificate,
  type FoundComponent,
  type FoundMount,
  type FoundObject,
  type MigrationFindings,
  objectPlaceText,
} from '../../model/migration-findings.ts';
import { openedObjects } from '../findings/components.ts';
import type { Targets } from './targets.ts';
import type { Way } from './way.ts';

interface Parts {
  readonly findings: MigrationFindings;
  readonly root: FoundCertificate;
  readonly way: Way;
  readonly targets: Targets;
}

/** Objects that the agent goes on reading: kept pairs, and their root where it stands. */
const keptObjects = ({ way, root, findings, targets }: Parts): ReadonlySet<string> => {
  const { serving } = targets;
  const ca = root.places.find(({ namespace }) => namespace === findings.namespace);
  return new Set(
    [
      ...(way.kept === 'trust-only'
        ? [
            way.pairs.default.object.place,
            ...way.pairs.others.map(({ pair }) => pair.object.place),
            ...(ca === undefined ? [] : [ca]),
          ]
        : []),
      ...(serving.kind === 'kept' ? [serving.pair.object.place, serving.ca] : []),
    ].map(objectPlaceText),
  );
};

const caKeys = ({ certificates }: MigrationFindings): ReadonlySet<string> =>
  new Set(
    certificates
      .filter(({ class: kind }) => kind !== 'leaf')
      .flatMap(({ keyPlaces }) => keyPlaces.map(objectPlaceText)),
  );

/** Whether a component's files of mTLS lie in that volume, which a patch then changes. */
const holdsFiles = ({ files }: FoundComponent, { paths }: FoundMount): boolean =>
  files.some(({ path }) => paths.some((at) => path.startsWith(`${at}/`)));

/** Volumes that go on showing the object after the patches, and without which no pod starts. */
const stillNeeding = ({ components }: MigrationFindings, object: FoundObject): readonly string[] =>
  components.flatMap((component) =>
    component.mounts
      .filter(
        (mount) =>
          !mount.optional &&
          objectPlaceText(mount.object) === objectPlaceText(object.place) &&
          !holdsFiles(component, mount),
      )
      .map(({ volume }) => `volume ${volume} of ${nameOf(component.workload)}`),
  );

const whyRemovable = (object: FoundObject, findings: MigrationFindings): string => {
  const needing = stillNeeding(findings, object);
  return [
    'No workload opens it for mTLS any more',
    object.place.kind === 'ConfigMap' ? ', and a private key does not belong where so many may read it' : '',
    needing.length === 0 ? '' : `; but no pod starts without it before these are gone: ${needing.join(', ')}`,
    '.',
  ].join('');
};

/** What writes the object goes first, or it would come back. */
const removalOf = (object: FoundObject, { namespace, issuances }: MigrationFindings): string => {
  const { place, ownerReferences, owner } = object;
  const itself = `kubectl -n ${namespace} delete ${place.kind.toLowerCase()} ${place.name}`;
  const issued = issuances.find(({ secretName }) => place.kind === 'Secret' && secretName === place.name);
  if (issued !== undefined)
    return `kubectl -n ${namespace} delete certificate ${issued.certificate} && ${itself}`;
  const external = ownerReferences.find(({ kind }) => kind === 'ExternalSecret');
  if (external !== undefined) return `kubectl -n ${namespace} delete externalsecret ${external.name}`;
  return owner === undefined ? itself : `${itself}    # after ${owner} no longer makes it`;
};

const objects = (parts: Parts): readonly Removable[] => {
  const { findings, targets } = parts;
  const kept = keptObjects(parts);
  const opened = openedObjects(findings.components);
  const withCaKey = caKeys(findings);
  const filled = new Set([
    targets.names.mtlsSecret,
    // Where it is left as it is, Argo CD goes on serving from it.
    targets.names.servingSecret,
  ]);
  return findings.objects
    .filter(({ place, otherPurpose, keys }) => {
      const text = objectPlaceText(place);
      return (
        otherPurpose === undefined &&
        keys.length > 0 &&
        opened.has(text) &&
        !kept.has(text) &&
        !withCaKey.has(text) &&
        !(place.kind === 'Secret' && filled.has(place.name))
      );
    })
    .map((object) => ({
      what: `${object.place.kind} ${object.place.namespace}/${object.place.name}`,
      why: whyRemovable(object, findings),
      command: removalOf(object, findings),
      object: object.place,
    }));
};

const mounts = (component: FoundComponent): readonly Removable[] =>
  component.mounts
    .filter((mount) => mount.custom && !holdsFiles(component, mount))
    .map(({ volume, object }) => ({
      what: `Volume ${volume} of ${nameOf(component.workload)}`,
      why: `It shows ${objectPlaceText(object)}, and no file of mTLS is opened there.`,
      command: undefined,
      object: undefined,
    }));

const annotations = ({ workload, restarters }: FoundComponent): readonly Removable[] =>
  restarters.map(({ program, annotation }) => {
    const name = annotation.slice(0, annotation.indexOf(':'));
    return {
      what: `Annotation ${name} of ${nameOf(workload)}`,
      why: `${program} restarts it with every change; the agent restarts it where that is needed, in order.`,
      command: `kubectl -n ${workload.namespace} annotate ${workload.kind.toLowerCase()} ${workload.name} ${name}-    # or in its pod template, where it stands there`,
      object: undefined,
    };
  });

const proxies = ({ workload, mesh }: FoundComponent): readonly Removable[] =>
  mesh.map(({ mesh: name, fact }) => ({
    what: `Injection of ${name} into ${nameOf(workload)}`,
    why: `mTLS between Argo CD's own programs is there underneath (${fact}).`,
    command: undefined,
    object: undefined,
  }));

export const removables = (parts: Parts): readonly Removable[] => [
  // Mounts before what they show: a pod does not start without what it mounts.
  ...parts.findings.components.flatMap(mounts),
  ...objects(parts),
  ...parts.findings.components.flatMap((component) => [...annotations(component), ...proxies(component)]),
];
