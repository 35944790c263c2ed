/**
 * One publish: from fingerprints back to certificates, one server-side apply, its history in the same write.
 *
 * **Invariant:** what isn't changed by the step is written as it is published; a write is bound to the version that was observed.
 */

import { CLIENT_PARAMETERS, SERVER_CA_PATH } from '../argocd/parameters.ts';
import { writeFiles, writeServing } from '../layout/files.ts';
import { readHistory, withEra, writeHistory } from '../layout/history.ts';
import type { Certificate } from '../model/certificate.ts';
import { RotatorError } from '../model/errors.ts';
import type { Fingerprint } from '../model/fingerprint.ts';
import type { RotationRecord } from '../model/journal-record.ts';
import type { Leaf } from '../model/material.ts';
import type { Content, Observation } from '../model/observation.ts';
import type { FileChange, Step } from '../model/plan.ts';
import { ANNOTATION, PRODUCT } from '../model/product.ts';
import type { BundleEra, LeafEra, PublicationHistory } from '../model/publication.ts';
import { slotId } from '../model/slot.ts';
import type { Instant } from '../model/terms.ts';
import { bundleFingerprint } from '../pki/bundle.ts';
import type { Catalog } from '../plan/catalog.ts';
import { publishedState } from '../plan/published-state.ts';
import type { Cluster } from '../ports.ts';
import { preconditionOf } from './previous.ts';
import { leafSecret } from './published.ts';

type Publish = Extract<Step, { kind: 'publish' }>;
type ChangeOf<R extends FileChange['role']> = Extract<FileChange, { role: R }>;

const LABELS = { 'app.kubernetes.io/managed-by': PRODUCT };

const changeOf = <R extends FileChange['role']>(step: Publish, role: R): ChangeOf<R> | undefined =>
  step.changes.find((change): change is ChangeOf<R> => change.role === role);

const lost = (what: string): RotatorError =>
  new RotatorError('broken', {
    what: `The plan names ${what}, which the observation it was made from does not hold.`,
    effect: 'Nothing was written.',
    next: 'Report this; the next look makes a new plan.',
  });

const certificatesOf = (catalog: Catalog, members: readonly Fingerprint[]): readonly Certificate[] =>
  members.map((member) => {
    const certificate = catalog.certificate(member);
    if (certificate === undefined) throw lost(`certificate ${member}`);
    return certificate;
  });

const leafOf = (catalog: Catalog, fingerprint: string): Leaf => {
  const leaf = catalog.leaf(fingerprint);
  if (leaf === undefined) throw lost(`leaf ${fingerprint}`);
  return leaf;
};

const present = <T>(content: Content<T>): T | undefined =>
  content.state === 'present' ? content.value : undefined;

const sameBundle = (a: BundleEra, b: BundleEra) => a.bundle === b.bundle;
const sameLeaf = (a: LeafEra, b: LeafEra) => a.leaf === b.leaf;

const bundleEra = (certificates: readonly Certificate[] | undefined): Omit<BundleEra, 'since'> =>
  certificates === undefined
    ? { bundle: 'absent', anchors: [] }
    : { bundle: bundleFingerprint(certificates), anchors: certificates.map((each) => each.fingerprint) };

const leafEra = (leaf: Leaf | undefined): Omit<LeafEra, 'since'> => ({
  leaf: leaf === undefined ? 'absent' : leaf.certificate.fingerprint,
});

/** What a publish leaves behind, told to the caller. */
export interface Publication {
  readonly object: string;
}

const annotationsOf = (rotation: RotationRecord, history: Partial<PublicationHistory>) => ({
  [ANNOTATION.rotation]: rotation.id,
  [ANNOTATION.traceId]: rotation.traceId,
  [ANNOTATION.history]: writeHistory(history),
});

type Bundle = readonly Certificate[] | undefined;

const bundleAfter = (
  change: { readonly to: string; readonly anchors: readonly Fingerprint[] } | undefined,
  now: Content<readonly Certificate[]>,
  catalog: Catalog,
): Bundle => {
  if (change === undefined) return present(now);
  return change.to === 'absent' ? undefined : certificatesOf(catalog, change.anchors);
};

/** One of the Secrets that clients, or repo-server for its trust, read. Files of it that the step doesn't name stay as they are. */
const publishFiles = async (
  cluster: Cluster,
  observation: Observation,
  catalog: Catalog,
  step: Publish,
  rotation: RotationRecord,
  at: Instant,
): Promise<void> => {
  const { published, settings, stored } = observation;
  const { name } = step.object;
  const secret = leafSecret(stored, settings, name);
  const before = readHistory(secret?.annotations[ANNOTATION.history]);
  const isMtls = name === settings.names.mtlsSecret;
  const clientCa: Bundle = isMtls
    ? bundleAfter(changeOf(step, 'client-ca'), published.clientCa, catalog)
    : undefined;
  const pool = published.pools.find((each) => each.secret === name && each.keeper !== 'other');
  const serverCa: Bundle =
    pool === undefined ? undefined : bundleAfter(changeOf(step, 'server-ca'), pool.content, catalog);
  const places = published.leafs
    .filter(({ slot, keeper }) => slot.secret === name && keeper !== 'other')
    .map((place) => {
      const change = step.changes.find(
        (each) => each.role === 'client-leaf' && slotId(each.slot) === slotId(place.slot),
      );
      const now = present(place.content);
      const leaf =
        change === undefined ? now : change.to === 'absent' ? undefined : leafOf(catalog, String(change.to));
      return { slot: place.slot, now, leaf };
    });
  const leafs = places.map(({ slot, now, leaf }) => [
    slot.certificate,
    withEra(before.leafs[slot.certificate] ?? [], leafEra(now), { ...leafEra(leaf), since: at }, sameLeaf),
  ]);
  const history: Partial<PublicationHistory> = {
    leafs: Object.fromEntries(leafs),
    ...(isMtls
      ? {
          clientCa: withEra(
            before.clientCa,
            bundleEra(present(published.clientCa)),
            { ...bundleEra(clientCa), since: at },
            sameBundle,
          ),
        }
      : {}),
    ...(pool === undefined
      ? {}
      : {
          serverCa: withEra(
            before.serverCa,
            bundleEra(present(pool.content)),
            { ...bundleEra(serverCa), since: at },
            sameBundle,
          ),
        }),
  };
  await cluster.applySecret(
    {
      namespace: settings.namespace,
      name,
      type: 'Opaque',
      labels: LABELS,
      annotations: annotationsOf(rotation, history),
      data: writeFiles(
        {
          clientCa,
          leafs: places.flatMap(({ slot, leaf }) => (leaf === undefined ? [] : [{ slot, leaf }])),
          serverCa,
        },
        settings.names.keys,
      ),
      ownership: settings.adopt === 'existing' ? 'adopt' : 'refuse-conflicts',
    },
    preconditionOf(secret),
  );
};

const publishServing = async (
  cluster: Cluster,
  observation: Observation,
  catalog: Catalog,
  change: ChangeOf<'serving'>,
  rotation: RotationRecord,
  at: Instant,
): Promise<void> => {
  const { settings, stored, published, serving } = observation;
  const leaf = leafOf(catalog, change.to);
  const history = {
    serving: withEra(
      published.history.serving,
      leafEra(present(published.serving)),
      { leaf: change.to, since: at },
      sameLeaf,
    ),
  };
  await cluster.applySecret(
    {
      namespace: settings.namespace,
      name: settings.names.servingSecret,
      type: 'kubernetes.io/tls',
      labels: LABELS,
      annotations: annotationsOf(rotation, history),
      data: writeServing(leaf, serving?.state === 'ready' ? serving.material.anchors : []),
      ownership: settings.adopt === 'existing' ? 'adopt' : 'refuse-conflicts',
    },
    preconditionOf(stored.serving),
  );
};

const setPaths = async (
  cluster: Cluster,
  observation: Observation,
  change: ChangeOf<'ca-path'>,
  rotation: RotationRecord,
  at: Instant,
): Promise<void> => {
  const { settings, stored } = observation;
  const before = readHistory(stored.params?.annotations[ANNOTATION.history]).caPath;
  const now = { components: [...change.components].sort(), since: at };
  const history = {
    caPath: withEra(
      before,
      { components: publishedState(observation).verifying },
      now,
      (a, b) => a.components.join() === b.components.join(),
    ),
  };
  await cluster.applyConfigMap(
    {
      namespace: settings.namespace,
      name: settings.names.paramsConfigMap,
      labels: {},
      annotations: annotationsOf(rotation, history),
      data: Object.fromEntries(
        change.components.map((component) => [CLIENT_PARAMETERS[component].caPathKey, SERVER_CA_PATH]),
      ),
      ownership: settings.adopt === 'existing' ? 'adopt' : 'refuse-conflicts',
    },
    preconditionOf(stored.params),
  );
};

/** Carries out one publish step. */
export const publish = async (
  cluster: Cluster,
  observation: Observation,
  catalog: Catalog,
  step: Publish,
  rotation: RotationRecord,
  at: Instant,
): Promise<Publication> => {
  const paths = changeOf(step, 'ca-path');
  const serving = changeOf(step, 'serving');
  if (paths !== undefined) await setPaths(cluster, observation, paths, rotation, at);
  else if (serving !== undefined) await publishServing(cluster, observation, catalog, serving, rotation, at);
  else await publishFiles(cluster, observation, catalog, step, rotation, at);
  return { object: `${step.object.kind} ${observation.settings.namespace}/${step.object.name}` };
};
